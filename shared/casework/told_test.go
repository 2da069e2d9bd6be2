package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// What nobody can read counts for thirty days; at risk for seven from the later of the telling
// and the beginning of risk, and never for more than thirty.
func TestTold(t *testing.T) {
	at := func(l licence.LicenceReported, warns, expires, grace licence.Date) licence.LicenceReported {
		l.AdminWarning, l.Expires, l.GraceUntil = warns, expires, grace
		return l
	}
	near := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	fine := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	for _, c := range []struct {
		name, told, end string
		l               licence.LicenceReported
		more            []toldAt
	}{
		{"not at risk", "2026-11-24 09:00", "2026-12-24 09:00", fine, nil},
		{"at risk", "2026-11-24 09:00", "2026-12-01 09:00", near, nil},
		{"risk begins later", "2026-11-01 09:00", "2026-11-20 00:00", near, nil},
		{"risk begins late", "2026-11-01 09:00", "2026-12-01 09:00", at(near, "2026-12-15", "2026-12-28", "2027-01-09"), nil},
		{"the warning begins the risk", "2026-11-01 09:00", "2026-11-17 00:00", at(near, "2026-11-10", "2027-02-28", "2027-03-09"), nil},
		{"no end is known", "2026-11-01 09:00", "2026-12-01 09:00", at(near, "", "", ""), nil},
		{"a login begins the risk", "2026-11-01 09:00", "2026-11-17 10:00", at(near, "2027-02-10", "2027-02-28", "2027-03-09"), []toldAt{
			{"2026-11-10 10:00", warnedUser("eva", nil)}, {"2026-11-12 10:00", warnedUser("eva", nil)}, {"2026-11-16 10:00", warnedUser("bo", nil)},
		}},
		{"a login that is about no lapse", "2026-11-24 09:00", "2026-12-24 09:00", fine, []toldAt{{"2026-11-25 10:00", warnedLogin("Cust12345", "eva", 292)}}},
		{"a login says otherwise", "2026-11-24 09:00", "2026-11-25 10:00", fine, []toldAt{{"2026-11-25 10:00", warnedLogin("Cust12345", "eva", 5)}}},
		{"checked by whoever tells of it", "2026-11-24 09:00", "2026-11-28 09:00", fine, []toldAt{{"2026-11-25 09:00", licence.SourceChecked{Of: "licence", CustID: "Cust12345"}}}},
		{"the same at risk", "2026-11-24 09:00", "2026-11-26 11:00", near, []toldAt{{"2026-11-25 09:00", licence.SourceChecked{Of: "licence", CustID: "Cust12345"}}}},
		{"checked is another source", "2026-11-24 09:00", "2026-12-24 09:00", fine, []toldAt{{"2026-11-25 09:00", licence.SourceChecked{Of: "users", CustID: "Cust12345"}}}},
		{"what can be read", "2026-11-24 09:00", "2026-11-27 09:00", fine, []toldAt{{"2026-11-24 09:00", licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence"})}}}},
		{"the same at risk", "2026-11-24 09:00", "2026-11-25 11:00", near, []toldAt{{"2026-11-24 09:00", licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence"})}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := fjord()
			a.Installations = a.Installations[:1]
			w := newWorld(t, c.told, a)
			w.tell(c.l)
			for _, f := range c.more {
				w.until(stockholm(f.at))
				w.tell(f.p)
			}
			fresh := func(now time.Time) bool { return diagnosis.NewReading(w.s, now, now).Worst().Fresh }
			end := stockholm(c.end)
			if last := end.Add(-time.Second); last.After(w.now) && !fresh(last) {
				t.Errorf("it does not count at %s", last.In(stockholmZone))
			}
			if fresh(end) {
				t.Errorf("it counts at %s", end.In(stockholmZone))
			}
			// A later instant is asked about on the facts of now.
			if r := diagnosis.NewReading(w.s, w.now, w.now.AddDate(1, 0, 0)); r.Worst().Fresh != fresh(w.now) {
				t.Error("freshness is judged at the instant asked about")
			}
		})
	}
}

// warnedUser is a login in production that says so many days, or none.
func warnedUser(user string, left *int) licence.LoginWarned {
	l := warnedLogin("Cust12345", user, 0)
	l.DaysLeft = left
	return l
}

// A login lifts the phase where it says more than the licence that was told, and nothing else.
func TestPhaseOfALogin(t *testing.T) {
	left := func(n int) *int { return &n }
	fine := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	grace := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	grace.NextCheck, grace.AdminWarning, grace.Expires, grace.GraceUntil = "2026-11-10", "2026-10-21", "2026-11-18", "2026-11-30"
	soon := lapsingLicence(licenceLine("sales-premium", 10, -1, 9)) // warns from the 28th, expires on 13 December
	undated := fine
	undated.NextCheck, undated.AdminWarning, undated.Expires, undated.GraceUntil = "", "", "", ""
	endless := undated
	endless.Expires = licence.Never
	for _, c := range []struct {
		name    string
		l       *licence.LicenceReported
		ago     time.Duration // of the licence
		left    *int
		phase   licence.LapsePhase
		expires licence.Date
	}{
		{"nothing else was told", nil, 0, left(12), diagnosis.PhaseWarning, "2026-12-06"},
		{"nothing else, and no days", nil, 0, nil, diagnosis.PhaseWarning, ""},
		{"nothing else, and it has ended, nobody says when", nil, 0, left(0), diagnosis.PhaseGrace, ""},
		{"nothing else, and no lapse", nil, 0, left(31), diagnosis.PhaseUnknown, ""},
		{"no dates", &undated, time.Hour, left(12), diagnosis.PhaseWarning, "2026-12-06"},
		{"a fine licence, and no days", &fine, time.Hour, nil, diagnosis.PhaseWarning, "2027-09-13"},
		{"a fine licence, and 5 days", &fine, time.Hour, left(5), diagnosis.PhaseWarning, "2026-11-29"},
		{"a fine licence, and none", &fine, time.Hour, left(0), diagnosis.PhaseGrace, ""},
		{"a licence without end, and 12 days", &endless, time.Hour, left(12), diagnosis.PhaseWarning, "2026-12-06"},
		{"a licence without end, and no days", &endless, time.Hour, nil, diagnosis.PhaseWarning, ""},
		{"a fine licence agrees", &fine, time.Hour, left(293), diagnosis.PhaseOK, "2027-09-13"},
		{"a fine licence, another count above 30", &fine, time.Hour, left(100), diagnosis.PhaseUnknown, "2027-03-04"},
		{"near, and agrees", &soon, time.Hour, left(19), diagnosis.PhaseOK, "2026-12-13"},
		{"near, within two days", &soon, time.Hour, left(17), diagnosis.PhaseOK, "2026-12-13"},
		{"near, three days off", &soon, time.Hour, left(16), diagnosis.PhaseWarning, "2026-12-10"},
		{"near, too old to agree", &soon, 8 * licence.Day, left(19), diagnosis.PhaseWarning, "2026-12-13"},
		{"grace, told 20 hours ago", &grace, 20 * time.Hour, left(0), diagnosis.PhaseGrace, "2026-11-18"},
		{"grace, told 80 hours ago", &grace, 80 * time.Hour, left(0), diagnosis.PhaseGrace, "2026-11-18"},
		{"grace, and told anew", &grace, time.Hour, left(20), diagnosis.PhaseWarning, "2026-12-14"},
		{"grace, and no lapse", &grace, time.Hour, left(385), diagnosis.PhaseUnknown, "2027-12-14"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-24 09:00", fjord())
			if c.l != nil {
				w.told(w.now.Add(-c.ago), "licence", *c.l)
			}
			w.told(w.now.Add(-time.Minute), "login", warnedUser("eva", c.left))
			w.phase(c.phase)
			s := diagnosis.NewReading(w.s, w.now, w.now).Worst()
			if s.ExpiresOn != c.expires {
				t.Errorf("expires on %s, want %s", s.ExpiresOn, c.expires)
			}
			if belied := c.left != nil && c.l != nil && c.l.Expires != "" && c.expires != c.l.Expires; belied && s.Fresh {
				t.Error("what the login belies counts all the same")
			}
			if c.phase != diagnosis.PhaseOK && !s.Lifted && w.diagnosis().Summary == "ok" {
				t.Error("all is well, though the phase is", c.phase)
			}
			// It lasts until a newer licence is told, and for fourteen days at most.
			w.until(w.now.Add(licence.Decay))
			if s := diagnosis.NewReading(w.s, w.now, w.now).Worst(); s.Warned || s.Lifted {
				t.Error("the login is not forgotten")
			}
		})
	}
}

// Where no licence date is known at all, all is not well, whatever else is known.
func TestNoDateIsNeverWell(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "", "", "", ""
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(l)
	w.phase(diagnosis.PhaseUnknown)
	w.summary("unknown")
	w.until(w.now.Add(time.Hour))
	w.tell(warnedUser("eva", nil))
	w.phase(diagnosis.PhaseWarning)
	w.summary("unknown")
}

// What can be read and never was is tried until a read succeeds, ever less often.
func TestReadUntilOneSucceeds(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence"})})
	w.until(w.now.Add(12 * time.Hour))
	tries := w.read
	if tries < 6 || tries > 12 { // of which one is the trial's
		t.Errorf("%d reads in twelve hours", tries)
	}
	w.reads = func(cust string) []licence.Payload {
		if cust == "cust12345" {
			return []licence.Payload{soundLicence(licenceLine("sales-premium", 10, -1, 9))}
		}
		return nil
	}
	w.until(w.now.Add(7 * time.Hour))
	w.phase(diagnosis.PhaseOK)
}

// Nobody is mailed of a server's version on facts that have passed their time.
func TestNoMailBeyondTold(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[:1]
	a.Installations[0].Hosting = "onsite"
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.Version, l.LicensedVersion = "9.1", "8.5"
	for _, c := range []struct {
		told string
		want int
	}{{"2026-11-24 09:00", 1}, {"2026-11-16 09:00", 0}} {
		w := newWorld(t, "2026-11-24 10:00", a)
		w.told(stockholm(c.told), "licence", l)
		w.until(stockholm("2026-11-25 12:00"))
		w.finding("version-not-covered", "open")
		if n := len(w.about("version-not-covered")); n != c.want {
			t.Errorf("told %s: %d mails, want %d", c.told, n, c.want)
		}
	}
}
