package licence

import (
	"testing"
	"time"
)

// TestVersionLabels: the number is found inside the label; where two cannot be compared, nothing
// is said of which is newer.
func TestVersionLabels(t *testing.T) {
	for _, c := range []struct {
		runs, than string
		newer      bool
		known      bool
	}{
		{"SuperOffice 9.1", "8.5", true, true}, {"9.1 R02", "8.5 R11", true, true}, {"10.1", "9.9", true, true}, {"8.5 R11", "8.5", false, true},
		{"SuperOffice 11.10 Release_11.10_2026.3", "10.5", true, true}, {"Release 9.1", "9.5", false, true}, {"v10.3", "V9", true, true},
		{"SuperOffice CRM7", "8.5", false, true}, {"SuperOffice CRM 8.5 SR2", "7.5", true, true}, {"R11 8.5", "8.5", false, true}, {"SR 1 (9.2)", "8.5", true, true},
		{"9.2.8060.1530", "8.5", true, true}, {"10", "9", true, true}, {"build 8060, 9.2", "10.1", false, true}, {"11.10 (2026.3)", "2025.1", false, false},
		{"2025.1", "2024.4", true, true}, {"2024.1", "10.3", false, false}, {"10.3", "2024.1", false, false},
		{"unknown", "8.5", false, false}, {"9.1", "the latest", false, false}, {"R02", "8.5", false, false}, {"", "", false, false},
		{"99999999999999999999.1", "8.5", false, false},
	} {
		is, known := newer(c.runs, c.than)
		if known != c.known || known && is != c.newer {
			t.Errorf("%q against %q: newer %v, known %v", c.runs, c.than, is, known)
		}
	}
}

// TestVersionIsNeverCoveredByNothing: what cannot be compared is unknown, and of the day on which
// it was built the newest telling counts.
func TestVersionIsNeverCoveredByNothing(t *testing.T) {
	onsite := wFjord()
	onsite.Installations[0].Hosting = "onsite"
	for _, c := range []struct {
		version, licensed string
		maintenance       Date
		released          []Date // told by the installation, then by the licence
		answer, say       string
	}{
		{"the newest", "8.5", "", nil, Unknown, "label"}, {"2024.1", "10.3", "2026-12-31", nil, Unknown, "label"},
		{"9.1", "8.5", "", nil, Holds, "version"}, {"10.3", "10.3", "2026-09-30", nil, Fails, "covered"},
		{"10.3", "", "2026-09-30", nil, Fails, "undated"}, {"10.3", "", "2026-09-30", []Date{"2026-08-01"}, Fails, "covered"},
		{"10.3", "10.3", "2026-09-30", []Date{"2026-02-01", "2026-11-01"}, Holds, "released"},
		{"10.3", "10.3", "2026-09-30", []Date{"2026-11-01", "2026-02-01"}, Fails, "covered"},
		{"2026.3", "10.3", "2026-09-30", []Date{"2026-11-01"}, Holds, "released"},
	} {
		w := newWorld(t, "2026-11-24 09:00", onsite)
		if len(c.released) > 0 {
			w.tell(InstallationReported{CustID: "Cust12345", State: "running", Released: Some(c.released[0])})
		}
		l := wLicence(wLine("sales-premium", 10, -1, 9))
		l.Version, l.LicensedVersion, l.Maintenance = c.version, c.licensed, c.maintenance
		if len(c.released) > 1 {
			l.Released = c.released[1]
		}
		w.tell(l)
		var v Verdict
		for _, x := range examine(NewReading(w.s, w.now, w.now), Rules) {
			if x.Code == "version-not-covered" {
				v = x
			}
		}
		if v.Answer != c.answer || v.Say != c.say {
			t.Errorf("%+v: %s %s", c, v.Answer, v.Say)
		}
	}
}

func TestNamesLookTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"\u00c4ngelholm", "A\u0308ngelholm", true}, {"Fjord  Foods AB", "Fjord Foods AB", true}, {" Fjord Foods AB\u00a0", "fjord foods ab", true},
		{"Gießerei GmbH", "GIESSEREI GmbH", true}, {"Fjord Foods ＡＢ", "Fjord Foods AB", true}, {"Fjord\u00ad Foods\tAB", "Fjord Foods AB", true},
		{"ﬁne", "fine", true}, {"Fjord Foods AB", "Fjord Foods Aktiebolag", false}, {"Fjord Foods", "FjordFoods", false}, {"Åse", "Ase", false},
	} {
		if sameName(c.a, c.b) != c.same {
			t.Errorf("%q and %q: same %v", c.a, c.b, !c.same)
		}
	}
}

// TestDaysOfWarnedLogins: days are civil ones in the customer's zone, and a UTC day holds parts of two.
func TestDaysOfWarnedLogins(t *testing.T) {
	for _, c := range []struct {
		zone  string
		at    []string
		days  int
		owner Role
	}{
		{"Pacific/Auckland", []string{"2026-11-28T19:30:00Z", "2026-11-29T04:00:00Z", "2026-11-29T19:30:00Z", "2026-11-30T04:00:00Z"}, 2, EndUser},
		{"Pacific/Auckland", []string{"2026-11-28T04:00:00Z", "2026-11-28T19:30:00Z", "2026-11-29T19:30:00Z"}, 3, Admin},
		{"America/Los_Angeles", []string{"2026-11-28T17:00:00Z", "2026-11-29T01:00:00Z", "2026-11-29T17:00:00Z"}, 2, EndUser},
		{"Europe/Stockholm", []string{"2026-11-27T22:30:00Z", "2026-11-27T23:30:00Z", "2026-11-29T07:00:00Z"}, 3, Admin},
	} {
		for range 2 { // in either order of arrival
			a := wFjord()
			a.Timezone = c.zone
			k := Known{}
			k, _, _ = k.Fold(Fact{ID: "a", At: wTime("2026-10-01 08:00"), Payload: a}, nil)
			for i, at := range c.at {
				k, _, _ = k.Fold(Fact{ID: "l" + string(rune('0'+i)), At: wInstant(t, at), Payload: LoginWarned{CustID: "Cust9001", User: LoginUser{ID: "7"}}}, nil)
			}
			now := wInstant(t, "2026-11-30T09:00:00Z")
			var v Verdict
			for _, x := range examine(NewReading(State{Account: a.Account, Known: k}, now, now), Rules) {
				if x.Code == "wrong-installation" && x.Answer == Holds {
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

func wInstant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
