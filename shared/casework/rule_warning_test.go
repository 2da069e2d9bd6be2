package casework

import (
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// The warning that an installation says it shows, before anybody has logged in.

const itsWarning = "Your SuperOffice licence expires soon."

func shownIn(custID, text string) licence.WarningShown {
	return licence.WarningShown{CustID: custID, Text: text, NextCheck: "2026-11-30"}
}

// It lifts the phase as a warned login does: with the licence it was read with, until a read without it.
func TestPhaseOfAShownWarning(t *testing.T) {
	fine := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	for _, c := range []struct {
		name, text, licence, shown string
		phase                      licence.LapsePhase
	}{
		{"read together", itsWarning, "2026-11-24 06:00", "2026-11-24 06:00", diagnosis.PhaseWarning},
		{"the licence was read again, and it was not", itsWarning, "2026-11-24 06:00", "2026-11-23 06:00", diagnosis.PhaseOK},
		{"taken back", "", "2026-11-24 06:00", "2026-11-24 06:00", diagnosis.PhaseOK},
		{"about no lapse", "You have reached the limit of your plan", "2026-11-24 06:00", "2026-11-24 06:00", diagnosis.PhaseOK},
		{"a key is a text", "[SR_LICENSE_EXPIRED_GRACE]", "2026-11-24 06:00", "2026-11-24 06:00", diagnosis.PhaseWarning},
	} {
		t.Run(c.name, func(t *testing.T) {
			inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{{c.licence, fine}, {c.shown, shownIn("Cust12345", c.text)}}, nil, func(w *world) {
				w.phase(c.phase)
				if f := findingOf(w.diagnosis().Findings, "wrong-installation"); f != nil {
					t.Errorf("it counts for rule 3.5: %+v", f)
				}
				for _, b := range w.diagnosis().Besides {
					t.Errorf("it is what a message is made of: %v", b)
				}
			})
		})
	}
	later := newWorld(t, "2026-11-24 09:00", fjord())
	later.told(stockholm("2026-11-24 06:00"), "licence", fine)
	later.told(stockholm("2026-11-24 06:00"), "shown", shownIn("Cust12345", itsWarning))
	if got := diagnosis.NewReading(later.s, later.now, stockholm("2026-12-08 05:00")).Worst().Lifted; !got {
		t.Error("it is over within fourteen days")
	}
	if got := diagnosis.NewReading(later.s, later.now, stockholm("2026-12-08 07:00")).Worst().Lifted; got {
		t.Error("it lasts beyond fourteen days")
	}
}

// What explains a warning explains this one, and says so in SuperOffice's words; it never begins later for that.
func TestAShownWarningIsEvidence(t *testing.T) {
	early := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	early.AdminWarning = "2026-12-01"
	warned := func(text string) (f diagnosis.Finding) {
		w := newWorld(t, "2026-11-24 09:00", fjord())
		w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
		w.told(stockholm("2026-11-24 06:00"), "licence", early)
		w.told(stockholm("2026-11-24 06:00"), "shown", shownIn("Cust12345", text))
		return w.finding("surplus", "open")
	}
	shown, quiet := warned(itsWarning), warned("")
	if !shown.Explains || quiet.Explains || len(shown.Evidence) != len(quiet.Evidence)+1 {
		t.Fatalf("explains %v with %v, without %v", shown.Explains, shown.Evidence, quiet.Evidence)
	}
	last := shown.Evidence[len(shown.Evidence)-1]
	if last.Name != "warning" || last.Value != itsWarning {
		t.Errorf("evidence %+v", last)
	}
	if !shown.FirstSeen.Equal(quiet.FirstSeen) {
		t.Errorf("it began at %v, and at %v without the warning", shown.FirstSeen, quiet.FirstSeen)
	}
}

// Where nothing explains it, support hears, though nobody has logged in.
func TestAShownWarningIsUnexplained(t *testing.T) {
	fine := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	fine.NextCheck = "2026-11-20"
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.told(stockholm("2026-11-24 06:00"), "licence", fine)
	w.told(stockholm("2026-11-24 06:00"), "shown", shownIn("Cust12345", itsWarning))
	f := findingOf(w.diagnosis().Findings, "unexplained")
	if f == nil || !f.Explains {
		t.Fatalf("unexplained %+v", f)
	}
}
