package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/infra/onboard"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/sqlite"
)

// takeIn takes customers in from a sheet, or from bodies of the standard sender: every line is
// checked before anything is written, and it says what would become a finding before any mail
// exists. Its exit status is 0, 1 if not all could be written, 2 if the input is bad.
func takeIn(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	o := onboard.Onboarding{In: in, Out: out, Errs: errs}
	var nowText, operator, export string
	f := flag.NewFlagSet("onboard", flag.ContinueOnError)
	f.BoolVar(&o.Dry, "dry-run", false, "check, and print what would become a finding; write nothing")
	f.StringVar(&o.Sheet, "sheet", "", "sheet of a workbook (default: the only one that has the columns)")
	f.StringVar(&o.Data, "data", ownData, "folder of the database of a run, which may be running")
	f.StringVar(&o.Table, "table", "", "a deployed DynamoDB table in place of -data; AWS settings are the environment's")
	f.StringVar(&export, "export", "", "write FILE (.xlsx or .csv): the customers whose figures are needed, as a sheet to be filled in and taken in by onboard FILE")
	f.StringVar(&operator, "operator", "", "JSON file of the operator's settings (default: an invented partner)")
	f.StringVar(&nowText, "now", "", "the present instant, RFC 3339 (default: by the run's clock, else the real time)")
	files, err := parsed(f, args, errs)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(errs, "\nFILE is a sheet (a workbook .xlsx, or CSV: one row for each customer and plan) or bodies of the standard sender, one a line.\n\nThe columns of a sheet, in any order, below a title or not:")
		onboard.DescribeColumns(errs)
		fmt.Fprintln(errs, "\nA sheet without the names and addresses of people, as -export writes it, tells of customers who are known what their\nlicences say now, and nothing else: of each installation expires, offered, total and in_use; empty rows change nothing.")
	}
	if err != nil {
		return ended(err)
	}
	if len(files) != 1 && export == "" {
		fmt.Fprintln(errs, "onboard: name one file, or - for standard input (-h says what is in it)")
		return 2
	}
	if len(files) > 0 && export != "" {
		fmt.Fprintf(errs, "onboard: -export writes %s and takes nothing in: leave out %s\n", export, files[0])
		return 2
	}
	if export == "" {
		o.File = files[0]
	}
	settings, err := loadOperator(operator)
	if err == nil {
		o.Settings = settings.Rules()
		o.Now, err = instant("-now", nowText, presentOf(o.Data, o.Table))
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	if export == "" && o.File != "-" {
		file, err := opened(o.File, "is a folder: name a file of it")
		if err != nil {
			fmt.Fprintln(errs, "onboard:", err)
			return 2
		}
		file.Close()
	}
	o.Open = opener(o)
	code, err := 0, error(nil)
	if export != "" {
		code, err = exportFigures(ctx, o, export)
	} else {
		code, err = o.Run(ctx)
	}
	if errors.Is(err, errNoRun) {
		code = 2
	}
	if err != nil {
		fmt.Fprintln(errs, "onboard:", err)
	}
	return code
}

// exportFigures writes the customers whose figures are needed as a sheet. A file that is there may have
// been filled in: it is left alone.
func exportFigures(ctx context.Context, o onboard.Onboarding, path string) (int, error) {
	write := onboard.WriteBook
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		write = onboard.WriteCSV
	case ".xlsx":
	default:
		return 2, fmt.Errorf("-export %s: name a file that ends with .xlsx or .csv", path)
	}
	if _, err := os.Stat(path); err == nil {
		return 2, fmt.Errorf("-export %s: it is there already, and may have been filled in: name another file", path)
	}
	if _, err := os.Stat(filepath.Join(o.Data, "seatmend.db")); o.Table == "" && errors.Is(err, os.ErrNotExist) {
		return 2, fmt.Errorf("-data %s: %w: name the folder of one", o.Data, errNoRun)
	}
	t, shut, err := o.Open(ctx, func() time.Time { return o.Now })
	if err != nil {
		return 1, err
	}
	defer shut()
	rows, customers, err := t.Figures(ctx, o.Now)
	if err != nil {
		return 1, err
	}
	if len(rows) == 0 {
		fmt.Fprintln(o.Out, "No customer needs new figures; nothing was written.")
		return 0, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 1, err
	}
	if err := errors.Join(write(file, rows), file.Close()); err != nil {
		return 1, err
	}
	fmt.Fprintf(o.Out, "%s: customers whose figures are needed: %d, rows: %d.\nFill in expires, offered, total and in_use\n(of an offer also can_activate and new_total) as the Licences screen says, leave empty what you do not know, and:\n\n    go run ./infra/local onboard %s\n", path, customers, len(rows), path)
	return 0, nil
}

// ownData is where a run has its data, if it is not told otherwise.
const ownData = ".seatmend"

// mayHold tells whether customers may be taken in to a folder: it is that of a run, or a new one that
// nobody can have meant otherwise.
func mayHold(data string) error {
	if _, err := os.Stat(filepath.Join(data, "seatmend.db")); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	inside, err := os.ReadDir(data)
	if err == nil && len(inside) == 0 || errors.Is(err, os.ErrNotExist) && filepath.Clean(data) == ownData {
		return nil
	}
	return fmt.Errorf("-data %s: %w: name the folder of one, or begin one there first (go run ./infra/local -demo=false -data %s); nothing was written", data, errNoRun, data)
}

var errNoRun = errors.New("there is no database of a run")

// targetOf opens where the customers go. A dry run of a folder that is not there makes none.
func targetOf(ctx context.Context, o onboard.Onboarding, now func() time.Time) (onboard.Target, func() error, error) {
	t, none := onboard.Target{Settings: o.Settings}, func() error { return nil }
	if o.Table != "" {
		conf, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return t, none, err
		}
		t.Store = &dynamo.Store{Client: dynamodb.NewFromConfig(conf), Table: o.Table, Now: now}
		return t, none, nil
	}
	path := filepath.Join(o.Data, "seatmend.db")
	if _, err := os.Stat(path); o.Dry && errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(o.Errs, "-data %s: there is no database of a run yet, so all customers count as new\n", o.Data)
		return t, none, nil
	}
	if err := mayHold(o.Data); err != nil {
		return t, none, err
	}
	if err := folder(o.Data, o.Errs); err != nil {
		return t, none, err
	}
	db, err := sqlite.Open(path, now)
	if err != nil {
		return t, none, err
	}
	t.Store = db
	return t, db.Close, nil
}

// presentOf is the present by the clock of a run of that data, which may have been moved. One
// that is running has just written down what it shows, and a little more.
func presentOf(data, table string) time.Time {
	present := time.Now().UTC()
	path := filepath.Join(data, "clock.json")
	info, err := os.Stat(path)
	if table != "" || err != nil {
		return present
	}
	body, err := os.ReadFile(path)
	var f clockFile
	if err != nil || json.Unmarshal(body, &f) != nil {
		return present
	}
	if since := present.Sub(info.ModTime()); since < 2*ahead {
		return f.Shown.Add(since - ahead).UTC()
	}
	return latestOf(present.Add(f.Moved), f.Shown)
}

func opener(o onboard.Onboarding) func(context.Context, func() time.Time) (onboard.Target, func() error, error) {
	return func(ctx context.Context, now func() time.Time) (onboard.Target, func() error, error) {
		return targetOf(ctx, o, now)
	}
}
