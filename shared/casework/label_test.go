package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// TestVersionIsNeverCoveredByNothing: what cannot be compared is unknown, and of the day on which
// it was built the newest telling counts.
func TestVersionIsNeverCoveredByNothing(t *testing.T) {
	onsite := wFjord()
	onsite.Installations[0].Hosting = "onsite"
	for _, c := range []struct {
		version, licensed string
		maintenance       licence.Date
		released          []licence.Date // told by the installation, then by the licence
		answer, say       string
	}{
		{"the newest", "8.5", "", nil, diagnosis.Unknown, "label"}, {"2024.1", "10.3", "2026-12-31", nil, diagnosis.Unknown, "label"},
		{"9.1", "8.5", "", nil, diagnosis.Holds, "version"}, {"10.3", "10.3", "2026-09-30", nil, diagnosis.Fails, "covered"},
		{"10.3", "", "2026-09-30", nil, diagnosis.Fails, "undated"}, {"10.3", "", "2026-09-30", []licence.Date{"2026-08-01"}, diagnosis.Fails, "covered"},
		{"10.3", "10.3", "2026-09-30", []licence.Date{"2026-02-01", "2026-11-01"}, diagnosis.Holds, "released"},
		{"10.3", "10.3", "2026-09-30", []licence.Date{"2026-11-01", "2026-02-01"}, diagnosis.Fails, "covered"},
		{"2026.3", "10.3", "2026-09-30", []licence.Date{"2026-11-01"}, diagnosis.Holds, "released"},
	} {
		w := newWorld(t, "2026-11-24 09:00", onsite)
		if len(c.released) > 0 {
			w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Released: licence.Some(c.released[0])})
		}
		l := wLicence(wLine("sales-premium", 10, -1, 9))
		l.Version, l.LicensedVersion, l.Maintenance = c.version, c.licensed, c.maintenance
		if len(c.released) > 1 {
			l.Released = c.released[1]
		}
		w.tell(l)
		var v diagnosis.Verdict
		for _, x := range diagnosis.RunRules(diagnosis.NewReading(w.s, w.now, w.now), diagnosis.Rules) {
			if x.Code == "version-not-covered" {
				v = x
			}
		}
		if v.Answer != c.answer || v.Say != c.say {
			t.Errorf("%+v: %s %s", c, v.Answer, v.Say)
		}
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
			a := wFjord()
			a.Timezone = c.zone
			k := licence.Known{}
			k, _, _ = k.Fold(licence.Fact{ID: "a", At: wTime("2026-10-01 08:00"), Payload: a}, nil)
			for i, at := range c.at {
				k, _, _ = k.Fold(licence.Fact{ID: "l" + string(rune('0'+i)), At: wInstant(t, at), Payload: licence.LoginWarned{CustID: "Cust9001", User: licence.LoginUser{ID: "7"}}}, nil)
			}
			now := wInstant(t, "2026-11-30T09:00:00Z")
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

func wInstant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
