package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// Each form of a case becomes a fact with the name of who said it, or a row of the audit trail.

// deskForm does what a form of a case asks for.
func deskForm(v *deskVisit) error {
	s, err := v.load()
	if err != nil {
		return err
	}
	forms := map[string]func(*deskVisit, licence.State) (string, error){
		"answer": sayAnswer, "paid": sayPaid, "arrangement": sayArrangement, "mail": sayMail,
		"check": askCheck, "revoke": revoke, "assign": sayAssigned, "note": addNote,
	}
	if err := v.mayNot(v.r.PathValue("form")); err != nil {
		return err
	}
	switch v.r.PathValue("form") {
	case "drafts":
		return caseDrafts(v, s)
	case "screen":
		return screenForm(v, s)
	}
	form, ok := forms[v.r.PathValue("form")]
	if !ok {
		return app.ErrNotFound
	}
	said, err := form(v, s)
	if err != nil {
		return err
	}
	if v.typed.field != "" {
		return v.showCase(s, http.StatusUnprocessableEntity)
	}
	return v.back(deskBase(s.Account), said) // to its top: there stands what was said, and the customer's name
}

// say tells a fact in the name of who is signed in: one click, one fact.
func (v *deskVisit) say(s licence.State, what string, p licence.Payload) error {
	id := v.id + "/" + what + "/" + v.Now().UTC().Format(time.RFC3339Nano)
	_, err := v.Engine.Apply(v.r.Context(), app.FactOf("support", id, s.Account, p, v.Desk.App))
	return err
}

// errStale says that what a form was about is not there any more.
var errStale = errors.New("stale")

// sayAnswer is what the desk says of a finding.
func sayAnswer(v *deskVisit, s licence.State) (string, error) {
	if _, ok := v.day("until"); !ok {
		return v.wrong("date-wrong", "until"), nil
	}
	err := v.answer(s, v.r.PostFormValue("fingerprint"))
	if errors.Is(err, errStale) {
		return "stale", nil
	}
	return "answered", err
}

// sayPaid is that a payment has arrived.
func sayPaid(v *deskVisit, s licence.State) (string, error) {
	f, ok := page.Standing(diagnosis.Diagnose(s, v.Now(), v.Now()), v.r.PostFormValue("fingerprint"))
	if !ok || f.Subject.Kind != "invoice" {
		return "stale", nil
	}
	p := licence.PaymentClaimed{Invoice: f.Subject.ID, Reference: app.Short(v.r.PostFormValue("reference")), By: v.staff.Name}
	if p.PaidOn, ok = v.day("paid_on"); !ok {
		return v.wrong("date-wrong", "paid_on"), nil
	}
	return "paid", v.say(s, "paid", p)
}

// sayArrangement is what was agreed with the customer; without a day it has ended.
func sayArrangement(v *deskVisit, s licence.State) (string, error) {
	p := licence.ArrangementChanged{Note: app.Short(v.r.PostFormValue("note")), By: v.staff.Name}
	if v.r.PostFormValue("do") == "end" {
		return "arrangement-ended", v.say(s, "arrangement", p)
	}
	until, ok := v.day("until")
	switch {
	case !ok:
		return v.wrong("date-wrong", "until"), nil
	case until == "":
		return v.wrong("date-missing", "until"), nil
	}
	p.Until = until
	return "arranged", v.say(s, "arrangement", p)
}

// sayMail is what becomes of the customer's mails from now on.
func sayMail(v *deskVisit, s licence.State) (string, error) {
	p := licence.MailChanged{By: v.staff.Name}
	switch policy := v.r.PostFormValue("mail"); policy {
	case "on", "review", "operator", "off":
		p.Mail = &policy
	case "":
	default:
		return "stale", nil
	}
	return "mail", v.say(s, "mail", p)
}

// askCheck has the installations read now.
func askCheck(v *deskVisit, s licence.State) (string, error) {
	for _, site := range diagnosis.Installations(s, v.Now(), v.Now()) {
		if !site.Production() {
			continue
		}
		if err := v.say(s, "check/"+site.CustID, licence.CheckAsked{CustID: site.CustID, By: v.staff.Name}); err != nil {
			return "", err
		}
	}
	return "checked", v.Engine.Deliver(v.r.Context(), s.Account)
}

func caseDrafts(v *deskVisit, s licence.State) error {
	to := deskBase(s.Account)
	send, ok := sends(v.r)
	if !ok {
		return v.back(to, "stale")
	}
	return v.draftsOf(s.Account, send, to)
}

// revoke ends a link for good: of what was given under it nothing opens any more, whatever is given
// later that day.
func revoke(v *deskVisit, s licence.State) (string, error) {
	id, said := v.r.PostFormValue("id"), "stale"
	err := v.Engine.Record(v.r.Context(), s.Account, func(licence.State) ([]licence.Row, []licence.Name, error) {
		row, ok, err := v.Store.Row(v.r.Context(), s.Account, "link", id)
		if err != nil || !ok {
			return nil, nil, err
		}
		var l effects.LinkRow
		if err := json.Unmarshal(row.Body, &l); err != nil {
			return nil, nil, err
		}
		if l.Revoked.IsZero() {
			l.Revoked = v.Now().UTC()
		}
		said = "revoked"
		row.Body, err = json.Marshal(l)
		return []licence.Row{row, audit(v.Now(), v.staff.Name, "revoked", id)}, nil, err
	})
	return said, err
}

// day is what was typed into a field for a date; "": nothing. False: no date that there can be.
func (v *deskVisit) day(name string) (licence.Date, bool) {
	typed := strings.TrimSpace(v.r.PostFormValue(name))
	if typed == "" {
		return "", true
	}
	d, ok := page.DateOf(typed)
	if !ok {
		d = ""
	}
	return d, ok
}
