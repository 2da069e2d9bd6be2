package engine_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
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

// A busy is a store at which somebody tells of the account each time that its state is read alone.
type busy struct {
	*memory.Store
	told func()
}

func (b busy) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	l, err := b.Store.Load(ctx, account, w)
	if w.Fact == "" && b.told != nil {
		go b.told()
		synctest.Wait() // until that is written, or waits for its turn
	}
	return l, err
}

// TestTimePassesForWhoIsToldMuch: what falls due of an account is not put off by what is told of it all the time.
func TestTimePassesForWhoIsToldMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := morning
		now := func() time.Time { return at }
		db := &busy{Store: memory.New(now)}
		e := hand(db, now)
		tell(t, e, "C-1", ago(60), account(1))
		tell(t, e, "C-1", ago(50), report(1))
		at = at.Add(time.Hour)
		n := 0
		db.told = func() {
			n++
			tell(t, e, "C-1", at.Add(-time.Hour+time.Duration(n)*time.Second), report(1))
		}
		if err := e.Tick(t.Context(), "C-1"); err != nil {
			t.Errorf("after %d tellings: %v", n, err)
		}
		synctest.Wait()
		l, err := db.Store.Load(t.Context(), "C-1", store.Want{})
		if err != nil || len(l.State.History.Pending) == 0 {
			t.Errorf("nothing is owed that was due: %v", err)
		}
	})
}
