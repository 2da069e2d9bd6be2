package casework

import (
	"slices"
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Trial-ending: a trial that has no production installation beside it ends.

func TestTrialEnding(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[1:]
	l := lapsingLicence(licenceLine("sales-premium", 5, -1, 1))
	l.CustID, l.Serial, l.Markers, l.Expires, l.GraceUntil, l.AdminWarning = "Cust9001", "1801550010", []string{"freetrial"}, "2026-12-13", "", ""
	w := newWorld(t, "2026-11-24 09:00", a)
	w.tell(l)
	w.passed("trial-ending")
	if up := w.diagnosis().Upcoming; len(up) != 1 || up[0].Code != "trial-ending" || !up[0].Starts.Equal(stockholm("2026-11-29 00:00")) {
		t.Errorf("upcoming %q", codesOf(up))
	}
	w.live(5 * licence.Day)
	f := w.finding("trial-ending", "open")
	if f.Owner != licence.Sales || f.Deadline.At != "2026-12-13" {
		t.Errorf("got %s %+v", f.Owner, f.Deadline)
	}
	w.wantTask("trial-ending", licence.Sales)
	w.absent("wrong-installation")
	w.live(20 * licence.Day)
	w.quiet() // it is marketing
	// A warned login is enough; a production installation ends it.
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(warnedLogin("Cust9001", "eva", 40))
	w.finding("trial-ending", "open")
	w.tell(fjord())
	w.absent("trial-ending")
	if d := w.diagnosis(); slices.ContainsFunc(d.Passed, func(f diagnosis.Finding) bool { return f.Code == "trial-ending" }) {
		t.Error("with a production installation the rule does not apply")
	}
}
