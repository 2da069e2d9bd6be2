package desk

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
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
		"answer": sayAnswer, "paid": sayPaid, "arrangement": sayArrangement, "screen": sayScreen, "mail": sayMail,
		"check": askCheck, "revoke": revoke, "assign": sayAssigned, "note": addNote,
	}
	if err := v.mayNot(v.r.PathValue("form")); err != nil {
		return err
	}
	if v.r.PathValue("form") == "drafts" {
		return caseDrafts(v, s)
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
	anchors := map[string]string{"screen": "#plans", "mail": "#mail", "revoke": "#links", "assign": "#work", "note": "#work"}
	return v.back(deskBase(s.Account)+anchors[v.r.PathValue("form")], said)
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
	to := deskBase(s.Account) + "#drafts"
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

// screenLines are the plans of the form for what the customer's Licences screen shows, with
// what was last told of them.
func screenLines(a licence.AccountChanged, l licence.LicenceReported) []screenLine {
	var out []screenLine
	seen := map[string]bool{}
	for _, line := range l.Plans {
		if line.Kind == "hidden" || line.Unrestricted || line.Plan == "" {
			continue
		}
		x := screenLine{Plan: line.Plan, Name: line.Description, Total: strconv.Itoa(line.Total), Used: strconv.Itoa(line.InUse)}
		if line.NewTotal != nil {
			x.New = strconv.Itoa(*line.NewTotal)
		}
		seen[line.Plan] = true
		out = append(out, x)
	}
	for _, p := range a.Plans {
		if !seen[p.Plan] && p.Counted != "used" {
			out = append(out, screenLine{Plan: p.Plan, Name: p.Name})
		}
	}
	return out
}

// sayScreen is what the customer reads off that screen on the phone. What was left empty stays
// as it was last told; of an offer every plan's number is needed, since a plan that an offer
// does not name is one that it takes away.
func sayScreen(v *deskVisit, s licence.State) (string, error) {
	l, faults := page.Stated(s, v.r, v.staff.Name)
	if l.CustID == "" {
		return "stale", nil
	}
	if fault := v.misread(faults); fault != "" {
		return fault, nil
	}
	a := s.Known.Profile.Account.Value
	for _, i := range a.Installations {
		if strings.EqualFold(i.CustID, l.CustID) && l.Serial == "" {
			l.Serial = i.Serial
		}
	}
	text := func(name string, to *string) {
		if x := app.Short(v.r.PostFormValue(name)); x != "" {
			*to = x
		}
	}
	day := func(name string, to *licence.Date) {
		if d, _ := v.day(name); d != "" {
			*to = d
		}
	}
	text("version", &l.Version)
	text("serial", &l.Serial)
	day("next_check", &l.NextCheck)
	day("admin_warning", &l.AdminWarning)
	day("grace_until", &l.GraceUntil)
	if l.Expires == "" {
		return v.wrong("date-missing", "expires"), nil
	}
	var news int
	plans := slices.Clone(a.Plans)
	for _, line := range l.Plans { // the form asks for those too that the customer's list lacks
		if !slices.ContainsFunc(plans, func(p licence.Plan) bool { return p.Plan == line.Plan }) {
			plans = append(plans, licence.Plan{Plan: line.Plan})
		}
	}
	for _, p := range plans {
		news += typed(&l, p, v.r)
	}
	if v.r.PostFormValue("offered") == "yes" {
		if news > 0 {
			l.Offered = true
			l.CanActivate = v.r.PostFormValue("can_activate") == "yes"
			day("new_expires", &l.NewExpires)
			text("reason", &l.Reason)
		}
		for _, line := range l.Plans {
			if line.Kind != "hidden" && !line.Unrestricted && (!l.Offered || line.NewTotal == nil && line.Total > 0) {
				return v.wrong("numbers-missing", "new_total."+line.Plan), nil
			}
		}
		if !l.Offered {
			return v.wrong("numbers-missing", "offered"), nil
		}
		if v.r.PostFormValue("can_activate") == "" {
			return v.wrong("activate-missing", "can_activate"), nil
		}
	}
	return "screen", v.say(s, "screen/"+l.CustID, l)
}

// misread is what is said of a form for that screen of which a field is not empty and cannot be taken
// as it stands; "": there is none.
func (v *deskVisit) misread(faults []page.Fault) string {
	for _, name := range []string{"expires", "next_check", "admin_warning", "grace_until", "new_expires"} {
		if _, ok := v.day(name); !ok {
			return v.wrong("date-wrong", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.r.PostForm)) {
		column, _, _ := strings.Cut(name, ".")
		typed := v.r.PostFormValue(name)
		if slices.Contains([]string{"total", "in_use", "new_total"}, column) && strings.TrimSpace(typed) != "" {
			if _, ok := page.NumberOf(typed); !ok {
				return v.wrong("number-wrong", name)
			}
		}
	}
	for _, f := range faults {
		if v.r.PostFormValue(f.Field) != "" {
			return "stale" // no form of ours says that
		}
	}
	return ""
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

// typed enters the numbers of one plan; it tells whether one of the new licence is among them.
func typed(l *licence.LicenceReported, p licence.Plan, r *http.Request) (news int) {
	number := func(name string) (int, bool) {
		return page.NumberOf(r.PostFormValue(name + "." + p.Plan))
	}
	total, hasTotal := number("total")
	used, hasUsed := number("in_use")
	offered, hasNew := number("new_total")
	at := -1
	for i, line := range l.Plans {
		if line.Plan == p.Plan {
			at = i
		}
	}
	if at < 0 {
		if !hasTotal && !hasNew {
			return 0
		}
		l.Plans = append(l.Plans, licence.LicenceLine{Plan: p.Plan, Module: p.Module, Description: p.Name})
		at = len(l.Plans) - 1
	}
	line := &l.Plans[at]
	if hasTotal {
		line.Total = total
	}
	if hasUsed {
		line.InUse = used
	}
	if hasNew && r.PostFormValue("offered") == "yes" {
		line.NewTotal = &offered
		return 1
	}
	return 0
}
