// Command local runs the whole system on one machine: every handler, SQLite, a mail inbox, a
// simulated SuperOffice, and demo customers fed by real signed webhooks. It also diagnoses
// facts from files, sends them, takes customers in from a sheet, and more: help lists it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"seatmend/shared/version"
)

func main() {
	debug.SetGCPercent(400) // it takes some tens of MB: to collect them seldom costs nothing
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command runs one of the commands and gives its exit status.
func command(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if version.Asked(args) {
		fmt.Fprintln(out, version.String())
		return 0
	}
	if asksHelp(args) {
		return help(ctx, args, out, errs)
	}
	if len(args) > 0 && args[0] == "help" {
		return help(ctx, args[1:], out, errs)
	}
	for _, c := range subcommands() {
		if len(args) > 0 && args[0] == c.name {
			return c.run(ctx, args[1:], in, out, errs)
		}
	}
	o, err := flags(args, errs)
	if err == nil {
		err = serve(ctx, o, out, errs)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	return 0
}
