package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/superoffice"
)

// A keeping is a run that is kept for weeks on customers of whom only a sheet ever told.
type keeping struct {
	t     *testing.T
	data  string
	now   time.Time
	db    *sqlite.Store
	app   *app.App
	mails []effects.Message
}

// keep takes a sheet in and begins a run on it.
func keep(t *testing.T, sheet *testSheet) *keeping {
	k := &keeping{t: t, data: t.TempDir(), now: monday}
	if code, _, errs := onboardSheet(t, k.data, sheet.csv(',')); code != 0 {
		t.Fatal(errs)
	}
	clock := func() time.Time { return k.now }
	db, err := sqlite.Open(filepath.Join(k.data, "seatmend.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	a, err := app.NewApp(db, generated(), app.Invented, "http://127.0.0.1:8080", clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	outside.Connect(a, &superoffice.Client{}, func(_ context.Context, m effects.Message) (string, error) {
		k.mails = append(k.mails, m)
		return "<" + m.ID + "@fjordpartner.example>", nil
	}, desk.SignIn)
	a.Engine.Do[licence.Read] = func(context.Context, licence.State, licence.Effect) ([]licence.Payload, licence.Result, error) {
		return nil, licence.Result{Outcome: "failed"}, nil
	}
	k.db, k.app = db, a
	return k
}

// until lives on, by way of every instant at which something is due, each on the quarter hour after it.
func (k *keeping) until(end time.Time) {
	k.t.Helper()
	for {
		next, err := k.db.NextDue(k.t.Context())
		if err != nil {
			k.t.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			break
		}
		if at := next.Truncate(licence.Quarter).Add(licence.Quarter); at.After(k.now) {
			k.now = at
		}
		k.sweep()
	}
	k.now = end
	k.sweep()
}

func (k *keeping) sweep() {
	k.t.Helper()
	if _, err := k.app.Engine.Sweep(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// A census is how many customers there are of each kind.
type census struct {
	drafts  map[string]int // that lie there, by what they are about
	tasks   map[string]int // that are open, by code
	unknown int            // customers whose summary is so, and
	silent  []string       // those of them, and of those in an unknown phase, of whom no task says what is needed
}

func (k *keeping) count() census {
	k.t.Helper()
	c := census{drafts: map[string]int{}, tasks: map[string]int{}}
	for _, e := range accountsOf(k.t, k.db) {
		l, err := k.db.Load(k.t.Context(), e.Account, store.Want{})
		if err != nil {
			k.t.Fatal(err)
		}
		rows, _, err := k.db.Rows(k.t.Context(), e.Account, "mail", store.Page{})
		if err != nil {
			k.t.Fatal(err)
		}
		for _, row := range rows {
			var m effects.MailRow
			if err := json.Unmarshal(row.Body, &m); err != nil {
				k.t.Fatal(err)
			}
			if m.Draft == "review" {
				c.drafts[m.Why]++
			}
		}
		needed := false
		for _, v := range casework.Tasks(l.State, k.now) {
			if v.Past.Task.Open() {
				c.tasks[v.Past.Code]++
				needed = needed || v.Past.Code == "figures-needed"
			}
		}
		d := diagnosis.Diagnose(l.State, k.now, k.now)
		if d.Summary != e.Summary {
			k.t.Errorf("%s: the list says %s, the diagnosis %s", e.Account, e.Summary, d.Summary)
		}
		if e.Summary == "unknown" {
			c.unknown++
		}
		if (e.Summary == "unknown" || d.Phase == diagnosis.PhaseUnknown) && !needed {
			c.silent = append(c.silent, e.Account)
		}
	}
	return c
}

// troubled is a sheet of customers of whom some are in trouble, of four kinds in turn.
func troubled(n, inTrouble int) *testSheet {
	s := sheetOf(n, inTrouble)
	for i, r := range s.rows[:inTrouble] {
		r["ordered_since"] = ""
		switch i % 4 {
		case 1: // the new licence fits, and waits
			r["new_total"], r["ordered"], r["can_activate"] = "9", "9", "yes"
		case 2: // order and new licence say different things
			r["new_total"], r["ordered"] = "8", "10"
		case 3: // the server is newer than its agreement
			r["version"], r["licensed_version"], r["maintenance_until"] = "12.2", "11.1", "2026-06-30"
			r["new_total"], r["ordered"], r["offered"], r["can_activate"], r["new_expires"] = "", "10", "no", "", ""
		}
	}
	return s
}

// TestOnboardKept keeps three hundred customers of a sheet for sixty days, forty of them in trouble,
// and nobody tells anything more.
func TestOnboardKept(t *testing.T) {
	n, inTrouble := 300, 40
	if testing.Short() {
		n, inTrouble = 30, 8
	}
	began := time.Now()
	k := keep(t, troubled(n, inTrouble))
	for _, at := range []time.Duration{23 * time.Hour, 73 * time.Hour, 8 * licence.Day, 31 * licence.Day, 60 * licence.Day} {
		k.until(monday.Add(at))
		c := k.count()
		t.Logf("%s: drafts %v, tasks %v, unknown %d, silent %d, mails %d", k.now.Format("2006-01-02 15:04"), c.drafts, c.tasks, c.unknown, len(c.silent), len(k.mails))
		if at > 73*time.Hour {
			continue
		}
		for _, code := range []string{"surplus", "not-activated", "order-differs", "version-not-covered"} {
			if got := c.drafts["notice "+code]; got != inTrouble/4 {
				t.Errorf("after %s %d drafts of %s, want %d", at, got, code, inTrouble/4)
			}
		}
		if c.unknown > 0 || len(c.silent) > 0 {
			t.Errorf("after %s %d are unknown, and nobody says so of %v", at, c.unknown, c.silent)
		}
	}
	t.Logf("kept in %s", time.Since(began).Round(time.Millisecond))
}
