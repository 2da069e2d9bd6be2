package page

import (
	"slices"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// Offers is what the pages let a reader say of a finding, once the session is open. What they do
// not offer is not taken: the buttons and the forms' handlers both go by this.
type Offers struct {
	Answers   []string // as in finding.answered
	Paid      bool     // that it is paid already
	Loaded    bool     // that a licence was loaded from a file
	Colleague bool     // that a colleague does it
}

// May tells whether an answer is offered.
func (o Offers) May(answer string) bool { return slices.Contains(o.Answers, answer) }

// offersOf is what the reader of the view may say of one of its findings; reads tells whether we can
// read the licence ourselves.
func offersOf(v words.View, f words.Finding, reads bool) Offers {
	open, billing := f.State == licence.Open, v.Reader == licence.Billing
	o := Offers{
		Paid:      (f.Code == licence.InvoiceOverdue || f.Code == licence.PaymentAwaited) && billing && f.Mine,
		Loaded:    open && !reads && !billing && slices.ContainsFunc(f.Remedies, func(r words.Remedy) bool { return r.ID == "load-file" }),
		Colleague: open && f.Mine,
	}
	say := func(answer string, offered bool) {
		if offered && !o.May(answer) {
			o.Answers = append(o.Answers, answer)
		}
	}
	asks := f.Mine && f.Code == licence.OrderDiffers
	say("numbers-right", asks)
	say("numbers-wrong", asks)
	say("handled", o.Colleague && !o.Paid)
	say("not-right", open || f.State == licence.Waiting || f.State == licence.Verifying)
	// Beside the first remedy, and on the page of whom to choose.
	say("numbers-wrong", f.Mine && len(f.Remedies) > 1 && slices.ContainsFunc(f.Remedies[1:], func(r words.Remedy) bool { return r.ID == "numbers-wrong" }))
	say("numbers-wrong", f.Code == licence.Surplus && !billing)
	return o
}
