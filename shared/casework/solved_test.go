package casework

import (
	"testing"
	"time"

	"seatmend/shared/licence"
)

// What is called solved, and what ends in silence.

func TestSolvedOncePerThread(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(holders("sales-premium", 7))
	l := lapsingLicence(licenceLine("sales-premium", 10, 7, 7))
	l.CanActivate = true
	w.until(w.now.Add(time.Hour))
	w.tell(l)
	w.finding("not-activated", "open") // the next step of the same conversation
	w.sent("solved", 0, "")
	w.until(w.now.Add(time.Hour))
	done := lapsingLicence(licenceLine("sales-premium", 7, -1, 7))
	done.NextCheck, done.AdminWarning, done.Expires, done.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(done)
	w.until(w.now.Add(time.Minute))
	w.sent("solved", 1, "anna@fjord.example") // at once: it waits for nothing
	w.summary("ok")
	n := len(w.mails)
	w.live(30 * licence.Day)
	if len(w.mails) != n {
		t.Errorf("after it was solved: %v", w.mails[n:])
	}
}

func TestWhatEndsOtherwiseEndsInSilence(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	// They take the reduction back, and the licence comes with ten.
	w.tell(orderOf("sub_1", "sales-premium", 10))
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(10 * licence.Day)
	w.sent("solved", 0, "")
}

func TestSolvedOfAnOfferThatIsNoLonger(t *testing.T) {
	// The order fell in the middle of the year: the new licence ends with the old one.
	l := soundLicence(licenceLine("sales-premium", 10, 7, 9))
	l.NewExpires, l.NextCheck = "2027-09-13", "2026-11-20"
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(l)
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.live(licence.Day)
	l = soundLicence(licenceLine("sales-premium", 7, -1, 7))
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "anna@fjord.example")
}

func TestSolvedAfterAReductionToCome(t *testing.T) {
	s := orderOf("sub_1", "sales-premium", 9)
	s.Scheduled = []licence.Phase{{At: stockholm("2026-12-13 00:00"), Items: orderOf("", "sales-premium", 7).Items}}
	w := newWorld(t, "2026-11-02 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", s)
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 9, -1, 9)))
	w.live(3 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(holders("sales-premium", 7), lapsingLicence(licenceLine("sales-premium", 9, -1, 7)))
	w.live(licence.Day)
	if n := len(w.diagnosis().Upcoming); n != 0 {
		t.Errorf("upcoming: %d", n)
	}
	w.sent("solved", 0, "") // the case closes with the new licence alone
	w.live(10 * licence.Day)
	w.tell(orderOf("sub_1", "sales-premium", 7))
	l := lapsingLicence(licenceLine("sales-premium", 7, -1, 7))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "anna@fjord.example")
}

func TestSolvedWithoutAnyOrder(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	done := lapsingLicence(licenceLine("sales-premium", 7, -1, 7))
	done.NextCheck, done.AdminWarning, done.Expires, done.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(done)
	w.absent("surplus")
	w.wantTask("surplus", "")
	w.until(w.now.Add(time.Minute))
	w.sent("solved", 1, "anna@fjord.example")
	w.unknown("surplus") // nothing is offered, and nothing was ever ordered
}
