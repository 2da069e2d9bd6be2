package casework

import (
	"slices"
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
	c := Tick(w.s, w.now)
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
	c = Tick(w.s, w.now)
	for _, f := range c.Entry.Found {
		if f.Code == "surplus" && (f.To != "2026-11-30" || f.Seats != 2) {
			t.Errorf("the surplus ended as %+v", f)
		}
	}
}

// Where the figures have become too old to count, a list goes on by the day that was last known, says of which day the
// figures are, and the case waits for support, who asks for new ones.
func TestEntryOfOldFigures(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[:1]
	w := newWorld(t, "2026-11-24 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	was := Tick(w.s, w.now)
	if was.Entry.ActBy != "2026-12-11" || was.Entry.AsOf != "" || was.Entry.Due() != was.Entry.ActBy {
		t.Fatalf("while they count: %+v", was.Entry)
	}
	w.until(stockholm("2026-12-03 09:00"))
	c := Tick(w.s, w.now)
	e := c.Entry
	if e.Figures == "" || e.ActBy != was.Entry.ActBy || e.AsOf != "2026-11-24" || !slices.Contains(e.Owners, licence.Support) || e.Place() != was.Entry.Place() {
		t.Errorf("when they do not: %+v", e)
	}
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 7)))
	if c = Tick(w.s, w.now); c.Entry.AsOf != "" || slices.Contains(c.Entry.Codes, licence.Surplus) {
		t.Errorf("when new ones are told: %+v", c.Entry)
	}
	if found := (licence.Entry{Account: "C-1", Summary: licence.AllWell, Codes: []licence.Code{licence.WrongInstallation}, ActBy: "2026-12-01"}); found.Place() <= e.Place() {
		t.Errorf("what is in order stands before what is not: %q", found.Place())
	}
}
