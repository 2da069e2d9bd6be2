package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Another account pays: it is asked, and asked again.

// Another account pays: it is asked up to three times, ten days apart, each time after a fresh
// look; then finance phones. What changes of it is told, and that it is over.
func TestAskingWhoPays(t *testing.T) {
	in := licenceInvoice("open", "2026-10-20", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	begin := func() (*world, *[]licence.PaymentAsked) {
		w := newWorld(t, "2026-11-02 09:00", fjord())
		var asked []licence.PaymentAsked
		w.payer = func(p licence.PaymentAsked) bool { asked = append(asked, p); return true }
		w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.tell(in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
		return w, &asked
	}
	w, asked := begin()
	w.live(70 * licence.Day)
	var days []string
	times := 0
	for _, p := range *asked {
		if p.Time > times {
			times = p.Time
			days = append(days, p.At.In(stockholmZone).Format("01-02"))
		}
	}
	if want := []string{"11-13", "11-23", "12-03"}; !slices.Equal(days, want) {
		t.Errorf("asked on %v, want %v", days, want)
	}
	if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Finance {
		t.Errorf("owner %s", f.Owner)
	}
	w.quiet()
	if p := (*asked)[0]; p.For != "C-1042" || p.Name != "Fjord Foods AB" || p.Invoice != "INV-7" || p.Amount != "12500.00" || p.Code != "invoice-overdue" {
		t.Errorf("asked %+v", p)
	}
	// Paid: that is the last thing told.
	w, asked = begin()
	w.until(stockholm("2026-11-14 09:00"))
	done := in
	done.Status, done.PaidAt = "paid", "2026-11-14"
	w.tell(done)
	w.live(40 * licence.Day)
	if last := (*asked)[len(*asked)-1]; last.Over != "paid" || last.Time != 1 {
		t.Errorf("at last %+v", last)
	}
	// Void, or the customer's mails are switched off: it is no longer asked, and was not paid.
	for name, p := range map[string]licence.Payload{"void": func() licence.Payload { v := in; v.Status = "void"; return v }(), "off": licence.MailChanged{Mail: licence.Some("off").Value}} {
		w, asked = begin()
		w.until(stockholm("2026-11-14 09:00"))
		w.tell(p)
		w.live(40 * licence.Day)
		if last := (*asked)[len(*asked)-1]; last.Over != "gone" || len(*asked) > 3 {
			t.Errorf("%s: at last %+v", name, last)
		}
	}
	// Claimed: it rests there too.
	w, asked = begin()
	w.until(stockholm("2026-11-14 09:00"))
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", By: "pia"})
	w.until(w.now.Add(time.Minute))
	if last := (*asked)[len(*asked)-1]; last.Rests != "claim" || last.Over != "" || last.Time != 1 {
		t.Errorf("at last %+v", last)
	}
	// Another account pays from now on: the former one is let go, the new one asked.
	w, asked = begin()
	w.until(stockholm("2026-11-14 09:00"))
	moved := in
	moved.Payer = "P-8"
	w.tell(moved)
	w.until(w.now.Add(time.Hour))
	if n := len(*asked); n != 3 || (*asked)[1].Over != "gone" || (*asked)[2].Over != "" || (*asked)[2].Time != 1 {
		t.Errorf("asked %+v", *asked)
	}
}

// However much is owed at once, each invoice is asked for once.
func TestAskingForMany(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	asked := map[string]int{}
	w.payer = func(p licence.PaymentAsked) bool { asked[p.Invoice]++; return true }
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	for i := range licence.MaxInvoices {
		w.told(stockholm("2026-11-05 08:00"), fmt.Sprint("told ", i), nextInvoice(fmt.Sprint("INV-", i), "open", func(in *licence.InvoiceChanged) { in.Payer = "P-7" }))
	}
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.live(licence.Day)
	for id, n := range asked {
		if n != 1 {
			t.Errorf("%s is asked for %d times", id, n)
		}
	}
	if len(asked) != licence.MaxInvoices {
		t.Errorf("%d are asked for", len(asked))
	}
}

// Nobody is there who pays: the partner hears instead, and each day it is looked again.
func TestAskingWhoIsNotThere(t *testing.T) {
	in := licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	a := fjord()
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Name: "Pia Partner", Email: "pia@partner.example", Role: licence.Partner})
	w := newWorld(t, "2026-11-30 09:00", a)
	looked := 0
	there := false
	w.payer = func(licence.PaymentAsked) bool { looked++; return there }
	w.told(stockholm("2026-10-01 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
	w.tell(in, lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
	w.live(50 * time.Hour)
	if looked != 3 {
		t.Errorf("looked %d times", looked)
	}
	if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Partner {
		t.Errorf("owner %s", f.Owner)
	}
	w.sent("invoice-overdue", 1, "pia@partner.example")
	there = true
	w.live(2 * licence.Day)
	if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Billing || looked != 4 {
		t.Errorf("owner %s, looked %d times", f.Owner, looked)
	}
	w.live(10 * licence.Day)
	w.sent("invoice-overdue", 1, "pia@partner.example")
}

// What an account is asked to pay for another one is a finding of its own, about no
// installation of its own, whatever it has of its own.
func TestAskedToPay(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(orderOf("sub_1", "sales-premium", 10), soundLicence(licenceLine("sales-premium", 10, -1, 9)))
	p := licence.PaymentAsked{
		Code: "invoice-overdue", For: "C-8", Name: "Fjord Fish AB", Invoice: "INV-7", Number: "7", Amount: "12500.00", Currency: "SEK",
		Due: "2026-11-10", Say: "a", Severity: "high", ActBy: "2026-12-04", Stops: "2026-12-25", Time: 1,
	}
	w.tell(p)
	w.halfHour()
	f := w.finding("invoice-overdue", "open")
	if f.Owner != licence.Billing || f.Explains || f.Subject.ID != "C-8/INV-7" || f.Deadline.ActBy != "2026-12-04" {
		t.Errorf("got %s %v %v %+v", f.Owner, f.Explains, f.Subject, f.Deadline)
	}
	w.phase("ok")
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	w.live(40 * licence.Day)
	w.sent("invoice-overdue", 1, "ap@fjord.example") // once for each time that it is asked
	p.Time = 2
	w.tell(p)
	w.live(3 * licence.Day)
	w.sent("invoice-overdue", 2, "ap@fjord.example")
	p.Over = "paid"
	w.tell(p)
	w.live(licence.Day)
	w.absent("invoice-overdue")
	w.sent("thanks", 1, "ap@fjord.example")
	n := len(w.mails)
	w.live(60 * licence.Day)
	if len(w.mails) != n || len(w.s.History.Episodes) != 0 {
		t.Errorf("after it was paid: %v, %v", w.mails[n:], w.s.History.Episodes)
	}
}
