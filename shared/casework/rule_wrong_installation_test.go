package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Wrong-installation: people work in the trial or the sandbox, and are warned there.

func TestQ10TrialConverted(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	l.CustID, l.Serial = "Cust9001", "1801550010"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-20 10:00", warnedLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", warnedLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", warnedLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("wrong-installation")
		if f := w.passed("wrong-installation"); f.Say != "converted" {
			t.Errorf("says %s", f.Say)
		}
		w.quiet()
	})
}

func TestQ11Sandbox(t *testing.T) {
	a := fjord()
	a.Installations[1].Kind = "sandbox"
	inAnyOrder(t, "2026-11-24 09:00", a, []toldAt{
		{"2026-11-20 10:00", warnedLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", warnedLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", warnedLogin("Cust9001", "siv", 10)},
		{"2026-11-23 10:00", warnedLogin("Cust9001", "kim", 10)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Say != "sandbox" || f.Severity != "low" || f.Owner != licence.EndUser {
			t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
		}
		w.summary("ok")
		w.quiet()
	})
}

func TestQ12TrialKeptOnPurpose(t *testing.T) {
	a := fjord()
	a.Installations[1].KeepUntil = "2027-03-01"
	inAnyOrder(t, "2026-11-24 09:00", a, []toldAt{
		{"2026-11-20 10:00", warnedLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", warnedLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", warnedLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.finding("wrong-installation", "answered")
		w.wantTask("wrong-installation", "")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ30OneUserInTheTrialOnce(t *testing.T) {
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-11-23 10:00", warnedLogin("Cust9001", "eva", 12)},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Owner != licence.EndUser || f.Severity != "low" || !f.Explains {
			t.Errorf("got %s %s %v", f.Owner, f.Severity, f.Explains)
		}
		w.wantTask("wrong-installation", "")
		w.summary("ok")
		w.quiet()
	})
}

func TestF12WorkInTheTrial(t *testing.T) {
	trial := lapsingLicence(licenceLine("sales-premium", 5, -1, 3))
	trial.CustID, trial.Serial, trial.Markers = "Cust9001", "1801550010", []string{"freetrial", "online"}
	trial.Expires, trial.GraceUntil = "2026-12-05", ""
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-11-20 10:00", warnedLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", warnedLogin("Cust9001", "ola", 11)},
		{"2026-11-23 10:00", warnedLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", trial},
		{"2026-11-24 06:00", soundLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Owner != licence.Admin || f.Severity != "medium" || f.Args["users"] != 3 {
			t.Errorf("got %s %s %v", f.Owner, f.Severity, f.Args)
		}
		if f.Deadline.At != "2026-12-05" || f.Deadline.ActBy != "2026-12-04" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		if right := f.Args["right"].([]string); !slices.Equal(right, []string{"https://online2.superoffice.example/Cust12345"}) {
			t.Errorf("names %v", right)
		}
		w.phase("ok") // a dead trial does not make the customer expired
	}, func(w *world) {
		w.sent("wrong-installation", 1, "anna@fjord.example")
	})
}

func TestWrongInstallation(t *testing.T) {
	// Three different days of one user are enough, and 14 days without another end it.
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	for i := range 3 {
		w.told(stockholm("2026-11-20 10:00").AddDate(0, 0, i), fmt.Sprint("login", i), warnedLogin("Cust9001", "eva", 12))
	}
	if f := w.finding("wrong-installation", "open"); f.Owner != licence.Admin || f.Args["users"] != 1 || f.Args["days"] != 3 {
		t.Errorf("got %s %v", f.Owner, f.Args)
	}
	w.halfHour()
	w.sent("wrong-installation", 1, "anna@fjord.example")
	w.live(5 * licence.Day)
	if f := w.finding("wrong-installation", "open"); f.Owner != licence.EndUser {
		t.Errorf("owner %s: not three days within seven any more", f.Owner)
	}
	w.until(stockholm("2026-12-06 09:59"))
	w.finding("wrong-installation", "open")
	w.until(stockholm("2026-12-06 10:01"))
	w.passed("wrong-installation")
	w.wantTask("wrong-installation", "")
	// Two productions: both are named.
	a := fjord()
	a.Installations = append(a.Installations, licence.Installation{CustID: "Cust777", Serial: "7", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust777"})
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(warnedLogin("Cust9001", "eva", 12))
	f := w.finding("wrong-installation", "open")
	if right := f.Args["right"].([]string); len(right) != 2 || f.Args["several"] != true {
		t.Errorf("names %v", right)
	}
	// Closed: over. None at all: not this rule's.
	a.Installations[1].ClosedAt = "2026-11-24"
	w.tell(a)
	w.absent("wrong-installation")
	a = fjord()
	a.Installations = a.Installations[1:]
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(warnedLogin("Cust9001", "eva", 12))
	w.absent("wrong-installation")
	if d := w.diagnosis(); !d.Trial {
		t.Error("the phase is the trial's")
	}
}

// TestDaysOfWarnedLogins: days are civil ones in the customer's zone, and a UTC day holds parts of two.
func TestDaysOfWarnedLogins(t *testing.T) {
	for _, c := range []struct {
		zone  string
		at    []string
		days  int
		owner licence.Role
	}{
		{"Pacific/Auckland", []string{"2026-11-28T19:30:00Z", "2026-11-29T04:00:00Z", "2026-11-29T19:30:00Z", "2026-11-30T04:00:00Z"}, 2, licence.EndUser},
		{"Pacific/Auckland", []string{"2026-11-28T04:00:00Z", "2026-11-28T19:30:00Z", "2026-11-29T19:30:00Z"}, 3, licence.Admin},
		{"America/Los_Angeles", []string{"2026-11-28T17:00:00Z", "2026-11-29T01:00:00Z", "2026-11-29T17:00:00Z"}, 2, licence.EndUser},
		{"Europe/Stockholm", []string{"2026-11-27T22:30:00Z", "2026-11-27T23:30:00Z", "2026-11-29T07:00:00Z"}, 3, licence.Admin},
	} {
		for range 2 { // in either order of arrival
			a := fjord()
			a.Timezone = c.zone
			k := licence.Known{}
			k, _, _ = k.Fold(licence.Fact{ID: "a", At: stockholm("2026-10-01 08:00"), Payload: a}, nil)
			for i, at := range c.at {
				k, _, _ = k.Fold(licence.Fact{ID: "l" + string(rune('0'+i)), At: instant(t, at), Payload: licence.LoginWarned{CustID: "Cust9001", User: licence.LoginUser{ID: "7"}}}, nil)
			}
			now := instant(t, "2026-11-30T09:00:00Z")
			var v diagnosis.Verdict
			for _, x := range diagnosis.RunRules(diagnosis.NewReading(licence.State{Account: a.Account, Known: k}, now, now), diagnosis.Rules) {
				if x.Code == "wrong-installation" && x.Answer == diagnosis.Holds {
					v = x
				}
			}
			if v.Args["days"] != c.days || v.Owner != c.owner {
				t.Errorf("%s %v: %v days, %s", c.zone, c.at, v.Args["days"], v.Owner)
			}
			for i, j := 0, len(c.at)-1; i < j; i, j = i+1, j-1 {
				c.at[i], c.at[j] = c.at[j], c.at[i]
			}
		}
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
