package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Where a licence stands on a day, from ok to expired, and what of it is not known.

func TestQ15OnsiteNeverConnected(t *testing.T) {
	a := fjord()
	a.Installations[0].Hosting = "onsite"
	inAnyOrder(t, "2026-11-24 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-01-20 08:00", licenceInvoice("paid", "2026-01-18", "2026-01-20", "2025-12-13", "2026-12-13")},
	}, nil, func(w *world) {
		w.phase("unknown")
		w.summary("unknown")
		w.unknown("surplus")
		w.unknown("version-not-covered")
		w.unknown("not-activated")
		w.quiet()
	})
}

func TestQ29DatesAtLocalMidnight(t *testing.T) {
	a := fjord()
	a.Timezone = "Europe/Helsinki" // UTC+2
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.AdminWarning, l.Expires, l.GraceUntil = "2026-11-24T22:00:00Z", "2026-12-12T22:00:00Z", "2026-12-24T22:00:00Z"
	w := newWorld(t, "2026-11-24 09:00", a)
	w.tell(l)
	w.phase("ok")
	r := diagnosis.NewReading(w.s, w.now, w.now)
	s := r.Worst()
	if s.ExpiresOn != "2026-12-13" || s.GraceOn != "2026-12-25" {
		t.Errorf("expires on %s, grace until %s", s.ExpiresOn, s.GraceOn)
	}
	helsinki, _ := time.LoadLocation("Europe/Helsinki")
	if want := time.Date(2026, 11, 25, 0, 0, 0, 0, helsinki); !s.Warns.Equal(want) {
		t.Errorf("warns at %s, want %s", s.Warns, want)
	}
	// An instant within the civil day counts from the day's first moment.
	l.AdminWarning = "2026-11-25T00:00:00Z"
	w.tell(l)
	if s := diagnosis.NewReading(w.s, w.now, w.now).Worst(); !s.Warns.Equal(time.Date(2026, 11, 25, 0, 0, 0, 0, helsinki)) {
		t.Errorf("warns at %s", s.Warns)
	}
	// The night on which clocks go back: 25 October 2026 begins in summer time.
	zone := stockholmZone
	if got, want := licence.Date("2026-10-25").Start(zone).UTC(), time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("starts at %s, want %s", got, want)
	}
	if got, want := licence.Date("2026-10-26").Start(zone).UTC(), time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("starts at %s, want %s", got, want)
	}
	w.quiet()
}

func TestQ31SaturdayMaintenance(t *testing.T) {
	inAnyOrder(t, "2026-11-28 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 7)},
		{"2026-11-28 06:00", lapsingLicence(licenceLine("sales-premium", 10, 7, 0))},
		{"2026-11-28 06:00", licence.InstallationReported{CustID: "Cust12345", State: "maintenance"}},
	}, func(w *world) {
		w.unknown("surplus")
		w.unknown("not-activated")
		w.unknown("activation-refused")
		w.unknown("unexplained")
		w.quiet()
	}, func(w *world) { w.quiet() })
}

func TestF11DaysLeftDisagrees(t *testing.T) {
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	// An installation that cannot be read: its licence facts are stale, and the phase follows.
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 08:00", warnedLogin("Cust12345", "eva", 12)},
	}, func(w *world) {
		w.phase("admin-warning")
		w.summary("unknown")
		w.unknown("surplus")
		w.unknown("not-activated")
		if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-06" {
			t.Errorf("expires on %s", got)
		}
	}, nil)
	// One that can be read owes a read.
	w := newWorld(t, "2026-11-24 09:00", fjord())
	w.reads = func(cust string) []licence.Payload {
		if cust != "cust12345" {
			return nil
		}
		return []licence.Payload{l}
	}
	w.until(stockholm("2026-11-24 09:10"))
	was := w.read
	w.until(stockholm("2026-11-24 10:00"))
	l = lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	w.tell(warnedLogin("Cust12345", "eva", 19))
	w.until(stockholm("2026-11-24 10:01"))
	if w.read != was+1 {
		t.Errorf("%d reads, want one more than %d", w.read, was)
	}
	if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-13" {
		t.Errorf("expires on %s", got)
	}
	w.phase("ok")
	// A difference of two days is none.
	w.tell(warnedLogin("Cust12345", "eva", 17))
	w.until(stockholm("2026-11-24 10:10"))
	if w.read != was+1 {
		t.Errorf("%d reads, want %d", w.read, was+1)
	}
}

func TestPhases(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	for _, c := range []struct {
		at    string
		phase licence.LapsePhase
	}{
		{"2026-11-27 23:59", "ok"}, {"2026-11-28 00:00", "admin-warning"}, {"2026-12-12 23:59", "admin-warning"},
		{"2026-12-13 00:00", "grace"}, {"2026-12-24 23:59", "grace"}, {"2026-12-25 00:00", "expired"},
	} {
		w := newWorld(t, c.at, fjord())
		w.tell(l)
		w.phase(c.phase)
	}
	fine := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	w := newWorld(t, "2026-11-24 09:00", fjord())
	// A newer login lifts the phase until a newer read, fourteen days at most.
	w.tell(fine)
	w.until(w.now.Add(time.Hour))
	login := warnedLogin("Cust12345", "eva", 0)
	login.DaysLeft = nil
	w.tell(login)
	w.phase("admin-warning")
	w.live(20 * time.Hour)
	w.phase("ok")
	w = newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(warnedLogin("Cust12345", "eva", 12)) // nothing else was ever told
	w.phase("admin-warning")
	if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-06" {
		t.Errorf("expires on %s", got)
	}
	w.until(w.now.Add(13 * licence.Day))
	w.until(w.now.Add(2 * licence.Day))
	w.phase("unknown")
	// Worst over production alone; of no production the trial's.
	a := fjord()
	dead := lapsingLicence(licenceLine("sales-premium", 5, -1, 1))
	dead.CustID, dead.Markers, dead.GraceUntil, dead.Expires = "Cust9001", []string{"freetrial"}, "", "2026-10-01"
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(fine, dead)
	w.phase("ok")
	a.Installations = a.Installations[1:]
	w.tell(a)
	w.phase("expired")
}

func TestForecastInSixtyDays(t *testing.T) {
	// A healthy customer reads nothing of what has not arrived.
	w := newWorld(t, "2026-11-05 09:00", fjord())
	w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.told(stockholm("2026-01-06 08:00"), "paid", licenceInvoice("paid", "2026-01-01", "2026-01-01", "2025-12-13", "2026-12-13"))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	d := w.diagnosis()
	if len(d.Findings) > 0 || len(d.Upcoming) > 0 || d.Summary != "ok" {
		t.Errorf("findings %q, upcoming %q, %s", codesOf(d.Findings), codesOf(d.Upcoming), d.Summary)
	}
	if d := diagnosis.Diagnose(w.s, w.now, w.now.Add(60*licence.Day)); d.Phase != "expired" {
		t.Errorf("in sixty days: %s", d.Phase)
	}
	// Two steps of one plan stand there twice.
	s := orderOf("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{
		{At: stockholm("2026-12-01 00:00"), Items: orderOf("", "sales-premium", 8).Items},
		{At: stockholm("2027-02-01 00:00"), Items: orderOf("", "sales-premium", 6).Items},
	}
	w.tell(s)
	up := w.diagnosis().Upcoming
	if len(up) != 2 || up[0].Need != 1 || up[1].Need != 3 || up[0].Fingerprint != up[1].Fingerprint || !up[1].Starts.Equal(stockholm("2027-02-01 00:00")) {
		t.Errorf("upcoming: %+v", up)
	}
}
