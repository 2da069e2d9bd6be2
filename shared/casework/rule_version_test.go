package casework

import (
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Version-not-covered: a version runs that the licence does not cover.

func TestQ13MaintenanceEndedIsNoCause(t *testing.T) {
	a := fjord()
	a.Installations[0].Hosting = "onsite"
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	inAnyOrder(t, "2027-01-12 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2027-01-02 08:00", licenceInvoice("open", "2027-01-31", "", "2027-01-01", "2028-01-01")},
		{"2027-01-12 06:00", l},
	}, nil, func(w *world) {
		f := w.passed("version-not-covered")
		if f.Args["maintenance"] != licence.Date("2026-12-31") {
			t.Errorf("the passed line has no date: %v", f.Args)
		}
		w.absent("invoice-overdue")
		w.quiet()
	})
}

func TestVersionNotCovered(t *testing.T) {
	for _, c := range []struct {
		name               string
		version, licensed  string
		released, maintain licence.Date
		hosting, say       string // "": fails
	}{
		{"major above", "9.1 R02", "8.5 R11", "", "2026-10-31", "onsite", "version"},
		{"numeric", "10.1", "9.1", "", "2026-10-31", "onsite", "version"},
		{"same major", "8.5 R15", "8.1", "", "2026-10-31", "onsite", ""},
		{"released after", "8.5 R15", "8.5", "2026-11-02", "2026-10-31", "onsite", "released"},
		{"released before", "8.5 R15", "8.5", "2026-10-31", "2026-10-31", "onsite", ""},
		{"older than licensed", "8.5", "9.1", "", "2026-10-31", "onsite", ""},
		{"online", "10.1", "9.1", "", "2026-10-31", "online", ""},
		{"nothing licensed told", "9.1", "", "", "", "onsite", "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := fjord()
			a.Installations[0].Hosting = c.hosting
			l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
			l.Version, l.LicensedVersion, l.Released, l.Maintenance = c.version, c.licensed, c.released, c.maintain
			w := newWorld(t, "2026-11-30 09:00", a)
			w.tell(l)
			switch c.say {
			case "":
				w.passed("version-not-covered")
			case "?":
				w.unknown("version-not-covered")
			default:
				f := w.finding("version-not-covered", "open")
				if f.Say != c.say || f.Owner != licence.Support || !f.Explains || f.Deadline.ActBy != "2026-12-04" || f.Severity != "high" {
					t.Errorf("got %s %s %v %+v", f.Say, f.Owner, f.Explains, f.Deadline)
				}
				w.halfHour()
				w.sent("version-not-covered", 1, "anna@fjord.example")
				w.absent("unexplained")
			}
		})
	}
	// The login tells a version that the server has not reported.
	a := fjord()
	a.Installations[0].Hosting = "onsite"
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	l.Version, l.LicensedVersion = "8.5", "8.5"
	w := newWorld(t, "2026-11-23 09:00", a)
	w.tell(l)
	w.live(licence.Day)
	w.passed("version-not-covered")
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Version: licence.Some("9.1")})
	if f := w.finding("version-not-covered", "open"); f.Severity != "low" {
		t.Errorf("severity %s", f.Severity)
	}
	w.live(3 * licence.Day)
	w.sent("version-not-covered", 1, "anna@fjord.example") // on the day of the upgrade
	w.live(100 * licence.Day)
	w.sent("version-not-covered", 1, "anna@fjord.example")
	// Silent for half a year.
	w = newWorld(t, "2026-11-23 09:00", a)
	l.Version = "9.1"
	w.tell(l)
	w.finding("version-not-covered", "open")
	w.until(w.now.Add(181 * licence.Day))
	w.finding("version-not-covered", "unknown") // its task is open
}

// TestVersionIsNeverCoveredByNothing: what cannot be compared is unknown, and of the day on which
// it was built the newest telling counts.
func TestVersionIsNeverCoveredByNothing(t *testing.T) {
	onsite := fjord()
	onsite.Installations[0].Hosting = "onsite"
	for _, c := range []struct {
		version, licensed string
		maintenance       licence.Date
		released          []licence.Date // told by the installation, then by the licence
		answer            diagnosis.Answer
		say               string
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
		l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
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
