package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
)

// reset empties the data of a run, after asking. Its secrets stay: whoever posts there goes on signing
// as before. Exit status 0: it is empty; 1: nothing was deleted, as was answered; 2: it cannot be.
func reset(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	f := flag.NewFlagSet("reset", flag.ContinueOnError)
	data := f.String("data", ".seatmend", "folder of the run")
	yes := f.Bool("yes", false, "do not ask")
	rest, err := parsed(f, args, errs)
	if err != nil {
		return ended(err)
	}
	if err = stray("reset", rest); err == nil {
		err = empty(ctx, *data, *yes, in, out)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		if errors.Is(err, errNo) {
			return 1
		}
		return 2
	}
	return 0
}

var errNo = errors.New("nothing was deleted")

func empty(ctx context.Context, data string, yes bool, in io.Reader, out io.Writer) error {
	path := filepath.Join(data, "seatmend.db")
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("reset: no run has its data in %s: %w", data, err)
	}
	held, err := hold(data)
	if errors.Is(err, errRuns) {
		return fmt.Errorf("reset: a run has its data in %s: stop it first; nothing was deleted", data)
	}
	if err != nil {
		return err
	}
	defer held.Close()
	if !yes {
		n, err := customers(ctx, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "This deletes all customers in %s (%d), their mails and all that was told of them, for ever. Write yes to go on: ", data, n)
		if !agreed(in) {
			return errNo
		}
	}
	for _, name := range slices.Concat(ownFiles, []string{"seatmend.db-wal", "seatmend.db-shm"}) {
		if name == "secrets.json" || name == "running" {
			continue // the second is the lock of this very command
		}
		if err := os.Remove(filepath.Join(data, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	fmt.Fprintf(out, "%s is empty. Its secrets.json stays: who sends there signs as before.\n", data)
	return nil
}

// customers counts those of a database.
func customers(ctx context.Context, path string) (n int, err error) {
	db, err := sqlite.Open(path, time.Now)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	for page := (store.Page{Limit: 500}); ; {
		list, next, err := db.Accounts(ctx, page)
		if n += len(list); err != nil || next.Cursor == "" {
			return n, err
		}
		page = next
	}
}
