package engine_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/memory"
)

// resolving counts how often it is asked where names lead.
type resolving struct {
	store.Store
	asked int
}

func (r *resolving) Resolve(ctx context.Context, names ...licence.Name) (string, error) {
	r.asked++
	return r.Store.Resolve(ctx, names...)
}

// TestNamesAreRememberedAndProven: of a fact with several names the first is remembered, and looked up again when
// it leads elsewhere, though another of them leads where the first did.
func TestNamesAreRememberedAndProven(t *testing.T) {
	now := morning
	clock := func() time.Time { return now }
	db := &resolving{Store: onSQLite(t, clock)}
	settings := licence.Settings{Mail: "off"}
	e, other := hand(store.With(db, settings), clock), hand(store.With(db.Store, settings), clock) // two processes
	warned := func(want string) {
		t.Helper()
		now = now.Add(time.Minute)
		outs, err := e.Apply(t.Context(), licence.Fact{ID: "login/" + rand.Text(), To: []licence.Name{{Sender: "superoffice", ID: "cust1"}, {Sender: "serial", ID: "181"}}, At: now, Source: "login",
			Payload: licence.LoginWarned{CustID: "Cust1", Serial: "181", URL: "https://crm.kund1.example", User: licence.LoginUser{ID: rand.Text()}}})
		if err != nil || outs[0].Account != want || outs[0].Result != "applied" {
			t.Fatalf("got %+v, %v, want it at %s", outs, err, want)
		}
	}
	one, two := account(1), account(2)
	tell(t, other, "C-1", now, one)
	tell(t, other, "C-2", now, two)
	warned("C-1")
	db.asked = 0
	warned("C-1")
	if db.asked != 0 {
		t.Errorf("the name was looked up %d times though this process knew it", db.asked)
	}
	// The installation goes to the other customer; its serial stays behind with the first.
	now = now.Add(time.Minute)
	moved := one.Installations[0]
	one.Installations = []licence.Installation{{CustID: "Cust1b", Serial: moved.Serial, Kind: "production"}}
	tell(t, other, "C-1", now, one)
	now = now.Add(time.Minute)
	moved.Serial = "182b"
	two.Installations = append(two.Installations, moved)
	tell(t, other, "C-2", now, two)
	warned("C-2")
	db.asked = 0
	warned("C-2")
	if db.asked != 0 {
		t.Errorf("the name was looked up %d times though this process knew it", db.asked)
	}
	for name, want := range map[licence.Name]string{{Sender: "superoffice", ID: "cust1"}: "C-2", {Sender: "serial", ID: "181"}: "C-1"} {
		e.Forget(name)
		if got, err := e.AccountOf(t.Context(), name); err != nil || got != want {
			t.Errorf("%s leads to %s, %v, want %s", name, got, err, want)
		}
	}
}

// TestANameThatOrdersHoldStays: a directory that no longer lists a subscription gives up nothing that is told of still.
func TestANameThatOrdersHoldStays(t *testing.T) {
	db := memory.New(func() time.Time { return morning })
	e := hand(db, func() time.Time { return morning })
	name := licence.Name{Sender: "recurly", ID: "sub-1"}
	a := account(1)
	a.Billing = []licence.Mapping{{Sender: "recurly", ID: "sub-1"}, {Sender: "stripe", ID: "cus_1"}}
	tell(t, e, "C-1", ago(50), a)
	order := licence.Fact{ID: "recurly/1", To: []licence.Name{name}, At: ago(40), Source: "recurly", Payload: licence.SubscriptionChanged{Subscription: "sub-1", Thin: true, Status: "active"}}
	if outs, err := e.Apply(t.Context(), order); err != nil || outs[0].Result != "applied" {
		t.Fatal(outs, err)
	}
	a.Billing = nil
	tell(t, e, "C-1", ago(30), a)
	if to, err := db.Resolve(t.Context(), name); err != nil || to != "C-1" {
		t.Errorf("it leads to %q, %v", to, err)
	}
	if to, err := db.Resolve(t.Context(), licence.Name{Sender: "stripe", ID: "cus_1"}); !errors.Is(err, store.ErrNoAccount) {
		t.Errorf("what nobody tells of leads to %q, %v", to, err)
	}
}
