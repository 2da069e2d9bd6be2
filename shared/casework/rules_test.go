package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// The quiet cases: a finding may stand, and nobody at the customer is
// mailed.

func TestQ01PaidYesterday(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.AdminWarning = "2026-11-15"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-23 15:00", wInvoice("paid", "2026-11-01", "2026-11-23", "2026-12-13", "2027-12-13")},
		{"2026-11-24 06:00", l},
	}, func(w *world) {
		w.absent("invoice-overdue")
		f := w.finding("paid-not-extended", "waiting")
		if f.WaitingFor != "extension" || !f.Until.Equal(wTime("2026-11-27 00:00")) {
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

func TestQ02DueInTwelveDays(t *testing.T) {
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-06 08:00", wInvoice("open", "2026-12-06", "", "2027-09-13", "2028-09-13")},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue", "payment-awaited")
		w.passed("invoice-overdue")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ03ConsultancyLate(t *testing.T) {
	other := wInvoice("open", "2026-08-24", "", "", "")
	other.Kind = "other"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-08-01 08:00", other},
		{"2026-11-24 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.passed("invoice-overdue")
		w.unknown("paid-not-extended")
		w.quiet()
	})
}

func TestQ04Cancelled(t *testing.T) {
	ended := wOrder("sub_1", "sales-premium", 30)
	ended.Status = "ended"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 30)},
		{"2026-11-20 08:00", ended},
		{"2026-11-30 05:00", wSeats("sales-premium", 30)},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 30, -1, 30))},
	}, func(w *world) {
		w.finding("subscription-ended", "open")
	}, func(w *world) {
		f := w.finding("subscription-ended", "open")
		if f.Owner != licence.Nobody || f.Severity != "low" || f.Subject.Kind != "account" || !f.Explains {
			t.Errorf("got %+v", f)
		}
		w.absent("surplus", "plan-swap", "order-differs", "unexplained", "not-activated", "paid-not-extended")
		w.sent("subscription-ended", 1, "anna@fjord.example")
		if len(w.mails) != 1 {
			t.Errorf("mails: %v", w.mails)
		}
		w.wantTask("subscription-ended", "")
	})
}

func TestQ04ThreeLinesAndNothingElse(t *testing.T) {
	w := newWorld(t, "2026-10-20 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 30), wSeats("sales-premium", 30), wLicence(wLine("sales-premium", 30, -1, 30)))
	w.tell(wInvoice("open", "2026-10-25", "", "2026-12-13", "2027-12-13"))
	ended := wOrder("sub_1", "sales-premium", 30)
	ended.EndsAt = "2026-12-25"
	w.tell(ended)
	w.halfHour()
	w.finding("subscription-ended", "waiting")
	w.quiet()
	w.live(80 * licence.Day) // beyond the end: the licence has run out, and the invoice is long overdue
	w.sent("subscription-ended", 3, "anna@fjord.example")
	if len(w.mails) != 3 {
		t.Errorf("nothing but three lines: %v", w.mails)
	}
	want := []string{"2026-10-21", "2026-11-25", "2026-12-18"}
	for i, m := range w.mails {
		if got := m.At.In(wZone).Format("2006-01-02"); got != want[i] {
			t.Errorf("line %d went on %s, want %s", i+1, got, want[i])
		}
	}
	w.finding("subscription-ended", "open")
	w.finding("invoice-overdue", "open")
	w.wantTask("invoice-overdue", licence.Finance)
}

func TestQ05DeletedAndCreatedAnew(t *testing.T) {
	ended := wOrder("sub_1", "sales-premium", 10)
	ended.Status = "ended"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 08:50", ended},
		{"2026-11-24 08:52", wOrder("sub_2", "sales-premium", 10)},
		{"2026-11-24 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("subscription-ended", "surplus", "order-differs")
		w.passed("subscription-ended")
		w.quiet()
	})
	// And in the two minutes between, nobody is told either.
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), wLicence(wLine("sales-premium", 10, -1, 12)))
	w.until(wTime("2026-11-24 10:00"))
	w.tell(ended)
	f := w.finding("subscription-ended", "waiting")
	if f.WaitingFor != "settle" || !f.Until.Equal(wTime("2026-11-25 10:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.absent("surplus") // hidden while it waits
	w.until(wTime("2026-11-24 10:02"))
	w.tell(wOrder("sub_2", "sales-premium", 10))
	w.absent("subscription-ended")
	w.quiet()
}

func TestQ06PaymentStatusIsNoSeatCount(t *testing.T) {
	for _, status := range []string{"past_due", "unpaid", "paused", "incomplete", "trialing"} {
		t.Run(status, func(t *testing.T) {
			s := wOrder("sub_1", "sales-premium", 10)
			s.Status = status
			wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
				{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
				{"2026-11-20 08:00", s},
				{"2026-11-24 05:55", wSeats("sales-premium", 9)},
				{"2026-11-24 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
			}, nil, func(w *world) {
				w.absent("subscription-ended", "surplus", "order-differs", "plan-swap")
				w.quiet()
			})
		})
	}
}

func TestQ07UnmappedPrice(t *testing.T) {
	s := wOrder("sub_1", "sales-premium", 10)
	s.Items = append(s.Items, licence.Item{Prices: []string{"price_new"}, Quantity: 3})
	refused := wLicence(wLine("sales-premium", 10, 7, 9))
	fits := wLicence(wLine("sales-premium", 10, 12, 9))
	fits.CanActivate = true
	for name, l := range map[string]licence.LicenceReported{"over": refused, "fits": fits} {
		t.Run(name, func(t *testing.T) {
			wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
				{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
				{"2026-11-20 08:00", s},
				{"2026-11-30 06:00", l},
			}, nil, func(w *world) {
				f := w.finding("order-differs", "open")
				if f.Say != "a" || f.Subject != (licence.Subject{Kind: "price", ID: "price_new"}) || f.Owner != licence.Support {
					t.Errorf("got %s %v %s", f.Say, f.Subject, f.Owner)
				}
				w.wantTask("order-differs", licence.Support)
				w.absent("surplus", "plan-swap", "unexplained")
				w.quiet()
				if name == "over" {
					w.unknown("surplus")
				} else {
					w.passed("surplus") // fits, whatever was ordered
					if f := w.finding("not-activated", "open"); len(f.BlockedBy) != 1 || len(f.Remedies) > 0 {
						t.Errorf("not-activated is blocked by %v, remedies %v", f.BlockedBy, f.Remedies)
					}
				}
			})
		})
	}
}

func TestQ08OrderCoversWhatTheOfferDoesNot(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, 7, 9))
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-20 05:55", wSeats("sales-premium", 9)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap", "not-activated", "activation-refused")
		f := w.finding("order-differs", "open")
		if f.Say != "b" || f.Severity != "medium" || f.Owner != licence.Support {
			t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
		}
		w.wantTask("order-differs", licence.Support)
		w.quiet()
	})
}

func TestQ09CheckIsTomorrow(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, 10, 9))
	l.CanActivate, l.NextCheck = true, "2026-11-25"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
	}, func(w *world) {
		f := w.finding("not-activated", "waiting")
		if f.Owner != licence.Nobody || f.Severity != "low" || f.WaitingFor != "self" || !f.Until.Equal(wTime("2026-11-26 00:00")) {
			t.Errorf("got %s %s %s %s", f.Owner, f.Severity, f.WaitingFor, f.Until)
		}
		w.summary("waiting")
		w.quiet()
	}, func(w *world) {
		w.finding("not-activated", "open") // it has had its chance
		w.sent("not-activated", 1, "anna@fjord.example")
	})
}

func TestQ10TrialConverted(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, -1, 9))
	l.CustID, l.Serial = "Cust9001", "1801550010"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-20 10:00", wLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", wLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", wLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("wrong-installation")
		if f := w.passed("wrong-installation"); f.Say != "converted" {
			t.Errorf("says %s", f.Say)
		}
		w.quiet()
	})
}

func TestQ11Sandbox(t *testing.T) {
	a := wFjord()
	a.Installations[1].Kind = "sandbox"
	wPlay(t, "2026-11-24 09:00", a, []wTold{
		{"2026-11-20 10:00", wLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", wLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", wLogin("Cust9001", "siv", 10)},
		{"2026-11-23 10:00", wLogin("Cust9001", "kim", 10)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Say != "sandbox" || f.Severity != "low" || f.Owner != licence.EndUser {
			t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
		}
		w.summary("ok")
		w.quiet()
	})
}

func TestQ12TrialKeptOnPurpose(t *testing.T) {
	a := wFjord()
	a.Installations[1].KeepUntil = "2027-03-01"
	wPlay(t, "2026-11-24 09:00", a, []wTold{
		{"2026-11-20 10:00", wLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", wLogin("Cust9001", "ola", 11)},
		{"2026-11-22 10:00", wLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.finding("wrong-installation", "answered")
		w.wantTask("wrong-installation", "")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ13MaintenanceEndedIsNoCause(t *testing.T) {
	a := wFjord()
	a.Installations[0].Hosting = "onsite"
	l := wFine(wLine("sales-premium", 10, -1, 9))
	wPlay(t, "2027-01-12 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2027-01-02 08:00", wInvoice("open", "2027-01-31", "", "2027-01-01", "2028-01-01")},
		{"2027-01-12 06:00", l},
	}, nil, func(w *world) {
		f := w.passed("version-not-covered")
		if f.Args["maintenance"] != licence.Date("2026-12-31") {
			t.Errorf("the passed line has no date: %v", f.Args)
		}
		w.absent("invoice-overdue")
		w.quiet()
	})
}

func TestQ14ElevenMonthsOfSilence(t *testing.T) {
	wPlay(t, "2026-11-10 09:00", wFjord(), []wTold{
		{"2025-12-14 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2025-12-20 08:00", wInvoice("paid", "2025-12-18", "2025-12-20", "2025-12-13", "2026-12-13")},
		{"2026-11-10 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		w.summary("ok")
	}, func(w *world) {
		w.absent("invoice-overdue", "paid-not-extended", "surplus", "unexplained")
		w.passed("invoice-overdue")
		w.passed("surplus")
		w.quiet()
	})
}

func TestQ15OnsiteNeverConnected(t *testing.T) {
	a := wFjord()
	a.Installations[0].Hosting = "onsite"
	wPlay(t, "2026-11-24 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-01-20 08:00", wInvoice("paid", "2026-01-18", "2026-01-20", "2025-12-13", "2026-12-13")},
	}, nil, func(w *world) {
		w.phase("unknown")
		w.summary("unknown")
		w.unknown("surplus")
		w.unknown("version-not-covered")
		w.unknown("not-activated")
		w.quiet()
	})
}

func TestQ16MeteredTotal(t *testing.T) {
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 50)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 100000, -1, 60))},
	}, nil, func(w *world) {
		w.absent("surplus", "order-differs")
		w.quiet()
	})
}

func TestQ17HiddenModuleOver(t *testing.T) {
	hidden := wLine("superlicense", 5, 3, 5)
	hidden.Kind = "hidden"
	none := wLine("superlicense-no-selection", 5, 3, 9)
	l := wLicence(wLine("sales-premium", 10, 9, 9), hidden, none)
	l.CanActivate = true
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 9)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "activation-refused", "order-differs")
		w.finding("not-activated", "open")
		for _, m := range w.mails {
			if len(m.Codes) != 1 || m.Codes[0] != "not-activated" {
				t.Errorf("a mail about something else: %s", m)
			}
		}
	})
}

func TestQ18UnrestrictedOver(t *testing.T) {
	l := wLine("sales-premium", 10, -1, 90)
	l.Unrestricted = true
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 05:55", wSeats("sales-premium", 90)},
		{"2026-11-24 06:00", wFine(l)},
	}, nil, func(w *world) {
		w.absent("surplus", "order-differs", "plan-swap")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ19Arrangement(t *testing.T) {
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-20 08:00", licence.ArrangementChanged{Until: "2027-01-15", By: "finance"}},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		// The arrangement outlives the licence: finance must lengthen it, and nobody is told.
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Finance || !f.Explains || f.Args["beyond"] != "arrangement" {
			t.Errorf("got %s %v %v", f.Owner, f.Explains, f.Args["beyond"])
		}
		w.absent("unexplained", "paid-not-extended")
		w.summary("needs-action")
		w.quiet()
	})
	// One that ends before the licence does: it rests.
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	w.tell(licence.ArrangementChanged{Until: "2026-12-21", By: "finance"}, wLicence(wLine("sales-premium", 10, -1, 9)))
	f := w.finding("invoice-overdue", "waiting")
	if f.WaitingFor != "arrangement" || f.Owner != licence.Nobody || !f.Explains {
		t.Errorf("got %s %s %v", f.WaitingFor, f.Owner, f.Explains)
	}
	w.summary("waiting")
	w.live(20 * licence.Day)
	w.quiet()
}

func TestQ20PartnerPays(t *testing.T) {
	in := wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Payer = "P-7"
	a := wFjord()
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Name: "Pia Partner", Email: "pia@partner.example", Role: licence.Partner})
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-10-01 08:00", in},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		// Nobody is there who pays: the account's own partner hears of it.
		f := w.finding("invoice-overdue", "open")
		if f.Owner != licence.Partner {
			t.Errorf("owner %s", f.Owner)
		}
		w.sent("invoice-overdue", 1, "pia@partner.example")
		if len(w.mails) != 1 {
			t.Errorf("mails: %v", w.mails)
		}
	})
	// Without a contact at the partner nobody at the customer is asked in its place.
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wOrder("sub_1", "sales-premium", 10), in, wLicence(wLine("sales-premium", 10, -1, 9)))
	w.live(73 * time.Hour)
	w.quiet()
}

func TestQ21ImportIsReviewed(t *testing.T) {
	a := wFjord()
	a.Mail = licence.Opt[string]{}
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 7)},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, 7, 9))},
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

func TestQ22LicenceSystemAnswersNull(t *testing.T) {
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
		{"2026-11-24 08:00", licence.ReadFailed{CustID: "Cust12345", Error: "null"}},
	}, nil, func(w *world) {
		w.phase("ok")
		w.summary("ok")
		w.passed("surplus")
		w.quiet()
	})
}

func TestQ23WarningBeforeTheCheck(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.AdminWarning, l.NextCheck = "2026-11-23", "2026-11-30"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.phase("admin-warning")
		w.passed("unexplained")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ24TierChangeInOneModule(t *testing.T) {
	a := wFjord()
	a.Plans = append(a.Plans, licence.Plan{Plan: "sales-essentials", Name: "Sales Essentials", Module: "ten-sales", Prices: []string{"price_se"}})
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-essentials", 10)},
		{"2026-11-20 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-30 05:55", wSeats("sales-essentials", 9)},
		{"2026-11-30 06:00", func() licence.LicenceReported {
			l := wLicence(wLine("sales-premium", 10, 10, 9))
			l.CanActivate = true
			return l
		}()},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap", "order-differs")
		if f := w.passed("surplus"); f.Subject != (licence.Subject{Kind: "module", ID: "ten-sales", CustID: "Cust12345"}) {
			t.Errorf("subject %v", f.Subject)
		}
	})
}

func TestQ25PlansToSuite(t *testing.T) {
	suite := wLine("suite", 0, 50, 45)
	suite.Kind = "suite"
	l := wLicence(wLine("sales-premium", 30, 0, 30), wLine("service-premium", 20, 0, 20), suite)
	l.CanActivate, l.NextCheck = true, "2026-12-01"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-11-24 06:00", l},
	}, nil, func(w *world) {
		w.absent("surplus", "plan-swap")
		if f := w.passed("surplus"); f.Subject.Kind != "suite" {
			t.Errorf("subject %v", f.Subject)
		}
		w.finding("not-activated", "open") // three days on offer
	})
}

func TestQ26ShortByHalf(t *testing.T) {
	in := wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Remaining = "0.50"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", in},
		{"2026-11-24 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue")
		w.quiet()
	})
}

func TestQ27VoidAndReissued(t *testing.T) {
	again := wInvoice("open", "2026-12-01", "", "2026-12-13", "2027-12-13")
	again.Invoice, again.Replaces = "INV-8", "INV-7"
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-10-20 08:00", wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-10 08:00", wInvoice("void", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-10 08:01", again},
		{"2026-11-24 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		w.absent("invoice-overdue", "paid-not-extended", "not-invoiced")
		w.quiet()
	})
}

func TestQ28DirectDebitProcessing(t *testing.T) {
	in := wInvoice("open", "2026-11-20", "", "2026-12-13", "2027-12-13")
	in.Payment = "processing"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-27 08:00", in},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("invoice-overdue", "waiting")
		if f.WaitingFor != "processing" || f.Owner != licence.Nobody {
			t.Errorf("got %s %s", f.WaitingFor, f.Owner)
		}
		w.quiet()
	})
}

func TestQ29DatesAtLocalMidnight(t *testing.T) {
	a := wFjord()
	a.Timezone = "Europe/Helsinki" // UTC+2
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.AdminWarning, l.Expires, l.GraceUntil = "2026-11-24T22:00:00Z", "2026-12-12T22:00:00Z", "2026-12-24T22:00:00Z"
	w := newWorld(t, "2026-11-24 09:00", a)
	w.tell(l)
	w.phase("ok")
	r := diagnosis.NewReading(w.s, w.now, w.now)
	s := r.Worst()
	if s.ExpiresOn != "2026-12-13" || s.GraceOn != "2026-12-25" {
		t.Errorf("expires on %s, grace until %s", s.ExpiresOn, s.GraceOn)
	}
	helsinki, _ := time.LoadLocation("Europe/Helsinki")
	if want := time.Date(2026, 11, 25, 0, 0, 0, 0, helsinki); !s.Warns.Equal(want) {
		t.Errorf("warns at %s, want %s", s.Warns, want)
	}
	// An instant within the civil day counts from the day's first moment.
	l.AdminWarning = "2026-11-25T00:00:00Z"
	w.tell(l)
	if s := diagnosis.NewReading(w.s, w.now, w.now).Worst(); !s.Warns.Equal(time.Date(2026, 11, 25, 0, 0, 0, 0, helsinki)) {
		t.Errorf("warns at %s", s.Warns)
	}
	// The night on which clocks go back: 25 October 2026 begins in summer time.
	zone := wZone
	if got, want := licence.Date("2026-10-25").Start(zone).UTC(), time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("starts at %s, want %s", got, want)
	}
	if got, want := licence.Date("2026-10-26").Start(zone).UTC(), time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("starts at %s, want %s", got, want)
	}
	w.quiet()
}

func TestQ30OneUserInTheTrialOnce(t *testing.T) {
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-11-23 10:00", wLogin("Cust9001", "eva", 12)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Owner != licence.EndUser || f.Severity != "low" || !f.Explains {
			t.Errorf("got %s %s %v", f.Owner, f.Severity, f.Explains)
		}
		w.wantTask("wrong-installation", "")
		w.summary("ok")
		w.quiet()
	})
}

func TestQ31SaturdayMaintenance(t *testing.T) {
	wPlay(t, "2026-11-28 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 7)},
		{"2026-11-28 06:00", wLicence(wLine("sales-premium", 10, 7, 0))},
		{"2026-11-28 06:00", licence.InstallationReported{CustID: "Cust12345", State: "maintenance"}},
	}, func(w *world) {
		w.unknown("surplus")
		w.unknown("not-activated")
		w.unknown("activation-refused")
		w.unknown("unexplained")
		w.quiet()
	}, func(w *world) { w.quiet() })
}

// The cases that must be found.

func TestF03FitsButRefused(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, 9, 9))
	l.Reason = "Prerequisite missing"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 9)},
		{"2026-11-30 05:55", wSeats("sales-premium", 9)},
		{"2026-11-30 06:00", l},
	}, nil, func(w *world) {
		f := w.finding("activation-refused", "open")
		if f.Owner != licence.Support || f.Severity != "high" || !f.Explains || f.Args["reason"] != "Prerequisite missing" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-10" || f.Deadline.At != "2026-12-25" {
			t.Errorf("deadline %+v", f.Deadline) // one banking day before Friday 11
		}
		w.absent("surplus", "not-activated", "unexplained")
		w.wantTask("activation-refused", licence.Support)
		w.sent("activation-refused", 1, "anna@fjord.example")
		w.summary("needs-action")
	})
}

func TestF06SurplusOfAnAddon(t *testing.T) {
	addon := wLine("marketing", 5, 3, 5)
	addon.Kind = "addon"
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10, "marketing", 3)},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, 10, 10), addon)},
	}, nil, func(w *world) {
		f := w.finding("surplus", "open")
		if f.Need != 2 || f.Subject.ID != "marketing" || f.Owner != licence.Admin || !f.Explains || f.Say != "a" || f.Severity != "high" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-11" || f.Deadline.At != "2026-12-25" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		w.wantTask("surplus", licence.Admin)
		w.sent("surplus", 1, "anna@fjord.example")
	})
}

func TestF07SwapTenForSixAndFour(t *testing.T) {
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-20 08:00", wOrder("sub_1", "service-premium", 6, "marketing", 4)},
		{"2026-11-30 05:55", wSeats("sales-premium", 10)},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 6, 0), wLine("marketing", 0, 4, 0))},
	}, nil, func(w *world) {
		var got []string
		for _, f := range w.diagnosis().Findings {
			got = append(got, fmt.Sprint(f.Code, " ", f.Subject.ID, " ", f.Need, " ", f.Say))
		}
		want := []string{"plan-swap sales-premium>marketing 4 sure", "plan-swap sales-premium>service-premium 6 sure"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		f := w.finding("plan-swap", "open")
		if f.Owner != licence.Admin || !f.Explains || f.Remedies[0].ID != "free-activate-give" || f.Remedies[0].Need != 4 {
			t.Errorf("got %+v", f)
		}
		if len(w.mails) != 1 || w.mails[0].Address != "anna@fjord.example" || len(w.mails[0].Codes) != 2 {
			t.Errorf("both pairs go in one mail: %v", w.mails)
		}
	})
}

func TestF08ReductionOrdered(t *testing.T) {
	s := wOrder("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: wTime("2027-01-01 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 08:00", s},
		{"2026-11-24 05:55", wSeats("sales-premium", 9)},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		w.absent("surplus", "order-differs")
		d := w.diagnosis()
		if len(d.Upcoming) != 1 {
			t.Fatalf("upcoming: %q", wCodes(d.Upcoming))
		}
		f := d.Upcoming[0]
		if f.Code != "surplus" || f.Need != 2 || !f.Starts.Equal(wTime("2027-01-01 00:00")) || f.Explains || f.Owner != licence.Admin || f.Severity != "low" {
			t.Errorf("got %+v", f)
		}
		if f.Deadline.ActBy != "2026-12-30" || f.Deadline.At != "2027-01-01" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		w.summary("ok")
		w.quiet() // the order has not settled yet
	}, func(w *world) {
		w.sent("surplus", 1, "anna@fjord.example")
		if got := w.mails[0].At; !got.Equal(wTime("2026-11-25 08:00")) {
			t.Errorf("told at %s", got)
		}
		w.wantTask("surplus", "")
		d := diagnosis.Diagnose(w.s, w.now, w.now.Add(60*licence.Day))
		if f := wIn(d.Findings, "surplus"); f == nil || f.Say != "c" || f.Need != 2 || f.Severity != "medium" || f.Explains {
			t.Errorf("in sixty days: %q", wCodes(d.Findings))
		}
	})
}

func TestF08ThreeRemindersThenTheSameThread(t *testing.T) {
	w := newWorld(t, "2026-10-20 09:00", wFjord())
	l := wFine(wLine("sales-premium", 9, -1, 9))
	w.tell(wOrder("sub_1", "sales-premium", 9), l)
	w.live(26 * time.Hour)
	s := wOrder("sub_1", "sales-premium", 9)
	s.Scheduled = []licence.Phase{{At: wTime("2027-01-01 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	w.tell(s)
	before := wIn(w.diagnosis().Upcoming, "surplus").Fingerprint
	w.live(80 * licence.Day)
	var days []string
	for _, m := range w.about("surplus") {
		days = append(days, m.At.In(wZone).Format("01-02"))
	}
	if want := []string{"10-22", "12-02", "12-18", "12-28"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
	f := w.finding("surplus", "open")
	if f.Fingerprint != before || f.Say != "c" || f.Need != 2 {
		t.Errorf("got %+v", f)
	}
	if !f.FirstSeen.Equal(wTime("2027-01-01 00:00")) {
		t.Errorf("first seen %s", f.FirstSeen)
	}
	w.wantTask("surplus", licence.Admin)
}

func TestF09SeatComesBackOverNight(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 8))
	w.tell(wSeats("sales-premium", 9), wLicence(wLine("sales-premium", 10, 8, 9)))
	w.halfHour()
	if f := w.finding("surplus", "open"); f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: false, User: wUser("u9")})
	w.finding("surplus", "verifying") // no read has said so yet
	w.absent("not-activated", "activation-refused")
	w.summary("waiting")
	w.wantTask("surplus", licence.Admin)
	w.until(w.now.Add(time.Hour))
	l := wLicence(wLine("sales-premium", 10, 8, 8))
	l.CanActivate = true
	w.tell(l)
	w.absent("surplus")
	w.wantTask("surplus", "")
	w.finding("not-activated", "open")
	// The night's synchronisation gives the seat back.
	w.until(wTime("2026-12-01 04:00"))
	w.tell(wSeats("sales-premium", 9), wLicence(wLine("sales-premium", 10, 8, 9)))
	f := w.finding("surplus", "open")
	if f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.until(wTime("2026-12-01 04:20"))
	w.wantTask("surplus", licence.Admin)
	w.live(5 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example") // never twice in seven days
	w.live(2 * licence.Day)
	w.sent("surplus", 2, "anna@fjord.example")
}

func TestF11DaysLeftDisagrees(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, -1, 9))
	// An installation that cannot be read: its licence facts are stale, and the phase follows.
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2026-11-24 06:00", l},
		{"2026-11-24 08:00", wLogin("Cust12345", "eva", 12)},
	}, func(w *world) {
		w.phase("admin-warning")
		w.summary("unknown")
		w.unknown("surplus")
		w.unknown("not-activated")
		if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-06" {
			t.Errorf("expires on %s", got)
		}
	}, nil)
	// One that can be read owes a read.
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	w.reads = func(cust string) []licence.Payload {
		if cust != "cust12345" {
			return nil
		}
		return []licence.Payload{l}
	}
	w.until(wTime("2026-11-24 09:10"))
	was := w.read
	w.until(wTime("2026-11-24 10:00"))
	l = wLicence(wLine("sales-premium", 10, -1, 9))
	w.tell(wLogin("Cust12345", "eva", 19))
	w.until(wTime("2026-11-24 10:01"))
	if w.read != was+1 {
		t.Errorf("%d reads, want one more than %d", w.read, was)
	}
	if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-13" {
		t.Errorf("expires on %s", got)
	}
	w.phase("ok")
	// A difference of two days is none.
	w.tell(wLogin("Cust12345", "eva", 17))
	w.until(wTime("2026-11-24 10:10"))
	if w.read != was+1 {
		t.Errorf("%d reads, want %d", w.read, was+1)
	}
}

func TestF12WorkInTheTrial(t *testing.T) {
	trial := wLicence(wLine("sales-premium", 5, -1, 3))
	trial.CustID, trial.Serial, trial.Markers = "Cust9001", "1801550010", []string{"freetrial", "online"}
	trial.Expires, trial.GraceUntil = "2026-12-05", ""
	wPlay(t, "2026-11-24 09:00", wFjord(), []wTold{
		{"2026-11-20 10:00", wLogin("Cust9001", "eva", 12)},
		{"2026-11-21 10:00", wLogin("Cust9001", "ola", 11)},
		{"2026-11-23 10:00", wLogin("Cust9001", "siv", 10)},
		{"2026-11-24 06:00", trial},
		{"2026-11-24 06:00", wFine(wLine("sales-premium", 10, -1, 9))},
	}, func(w *world) {
		f := w.finding("wrong-installation", "open")
		if f.Owner != licence.Admin || f.Severity != "medium" || f.Args["users"] != 3 {
			t.Errorf("got %s %s %v", f.Owner, f.Severity, f.Args)
		}
		if f.Deadline.At != "2026-12-05" || f.Deadline.ActBy != "2026-12-04" {
			t.Errorf("deadline %+v", f.Deadline)
		}
		if right := f.Args["right"].([]string); !slices.Equal(right, []string{"https://online2.superoffice.example/Cust12345"}) {
			t.Errorf("names %v", right)
		}
		w.phase("ok") // a dead trial does not make the customer expired
	}, func(w *world) {
		w.sent("wrong-installation", 1, "anna@fjord.example")
	})
}

func TestF13AdminIsGone(t *testing.T) {
	a := wFjord()
	a.Contacts[0].User = "u1"
	a.Contacts = append(a.Contacts, licence.Contact{ID: "cia", Name: "Cia Ek", Email: "cia@fjord.example", Role: licence.Admin, Locale: "sv", User: "u2"})
	seats := wSeats("sales-premium", 9)
	seats.Rows[0].User.CanLogin = false
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 7)},
		{"2026-11-30 05:55", seats},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, 7, 9))},
	}, nil, func(w *world) {
		w.sent("surplus", 1, "cia@fjord.example")
	})
}

func TestF14TwoCausesOneExplains(t *testing.T) {
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 7)},
		{"2026-10-01 08:00", wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, 7, 9))},
	}, nil, func(w *world) {
		if f := w.finding("surplus", "open"); !f.Explains || len(f.BlockedBy) > 0 {
			t.Errorf("surplus explains %v, blocked by %v", f.Explains, f.BlockedBy)
		}
		if f := w.finding("invoice-overdue", "open"); f.Explains {
			t.Error("the licence system has let the payment through: it explains nothing")
		}
		w.sent("surplus", 1, "anna@fjord.example")
		w.sent("invoice-overdue", 0, "")
	})
	// The other way round: nothing is offered, and the surplus is one to come.
	s := wOrder("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: wTime("2026-11-29 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	wPlay(t, "2026-11-30 09:00", wFjord(), []wTold{
		{"2026-01-05 08:00", s},
		{"2026-10-01 08:00", wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13")},
		{"2026-11-30 06:00", wLicence(wLine("sales-premium", 10, -1, 9))},
	}, nil, func(w *world) {
		in := w.finding("invoice-overdue", "open")
		if !in.Explains || in.Owner != licence.Billing || in.Deadline.ActBy != "2026-12-04" || in.Deadline.At != "2026-12-25" {
			t.Errorf("invoice-overdue: %v %s %+v", in.Explains, in.Owner, in.Deadline)
		}
		f := w.finding("surplus", "open")
		if f.Explains || !slices.Equal(f.BlockedBy, []string{in.Fingerprint}) {
			t.Errorf("surplus explains %v, blocked by %v", f.Explains, f.BlockedBy)
		}
		w.sent("invoice-overdue", 1, "ap@fjord.example")
		w.sent("surplus", 0, "")
	})
}

// Each rule's own cases.

func TestSurplusCases(t *testing.T) {
	cut := wOrder("sub_1", "sales-premium", 10)
	cut.Scheduled = []licence.Phase{{At: wTime("2026-11-10 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	for _, c := range []struct {
		name    string
		orders  []licence.SubscriptionChanged
		line    licence.LicenceLine
		say     string // "": it fails, "?": it is unknown
		need    int
		explain bool
		fine    bool
	}{
		{"a: order never told", nil, wLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: order as the offer", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 7)}, wLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: order below the offer", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 6)}, wLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"a: two subscriptions", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 3), wOrder("t", "sales-premium", 4)}, wLine("sales-premium", 10, 7, 9), "a", 2, true, false},
		{"b: down to the order", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 8)}, wLine("sales-premium", 10, 7, 9), "b", 1, true, false},
		{"b: the order covers it", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10)}, wLine("sales-premium", 10, 7, 9), "", 0, false, false},
		{"fits", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 9)}, wLine("sales-premium", 10, 9, 9), "", 0, false, false},
		{"unmapped", []licence.SubscriptionChanged{{Subscription: "s", Status: "active", Items: []licence.Item{{Prices: []string{"p"}, Quantity: 1}}}}, wLine("sales-premium", 10, 7, 9), "?", 0, false, false},
		{"unmapped, but it fits", []licence.SubscriptionChanged{{Subscription: "s", Status: "active", Items: []licence.Item{{Prices: []string{"p"}, Quantity: 1}}}}, wLine("sales-premium", 10, 9, 9), "", 0, false, false},
		{"c: seen to fall", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10), wOrder("s", "sales-premium", 7)}, wLine("sales-premium", 10, -1, 9), "c", 2, false, true},
		{"c: by schedule", []licence.SubscriptionChanged{cut}, wLine("sales-premium", 12, -1, 9), "c", 2, false, true},
		{"c: never as high as the licence", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 9), wOrder("s", "sales-premium", 7)}, wLine("sales-premium", 10, -1, 9), "", 0, false, true},
		{"c: inside the order", []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10), wOrder("s", "sales-premium", 9)}, wLine("sales-premium", 10, -1, 9), "", 0, false, true},
		{"d: over-used already", nil, wLine("sales-premium", 8, -1, 9), "d", 1, false, true},
		{"neither offer nor order", nil, wLine("sales-premium", 10, -1, 9), "?", 0, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", wFjord())
			for i, s := range c.orders {
				w.told(wTime("2026-10-01 08:00").Add(time.Duration(i)*time.Hour), fmt.Sprint("order", i), s)
			}
			l := wLicence(c.line)
			if c.fine {
				l = wFine(c.line)
			}
			w.tell(l)
			switch c.say {
			case "":
				w.passed("surplus")
				w.absent("surplus")
			case "?":
				w.unknown("surplus")
			default:
				state := "open"
				if c.say == "d" {
					state = "waiting"
				}
				f := w.finding("surplus", state)
				if f.Say != c.say || f.Need != c.need || f.Explains != c.explain {
					t.Errorf("got %s, free %d, explains %v", f.Say, f.Need, f.Explains)
				}
				if c.say == "c" && f.Severity != "medium" {
					t.Errorf("severity %s", f.Severity)
				}
			}
		})
	}
}

func TestSurplusOverusedWaitsForARead(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	l := wFine(wLine("sales-premium", 8, -1, 9))
	w.reads = func(cust string) []licence.Payload {
		if cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.until(wTime("2026-11-30 09:30"))
	f := w.finding("surplus", "waiting")
	if f.WaitingFor != "read" || !f.Until.Equal(wTime("2026-11-30 10:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.until(wTime("2026-11-30 10:30"))
	w.finding("surplus", "open") // the hour is over, and it was read again
	w.sent("surplus", 1, "anna@fjord.example")
	// Without a read it goes on waiting.
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(l)
	w.until(wTime("2026-11-30 15:00"))
	w.finding("surplus", "waiting")
	w.tell(l)
	w.finding("surplus", "open")
}

func TestSurplusNumbers(t *testing.T) {
	offer := wLicence(wLine("sales-premium", 10, 7, 9))
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	// A list that is more than an hour older than the read: the read's own number.
	w.told(wTime("2026-11-30 04:30"), "old list", wSeats("sales-premium", 7))
	w.told(wTime("2026-11-30 06:00"), "read", offer)
	if f := w.finding("surplus", "open"); f.Need != 2 || f.Evidence[0].Value != 9 {
		t.Errorf("need %d by %v", f.Need, f.Evidence)
	}
	// A lone seat fact is never added to that.
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: true, User: wUser("u77")})
	if f := w.finding("surplus", "open"); f.Need != 2 {
		t.Errorf("need %d", f.Need)
	}
	// A newer list counts; while the read counts more, it is to be verified.
	w.tell(wSeats("sales-premium", 8))
	if f := w.finding("surplus", "open"); f.Need != 1 {
		t.Errorf("need %d", f.Need)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(wSeats("sales-premium", 7))
	if f := w.finding("surplus", "verifying"); f.Need != 2 || f.Evidence[0].Value != 9 {
		t.Errorf("need %d by %v", f.Need, f.Evidence)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 7)))
	w.passed("surplus")
}

func TestSurplusToTheOrderIsVerifiedToo(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 8))
	w.tell(wSeats("sales-premium", 9), wLicence(wLine("sales-premium", 10, 7, 9)))
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: false, User: wUser("u9")})
	w.finding("surplus", "verifying")
}

func TestSurplusSuite(t *testing.T) {
	suite := wLine("suite", 50, 40, 44)
	suite.Kind = "suite"
	a := wFjord()
	a.Model = "suite"
	a.Plans = []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "suite", Prices: []string{"price_suite"}}}
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "suite", 40))
	list := wSeats("suite", 46)
	list.Rows[0].User.Kind = "external" // not an employee
	list.Rows[1].User.CanLogin = false
	w.tell(list, wLicence(suite))
	f := w.finding("surplus", "open")
	if f.Subject != (licence.Subject{Kind: "suite", CustID: "Cust12345"}) || f.Need != 4 || f.Say != "a-suite" {
		t.Errorf("got %v %d %s", f.Subject, f.Need, f.Say)
	}
	if f.Remedies[0].ID != "no-login" {
		t.Errorf("remedies %v", f.Remedies)
	}
	w.absent("plan-swap", "order-differs")
}

func TestSurplusWaitsForTheOrderToSettle(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "first", wOrder("sub_1", "sales-premium", 10))
	w.told(wTime("2026-11-30 08:30"), "second", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.live(23 * time.Hour)
	w.finding("surplus", "open")
	w.wantTask("surplus", licence.Admin) // what holds back mails does not hold back tasks
	w.quiet()
	w.live(2 * time.Hour)
	w.sent("surplus", 1, "anna@fjord.example")
	if got := w.mails[0].At; !got.Equal(wTime("2026-12-01 08:30")) {
		t.Errorf("told at %s", got)
	}
}

func TestSurplusInPhaseOKWaitsForTheCheck(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-12-07", "2028-09-13"
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(12 * licence.Day)
	w.quiet()
	w.live(2 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	if got := w.mails[0].At; !got.Equal(wTime("2026-12-07 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestSurplusIsToldAgainAsItComesNearer(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, 7, 9))
	l.NextCheck = "2026-10-20"
	w := newWorld(t, "2026-10-22 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(75 * licence.Day)
	var days []string
	for _, m := range w.about("surplus") {
		days = append(days, m.At.In(wZone).Format("01-02 15:04"))
	}
	// When it opens; at risk from Friday 13 November; warned from Saturday 28; grace on Sunday 13.
	if want := []string{"10-22 09:15", "11-13 08:00", "11-30 08:00", "12-13 07:00"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
}

func TestOneMailADayAndPerson(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7, "marketing", 3))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9), wLine("marketing", 5, 5, 5)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9), wLine("marketing", 5, 3, 5)))
	w.until(wTime("2026-11-30 20:00"))
	w.sent("surplus", 1, "anna@fjord.example")
	w.live(24 * time.Hour)
	w.sent("surplus", 2, "anna@fjord.example")
	if got := w.mails[1].At; !got.Equal(wTime("2026-12-01 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestReadBeforeSpeaking(t *testing.T) {
	w := newWorld(t, "2026-11-30 06:00", wFjord())
	l := wLicence(wLine("sales-premium", 10, 7, 9))
	ok := true
	w.reads = func(cust string) []licence.Payload {
		if ok && cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.until(wTime("2026-11-30 07:50"))
	w.finding("surplus", "open")
	ok = false
	w.until(wTime("2026-11-30 12:00"))
	w.quiet() // a read that fails leaves the mail unsent
	if n := w.s.History.Reads["cust12345"].Fails; n < 2 {
		t.Errorf("tried %d times, with back-off", n)
	}
	ok = true
	w.until(wTime("2026-11-30 16:30"))
	w.sent("surplus", 1, "anna@fjord.example")
	// And a read that finds it mended sends nothing.
	w = newWorld(t, "2026-11-30 06:00", wFjord())
	w.reads = func(cust string) []licence.Payload {
		if cust == "cust12345" {
			return []licence.Payload{l}
		}
		return nil
	}
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.until(wTime("2026-11-30 07:50"))
	w.finding("surplus", "open")
	l = wLicence(wLine("sales-premium", 10, 7, 7))
	w.until(wTime("2026-11-30 16:00"))
	w.absent("surplus")
	w.sent("surplus", 0, "")
}

func TestPlanSwapKinds(t *testing.T) {
	for _, c := range []struct {
		name     string
		a, b     licence.LicenceLine // b gains
		ordered  [2]int
		say      string
		k        int
		remedies string
		left     int // of a plain surplus
	}{
		{"10 to 10", wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 10, 0), [2]int{0, 10}, "sure", 10, "free-activate-give:10", 0},
		{"10 to 12", wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 12, 0), [2]int{0, 12}, "sure", 10, "free-activate-give:10", 0},
		{"10 to 8", wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 8, 0), [2]int{0, 8}, "sure", 8, "free-activate-give:8", 2},
		{"move now", wLine("sales-premium", 10, 5, 10), wLine("service-premium", 8, 13, 3), [2]int{5, 13}, "sure", 5, "move-now:5", 0},
		{"some now", wLine("sales-premium", 10, 0, 10), wLine("service-premium", 8, 18, 4), [2]int{0, 18}, "sure", 10, "move-now:4 free-activate-give:6", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", wFjord())
			w.told(wTime("2026-01-05 08:00"), "first", wOrder("sub_1", "sales-premium", 10, "service-premium", c.b.Total))
			w.told(wTime("2026-11-20 08:00"), "second", wOrder("sub_1", "sales-premium", c.ordered[0], "service-premium", c.ordered[1]))
			w.tell(wLicence(c.a, c.b))
			f := w.finding("plan-swap", "open")
			if f.Say != c.say || f.Need != c.k || f.Subject.ID != "sales-premium>service-premium" {
				t.Errorf("got %s %d %v", f.Say, f.Need, f.Subject)
			}
			var got []string
			for _, x := range f.Remedies {
				if x.Need > 0 {
					got = append(got, fmt.Sprint(x.ID, ":", x.Need))
				}
			}
			if g := strings.Join(got, " "); g != c.remedies {
				t.Errorf("remedies %s, want %s", g, c.remedies)
			}
			left := 0
			if f := wIn(w.diagnosis().Findings, "surplus"); f != nil {
				left = f.Need
			}
			if left != c.left {
				t.Errorf("a surplus of %d is left, want %d", left, c.left)
			}
		})
	}
	// Sums that do not match and no order that tells: a question.
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wLicence(wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 8, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "question" {
		t.Errorf("says %s", f.Say)
	}
	// The same family is sure.
	a := wFjord()
	a.Plans[0].Family, a.Plans[1].Family = "sales", "sales"
	w = newWorld(t, "2026-11-30 09:00", a)
	w.tell(wLicence(wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 8, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "sure" {
		t.Errorf("says %s", f.Say)
	}
}

func TestPlanSwapTurnsUnknownAndStays(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wLicence(wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 10, 0)))
	w.until(wTime("2026-11-30 09:30"))
	w.wantTask("plan-swap", licence.Admin)
	w.until(wTime("2026-12-07 12:00")) // nothing was heard for seven days
	f := w.finding("plan-swap", "unknown")
	if f.Subject.ID != "sales-premium>service-premium" || f.Owner != licence.Admin {
		t.Errorf("got %v %s", f.Subject, f.Owner)
	}
	w.summary("unknown")
	w.wantTask("plan-swap", licence.Admin)
}

func TestNotActivatedStopsWaiting(t *testing.T) {
	base := wFine(wLine("sales-premium", 10, 10, 9))
	base.CanActivate, base.NewExpires = true, "2028-09-13"
	order := wOrder("sub_1", "sales-premium", 10)
	begin := func() *world {
		w := newWorld(t, "2026-11-24 09:00", wFjord())
		w.told(wTime("2026-11-01 08:00"), "order", order)
		w.tell(base)
		return w
	}
	w := begin()
	f := w.finding("not-activated", "waiting")
	if !f.Until.Equal(wTime("2026-11-27 09:00")) || f.Severity != "low" {
		t.Errorf("until %s, severity %s", f.Until, f.Severity)
	}
	w.live(73 * time.Hour)
	w.finding("not-activated", "open") // offered for three days
	w.sent("not-activated", 1, "anna@fjord.example")
	w = begin()
	l := base
	l.OfferedSince = "2026-11-20"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.AdminWarning = "2026-11-24"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.NextCheck = "2026-11-22"
	w.tell(l)
	w.finding("not-activated", "open")
	w = begin()
	l = base
	l.CanActivate = false
	w.tell(l)
	w.absent("not-activated")
	l.Offered, l.NewExpires, l.Plans = false, "", []licence.LicenceLine{wLine("sales-premium", 10, -1, 9)}
	w.tell(l)
	w.passed("not-activated")
}

func TestActivationTriedAndRefused(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, 9, 9))
	l.CanActivate = true
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-01 08:00"), "order", wOrder("sub_1", "sales-premium", 9))
	w.tell(l)
	w.passed("activation-refused")
	w.until(w.now.Add(time.Minute))
	w.tell(licence.ActivationTried{CustID: "Cust12345", Reason: "E-17", By: "anna"})
	f := w.finding("activation-refused", "open")
	if f.Args["reason"] != "E-17" || f.Owner != licence.Support {
		t.Errorf("got %v %s", f.Args, f.Owner)
	}
	w.until(w.now.Add(time.Minute))
	w.tell(l) // a newer read can activate again
	w.absent("activation-refused")
	// Seats that were once told and are stale now: not known.
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	l.CanActivate = false
	w.told(wTime("2026-11-20 08:00"), "list", wSeats("sales-premium", 9))
	w.tell(l)
	w.unknown("activation-refused")
	// Over by the read, whatever the list says: not refused, to be verified.
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wLicence(wLine("sales-premium", 10, 9, 10)))
	w.until(w.now.Add(time.Minute))
	w.tell(wSeats("sales-premium", 9))
	w.absent("activation-refused", "not-activated")
	w.finding("surplus", "verifying")
}

func TestOrderDiffersCases(t *testing.T) {
	price := wOrder("s", "sales-premium", 10)
	price.Items = append(price.Items, licence.Item{Prices: []string{"price_fee"}, Quantity: 1})
	later := wOrder("s", "sales-premium", 7)
	later.Scheduled = []licence.Phase{{At: wTime("2027-02-01 00:00"), Items: wOrder("", "sales-premium", 12).Items}}
	counted := wFjord()
	counted.Plans[0].Counted = "used"
	fee := wFjord()
	fee.NotSeats = licence.Some([]string{"price_fee"})
	for _, c := range []struct {
		name     string
		a        licence.AccountChanged
		orders   []licence.SubscriptionChanged
		l        licence.LicenceReported
		say      string // "": nothing of it stands
		state    string
		severity string
	}{
		{"a", wFjord(), []licence.SubscriptionChanged{price}, wFine(wLine("sales-premium", 10, -1, 9)), "a", "open", "low"},
		{"a: no seats by the directory", fee, []licence.SubscriptionChanged{price}, wFine(wLine("sales-premium", 10, -1, 9)), "", "", ""},
		{"b: within, not at risk", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10)}, wFine(wLine("sales-premium", 10, 12, 9)), "b", "open", "low"},
		{"b: beyond, not at risk", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10)}, wFine(wLine("sales-premium", 10, 7, 9)), "b", "open", "medium"},
		{"b: beyond, warned", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10)}, wLicence(wLine("sales-premium", 10, 7, 9)), "b", "open", "high"},
		{"c: more than licensed", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 12)}, wFine(wLine("sales-premium", 10, -1, 9)), "c", "open", "low"},
		{"c: at risk", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 12)}, wLicence(wLine("sales-premium", 10, -1, 9)), "c", "open", "medium"},
		{"c: ordered, and absent from the licence", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10, "marketing", 3)}, wFine(wLine("sales-premium", 10, -1, 9)), "c", "open", "low"},
		{"c: below what was ordered once", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10), wOrder("s", "sales-premium", 7)}, wFine(wLine("sales-premium", 10, -1, 6)), "", "", ""},
		{"c: scheduled to rise above it", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10), later}, wFine(wLine("sales-premium", 10, -1, 6)), "c", "open", "low"},
		{"counted by use", counted, []licence.SubscriptionChanged{wOrder("s", "sales-premium", 12)}, wFine(wLine("sales-premium", 10, -1, 9)), "", "", ""},
		{"equal", wFjord(), []licence.SubscriptionChanged{wOrder("s", "sales-premium", 10)}, wFine(wLine("sales-premium", 10, -1, 9)), "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-30 09:00", c.a)
			for i, s := range c.orders {
				w.told(wTime("2026-10-01 08:00").Add(time.Duration(i)*time.Hour), fmt.Sprint("order", i), s)
			}
			w.told(wTime("2026-11-26 08:00"), "before", c.l)
			w.tell(c.l)
			if c.say == "" {
				w.absent("order-differs")
				return
			}
			f := w.finding("order-differs", c.state)
			if f.Say != c.say || f.Severity != c.severity || f.Owner != licence.Support {
				t.Errorf("got %s %s %s", f.Say, f.Severity, f.Owner)
			}
		})
	}
}

func TestOrderDiffersWaits(t *testing.T) {
	// (b) for the order to settle, (c) for 72 hours.
	for _, c := range []struct {
		l     licence.LicenceReported
		until string
	}{
		{wFine(wLine("sales-premium", 10, 9, 9)), "2026-12-01 09:00"},
		{wFine(wLine("sales-premium", 9, -1, 9)), "2026-12-03 09:00"},
	} {
		w := newWorld(t, "2026-11-30 09:00", wFjord())
		w.tell(wOrder("sub_1", "sales-premium", 10), c.l)
		f := w.finding("order-differs", "waiting")
		if !f.Until.Equal(wTime(c.until)) || f.Owner != licence.Nobody {
			t.Errorf("until %s, owner %s", f.Until, f.Owner)
		}
		w.live(73 * time.Hour)
		w.finding("order-differs", "open")
		w.wantTask("order-differs", licence.Support)
	}
	// (e) for the next read.
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	l := wFine(wLine("sales-premium", 10, -1, 9))
	w.tell(wSeats("sales-premium", 8), l)
	if f := w.finding("order-differs", "waiting"); f.Say != "e" {
		t.Errorf("says %s", f.Say)
	}
	w.live(24 * time.Hour) // it was read again, and they differ still
	if f := w.finding("order-differs", "open"); f.Say != "e" || f.Severity != "low" {
		t.Errorf("got %s %s", f.Say, f.Severity)
	}
	w.tell(wSeats("sales-premium", 9), l)
	w.absent("order-differs")
	w.quiet()
}

func TestOrderDiffersModel(t *testing.T) {
	a := wFjord()
	a.Model = "suite"
	w := newWorld(t, "2026-11-30 09:00", a)
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
	f := w.finding("order-differs", "open")
	if f.Say != "d" || f.Subject != (licence.Subject{Kind: "suite", CustID: "Cust12345"}) || f.Severity != "low" || f.Owner != licence.Support {
		t.Errorf("got %s %v %s %s", f.Say, f.Subject, f.Severity, f.Owner)
	}
}

func TestOrderDiffersAsksTheAdmin(t *testing.T) {
	begin := func() (*world, diagnosis.Finding) {
		w := newWorld(t, "2026-11-30 09:00", wFjord())
		w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.told(wTime("2026-11-27 08:00"), "before", wLicence(wLine("sales-premium", 10, 7, 9)))
		w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
		w.halfHour()
		w.sent("order-differs", 1, "anna@fjord.example") // as a question
		w.absent("surplus", "not-activated", "activation-refused")
		return w, w.finding("order-differs", "open")
	}
	w, f := begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-right", By: "anna"})
	w.finding("order-differs", "answered")
	if f := w.finding("surplus", "open"); f.Say != "a" || f.Need != 2 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.tell(wSeats("sales-premium", 7), func() licence.LicenceReported {
		l := wLicence(wLine("sales-premium", 10, 7, 7))
		l.CanActivate = true
		return l
	}())
	if f := w.finding("not-activated", "open"); len(f.BlockedBy) > 0 {
		t.Errorf("blocked by %v: what is agreed disputes nothing", f.BlockedBy)
	}
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-wrong", By: "anna"})
	w.finding("order-differs", "open")
	w.wantTask("order-differs", licence.Support)
	w.absent("surplus")
	w.live(20 * licence.Day)
	w.sent("order-differs", 1, "anna@fjord.example") // answered: nobody is asked again
}

func TestNumbersWrongOfASurplus(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	l := wLicence(wLine("sales-premium", 10, 7, 9))
	w.tell(l)
	w.halfHour()
	f := w.finding("surplus", "open")
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "numbers-wrong", By: "anna"})
	w.absent("surplus")
	if f := w.finding("order-differs", "open"); f.Say != "f" || f.Owner != licence.Support {
		t.Errorf("got %s %s", f.Say, f.Owner)
	}
	w.absent("unexplained")
	// It does not activate under that.
	l = wLicence(wLine("sales-premium", 10, 7, 7))
	l.CanActivate = true
	w.until(w.now.Add(time.Hour))
	// When the numbers change the answer lapses.
	w.tell(wLicence(wLine("sales-premium", 10, 8, 9)))
	w.finding("surplus", "open")
	if f := wIn(w.diagnosis().Findings, "order-differs"); f != nil && f.Say == "f" {
		t.Error("the answer outlived its numbers")
	}
	// A surplus down to the order stands beside the question, whatever is said of the rest.
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 8))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
	w.tell(licence.FindingAnswered{Fingerprint: wIn(w.diagnosis().Findings, "order-differs").Fingerprint, Answer: "numbers-wrong", By: "anna"})
	if f := w.finding("surplus", "open"); f.Say != "b" || f.Need != 1 {
		t.Errorf("got %s %d", f.Say, f.Need)
	}
}

func TestAnswers(t *testing.T) {
	begin := func() (*world, diagnosis.Finding) {
		w := newWorld(t, "2026-11-30 09:00", wFjord())
		w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
		w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
		w.until(wTime("2026-11-30 09:10"))
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
	w.tell(wLicence(wLine("sales-premium", 10, 7, 8)))
	w.finding("surplus", "open") // its numbers have changed
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "handled", By: "anna"})
	w.finding("surplus", "answered")
	w.until(w.now.Add(time.Hour))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.finding("surplus", "open") // a read says otherwise
	w, f = begin()
	w.tell(licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: "handled", By: "anna"})
	w.until(wTime("2026-12-01 07:00"))
	w.finding("surplus", "answered")
}

func TestWrongInstallation(t *testing.T) {
	// Three different days of one user are enough, and 14 days without another end it.
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	for i := range 3 {
		w.told(wTime("2026-11-20 10:00").AddDate(0, 0, i), fmt.Sprint("login", i), wLogin("Cust9001", "eva", 12))
	}
	if f := w.finding("wrong-installation", "open"); f.Owner != licence.Admin || f.Args["users"] != 1 || f.Args["days"] != 3 {
		t.Errorf("got %s %v", f.Owner, f.Args)
	}
	w.halfHour()
	w.sent("wrong-installation", 1, "anna@fjord.example")
	w.live(5 * licence.Day)
	if f := w.finding("wrong-installation", "open"); f.Owner != licence.EndUser {
		t.Errorf("owner %s: not three days within seven any more", f.Owner)
	}
	w.until(wTime("2026-12-06 09:59"))
	w.finding("wrong-installation", "open")
	w.until(wTime("2026-12-06 10:01"))
	w.passed("wrong-installation")
	w.wantTask("wrong-installation", "")
	// Two productions: both are named.
	a := wFjord()
	a.Installations = append(a.Installations, licence.Installation{CustID: "Cust777", Serial: "7", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust777"})
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(wLogin("Cust9001", "eva", 12))
	f := w.finding("wrong-installation", "open")
	if right := f.Args["right"].([]string); len(right) != 2 || f.Args["several"] != true {
		t.Errorf("names %v", right)
	}
	// Closed: over. None at all: not this rule's.
	a.Installations[1].ClosedAt = "2026-11-24"
	w.tell(a)
	w.absent("wrong-installation")
	a = wFjord()
	a.Installations = a.Installations[1:]
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(wLogin("Cust9001", "eva", 12))
	w.absent("wrong-installation")
	if d := w.diagnosis(); !d.Trial {
		t.Error("the phase is the trial's")
	}
}

func TestInvoiceOverdueTolerance(t *testing.T) {
	for _, c := range []struct {
		amount, remaining string
		want              bool
	}{
		{"12500.00", "10.00", false}, {"12500.00", "12.50", false}, {"12500.00", "12.51", true}, {"12500.00", "", true},
		{"500.00", "10.00", false}, {"500.00", "10.01", true}, {"100000.00", "100.00", false}, {"100000.00", "0", false},
	} {
		in := wInvoice("open", "2026-11-01", "", "", "")
		in.Amount, in.Remaining = c.amount, c.remaining
		w := newWorld(t, "2026-11-30 09:00", wFjord())
		w.tell(in, wFine(wLine("sales-premium", 10, -1, 9)))
		if got := wIn(w.diagnosis().Findings, "invoice-overdue") != nil; got != c.want {
			t.Errorf("%s of %s is overdue: %v, want %v", c.remaining, c.amount, got, c.want)
		}
	}
}

func TestInvoiceOverdueBegins(t *testing.T) {
	w := newWorld(t, "2026-11-01 22:00", wFjord())
	w.tell(wInvoice("open", "2026-11-01", "", "", ""), wFine(wLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	w.until(wTime("2026-11-02 00:00"))
	f := w.finding("invoice-overdue", "open") // true at once
	if f.Severity != "low" || f.Owner != licence.Billing || !f.FirstSeen.Equal(wTime("2026-11-02 00:00")) {
		t.Errorf("got %s %s %s", f.Severity, f.Owner, f.FirstSeen)
	}
	w.live(60 * licence.Day)
	w.quiet() // not at risk: it is not a dunning tool
	// Collected automatically: from the day of the first failed attempt.
	auto := wInvoice("open", "", "", "", "")
	auto.Collection = "automatic"
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-24 08:00"), "open", auto)
	w.tell(wFine(wLine("sales-premium", 10, -1, 9)))
	w.passed("invoice-overdue")
	auto.Payment, auto.NextAttempt = "failed", "2026-12-02"
	w.told(wTime("2026-11-27 08:00"), "failed", auto)
	g := w.finding("invoice-overdue", "waiting") // the next attempt is within three days
	if g.WaitingFor != "attempt" || g.Args["due"] != licence.Date("2026-11-27") {
		t.Errorf("got %s %v", g.WaitingFor, g.Args["due"])
	}
	w.until(wTime("2026-12-03 00:01"))
	w.finding("invoice-overdue", "open")
	// What covers only subscriptions that have ended is no licence invoice.
	in := wInvoice("open", "2026-11-01", "", "", "")
	in.Covers = []string{"sub_1"}
	ended := wOrder("sub_1", "sales-premium", 3)
	ended.Status = "ended"
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(in, ended, wOrder("sub_2", "sales-premium", 10), wFine(wLine("sales-premium", 10, -1, 9)))
	w.absent("invoice-overdue")
	// An account that is not billed here has no such rule; one without invoices is unknown.
	a := wFjord()
	w = newWorld(t, "2026-11-30 09:00", a)
	w.unknown("invoice-overdue")
	a.Billing = nil
	w.tell(a)
	for _, f := range append(w.diagnosis().Unknown, w.diagnosis().Passed...) {
		if f.Code == "invoice-overdue" || f.Code == "payment-disputed" {
			t.Errorf("%s applies", f.Code)
		}
	}
}

func TestInvoiceThreeMailsThenFinance(t *testing.T) {
	w := newWorld(t, "2026-11-02 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(wInvoice("open", "2026-10-20", "", "2026-12-13", "2027-12-13"), wLicence(wLine("sales-premium", 10, -1, 9)))
	w.live(70 * licence.Day)
	var days []string
	for _, m := range w.about("invoice-overdue") {
		days = append(days, m.At.In(wZone).Format("01-02"))
		if m.Address != "ap@fjord.example" {
			t.Errorf("to %s", m.Address)
		}
	}
	// The first 30 days before it expires, then ten days apart in working hours.
	if want := []string{"11-13", "11-23", "12-03"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
	for _, m := range w.mails {
		if m.Address == "anna@fjord.example" {
			t.Errorf("the admin hears of a payment: %s", m)
		}
	}
	if f := w.finding("invoice-overdue", "open"); f.Owner != licence.Finance || f.Severity != "critical" {
		t.Errorf("got %s %s", f.Owner, f.Severity)
	}
	w.wantTask("invoice-overdue", licence.Finance)
}

func TestInvoiceNotBeforePosted(t *testing.T) {
	w := newWorld(t, "2026-11-27 09:00", wFjord()) // a Friday
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(wInvoice("open", "2026-11-26", "", "2026-12-13", "2027-12-13"), wLicence(wLine("sales-premium", 10, -1, 9)))
	w.finding("invoice-overdue", "open")
	w.live(4 * licence.Day)
	w.quiet() // Friday, Monday and Tuesday are the three banking days
	w.live(licence.Day)
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	if got := w.mails[0].At; !got.Equal(wTime("2026-12-02 08:00")) {
		t.Errorf("told at %s", got)
	}
}

func TestInvoiceClaimAndPayment(t *testing.T) {
	w := newWorld(t, "2026-11-16 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"), wLicence(wLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	w.sent("invoice-overdue", 1, "ap@fjord.example")
	w.tell(licence.PaymentClaimed{Invoice: "INV-7", PaidOn: "2026-11-16", By: "bo"})
	f := w.finding("invoice-overdue", "waiting")
	if f.WaitingFor != "claim" || !f.Until.Equal(wTime("2026-11-24 00:00")) {
		t.Errorf("waits for %s until %s", f.WaitingFor, f.Until)
	}
	w.live(licence.Day)
	w.tell(wInvoice("paid", "2026-11-01", "2026-11-17", "2026-12-13", "2027-12-13"))
	w.absent("invoice-overdue")
	w.live(time.Hour)
	w.sent("thanks", 1, "ap@fjord.example") // billing gets its own thanks
	w.finding("paid-not-extended", "waiting")
	w.live(licence.Day)
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "ap@fjord.example")
	w.summary("ok")
	n := len(w.mails)
	w.live(60 * licence.Day)
	if len(w.mails) != n {
		t.Errorf("after it was solved: %v", w.mails[n:])
	}
}

func TestPaymentDisputed(t *testing.T) {
	in := wInvoice("disputed", "2026-11-01", "", "2026-12-13", "2027-12-13")
	in.Dispute = "customer"
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-10-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(in, wLicence(wLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	f := w.finding("payment-disputed", "open")
	if f.Owner != licence.Finance || f.Severity != "high" || !f.Explains || f.Subject != (licence.Subject{Kind: "invoice", ID: "INV-7"}) {
		t.Errorf("got %s %s %v %v", f.Owner, f.Severity, f.Explains, f.Subject)
	}
	w.absent("invoice-overdue", "paid-not-extended", "unexplained")
	w.wantTask("payment-disputed", licence.Finance)
	w.live(10 * licence.Day)
	w.quiet()
	// Written off, and a longer period paid since.
	off := wInvoice("uncollectible", "2023-11-01", "", "2023-12-13", "2024-12-13")
	paid := wInvoice("paid", "2025-11-01", "2025-11-01", "2025-12-13", "2026-12-13")
	paid.Invoice = "INV-9"
	w = newWorld(t, "2026-11-10 09:00", wFjord())
	w.tell(off, paid, wLicence(wLine("sales-premium", 10, -1, 9)))
	w.passed("payment-disputed")
}

func TestPaidNotExtended(t *testing.T) {
	paid := wInvoice("paid", "2026-11-01", "2026-11-23", "2026-12-13", "2027-12-13")
	begin := func(now string, in licence.InvoiceChanged, l licence.LicenceReported) *world {
		w := newWorld(t, now, wFjord())
		w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
		w.told(wTime("2026-11-23 15:00"), "paid", in)
		w.tell(l)
		return w
	}
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	// Someone was warned at login: admin and billing hear once that it is our mistake.
	w := begin("2026-11-26 09:00", paid, l)
	w.tell(wLogin("Cust12345", "eva", 17))
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
	w.until(wTime("2026-11-27 00:10"))
	w.unknown("paid-not-extended")
	// In grace one banking day is enough.
	late := paid
	late.PaidAt = "2026-12-14"
	w = begin("2026-12-15 09:00", late, l)
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(wTime("2026-12-16 00:00")) {
		t.Errorf("until %s", f.Until)
	}
	// paid_at null: the earliest fact that says paid.
	null := paid
	null.PaidAt = ""
	w = begin("2026-11-24 09:00", null, l)
	if f := w.finding("paid-not-extended", "waiting"); !f.Until.Equal(wTime("2026-11-27 00:00")) {
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
	w = begin("2026-11-27 09:00", paid, wLicence(wLine("sales-premium", 10, 10, 9)))
	w.passed("paid-not-extended")
	w = begin("2026-11-27 09:00", paid, l)
	w.tell(licence.LicenceIssued{CustID: "Cust12345", Expires: "2027-12-13"})
	w.passed("paid-not-extended")
	// The operator's own limit.
	w = begin("2026-11-27 09:00", paid, l)
	a := wFjord()
	a.Extend = licence.Some(licence.Extend{On: "payment", WithinDays: 5})
	w.tell(a)
	w.finding("paid-not-extended", "waiting")
}

func TestVersionNotCovered(t *testing.T) {
	for _, c := range []struct {
		name               string
		version, licensed  string
		released, maintain licence.Date
		hosting, say       string // "": fails
	}{
		{"major above", "9.1 R02", "8.5 R11", "", "2026-10-31", "onsite", "version"},
		{"numeric", "10.1", "9.1", "", "2026-10-31", "onsite", "version"},
		{"same major", "8.5 R15", "8.1", "", "2026-10-31", "onsite", ""},
		{"released after", "8.5 R15", "8.5", "2026-11-02", "2026-10-31", "onsite", "released"},
		{"released before", "8.5 R15", "8.5", "2026-10-31", "2026-10-31", "onsite", ""},
		{"older than licensed", "8.5", "9.1", "", "2026-10-31", "onsite", ""},
		{"online", "10.1", "9.1", "", "2026-10-31", "online", ""},
		{"nothing licensed told", "9.1", "", "", "", "onsite", "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := wFjord()
			a.Installations[0].Hosting = c.hosting
			l := wLicence(wLine("sales-premium", 10, -1, 9))
			l.Version, l.LicensedVersion, l.Released, l.Maintenance = c.version, c.licensed, c.released, c.maintain
			w := newWorld(t, "2026-11-30 09:00", a)
			w.tell(l)
			switch c.say {
			case "":
				w.passed("version-not-covered")
			case "?":
				w.unknown("version-not-covered")
			default:
				f := w.finding("version-not-covered", "open")
				if f.Say != c.say || f.Owner != licence.Support || !f.Explains || f.Deadline.ActBy != "2026-12-04" || f.Severity != "high" {
					t.Errorf("got %s %s %v %+v", f.Say, f.Owner, f.Explains, f.Deadline)
				}
				w.halfHour()
				w.sent("version-not-covered", 1, "anna@fjord.example")
				w.absent("unexplained")
			}
		})
	}
	// The login tells a version that the server has not reported.
	a := wFjord()
	a.Installations[0].Hosting = "onsite"
	l := wFine(wLine("sales-premium", 10, -1, 9))
	l.Version, l.LicensedVersion = "8.5", "8.5"
	w := newWorld(t, "2026-11-23 09:00", a)
	w.tell(l)
	w.live(licence.Day)
	w.passed("version-not-covered")
	w.tell(licence.InstallationReported{CustID: "Cust12345", State: "running", Version: licence.Some("9.1")})
	if f := w.finding("version-not-covered", "open"); f.Severity != "low" {
		t.Errorf("severity %s", f.Severity)
	}
	w.live(3 * licence.Day)
	w.sent("version-not-covered", 1, "anna@fjord.example") // on the day of the upgrade
	w.live(100 * licence.Day)
	w.sent("version-not-covered", 1, "anna@fjord.example")
	// Silent for half a year.
	w = newWorld(t, "2026-11-23 09:00", a)
	l.Version = "9.1"
	w.tell(l)
	w.finding("version-not-covered", "open")
	w.until(w.now.Add(181 * licence.Day))
	w.finding("version-not-covered", "unknown") // its task is open
}

func TestUnexplained(t *testing.T) {
	paid := wInvoice("paid", "2025-12-01", "2025-12-01", "2025-12-13", "2026-12-20")
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	a := wFjord()
	wPlay(t, "2026-11-30 09:00", a, []wTold{
		{"2026-01-05 08:00", wOrder("sub_1", "sales-premium", 10)},
		{"2025-12-02 08:00", paid},
		{"2026-11-30 06:00", l},
	}, func(w *world) {
		w.phase("admin-warning")
	}, func(w *world) {
		if wIn(w.diagnosis().Findings, "not-invoiced") != nil {
			return // the invoice for the next period is missing: that explains it
		}
		w.finding("unexplained", "open")
		w.wantTask("unexplained", licence.Support)
	})
	// Without anything of billing it holds with the list of what is not known, a day later.
	a.Billing = nil
	w := newWorld(t, "2026-11-30 09:00", a)
	w.tell(l)
	f := w.finding("unexplained", "open")
	if f.Owner != licence.Support || !f.Explains || f.Severity != "high" {
		t.Errorf("got %s %v %s", f.Owner, f.Explains, f.Severity)
	}
	w.halfHour()
	w.sent("unexplained", 1, "anna@fjord.example")
	w = newWorld(t, "2026-11-30 09:00", wFjord()) // billed here, and no invoice was told
	w.tell(l)
	f = w.finding("unexplained", "waiting")
	if got := f.Args["unknown"].([]string); !slices.Contains(got, "invoice-overdue") || f.WaitingFor != "unknown" {
		t.Errorf("waits for %s: %v", f.WaitingFor, got)
	}
	if !f.Until.Equal(wTime("2026-12-01 09:00")) {
		t.Errorf("until %s", f.Until)
	}
	w.live(25 * time.Hour)
	w.finding("unexplained", "open")
	// In grace four hours.
	w = newWorld(t, "2026-12-14 09:00", wFjord())
	w.tell(l)
	if f := w.finding("unexplained", "waiting"); !f.Until.Equal(wTime("2026-12-14 13:00")) {
		t.Errorf("until %s", f.Until)
	}
	// Its day begins when what explained it has ended.
	w = newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(l, wInvoice("open", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	w.finding("invoice-overdue", "open")
	w.absent("unexplained")
	w.live(5 * time.Hour)
	w.tell(wInvoice("void", "2026-11-01", "", "2026-12-13", "2027-12-13"))
	if f := w.finding("unexplained", "waiting"); f.Until.Before(wTime("2026-12-01 14:00")) {
		t.Errorf("until %s", f.Until)
	}
	// Not read since it had its chance: not known.
	late := l
	late.NextCheck = "2026-11-29"
	w = newWorld(t, "2026-11-29 23:30", a)
	w.tell(late)
	w.passed("unexplained")
	w.until(wTime("2026-11-30 00:30"))
	w.unknown("unexplained")
}

func TestPhases(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	for _, c := range []struct{ at, phase string }{
		{"2026-11-27 23:59", "ok"}, {"2026-11-28 00:00", "admin-warning"}, {"2026-12-12 23:59", "admin-warning"},
		{"2026-12-13 00:00", "grace"}, {"2026-12-24 23:59", "grace"}, {"2026-12-25 00:00", "expired"},
	} {
		w := newWorld(t, c.at, wFjord())
		w.tell(l)
		w.phase(c.phase)
	}
	fine := wFine(wLine("sales-premium", 10, -1, 9))
	w := newWorld(t, "2026-11-24 09:00", wFjord())
	// A newer login lifts the phase until a newer read, fourteen days at most.
	w.tell(fine)
	w.until(w.now.Add(time.Hour))
	login := wLogin("Cust12345", "eva", 0)
	login.DaysLeft = nil
	w.tell(login)
	w.phase("admin-warning")
	w.live(20 * time.Hour)
	w.phase("ok")
	w = newWorld(t, "2026-11-24 09:00", wFjord())
	w.tell(wLogin("Cust12345", "eva", 12)) // nothing else was ever told
	w.phase("admin-warning")
	if got := diagnosis.NewReading(w.s, w.now, w.now).Worst().ExpiresOn; got != "2026-12-06" {
		t.Errorf("expires on %s", got)
	}
	w.until(w.now.Add(13 * licence.Day))
	w.until(w.now.Add(2 * licence.Day))
	w.phase("unknown")
	// Worst over production alone; of no production the trial's.
	a := wFjord()
	dead := wLicence(wLine("sales-premium", 5, -1, 1))
	dead.CustID, dead.Markers, dead.GraceUntil, dead.Expires = "Cust9001", []string{"freetrial"}, "", "2026-10-01"
	w = newWorld(t, "2026-11-24 09:00", a)
	w.tell(fine, dead)
	w.phase("ok")
	a.Installations = a.Installations[1:]
	w.tell(a)
	w.phase("expired")
}

func TestHiddenRulesAreLeftOut(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	ended := wOrder("sub_1", "sales-premium", 10)
	ended.Status = "ended"
	w.told(wTime("2026-11-20 08:00"), "ended", ended)
	w.tell(wSeats("sales-premium", 12), wLicence(wLine("sales-premium", 10, 0, 12)))
	d := w.diagnosis()
	for _, list := range [][]diagnosis.Finding{d.Findings, d.Passed, d.Unknown} {
		for _, code := range []string{"surplus", "plan-swap", "not-activated", "activation-refused", "paid-not-extended", "order-differs", "unexplained", "payment-awaited", "not-invoiced", "not-fetched"} {
			if f := wIn(list, code); f != nil {
				t.Errorf("%s appears: %s", code, wCodes(list))
			}
		}
	}
}

func TestSolvedOncePerThread(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wSeats("sales-premium", 9), wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(wSeats("sales-premium", 7))
	l := wLicence(wLine("sales-premium", 10, 7, 7))
	l.CanActivate = true
	w.until(w.now.Add(time.Hour))
	w.tell(l)
	w.finding("not-activated", "open") // the next step of the same conversation
	w.sent("solved", 0, "")
	w.until(w.now.Add(time.Hour))
	done := wLicence(wLine("sales-premium", 7, -1, 7))
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
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	// They take the reduction back, and the licence comes with ten.
	w.tell(wOrder("sub_1", "sales-premium", 10))
	l := wLicence(wLine("sales-premium", 10, -1, 9))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(10 * licence.Day)
	w.sent("solved", 0, "")
}

func TestSolvedOfAnOfferThatIsNoLonger(t *testing.T) {
	// The order fell in the middle of the year: the new licence ends with the old one.
	l := wFine(wLine("sales-premium", 10, 7, 9))
	l.NewExpires, l.NextCheck = "2027-09-13", "2026-11-20"
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(l)
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.live(licence.Day)
	l = wFine(wLine("sales-premium", 7, -1, 7))
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "anna@fjord.example")
}

func TestSolvedAfterAReductionToCome(t *testing.T) {
	s := wOrder("sub_1", "sales-premium", 9)
	s.Scheduled = []licence.Phase{{At: wTime("2026-12-13 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	w := newWorld(t, "2026-11-02 09:00", wFjord())
	w.told(wTime("2026-11-01 08:00"), "order", s)
	w.tell(wSeats("sales-premium", 9), wLicence(wLine("sales-premium", 9, -1, 9)))
	w.live(3 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(wSeats("sales-premium", 7), wLicence(wLine("sales-premium", 9, -1, 7)))
	w.live(licence.Day)
	if n := len(w.diagnosis().Upcoming); n != 0 {
		t.Errorf("upcoming: %d", n)
	}
	w.sent("solved", 0, "") // the case closes with the new licence alone
	w.live(10 * licence.Day)
	w.tell(wOrder("sub_1", "sales-premium", 7))
	l := wLicence(wLine("sales-premium", 7, -1, 7))
	l.NextCheck, l.AdminWarning, l.Expires, l.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(l)
	w.live(time.Hour)
	w.sent("solved", 1, "anna@fjord.example")
}

func TestMailPolicies(t *testing.T) {
	for _, policy := range []string{"off", "operator"} {
		a := wFjord()
		a.Mail = licence.Some(policy)
		w := newWorld(t, "2026-11-30 09:00", a)
		w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
		w.tell(wLicence(wLine("sales-premium", 10, 7, 9)), licence.LinkAsked{Role: licence.Admin})
		w.live(73 * time.Hour)
		w.finding("surplus", "open")
		w.wantTask("surplus", licence.Admin)
		w.quiet()
		// Switched on: what stands is owed as if it had just opened.
		w.tell(wFjord())
		w.live(licence.Day)
		w.sent("surplus", 1, "anna@fjord.example")
	}
	a := wFjord()
	a.Mail = licence.Some("review")
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
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
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.tell(wLicence(wLine("sales-premium", 10, 7, 7)))
	if m := w.s.History.Mailed; len(m) > 0 {
		t.Errorf("mailed: %+v", m)
	}
	// Switched on while drafts lie there: it is owed anew.
	w = newWorld(t, "2026-11-30 09:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.tell(wFjord())
	w.live(time.Hour)
	if len(w.mails) != 2 || w.mails[1].Draft {
		t.Errorf("mails: %v", w.mails)
	}
}

func TestNobodyToTell(t *testing.T) {
	a := wFjord()
	a.Contacts[0].Left = "2026-11-01"
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.quiet()
	if n := Notices(w.s, w.now); len(n) != 1 || n[0].Why != "nobody" {
		t.Errorf("notices: %+v", n)
	}
	// Away today, then the partner, then by rank.
	a = wFjord()
	a.Contacts[0].AwayUntil = "2026-11-30"
	a.Contacts = append(a.Contacts, licence.Contact{ID: "pia", Email: "pia@partner.example", Role: licence.Partner})
	r := diagnosis.NewReading(licence.State{Account: "C-1042", Known: licence.Known{Profile: licence.Profile{Account: licence.Reg[licence.AccountChanged]{Value: a}}}}, wTime("2026-11-30 09:00"), wTime("2026-11-30 09:00"))
	if c, ok := r.Recipient(licence.Admin, nil); !ok || c.ID != "pia" {
		t.Errorf("tells %s", c.ID)
	}
	r.C = diagnosis.NewClock(wTime("2026-12-01 09:00"), wTime("2026-12-01 09:00"))
	if c, _ := r.Recipient(licence.Admin, nil); c.ID != "anna" {
		t.Errorf("tells %s", c.ID)
	}
	r.A.Contacts = append(r.A.Contacts, licence.Contact{ID: "cia", Role: licence.Admin, Rank: -1})
	if c, _ := r.Recipient(licence.Admin, nil); c.ID != "cia" {
		t.Errorf("tells %s", c.ID)
	}
}

func TestPhaseWorsensSaidAgain(t *testing.T) {
	l := wLicence(wLine("sales-premium", 10, 10, 9))
	l.CanActivate, l.NextCheck = true, "2026-11-18"
	w := newWorld(t, "2026-11-20 09:00", wFjord())
	w.told(wTime("2026-11-01 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.tell(l)
	w.live(60 * licence.Day)
	var days []string
	for _, m := range w.about("not-activated") {
		days = append(days, m.At.In(wZone).Format("01-02"))
	}
	if want := []string{"11-20", "11-30"}; !slices.Equal(days, want) {
		t.Errorf("told on %v, want %v", days, want)
	}
}

func TestForecastInSixtyDays(t *testing.T) {
	// A healthy customer reads nothing of what has not arrived.
	w := newWorld(t, "2026-11-05 09:00", wFjord())
	w.told(wTime("2026-01-05 08:00"), "order", wOrder("sub_1", "sales-premium", 10))
	w.told(wTime("2026-01-06 08:00"), "paid", wInvoice("paid", "2026-01-01", "2026-01-01", "2025-12-13", "2026-12-13"))
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
	d := w.diagnosis()
	if len(d.Findings) > 0 || len(d.Upcoming) > 0 || d.Summary != "ok" {
		t.Errorf("findings %q, upcoming %q, %s", wCodes(d.Findings), wCodes(d.Upcoming), d.Summary)
	}
	if d := diagnosis.Diagnose(w.s, w.now, w.now.Add(60*licence.Day)); d.Phase != "expired" {
		t.Errorf("in sixty days: %s", d.Phase)
	}
	// Two steps of one plan stand there twice.
	s := wOrder("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{
		{At: wTime("2026-12-01 00:00"), Items: wOrder("", "sales-premium", 8).Items},
		{At: wTime("2027-02-01 00:00"), Items: wOrder("", "sales-premium", 6).Items},
	}
	w.tell(s)
	up := w.diagnosis().Upcoming
	if len(up) != 2 || up[0].Need != 1 || up[1].Need != 3 || up[0].Fingerprint != up[1].Fingerprint || !up[1].Starts.Equal(wTime("2027-02-01 00:00")) {
		t.Errorf("upcoming: %+v", up)
	}
}

func TestSolvedWithoutAnyOrder(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	done := wLicence(wLine("sales-premium", 7, -1, 7))
	done.NextCheck, done.AdminWarning, done.Expires, done.GraceUntil = "2027-11-20", "2027-11-28", "2027-12-13", "2027-12-25"
	w.tell(done)
	w.absent("surplus")
	w.wantTask("surplus", "")
	w.until(w.now.Add(time.Minute))
	w.sent("solved", 1, "anna@fjord.example")
	w.unknown("surplus") // nothing is offered, and nothing was ever ordered
}

func TestActivatingIsTheNextStep(t *testing.T) {
	l := wFine(wLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-11-20", "2028-09-13"
	w := newWorld(t, "2026-11-20 09:00", wFjord())
	w.told(wTime("2026-11-01 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(l)
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(func() licence.LicenceReported {
		l := wFine(wLine("sales-premium", 10, 7, 7))
		l.CanActivate, l.NextCheck, l.NewExpires = true, "2027-08-20", "2028-09-13"
		return l
	}())
	w.finding("not-activated", "open") // it waits for nothing: the admin is in the middle of it
}

func TestTwoProductions(t *testing.T) {
	a := wFjord()
	a.Installations = append(a.Installations, licence.Installation{CustID: "Cust777", Serial: "7", Kind: "production", Hosting: "online", URL: "https://online3.superoffice.example/Cust777"})
	norway := wLicence(wLine("sales-premium", 5, 5, 5))
	norway.CustID, norway.Serial, norway.CanActivate = "Cust777", "7", true
	w := newWorld(t, "2026-11-30 09:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 12))
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)), norway)
	// Twelve of which the lines do not say where: told, but not known.
	w.unknown("surplus")
	w.absent("surplus", "order-differs")
	s := licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", Items: []licence.Item{
		{Plan: "sales-premium", Quantity: 7, CustID: "Cust12345"}, {Plan: "sales-premium", Quantity: 5, CustID: "cust777"},
	}}
	w.tell(s)
	if f := w.finding("surplus", "open"); f.Need != 2 || f.Subject.CustID != "Cust12345" {
		t.Errorf("got %d %v", f.Need, f.Subject)
	}
	if f := w.finding("not-activated", "open"); f.Subject.CustID != "Cust777" {
		t.Errorf("got %v", f.Subject)
	}
	// The worst of them is the account's phase.
	norway.AdminWarning, norway.Expires = "2026-11-01", "2026-11-29"
	w.tell(norway)
	w.phase("grace")
}

func TestDaysOfAPartner(t *testing.T) {
	// In Norway 6 January is a working day, and a mail that is owed on it goes.
	a := wFjord()
	a.Country = licence.Some("NO")
	w := newWorld(t, "2027-01-05 18:00", a)
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	l := wFine(wLine("sales-premium", 10, 7, 9))
	l.NextCheck, l.NewExpires = "2026-12-20", "2028-09-13"
	w.tell(l)
	w.live(licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w = newWorld(t, "2027-01-05 18:00", wFjord())
	w.told(wTime("2026-11-20 08:00"), "order", wOrder("sub_1", "sales-premium", 7))
	w.tell(l)
	w.live(licence.Day)
	w.quiet() // in Sweden it is a holiday
}

func TestOfferAfterAReductionIsToldOfItsOwn(t *testing.T) {
	s := wOrder("sub_1", "sales-premium", 10)
	s.Scheduled = []licence.Phase{{At: wTime("2026-11-26 00:00"), Items: wOrder("", "sales-premium", 7).Items}}
	w := newWorld(t, "2026-11-20 09:00", wFjord())
	w.told(wTime("2026-11-01 08:00"), "order", s)
	w.tell(wLicence(wLine("sales-premium", 10, -1, 9)))
	w.halfHour()
	w.sent("surplus", 1, "anna@fjord.example") // a week before it begins, its last line
	w.live(9 * licence.Day)
	w.sent("surplus", 1, "anna@fjord.example")
	w.tell(wLicence(wLine("sales-premium", 10, 7, 9)))
	w.live(licence.Day)
	w.sent("surplus", 2, "anna@fjord.example") // now it stands in the way
}

func TestPlanSwapIsSureWhereSumsMatch(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.tell(wLicence(wLine("sales-premium", 10, 0, 10), wLine("service-premium", 0, 10, 0)))
	if f := w.finding("plan-swap", "open"); f.Say != "sure" {
		t.Errorf("says %s", f.Say)
	}
}

func TestRefusedOnlyWhereTheReadFitsToo(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", wFjord())
	w.told(wTime("2026-11-30 08:30"), "list", wSeats("sales-premium", 8))
	w.tell(wLicence(wLine("sales-premium", 10, 9, 10))) // half an hour later: ten
	w.absent("activation-refused")
}
