package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/webhook"
	"seatmend/shared/words"
)

// diagnose folds facts from files, as if each had arrived at its own time and everything that
// fell due in between had been lived through, and prints what the rules say.
func diagnose(args []string, in io.Reader, out, errs io.Writer) int {
	f := flag.NewFlagSet("diagnose", flag.ContinueOnError)
	asJSON := f.Bool("json", false, "print the JSON of the diagnosis")
	nowText := f.String("now", "", "the instant of asking, RFC 3339 (default: the real time)")
	atText := f.String("at", "", "the instant asked about, RFC 3339 (default: -now)")
	account := f.String("account", "", "only this account")
	from := f.String("sender", "", "whose bodies those are that are not the standard sender's: "+senders())
	locale := f.String("lang", "", "language of the texts (default: the account's)")
	files, err := parsed(f, args, errs)
	if err != nil {
		return ended(err)
	}
	code, err := func() (int, error) {
		now, err := instant("-now", *nowText, time.Now().UTC())
		if err != nil {
			return 2, err
		}
		at, err := instant("-at", *atText, now)
		if err != nil {
			return 2, err
		}
		if _, ok := words.Find(*locale); *locale != "" && !ok {
			return 2, fmt.Errorf("-lang %s: there are no texts in it; write one of %s", *locale, words.Tags())
		}
		if len(files) == 0 {
			return 2, errors.New("diagnose: name a file of facts, or - for standard input")
		}
		if _, ok := webhook.Find(*from); *from != "" && !ok {
			return 2, fmt.Errorf("-sender %s: there is no such sender; write one of %s", *from, senders())
		}
		told, err := readFacts(files, *from, in, now, errs)
		if err != nil {
			return 2, err
		}
		past, close, err := live(told, now)
		if err != nil {
			return 2, err
		}
		defer close()
		return past.print(out, *account, *locale, at, *asJSON)
	}()
	if err != nil {
		fmt.Fprintln(errs, err)
	}
	return code
}

func instant(flag, text string, none time.Time) (time.Time, error) {
	if text == "" {
		return none, nil
	}
	t, err := licence.ParseInstant(text)
	if err != nil {
		return t, fmt.Errorf("%s: write an instant such as 2026-11-23T09:00:00Z, of a year from 1900 to 9998, not %q", flag, text)
	}
	return t, nil
}

// A toldFact is a fact and the place in a file that it stands in.
type toldFact struct {
	licence.Fact
	place string
}

// readFacts reads all files before anything is folded, and names every fault. Of a folder it reads the
// files that end with .json.
func readFacts(names []string, sender string, in io.Reader, now time.Time, errs io.Writer) ([]toldFact, error) {
	var out []toldFact
	var faults []error
	for _, name := range unfolded(names) {
		r := in
		if name != "-" {
			file, err := opened(name, "is a folder without files that end with .json: name files, or another one")
			if err != nil {
				faults = append(faults, err)
				continue
			}
			defer file.Close()
			r = file
		}
		for raw, err := range webhook.Bodies(r) {
			place := fmt.Sprintf("%s:%d", name, raw.Line)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", name, err))
				break
			}
			body, err := readBody(raw.Body, sender, now)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", place, err))
				continue
			}
			if why := cmp.Or(body.Ignored, body.Thin); len(body.Facts) == 0 && why != "" {
				fmt.Fprintf(errs, "%s: nothing is read from it: %s\n", place, why)
			}
			for _, fact := range body.Facts {
				out = append(out, toldFact{fact, place})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[j].Stamp().After(out[i].Stamp()) })
	return out, errors.Join(faults...)
}

// unfolded gives for a folder its files.
func unfolded(names []string) (out []string) {
	for _, name := range names {
		inside, _ := filepath.Glob(filepath.Join(strings.NewReplacer("*", "\\*", "?", "\\?", "[", "\\[").Replace(name), "*.json"))
		if info, err := os.Stat(name); err == nil && info.IsDir() && len(inside) > 0 {
			out = append(out, inside...)
			continue
		}
		out = append(out, name)
	}
	return out
}

// readBody reads a body of the standard or the login sender, or what another one sends as it is.
func readBody(body []byte, sender string, now time.Time) (webhook.Body, error) {
	var told struct {
		Type string `json:"type"`
	}
	json.Unmarshal(body, &told) // who reads it says what is wrong
	ours := webhook.Schema(told.Type) != nil
	if s, ok := webhook.Find(sender); ok && !ours && sender != "standard" && sender != "login" {
		return s.Read(http.Header{}, body, "", now)
	}
	b, err := webhook.ReadFile(body, now)
	switch cure := "; a body of another sender is read with -sender, and one of " + senders(); {
	case ours:
	case err != nil && told.Type == "":
		err = fmt.Errorf("%w%s", err, cure)
	case b.Ignored != "":
		b.Ignored += cure
	}
	return b, err
}

// A past is what the files told, lived through up to the instant of asking.
type past struct {
	db  *sqlite.Store
	now time.Time
}

// live applies the facts on a clock of its own, by the very path that the run uses.
func live(told []toldFact, now time.Time) (past, func(), error) {
	dir, err := os.MkdirTemp("", "seatmend-diagnose-")
	if err != nil {
		return past{}, nil, err
	}
	clock := now
	db, err := sqlite.Open(filepath.Join(dir, "facts.db"), func() time.Time { return clock })
	if err != nil {
		os.RemoveAll(dir)
		return past{}, nil, err
	}
	shut := func() { db.Close(); os.RemoveAll(dir) }
	later := func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return nil, licence.Result{Outcome: "failed", Retry: now.AddDate(10, 0, 0)}, nil // nothing outside is touched
	}
	e := &engine.Engine{Store: store.With(db, licence.Settings{Mail: "on"}), Now: func() time.Time { return clock }, Unique: rand.Text, Log: slog.New(slog.DiscardHandler)}
	e.Do = map[licence.Kind]engine.Executor{
		licence.Mail: later, licence.Read: later, licence.TaskSent: later, licence.Incident: later,
		licence.AskPayer: e.Ask,
	}
	ctx := context.Background()
	to := func(t time.Time) error {
		for range 10000 {
			due, err := db.NextDue(ctx)
			if err != nil || due.IsZero() || due.After(t) {
				clock = latestOf(clock, t)
				return err
			}
			clock = latestOf(clock, due)
			if _, err := e.Sweep(ctx); err != nil {
				return err
			}
		}
		clock = latestOf(clock, t)
		return nil
	}
	if len(told) > 0 {
		clock = told[0].At
	}
	for _, f := range told {
		if err := to(f.At); err != nil {
			shut()
			return past{}, nil, err
		}
		if _, err := e.Apply(ctx, f.Fact); err != nil {
			shut()
			return past{}, nil, fmt.Errorf("%s: %w", f.place, err)
		}
	}
	parked, _, err := db.Unmatched(ctx, store.Page{Limit: 500})
	if err == nil && len(parked) > 0 {
		var faults []error
		for _, p := range parked {
			for _, f := range told {
				if f.ID == p.Fact.ID {
					faults = append(faults, fmt.Errorf("%s: a fact of %s, an account that no file describes: add its account.changed", f.place, p.Fact.To[len(p.Fact.To)-1]))
				}
			}
		}
		err = errors.Join(faults...)
	}
	if err == nil {
		err = to(now)
	}
	if err != nil {
		shut()
		return past{}, nil, err
	}
	return past{db, now}, shut, nil
}

func latestOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// print prints the diagnosis of each account, and gives the exit status: 0 if all are well.
func (p past) print(out io.Writer, account, locale string, at time.Time, asJSON bool) (int, error) {
	ctx := context.Background()
	list, _, err := p.db.Accounts(ctx, store.Page{Limit: 500})
	if err != nil {
		return 2, err
	}
	var views []words.View
	code := 0
	for _, e := range list {
		if account != "" && e.Account != account {
			continue
		}
		l, err := p.db.Load(ctx, e.Account, store.Want{})
		if err != nil {
			return 2, err
		}
		d := diagnosis.Diagnose(l.State, p.now, at)
		o, err := effects.Options(ctx, p.db, l.State, d)
		if err != nil {
			return 2, err
		}
		lang := words.OfAccount(l.State, locale)
		v := lang.View(d, o)
		views = append(views, v)
		if v.Summary != licence.AllWell {
			code = 1
		}
		if !asJSON {
			if len(views) > 1 {
				fmt.Fprintln(out)
			}
			fmt.Fprint(out, lang.Doctor(v, colour(out)))
		}
	}
	if len(views) == 0 {
		return 2, fmt.Errorf("diagnose: no account%s in these files", strings.TrimRight(" "+account, " "))
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if len(views) == 1 {
			return code, enc.Encode(views[0])
		}
		return code, enc.Encode(views)
	}
	return code, nil
}

// colour tells whether the output is a terminal that shows colours.
func colour(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
