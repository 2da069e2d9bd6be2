package casework

import (
	"testing"

	"seatmend/shared/licence"
)

// Source-stale: a source that spoke is silent.

func TestSourceStale(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00", fjord())
	l := soundLicence(licenceLine("sales-premium", 10, -1, 9))
	ok := true
	w.reads = func(cust string) []licence.Payload {
		if ok && cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.until(stockholm("2026-11-24 10:00"))
	w.passed("source-stale")
	ok = false
	w.until(stockholm("2026-11-27 09:30"))
	f := w.finding("source-stale", "open")
	if f.Owner != licence.Ops || f.Severity != "medium" || f.Subject != (licence.Subject{Kind: "source", ID: "licence", CustID: "Cust12345"}) || f.Args["at"] != licence.Date("2026-11-24") {
		t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Subject, f.Args)
	}
	w.unknown("not-activated")
	w.quiet()
	ok = true
	w.until(stockholm("2026-11-28 09:30"))
	w.passed("source-stale")
	// Only pushed: not connected, and it counts for thirty days.
	w = newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(l)
	w.until(w.now.Add(5 * licence.Day))
	w.absent("source-stale")
	w.summary("ok")
	w.until(w.now.Add(25 * licence.Day))
	w.absent("source-stale")
	w.summary("unknown")
	// Checked by whoever tells of it: connected for thirty days.
	w = newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(l, licence.SourceChecked{Of: "licence", CustID: "Cust12345"})
	w.until(stockholm("2026-11-27 09:00"))
	w.finding("source-stale", "open")
	w.until(stockholm("2026-12-24 09:00"))
	w.absent("source-stale")
	w.summary("unknown")
	// Billing is asked, and silent: its rules are unknown.
	w = newWorld(t, "2026-11-24 09:00", fjord())
	w.tell(l, orderOf("sub_1", "sales-premium", 10), licenceInvoice("open", "2026-11-01", "", "2027-09-13", "2028-09-13"), licence.SourceChecked{Of: "billing"})
	w.finding("invoice-overdue", "open")
	w.until(stockholm("2026-11-27 09:00"))
	w.finding("source-stale", "open")
	w.finding("invoice-overdue", "unknown") // its task stays
	w.quiet()
	w.tell(licence.SourceChecked{Of: "billing"})
	w.finding("invoice-overdue", "open")
}
