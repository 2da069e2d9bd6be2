package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// A subcommand is what the first argument names.
type subcommand struct {
	name, says string
	usage      string   // its arguments
	examples   []string // whole lines of arguments
	run        func(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int
}

const program = "go run ./infra/local"

// subcommands are all of them; without one the run itself starts.
func subcommands() []subcommand {
	return []subcommand{
		{"diagnose", "what the rules say of facts from files, without a server",
			"[-json] [-now T] [-at T] [-account ID] [-lang sv] [-sender NAME] FILE...",
			[]string{"diagnose -now 2026-11-23T09:00:00Z events/first/0[1-3]*.json", "diagnose -sender paddle events/billing/paddle"},
			func(_ context.Context, args []string, in io.Reader, out, errs io.Writer) int {
				return diagnose(args, in, out, errs)
			}},
		{"send", "sign the bodies of a file as their sender would, and post them",
			"[-to URL] [-secrets FILE] -sender NAME FILE", []string{"send -sender standard events/first/01-standard-account.json"}, send},
		{"onboard", "take customers in from a sheet",
			"[-dry-run] [-sheet NAME] [-data DIR | -table NAME] [-now T] FILE\n       go run ./infra/local onboard -export FILE [-data DIR | -table NAME]", []string{"onboard -dry-run events/onboard/customers.csv", "onboard -export figures.xlsx"}, takeIn},
		{"export", "print what is stored about a customer, or about one person", "-account ID [-contact ID] [-data DIR | -table NAME]",
			[]string{"export -account C-1042"}, export},
		{"erase", "take a customer, or one person, out of the store, after asking", "-account ID [-contact ID] [-data DIR | -table NAME] [-yes]",
			[]string{"erase -account C-1042 -contact anna"}, erase},
		{"reset", "empty a run's data, after asking", "[-data DIR] [-yes]", []string{"reset -data .first"}, reset},
	}
}

// asksHelp tells whether somebody wants to know how it goes, wherever they say so.
func asksHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "-h" || a == "-help" || a == "--help" })
}

// help says how a command is used, or which there are, and gives the exit status.
func help(ctx context.Context, args []string, out, errs io.Writer) int {
	all := subcommands()
	var topic string
	if len(args) > 0 {
		topic = args[0]
	}
	for _, c := range all {
		if c.name == topic {
			code := c.run(ctx, []string{"-h"}, strings.NewReader(""), out, out)
			examples(out, c.examples)
			return code
		}
	}
	if topic != "" && topic[0] != '-' && topic != "help" {
		fmt.Fprintln(errs, noCommand(topic))
		return 2
	}
	fmt.Fprintf(out, "usage: %s [flags]\n       %[1]s COMMAND [flags] ...\n\nWithout a command: the whole system on this machine, until Ctrl-C. The commands:\n\n", program)
	for _, c := range all {
		fmt.Fprintf(out, "  %-9s %s\n", c.name, c.says)
	}
	fmt.Fprintf(out, "  %-9s %s\n\nThe flags of the run:\n\n", "help", "this; help COMMAND or COMMAND -h says more")
	var o runFlags
	f := o.set()
	f.SetOutput(out)
	f.PrintDefaults()
	examples(out, []string{"", "-demo=false -data .first -now 2026-11-23T09:00:00Z"})
	return 0
}

func examples(out io.Writer, lines []string) {
	fmt.Fprintln(out, "\nFor example:")
	for _, l := range lines {
		fmt.Fprintln(out, "  "+strings.TrimSpace(program+" "+l))
	}
}

// noCommand is the error of a first argument that names none.
func noCommand(name string) error {
	var names []string
	for _, c := range subcommands() {
		names = append(names, c.name)
	}
	cure := "leave it out, or write one of them"
	if name == "true" || name == "false" {
		cure = "a flag that is on or off takes it behind an equals sign, as in -demo=" + name
	}
	return fmt.Errorf("%q is none of the commands, which are %s and help: %s", name, strings.Join(names, ", "), cure)
}

// parsed reads the flags of a command, wherever they stand among its other arguments, which it gives.
// Asked how it goes, it says so and gives flag.ErrHelp.
func parsed(f *flag.FlagSet, args []string, errs io.Writer) (rest []string, err error) {
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	for len(args) > 0 && err == nil {
		err = f.Parse(args)
		if args = f.Args(); err == nil && len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(f, errs)
	case err != nil:
		err = fmt.Errorf("%s: %w (%s %[1]s -h lists what there is)", f.Name(), err, program)
		fmt.Fprintln(errs, err)
	}
	return rest, err
}

func usage(f *flag.FlagSet, out io.Writer) {
	for _, c := range subcommands() {
		if c.name == f.Name() {
			fmt.Fprintf(out, "usage: %s %s %s\n\n%s%s.\n\n", program, c.name, c.usage, strings.ToUpper(c.says[:1]), c.says[1:])
		}
	}
	f.SetOutput(out)
	f.PrintDefaults()
}

// ended is the exit status of a command whose flags were not taken.
func ended(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	return 2
}

// opened is a file that is named on the command line; of a folder it says what to write instead.
func opened(name, folder string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s %s", name, folder)
	}
	return os.Open(name)
}

// stray is the error of arguments that a command has no use for.
func stray(command string, rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	return fmt.Errorf("%s: nothing is done with %q: leave it out (%s %s -h says what there is)", command, rest[0], program, command)
}
