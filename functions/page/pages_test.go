package page

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

var fjordpartner = words.Operator{Name: "Fjordpartner AS", From: "Fjordpartner licens <licens@fjordpartner.example>",
	ReplyTo: "support@fjordpartner.example", Phone: "+47 21 00 00 00", Hours: "08-16"}

func readBy(t *testing.T, reader licence.Role) words.Options {
	t.Helper()
	return words.Options{
		Zone: wordstest.Zone(t), Reader: reader, Account: "Fjord Foods AB", Billing: "Bo Lind",
		Installations: map[string]string{"Cust12345": "https://online2.superoffice.com/Cust12345"},
	}
}

// bars are the plans of the fixtures, as a page is given them.
func bars(d diagnosis.Diagnosis) []Bar {
	b := Bar{Subject: licence.Subject{Kind: "plan", ID: "sales-premium", CustID: "Cust12345"}, Name: "Sales Premium", Assigned: new(9), Total: new(10)}
	for _, f := range append(slices.Clone(d.Findings), d.Passed...) {
		for _, e := range f.Evidence {
			if n, ok := e.Value.(int); ok && f.Subject == b.Subject {
				switch e.Name {
				case "assigned":
					b.Assigned = new(n)
				case "offered":
					b.Offered = new(n)
				case "ordered":
					b.Ordered = new(n)
				}
			}
		}
	}
	return []Bar{b, {Subject: licence.Subject{Kind: "plan", ID: "service-premium", CustID: "Cust12345"}, Name: "Service Premium", Assigned: new(3), Total: new(5)}}
}

func holders() []Holder {
	return []Holder{
		{User: licence.User{ID: "7", Name: "Olle Ek", CanLogin: false}},
		{User: licence.User{ID: "9", Name: "Siv Ask", CanLogin: true, Activity: "never", Created: wordstest.Now.AddDate(0, -7, 0)}},
		{User: licence.User{ID: "12", Name: "Eva Holm", CanLogin: true, LastActive: time.Date(2026, 8, 2, 7, 0, 0, 0, time.UTC)}, Blockers: []licence.Blocker{{Code: "open-requests", Count: 4}}},
		{User: licence.User{ID: "15", Name: "Lars Lund", CanLogin: true, LastActive: wordstest.Now.AddDate(0, 0, -3), LeaveUntil: "2026-12-31"}, Blockers: []licence.Blocker{{Code: "on-leave"}}},
		{User: licence.User{ID: "1", Name: "Anna Berg", CanLogin: true, LastActive: wordstest.Now}, Blockers: []licence.Blocker{{Code: "reader"}, {Code: "last-admin"}}},
	}
}

// pagesOf are the pages of a story: as the link opens it, and after names were asked for.
func pagesOf(t *testing.T, l *words.Language, d diagnosis.Diagnosis, role licence.Role) map[string]Data {
	t.Helper()
	p := Data{Base: "/r/abcdefghijklmnopqrstuvwxyz0123456789ABCD.xyz", Operator: fjordpartner, Account: "Fjord Foods AB", Zone: wordstest.Zone(t),
		Now: wordstest.Now, View: l.View(d, readBy(t, role)), ReadAt: wordstest.Now.Add(-time.Hour)}
	// Whoever could not fetch cannot be read either: there the reader says what was loaded.
	p.Reads = !slices.ContainsFunc(d.Findings, func(f diagnosis.Finding) bool { return f.Code == "not-fetched" })
	if len(d.AsOf) > 0 { // nobody can read it, and the page begins with what the screen says
		p.Reads, p.ReadAt, p.Ask = false, wordstest.Now.Add(-4*24*time.Hour), screenOfFjord()
	}
	if role == licence.Admin {
		p.Bars = bars(d)
	}
	open := p
	open.Session = &Session{Colleagues: []licence.Contact{{ID: "kim", Name: "Kim Strand"}}}
	for _, f := range d.Findings {
		if f.Code == "surplus" {
			open.Session.Seats = append(open.Session.Seats, Seats{f.Fingerprint, holders(), 4})
		}
	}
	return map[string]Data{"": p, "-open": open}
}

func pageHTML(t *testing.T, l *words.Language, p Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(l, &b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everyPage is all that can be shown, by name.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	all := wordstest.Stories()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name].Diagnosis(t)
		for _, l := range words.Languages {
			for _, role := range []licence.Role{licence.Admin, licence.Billing, licence.Partner} {
				for kind, p := range pagesOf(t, l, d, role) {
					out[name+"-"+string(role)+"-"+l.Tag+kind] = pageHTML(t, l, p)
				}
			}
		}
	}
	for _, l := range words.Languages {
		done := []words.Solved{{Kind: "activated", CustID: "Cust12345", Before: "2026-12-13", Until: "2027-12-13", Numbers: []words.Number{{Plan: "Sales Premium", Total: 7}, {Plan: "Service Premium", Total: 5}}, By: "Anna Berg"}}
		for _, kind := range []string{"solved", "nothing", "expired", "revoked", "broken", "remind", "reminded", "elsewhere", "unread", "fault", "help", "new-link", "links-sent", "no-link", "link-held", "link-later"} {
			p := Data{Kind: kind, Base: "/r/x", Operator: fjordpartner, Account: "Fjord Foods AB", Zone: wordstest.Zone(t), Now: wordstest.Now, Solved: done}
			if kind == "help" {
				p.Help = Help{"https://online.superoffice.com/Cust9001", l.Message(all["trial"].Diagnosis(t), words.MessageInput{Zone: wordstest.Zone(t), CustID: "Cust9001"})}
			}
			out["plain-"+kind+"-"+l.Tag] = pageHTML(t, l, p)
		}
		for name, p := range cures(t, l) {
			out["cure-"+name+"-"+l.Tag] = pageHTML(t, l, p)
		}
		surplus := all["surplus"].Diagnosis(t)
		p := pagesOf(t, l, surplus, licence.Admin)[""]
		p.Checked = &Checked{Plans: []Moved{{"Sales Premium", 11, 9, 2}}, Active: ""}
		out["checked-"+l.Tag] = pageHTML(t, l, p)
		p.Session = &Session{Screen: screenOfFjord()}
		p.StatedBy = "Anna Berg"
		p.Checked = &Checked{Plans: []Moved{{"Sales Premium", 9, 7, 0}}, Active: "2027-12-13"}
		out["screen-"+l.Tag] = pageHTML(t, l, p)
		// Old figures: the question comes first; and figures that count no longer: it is the page.
		p = pagesOf(t, l, surplus, licence.Admin)[""]
		p.Reads, p.Ask, p.Stands = false, screenOfFjord(), &Stood{CustID: "Cust12345", By: "Anna Berg", At: p.Now, Counts: p.Now.Add(licence.Quarter)}
		out["old-"+l.Tag] = pageHTML(t, l, p)
		p.Session = &Session{}
		out["screen-old-"+l.Tag] = pageHTML(t, l, p)
		p.Over = true
		out["screen-over-"+l.Tag] = pageHTML(t, l, p)
		p.Session = nil
		out["old-over-"+l.Tag] = pageHTML(t, l, p)
	}
	return out
}

// All pages are rendered once, and looked at in several ways.
func TestEveryPage(t *testing.T) {
	all := everyPage(t)
	for name, look := range map[string]func(*testing.T, map[string]string){
		"golden":   pageGoldens,
		"payments": pagesKeepPaymentsFromOthers,
		"fit":      pagesAreFitToShow,
	} {
		t.Run(name, func(t *testing.T) { look(t, all) })
	}
}

// numbered are the many people of a long list: one of them stands for all.
var numbered = regexp.MustCompile(`(Olle Ek den äldre) \d+`)

func pageGoldens(t *testing.T, all map[string]string) {
	for _, kind := range []string{"seats", "steps", "steps-direct", "steps-direct-code", "swap", "activate", "list"} {
		wordstest.Golden(t, "cure-"+kind+".en.html", all["cure-"+kind+"-en"])
	}
	wordstest.Golden(t, "page.en.html", all["surplus-admin-en"])
	wordstest.Golden(t, "page-open.en.html", all["surplus-admin-en-open"])
	for _, l := range words.Languages { // the layout is the same in all
		var texts strings.Builder
		once := wordstest.Once{}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if strings.HasSuffix(strings.TrimSuffix(name, "-open"), "-"+l.Tag) {
				fmt.Fprintf(&texts, "==== %s\n%s", name, once.Text(numbered.ReplaceAllString(wordstest.Shown(all[name]), "$1")))
			}
		}
		wordstest.Golden(t, "pages."+l.Tag+".txt", texts.String())
	}
	for name, p := range all {
		wordstest.Look(t, "page-"+name+".html", strings.ReplaceAll(p, stylePath, "style.css"))
	}
	wordstest.Look(t, "style.css", string(css))
}

// An unpaid or contested invoice is between those who pay and those who are paid.
func pagesKeepPaymentsFromOthers(t *testing.T, all map[string]string) {
	checked := 0
	for name, p := range all {
		if strings.Contains(name, "-billing-") {
			continue
		}
		checked++
		if hit := wordstest.SecretIn(p); hit != "" {
			t.Errorf("page %s says %q", name, hit)
		}
	}
	if checked < 150 {
		t.Errorf("looked at %d pages only", checked)
	}
}

// mostWords is how much a page may say before anything is opened on it; lists of many people apart.
const mostWords = 250

// mainButton is one that is the main thing to press.
var mainButton = regexp.MustCompile(`<button(?: name="[^"]*" value="[^"]*")?>|<a class="button" `)

func pagesAreFitToShow(t *testing.T, all map[string]string) {
	for name, p := range all {
		if len(p) > 30_000 {
			t.Errorf("%s: %d bytes", name, len(p))
		}
		if n := strings.Count(p, "<h1"); n != 1 {
			t.Errorf("%s: %d h1", name, n)
		}
		if !strings.Contains(p, `<html lang="`) || strings.Contains(p, "<script") || strings.Contains(p, " style=") || strings.Contains(p, "<style") {
			t.Errorf("%s: no lang, or something that its policy forbids", name)
		}
		if n := len(strings.Fields(wordstest.FirstScreen(p))); n >= mostWords && !strings.Contains(name, "-many") {
			t.Errorf("%s: %d words before anything is opened, fewer than %d are enough: %s", name, n, mostWords, wordstest.FirstScreen(p))
		}
		if n := len(mainButton.FindAllString(wordstest.Unfolded(p), -1)); n > 1 {
			t.Errorf("%s has %d main buttons", name, n)
		}
		for _, l := range words.Languages {
			if strings.Contains(name, "-over-"+l.Tag) && (strings.Contains(p, l.Text["head.unknown"]) || !strings.Contains(p, l.Text["page.open.ask"]) && !strings.Contains(p, `class="answers"`)) {
				t.Errorf("%s does not ask what the screen says: %s", name, wordstest.FirstScreen(p))
			}
		}
		if strings.Contains(name, "-told") && !strings.Contains(name, "-billing-") && !strings.Contains(wordstest.Visible(p), "19") {
			t.Errorf("%s does not say of which day its figures are: %s", name, wordstest.FirstScreen(p))
		}
		labelled(t, name, p)
		wordstest.Clean(t, "page "+name, wordstest.Squeeze(wordstest.Visible(p)))
		if !strings.HasSuffix(name, "-open") && !strings.HasPrefix(name, "screen") && !strings.HasPrefix(name, "cure-") {
			for _, person := range []string{"Olle Ek", "Siv Ask", "Eva Holm", "Lars Lund", "Kim Strand"} {
				if strings.Contains(p, person) {
					t.Errorf("%s names %s before anybody asked", name, person)
				}
			}
		}
	}
	if n := len(css); n > 8<<10 {
		t.Errorf("the stylesheet has %d bytes", n)
	}
}

// labelled checks that every field stands inside its label, and every id once.
func labelled(t *testing.T, name, p string) {
	t.Helper()
	depth := 0
	for _, tag := range regexp.MustCompile(`<(/?label(?: for)?|input[^>]*|select|textarea)`).FindAllStringSubmatch(p, -1) {
		switch {
		case tag[1] == "label for":
			depth++ // it closes at once, and names its field
		case tag[1] == "label":
			depth++
		case tag[1] == "/label":
			depth--
		case strings.Contains(tag[1], `type="hidden"`):
		case depth != 1 && !labelledBy(p, tag[1]):
			t.Errorf("%s: no label around %s", name, tag[0])
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(p, -1) {
		if ids[m[1]] {
			t.Errorf("%s: id %s twice", name, m[1])
		}
		ids[m[1]] = true
	}
}

// labelledBy tells whether a label elsewhere names the field by its id.
func labelledBy(p, tag string) bool {
	id := regexp.MustCompile(` id="([^"]*)"`).FindStringSubmatch(tag)
	return id != nil && strings.Contains(p, `<label for="`+id[1]+`">`)
}

// Every language says everything that a page asks for.
func TestLanguagesSayThePages(t *testing.T) {
	keys := wordstest.Asked(t)
	for _, p := range []string{"ok", "unknown", "admin-warning", "grace", "expired"} {
		keys = append(keys, "page.phase."+p)
	}
	for _, s := range []string{"waiting", "answered", "snoozed", "verifying", "unknown"} {
		keys = append(keys, "page.badge."+s)
	}
	for _, o := range []string{"user", "admin", "billing", "partner", "support", "finance", "sales", "ops", "nobody"} {
		keys = append(keys, "page.badge."+o)
	}
	for _, b := range []string{"open-requests", "category-master", "mail-filter", "escalation-level", "logged-on", "last-admin", "reader", "protected", "on-leave", "scim-managed"} {
		keys = append(keys, "cure."+b)
	}
	for _, k := range []string{"solved", "nothing", "expired", "revoked", "broken", "remind", "reminded", "elsewhere", "unread", "fault", "help", "new-link", "links-sent", "no-link", "link-held", "link-later"} {
		keys = append(keys, "page."+k+".head", "page."+k+".text")
	}
	for _, k := range []string{"seats", "steps", "activate", "list"} {
		keys = append(keys, "page."+k+".head", "page."+k+".text")
	}
	for _, s := range []string{"todo", "done", "taken", "back", "unknown", "skipped", "free", "free.suite", "free.swap", "move"} {
		keys = append(keys, "page.pick."+s)
	}
	for _, s := range []string{"requests", "scim", "scim-wait", "swap-many", "swap-when", "open", "swap-take", "swap-activate", "swap-give", "swap-relog", "open-users", "suite", "free", "move", "ok", "then", "then-open", "leavers"} {
		keys = append(keys, "page.do."+s)
	}
	for _, f := range []string{"field", "offered", "expires", "paid", "in-use", "new", "loaded", "code", "old-code", "changed", "not-now", "many", "no-mail", "people", "person", "too-many"} {
		keys = append(keys, "page.fault."+f)
	}
	for _, k := range []string{"answer.waits", "answer.active", "answer.none", "said.waits", "said.active", "said.none", "ask.same", "ask.expires", "ask.in-use", "ask.confirm",
		"note.same-end", "note.longer", "note.shorter", "note.gone", "note.past", "note.listed", "note.ordered", "change.goes", "change.comes", "stands", "stands.mine", "stands.somebody"} {
		keys = append(keys, "page."+k)
	}
	if len(keys) < 200 {
		t.Fatalf("%d keys only: the search is broken", len(keys))
	}
	for _, l := range words.Languages {
		for _, key := range keys {
			if _, ok := l.Text[key]; !ok {
				t.Errorf("%s: missing %q", l.Tag, key)
			}
		}
	}
}
