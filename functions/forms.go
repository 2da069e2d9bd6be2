package functions

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// Each form of the page becomes a fact, with the name of who said it.

// now is part of our own facts' ids: one click, one fact.
func (a *App) say(ctx context.Context, v visit, what string, p licence.Payload) error {
	id := v.link.ID + "/" + what + "/" + a.Now().UTC().Format(time.RFC3339Nano)
	_, err := a.Engine.Apply(ctx, from("page", id, v.state.Account, p, a))
	return err
}

// standing tells whether the fingerprint is of a finding that stands on this account.
func standing(s licence.State, fp string, now time.Time) (licence.Finding, bool) {
	for _, f := range licence.Diagnose(s, now, now).Findings {
		if f.Fingerprint == fp {
			return f, true
		}
	}
	return licence.Finding{}, false
}

// answers are what a reader may say of a finding.
var answers = map[string]bool{"on-purpose": true, "numbers-wrong": true, "numbers-right": true, "handled": true, "not-right": true, "snooze": true}

// answerForm is one of the exits, or the answer to a question.
func answerForm(a *App, r *http.Request, v visit) error {
	f, ok := standing(v.state, r.PostFormValue("fingerprint"), a.Now())
	said := r.PostFormValue("answer")
	if !ok || !answers[said] {
		return nil // a stale page: the finding is gone, and so is the question
	}
	p := licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: said, By: v.link.Name, Note: short(r.PostFormValue("note"))}
	if said == "snooze" {
		p.Until = licence.DateOf(a.Now(), zoneOf(v.state)).Add(7)
	}
	return a.say(r.Context(), v, "answer", p)
}

// colleagueForm hands the matter to somebody else at the customer, who gets a link of their own.
func colleagueForm(a *App, r *http.Request, v visit) error {
	f, ok := standing(v.state, r.PostFormValue("fingerprint"), a.Now())
	if !ok {
		return nil
	}
	who := r.PostFormValue("contact")
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID == who && c.Left == "" {
			err := a.say(r.Context(), v, "colleague", licence.FindingAnswered{
				Fingerprint: f.Fingerprint, Answer: "handled", By: v.link.Name, Note: "given to " + c.Name,
			})
			if err != nil {
				return err
			}
			return a.say(r.Context(), v, "colleague-link", licence.LinkAsked{To: c.ID})
		}
	}
	return nil
}

// paidForm is the billing contact's word that an invoice is paid.
func paidForm(a *App, r *http.Request, v visit) error {
	f, ok := standing(v.state, r.PostFormValue("fingerprint"), a.Now())
	if !ok || f.Code != "invoice-overdue" || v.link.Role == licence.Admin {
		return nil
	}
	p := licence.PaymentClaimed{Invoice: f.Subject.ID, Reference: short(r.PostFormValue("reference")), By: v.link.Name}
	if d, err := licence.ParseDate(r.PostFormValue("paid_on")); err == nil {
		p.PaidOn = d
	}
	return a.say(r.Context(), v, "paid", p)
}

// screenForm is what a person reads off the Licences screen, where we cannot read it: it is
// kept as that person's statement.
func screenForm(a *App, r *http.Request, v visit) error {
	last, ok := stated(v.state, r, v.link.Name)
	if !ok {
		return nil
	}
	return a.say(r.Context(), v, "screen", last)
}

// stated is what was last told of a licence, with what a person now reads off its screen.
func stated(s licence.State, r *http.Request, by string) (licence.LicenceReported, bool) {
	cust := r.PostFormValue("cust_id")
	ok := false
	for _, i := range s.Known.Profile.Account.Value.Installations {
		ok = ok || strings.EqualFold(i.CustID, cust)
	}
	if !ok {
		return licence.LicenceReported{}, false
	}
	last := s.Known.Inst(cust).Report.Value
	last.CustID, last.StatedBy, last.CheckedAt = cust, by, time.Time{}
	if d, err := licence.ParseDate(r.PostFormValue("expires")); err == nil {
		if d > last.Expires && last.Expires != "" {
			last.GraceUntil, last.AdminWarning = shift(last.GraceUntil, last.Expires, d), shift(last.AdminWarning, last.Expires, d)
			last.NextCheck = shift(last.NextCheck, last.Expires, d)
		}
		last.Expires = d
	}
	offered := r.PostFormValue("offered") == "yes"
	var lines []licence.LicenceLine
	for _, line := range last.Plans {
		if n, err := strconv.Atoi(strings.TrimSpace(r.PostFormValue("in_use." + line.Plan))); err == nil && n >= 0 && n < 1e6 {
			line.InUse = n
		}
		if last.Offered && !offered {
			// The new licence is the one in force now: a module that it lacked is gone.
			if line.NewTotal == nil {
				continue
			}
			line.Total, line.NewTotal = *line.NewTotal, nil
		}
		lines = append(lines, line)
	}
	last.Offered, last.Plans = offered && last.Offered, lines
	if !last.Offered {
		last.CanActivate, last.NewExpires, last.Reason, last.OfferedSince = false, "", "", ""
	}
	return last, true
}

// shift moves a date by as much as the end of the licence has moved.
func shift(d, from, to licence.Date) licence.Date {
	if d == "" {
		return ""
	}
	days := int(to.Start(time.UTC).Sub(from.Start(time.UTC)).Hours() / 24)
	return d.Add(days)
}

// newLink sends a new link to the person for whom the expired one was, at most three a day.
func (a *App) newLink(ctx context.Context, v visit) error {
	day := a.Now().UTC().Format("2006-01-02")
	ok, err := a.Store.Counter(ctx, "new-link "+v.link.ID, day, 1, 3)
	if err != nil || !ok {
		return err
	}
	_, err = a.Engine.Apply(ctx, from("page", v.link.ID+"/new-link/"+a.Now().UTC().Format(time.RFC3339Nano), v.state.Account, licence.LinkAsked{To: v.link.Contact}, a))
	if err == nil {
		err = a.Engine.Deliver(ctx, v.state.Account)
	}
	return err
}

// short is a line that a person typed, within bounds.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	return string(r[:min(len(r), 500)])
}
