package casework

import (
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Not-fetched: a longer licence was issued, and the installation has not fetched it.

func TestF04ServerCannotReachTheLicenceSystem(t *testing.T) {
	a := fjord()
	a.Installations[0].Hosting = "onsite"
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-18 08:00", licenceInvoice("paid", "2026-11-20", "2026-11-18", "2026-12-13", "2027-12-13")},
		{"2026-11-20 08:00", licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}},
		{"2026-11-21 03:00", licence.InstallationReported{CustID: "Cust12345", State: "running", LastFetch: licence.Some(licence.Fetch{At: stockholm("2026-11-21 03:00"), Error: "timeout"})}},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("not-fetched", "open")
		if f.Owner != licence.Admin || f.Say != "web" || !f.Explains || f.Severity != "high" || f.Args["issued"] != licence.Date("2027-12-13") {
			t.Errorf("got %+v", f)
		}
		w.absent("paid-not-extended", "not-invoiced", "unexplained")
		w.sent("not-fetched", 1, "anna@fjord.example")
	})
}

func TestNotFetched(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	issued := licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}
	fetch := func(at string, ok bool) licence.InstallationReported {
		return licence.InstallationReported{CustID: "Cust12345", State: "running", LastFetch: licence.Some(licence.Fetch{At: stockholm(at), OK: ok})}
	}
	begin := func(now string, a licence.AccountChanged, facts ...licence.Payload) *world {
		w := newWorld(t, now, a)
		w.tell(facts...)
		return w
	}
	begin("2026-11-24 09:00", fjord(), l).unknown("not-fetched") // nobody told what is held
	begin("2026-11-24 09:00", fjord(), l, licence.LicenceIssued{CustID: "Cust12345", Expires: "2026-12-13"}).passed("not-fetched")
	begin("2026-11-24 09:00", fjord(), l, issued, fetch("2026-11-24 09:30", true)).passed("not-fetched")
	begin("2026-11-24 09:00", fjord(), l, issued, fetch("2026-11-21 03:00", false)).finding("not-fetched", "open")
	// What was fetched before the longer one was issued is not the longer one: two days from then.
	early := begin("2026-11-24 09:00", fjord(), l, issued, fetch("2026-11-21 03:00", true))
	early.finding("not-fetched", "waiting")
	early.live(time.Hour)
	early.tell(issued) // told again: it lies there since the first telling
	early.until(stockholm("2026-11-26 08:59"))
	early.finding("not-fetched", "waiting")
	early.until(stockholm("2026-11-26 09:01"))
	if f := early.finding("not-fetched", "open"); f.Say != "online" || f.Owner != licence.Support || len(f.Remedies) > 0 {
		t.Errorf("online: %s of %s, %v", f.Say, f.Owner, f.Remedies)
	}
	early.sent("not-fetched", 0, "anna@fjord.example") // there is nothing for her to do
	begin("2026-11-24 09:00", fjord(), lapsingLicence(licenceLine("sales-premium", 10, 10, 9)), issued).passed("not-fetched")
	server := fjord()
	server.Installations[0].Hosting = "onsite"
	w := begin("2026-11-19 09:00", server, l, issued)
	if f := w.finding("not-fetched", "waiting"); f.WaitingFor != "fetch" || f.Owner != licence.Nobody { // it has until two days after the check
		t.Errorf("waits for %s, %s", f.WaitingFor, f.Owner)
	}
	w.until(stockholm("2026-11-22 00:00"))
	if f := w.finding("not-fetched", "open"); f.Say != "web" || f.Owner != licence.Admin {
		t.Errorf("onsite: %s of %s", f.Say, f.Owner)
	}
	a := fjord()
	a.Installations[0].Fetch = "file"
	w = begin("2026-11-21 09:00", a, l, issued)
	if f := w.finding("not-fetched", "open"); f.Say != "file" || f.Owner != licence.Support {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	// A person has loaded the file: as stated.
	stated := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	stated.Expires, stated.GraceUntil, stated.AdminWarning, stated.StatedBy = "2027-12-13", "2027-12-25", "2027-11-28", "anna"
	w.tell(stated)
	w.passed("not-fetched")
}
