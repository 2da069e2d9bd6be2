package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Who is mailed, how often, and when.

func TestQ21ImportIsReviewed(t *testing.T) {
	a := fjord()
	a.Mail = licence.Opt[string]{}
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 7)},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, 7, 9))},
	}, nil, func(w *world) {
		w.finding("surplus", "open")
		w.wantTask("surplus", licence.Admin)
		if len(w.mails) != 1 || !w.mails[0].Draft {
			t.Errorf("want one draft: %v", w.mails)
		}
		if n := len(w.s.History.Mailed); n != 1 || w.s.History.Mailed[0].Draft != "review" {
			t.Errorf("mailed: %+v", w.s.History.Mailed)
		}
	})
}

func TestF13AdminIsGone(t *testing.T) {
	a := fjord()
	a.Contacts[0].User = "u1"
	a.Contacts = append(a.Contacts, licence.Contact{ID: "cia", Name: "Cia Ek", Email: "cia@fjord.example", Role: licence.Admin, Locale: "sv", User: "u2"})
	seats := holders("sales-premium", 9)
	seats.Rows[0].User.CanLogin = false
	inAnyOrder(t, "2026-11-30 09:00", a, []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 7)},
		{"2026-11-30 05:55", seats},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, 7, 9))},
	}, nil, func(w *world) {
		w.sent("surplus", 1, "cia@fjord.example")
	})
}

func TestOneMailADayAndPerson(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7, "marketing", 3))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9), licenceLine("marketing", 5, 5, 5)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9), licenceLine("marketing", 5, 3, 5)))
	w.until(stockholm("2026-11-30 20:00"))
	w.sent("surplus", 1, "anna@fjord.example")
	w.live(24 * time.Hour)
	w.sent("surplus", 2, "anna@fjord.example")
	if got := w.mails[1].At; !got.Equal(stockholm("2026-12-01 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestReadBeforeSpeaking(t *testing.T) {
	w := newWorld(t, "2026-11-30 06:00", fjord())
	l := lapsingLicence(licenceLine("sales-premium", 10, 7, 9))
	ok := true
	w.reads = func(cust string) []licence.Payload {
		if ok && cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.until(stockholm("2026-11-30 07:50"))
	w.finding("surplus", "open")
	ok = false
	w.until(stockholm("2026-11-30 12:00"))
	w.quiet() // a read that fails leaves the mail unsent
	if n := w.s.History.Reads["cust12345"].Fails; n < 2 {
		t.Errorf("tried %d times, with back-off", n)
	}
	ok = true
	w.until(stockholm("2026-11-30 16:30"))
	w.sent("surplus", 1, "anna@fjord.example")
	// And a read that finds it mended sends nothing.
	w = newWorld(t, "2026-11-30 06:00", fjord())
	w.reads = func(cust string) []licence.Payload {
		if cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.until(stockholm("2026-11-30 07:50"))
	w.finding("surplus", "open")
	l = lapsingLicence(licenceLine("sales-premium", 10, 7, 7))
	w.until(stockholm("2026-11-30 16:00"))
	w.absent("surplus")
	w.sent("surplus", 0, "")
}

func TestMailPolicies(t *testing.T) {
	for _, policy := range []string{"off", "operator"} {
		a := fjord()
		a.Mail = licence.Some(policy)
		w := newWorld(t, "2026-11-30 09:00", a)
		w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), licence.LinkAsked{Role: licence.Admin})
		w.live(73 * time.Hour)
		w.finding("surplus", "open")
		w.wantTask("surplus", licence.Admin)
		w.quiet()
		// Switched on: what stands is owed as if it had just opened.
		w.tell(fjord())
		w.live(licence.Day)
		w.sent("surplus", 1, "anna@fjord.example")
	}
	a := fjord()
	a.Mail = licence.Some("review")
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.live(5 * licence.Day)
	if len(w.mails) != 1 || !w.mails[0].Draft || w.s.History.Mailed[0].Draft != "review" || len(w.s.History.Episodes) > 0 {
		t.Fatalf("want one draft: %v", w.mails)
	}
	// A person sends it: from then on it counts as mailed.
	c, n := SendDrafts(w.s, "", true, w.now)
	if n != 1 {
		t.Fatalf("%d drafts", n)
	}
	w.commit(c)
	w.until(w.now.Add(time.Minute))
	if m := w.s.History.Mailed; len(m) != 1 || m[0].Draft != "" || len(w.s.History.Episodes) != 1 {
		t.Errorf("mailed: %+v", m)
	}
	// A draft whose finding has ended is thrown away.
	w = newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 7)))
	if m := w.s.History.Mailed; len(m) > 0 {
		t.Errorf("mailed: %+v", m)
	}
	// Switched on while drafts lie there: it is owed anew.
	w = newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.tell(fjord())
	w.live(time.Hour)
	if len(w.mails) != 2 || w.mails[1].Draft {
		t.Errorf("mails: %v", w.mails)
	}
}

func TestNobodyToTell(t *testing.T) {
	a := fjord()
	a.Contacts[0].Left = "2026-11-01"
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.quiet()
	if n := Notices(w.s, w.now); len(n) != 1 || n[0].Why != "nobody" {
		t.Errorf("notices: %+v", n)
	}
	// Away today, then the partner, then by rank.
	a = fjord()
	a.Contacts[0].AwayUntil = "2026-11-30"
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Email: "pia@partner.example", Role: licence.Partner})
	r := diagnosis.NewReading(licence.State{Account: "C-1042", Known: licence.Known{Profile: licence.Profile{Account: licence.Reg[licence.AccountChanged]{Value: a}}}}, stockholm("2026-11-30 09:00"), stockholm("2026-11-30 09:00"))
	if c, ok := r.Recipient(licence.Admin, nil); !ok || c.ID != "pia" {
		t.Errorf("tells %s", c.ID)
	}
	r.C = diagnosis.NewClock(stockholm("2026-12-01 09:00"), stockholm("2026-12-01 09:00"))
	if c, _ := r.Recipient(licence.Admin, nil); c.ID != "anna" {
		t.Errorf("tells %s", c.ID)
	}
	r.A.Contacts = append(r.A.Contacts, licence.Contact{ID: "cia", Role: licence.Admin, Rank: -1})
	if c, _ := r.Recipient(licence.Admin, nil); c.ID != "cia" {
		t.Errorf("tells %s", c.ID)
	}
}

func TestPhaseWorsensSaidAgain(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 10, 9))
	l.CanActivate, l.NextCheck = true, "2026-11-18"
	w := newWorld(t, "2026-11-20 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(l)
	w.live(60 * licence.Day)
	var days []string
	for _, m := range w.about("not-activated") {
		days = append(days, m.At.In(stockholmZone).Format("01-02"))
	}
	if want := []string{"11-20", "11-30"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
}

func TestDaysOfAPartner(t *testing.T) {
	// In Norway 6 January is a working day, and a mail that is owed on it goes.
	a := fjord()
	a.Country = licence.Some("NO")
	w := newWorld(t, "2027-01-05 18:00", a)
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	l := soundLicence(licenceLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-12-20", "2028-09-13"
	w.tell(l)
	w.live(licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w = newWorld(t, "2027-01-05 18:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(licence.Day)
	w.quiet() // in Sweden it is a holiday
}
