package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// owing are the pending effects of a kind, the oldest first.
func (w *world) owing(kind licence.Kind, why string) (out []licence.Effect) {
	for _, id := range licence.SortedKeys(w.s.History.Pending) {
		if e := w.s.History.Pending[id]; e.Kind == kind && e.Why == why {
			out = append(out, e)
		}
	}
	return out
}

// newOffered is a customer whose new licence fits, and may be activated through us.
func newOffered(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(fittingLicence())
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence", "activate"})})
	return w
}

func fittingLicence() licence.LicenceReported {
	l := lapsingLicence(licenceLine("sales-premium", 10, 7, 7), licenceLine("service-premium", 5, 5, 3))
	l.CanActivate = true
	return l
}

func TestOfferIsWhatIsShown(t *testing.T) {
	base := fittingLicence()
	same := func(change func(*licence.LicenceReported)) bool {
		l := fittingLicence()
		change(&l)
		return l.Offer() == base.Offer()
	}
	if base.Offer() == "" {
		t.Fatal("an offer without a name")
	}
	n := 8
	for name, c := range map[string]struct {
		change func(*licence.LicenceReported)
		want   bool
	}{
		"lines in another order": {func(l *licence.LicenceReported) { slices.Reverse(l.Plans) }, true},
		"somebody freed a seat":  {func(l *licence.LicenceReported) { l.Plans[0].InUse-- }, true},
		"it cannot be activated": {func(l *licence.LicenceReported) { l.CanActivate = false }, true},
		"another new total":      {func(l *licence.LicenceReported) { l.Plans[0].NewTotal = &n }, false},
		"another present total":  {func(l *licence.LicenceReported) { l.Plans[0].Total++ }, false},
		"a plan less":            {func(l *licence.LicenceReported) { l.Plans = l.Plans[:1] }, false},
		"another end":            {func(l *licence.LicenceReported) { l.NewExpires = "2028-12-13" }, false},
		"another serial":         {func(l *licence.LicenceReported) { l.Serial = "1801550194" }, false},
		"nothing is offered":     {func(l *licence.LicenceReported) { l.Offered = false }, false},
	} {
		if got := same(c.change); got != c.want {
			t.Errorf("%s: the same %v, want %v", name, got, c.want)
		}
	}
	if got := (licence.LicenceReported{CustID: "Cust12345"}).Offer(); got != "" {
		t.Errorf("nothing is offered, and it is called %q", got)
	}
}

func TestMayActivate(t *testing.T) {
	offer := fittingLicence().Offer()
	for name, c := range map[string]struct {
		change func(*world)
		cust   string
		offer  string
		want   bool
	}{
		"it fits":                 {func(*world) {}, "Cust12345", offer, true},
		"whatever the case of it": {func(*world) {}, "cUST12345", offer, true},
		"another offer":           {func(*world) {}, "Cust12345", "0011223344556677", false},
		"no offer":                {func(*world) {}, "Cust12345", "", false},
		"an unknown installation": {func(*world) {}, "Cust1", offer, false},
		"the trial":               {func(*world) {}, "Cust9001", offer, false},
		"it is ordered like that": {func(w *world) { w.tell(orderOf("sub_1", "sales-premium", 7, "service-premium", 5)) }, "Cust12345", offer, true},
		"more is ordered":         {func(w *world) { w.tell(orderOf("sub_1", "sales-premium", 10, "service-premium", 5)) }, "Cust12345", offer, false},
		"a price of no plan":      {func(w *world) { w.tell(orderOf("sub_1", "sales-premium", 7, "spaceship", 5)) }, "Cust12345", offer, false},
		"what it grants is not it": {func(w *world) {
			w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence"})})
		}, "Cust12345", offer, false},
		"suspended": {func(w *world) { w.tell(licence.InstallationReported{CustID: "Cust12345", State: "suspended"}) }, "Cust12345", offer, false},
		"somebody was given a seat": {func(w *world) {
			w.tell(holders("sales-premium", 8))
		}, "Cust12345", offer, false},
		"the read says that it does not go": {func(w *world) {
			l := fittingLicence()
			l.CanActivate = false
			w.tell(l)
		}, "Cust12345", offer, false},
		"what is known is old": {func(w *world) { w.now = w.now.Add(73 * time.Hour) }, "Cust12345", offer, false},
		"the licence is another company's": {func(w *world) {
			w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Company: licence.Some("Fjord Group AB")})
			l := fittingLicence()
			l.Company = "Fjord Foods AB"
			w.tell(l)
		}, "Cust12345", offer, false},
	} {
		w := newOffered(t)
		w.now = w.now.Add(time.Minute)
		c.change(w)
		if got := MayActivate(w.s, c.cust, c.offer, w.now); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestActivationIsOwedOncePerWish(t *testing.T) {
	w := newOffered(t)
	offer := fittingLicence().Offer()
	if got := w.owing(licence.Activate, ""); len(got) != 0 {
		t.Fatalf("owed, and nobody asked: %+v", got)
	}
	w.now = w.now.Add(time.Minute)
	w.tell(licence.ActivationAsked{CustID: "Cust12345", Offer: offer, By: "Anna Berg"})
	got := w.owing(licence.Activate, "")
	if len(got) != 1 || got[0].CustID != "cust12345" || got[0].Code != offer || got[0].By != "Anna Berg" || got[0].Ripe.After(w.now) {
		t.Fatalf("owed: %+v", got)
	}
	// A second wish while somebody is on it, and time: nothing more.
	w.now = w.now.Add(time.Second)
	w.tell(licence.ActivationAsked{CustID: "Cust12345", Offer: offer, By: "Kim Strand"})
	c := Tick(w.s, w.now)
	w.commit(c)
	if got := w.owing(licence.Activate, ""); len(got) != 1 || got[0].By != "Anna Berg" {
		t.Errorf("owed after a second wish: %+v", got)
	}
	// It is done, and came to nothing: the wish that was dropped does not come back, a new one counts.
	w.deliver(got[0])
	c = Tick(w.s, w.now)
	w.commit(c)
	if got := w.owing(licence.Activate, ""); len(got) != 0 {
		t.Errorf("a wish came back: %+v", got)
	}
	w.now = w.now.Add(time.Minute)
	w.tell(licence.ActivationAsked{CustID: "Cust12345", Offer: offer, By: "Kim Strand"})
	if got := w.owing(licence.Activate, ""); len(got) != 1 || got[0].By != "Kim Strand" {
		t.Errorf("owed after a third wish: %+v", got)
	}
}

func TestWishesThatOweNothing(t *testing.T) {
	offer := fittingLicence().Offer()
	for name, c := range map[string]struct {
		before func(*world)
		ago    time.Duration
		offer  string
		want   int
	}{
		"an hour old":          {func(*world) {}, time.Hour, offer, 1},
		"older":                {func(*world) {}, time.Hour + time.Second, offer, 0},
		"of another offer":     {func(*world) {}, 0, "0011223344556677", 0},
		"while it is in doubt": {func(w *world) { w.tell(orderOf("sub_1", "sales-premium", 10, "service-premium", 5)) }, 0, offer, 0},
	} {
		w := newOffered(t)
		w.now = w.now.Add(2 * time.Hour)
		c.before(w)
		w.told(w.now.Add(-c.ago), "wish", licence.ActivationAsked{CustID: "Cust12345", Offer: c.offer, By: "Anna Berg"})
		if got := w.owing(licence.Activate, ""); len(got) != c.want {
			t.Errorf("%s: owed %+v, want %d", name, got, c.want)
		}
		if c.want > 0 {
			continue
		}
		// N6: once the doubt has gone, nothing starts by itself.
		w.now = w.now.Add(time.Minute)
		w.tell(orderOf("sub_1", "sales-premium", 7, "service-premium", 5))
		if got := w.owing(licence.Activate, ""); len(got) != 0 {
			t.Errorf("%s: the wish came back: %+v", name, got)
		}
	}
}

func TestCodeIsOwedOncePerWish(t *testing.T) {
	w := newOffered(t)
	ask := func(contact string, at time.Time, id string) {
		w.told(at, id, licence.CodeAsked{Contact: contact, For: fittingLicence().Offer()})
	}
	ask("anna", w.now, "wish-1")
	ask("kim", w.now, "wish-2")
	c := Tick(w.s, w.now)
	w.commit(c)
	got := w.owing(licence.Mail, "code")
	if len(got) != 2 || got[0].Contact != "anna" || got[1].Contact != "kim" || got[0].Ripe.After(w.now) {
		t.Fatalf("owed: %+v", got)
	}
	for _, e := range got {
		w.deliver(e)
	}
	// An earlier wish that comes late owes nothing; a newer one does.
	w.now = w.now.Add(time.Minute)
	ask("anna", w.now.Add(-90*time.Second), "wish-0")
	if got := w.owing(licence.Mail, "code"); len(got) != 0 {
		t.Errorf("a late wish: %+v", got)
	}
	ask("anna", w.now, "wish-3")
	if got := w.owing(licence.Mail, "code"); len(got) != 1 {
		t.Errorf("a newer wish: %+v", got)
	}
	// It is never the reason for a mail a day later.
	ask("bo", w.now.Add(-CodeLife), "wish-4")
	if got := w.owing(licence.Mail, "code"); len(got) != 1 {
		t.Errorf("a wish whose code has ended: %+v", got)
	}
	for _, policy := range []string{"off", "operator"} {
		w.now = w.now.Add(time.Minute)
		w.tell(licence.MailChanged{Mail: &policy})
		if got := w.owing(licence.Mail, "code"); len(got) != 0 {
			t.Errorf("mail is %s, and owed: %+v", policy, got)
		}
		ask("anna", w.now, "wish-"+policy)
		if got := w.owing(licence.Mail, "code"); len(got) != 0 {
			t.Errorf("mail is %s, and a code is owed: %+v", policy, got)
		}
	}
}

// A try of ours reads what came of it, at the very same instant: its refusal is newer than that
// read, owes no other, and reaches support.
func TestARefusalOfOursReachesSupport(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.CanActivate = true
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 9))
	w.reads = func(string) []licence.Payload { return []licence.Payload{l} }
	w.until(w.now.Add(time.Minute)) // it is read once, and connected
	w.told(w.now, licence.ReadPrefix+"cust12345/1/1", l)
	w.told(w.now, licence.ReadPrefix+"cust12345/1/2", licence.ActivationTried{CustID: "Cust12345", Reason: "E-17", By: "Anna Berg"})
	w.finding("activation-refused", "open")
	for _, e := range w.s.History.Pending {
		if e.Kind == licence.Read && e.CustID == "cust12345" {
			t.Errorf("a read is owed that would end the refusal: %+v", e)
		}
	}
	w.until(w.now.Add(licence.Quarter + time.Minute))
	w.wantTask("activation-refused", licence.Support)
}

// A try that was not made, because the offer changed or did not fit any more, is no refusal.
func TestATryThatWasNotMadeIsNoRefusal(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.CanActivate = true
	for _, reason := range []string{licence.TriedChanged, licence.TriedNotNow} {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 9))
		w.tell(l)
		w.until(w.now.Add(time.Minute))
		w.tell(licence.ActivationTried{CustID: "Cust12345", Reason: reason, By: "Anna Berg"})
		w.absent("activation-refused")
		w.finding("not-activated", "open")
	}
}

// The remedy is direct where we may activate, and guided everywhere else.
func TestActivatingIsDirectWhereGranted(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, 9, 9))
	l.CanActivate = true
	for want, can := range map[string]licence.Opt[[]string]{"guided": licence.Some([]string{"read-licence"}), "direct": licence.Some([]string{"read-licence", "activate"})} {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-11-01 08:00"), "order", orderOf("sub_1", "sales-premium", 9))
		w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Can: can}, l)
		if f := w.finding("not-activated", "open"); f.Remedies[0].ID != "activate" || f.Remedies[0].Mode != want {
			t.Errorf("%v: %+v, want %s", can, f.Remedies, want)
		}
	}
}

// Who looks at a new licence and says that its numbers are wrong is led to activate it no more:
// support has the question, of what the licence would change.
func TestWrongNumbersOfANewLicence(t *testing.T) {
	for name, lines := range map[string][]licence.LicenceLine{
		"one of two changes": {licenceLine("sales-premium", 10, 9, 9), licenceLine("service-premium", 5, 5, 3)},
		"nothing changes":    {licenceLine("sales-premium", 9, 9, 9)},
	} {
		l := lapsingLicence(lines...)
		l.CanActivate = true
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence", "activate"})}, l)
		f := w.finding("not-activated", "open")
		if !MayActivate(w.s, "Cust12345", l.Offer(), w.now) {
			t.Fatalf("%s: it may not be activated before anybody doubts it", name)
		}
		w.until(w.now.Add(time.Minute))
		w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-wrong", By: "Anna Berg"})
		q := w.finding("order-differs", "open")
		if q.Say != "f" || q.Owner != licence.Support || q.Subject.ID != "sales-premium" {
			t.Errorf("%s: the question is %s to %s about %s", name, q.Say, q.Owner, q.Subject.ID)
		}
		if MayActivate(w.s, "Cust12345", l.Offer(), w.now) {
			t.Errorf("%s: it may be activated, though its numbers are wrong", name)
		}
		w.until(w.now.Add(licence.Quarter + time.Minute))
		w.wantTask("order-differs", licence.Support)
	}
}
