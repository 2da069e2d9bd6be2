package licence

import "testing"

func TestBankingDays(t *testing.T) {
	se, no, none := NewCalendar("Europe/Stockholm", ""), NewCalendar("Europe/Oslo", ""), NewCalendar("UTC", "")
	for _, c := range []struct {
		cal  Calendar
		free []Date
		open []Date
	}{
		{se, []Date{"2026-12-12", "2026-12-13", "2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01", "2027-01-06", "2027-03-26", "2027-03-29", "2027-05-06", "2028-06-06", "2026-06-19", "2027-06-25"},
			[]Date{"2026-12-23", "2026-12-28", "2027-01-05", "2027-03-25", "2027-06-24", "2027-06-28", "2027-05-17"}},
		{no, []Date{"2027-03-25", "2027-03-26", "2027-03-29", "2027-05-06", "2027-05-17", "2028-06-05", "2026-12-25"},
			[]Date{"2027-01-06", "2027-06-25", "2028-06-06"}},
		{none, []Date{"2026-12-26", "2026-12-25", "2027-01-01"}, []Date{"2026-12-24", "2027-03-26"}},
	} {
		for _, d := range c.free {
			if c.cal.Banking(d) {
				t.Errorf("banks work on %s in %q", d, c.cal.Country)
			}
		}
		for _, d := range c.open {
			if !c.cal.Banking(d) {
				t.Errorf("banks do not work on %s in %q", d, c.cal.Country)
			}
		}
	}
}
