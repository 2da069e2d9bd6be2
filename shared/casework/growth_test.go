package casework

import (
	"fmt"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// An account of five years, of which something is told every day, is no larger at the end than after
// its second year.
func TestAnAccountStopsGrowing(t *testing.T) {
	w := newWorld(t, "2026-11-02 09:00", fjord())
	start, sizes := w.now, map[string][]int{}
	for day := range 5 * 365 {
		w.until(start.AddDate(0, 0, day))
		growthDay(w, day)
		if day%365 == 364 {
			for name, n := range stored(t, w.s) {
				sizes[name] = append(sizes[name], n)
			}
		}
	}
	for name, of := range sizes {
		if last := of[4]; float64(last) > 1.02*float64(of[1]) || last > 64<<10 {
			t.Errorf("%s has, year by year, %d bytes", name, of)
		}
	}
	if len(w.mails) < 50 {
		t.Errorf("%d mails went in five years: nothing has happened", len(w.mails))
	}
}

// growthDay is a day in which the licence is reported and a seat comes or goes. Each month too many
// work for twelve days, and an invoice is paid late.
func growthDay(w *world, day int) {
	today, month, offered, held := licence.DateOf(w.now, time.UTC), day/30, 10, 9
	if day%30 < 12 {
		held = 12
	}
	line := licence.LicenceLine{Plan: "sales-premium", Module: "ten-sales", Description: "Sales", Total: 12, NewTotal: &offered, InUse: held}
	w.tell(licence.LicenceReported{
		CustID: "Cust12345", Serial: "1801550193", Version: "10.2", NextCheck: today.Add(6), AdminWarning: today.Add(1), Expires: today.Add(20),
		GraceUntil: today.Add(32), Offered: true, NewExpires: today.Add(385), Plans: []licence.LicenceLine{line},
	})
	w.tell(licence.SeatChanged{CustID: "Cust12345", Plan: "sales-premium", Held: day%2 == 0, User: licence.User{ID: fmt.Sprint(day % 90), CanLogin: true}})
	in := licence.InvoiceChanged{
		Invoice: fmt.Sprintf("in_%03d", month), Number: fmt.Sprintf("2026-%03d", month), Status: "open", Amount: "12500.00", Currency: "SEK",
		Due: today.Add(5), Issued: today, From: today, To: today.Add(30),
	}
	switch day % 30 {
	case 0:
		w.tell(in)
	case 20:
		in.Status, in.PaidAt = "paid", today
		in.Due, in.Issued, in.From, in.To = today.Add(-15), today.Add(-20), today.Add(-20), today.Add(10)
		w.tell(in)
	}
}

// stored is how many bytes the history and each part take.
func stored(t *testing.T, s licence.State) map[string]int {
	h, err := s.History.Encode()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{"history": len(h)}
	for _, p := range licence.Parts {
		b, err := s.Known.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		out[string(p)] = len(b)
	}
	return out
}
