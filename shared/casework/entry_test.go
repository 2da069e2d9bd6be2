package casework

import (
	"testing"

	"seatmend/shared/licence"
)

// What a list and the figures show of an account lies in its entry: whose it is, when somebody last
// heard or said something, what is to come, and each finding with its days.
func TestEntry(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), licence.CaseAssigned{To: "Nora Dahl", By: "Ola Moe"})
	w.halfHour()
	c, _ := Tick(w.s, w.now)
	e := c.Entry
	if e.Assigned != "Nora Dahl" || e.CustID != "Cust12345" || e.Hosting != "online" || e.Lang != "sv" {
		t.Errorf("%+v", e)
	}
	if len(e.Found) == 0 || e.Found[len(e.Found)-1].Code != "surplus" && e.Found[0].Code != "surplus" {
		t.Fatalf("found %+v", e.Found)
	}
	for _, f := range e.Found {
		if f.Code == "surplus" && (f.Seats != 2 || f.To != "" || f.Owner != licence.Admin) {
			t.Errorf("the surplus stands as %+v", f)
		}
	}
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 7)))
	w.halfHour()
	c, _ = Tick(w.s, w.now)
	for _, f := range c.Entry.Found {
		if f.Code == "surplus" && (f.To != "2026-11-30" || f.Seats != 2) {
			t.Errorf("the surplus ended as %+v", f)
		}
	}
}
