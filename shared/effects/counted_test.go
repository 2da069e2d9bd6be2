package effects_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

// overtaken is a store in which who writes down that a mail is about to go is overtaken twice each time.
type overtaken struct {
	store.Store
	by int
}

func (o *overtaken) Commit(ctx context.Context, c licence.Change) error {
	for _, e := range c.Add {
		if e.Kind == licence.Mail && !e.Sending.IsZero() {
			if o.by++; o.by%3 != 0 {
				return store.ErrConflict
			}
		}
	}
	return o.Store.Commit(ctx, c)
}

// TestFirstMailsAreCountedOnce: of as many first mails as may go in an hour all go, however often who sends them is
// overtaken, and one beyond these waits for a person.
func TestFirstMailsAreCountedOnce(t *testing.T) {
	const perHour = 3
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return at }
	keys, err := link.NewKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	db := &overtaken{Store: memory.New(clock)}
	sent := 0
	e := &engine.Engine{Store: store.With(db, licence.Settings{Mail: "on"}), Now: clock, Unique: rand.Text, Log: slog.New(slog.DiscardHandler)}
	e.Do = map[licence.Kind]engine.Executor{licence.Mail: effects.Mailer{
		Store: db, Links: func() link.Keys { return keys }, BaseURL: "https://licence.fjordpartner.example", Now: clock, PerHour: perHour,
		Send: func(context.Context, effects.Message) (string, error) {
			sent++
			return "", nil
		},
	}.Mail}
	drafts := 0
	for n := range perHour + 1 {
		id, cust := fmt.Sprint("C-", n), fmt.Sprint("Cust", n)
		offered := 7
		for i, p := range []licence.Payload{
			licence.AccountChanged{
				Account: id, Name: "Kund AB", Timezone: "Europe/Stockholm", Model: "plans",
				Contacts:      []licence.Contact{{ID: "anna", Name: "Anna Berg", Email: fmt.Sprintf("anna@kund%d.example", n), Role: licence.Admin}},
				Installations: []licence.Installation{{CustID: cust, Serial: fmt.Sprint("18", n), Kind: "production", Hosting: "onsite"}},
				Plans:         []licence.Plan{{Plan: "p", Name: "P", Module: "m"}},
			},
			licence.LicenceReported{
				CustID: cust, Serial: fmt.Sprint("18", n), Version: "12.2", LicensedVersion: "12.2", Maintenance: "2027-12-31", NextCheck: "2026-11-20", AdminWarning: "2026-11-15",
				Expires: "2026-12-13", GraceUntil: "2026-12-25", Offered: true, Markers: []string{"online"}, Plans: []licence.LicenceLine{{Plan: "p", Module: "m", Description: "P", Total: 10, NewTotal: &offered, InUse: 9}},
			},
		} {
			f := licence.Fact{ID: fmt.Sprint("told/", n, i), To: []licence.Name{{Sender: "account", ID: id}}, At: at, Source: "standard", Payload: p}
			if _, err := e.Apply(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	at = at.Add(20 * time.Minute)
	for range 3 {
		if _, err := e.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for n := range perHour + 1 {
		l, err := db.Load(t.Context(), fmt.Sprint("C-", n), store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range l.State.History.Mailed {
			if m.Draft == "flood" {
				drafts++
			}
		}
	}
	if sent != perHour || drafts == 0 || db.by < 2*perHour {
		t.Errorf("%d mails went, want %d; %d are held, and %d times somebody was overtaken", sent, perHour, drafts, db.by)
	}
}
