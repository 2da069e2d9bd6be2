package casework

import (
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Waits and answers, whatever the rule.

func TestAnswers(t *testing.T) {
	begin := func() (*world, diagnosis.Finding) {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
		w.until(stockholm("2026-11-30 09:10"))
		return w, w.finding("surplus", "open")
	}
	w, f := begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "snooze", Until: "2026-12-02", By: "anna"})
	w.finding("surplus", "snoozed")
	w.summary("ok")
	w.live(24 * time.Hour)
	w.quiet()
	w.live(24 * time.Hour)
	w.finding("surplus", "open")
	w.sent("surplus", 1, "anna@fjord.example")
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "on-purpose", By: "anna"})
	w.live(4 * licence.Day)
	w.finding("surplus", "answered")
	w.quiet()
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 8)))
	w.finding("surplus", "open") // its numbers have changed
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "handled", By: "anna"})
	w.finding("surplus", "answered")
	w.until(w.now.Add(time.Hour))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.finding("surplus", "open") // a read says otherwise
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "handled", By: "anna"})
	w.until(stockholm("2026-12-01 07:00"))
	w.finding("surplus", "answered")
}

// A wait that lasts longer than the licence, less a banking day, is none: it is somebody's at our
// end at once, and the customer hears nothing of it yet.
func TestNoWaitOutlastsTheLicence(t *testing.T) {
	for code, facts := range map[licence.Code]func(l *licence.LicenceReported) []licence.Payload{
		"paid-not-extended": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{licenceInvoice("paid", "2026-11-20", "2026-11-26", "2026-11-18", "2027-11-18")}
		},
		"not-fetched": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-11-18"}}
		},
		"not-invoiced": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{orderOf("sub_1", "sales-premium", 10), licenceInvoice("void", "2026-11-20", "", "2026-11-18", "2027-11-18")}
		},
		"identity-differs": func(l *licence.LicenceReported) []licence.Payload {
			l.Serial = "1801999999"
			return nil
		},
		"order-differs": func(l *licence.LicenceReported) []licence.Payload {
			l.Offered, l.NewExpires, l.Plans = true, "2027-11-18", lapsingLicence(licenceLine("sales-premium", 10, 7, 9)).Plans
			return []licence.Payload{orderOf("sub_1", "sales-premium", 10)}
		},
	} {
		for grace, state := range map[licence.Date]licence.FindingState{"2026-11-27": "open", "2026-12-04": "waiting"} {
			w := newWorld(t, "2026-11-26 09:00", fjord())
			l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
			l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2026-11-10", "2026-10-21", "2026-11-18", grace
			told := facts(&l)
			w.tell(append(told, l)...)
			f := w.finding(code, state)
			if state == "open" && !f.Owner.Operator() {
				t.Errorf("%s is %s's", code, f.Owner)
			}
			w.halfHour()
			w.quiet()
		}
	}
}
