package words

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words/wordstest"
)

var look = flag.String("look", "", "a folder to write pages and mails into, to be looked at")

var operator = Operator{Name: "Fjordpartner AS", From: "Fjordpartner licens <licens@fjordpartner.example>",
	ReplyTo: "support@fjordpartner.example", Phone: "+47 21 00 00 00", Hours: "08-16"}

const link = "https://licence.fjordpartner.example/r/abcdefghijklmnopqrstuvwxyz0123456789ABCD.xyz"

func options(t *testing.T, reader licence.Role) Options {
	t.Helper()
	return Options{
		Zone: wordstest.Zone(t), Reader: reader, Account: "Fjord Foods AB", Billing: "Bo Lind",
		Installations: map[string]string{"Cust12345": "https://online2.superoffice.com/Cust12345"},
	}
}

func mailOf(t *testing.T, d diagnosis.Diagnosis, role licence.Role) MailInput {
	t.Helper()
	names := map[licence.Role]string{licence.Admin: "Anna", licence.Billing: "Bo", licence.Partner: "Per"}
	in := MailInput{Kind: "notice", Operator: operator, To: Person{names[role], role}, Options: options(t, ""), Diagnosis: d,
		Link: link, LinkUntil: wordstest.Now.Add(72 * time.Hour)}
	for _, f := range append(slices.Clone(d.Findings), d.Upcoming...) {
		if f.Owner == role || slices.Contains(f.Informed, role) && f.Code != "invoice-overdue" {
			in.About = append(in.About, f.Fingerprint)
		}
	}
	if len(in.About) == 0 {
		for _, f := range d.Findings {
			in.About = append(in.About, f.Fingerprint)
		}
	}
	return in
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
		{User: licence.User{ID: "12", Name: "Eva Holm", CanLogin: true, LastActive: time.Date(2026, 8, 2, 7, 0, 0, 0, time.UTC)}, Requests: 4},
		{User: licence.User{ID: "15", Name: "Lars Lund", CanLogin: true, LastActive: wordstest.Now.AddDate(0, 0, -3), LeaveUntil: "2026-12-31"}},
		{User: licence.User{ID: "1", Name: "Anna Berg", CanLogin: true, LastActive: wordstest.Now}, Blockers: []licence.Blocker{{Code: "reader"}, {Code: "last-admin"}}},
	}
}

// pagesOf are the pages of a story: as the link opens it, and after names were asked for.
func pagesOf(t *testing.T, l *Language, d diagnosis.Diagnosis, role licence.Role) map[string]PageData {
	t.Helper()
	p := PageData{Base: "/r/abcdefghijklmnopqrstuvwxyz0123456789ABCD.xyz", Operator: operator, Account: "Fjord Foods AB", Zone: wordstest.Zone(t),
		Now: wordstest.Now, View: l.View(d, options(t, role)), ReadAt: wordstest.Now.Add(-time.Hour)}
	// Whoever could not fetch cannot be read either: there the reader says what was loaded.
	p.Reads = !slices.ContainsFunc(d.Findings, func(f diagnosis.Finding) bool { return f.Code == "not-fetched" })
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
	return map[string]PageData{"": p, "-open": open}
}

func pageHTML(t *testing.T, l *Language, p PageData) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.Page(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// All that can be mailed and shown, by name.
type rendered struct {
	mails    map[string]Mail
	pages    map[string]string
	messages map[string]string
}

func everything(t *testing.T) rendered {
	t.Helper()
	out := rendered{map[string]Mail{}, map[string]string{}, map[string]string{}}
	all := wordstest.Stories()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name].Diagnosis(t)
		for _, l := range Languages {
			for _, role := range []licence.Role{licence.Admin, licence.Billing, licence.Partner} {
				id := name + "-" + string(role) + "-" + l.Tag
				out.mails[id] = l.Mail(mailOf(t, d, role))
				for kind, p := range pagesOf(t, l, d, role) {
					out.pages[id+kind] = pageHTML(t, l, p)
				}
			}
			for key, in := range map[string]MessageInput{"": {}, "-told": {Told: true}, "-billing": {Billing: true}, "-trial": {CustID: "Cust9001"}, "-acts": {Acts: true}, "-unknown": {Unknown: true}, "-many": {Many: true}} {
				if in.CustID == "" {
					in.CustID = "Cust12345"
				}
				in.Zone = wordstest.Zone(t)
				out.messages[name+"-"+l.Tag+key] = l.Message(d, in)
			}
		}
	}
	for _, l := range Languages {
		d := all["fine"].Diagnosis(t)
		done := []Solved{{Kind: "activated", CustID: "Cust12345", Before: "2026-12-13", Until: "2027-12-13", Numbers: []Number{{"Sales Premium", 7}, {"Service Premium", 5}}, By: "Anna Berg"}}
		for kind, change := range map[string]func(*MailInput){
			"solved": func(in *MailInput) { in.Solved = done },
			"stated": func(in *MailInput) { in.Kind, in.Solved, in.Stated = "solved", done, "Anna Berg" },
			"thanks": func(in *MailInput) { in.To = Person{"Bo", licence.Billing}; in.Solved = []Solved{{Kind: "extended"}} },
			"link":   func(*MailInput) {},
		} {
			in := mailOf(t, d, licence.Admin)
			in.Kind, in.Case = kind, "S-1a2b3c4d"
			change(&in)
			out.mails[kind+"-"+l.Tag] = l.Mail(in)
		}
		for _, kind := range []string{"solved", "nothing", "expired", "revoked", "broken", "elsewhere", "unread", "fault", "help", "new-link", "links-sent", "no-link", "link-held", "link-later"} {
			p := PageData{Kind: kind, Base: "/r/x", Operator: operator, Account: "Fjord Foods AB", Zone: wordstest.Zone(t), Now: wordstest.Now, Solved: done}
			if kind == "help" {
				p.Help = Help{"https://online.superoffice.com/Cust9001", l.Message(all["trial"].Diagnosis(t), MessageInput{Zone: wordstest.Zone(t), CustID: "Cust9001"})}
			}
			out.pages["plain-"+kind+"-"+l.Tag] = pageHTML(t, l, p)
		}
		for name, p := range cures(t, l) {
			out.pages["cure-"+name+"-"+l.Tag] = pageHTML(t, l, p)
		}
		surplus := all["surplus"].Diagnosis(t)
		p := pagesOf(t, l, surplus, licence.Admin)[""]
		p.Checked = &Checked{Plans: []Moved{{"Sales Premium", 11, 9, 2}}, Active: ""}
		out.pages["checked-"+l.Tag] = pageHTML(t, l, p)
		p.Session = &Session{Screen: &Screen{"Cust12345", all["surplus"].Account.Plans}}
		p.StatedBy = "Anna Berg"
		p.Checked = &Checked{Plans: []Moved{{"Sales Premium", 9, 7, 0}}, Active: "2027-12-13"}
		out.pages["screen-"+l.Tag] = pageHTML(t, l, p)
	}
	return out
}

// All that is mailed and shown is rendered once, and looked at in several ways.
func TestEverything(t *testing.T) {
	all := everything(t)
	for name, look := range map[string]func(*testing.T, rendered){
		"golden":       goldens,
		"payments":     paymentsAreBillingsAlone,
		"both parts":   bothPartsSayTheSame,
		"mails":        mailsAreFitToSend,
		"pages":        pagesAreFitToShow,
		"who was told": nobodyIsSaidToBeTold,
	} {
		t.Run(name, func(t *testing.T) { look(t, all) })
	}
}

func goldens(t *testing.T, all rendered) {
	for _, l := range Languages {
		var mails, messages strings.Builder
		for _, name := range slices.Sorted(maps.Keys(all.mails)) {
			if strings.HasSuffix(name, "-"+l.Tag) {
				m := all.mails[name]
				fmt.Fprintf(&mails, "==== %s\nSubject: %s\n\n%s\n", name, m.Subject, m.Text)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(all.messages)) {
			if strings.Contains(name, "-"+l.Tag) {
				fmt.Fprintf(&messages, "%s: %s\n", name, all.messages[name])
			}
		}
		golden(t, "mails."+l.Tag+".txt", mails.String())
		golden(t, "messages."+l.Tag+".txt", messages.String())
		golden(t, "mail."+l.Tag+".html", all.mails["surplus-admin-"+l.Tag].HTML)
		for _, kind := range []string{"seats", "steps", "swap", "activate", "list"} {
			golden(t, "cure-"+kind+"."+l.Tag+".html", all.pages["cure-"+kind+"-"+l.Tag])
		}
		golden(t, "page."+l.Tag+".html", all.pages["surplus-admin-"+l.Tag])
		golden(t, "page-open."+l.Tag+".html", all.pages["surplus-admin-"+l.Tag+"-open"])
		var doctor strings.Builder
		told := wordstest.Stories()
		for _, name := range slices.Sorted(maps.Keys(told)) {
			fmt.Fprintf(&doctor, "==== %s\n%s\n", name, l.Doctor(l.View(told[name].Diagnosis(t), options(t, "")), false))
		}
		golden(t, "doctor."+l.Tag+".txt", doctor.String())
	}
	b, err := json.MarshalIndent(english.View(wordstest.Stories()["surplus"].Diagnosis(t), options(t, "")), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "view.json", string(b)+"\n")
	if *look != "" {
		for name, m := range all.mails {
			write(t, "mail-"+name+".html", m.HTML)
		}
		for name, p := range all.pages {
			write(t, "page-"+name+".html", strings.ReplaceAll(p, StylePath, "style.css"))
		}
		write(t, "style.css", string(CSS()))
	}
}

func write(t *testing.T, name, body string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*look, name), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

// visible is the text of a page as a person reads it.
func visible(page string) string {
	page = regexp.MustCompile(`(?s)<(style|head)>.*?</(style|head)>`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`</?a[ >][^>]*>?`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return html.UnescapeString(page)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// An unpaid or contested invoice is between those who pay and those who are paid.
func paymentsAreBillingsAlone(t *testing.T, all rendered) {
	secret := regexp.MustCompile(`(?i)12[ ,.]?500|INV-7|pay\.example|invoice 7|faktura 7|overdue|förf(ö|a)ll|contested|ifrågasatt|unpaid|obetald|written off|avskriven`)
	payment := regexp.MustCompile(`(?i)invoice|payment|paid|faktur|betal`)
	checked := 0
	for name, m := range all.mails {
		if strings.Contains(name, "-billing-") || strings.Contains(name, "thanks") {
			continue
		}
		for _, part := range []string{m.Subject, m.Text, visible(m.HTML)} {
			checked++
			if hit := secret.FindString(part); hit != "" {
				t.Errorf("mail %s says %q:\n%s", name, hit, part)
			}
		}
	}
	for name, p := range all.pages {
		if strings.Contains(name, "-billing-") {
			continue
		}
		checked++
		if hit := secret.FindString(p); hit != "" {
			t.Errorf("page %s says %q", name, hit)
		}
	}
	for name, m := range all.messages {
		if strings.HasSuffix(name, "-billing") {
			continue
		}
		checked++
		if hit := payment.FindString(m); hit != "" {
			t.Errorf("message %s says %q: %s", name, hit, m)
		}
	}
	if checked < 300 {
		t.Errorf("looked at %d texts only", checked)
	}
}

// Both parts of a mail carry the same facts: each sentence of the one stands in the other.
func bothPartsSayTheSame(t *testing.T, all rendered) {
	for name, m := range all.mails {
		shown := squeeze(visible(m.HTML))
		for _, line := range strings.Split(m.Text, "\n") {
			line = squeeze(strings.TrimLeft(line, "*- "))
			line = strings.TrimSuffix(line, ":")
			if line == "" || line == link {
				continue
			}
			loose := func(s string) string { return strings.NewReplacer(" ", "", "(", "", ")", "").Replace(s) }
			if !strings.Contains(loose(shown), loose(line)) {
				t.Errorf("%s: %q stands in the text alone", name, line)
			}
		}
		if strings.Contains(m.HTML, link) != strings.Contains(m.Text, link) {
			t.Errorf("%s: the link stands in one part alone", name)
		}
	}
}

func mailsAreFitToSend(t *testing.T, all rendered) {
	for name, m := range all.mails {
		if n := len([]rune(m.Subject)); n == 0 || n >= 60 {
			t.Errorf("%s: subject of %d: %q", name, n, m.Subject)
		}
		if len(m.HTML) > 30_000 {
			t.Errorf("%s: %d bytes", name, len(m.HTML))
		}
		if n := strings.Count(m.HTML, "<h1"); n != 1 {
			t.Errorf("%s: %d h1", name, n)
		}
		if strings.Contains(m.HTML, "<img") || strings.Count(m.HTML, "href=") > 1 {
			t.Errorf("%s: an image, or more than the one link", name)
		}
		if strings.Count(m.HTML, "<table") != strings.Count(m.HTML, `<table role="presentation"`) {
			t.Errorf("%s: a table without its role", name)
		}
		for _, who := range []string{"Fjordpartner AS", "+47 21 00 00 00", "support@fjordpartner.example", "08-16"} {
			if !strings.Contains(m.Text, who) {
				t.Errorf("%s does not say %q", name, who)
			}
		}
		clean(t, "mail "+name, m.Subject+m.Text+visible(m.HTML))
	}
}

var rawKey = regexp.MustCompile(`\b(title|why|head|when|verify|remedy|page|mail|waits|state|owner|evidence|value|subject|button|next)\.[a-z@-]+`)

// clean tells of what no reader must see: a place that was not filled, a key, a code.
func clean(t *testing.T, name, s string) {
	t.Helper()
	for _, bad := range []string{"{", "[[", "]]", "<nil>", "%!", "  .", " ,", "..", "invoice-overdue", "order-differs", "not-activated"} {
		if strings.Contains(s, bad) {
			t.Errorf("%s shows %q:\n%s", name, bad, s)
		}
	}
	if key := rawKey.FindString(s); key != "" {
		t.Errorf("%s shows the key %q", name, key)
	}
}

func pagesAreFitToShow(t *testing.T, all rendered) {
	for name, p := range all.pages {
		if len(p) > 30_000 {
			t.Errorf("%s: %d bytes", name, len(p))
		}
		if n := strings.Count(p, "<h1"); n != 1 {
			t.Errorf("%s: %d h1", name, n)
		}
		if !strings.Contains(p, `<html lang="`) || strings.Contains(p, "<script") || strings.Contains(p, " style=") || strings.Contains(p, "<style") {
			t.Errorf("%s: no lang, or something that its policy forbids", name)
		}
		labelled(t, name, p)
		clean(t, "page "+name, squeeze(visible(p)))
		if !strings.HasSuffix(name, "-open") && !strings.HasPrefix(name, "screen") && !strings.HasPrefix(name, "cure-") {
			for _, person := range []string{"Olle Ek", "Siv Ask", "Eva Holm", "Lars Lund", "Kim Strand"} {
				if strings.Contains(p, person) {
					t.Errorf("%s names %s before anybody asked", name, person)
				}
			}
		}
	}
	if n := len(CSS()); n > 8<<10 {
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

// Whoever is said to have been told has been.
func nobodyIsSaidToBeTold(t *testing.T, all rendered) {
	for name, m := range all.messages {
		told := strings.Contains(m, "has been told") || strings.Contains(m, "administratör vet")
		if told && !strings.HasSuffix(name, "-told") {
			t.Errorf("%s: %s", name, m)
		}
	}
}

func TestViewJSON(t *testing.T) {
	for name, s := range wordstest.Stories() {
		for _, l := range Languages {
			b, err := json.Marshal(l.View(s.Diagnosis(t), options(t, "")))
			if err != nil {
				t.Fatal(err)
			}
			if i := bytes.Index(b, []byte(`s":null`)); i >= 0 {
				t.Errorf("%s: an array is null: %s", name, b[max(0, i-60):i+10])
			}
			for _, m := range regexp.MustCompile(`"(title|cause|consequence|verify)":"((?:[^"\\]|\\.)*)"`).FindAllSubmatch(b, -1) {
				if len(m[2]) == 0 {
					t.Errorf("%s: an empty %s", name, m[1])
				}
				clean(t, name, string(m[2]))
			}
		}
	}
}
