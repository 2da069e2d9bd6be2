package desk

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// Which customers a list shows and in which order stands in its address, so that it can be kept.

// filters are what the address of a list says.
type filters struct {
	View  string            // "": cases; solved-week, solved-month or coming
	By    map[string]string // what a facet is set to, by its name
	Sort  string
	Page  int
	g     tongue
	today licence.Date
}

// nobodys is the value of the filter for what is assigned to nobody.
const nobodys = "-"

// ahead is how many days a list of what is to come looks ahead.
const ahead = 60

var (
	boardViews = []string{"solved-week", "solved-month", "coming"}
	boardSorts = []string{"", "customer", "cause", "owner", "installation", "assigned", "language", "contact"}
)

func filtersOf(q url.Values, g tongue) filters {
	d := filters{View: q.Get("view"), By: map[string]string{}, Sort: q.Get("sort"), g: g}
	for _, f := range d.facets() {
		if value := q.Get(f.name); value != "" {
			d.By[f.name] = value
		}
	}
	if !slices.Contains(boardViews, d.View) {
		d.View = ""
	}
	if !slices.Contains(boardSorts, d.Sort) {
		d.Sort = ""
	}
	d.Page, _ = strconv.Atoi(q.Get("page"))
	d.Page = max(1, min(d.Page, 1000))
	return d
}

// Solved tells whether the list is of what was solved.
func (d *filters) Solved() bool { return strings.HasPrefix(d.View, "solved") }

// OfCases tells whether the list is of what is to be worked on.
func (d *filters) OfCases() bool { return d.View == "" && d.By["state"] != "ok" }

// title is what the list is called.
func (d *filters) title() string {
	if d.OfCases() {
		return d.g.say("board")
	}
	return d.g.say("board.view." + cmp.Or(d.View, "ok"))
}

// Ended are the findings for which a customer stands on a list of what was solved.
func (d *filters) Ended(e licence.Entry) (out []licence.Found) {
	since := licence.MondayOf(d.today)
	if d.View == "solved-month" {
		since = firstOf(d.today)
	}
	for _, f := range e.Found {
		if f.To >= since && f.To != "" {
			out = append(out, f)
		}
	}
	return out
}

// Filtered tells whether something is left out.
func (d *filters) Filtered() bool {
	return len(d.By) > 0 || d.View != ""
}

// address is that of the list with one of its values set, or taken off.
func (d *filters) address(name, value string) string {
	q := url.Values{}
	for k, v := range d.By {
		q.Set(k, v)
	}
	for k, v := range map[string]string{"view": d.View, "sort": d.Sort} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if name != "" {
		if q.Del(name); value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/support"
	}
	return "/support?" + q.Encode()
}

// A deskCount is a filter of the list, and how many it leaves.
type deskCount struct {
	Of, Name, Link string // Of: the kind of filter
	Count          int
	On             bool
}

// A deskGroup is the filters of one kind.
type deskGroup struct {
	Name   string
	Counts []deskCount
	Open   bool // one of them is set
}

// A facet is a kind of filter: what it reads of an entry, and in which order its values stand.
type facet struct {
	name  string
	of    func(licence.Entry) []string
	say   func(any) string
	order []string // none: the most frequent first
}

func (d *filters) facets() []facet {
	one := func(value func(licence.Entry) string) func(licence.Entry) []string {
		return func(e licence.Entry) []string { return []string{value(e)} }
	}
	var owners []string
	for _, o := range []licence.Role{licence.Support, licence.Finance, licence.Sales, licence.Ops, licence.Admin, licence.Billing, licence.Partner, licence.EndUser} {
		owners = append(owners, string(o))
	}
	return []facet{
		{"state", one(func(e licence.Entry) string { return string(e.Summary) }), d.g.text("state."), []string{"needs-action", "waiting", "unknown", "ok"}},
		{"owner", d.Whose, d.g.text("owner."), owners},
		{"cause", d.What, d.g.text("cause."), nil},
		{"assigned", one(func(e licence.Entry) string { return cmp.Or(e.Assigned, nobodys) }), func(of any) string {
			if of == nobodys {
				return d.g.say("board.assigned.nobody")
			}
			return of.(string)
		}, nil},
		{"lang", one(spoken), d.g.text("lang."), nil},
		{"hosting", one(func(e licence.Entry) string { return e.Hosting }), d.g.text("hosting."), nil},
		{"deadline", one(func(e licence.Entry) string { return d.until(e.Due()) }), d.g.text("deadline."), []string{"today", "week", "month", "later", "none"}},
		{"contact", one(func(e licence.Entry) string { return d.since(e.Contact) }), d.g.text("contact."), []string{"week", "month", "earlier", "never"}},
		{"figures", one(func(e licence.Entry) string {
			if e.Figures == "" {
				return ""
			}
			return needed
		}), func(any) string { return d.g.say("board.today.figures") }, nil},
	}
}

// until is how near the day is by which to act.
func (d *filters) until(day licence.Date) string {
	switch {
	case day == "":
		return "none"
	case day <= d.today:
		return "today"
	case day <= d.today.Add(7):
		return "week"
	case day <= d.today.Add(30):
		return "month"
	}
	return "later"
}

// since is how long ago a day was.
func (d *filters) since(day licence.Date) string {
	switch {
	case day == "":
		return "never"
	case day > d.today.Add(-7):
		return "week"
	case day > d.today.Add(-30):
		return "month"
	}
	return "earlier"
}

// What is what the list says of a customer: the causes of what was found there, was solved, or is to come.
func (d *filters) What(e licence.Entry) (out []string) {
	switch {
	case d.View == "coming":
		for _, c := range e.Ahead {
			if c.Day <= d.today.Add(ahead) {
				out = append(out, string(c.Code))
			}
		}
	case d.Solved():
		for _, f := range d.Ended(e) {
			out = append(out, string(f.Code))
		}
	default:
		out = plain(e.Causes())
	}
	return once(out)
}

// Whose is who has to mend it, or had; of what is to come, who will have by its rule.
func (d *filters) Whose(e licence.Entry) (out []string) {
	switch {
	case d.View == "coming":
		for _, code := range d.What(e) {
			if at := placeOf(code); at >= 0 {
				out = append(out, string(diagnosis.Rules[at].Owner))
			}
		}
	case d.Solved():
		for _, f := range d.Ended(e) {
			out = append(out, string(f.Owner))
		}
	default:
		return plain(e.Owners)
	}
	return once(out)
}

// once is a list in its order, each of it once.
func once(list []string) (out []string) {
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// shows tells whether a customer is on the list, with one of the filters left out.
func (d *filters) shows(e licence.Entry, facets []facet, without string) bool {
	switch {
	case d.Solved() && len(d.Ended(e)) == 0, d.View == "coming" && !comingWithin(e, d.today):
		return false
	case d.View == "" && d.By["state"] == "" && without != "state" && len(e.Causes()) == 0 && (d.By["figures"] == "" || without == "figures"):
		return false // nothing was found there
	}
	for _, f := range facets {
		if now := d.By[f.name]; now != "" && f.name != without && !slices.Contains(f.of(e), now) {
			return false
		}
	}
	return true
}

// listed are the customers on the list, in its order.
func (d *filters) listed(all []licence.Entry) []licence.Entry {
	facets := d.facets()
	var out []licence.Entry
	for _, e := range all {
		if d.shows(e, facets, "") {
			out = append(out, e)
		}
	}
	key := map[string]func(licence.Entry) string{
		"": deadline, "customer": func(e licence.Entry) string { return d.g.placed(cmp.Or(e.Name, e.Account)) },
		"cause": func(e licence.Entry) string { return joined(d.What(e)) }, "owner": func(e licence.Entry) string { return joined(d.Whose(e)) },
		"installation": func(e licence.Entry) string { return e.CustID }, "assigned": func(e licence.Entry) string { return cmp.Or(e.Assigned, "\uffff") },
		"language": spoken, "contact": func(e licence.Entry) string { return string(e.Contact) },
	}[d.Sort]
	if d.View == "coming" && d.Sort == "" {
		key = func(e licence.Entry) string { return string(e.Ahead[0].Day) }
	}
	slices.SortStableFunc(out, func(a, b licence.Entry) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(deadline(a), deadline(b)), cmp.Compare(a.Account, b.Account))
	})
	return out
}

// lasts are the letters that stand after z, in the order of each language that has some.
var lasts = map[tongue]string{"sv": "åäö", "nb": "æøå", "da": "æøå"}

// placed is a name by which a list stands in the order of its reader's alphabet.
func (g tongue) placed(name string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(norm.NFC.String(name)) {
		if at := strings.IndexRune(lasts[g], r); at >= 0 {
			fmt.Fprintf(&out, "~%d", at)
			continue
		}
		out.WriteString(engine.Folded(string(r)))
	}
	return out.String()
}

// spoken is the language that a customer reads, of those that we speak: nb of nb-NO and of no.
func spoken(e licence.Entry) string {
	if e.Lang == "" {
		return ""
	}
	return words.Of(e.Lang).Tag
}

func deadline(e licence.Entry) string { return cmp.Or(string(e.Due()), "9999") }

// needed is the value of the filter for customers whose figures are needed.
const needed = "needed"

// todays are the lists with which a person begins: what is theirs, what waits for their desk, what is due, and
// whose figures are needed.
func (d *filters) todays(all []licence.Entry, s app.Staff) (out []deskCount) {
	list := func(name, facet, value string) {
		to := filters{By: map[string]string{facet: value}, g: d.g, today: d.today}
		c := deskCount{Name: name, Link: to.address("", ""), On: d.View == "" && maps.Equal(d.By, to.By)}
		for _, e := range all {
			c.Count += one(to.shows(e, to.facets(), ""))
		}
		out = append(out, c)
	}
	list(d.g.say("board.today.mine"), "assigned", s.Name)
	desks := s.Desks
	if len(desks) == 0 {
		desks = []string{string(licence.Support)}
	}
	for _, desk := range desks {
		list(d.g.say("board.today.desk", d.g.text("owner.")(desk)), "owner", desk)
	}
	list(d.g.say("board.today.due"), "deadline", "today")
	list(d.g.say("board.today.figures"), "figures", needed)
	return out
}

// plain are the words of a list, as a filter and a table show them.
func plain[T ~string](list []T) (out []string) {
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

// groups count the customers by each kind of filter, within what the others leave.
func (d *filters) groups(all []licence.Entry) []deskGroup {
	var out []deskGroup
	facets := d.facets()
	for _, f := range facets {
		now := d.By[f.name]
		counts := map[string]int{}
		for _, e := range all {
			if !d.shows(e, facets, f.name) {
				continue
			}
			for _, value := range f.of(e) {
				counts[value]++
			}
		}
		values := f.order
		if values == nil {
			for value := range counts {
				values = append(values, value)
			}
			slices.SortFunc(values, func(a, b string) int { return cmp.Or(counts[b]-counts[a], placeOf(a)-placeOf(b), cmp.Compare(a, b)) })
		}
		g := deskGroup{Name: d.g.say("board.by." + f.name), Open: now != ""}
		for _, value := range values {
			if n := counts[value]; value != "" && (now == value || n > 0 && (value != "ok" || d.View != "") || f.name == "state" && value != "ok" && d.View == "") {
				g.Counts = append(g.Counts, d.filter(f, value, n))
			}
		}
		if len(g.Counts) > 1 || g.Open {
			out = append(out, g)
		}
	}
	return out
}

// chosen are the filters that are set.
func chosen(groups []deskGroup) (out []deskCount) {
	for _, g := range groups {
		for _, c := range g.Counts {
			if c.On {
				out = append(out, c)
			}
		}
	}
	return out
}

// placeOf is where a cause stands among the rules.
func placeOf(code string) int {
	return slices.IndexFunc(diagnosis.Rules, func(r diagnosis.Rule) bool { return string(r.Code) == code })
}

// filter is a link that sets one of the filters, or takes it off where it is set.
func (d *filters) filter(f facet, value string, n int) deskCount {
	c := deskCount{Of: d.g.say("board.by." + f.name), Name: f.say(value), Count: n, On: d.By[f.name] == value, Link: d.address(f.name, value)}
	if c.On {
		c.Link = d.address(f.name, "")
	}
	return c
}

// sorts are the orders in which the list can stand.
func (d *filters) sorts() (out []deskChoice) {
	for _, s := range boardSorts {
		out = append(out, deskChoice{d.address("sort", s), d.g.say("board.sort." + cmp.Or(s, "deadline")), d.Sort == s})
	}
	return out
}

// views are the lists of what no list of cases shows.
func (d *filters) views(o overview) (out []deskCount) {
	for _, x := range []struct {
		view, state string
		n           int
	}{{"", "ok", o.Order}, {"solved-week", "", o.Week}, {"solved-month", "", o.Month}, {"coming", "", o.Coming}} {
		to := filters{View: x.view, By: map[string]string{}}
		if x.state != "" {
			to.By["state"] = x.state
		}
		out = append(out, deskCount{Name: d.g.say("board.view." + cmp.Or(x.view, x.state)), Link: to.address("", ""), Count: x.n, On: d.View == x.view && (x.view != "" || d.By["state"] == x.state)})
	}
	return out
}

// inOrder tells whether nothing is to be done at a customer.
func inOrder(e licence.Entry) bool { return e.AllWell() }

// comingWithin tells whether something is to come within the next days.
func comingWithin(e licence.Entry, today licence.Date) bool {
	return len(e.Ahead) > 0 && e.Ahead[0].Day <= today.Add(ahead)
}

// firstOf is the first day of a day's month.
func firstOf(d licence.Date) licence.Date {
	t := d.Start(time.UTC)
	return licence.DateOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC), time.UTC)
}
