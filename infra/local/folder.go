package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"seatmend/shared/store/sqlite"
)

// ownFiles are those that a run keeps in its folder.
var ownFiles = []string{"seatmend.db", "secrets.json", "clock.json", "superoffice.json", "demo-seeded", "running"}

// folder makes the folder of a run, which only its owner may read: secrets lie in it, and the names
// of people. Of a folder that has other things in it nothing is taken from anybody, but it is said.
func folder(data string, errs io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: give the run a folder that it may write, with -data", err)
		}
	}()
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	for _, name := range ownFiles {
		if err := os.Chmod(filepath.Join(data, name), 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	info, err := os.Stat(data)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	list, err := os.ReadDir(data)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(data, "seatmend.db")); err != nil && len(list) > 0 {
		fmt.Fprintf(errs, "Warning: others may look into %s, which has other things in it: give the run a folder of its own with -data, or take their rights away (chmod 700)\n", data)
		return nil
	}
	return os.Chmod(data, 0o700)
}

var errRuns = errors.New("another server runs")

// hold takes a run's folder for one server. Another command beside it, such as onboard, needs none.
func hold(data string) (io.Closer, error) {
	held, err := sqlite.Hold(filepath.Join(data, "running"))
	if errors.Is(err, sqlite.ErrHeld) {
		return nil, fmt.Errorf("%w on the data folder %s: stop it, or give this one a folder of its own with -data (and -addr and -crm-addr of its own; send goes to it with -to)", errRuns, data)
	}
	return held, err
}
