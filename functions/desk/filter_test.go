package desk

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// Languages are called by their names, and all locales of one language are one choice; who reads one
// that we do not speak reads English.
func TestLanguagesAreNamed(t *testing.T) {
	var all []licence.Entry
	for _, locale := range []string{"nb", "nb-NO", "no", "nn_NO", "da-DK", "de-AT", "nl-BE", "sv_SE.UTF-8", "fi-FI"} {
		all = append(all, licence.Entry{Account: locale, Lang: locale, Summary: "needs-action", Codes: []licence.Code{"surplus"}})
	}
	d := filtersOf(url.Values{}, "en")
	got := map[string]int{}
	for _, g := range d.groups(all) {
		if g.Name == d.g.say("board.by.lang") {
			for _, c := range g.Counts {
				got[c.Name] = c.Count
			}
		}
	}
	if want := map[string]int{"Norwegian": 4, "Danish": 1, "German": 1, "Dutch": 1, "Swedish": 1, "English": 1}; !maps.Equal(got, want) {
		t.Errorf("the filter has %v, want %v", got, want)
	}
	d = filtersOf(url.Values{"lang": {"nb"}}, "en")
	if list := d.listed(all); len(list) != 4 {
		t.Errorf("Norwegian are %d", len(list))
	}
}

// Every list, also of what was solved and of what is to come, leaves out what its address leaves out, says
// the causes of what it lists, and offers the other filters.
func TestEveryViewIsFiltered(t *testing.T) {
	today := licence.Date("2026-11-25") // a Wednesday
	ended := func(code licence.Code, owner licence.Role, day licence.Date) []licence.Found {
		return []licence.Found{{Code: code, Owner: owner, From: "2026-11-01", To: day}}
	}
	all := []licence.Entry{
		{Account: "now", Lang: "sv", Summary: "needs-action", Codes: []licence.Code{"surplus"}, Owners: []licence.Role{licence.Admin}, ActBy: "2026-11-30", Contact: "2026-11-24"},
		{Account: "week", Lang: "sv", Summary: "ok", Found: ended("surplus", licence.Admin, "2026-11-23")},
		{Account: "month", Lang: "en", Summary: "ok", Found: ended("invoice-overdue", licence.Billing, "2026-11-22")},
		{Account: "before", Lang: "en", Summary: "ok", Found: ended("surplus", licence.Admin, "2026-10-31")},
		{Account: "soon", Lang: "sv", Summary: "ok", Ahead: []licence.Coming{{Code: "surplus", Day: "2026-12-01"}, {Code: "trial-ending", Day: "2027-01-24"}}},
		{Account: "later", Lang: "en", Summary: "ok", Ahead: []licence.Coming{{Code: "invoice-overdue", Day: "2027-01-24"}, {Code: "surplus", Day: "2027-01-25"}}},
		{Account: "far", Lang: "sv", Summary: "ok", Ahead: []licence.Coming{{Code: "surplus", Day: "2027-01-25"}}},
		{Account: "late", Lang: "en", Summary: "waiting", Codes: []licence.Code{"invoice-overdue"}, Owners: []licence.Role{licence.Billing}, ActBy: "2026-11-25"},
	}
	for query, want := range map[string]string{
		"": "late now", "view=solved-week": "week", "view=solved-month": "month week", "view=coming": "soon later",
		"view=solved-month&cause=surplus": "week", "view=solved-month&owner=billing": "month", "view=solved-month&lang=en": "month", "view=solved-week&lang=en": "",
		"view=coming&lang=sv": "soon", "view=coming&cause=surplus": "soon", "view=coming&cause=invoice-overdue": "later", "view=coming&state=waiting": "", "view=coming&owner=admin": "soon", "view=coming&owner=billing": "later",
		"deadline=today": "late", "deadline=week": "now", "deadline=none": "", "contact=week": "now", "contact=never": "late", "deadline=week&contact=never": "",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		d := filtersOf(q, english)
		d.today = today
		var got []string
		for _, e := range d.listed(all) {
			got = append(got, e.Account)
			if q.Has("cause") && !slices.Contains(d.What(e), q.Get("cause")) {
				t.Errorf("?%s says %v of %s", query, d.What(e), e.Account)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("?%s lists %q, want %q", query, s, want)
		}
	}
	if o := overviewOf(all, time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), time.UTC); o.Order != 6 || o.Week != 1 || o.Month != 2 || o.Coming != 2 {
		t.Errorf("counted are %+v", o)
	}
	d := filtersOf(url.Values{"view": {"solved-month"}, "sort": {"customer"}}, english)
	d.today = today
	links := map[string]int{}
	for _, g := range d.groups(all) {
		for _, c := range g.Counts {
			links[c.Link] = c.Count
		}
	}
	if links["/support?lang=sv&sort=customer&view=solved-month"] != 1 || links["/support?cause=surplus&sort=customer&view=solved-month"] != 1 || links["/support?owner=billing&sort=customer&view=solved-month"] != 1 {
		t.Errorf("offered are %v", links)
	}
}

// What is set stands above the list, and each leads to the list without it.
func TestWhatIsSetCanBeTakenOff(t *testing.T) {
	d := filtersOf(url.Values{"cause": {"surplus"}, "contact": {"never"}, "sort": {"customer"}}, english)
	d.today = "2026-11-25"
	var got []string
	for _, c := range chosen(d.groups([]licence.Entry{{Account: "C-1", Codes: []licence.Code{"surplus"}, Summary: "needs-action"}})) {
		got = append(got, c.Of+": "+c.Name+" "+c.Link)
	}
	want := []string{"Cause: Too many seats /support?contact=never&sort=customer", "Last contact: Never /support?cause=surplus&sort=customer"}
	if !slices.Equal(got, want) {
		t.Errorf("set are %q", got)
	}
}

// Names stand in the order of the reader's alphabet.
func TestNamesInOrder(t *testing.T) {
	var all []licence.Entry
	for _, name := range []string{"Öst", "zeta", "Ärla", "Åsa", "Élan", "Eken", "Øst"} {
		all = append(all, licence.Entry{Account: name, Name: name, Codes: []licence.Code{"surplus"}})
	}
	for lang, want := range map[tongue]string{
		"sv": "Eken Élan Øst zeta Åsa Ärla Öst", "nb": "Ärla Eken Élan Öst zeta Øst Åsa", "en": "Ärla Åsa Eken Élan Öst Øst zeta",
	} {
		d := filtersOf(url.Values{"sort": {"customer"}}, lang)
		var got []string
		for _, e := range d.listed(all) {
			got = append(got, e.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", lang, got, want)
		}
	}
}

// Each order is one of its own: by what stands in it, then by the deadline.
func TestOrders(t *testing.T) {
	all := []licence.Entry{
		{Account: "1", Name: "beta", CustID: "Cust3", ActBy: "2026-12-01", Codes: []licence.Code{"surplus"}, Owners: []licence.Role{licence.Support}, Assigned: "Siv", Lang: "sv", Contact: "2026-11-03"},
		{Account: "2", Name: "Alfa", CustID: "Cust1", ActBy: "2026-12-03", Codes: []licence.Code{"trial-ending"}, Owners: []licence.Role{licence.Finance}, Lang: "da", Contact: "2026-11-02"},
		{Account: "3", Name: "Gamma", CustID: "Cust2", ActBy: "2026-12-02", Codes: []licence.Code{"not-activated"}, Owners: []licence.Role{licence.Admin}, Assigned: "Nora", Lang: "nl", Contact: "2026-11-01"},
		{Account: "4", Name: "alfa", CustID: "Cust4", Codes: []licence.Code{"surplus"}, Owners: []licence.Role{licence.Support}, Lang: "sv", Contact: "2026-11-03"},
	}
	want := map[string]string{"": "1324", "customer": "2413", "cause": "3142", "owner": "3214", "installation": "2314", "assigned": "3124", "language": "2314", "contact": "3214"}
	for _, order := range boardSorts {
		d := filtersOf(url.Values{"sort": {order}}, english)
		got := ""
		for _, e := range d.listed(all) {
			got += e.Account
		}
		if got != want[order] {
			t.Errorf("ordered by %q: %s, want %s", order, got, want[order])
		}
	}
}
