package engine_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/store/storetest"
)

// morning is when these tests begin: a banking day, at ten in Stockholm.
var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func onSQLite(t *testing.T, now func() time.Time) store.Store {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "seatmend.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func onDynamo(t *testing.T, now func() time.Time) store.Store {
	t.Helper()
	client := storetest.Dynamo(t)
	table := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	return &dynamo.Store{Client: client, Table: table, Now: now}
}

// hand is a process over a store. What it is to do outside is given by the test.
func hand(db store.Store, now func() time.Time) *engine.Engine {
	return &engine.Engine{Store: db, Now: now, Unique: rand.Text, Log: slog.New(slog.DiscardHandler), Do: map[licence.Kind]engine.Executor{}}
}

// tell says something of an account that was so at an instant, and gives what became of it.
func tell(t *testing.T, e *engine.Engine, account string, at time.Time, p licence.Payload) string {
	t.Helper()
	outs, err := e.Apply(t.Context(), licence.Fact{ID: "standard/" + rand.Text(), To: []licence.Name{{Sender: "account", ID: account}}, At: at, Source: "standard", Payload: p})
	if err != nil {
		t.Fatal(err)
	}
	return outs[0].Result
}

// account is a customer who is called by a number, with a server of its own.
func account(n int) licence.AccountChanged {
	return licence.AccountChanged{
		Account: fmt.Sprint("C-", n), Name: fmt.Sprintf("Kund %d AB", n), Locale: "sv", Timezone: "Europe/Stockholm", Model: "plans", Mail: licence.Some("on"),
		Contacts:      []licence.Contact{{ID: "anna", Name: "Anna Berg", Email: fmt.Sprintf("anna@kund%d.example", n), Role: licence.Admin, Locale: "sv"}},
		Installations: []licence.Installation{{CustID: fmt.Sprint("Cust", n), Serial: fmt.Sprint("18", n), Kind: "production", Hosting: "onsite", URL: fmt.Sprintf("https://crm.kund%d.example", n)}},
		Plans:         []licence.Plan{{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales", Prices: []string{"price_sp"}}},
	}
}

// report is a licence that lapses soon, with an offer of seven seats of which nine are in use.
func report(n int) licence.LicenceReported {
	offered := 7
	return licence.LicenceReported{
		CustID: fmt.Sprint("Cust", n), Serial: fmt.Sprint("18", n), Version: "12.2", LicensedVersion: "12.2", Maintenance: "2027-12-31",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-15", Expires: "2026-12-13", GraceUntil: "2026-12-25", Offered: true, Markers: []string{"online"},
		Plans: []licence.LicenceLine{{Plan: "sales-premium", Module: "ten-sales", Description: "Sales Premium", Total: 10, NewTotal: &offered, InUse: 9}},
	}
}

// done does an effect by saying that it is done.
func done(_ context.Context, _ licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	return nil, licence.Result{Effect: e, Outcome: "done"}, nil
}

// by is an executor of mails: they are taken, and then handed over, as whoever sends mails does it.
func by(now func() time.Time, send func(ctx context.Context, e licence.Effect) error) engine.Executor {
	return func(ctx context.Context, _ licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		if e.Sending.IsZero() {
			e.Sending = now()
			return nil, licence.Result{Effect: e, Outcome: "sending", Address: e.Address}, nil
		}
		if err := send(ctx, e); err != nil {
			return nil, licence.Result{Effect: e, Outcome: "uncertain", Address: e.Address, Mail: e.ID}, nil
		}
		return nil, licence.Result{Effect: e, Outcome: "sent", Address: e.Address, Mail: e.ID}, nil
	}
}
