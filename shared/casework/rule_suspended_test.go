package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Suspended: the tenant is switched off.

func TestSuspended(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.finding("surplus", "open")
	for _, list := range [][]diagnosis.Finding{w.diagnosis().Findings, w.diagnosis().Passed, w.diagnosis().Unknown} {
		if findingOf(list, "suspended") != nil {
			t.Error("its state was never told: the rule does not apply")
		}
	}
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "suspended"})
	f := w.finding("suspended", "open")
	if f.Owner != licence.Support || f.Severity != "critical" {
		t.Errorf("got %s %s", f.Owner, f.Severity)
	}
	w.absent("surplus", "order-differs", "not-activated", "unexplained", "identity-differs")
	w.until(stockholm("2026-11-30 09:30"))
	w.wantTask("suspended", licence.Support)
	w.sent("suspended", 1, "anna@fjord.example")
	w.live(10 * licence.Day)
	w.finding("suspended", "open") // it does not go stale
	w.sent("suspended", 1, "anna@fjord.example")
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running"})
	w.passed("suspended")
	w.until(w.now.Add(73 * time.Hour))
	w.unknown("suspended") // that it runs does go stale
	// A trial: low, and no mail.
	w = newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(soundLicence(licenceLine("sales-premium", 10, -1, 9)), licence.InstallationReported{CustID: "Cust9001", State: "deleting"})
	if f := w.finding("suspended", "open"); f.Severity != "low" {
		t.Errorf("severity %s", f.Severity)
	}
	w.live(2 * licence.Day)
	w.quiet()
}
