// Command deploy stands before and after `sam deploy`: it checks the settings and puts them where the
// template finds them, tries a deployment, and reckons what one costs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"seatmend/shared/version"
)

const usage = `usage: go run ./infra/deploy COMMAND [flags]

  prepare   check the settings, and put secret, settings and samconfig where sam deploy finds them
  check     check the settings, and call nobody
  verify    try a deployment: send it a signed event, and read the answers
  cost      what a month costs, of prices.json and infra/decisions/cost.md

  go run ./infra/deploy prepare -domain licens.fjordpartner.example -operator operator.json
  sam build && sam deploy --config-file samconfig.seatmend.toml
  go run ./infra/deploy verify -url https://licens.fjordpartner.example

Credentials and region are those of the environment, as for sam.
`

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program: 0 all is well, 1 something is wrong with the deployment, 2 with what it was given.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	commands := map[string]func(context.Context, *flag.FlagSet, []string, io.Writer) (int, error){"prepare": prepare, "check": check, "verify": verify, "cost": cost}
	if version.Asked(args) {
		fmt.Fprintln(out, version.String())
		return 0
	}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(errs, usage)
		if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help", "help"}, args[0]) {
			return 0
		}
		return 2
	}
	f := flag.NewFlagSet("deploy "+args[0], flag.ContinueOnError)
	f.SetOutput(errs)
	code, err := commands[args[0]](ctx, f, args[1:], out)
	if err == flag.ErrHelp {
		return 0
	}
	if err != nil {
		fmt.Fprintf(errs, "deploy %s: %v\n", args[0], err)
	}
	return code
}
