package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// wPaid is an order, invoices and the licence that ends on 13 December, asked on 30 November.
func wPaid(t *testing.T, invoices ...licence.InvoiceChanged) *world {
	t.Helper()
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	for _, in := range invoices {
		w.told(wTime("2026-11-05 08:00"), "told "+in.Invoice, in)
	}
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
	return w
}

// wBill is a licence invoice for the time after the licence.
func wBill(id, status string, change func(*licence.InvoiceChanged)) licence.InvoiceChanged {
	in := wInvoice(status, "2026-11-10", "", "2026-12-13", "2027-12-13")
	in.Invoice = id
	if status == "paid" {
		in.PaidAt = "2026-11-05"
	}
	if change != nil {
		change(&in)
	}
	return in
}

func TestF15CardWaitsForConfirmation(t *testing.T) {
	in := wInvoice("open", "", "", "2026-12-13", "2027-12-13")
	in.Collection, in.Payment = "automatic", "action"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", in},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Say != "action" || f.Owner != licence.Billing || f.Severity != "high" || !f.Explains || f.Remedies[0].ID != "confirm" {
			t.Errorf("got %s %s %s %v %v", f.Say, f.Owner, f.Severity, f.Explains, f.Remedies)
		}
		w.absent("payment-awaited", "unexplained", "paid-not-extended")
		w.sent("invoice-overdue", 1, "ap@fjord.example")
	})
	// Before the due date too, and at once: three banking days are not waited for.
	in.Due, in.Collection = "2026-12-20", "invoice"
	w := wPaid(t, in)
	w.halfHour()
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	if got := w.mails[0].At; got.After(wTime("2026-11-30 10:00")) {
		t.Errorf("told at %s", got)
	}
	// A next attempt is no reason to wait: without the customer it fails again.
	in.NextAttempt = "2026-12-01"
	wPaid(t, in).finding("invoice-overdue", "open")
	// Once it is confirmed, the payment is under way.
	in.Due, in.Payment, in.NextAttempt = "2026-12-02", "processing", ""
	w.tell(in)
	w.absent("invoice-overdue")
	w.finding("payment-awaited", "waiting")
}

func TestF16NeverTriedToCollect(t *testing.T) {
	in := wInvoice("open", "", "", "2026-12-13", "2027-12-13")
	in.Collection, in.Issued = "automatic", "2026-11-16" // a Monday
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-16 08:00", in},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Say != "untried" || f.Owner != licence.Finance || f.Severity != "high" || !f.Explains {
			t.Errorf("got %s %s %s %v", f.Say, f.Owner, f.Severity, f.Explains)
		}
		w.absent("payment-awaited", "unexplained")
		w.wantTask("invoice-overdue", licence.Finance)
		w.quiet()
	})
	w := newWorld(t, "2026-11-23 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), in, wFine(wLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	w.until(wTime("2026-11-24 00:00")) // five whole banking days after the 16th
	w.finding("invoice-overdue", "open")
	// Once it was tried, it is not that: the attempt counts, whatever was told since.
	in.Payment = "processing"
	w.told(wTime("2026-11-17 08:00"), "tried", in)
	in.Payment = "none"
	w.tell(in)
	w.absent("invoice-overdue")
}

func TestF17ArrangementOutlivesTheLicence(t *testing.T) {
	in := wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", in},
		{"2026-11-20 08:00", licence.ArrangementChanged{Until: "2027-02-28", By: "finance"}},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Args["beyond"] != "arrangement" || f.Args["until"] != licence.Date("2027-02-28") {
			t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Explains, f.Args)
		}
		w.wantTask("invoice-overdue", licence.Finance)
		w.summary("needs-action")
		w.quiet()
	})
	// What ends by the banking day before it stops can be waited for; 24 December is none in Sweden.
	for until, state := range map[licence.Date]string{"2026-12-22": "waiting", "2026-12-23": "open"} {
		w := wPaid(t, in)
		w.tell(licence.ArrangementChanged{Until: until, By: "finance"})
		w.finding("invoice-overdue", state)
	}
	// A claim, a payment under way and a contested payment are no different.
	late := func(p licence.Payload, in licence.InvoiceChanged, code string) {
		t.Helper()
		w := newWorld(t, "2026-12-21 09:00", wFjord())
		w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.tell(in, wLicence(wLine("sales-premium", 10, -1, 9)))
		if p != nil {
			w.tell(p)
		}
		f := w.finding(code, "open")
		if f.Owner != licence.Finance || f.Severity != "critical" {
			t.Errorf("%s is %s's, %s", code, f.Owner, f.Severity)
		}
		w.live(licence.Day)
		w.quiet()
	}
	late(licence.PaymentClaimed{Invoice: "INV-7", By: "bo"}, in, "invoice-overdue")
	in.Payment = "processing"
	late(nil, in, "invoice-overdue")
	in.Status = "disputed"
	late(licence.ArrangementChanged{Until: "2027-02-28", By: "finance"}, in, "payment-disputed")
}

func TestF18PaidQuarterWasNotPassedOn(t *testing.T) {
	first := wInvoice("paid", "2026-11-10", "2026-11-05", "2026-12-13", "2027-03-13")
	next := wInvoice("open", "2027-02-10", "", "2027-03-13", "2027-06-13")
	next.Invoice = "INV-8"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-05 08:00", first},
		{"2026-11-25 08:00", next},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("paid-not-extended", "open")
		if f.Owner != licence.Support || !f.Explains {
			t.Errorf("got %s %v", f.Owner, f.Explains)
		}
		w.absent("payment-awaited", "invoice-overdue", "not-invoiced", "unexplained")
		w.quiet()
	})
	// The next one overdue, for whatever reason: it holds, low, and explains nothing.
	next.Due = "2026-11-26"
	w := wPaid(t, first, next)
	if f := w.finding("invoice-overdue", "open"); f.Severity != "low" || f.Explains {
		t.Errorf("got %s %v", f.Severity, f.Explains)
	}
	w.finding("paid-not-extended", "open")
	// The first one missing: nothing was invoiced for the time after the licence.
	w = wPaid(t, next)
	w.finding("not-invoiced", "open")
	w.absent("paid-not-extended", "payment-awaited")
}

// The invoices that the licence waits for: each must be paid before it is our turn.
func TestPaidNotExtendedOfWhatTheLicenceWaitsFor(t *testing.T) {
	fee := []licence.InvoiceLine{{Prices: []string{"price_sp"}, From: "2025-12-13", To: "2026-12-13"}, {Prices: []string{"price_fee"}, From: "2025-12-13", To: "2027-12-13"}}
	for name, c := range map[string]struct {
		invoices []licence.InvoiceChanged
		want     string // paid-not-extended, or what stands in its place
	}{
		"paid": {[]licence.InvoiceChanged{wBill("A", "paid", nil)}, "paid-not-extended"},
		"an add-on beside it is open": {[]licence.InvoiceChanged{wBill("A", "paid", nil), wBill("B", "open", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })},
			"invoice-overdue"},
		"only the add-on is paid":     {[]licence.InvoiceChanged{wBill("A", "open", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })}, "invoice-overdue"},
		"a rest within the tolerance": {[]licence.InvoiceChanged{wBill("A", "open", func(in *licence.InvoiceChanged) { in.Remaining = "0.50" })}, "paid-not-extended"},
		"credited away":               {[]licence.InvoiceChanged{wBill("A", "paid", func(in *licence.InvoiceChanged) { in.Credited = in.Amount })}, "not-invoiced"},
		"a fee lengthens no period":   {[]licence.InvoiceChanged{wBill("A", "paid", func(in *licence.InvoiceChanged) { in.Lines, in.From = fee, "2025-12-13" })}, "not-invoiced"},
		"a credit note told as an invoice": {[]licence.InvoiceChanged{wBill("A", "paid", func(in *licence.InvoiceChanged) { in.Amount = "-12500.00" })},
			"unexplained"},
		"contested, and reissued and paid": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", nil)}, "paid-not-extended"},
		"contested, a smaller one paid":    {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })}, "payment-disputed"},
		"contested, another currency paid": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) { in.Currency = "JPY" })}, "payment-disputed"},
		"contested, another open in its place": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "open", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Due = "A", "2026-12-20"
		})}, "payment-disputed"},
		"given up, another open in its place": {[]licence.InvoiceChanged{wBill("A", "uncollectible", nil), wBill("B", "open", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Due = "A", "2026-12-20"
		})}, "payment-disputed"},
		"contested, a smaller one paid in its place": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Amount = "A", "300.00"
		})}, "payment-disputed"},
		"contested, paid in its place without a period": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) {
			in.Replaces, in.From, in.To = "A", "", ""
		})}, "paid-not-extended"},
		"contested, paid in instants": {[]licence.InvoiceChanged{wBill("A", "disputed", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) {
			in.From, in.To = "2026-12-12T23:00:00Z", "2027-12-12T23:00:00Z"
		})}, "paid-not-extended"},
		"overdue, and another names it": {[]licence.InvoiceChanged{wBill("A", "open", nil), wBill("B", "paid", func(in *licence.InvoiceChanged) { in.Replaces = "A" })}, "paid-not-extended"},
		"an older one is overdue": {[]licence.InvoiceChanged{wBill("A", "paid", nil), wBill("B", "open", func(in *licence.InvoiceChanged) { in.From, in.To = "2025-12-13", "2026-12-13" })},
			"paid-not-extended"},
		"without a period beside one with": {[]licence.InvoiceChanged{wBill("A", "paid", nil), wBill("B", "open", func(in *licence.InvoiceChanged) { in.From, in.To = "", "" })},
			"paid-not-extended"},
	} {
		t.Run(name, func(t *testing.T) {
			a := wFjord()
			a.NotSeats = licence.Some([]string{"price_fee"})
			w := wPaid(t, c.invoices...)
			w.told(wTime("2026-01-03 08:00"), "fee", a)
			w.until(wTime("2026-12-02 09:00")) // what waits for the order waits no longer
			w.confirm()
			if f := w.finding(c.want, "open"); !f.Explains {
				t.Errorf("%s explains nothing", c.want)
			}
			for _, code := range []string{"paid-not-extended", "not-invoiced", "unexplained", "payment-disputed"} {
				if code != c.want {
					w.absent(code)
				}
			}
		})
	}
}

// What became void leaves its period not invoiced, unless one as large stands in its place.
func TestNotInvoicedAfterOneIsVoid(t *testing.T) {
	small := func(in *licence.InvoiceChanged) { in.Amount, in.Due = "300.00", "2027-01-10" }
	later := func(in *licence.InvoiceChanged) { in.Due = "2027-01-10" }
	for name, c := range map[string]struct {
		invoices []licence.InvoiceChanged
		want     bool
	}{
		"void":                 {[]licence.InvoiceChanged{wBill("A", "void", nil)}, true},
		"a smaller one beside": {[]licence.InvoiceChanged{wBill("A", "void", nil), wBill("B", "open", small)}, true},
		"one as large":         {[]licence.InvoiceChanged{wBill("A", "void", nil), wBill("B", "open", later)}, false},
		"a smaller one names it": {[]licence.InvoiceChanged{wBill("A", "void", nil), wBill("B", "open", func(in *licence.InvoiceChanged) {
			small(in)
			in.Replaces = "A"
		})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", wFjord())
			w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
			for _, in := range c.invoices {
				w.tell(in)
			}
			w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
			if !c.want {
				w.passed("not-invoiced")
				return
			}
			if f := w.finding("not-invoiced", "waiting"); f.WaitingFor != "settle" {
				t.Errorf("waits for %s", f.WaitingFor)
			}
			w.live(25 * time.Hour)
			w.finding("not-invoiced", "open")
		})
	}
}

// Each installation waits for the invoices of its own subscriptions.
func TestInvoicesOfTwoInstallations(t *testing.T) {
	a := wFjord()
	a.Installations[1] = licence.Installation{CustID: "Cust502", Serial: "1801550502", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust502"}
	order := func(id, cust string) licence.SubscriptionChanged {
		s := wOrder(id, "sales-premium", 10)
		s.Items[0].CustID = cust
		return s
	}
	other := wLicence(wLine("sales-premium", 10, -1, 9))
	other.CustID, other.Serial = "Cust502", "1801550502"
	covers := func(sub string) func(*licence.InvoiceChanged) {
		return func(in *licence.InvoiceChanged) { in.Covers = []string{sub} }
	}
	at := func(w *world, code string) (all []string) {
		for _, f := range w.diagnosis().Findings {
			if f.Code == code {
				all = append(all, f.Subject.CustID)
			}
		}
		slices.Sort(all)
		return all
	}
	begin := func(invoices ...licence.InvoiceChanged) *world {
		w := newWorld(t, "2026-11-30 09:00", a)
		w.told(wTime("2026-01-05 08:00"), "order a", order("sub_a", "Cust12345"))
		w.told(wTime("2026-01-05 08:00"), "order b", order("sub_b", "Cust502"))
		for _, in := range invoices {
			w.told(wTime("2026-11-05 08:00"), "told "+in.Invoice, in)
		}
		w.tell(wLicence(wLine("sales-premium", 10, -1, 9)), other)
		return w
	}
	// One pays, the other does not.
	w := begin(wBill("A", "paid", covers("sub_a")), wBill("B", "open", covers("sub_b")))
	if got := at(w, "paid-not-extended"); !slices.Equal(got, []string{"Cust12345"}) {
		t.Errorf("paid at %v", got)
	}
	if f := w.finding("invoice-overdue", "open"); f.Severity != "high" || !f.Explains {
		t.Errorf("got %s %v", f.Severity, f.Explains)
	}
	w.absent("unexplained", "not-invoiced")
	// The other's overdue invoice is no cause here: without one of its own it has none.
	w = begin(wBill("B", "open", covers("sub_b")))
	if got := at(w, "not-invoiced"); !slices.Equal(got, []string{"Cust12345"}) {
		t.Errorf("not invoiced at %v", got)
	}
	// One that names no subscription, or one that nobody knows, is for both.
	for _, change := range []func(*licence.InvoiceChanged){nil, covers("sub_z")} {
		if got := at(begin(wBill("A", "paid", change)), "paid-not-extended"); !slices.Equal(got, []string{"Cust12345", "Cust502"}) {
			t.Errorf("paid at %v", got)
		}
	}
	// One's paid invoice supersedes nothing that is contested of the other's.
	w = begin(wBill("A", "disputed", covers("sub_a")), wBill("B", "paid", covers("sub_b")))
	w.finding("payment-disputed", "open")
	if got := at(w, "paid-not-extended"); !slices.Equal(got, []string{"Cust502"}) {
		t.Errorf("paid at %v", got)
	}
}

// Cancelled: an overdue invoice is finance's, and holds nothing up.
func TestOverdueOfWhoHasCancelled(t *testing.T) {
	ends := wOrder("sub_1", "sales-premium", 10)
	ends.EndsAt = "2026-12-13"
	gone := wOrder("sub_1", "sales-premium", 10)
	gone.Status = "ended"
	for name, order := range map[string]licence.SubscriptionChanged{"it ends": ends, "it has ended": gone} {
		for kind, code := range map[string]string{"open": "invoice-overdue", "action": "invoice-overdue"} {
			in := wBill("A", "open", nil)
			if kind == "action" {
				in.Payment = "action"
			}
			w := newWorld(t, "2026-11-30 09:00", wFjord())
			w.told(wTime("2026-10-05 08:00"), "order", order)
			w.tell(in, wLicence(wLine("sales-premium", 10, -1, 9)))
			f := w.finding(code, "open")
			if f.Owner != licence.Finance || f.Severity != "low" || f.Explains || len(f.Remedies) > 0 {
				t.Errorf("%s, %s: got %s %s %v %v", name, kind, f.Owner, f.Severity, f.Explains, f.Remedies)
			}
			w.absent("payment-awaited", "paid-not-extended", "not-invoiced")
			w.live(20 * licence.Day)
			for _, m := range w.mails {
				if !slices.Equal(m.Codes, []string{"subscription-ended"}) {
					t.Errorf("%s, %s: %s", name, kind, m)
				}
			}
		}
	}
}

// Extended on the invoice alone: it is our turn so many banking days after it was issued.
func TestExtendOnIssued(t *testing.T) {
	a := wFjord()
	a.Extend = licence.Some(licence.Extend{On: "issued", WithinDays: 3})
	begin := func(issued licence.Date, status string) *world {
		w := newWorld(t, "2026-11-30 09:00", a)
		w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.told(wTime("2026-11-05 08:00"), "invoice", wBill("A", status, func(in *licence.InvoiceChanged) { in.Issued = issued }))
		w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
		return w
	}
	for _, status := range []string{"open", "paid"} {
		w := begin("2026-11-05", status)
		f := w.finding("paid-not-extended", "open")
		if f.Say != "invoiced" || f.Owner != licence.Support || !f.Explains || f.Args["issued"] != licence.Date("2026-11-05") {
			t.Errorf("%s: got %s %s %v %v", status, f.Say, f.Owner, f.Explains, f.Args)
		}
		if f := wIn(w.diagnosis().Findings, "invoice-overdue"); f != nil && (f.Explains || f.Severity != "low") {
			t.Errorf("%s: overdue is %s, explains %v", status, f.Severity, f.Explains)
		}
		w.absent("payment-awaited", "unexplained")
		w.live(3 * licence.Day)
		w.quiet()
	}
	w := begin("2026-11-27", "open") // a Friday
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(wTime("2026-12-03 00:00")) {
		t.Errorf("until %s", f.Until)
	}
	w = begin("", "open") // first told on the 5th
	w.finding("paid-not-extended", "open")
	w = begin("2026-11-05", "void")
	w.absent("paid-not-extended")
}

// Another account pays: it is asked up to three times, ten days apart, each time after a fresh
// look; then finance phones. What changes of it is told, and that it is over.
func TestAskingWhoPays(t *testing.T) {
	in := wInvoice("open", "2026-10-20", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	begin := func() (*world, *[]licence.PaymentAsked) {
		w := newWorld(t, "2026-11-02 09:00", wFjord())
		var asked []licence.PaymentAsked
		w.payer = func(p licence.PaymentAsked) bool { asked = append(asked, p); return true }
		w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.tell(in, wLicence(wLine("sales-premium", 10, -1, 9)))
		return w, &asked
	}
	w, asked := begin()
	w.live(70 * licence.Day)
	var days []string
	times := 0
	for _, p := range *asked {
		if p.Time > times {
			times = p.Time
			days = append(days, p.At.In(wZone).Format("01-02"))
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
	w.until(wTime("2026-11-14 09:00"))
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
		w.until(wTime("2026-11-14 09:00"))
		w.tell(p)
		w.live(40 * licence.Day)
		if last := (*asked)[len(*asked)-1]; last.Over != "gone" || len(*asked) > 3 {
			t.Errorf("%s: at last %+v", name, last)
		}
	}
	// Claimed: it rests there too.
	w, asked = begin()
	w.until(wTime("2026-11-14 09:00"))
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", By: "pia"})
	w.until(w.now.Add(time.Minute))
	if last := (*asked)[len(*asked)-1]; last.Rests != "claim" || last.Over != "" || last.Time != 1 {
		t.Errorf("at last %+v", last)
	}
	// Another account pays from now on: the former one is let go, the new one asked.
	w, asked = begin()
	w.until(wTime("2026-11-14 09:00"))
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
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	asked := map[string]int{}
	w.payer = func(p licence.PaymentAsked) bool { asked[p.Invoice]++; return true }
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	for i := range licence.MaxInvoices {
		w.told(wTime("2026-11-05 08:00"), fmt.Sprint("told ", i), wBill(fmt.Sprint("INV-", i), "open", func(in *licence.InvoiceChanged) { in.Payer = "P-7" }))
	}
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
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
	in := wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	a := wFjord()
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Name: "Pia Partner", Email: "pia@partner.example", Role: licence.Partner})
	w := newWorld(t, "2026-11-30 09:00", a)
	looked := 0
	there := false
	w.payer = func(licence.PaymentAsked) bool { looked++; return there }
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(in, wLicence(wLine("sales-premium", 10, -1, 9)))
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
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), wFine(wLine("sales-premium", 10, -1, 9)))
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

// Of an invoice in euro the days of TARGET count, wherever the customer is: 6 January is a banking
// day there, and none in Sweden.
func TestEuroCountsTheDaysOfTarget(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.Expires, l.GraceUntil, l.NextCheck, l.AdminWarning = "2027-01-14", "2027-01-26", "2026-12-20", "2026-12-28"
	for currency, want := range map[string]licence.Date{"SEK": "2027-01-05", "EUR": "2027-01-06"} {
		in := wInvoice("open", "2026-12-20", "", "2027-01-14", "2028-01-14")
		in.Currency = currency
		w := newWorld(t, "2027-01-04 09:00", wFjord())
		w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.tell(in, l)
		if f := w.finding("invoice-overdue", "open"); f.Deadline.ActBy != want {
			t.Errorf("%s: act by %s, want %s", currency, f.Deadline.ActBy, want)
		}
	}
}
