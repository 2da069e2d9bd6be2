package onboard

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"seatmend/shared/licence"
)

// An onboarding is one call of the command.
type Onboarding struct {
	Dry               bool
	Data, Table, File string
	Sheet             string // of a workbook; "": the only one that has the columns
	Settings          licence.Settings
	Now               time.Time
	In                io.Reader
	Out, Errs         io.Writer
	Open              func(context.Context, func() time.Time) (Target, func() error, error) // where the customers go
}

func (o Onboarding) Run(ctx context.Context) (int, error) {
	began := time.Now()
	in := o.In
	if o.File != "-" {
		file, err := os.Open(o.File)
		if err != nil {
			return 2, err
		}
		defer file.Close()
		in = file
	}
	p, err := NewStaging()
	if err != nil {
		return 1, err
	}
	defer p.Close()
	var bad Faults
	notes, err := ReadOnboard(in, o.Sheet, o.Now, p, &bad)
	if err != nil {
		return 1, err
	}
	if bad.Count > 0 {
		bad.print(o.Errs, o.File)
		return 2, nil
	}
	clock := func() time.Time { return o.Now.Add(time.Since(began)) }
	t, shut, err := o.Open(ctx, clock)
	if err != nil {
		return 1, err
	}
	defer shut()
	resolve := func(names ...licence.Name) (string, error) { return t.resolve(ctx, names...) }
	if err := p.Settle(resolve, &bad); err != nil {
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
	if knots(p, judged, &bad); bad.Count > 0 {
		bad.print(o.Errs, o.File)
		return 2, nil
	}
	report(o.Out, o.Now, p.batches, judged, append(notes, changed(judged)...))
	if o.Dry {
		return 0, nil
	}
	customers, facts, err := t.Write(ctx, p, clock, o.Errs)
	if err != nil {
		return 1, fmt.Errorf("%w\n%d of %s are in; the same command goes on from there", err, customers, counted(len(p.batches), "customer"))
	}
	fmt.Fprintf(o.Out, "\n%s taken in, %s written, in %s. Nobody was mailed.\n", counted(customers, "customer"), counted(facts, "fact"), time.Since(began).Round(100*time.Millisecond))
	return 0, nil
}
