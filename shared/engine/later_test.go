package engine_test

import (
	"encoding/json"
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
