package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// said is a statement about the installation of the fixtures.
func said(offer string, expires licence.Date, inUse int) licence.LicenceStated {
	return licence.LicenceStated{CustID: "Cust12345", By: "Anna Berg", Offer: offer, Expires: expires, InUse: map[string]int{"sales-premium": inUse}}
}

// What a person read off a screen counts a quarter of an hour after it was said, in whatever order and
// however often it arrives: not what was taken back, not what was said before something else, and
// not what is older than what was told meanwhile.
func TestAStatementCounts(t *testing.T) {
	waits, active, back := said(licence.Waits, "2026-12-13", 7), said(licence.Active, "2027-12-13", 7), licence.LicenceStated{CustID: "Cust12345", By: "Anna Berg"}
	pushed := lapsingLicence(licenceLine("sales-premium", 10, 7, 8))
	type fact struct {
		after time.Duration
		p     licence.Payload
	}
	for name, c := range map[string]struct {
		facts  []fact
		counts time.Duration // from when; 0: never
		inUse  int
		by     string
	}{
		"said":                 {[]fact{{0, waits}}, 15 * time.Minute, 7, "Anna Berg"},
		"taken back":           {[]fact{{0, waits}, {14 * time.Minute, back}}, 0, 9, ""},
		"taken back too late":  {[]fact{{0, waits}, {16 * time.Minute, back}}, 15 * time.Minute, 7, "Anna Berg"},
		"said anew":            {[]fact{{0, waits}, {10 * time.Minute, active}}, 25 * time.Minute, 7, "Anna Berg"},
		"told meanwhile":       {[]fact{{0, waits}, {10 * time.Minute, pushed}}, 0, 8, ""},
		"taken back, and said": {[]fact{{0, waits}, {5 * time.Minute, back}, {6 * time.Minute, waits}}, 21 * time.Minute, 7, "Anna Berg"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, turned := range []bool{false, true} {
				a := fjord()
				a.Installations = a.Installations[:1]
				w := newWorld(t, "2026-11-24 09:00", a)
				w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
				w.until(w.now.Add(time.Hour))
				from := w.now
				list := slices.Clone(c.facts)
				if turned { // all at the end of the wait, the last first, each twice
					if c.facts[len(c.facts)-1].after > 15*time.Minute {
						continue // meanwhile it would have counted
					}
					slices.Reverse(list)
					list = append(list, list...)
					w.until(from.Add(14 * time.Minute))
				}
				report := func() licence.LicenceReported { return w.s.Known.Inst("Cust12345").Report.Value }
				for _, f := range list {
					if at := from.Add(f.after); at.After(w.now) && !turned {
						w.until(at)
					}
					w.told(from.Add(f.after), f.after.String(), f.p)
				}
				if c.counts > 0 && w.now.Before(from.Add(c.counts)) {
					w.until(from.Add(c.counts - time.Second))
					if report().StatedBy != "" {
						t.Errorf("turned %v: it counts before its time: %+v", turned, report())
					}
				}
				w.until(from.Add(time.Hour))
				if l := report(); l.StatedBy != c.by || l.Plans[0].InUse != c.inUse {
					t.Errorf("turned %v: by %q, %d in use; want %q, %d", turned, l.StatedBy, l.Plans[0].InUse, c.by, c.inUse)
				}
				for _, e := range w.s.History.Pending {
					if e.Kind == licence.Count {
						t.Errorf("turned %v: still owed: %+v", turned, e)
					}
				}
			}
		})
	}
}

// What stands is supposed on the page alone: what is known, found and mailed is as before.
func TestAStatementIsSupposed(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[:1]
	w := newWorld(t, "2026-11-24 09:00", a)
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.until(w.now.Add(5 * time.Minute))
	w.tell(said(licence.Active, "2027-12-13", 7))
	if l := w.s.Known.Inst("Cust12345").Report.Value; l.Expires != "2026-12-13" || !l.Offered {
		t.Errorf("it counts at once: %+v", l)
	}
	s := Supposed(w.s, w.now)
	if l := s.Known.Inst("Cust12345").Report.Value; l.Expires != "2027-12-13" || l.Offered || l.Plans[0].Total != 7 || l.StatedBy != "Anna Berg" {
		t.Errorf("supposed is %+v", l)
	}
	if since, changed := diagnosis.Renewed(s, "Cust12345", w.now); since.IsZero() || len(changed) != 1 {
		t.Errorf("renewed %v %v", since, changed)
	}
	mails := len(w.mails)
	w.until(w.s.Known.Inst("Cust12345").Said.Counts().Add(-time.Second))
	if len(w.mails) != mails {
		t.Errorf("%d mails rest on what can be taken back, or on what it belies", len(w.mails)-mails)
	}
}
