package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
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
	at    map[string]time.Time // when each went, by its id
}

// keep takes a sheet in and begins a run on it.
func keep(t *testing.T, sheet *testSheet) *keeping { return keepFile(t, sheet.csv(',')) }

func keepFile(t *testing.T, file string) *keeping {
	k := &keeping{t: t, data: t.TempDir(), now: monday, at: map[string]time.Time{}}
	if code, _, errs := onboardSheet(t, k.data, file); code != 0 {
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
		k.mails, k.at[m.ID] = append(k.mails, m), k.now
		return "<" + m.ID + "@fjordpartner.example>", nil
	}, desk.Mails)
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
		for _, x := range l.State.History.Mailed {
			if x.Draft == "review" && !l.State.Calendar().Working(x.At, false).Equal(x.At) {
				k.t.Errorf("%s: drafted at %s, outside the hours in which mails go", e.Account, x.At)
			}
		}
		needed := false
		for _, v := range casework.Tasks(l.State, k.now) {
			if v.Past.Task.Open() {
				c.tasks[string(v.Past.Code)]++
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
// and nobody tells anything more: what is found is drafted after a night, and what nobody knows any
// more is somebody's to ask.
func TestOnboardKept(t *testing.T) {
	n, inTrouble := 300, 40
	if testing.Short() {
		n, inTrouble = 30, 8
	}
	sheet := troubled(n, inTrouble)
	k := keep(t, sheet)
	kinds := []string{"surplus", "not-activated", "order-differs", "version-not-covered"}
	for _, c := range []struct {
		after                  time.Duration
		needed, asked, unknown int
	}{
		{23 * time.Hour, 0, 0, 0},
		{73 * time.Hour, 0, 0, 0},
		{8 * licence.Day, inTrouble, inTrouble, inTrouble * 3 / 4}, // the version counts for half a year
		{31 * licence.Day, n, inTrouble, n - inTrouble/4},
		{60 * licence.Day, n, inTrouble, n - inTrouble/4},
	} {
		k.until(monday.Add(c.after))
		got := k.count()
		t.Logf("%s: drafts %v, tasks %v, unknown %d, mails %d", k.now.Format("2006-01-02 15:04"), got.drafts, got.tasks, got.unknown, len(k.mails))
		for _, code := range kinds {
			if got.drafts["notice "+code] != inTrouble/4 || got.tasks[code] != inTrouble/4 {
				t.Errorf("after %s %d drafts and %d tasks of %s, want %d", c.after, got.drafts["notice "+code], got.tasks[code], code, inTrouble/4)
			}
		}
		if got.tasks["figures-needed"] != c.needed || got.drafts["notice figures-needed"] != c.asked || got.unknown != c.unknown {
			t.Errorf("after %s figures are needed of %d, %d are asked, and %d unknown; want %d, %d and %d",
				c.after, got.tasks["figures-needed"], got.drafts["notice figures-needed"], got.unknown, c.needed, c.asked, c.unknown)
		}
		if len(got.silent) > 0 {
			t.Errorf("after %s nobody is to ask of %v", c.after, got.silent)
		}
		if len(got.tasks) > len(kinds)+1 || len(got.drafts) > len(kinds)+1 {
			t.Errorf("after %s there are other tasks or drafts", c.after)
		}
	}
	k.lists("waiting for a decision", monday.AddDate(0, 0, 1), k.now)
	k.lists(newFigures, monday.AddDate(0, 0, 8), k.now)
	// Newer figures are told by the same sheet: each task closes, and all is known again.
	for i, r := range sheet.rows {
		r["as_of"] = "2027-01-22"
		if i < inTrouble {
			r["next_check"], r["admin_warning"], r["expires"], r["grace_until"] = "2027-12-01", "2027-12-05", "2027-12-13", "2027-12-25"
			r["offered"], r["can_activate"], r["new_expires"], r["new_total"], r["ordered"] = "", "", "", "", "10"
			r["version"], r["licensed_version"], r["maintenance_until"] = "12.2", "12.2", "2027-12-31"
		}
	}
	if code, _, errs := onboardSheet(t, k.data, sheet.csv(','), "-now", k.now.Format(time.RFC3339)); code != 0 {
		t.Fatal(errs)
	}
	before := len(k.mails)
	k.until(k.now.Add(4 * licence.Day))
	got := k.count()
	if got.unknown > 0 || got.tasks["figures-needed"] > 0 || got.drafts["notice figures-needed"] > 0 {
		t.Errorf("after new figures %d are unknown, %d tasks and %d drafts ask for more", got.unknown, got.tasks["figures-needed"], got.drafts["notice figures-needed"])
	}
	for _, m := range k.mails[before:] {
		if strings.Contains(m.Subject, newFigures) {
			t.Errorf("the list goes on: %s", m.Subject)
		}
	}
}

// newFigures is in the subject of the list of who needs them.
const newFigures = ": figures needed"

// lists holds that support had one list of that subject on each of its banking days of a span, and on
// no other, and that no customer had a mail.
func (k *keeping) lists(subject string, from, to time.Time) {
	k.t.Helper()
	cal, had := licence.NewCalendar(app.Invented.Timezone, ""), map[licence.Date]int{}
	for _, m := range k.mails {
		if m.To != app.Invented.Desks["support"] && m.To != app.Invented.Desks["sales"] {
			k.t.Errorf("a mail to %s: %s", m.To, m.Subject)
		}
		if strings.Contains(m.Subject, subject) {
			had[licence.DateOf(k.at[m.ID], cal.Zone)]++
		}
	}
	for day := licence.DateOf(from, cal.Zone); day <= licence.DateOf(to, cal.Zone); day = day.Add(1) {
		want := 0
		if cal.Banking(day) {
			want = 1
		}
		if had[day] != want {
			k.t.Errorf("%d lists of %q on %s, want %d", had[day], subject, day, want)
		}
		delete(had, day)
	}
	if len(had) > 0 {
		k.t.Errorf("lists of %q on other days: %v", subject, had)
	}
}
