package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// The rules that are the operator's, or look ahead, and their cases.

func TestF01TermsOutliveTheLicence(t *testing.T) {
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-15 08:00", wInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("payment-awaited", "open")
		if f.Say != "c" || f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Deadline.ActBy != "2026-12-04" || f.Deadline.At != "2026-12-25" {
			t.Errorf("got %+v", f)
		}
		w.wantTask("payment-awaited", licence.Finance)
		w.absent("invoice-overdue", "not-invoiced", "unexplained", "paid-not-extended")
		w.sent("payment-awaited", 1, "ap@fjord.example")
		w.summary("needs-action")
	})
	// Foreseen while the licence is fine: nothing is told, and it stands in upcoming.
	w := newWorld(t, "2026-11-05 09:00", wFjord())
	w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(wInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13"), wLicence(wLine("sales-premium", 10, -1, 9)))
	d := w.diagnosis()
	f := wIn(d.Upcoming, "payment-awaited")
	if f == nil || !f.Starts.Equal(wTime("2026-11-13 00:00")) || d.Summary != "ok" {
		t.Errorf("upcoming %q, summary %s", wCodes(d.Upcoming), d.Summary)
	}
	w.live(2 * licence.Day)
	w.quiet()
}

func TestF02NoInvoiceForTheNextPeriod(t *testing.T) {
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2025-12-20 08:00", wInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("not-invoiced", "open")
		if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Subject.Kind != "installation" {
			t.Errorf("got %+v", f)
		}
		w.absent("paid-not-extended", "unexplained", "invoice-overdue", "payment-awaited")
		w.wantTask("not-invoiced", licence.Finance)
		w.quiet() // by task, to nobody by mail
	})
}

func TestNotInvoicedFails(t *testing.T) {
	old := wInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")
	bare := old
	bare.From, bare.To = "", ""
	next := wInvoice("open", "2026-12-01", "", "2026-12-13", "2027-12-13")
	next.Invoice = "INV-8"
	ends := wOrder("sub_1", "sales-premium", 10)
	ends.EndsAt = "2027-06-01"
	order := wOrder("sub_1", "sales-premium", 10)
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	for name, c := range map[string]struct {
		facts []licence.Payload
		want  string
	}{
		"invoiced":        {[]licence.Payload{order, old, next, l}, diagnosis.Fails},
		"no periods":      {[]licence.Payload{order, bare, l}, diagnosis.Fails},
		"does not renew":  {[]licence.Payload{ends, old, l}, diagnosis.Fails},
		"longer offered":  {[]licence.Payload{order, old, wLicence(wLine("sales-premium", 10, 10, 9))}, diagnosis.Fails},
		"never was":       {[]licence.Payload{order, old, l}, diagnosis.Holds},
		"not at risk":     {[]licence.Payload{order, old, wFine(wLine("sales-premium", 10, -1, 9))}, diagnosis.Fails},
		"never invoiced":  {[]licence.Payload{order, l}, diagnosis.Unknown},
		"no subscription": {[]licence.Payload{old, l}, diagnosis.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", wFjord())
			w.tell(c.facts...)
			switch c.want {
			case diagnosis.Holds:
				w.finding("not-invoiced", "open")
			case diagnosis.Fails:
				w.passed("not-invoiced")
			default:
				w.unknown("not-invoiced")
			}
		})
	}
}

func TestPaymentAwaitedWaits(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	begin := func(in licence.InvoiceChanged) *world {
		w := newWorld(t, "2026-11-30 09:00", wFjord())
		w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.tell(in, l)
		return w
	}
	// (b) due in time: nobody, waiting until then.
	w := begin(wInvoice("open", "2026-12-04", "", "2026-12-13", "2027-12-13"))
	f := w.finding("payment-awaited", "waiting")
	if f.Say != "b" || f.Owner != licence.Nobody || f.Severity != "low" || !f.Until.Equal(wTime("2026-12-05 00:00")) || !f.Explains {
		t.Errorf("got %s %s %s until %s", f.Say, f.Owner, f.Severity, f.Until)
	}
	w.summary("waiting")
	w.live(4 * licence.Day)
	w.quiet()
	w.live(20 * time.Hour)
	w.finding("invoice-overdue", "open") // from now on it is that
	w.absent("payment-awaited")
	// No due date: nobody's in phase ok, finance's from the warning on.
	bare := wInvoice("open", "", "", "2026-12-13", "2027-12-13")
	w = begin(bare)
	if f := w.finding("payment-awaited", "open"); f.Say != "undated" || f.Owner != licence.Finance || f.Severity != "high" {
		t.Errorf("got %s %s %s", f.Say, f.Owner, f.Severity)
	}
	w.live(3 * licence.Day)
	w.quiet()
	w = newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(bare, l)
	if f := w.finding("payment-awaited", "waiting"); f.Say != "b" || f.Owner != licence.Nobody || f.Severity != "low" {
		t.Errorf("got %s %s %s", f.Say, f.Owner, f.Severity)
	}
	// (a) its payment is processing: nobody's, but where that lasts longer than the licence.
	in := wInvoice("open", "2026-12-14", "", "2026-12-13", "2027-12-13")
	in.Payment = "processing"
	w = begin(in)
	if f := w.finding("payment-awaited", "waiting"); f.Say != "a" || f.Owner != licence.Nobody {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	in.Due = "2026-12-20"
	w = begin(in)
	if f := w.finding("payment-awaited", "open"); f.Say != "a" || f.Owner != licence.Finance || f.Severity != "high" || f.Args["beyond"] != "processing" {
		t.Errorf("got %s %s %s %v", f.Say, f.Owner, f.Severity, f.Args["beyond"])
	}
	// Claimed: it rests.
	w = begin(wInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", By: "bo"})
	w.finding("payment-awaited", "waiting")
	// A period that is unknown: of the last sixty days.
	in = wInvoice("open", "2026-12-20", "", "", "")
	in.Issued = "2026-11-20"
	w = begin(in)
	w.finding("payment-awaited", "open")
	in.Issued = "2026-09-20"
	w = begin(in)
	w.absent("payment-awaited")
	// The present period, a licence that is longer on offer, one that is fine: nothing.
	w = begin(wInvoice("open", "2026-12-20", "", "2025-12-13", "2026-12-13"))
	w.absent("payment-awaited")
	l = wLicence(wLine("sales-premium", 10, 10, 9))
	w = begin(wInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	w.passed("payment-awaited")
	l = wFine(wLine("sales-premium", 10, -1, 9))
	w = begin(wInvoice("open", "2026-12-20", "", "2027-09-13", "2028-09-13"))
	w.passed("payment-awaited")
	// Extended on the invoice: the rule is off.
	l = wLicence(wLine("sales-premium", 10, -1, 9))
	w = begin(wInvoice("open", "2026-12-20", "", "2026-12-13", "2027-12-13"))
	a := wFjord()
	a.Extend = licence.Some(licence.Extend{On: "issued"})
	w.tell(a)
	w.absent("payment-awaited")
}

func TestPaymentAwaitedMailsBillingTenDaysBefore(t *testing.T) {
	w := newWorld(t, "2026-11-16 09:00", wFjord())
	w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(wInvoice("open", "2026-12-15", "", "2026-12-13", "2027-12-13"), wLicence(wLine("sales-premium", 10, -1, 9)))
	w.until(w.now.Add(30 * time.Minute))
	w.wantTask("payment-awaited", licence.Finance) // at once
	w.live(25 * licence.Day)
	w.sent("payment-awaited", 1, "ap@fjord.example")
	if got := w.mails[0].At; !got.Equal(wTime("2026-11-24 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestF04ServerCannotReachTheLicenceSystem(t *testing.T) {
	a := wFjord()
	a.Installations[0].Hosting = "onsite"
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-18 08:00", wInvoice("paid", "2026-11-20", "2026-11-18", "2026-12-13", "2027-12-13")},
		{"2026-11-20 08:00", licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}},
		{"2026-11-21 03:00", licence.InstallationReported{CustID: "Cust12345", State: "running", LastFetch: licence.Some(licence.Fetch{At: wTime("2026-11-21 03:00"), Error: "timeout"})}},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("not-fetched", "open")
		if f.Owner != licence.Admin || f.Say != "web" || !f.Explains || f.Severity != "high" || f.Args["issued"] != licence.Date("2027-12-13") {
			t.Errorf("got %+v", f)
		}
		w.absent("paid-not-extended", "not-invoiced", "unexplained")
		w.sent("not-fetched", 1, "anna@fjord.example")
	})
}

func TestNotFetched(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	issued := licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"}
	fetch := func(at string, ok bool) licence.InstallationReported {
		return licence.InstallationReported{CustID: "Cust12345", State: "running", LastFetch: licence.Some(licence.Fetch{At: wTime(at), OK: ok})}
	}
	begin := func(now string, a licence.AccountChanged, facts ...licence.Payload) *world {
		w := newWorld(t, now, a)
		w.tell(facts...)
		return w
	}
	begin("2026-11-24 09:00", wFjord(), l).unknown("not-fetched") // nobody told what is held
	begin("2026-11-24 09:00", wFjord(), l, licence.LicenceIssued{CustID: "Cust12345", Expires: "2026-12-13"}).passed("not-fetched")
	begin("2026-11-24 09:00", wFjord(), l, issued, fetch("2026-11-24 09:30", true)).passed("not-fetched")
	begin("2026-11-24 09:00", wFjord(), l, issued, fetch("2026-11-21 03:00", false)).finding("not-fetched", "open")
	// What was fetched before the longer one was issued is not the longer one: two days from then.
	early := begin("2026-11-24 09:00", wFjord(), l, issued, fetch("2026-11-21 03:00", true))
	early.finding("not-fetched", "waiting")
	early.live(time.Hour)
	early.tell(issued) // told again: it lies there since the first telling
	early.until(wTime("2026-11-26 08:59"))
	early.finding("not-fetched", "waiting")
	early.until(wTime("2026-11-26 09:01"))
	if f := early.finding("not-fetched", "open"); f.Say != "online" || f.Owner != licence.Support || len(f.Remedies) > 0 {
		t.Errorf("online: %s of %s, %v", f.Say, f.Owner, f.Remedies)
	}
	early.sent("not-fetched", 0, "anna@fjord.example") // there is nothing for her to do
	begin("2026-11-24 09:00", wFjord(), wLicence(wLine("sales-premium", 10, 10, 9)), issued).passed("not-fetched")
	server := wFjord()
	server.Installations[0].Hosting = "onsite"
	w := begin("2026-11-19 09:00", server, l, issued)
	if f := w.finding("not-fetched", "waiting"); f.WaitingFor != "fetch" || f.Owner != licence.Nobody { // it has until two days after the check
		t.Errorf("waits for %s, %s", f.WaitingFor, f.Owner)
	}
	w.until(wTime("2026-11-22 00:00"))
	if f := w.finding("not-fetched", "open"); f.Say != "web" || f.Owner != licence.Admin {
		t.Errorf("onsite: %s of %s", f.Say, f.Owner)
	}
	a := wFjord()
	a.Installations[0].Fetch = "file"
	w = begin("2026-11-21 09:00", a, l, issued)
	if f := w.finding("not-fetched", "open"); f.Say != "file" || f.Owner != licence.Support {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	// A person has loaded the file: as stated.
	stated := wLicence(wLine("sales-premium", 10, -1, 9))
	stated.Expires, stated.GraceUntil, stated.AdminWarning, stated.StatedBy = "2027-12-13", "2027-12-25", "2027-11-28", "anna"
	w.tell(stated)
	w.passed("not-fetched")
}

func TestF05OwnerRenamed(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, -1, 9))
	l.Company = "Fjord Foods AB"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 07:00", licence.InstallationReported{CustID: "Cust12345", State: "running", Company: licence.Some("Fjord Group AB")}},
	}, func(w *world) {
		f := w.finding("identity-differs", "open")
		if f.Owner != licence.Support || f.Severity != "high" || f.Say != "company" || f.Args["company"] != "Fjord Foods AB" || f.Args["owner"] != "Fjord Group AB" {
			t.Errorf("got %+v", f)
		}
		w.wantTask("identity-differs", licence.Support)
		w.absent("surplus", "not-activated")
	}, func(w *world) {
		w.sent("identity-differs", 1, "anna@fjord.example")
	})
}

func TestIdentityDiffers(t *testing.T) {
	begin := func(company, owner, serial, status string, former ...string) *world {
		a := wFjord()
		a.Installations[0].Company, a.Installations[0].Serials = owner, former
		l := wLicence(wLine("sales-premium", 10, 7, 9))
		l.Company, l.Serial, l.Status = company, serial, status
		w := newWorld(t, "2026-11-30 09:00", a)
		w.tell(l)
		return w
	}
	begin("Fjord Foods AB", " fjord foods ab ", "1801550193", "").passed("identity-differs")
	begin("Fjord Foods AB", "", "1801550193", "").passed("identity-differs") // one side was never told
	begin("Fjord Foods AB", "Fjord Foods Aktiebolag", "1801550193", "").finding("identity-differs", "open")
	begin("", "", "1801550777", "", "1801550777").passed("identity-differs") // a former serial is history
	w := begin("", "", "1801550777", "")
	if f := w.finding("identity-differs", "waiting"); f.Say != "serial" || !f.Until.Equal(wTime("2026-12-01 09:00")) {
		t.Errorf("got %s until %s", f.Say, f.Until)
	}
	w = begin("", "", "1801550193", "new-company")
	f := w.finding("identity-differs", "open")
	if f.Say != "offered" || f.Owner != licence.Admin {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	w.absent("surplus", "not-activated", "plan-swap") // activation cannot work
	// What is refused all the same is blocked by it.
	l := wLicence(wLine("sales-premium", 10, 9, 9))
	l.Status = "new-serial"
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(l)
	if f := w.finding("activation-refused", "open"); len(f.BlockedBy) != 1 || f.BlockedBy[0] != w.finding("identity-differs", "open").Fingerprint {
		t.Errorf("blocked by %v", f.BlockedBy)
	}
	w.until(w.now.Add(8 * licence.Day))
	w.finding("identity-differs", "unknown")
}

func TestSuspended(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.finding("surplus", "open")
	for _, list := range [][]diagnosis.Finding{w.diagnosis().Findings, w.diagnosis().Passed, w.diagnosis().Unknown} {
		if wIn(list, "suspended") != nil {
			t.Error("its state was never told: the rule does not apply")
		}
	}
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "suspended"})
	f := w.finding("suspended", "open")
	if f.Owner != licence.Support || f.Severity != "critical" {
		t.Errorf("got %s %s", f.Owner, f.Severity)
	}
	w.absent("surplus", "order-differs", "not-activated", "unexplained", "identity-differs")
	w.until(wTime("2026-11-30 09:30"))
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
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)), licence.InstallationReported{CustID: "Cust9001", State: "deleting"})
	if f := w.finding("suspended", "open"); f.Severity != "low" {
		t.Errorf("severity %s", f.Severity)
	}
	w.live(2 * licence.Day)
	w.quiet()
}

func TestSourceStale(t *testing.T) {
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	l := wFine(wLine("sales-premium", 10, -1, 9))
	ok := true
	w.reads = func(cust string) []licence.Payload {
		if ok && cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.until(wTime("2026-11-24 10:00"))
	w.passed("source-stale")
	ok = false
	w.until(wTime("2026-11-27 09:30"))
	f := w.finding("source-stale", "open")
	if f.Owner != licence.Ops || f.Severity != "medium" || f.Subject != (licence.Subject{Kind: "source", ID: "licence", CustID: "Cust12345"}) || f.Args["at"] != licence.Date("2026-11-24") {
		t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Subject, f.Args)
	}
	w.unknown("not-activated")
	w.quiet()
	ok = true
	w.until(wTime("2026-11-28 09:30"))
	w.passed("source-stale")
	// Only pushed: not connected, and it counts for thirty days.
	w = newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(l)
	w.until(w.now.Add(5 * licence.Day))
	w.absent("source-stale")
	w.summary("ok")
	w.until(w.now.Add(25 * licence.Day))
	w.absent("source-stale")
	w.summary("unknown")
	// Checked by whoever tells of it: connected for thirty days.
	w = newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(l, licence.SourceChecked{Of: "licence", CustID: "Cust12345"})
	w.until(wTime("2026-11-27 09:00"))
	w.finding("source-stale", "open")
	w.until(wTime("2026-12-24 09:00"))
	w.absent("source-stale")
	w.summary("unknown")
	// Billing is asked, and silent: its rules are unknown.
	w = newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(l, wOrder("sub_1", "sales-premium", 10), wInvoice("open", "2026-11-01", "", "2027-09-13", "2028-09-13"), licence.SourceChecked{Of: "billing"})
	w.finding("invoice-overdue", "open")
	w.until(wTime("2026-11-27 09:00"))
	w.finding("source-stale", "open")
	w.finding("invoice-overdue", "unknown") // its task stays
	w.quiet()
	w.tell(licence.SourceChecked{Of: "billing"})
	w.finding("invoice-overdue", "open")
}

func TestTrialEnding(t *testing.T) {
	a := wFjord()
	a.Installations = a.Installations[1:]
	l := wLicence(wLine("sales-premium", 5, -1, 1))
	l.CustID, l.Serial, l.Markers, l.Expires, l.GraceUntil, l.AdminWarning = "Cust9001", "1801550010", []string{"freetrial"}, "2026-12-13", "", ""
	w := newWorld(t, "2026-11-24 09:00", a)
	w.tell(l)
	w.passed("trial-ending")
	if up := w.diagnosis().Upcoming; len(up) != 1 || up[0].Code != "trial-ending" || !up[0].Starts.Equal(wTime("2026-11-29 00:00")) {
		t.Errorf("upcoming %q", wCodes(up))
	}
	w.live(5 * licence.Day)
	f := w.finding("trial-ending", "open")
	if f.Owner != licence.Sales || f.Deadline.At != "2026-12-13" {
		t.Errorf("got %s %+v", f.Owner, f.Deadline)
	}
	w.wantTask("trial-ending", licence.Sales)
	w.absent("wrong-installation")
	w.live(20 * licence.Day)
	w.quiet() // it is marketing
	// A warned login is enough; a production installation ends it.
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(wLogin("Cust9001", "eva", 40))
	w.finding("trial-ending", "open")
	w.tell(wFjord())
	w.absent("trial-ending")
	if d := w.diagnosis(); slices.ContainsFunc(d.Passed, func(f diagnosis.Finding) bool { return f.Code == "trial-ending" }) {
		t.Error("with a production installation the rule does not apply")
	}
}

// A wait that lasts longer than the licence, less a banking day, is none: it is somebody's at our
// end at once, and the customer hears nothing of it yet.
func TestNoWaitOutlastsTheLicence(t *testing.T) {
	for code, facts := range map[string]func(l *licence.LicenceReported) []licence.Payload{
		"paid-not-extended": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{wInvoice("paid", "2026-11-20", "2026-11-26", "2026-11-18", "2027-11-18")}
		},
		"not-fetched": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-11-18"}}
		},
		"not-invoiced": func(*licence.LicenceReported) []licence.Payload {
			return []licence.Payload{wOrder("sub_1", "sales-premium", 10), wInvoice("void", "2026-11-20", "", "2026-11-18", "2027-11-18")}
		},
		"identity-differs": func(l *licence.LicenceReported) []licence.Payload {
			l.Serial = "1801999999"
			return nil
		},
		"order-differs": func(l *licence.LicenceReported) []licence.Payload {
			l.Offered, l.NewExpires, l.Plans = true, "2027-11-18", wLicence(wLine("sales-premium", 10, 7, 9)).Plans
			return []licence.Payload{wOrder("sub_1", "sales-premium", 10)}
		},
	} {
		for grace, state := range map[licence.Date]string{"2026-11-27": "open", "2026-12-04": "waiting"} {
			w := newWorld(t, "2026-11-26 09:00", wFjord())
			l := wLicence(wLine("sales-premium", 10, -1, 9))
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
