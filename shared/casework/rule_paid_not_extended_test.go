package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Paid-not-extended: all is paid, and no longer licence has come.

func TestQ01PaidYesterday(t *testing.T) {
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	l.AdminWarning = "2026-11-15"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-23 15:00", licenceInvoice("paid", "2026-11-01", "2026-11-23", "2026-12-13", "2027-12-13")},
		{"2026-11-24 06:00", l},
	}, func(w *world) {
		w.absent("invoice-overdue")
		f := w.finding("paid-not-extended", "waiting")
		if f.WaitingFor != "extension" || !f.Until.Equal(stockholm("2026-11-27 00:00")) {
			t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
		}
		if f.Owner != licence.Nobody || !f.Explains {
			t.Errorf("owner %s, explains %v", f.Owner, f.Explains)
		}
		w.summary("waiting")
		w.quiet()
	}, func(w *world) {
		w.finding("paid-not-extended", "open") // three banking days are over, and a read since
		w.wantTask("paid-not-extended", licence.Support)
		w.quiet()
	})
}

func TestQ27VoidAndReissued(t *testing.T) {
	again := licenceInvoice("open", "2026-12-01", "", "2026-12-13", "2027-12-13")
	again.Invoice, again.Replaces = "INV-8", "INV-7"
	inAnyOrder(t, "2026-11-24 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-10-20 08:00", licenceInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-10 08:00", licenceInvoice("void", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-10 08:01", again},
		{"2026-11-24 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue", "paid-not-extended", "not-invoiced")
		w.quiet()
	})
}

func TestPaidNotExtended(t *testing.T) {
	paid := licenceInvoice("paid", "2026-11-01", "2026-11-23", "2026-12-13", "2027-12-13")
	begin := func(now string, in licence.InvoiceChanged, l licence.LicenceReported) *world {
		w := newWorld(t, now, fjord())
		w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.told(stockholm("2026-11-23 15:00"), "paid", in)
		w.tell(l)
		return w
	}
	l := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	// Someone was warned at login: admin and billing hear once that it is our mistake.
	w := begin("2026-11-26 09:00", paid, l)
	w.tell(warnedLogin("Cust12345", "eva", 17))
	w.finding("paid-not-extended", "waiting")
	w.absent("unexplained")
	w.live(26 * time.Hour)
	f := w.finding("paid-not-extended", "open")
	if f.Owner != licence.Support || f.Say != "a" || !f.Explains || f.Deadline.ActBy != "2026-12-10" {
		t.Errorf("got %s %s %v %+v", f.Owner, f.Say, f.Explains, f.Deadline)
	}
	w.live(10 * licence.Day)
	if n := len(w.about("paid-not-extended")); n != 2 {
		t.Errorf("%d mails: %v", n, w.mails)
	}
	// The time has come and nothing was read since: not known.
	w = begin("2026-11-26 23:00", paid, l)
	w.until(stockholm("2026-11-27 00:10"))
	w.unknown("paid-not-extended")
	// In grace one banking day is enough.
	late := paid
	late.PaidAt = "2026-12-14"
	w = begin("2026-12-15 09:00", late, l)
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(stockholm("2026-12-16 00:00")) {
		t.Errorf("until %s", f.Until)
	}
	// paid_at null: the earliest fact that says paid.
	null := paid
	null.PaidAt = ""
	w = begin("2026-11-24 09:00", null, l)
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(stockholm("2026-11-27 00:00")) {
		t.Errorf("until %s", f.Until)
	}
	// Periods unknown: all known licence invoices are paid.
	bare := paid
	bare.From, bare.To = "", ""
	w = begin("2026-11-27 09:00", bare, l)
	if f := w.finding("paid-not-extended", "open"); f.Say != "all-paid" {
		t.Errorf("says %s", f.Say)
	}
	// A paid period that ends a day after the licence is still the present one.
	same := paid
	same.To = "2026-12-14"
	w = begin("2026-11-27 09:00", same, l)
	w.absent("paid-not-extended")
	// A longer offer, or the licence system holds a longer one: it was passed on.
	w = begin("2026-11-27 09:00", paid, lapsingLicence(licenceLine("sales-premium", 10, 10, 9)))
	w.passed("paid-not-extended")
	w = begin("2026-11-27 09:00", paid, l)
	w.tell(licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"})
	w.passed("paid-not-extended")
	// The operator's own limit.
	w = begin("2026-11-27 09:00", paid, l)
	a := fjord()
	a.Extend = licence.Some(licence.Extend{On: "payment", WithinDays: 5})
	w.tell(a)
	w.finding("paid-not-extended", "waiting")
}

func TestF18PaidQuarterWasNotPassedOn(t *testing.T) {
	first := licenceInvoice("paid", "2026-11-10", "2026-11-05", "2026-12-13", "2027-03-13")
	next := licenceInvoice("open", "2027-02-10", "", "2027-03-13", "2027-06-13")
	next.Invoice = "INV-8"
	inAnyOrder(t, "2026-11-30 09:00", fjord(), []toldAt{
		{"2026-01-05 08:00", orderOf("sub_1", "sales-premium", 10)},
		{"2026-11-05 08:00", first},
		{"2026-11-25 08:00", next},
		{"2026-11-30 06:00", lapsingLicence(licenceLine("sales-premium", 10, -1, 9))},
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
	w := invoiced(t, first, next)
	if f := w.finding("invoice-overdue", "open"); f.Severity != "low" || f.Explains {
		t.Errorf("got %s %v", f.Severity, f.Explains)
	}
	w.finding("paid-not-extended", "open")
	// The first one missing: nothing was invoiced for the time after the licence.
	w = invoiced(t, next)
	w.finding("not-invoiced", "open")
	w.absent("paid-not-extended", "payment-awaited")
}

// The invoices that the licence waits for: each must be paid before it is our turn.
func TestPaidNotExtendedOfWhatTheLicenceWaitsFor(t *testing.T) {
	fee := []licence.InvoiceLine{{Prices: []string{"price_sp"}, From: "2025-12-13", To: "2026-12-13"}, {Prices: []string{"price_fee"}, From: "2025-12-13", To: "2027-12-13"}}
	for name, c := range map[string]struct {
		invoices []licence.InvoiceChanged
		want     licence.Code // paid-not-extended, or what stands in its place
	}{
		"paid": {[]licence.InvoiceChanged{nextInvoice("A", "paid", nil)}, "paid-not-extended"},
		"an add-on beside it is open": {[]licence.InvoiceChanged{nextInvoice("A", "paid", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })},
			"invoice-overdue"},
		"only the add-on is paid":     {[]licence.InvoiceChanged{nextInvoice("A", "open", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })}, "invoice-overdue"},
		"a rest within the tolerance": {[]licence.InvoiceChanged{nextInvoice("A", "open", func(in *licence.InvoiceChanged) { in.Remaining = "0.50" })}, "paid-not-extended"},
		"credited away":               {[]licence.InvoiceChanged{nextInvoice("A", "paid", func(in *licence.InvoiceChanged) { in.Credited = in.Amount })}, "not-invoiced"},
		"a fee lengthens no period":   {[]licence.InvoiceChanged{nextInvoice("A", "paid", func(in *licence.InvoiceChanged) { in.Lines, in.From = fee, "2025-12-13" })}, "not-invoiced"},
		"a credit note told as an invoice": {[]licence.InvoiceChanged{nextInvoice("A", "paid", func(in *licence.InvoiceChanged) { in.Amount = "-12500.00" })},
			"unexplained"},
		"contested, and reissued and paid": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", nil)}, "paid-not-extended"},
		"contested, a smaller one paid":    {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) { in.Amount = "300.00" })}, "payment-disputed"},
		"contested, another currency paid": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) { in.Currency = "JPY" })}, "payment-disputed"},
		"contested, another open in its place": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Due = "A", "2026-12-20"
		})}, "payment-disputed"},
		"given up, another open in its place": {[]licence.InvoiceChanged{nextInvoice("A", "uncollectible", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Due = "A", "2026-12-20"
		})}, "payment-disputed"},
		"contested, a smaller one paid in its place": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) {
			in.Replaces, in.Amount = "A", "300.00"
		})}, "payment-disputed"},
		"contested, paid in its place without a period": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) {
			in.Replaces, in.From, in.To = "A", "", ""
		})}, "paid-not-extended"},
		"contested, paid in instants": {[]licence.InvoiceChanged{nextInvoice("A", "disputed", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) {
			in.From, in.To = "2026-12-12T23:00:00Z", "2027-12-12T23:00:00Z"
		})}, "paid-not-extended"},
		"overdue, and another names it": {[]licence.InvoiceChanged{nextInvoice("A", "open", nil), nextInvoice("B", "paid", func(in *licence.InvoiceChanged) { in.Replaces = "A" })}, "paid-not-extended"},
		"an older one is overdue": {[]licence.InvoiceChanged{nextInvoice("A", "paid", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) { in.From, in.To = "2025-12-13", "2026-12-13" })},
			"paid-not-extended"},
		"without a period beside one with": {[]licence.InvoiceChanged{nextInvoice("A", "paid", nil), nextInvoice("B", "open", func(in *licence.InvoiceChanged) { in.From, in.To = "", "" })},
			"paid-not-extended"},
	} {
		t.Run(name, func(t *testing.T) {
			a := fjord()
			a.NotSeats = licence.Some([]string{"price_fee"})
			w := invoiced(t, c.invoices...)
			w.told(stockholm("2026-01-03 08:00"), "fee", a)
			w.until(stockholm("2026-12-02 09:00")) // what waits for the order waits no longer
			w.confirm()
			if f := w.finding(c.want, "open"); !f.Explains {
				t.Errorf("%s explains nothing", c.want)
			}
			for _, code := range []licence.Code{"paid-not-extended", "not-invoiced", "unexplained", "payment-disputed"} {
				if code != c.want {
					w.absent(code)
				}
			}
		})
	}
}

// Each installation waits for the invoices of its own subscriptions.
func TestInvoicesOfTwoInstallations(t *testing.T) {
	a := fjord()
	a.Installations[1] = licence.Installation{CustID: "Cust502", Serial: "1801550502", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust502"}
	order := func(id, cust string) licence.SubscriptionChanged {
		s := orderOf(id, "sales-premium", 10)
		s.Items[0].CustID = cust
		return s
	}
	other := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	other.CustID, other.Serial = "Cust502", "1801550502"
	covers := func(sub string) func(*licence.InvoiceChanged) {
		return func(in *licence.InvoiceChanged) { in.Covers = []string{sub} }
	}
	at := func(w *world, code licence.Code) (all []string) {
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
		w.told(stockholm("2026-01-05 08:00"), "order a", order("sub_a", "Cust12345"))
		w.told(stockholm("2026-01-05 08:00"), "order b", order("sub_b", "Cust502"))
		for _, in := range invoices {
			w.told(stockholm("2026-11-05 08:00"), "told "+in.Invoice, in)
		}
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)), other)
		return w
	}
	// One pays, the other does not.
	w := begin(nextInvoice("A", "paid", covers("sub_a")), nextInvoice("B", "open", covers("sub_b")))
	if got := at(w, "paid-not-extended"); !slices.Equal(got, []string{"Cust12345"}) {
		t.Errorf("paid at %v", got)
	}
	if f := w.finding("invoice-overdue", "open"); f.Severity != "high" || !f.Explains {
		t.Errorf("got %s %v", f.Severity, f.Explains)
	}
	w.absent("unexplained", "not-invoiced")
	// The other's overdue invoice is no cause here: without one of its own it has none.
	w = begin(nextInvoice("B", "open", covers("sub_b")))
	if got := at(w, "not-invoiced"); !slices.Equal(got, []string{"Cust12345"}) {
		t.Errorf("not invoiced at %v", got)
	}
	// One that names no subscription, or one that nobody knows, is for both.
	for _, change := range []func(*licence.InvoiceChanged){nil, covers("sub_z")} {
		if got := at(begin(nextInvoice("A", "paid", change)), "paid-not-extended"); !slices.Equal(got, []string{"Cust12345", "Cust502"}) {
			t.Errorf("paid at %v", got)
		}
	}
	// One's paid invoice supersedes nothing that is contested of the other's.
	w = begin(nextInvoice("A", "disputed", covers("sub_a")), nextInvoice("B", "paid", covers("sub_b")))
	w.finding("payment-disputed", "open")
	if got := at(w, "paid-not-extended"); !slices.Equal(got, []string{"Cust502"}) {
		t.Errorf("paid at %v", got)
	}
}

// Extended on the invoice alone: it is our turn so many banking days after it was issued.
func TestExtendOnIssued(t *testing.T) {
	a := fjord()
	a.Extend = licence.Some(licence.Extend{On: "issued", WithinDays: 3})
	begin := func(issued licence.Date, status string) *world {
		w := newWorld(t, "2026-11-30 09:00", a)
		w.told(stockholm("2026-01-05 08:00"), "order", orderOf("sub_1", "sales-premium", 10))
		w.told(stockholm("2026-11-05 08:00"), "invoice", nextInvoice("A", status, func(in *licence.InvoiceChanged) { in.Issued = issued }))
		w.tell(lapsingLicence(licenceLine("sales-premium", 10, -1, 9)))
		return w
	}
	for _, status := range []string{"open", "paid"} {
		w := begin("2026-11-05", status)
		f := w.finding("paid-not-extended", "open")
		if f.Say != "invoiced" || f.Owner != licence.Support || !f.Explains || f.Args["issued"] != licence.Date("2026-11-05") {
			t.Errorf("%s: got %s %s %v %v", status, f.Say, f.Owner, f.Explains, f.Args)
		}
		if f := findingOf(w.diagnosis().Findings, "invoice-overdue"); f != nil && (f.Explains || f.Severity != "low") {
			t.Errorf("%s: overdue is %s, explains %v", status, f.Severity, f.Explains)
		}
		w.absent("payment-awaited", "unexplained")
		w.live(3 * licence.Day)
		w.quiet()
	}
	w := begin("2026-11-27", "open") // a Friday
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(stockholm("2026-12-03 00:00")) {
		t.Errorf("until %s", f.Until)
	}
	w = begin("", "open") // first told on the 5th
	w.finding("paid-not-extended", "open")
	w = begin("2026-11-05", "void")
	w.absent("paid-not-extended")
}
