package desk

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// What a customer reads off the Licences screen on the phone: nothing is kept before somebody has seen what it
// changes and what it leads to.

// A screenData is that page.
type screenData struct {
	Name, Cust, Base string
	Changes          []screenChange
	Comes, Goes      []screenFinding
	Form             []screenField // what was typed, to be sent again
}

// A screenChange is one thing that was told before, and is now said otherwise.
type screenChange struct{ What, Was, Is string }

// A screenFinding is what will be found, or no longer.
type screenFinding struct {
	Code  licence.Code
	Owner licence.Role
	Title string
}

type screenField struct{ Name, Value string }

// screenForm shows what a statement changes, or keeps it.
func screenForm(v *deskVisit, s licence.State) error {
	l, fault := screenOf(v, s)
	switch {
	case v.typed.field != "" || v.r.PostFormValue("go") == "no": // it comes back as it was typed
		if fault == "" {
			v.typed = typedForm{form: "screen", of: v.r.PostFormValue("cust_id"), values: v.r.PostForm}
			return v.showCase(s, http.StatusOK)
		}
		return v.showCase(s, http.StatusUnprocessableEntity)
	case fault != "":
		return v.back(deskBase(s.Account), fault)
	case v.r.PostFormValue("go") == "yes":
		if err := v.say(s, "screen/"+l.CustID, l); err != nil {
			return err
		}
		return v.back(deskBase(s.Account), "screen")
	}
	was := s.Known.Inst(l.CustID).Report.Value
	d := screenData{Name: nameOf(s), Cust: l.CustID, Base: deskBase(s.Account), Changes: v.changes(was, l, app.ZoneOf(s))}
	supposed := casework.SupposeFact(s, app.FactOf("support", "supposed", s.Account, l, v.Desk.App), v.Now())
	before, after := v.foundIn(s), v.foundIn(supposed)
	d.Comes, d.Goes = notAmong(after, before), notAmong(before, after)
	for _, name := range slices.Sorted(maps.Keys(v.r.PostForm)) {
		d.Form = append(d.Form, screenField{name, v.r.PostFormValue(name)})
	}
	return v.show(http.StatusOK, "screen", v.g.say("screen.preview", l.CustID), app.ZoneOf(s), d)
}

// foundIn are the findings of a state by what a person would notice of them.
func (v *deskVisit) foundIn(s licence.State) map[string]screenFinding {
	d := diagnosis.Diagnose(s, v.Now(), v.Now())
	out := map[string]screenFinding{}
	for _, f := range words.Of(string(v.g)).View(d, effects.Names(s, d)).Findings {
		out[f.Fingerprint+string(f.State)+f.Title] = screenFinding{f.Code, f.Owner, f.Title}
	}
	return out
}

// notAmong are those of some that others lack, in the order of the rules.
func notAmong(some, others map[string]screenFinding) (out []screenFinding) {
	for key, f := range some {
		if _, has := others[key]; !has {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b screenFinding) int {
		return cmp.Or(placeOf(string(a.Code))-placeOf(string(b.Code)), cmp.Compare(a.Title, b.Title))
	})
	return out
}

// changes are what a statement says otherwise than was told before.
func (v *deskVisit) changes(was, is licence.LicenceReported, zone *time.Location) (out []screenChange) {
	change := func(what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			out = append(out, screenChange{what, or(x), or(y)})
		}
	}
	page := deskPage{Lang: string(v.g), Zone: zone}
	say := func(yes bool) string { return v.g.say(yesNo(yes)) }
	change(v.g.say("place.expires"), page.Day(was.Expires), page.Day(is.Expires))
	change(v.g.say("place.grace"), page.Day(was.GraceUntil), page.Day(is.GraceUntil))
	change(v.g.say("place.next"), page.Day(was.NextCheck), page.Day(is.NextCheck))
	change(v.g.say("place.version"), was.Version, is.Version)
	change(v.g.say("screen.offered"), say(was.Offered), say(is.Offered))
	if is.Offered {
		change(v.g.say("screen.activate"), say(was.Offered && was.CanActivate), say(is.CanActivate))
		change(v.g.say("screen.newuntil"), page.Day(was.NewExpires), page.Day(is.NewExpires))
		change(v.g.say("screen.reason"), was.Reason, is.Reason)
	}
	for _, line := range is.Plans {
		old := licence.LicenceLine{}
		if i := slices.IndexFunc(was.Plans, func(x licence.LicenceLine) bool { return x.Plan == line.Plan }); i >= 0 {
			old = was.Plans[i]
		}
		name := cmp.Or(line.Description, line.Plan)
		change(name+", "+v.g.say("plans.total"), old.Total, line.Total)
		change(name+", "+v.g.say("screen.used"), old.InUse, line.InUse)
		if is.Offered {
			change(name+", "+v.g.say("plans.offered"), seats(old.NewTotal), seats(line.NewTotal))
		}
	}
	return out
}

func seats(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
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

// screenOf is what the customer reads off that screen on the phone. What was left empty stays
// as it was last told; of an offer every plan's number is needed, since a plan that an offer
// does not name is one that it takes away.
func screenOf(v *deskVisit, s licence.State) (l licence.LicenceReported, fault string) {
	l, faults := page.Stated(s, v.r, v.staff.Name)
	if l.CustID == "" {
		return l, "stale"
	}
	if fault = v.misread(faults); fault != "" {
		return l, fault
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
		return l, v.wrong("date-missing", "expires")
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
				return l, v.wrong("numbers-missing", "new_total."+line.Plan)
			}
		}
		if !l.Offered {
			return l, v.wrong("numbers-missing", "offered")
		}
		if v.r.PostFormValue("can_activate") == "" {
			return l, v.wrong("activate-missing", "can_activate")
		}
	}
	return l, ""
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
