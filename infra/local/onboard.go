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
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/sqlite"
)

// onboard takes customers in from a sheet, or from bodies of the standard sender: every line is
// checked before anything is written, and it says what would become a finding before any mail
// exists. Its exit status is 0, 1 if not all could be written, 2 if the input is bad.
func onboard(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	o := onboarding{in: in, out: out, errs: errs}
	var nowText, operator string
	f := flag.NewFlagSet("onboard", flag.ContinueOnError)
	f.SetOutput(errs)
	f.BoolVar(&o.dry, "dry-run", false, "check, and print what would become a finding; write nothing")
	f.StringVar(&o.data, "data", ".seatmend", "folder of the database of a run, which may be running")
	f.StringVar(&o.table, "table", "", "a deployed DynamoDB table in place of -data; AWS settings are the environment's")
	f.StringVar(&operator, "operator", "", "JSON file of the operator's settings (default: an invented partner)")
	f.StringVar(&nowText, "now", "", "the present instant, RFC 3339 (default: by the run's clock, else the real time)")
	f.Usage = func() {
		fmt.Fprintln(errs, "usage: go run ./infra/local onboard [-dry-run] [-data DIR | -table NAME] [-now T] FILE\n\nFILE is a sheet (CSV: one row for each customer and plan) or bodies of the standard sender, one a line.")
		f.PrintDefaults()
		fmt.Fprintln(errs, "\nThe columns of a sheet, in any order:")
		describeColumns(errs)
	}
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if f.NArg() != 1 {
		fmt.Fprintln(errs, "onboard: name one file, or - for standard input (-h says what is in it)")
		return 2
	}
	o.file = f.Arg(0)
	settings, err := loadOperator(operator)
	if err == nil {
		o.settings = settings.Rules()
		o.now, err = instant("-now", nowText, presentOf(o.data, o.table))
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	o.open = o.opener()
	code, err := o.run(ctx)
	if err != nil {
		fmt.Fprintln(errs, "onboard:", err)
	}
	return code
}

// An onboarding is one call of the command.
type onboarding struct {
	dry               bool
	data, table, file string
	settings          licence.Settings
	now               time.Time
	in                io.Reader
	out, errs         io.Writer
	open              func(context.Context, func() time.Time) (target, func() error, error) // where the customers go
}

func (o onboarding) run(ctx context.Context) (int, error) {
	began := time.Now()
	in := o.in
	if o.file != "-" {
		file, err := os.Open(o.file)
		if err != nil {
			return 2, err
		}
		defer file.Close()
		in = file
	}
	p, err := newPile()
	if err != nil {
		return 1, err
	}
	defer p.close()
	var bad faults
	notes, err := readOnboard(in, o.now, p, &bad)
	if err != nil {
		return 1, err
	}
	if bad.count > 0 {
		bad.print(o.errs, o.file)
		return 2, nil
	}
	clock := func() time.Time { return o.now.Add(time.Since(began)) }
	t, shut, err := o.open(ctx, clock)
	if err != nil {
		return 1, err
	}
	defer shut()
	resolve := func(names ...licence.Name) (string, error) { return t.resolve(ctx, names...) }
	if err := p.settle(resolve, &bad); err != nil {
		return 1, err
	}
	judged, err := t.judge(ctx, p, clock())
	if err != nil {
		return 1, err
	}
	for _, j := range judged {
		for _, x := range j.faults {
			bad.add(x.line, x.column, x.value, x.problem)
		}
	}
	if knots(p, judged, &bad); bad.count > 0 {
		bad.print(o.errs, o.file)
		return 2, nil
	}
	report(o.out, o.now, p.batches, judged, notes)
	if o.dry {
		return 0, nil
	}
	customers, facts, err := t.write(ctx, p, clock, o.errs)
	if err != nil {
		return 1, fmt.Errorf("%w\n%d of %s are in; the same command goes on from there", err, customers, counted(len(p.batches), "customer"))
	}
	fmt.Fprintf(o.out, "\n%s taken in, %s written, in %s. Nobody was mailed.\n", counted(customers, "customer"), counted(facts, "fact"), time.Since(began).Round(100*time.Millisecond))
	return 0, nil
}

// targetOf opens where the customers go. A dry run of a folder that is not there makes none.
func targetOf(ctx context.Context, o onboarding, now func() time.Time) (target, func() error, error) {
	t, none := target{settings: o.settings}, func() error { return nil }
	if o.table != "" {
		conf, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return t, none, err
		}
		t.store = &dynamo.Store{Client: dynamodb.NewFromConfig(conf), Table: o.table, Now: now}
		return t, none, nil
	}
	path := filepath.Join(o.data, "seatmend.db")
	if _, err := os.Stat(path); o.dry && errors.Is(err, os.ErrNotExist) {
		return t, none, nil
	}
	if err := folder(o.data, o.errs); err != nil {
		return t, none, err
	}
	db, err := sqlite.Open(path, now)
	if err != nil {
		return t, none, err
	}
	t.store = db
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

func (o onboarding) opener() func(context.Context, func() time.Time) (target, func() error, error) {
	return func(ctx context.Context, now func() time.Time) (target, func() error, error) {
		return targetOf(ctx, o, now)
	}
}
