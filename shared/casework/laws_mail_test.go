package casework

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// Laws of mails: what is said again, what is not, and what is called solved.

// lawOffered is a customer with more people than the new licence has seats, and its admin's
// finding. The server is the customer's own, and lets nobody read it.
func lawOffered(t *rapid.T, mail string) (w *drawWalk, fp string, offer func()) {
	a := drawDirectory()
	a.Installations, a.Mail = a.Installations[:1], licence.Some(mail)
	a.Installations[0].Hosting = "onsite"
	w = drawWalkFrom(t, a, func(*drawWalk, licence.State, licence.Change) {})
	w.luck, w.blind = []string{"sent"}, true
	total := rapid.IntRange(2, 9).Draw(t, "total")
	held := rapid.IntRange(2, total).Draw(t, "held")
	left := rapid.IntRange(1, held-1).Draw(t, "left") // an order of nothing would be an end
	w.tell(w.fact(licence.SubscriptionChanged{Subscription: "sub_1", Items: []licence.Item{{Plan: "sales", Quantity: left}}, Status: "active"}, w.now.AddDate(0, 0, -2)))
	offer = func() {
		ends := licence.DateOf(w.now, time.UTC).Add(25)
		w.tell(w.fact(licence.LicenceReported{
			CustID: drawHome, Version: "10.2", NextCheck: ends.Add(-24), AdminWarning: ends.Add(-4), Expires: ends, GraceUntil: ends.Add(12),
			Offered: true, NewExpires: ends.Add(365),
			Plans: []licence.LicenceLine{{Plan: "sales", Module: "ten-sales", Total: total, NewTotal: &left, InUse: held}},
		}, w.now))
	}
	return w, licence.Fingerprint("C-1042", "surplus", licence.Subject{Kind: "plan", ID: "sales", CustID: drawHome}), offer
}

func (w *drawWalk) lawMails(fp string) (at []time.Time) {
	for _, m := range w.sent {
		if m.Fingerprint == fp {
			at = append(at, m.At)
		}
	}
	return at
}

// What is closed and comes back is mailed again, never twice within a week.
func TestReopenedMailsAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, fp, offer := lawOffered(t, "on")
		offer()
		w.live(rapid.IntRange(2, 4).Draw(t, "days open"))
		first := len(w.lawMails(fp))
		if first == 0 {
			t.Fatalf("nothing was mailed: %+v", w.s.History.Findings[fp])
		}
		w.tell(w.fact(w.mended(), w.now))
		w.live(rapid.IntRange(1, 9).Draw(t, "days closed"))
		if p := w.s.History.Findings[fp]; p.Open || p.Task.Open() || len(w.lawMails(fp)) != first {
			t.Fatalf("it is closed, and was mailed %d times: %+v", len(w.lawMails(fp)), p)
		}
		offer()
		w.live(10)
		mails := w.lawMails(fp)
		if len(mails) == first {
			t.Fatalf("it came back, and nothing was mailed: %+v", w.s.History.Findings[fp])
		}
		for i := range mails[1:] {
			if gap := mails[i+1].Sub(mails[i]); gap < licence.Week {
				t.Fatalf("mailed at %s and again at %s", mails[i], mails[i+1])
			}
		}
		if p := w.s.History.Findings[fp]; !p.Task.Open() {
			t.Fatalf("it came back, and is no task: %+v", p)
		}
	})
}

// Drafts do not count as mailed: when mail is switched on, what stands is owed as if it had
// just opened (N10).
func TestSwitchedOnMailsWhatStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mail := drawOf(t, "mail", "review", "operator", "off")
		w, fp, offer := lawOffered(t, mail)
		offer()
		w.live(rapid.IntRange(1, 2).Draw(t, "days"))
		drafts := len(w.s.History.Mailed)
		if rapid.Bool().Draw(t, "a person drops the drafts") {
			c, _ := SendDrafts(w.s, "", false, w.now)
			w.commit(c)
			w.deliver()
		}
		if len(w.lawMails(fp)) != 0 || (drafts > 0) != (mail == "review") {
			t.Fatalf("mail is %s, %d went and %d are drafts", mail, len(w.lawMails(fp)), drafts)
		}
		a := w.s.Known.Profile.Account.Value
		a.Mail = licence.Some("on")
		w.tell(w.fact(a, w.now))
		w.live(3)
		left := slices.ContainsFunc(w.s.History.Mailed, func(m licence.Mailed) bool { return m.Draft == "review" })
		if n := len(w.lawMails(fp)); n != 1 || left {
			t.Fatalf("mail is on, and %d went, of %+v", n, w.s.History.Mailed)
		}
	})
}

// When mail is switched off, nothing that was owed goes, not even that it is solved (N10).
func TestSwitchedOffMailsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _, offer := lawOffered(t, "on")
		offer()
		w.live(2)
		off := w.s.Known.Profile.Account.Value
		off.Mail = licence.Some(drawOf(t, "mail", "off", "operator"))
		news := rapid.Permutation([]licence.Payload{off, w.mended()}).Draw(t, "order")
		for _, p := range news {
			w.now = w.now.Add(time.Minute)
			w.tell(w.fact(p, w.now))
		}
		for _, e := range w.outbox {
			if e.Kind == licence.Mail {
				t.Fatalf("mail is off, and a mail is owed: %+v", e)
			}
		}
	})
}

// Once an invoice is paid, said to be paid, agreed upon or answered, nobody is reminded of it
// (N8); and its reminders go to whoever pays alone (N3).
func TestNoRemindersAfterPayment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		a.Installations = a.Installations[:1]
		a.Installations[0].Hosting = "onsite"
		w := drawWalkFrom(t, a, func(*drawWalk, licence.State, licence.Change) {})
		w.luck, w.blind = []string{"sent"}, true
		ends := drawDay(28)
		w.tell(w.fact(licence.LicenceReported{CustID: drawHome, Version: "10.2", NextCheck: ends.Add(-40), AdminWarning: ends.Add(-4), Expires: ends, GraceUntil: ends.Add(12)}, w.now))
		in := licence.InvoiceChanged{Invoice: "INV-1", Status: "open", Amount: "12500.00", Currency: "SEK", Due: drawDay(-rapid.IntRange(10, 40).Draw(t, "overdue")), To: ends.Add(365)}
		w.tell(w.fact(in, w.now))
		w.live(3)
		fp := licence.Fingerprint("C-1042", "invoice-overdue", licence.Subject{Kind: "invoice", ID: "INV-1"})
		first := len(w.lawMails(fp))
		if first != 1 {
			t.Fatalf("%d reminders went: %+v", first, w.s.History.Findings[fp])
		}
		w.live(rapid.IntRange(4, 6).Draw(t, "days"))
		in.Status = drawOf(t, "status", "paid", "void")
		days := 10 // the next would go ten days after the first
		news := drawOf(t, "news", "none", "invoice", "claim", "agreed", "answer")
		switch news {
		case "invoice":
			w.tell(w.fact(in, w.now))
		case "claim":
			w.tell(w.fact(licence.PaymentClaimed{Invoice: "INV-1", By: "bo"}, w.now))
			days = 5
		case "agreed":
			w.tell(w.fact(licence.ArrangementChanged{Until: licence.DateOf(w.now, time.UTC).Add(14)}, w.now))
		case "answer":
			w.tell(w.fact(licence.FindingAnswered{Fingerprint: fp, Answer: "on-purpose", Until: licence.DateOf(w.now, time.UTC).Add(14)}, w.now))
		}
		w.live(days)
		if again := len(w.lawMails(fp)) - first; again > 0 != (news == "none") {
			t.Fatalf("after %s %d more reminders went: %v", news, again, w.lawMails(fp))
		}
		for _, m := range w.sent {
			if m.Fingerprint == fp && m.Address != "ap@fjord.example" {
				t.Fatalf("N3: %s reads about an invoice", m.Address)
			}
		}
	})
}

// Nothing is called activated while a new licence is still on offer, be the present one longer
// than it was (N5).
func TestOfferedIsNotSolved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, _, offer := lawOffered(t, "on")
		offer()
		w.live(2)
		done := w.mended().(licence.LicenceReported)
		again := done
		again.Offered, again.CanActivate, again.NewExpires = true, true, done.Expires.Add(30)
		again.Plans = slices.Clone(done.Plans)
		for i, l := range again.Plans {
			again.Plans[i].NewTotal = &l.Total
		}
		solved := func() bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(w.outbox)), func(e licence.Effect) bool { return e.Why == "solved" })
		}
		w.now = w.now.Add(time.Hour)
		w.tell(w.fact(again, w.now))
		if solved() {
			t.Fatalf("it is called solved, and a licence is on offer: %+v", w.outbox)
		}
		w.now = w.now.Add(time.Hour)
		w.tell(w.fact(done, w.now))
		if !solved() {
			t.Fatalf("the new licence is in force, and nobody is told: %+v", w.s.History.Episodes)
		}
	})
}

// Two installations are mailed about in one conversation. One renews and gets a new offer before
// the other renews: nothing is called solved until both are.
func TestSolvedIsStillSoWhenItIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawDirectory()
		a.Installations = []licence.Installation{a.Installations[0], {CustID: "Cust2", Serial: "2", Kind: "production", Hosting: "onsite"}}
		a.Installations[0].Hosting = "onsite"
		w := drawWalkFrom(t, a, func(w *drawWalk, was licence.State, c licence.Change) { lawSeen(w, was, c).solved() })
		w.luck, w.blind = []string{"sent"}, true
		seven := 7
		lic := func(cust string, year int, offered bool) {
			ends := drawDay(25 + 365*year)
			p := licence.LicenceReported{
				CustID: cust, Version: "10.2", NextCheck: ends.Add(-24), AdminWarning: ends.Add(-28), Expires: ends, GraceUntil: ends.Add(12),
				Plans: []licence.LicenceLine{{Plan: "sales", Module: "ten-sales", Total: 7, InUse: 7}},
			}
			if p.Offered = offered; offered {
				p.NewExpires, p.Plans[0].Total, p.Plans[0].InUse, p.Plans[0].NewTotal = ends.Add(365), 9, 9, &seven
			}
			w.now = w.now.Add(time.Hour)
			w.tell(w.fact(p, w.now))
		}
		solved := func() (all []licence.Verify) {
			for _, e := range w.outbox {
				if e.Why == "solved" {
					all = append(all, e.Solved...)
				}
			}
			return all
		}
		lic(drawHome, 0, true)
		lic("Cust2", 0, true)
		w.live(1)
		if mailed := len(w.sent); mailed == 0 || len(w.s.History.Episodes) != 1 {
			t.Fatalf("%d notices went, in %d conversations", mailed, len(w.s.History.Episodes))
		}
		lic(drawHome, 1, false)
		lic(drawHome, 1, true)
		lic("Cust2", 1, false)
		if said := solved(); said != nil {
			t.Fatalf("%+v is called solved, and a new licence waits at %s", said, drawHome)
		}
		lic(drawHome, 2, false)
		said := map[string]bool{}
		for _, v := range solved() {
			said[v.CustID] = true
		}
		if len(said) != 2 {
			t.Fatalf("both have renewed, and solved are %v", said)
		}
		lic("Cust2", 1, true) // before the mail goes
		if said := solved(); said != nil {
			t.Fatalf("%+v is still called solved, and a new licence waits at Cust2", said)
		}
		if len(w.s.History.Episodes) != 1 {
			t.Fatal("what was taken back is waited for no more")
		}
	})
}
