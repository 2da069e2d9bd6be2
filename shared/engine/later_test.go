package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

// TestParkedByALaterVersion: what a later version has parked, in kinds that this one does not know, waits for it
// when the account comes; what else is parked does not wait.
func TestParkedByALaterVersion(t *testing.T) {
	now := func() time.Time { return morning }
	db := memory.New(now)
	e := hand(db, now)
	to := []licence.Name{{Sender: "account", ID: "C-1"}}
	later := licence.Fact{ID: "standard/later", To: to, At: morning.Add(-time.Hour), Source: "standard", Payload: licence.Later{Kind: "moon.rose", Data: json.RawMessage(`{"over":1}`)}}
	if err := db.KeepUnmatched(t.Context(), later, later.Hash()); err != nil {
		t.Fatal(err)
	}
	if said := tell(t, e, "C-1", morning.Add(-time.Minute), report(1)); said != "parked" {
		t.Fatal(said)
	}
	if said := tell(t, e, "C-1", morning, account(1)); said != "applied" {
		t.Fatal(said)
	}
	l, err := db.Load(t.Context(), "C-1", store.Want{})
	if err != nil || !l.State.Known.Inst("Cust1").Report.Told() {
		t.Errorf("what we know waits for what we do not: %v", err)
	}
	parked, _, err := db.Unmatched(t.Context(), store.Page{})
	if err != nil || len(parked) != 1 || parked[0].Fact.ID != later.ID {
		t.Errorf("parked are %+v: %v", parked, err)
	}
	owed, err := db.Outbox(t.Context(), "C-1")
	if err != nil || !slices.ContainsFunc(owed, func(e licence.Effect) bool { return e.Kind == licence.Match }) {
		t.Errorf("nobody will look after it: %+v %v", owed, err)
	}
}

// shut is a store that gives nobody what is parked.
type shut struct{ store.Store }

func (shut) UnmatchedFor(context.Context, licence.Name, int) ([]store.StoredFact, error) {
	return nil, errors.New("not now")
}

// TestParkedWhereNamesLeadNowhere: what is parked under a name that the directory gave up before it was folded stays
// parked, however much it is, and holds up nothing else; it is folded where the name leads to next.
func TestParkedWhereNamesLeadNowhere(t *testing.T) {
	at := morning
	now := func() time.Time { return at }
	db := memory.New(now)
	e := hand(db, now)
	mapped := func(n int, to string) licence.AccountChanged {
		a := account(n)
		a.Billing = []licence.Mapping{{Sender: "stripe", ID: "kept"}, {Sender: "stripe", ID: to}}
		return a
	}
	const most = atOnce + 20
	for i := range most + 1 {
		name, invoice := "moved", fmt.Sprint("INV-", i)
		if i == most {
			name, invoice = "kept", "INV-kept"
		}
		f := licence.Fact{ID: fmt.Sprint("stripe/", i), To: []licence.Name{{Sender: "stripe", ID: name}}, At: morning.Add(-time.Hour), Source: "stripe", Payload: licence.InvoiceChanged{Invoice: invoice, Status: "open"}}
		if outs, err := e.Apply(t.Context(), f); err != nil || outs[0].Result != "parked" {
			t.Fatal(outs, err)
		}
	}
	tell(t, hand(shut{db}, now), "C-1", at, mapped(1, "moved"))
	at = at.Add(time.Minute)
	tell(t, hand(shut{db}, now), "C-1", at, mapped(1, "other"))
	at = at.Add(time.Hour)
	if err := e.Deliver(t.Context(), "C-1"); err != nil {
		t.Fatal(err)
	}
	invoices := func(account string) (n int) {
		facts, _, err := db.Facts(t.Context(), account, store.Page{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if f.Fact.Source == "stripe" {
				n++
			}
		}
		return n
	}
	parked, _, err := db.Unmatched(t.Context(), store.Page{Limit: 500})
	owed, _ := db.Outbox(t.Context(), "C-1")
	if err != nil || len(parked) != most || invoices("C-1") != 1 || slices.ContainsFunc(owed, func(e licence.Effect) bool { return e.Kind == licence.Match }) {
		t.Errorf("%d are parked still, want %d; the customer has %d invoices, want 1; it owes %+v: %v", len(parked), most, invoices("C-1"), owed, err)
	}
	two := mapped(2, "moved")
	two.Billing = two.Billing[1:]
	tell(t, e, "C-2", at, two)
	if err := e.Deliver(t.Context(), "C-2"); err != nil {
		t.Fatal(err)
	}
	if parked, _, _ := db.Unmatched(t.Context(), store.Page{Limit: 500}); len(parked) > 0 || invoices("C-2") != most {
		t.Errorf("%d are parked still; the customer whose they are has %d invoices, want %d", len(parked), invoices("C-2"), most)
	}
}

// atOnce is how many parked facts are folded in one go.
const atOnce = 50
