package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/engine"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/sqlite"
)

// A target is whose data a command is about, and where they lie.
type target struct {
	data, table, operator, account, contact string
	yes                                     bool
}

func (t *target) flags(name, contact string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.StringVar(&t.account, "account", "", "the customer, by the id that account.changed gave it")
	f.StringVar(&t.contact, "contact", "", contact+": the id of a contact, or of a user of its installations")
	f.StringVar(&t.data, "data", ".seatmend", "folder of the database of a run, which may be running")
	f.StringVar(&t.table, "table", "", "a deployed DynamoDB table in place of -data; AWS settings are the environment's")
	f.StringVar(&t.operator, "operator", "", "JSON file of the operator's settings (default: an invented partner)")
	return f
}

// erase takes a customer, or one person, out of a store, after asking. Its exit status is 0, 1 if it was
// erase no, 2 if it could not be done.
func erase(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var t target
	f := t.flags("erase", "only this person of that customer")
	f.BoolVar(&t.yes, "yes", false, "do not ask")
	return t.run(f, args, errs, func(e *engine.Engine) error {
		who, left := "the customer "+t.account+", with its people, mails and links", "which facts came when and what they decided"
		if t.contact != "" {
			who, left = t.contact+" of "+t.account, "what was decided and when"
		}
		if !t.yes {
			fmt.Fprintf(out, "This takes %s out for ever; %s stays, without names, addresses and texts. Write yes to go on: ", who, left)
			if !agreed(in) {
				return errNo
			}
		}
		if t.contact == "" {
			before, err := erased(ctx, e, t.account)
			if err != nil {
				return err
			}
			if err := e.Erase(ctx, t.account); err != nil {
				return err
			}
			if before {
				fmt.Fprintf(out, "%s was erased before, and nothing more of it was there than the audit.\n", t.account)
				return nil
			}
			fmt.Fprintf(out, "%s is erased. What is told of it from now on is news of somebody unknown: it is parked, or with account.changed a new customer.\n", t.account)
			return nil
		}
		as, err := e.ErasePerson(ctx, t.account, t.contact)
		if err == nil {
			fmt.Fprintf(out, "%s of %s is erased: %s stands there now. What a directory or SuperOffice goes on telling is stored again: take the person out there too.\n", t.contact, t.account, as)
		}
		return err
	})
}

// export prints what is stored about a customer, or about one person, as JSON.
func export(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	var t target
	f := t.flags("export", "only what is about this person")
	return t.run(f, args, errs, func(e *engine.Engine) error {
		if gone, err := erased(ctx, e, t.account); err != nil {
			return err
		} else if gone {
			fmt.Fprintf(errs, "%s is erased: what follows is the audit, without people and texts.\n", t.account)
		}
		return e.Export(ctx, t.account, t.contact, out)
	})
}

// erased tells whether of an account nothing but its audit is left.
func erased(ctx context.Context, e *engine.Engine, account string) (bool, error) {
	l, err := e.Store.Load(ctx, account, store.Want{})
	return l.State.N > 0 && account != store.Operations && !l.State.Known.Profile.Account.Told(), err
}

// run reads the flags and does it with an engine that reaches nothing outside.
func (t *target) run(f *flag.FlagSet, args []string, errs io.Writer, do func(*engine.Engine) error) int {
	rest, err := parsed(f, args, errs)
	if err != nil {
		return ended(err)
	}
	if err = stray(f.Name(), rest); err == nil && t.account == "" {
		err = fmt.Errorf("%s: write -account and the customer's id", f.Name())
	}
	if err == nil {
		err = t.with(do)
	}
	switch {
	case errors.Is(err, errNo):
		fmt.Fprintln(errs, err)
		return 1
	case errors.Is(err, engine.ErrNotThere):
		fmt.Fprintf(errs, "%s: there is nobody of that id: %s %s in %s\n", f.Name(), t.account, t.contact, t.data+t.table)
		return 2
	case err != nil:
		fmt.Fprintf(errs, "%s: %v\n", f.Name(), err)
		return 2
	}
	return 0
}

func (t *target) with(do func(*engine.Engine) error) error {
	settings, err := loadOperator(t.operator)
	if err != nil {
		return err
	}
	present := presentOf(t.data, t.table)
	began := time.Now()
	now := func() time.Time { return present.Add(time.Since(began)) }
	db, shut, err := t.open(now)
	if err != nil {
		return err
	}
	e := &engine.Engine{Store: store.With(db, settings.Rules()), Now: now, Unique: rand.Text, Log: slog.New(slog.DiscardHandler)}
	return errors.Join(do(e), shut())
}

// open opens a store that is there: of a folder without one none is made.
func (t *target) open(now func() time.Time) (store.Store, func() error, error) {
	if t.table != "" {
		conf, err := config.LoadDefaultConfig(context.Background())
		return &dynamo.Store{Client: dynamodb.NewFromConfig(conf), Table: t.table, Now: now}, func() error { return nil }, err
	}
	path := filepath.Join(t.data, "seatmend.db")
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fmt.Errorf("no run has its data in %s: %w", t.data, err)
	}
	db, err := sqlite.Open(path, now)
	if err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

// agreed tells whether somebody writes yes.
func agreed(in io.Reader) bool {
	line, _ := bufio.NewReader(in).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(line), "yes")
}
