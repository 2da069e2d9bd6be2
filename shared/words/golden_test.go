package words

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words/wordstest"
)

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

// All that can be mailed and told, by name.
type rendered struct {
	mails    map[string]Mail
	messages map[string]string
}

// everything is rendered once for all tests.
func everything(t *testing.T) rendered {
	t.Helper()
	once.Do(func() { whole = render(t) })
	return whole
}

var (
	once  sync.Once
	whole rendered
)

func render(t *testing.T) rendered {
	t.Helper()
	out := rendered{map[string]Mail{}, map[string]string{}}
	all := wordstest.Stories()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name].Diagnosis(t)
		for _, l := range Languages {
			for _, role := range []licence.Role{licence.Admin, licence.Billing, licence.Partner} {
				id := name + "-" + string(role) + "-" + l.Tag
				out.mails[id] = l.Mail(mailOf(t, d, role))
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
	many := manyMatters(t)
	for _, l := range Languages {
		for name, role := range map[string]licence.Role{"surplus": "admin", "surplus-suite": "admin", "swap": "admin", "ready": "admin", "not-fetched": "admin", "order-differs": "admin", "overdue": "billing", "two-causes": "billing"} {
			in := mailOf(t, all[name].Diagnosis(t), role)
			in.Kind, in.Case = "link", "S-1a2b3c4d"
			out.mails["link-"+name+"-"+string(role)+"-"+l.Tag] = l.Mail(in)
		}
		for name, change := range map[string]func(*MailInput){
			"many": func(*MailInput) {}, "many-besides": func(in *MailInput) { in.About = in.About[:3] }, "many-link": func(in *MailInput) { in.Kind = "link" },
		} {
			in := mailOf(t, many, licence.Admin)
			change(&in)
			out.mails[name+"-"+l.Tag] = l.Mail(in)
		}
		d := all["fine"].Diagnosis(t)
		done := []Solved{{Kind: "activated", CustID: "Cust12345", Before: "2026-12-13", Until: "2027-12-13", Numbers: []Number{{"Sales Premium", 7}, {"Service Premium", 5}}, By: "Anna Berg"}}
		for kind, change := range map[string]func(*MailInput){
			"solved": func(in *MailInput) { in.Solved = done },
			"stated": func(in *MailInput) { in.Kind, in.Solved, in.Stated = "solved", done, "Anna Berg" },
			"thanks": func(in *MailInput) { in.To = Person{"Bo", licence.Billing}; in.Solved = []Solved{{Kind: "extended"}} },
			"link":   func(*MailInput) {},
			"code": func(in *MailInput) {
				in.Code = Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute)}
			},
			"code-seats": func(in *MailInput) {
				in.Kind, in.Code = "code", Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute), Seats: true}
			},
			"code-also": func(in *MailInput) {
				in.Kind, in.Code = "code", Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute), By: "Bo Lind"}
			},
			"code-also-seats": func(in *MailInput) {
				in.Kind, in.Code = "code", Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute), Seats: true, By: "Bo Lind"}
			},
			"figures": func(in *MailInput) {
				in.Kind, in.About, in.Figures = "notice", nil, &Figures{Ends: "2026-12-13"}
				in.Diagnosis.AsOf = []diagnosis.AsOf{{Day: "2026-11-16"}}
			},
			"figures-over": func(in *MailInput) {
				in.Kind, in.About, in.Figures = "notice", nil, &Figures{Ends: "2026-11-20", Places: []string{"Cust12345"}}
				in.Diagnosis.Phase = diagnosis.PhaseGrace
			},
			"figures-never": func(in *MailInput) { in.Kind, in.About, in.Figures = "notice", nil, &Figures{Ends: licence.Never} },
			"figures-beside": func(in *MailInput) {
				with := all["surplus"].Diagnosis(t)
				*in = mailOf(t, with, licence.Admin)
				in.Figures = &Figures{Ends: "2026-12-13"}
			},
		} {
			in := mailOf(t, d, licence.Admin)
			in.Kind, in.Case = kind, "S-1a2b3c4d"
			change(&in)
			out.mails[kind+"-"+l.Tag] = l.Mail(in)
		}
	}
	return out
}

// All that is mailed and told is rendered once, and looked at in several ways.
func TestEverything(t *testing.T) {
	all := everything(t)
	for name, look := range map[string]func(*testing.T, rendered){
		"golden":       goldens,
		"payments":     paymentsAreBillingsAlone,
		"both parts":   bothPartsSayTheSame,
		"mails":        mailsAreFitToSend,
		"who was told": nobodyIsSaidToBeTold,
	} {
		t.Run(name, func(t *testing.T) { look(t, all) })
	}
}

func goldens(t *testing.T, all rendered) {
	for _, l := range Languages {
		var mails, messages strings.Builder
		inMails, inMessages, inDoctor := wordstest.Once{}, wordstest.Once{}, wordstest.Once{}
		for _, name := range slices.Sorted(maps.Keys(all.mails)) {
			if strings.HasSuffix(name, "-"+l.Tag) {
				m := all.mails[name]
				fmt.Fprintf(&mails, "==== %s\n%s", name, inMails.Text("Subject: "+m.Subject+"\n"+m.Text))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(all.messages)) {
			if strings.Contains(name, "-"+l.Tag) {
				fmt.Fprintf(&messages, "==== %s\n%s", name, inMessages.Text(all.messages[name]))
			}
		}
		wordstest.Golden(t, "mails."+l.Tag+".txt", mails.String())
		wordstest.Golden(t, "messages."+l.Tag+".txt", messages.String())
		var doctor strings.Builder
		told := wordstest.Stories()
		for _, name := range slices.Sorted(maps.Keys(told)) {
			fmt.Fprintf(&doctor, "==== %s\n%s", name, inDoctor.Text(l.Doctor(l.View(told[name].Diagnosis(t), options(t, "")), false)))
		}
		wordstest.Golden(t, "doctor."+l.Tag+".txt", doctor.String())
	}
	wordstest.Golden(t, "mail.en.html", all.mails["surplus-admin-en"].HTML) // the layout is the same in all
	b, err := json.MarshalIndent(english.View(wordstest.Stories()["surplus"].Diagnosis(t), options(t, "")), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	wordstest.Golden(t, "view.json", string(b)+"\n")
	for name, m := range all.mails {
		wordstest.Look(t, "mail-"+name+".html", m.HTML)
	}
}

// An unpaid or contested invoice is between those who pay and those who are paid.
func paymentsAreBillingsAlone(t *testing.T, all rendered) {
	payment := regexp.MustCompile(`(?i)invoice|payment|paid|faktur|betal|rechnung|zahl(en|ung)|factu`)
	checked := 0
	for name, m := range all.mails {
		if strings.Contains(name, "-billing-") || strings.Contains(name, "thanks") {
			continue
		}
		for _, part := range []string{m.Subject, m.Text, wordstest.Visible(m.HTML)} {
			checked++
			if hit := wordstest.SecretIn(part); hit != "" {
				t.Errorf("mail %s says %q:\n%s", name, hit, part)
			}
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

// loose is a text without what its layout may put between.
func loose(s string) string { return strings.NewReplacer(" ", "", "(", "", ")", "").Replace(s) }

// Both parts of a mail carry the same facts: each sentence of the one stands in the other, in both directions.
func bothPartsSayTheSame(t *testing.T, all rendered) {
	for name, m := range all.mails {
		shown := loose(wordstest.Squeeze(wordstest.Visible(m.HTML)))
		for _, line := range strings.Split(m.Text, "\n") {
			line = wordstest.Squeeze(strings.TrimLeft(line, "*- "))
			line = strings.TrimSuffix(line, ":")
			if line == "" || line == link {
				continue
			}
			if !strings.Contains(shown, loose(line)) {
				t.Errorf("%s: %q stands in the text alone", name, line)
			}
		}
		written := loose(wordstest.Squeeze(m.Text))
		for line := range strings.SplitSeq(wordstest.Shown(m.HTML), "\n") {
			if !strings.Contains(written, loose(line)) {
				t.Errorf("%s: %q stands in the HTML alone", name, line)
			}
		}
		if strings.Contains(m.HTML, link) != strings.Contains(m.Text, link) {
			t.Errorf("%s: the link stands in one part alone", name)
		}
	}
}

func mailsAreFitToSend(t *testing.T, all rendered) {
	words := map[string]int{}
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
		for _, part := range []string{m.Text, m.HTML} {
			for _, u := range addressed.FindAllString(part, -1) {
				if u != link && !(strings.HasPrefix(name, "trial-") && strings.TrimRight(u, ".,") == "https://online2.superoffice.com/Cust12345") { // where users should go instead
					t.Errorf("%s: it leads to %s", name, u)
				}
			}
		}
		if strings.Contains(m.HTML, "<img") || strings.Count(m.HTML, "href=") > 1 {
			t.Errorf("%s: an image, or more than the one link", name)
		}
		if strings.Count(m.HTML, "<table") != strings.Count(m.HTML, `<table role="presentation"`) {
			t.Errorf("%s: a table without its role", name)
		}
		for _, who := range []string{"Fjordpartner AS", "+47 21 00 00 00", "support@fjordpartner.example", "08-16"} {
			if !strings.Contains(m.Text, who) && !(strings.HasPrefix(name, "code") && (who == "support@fjordpartner.example" || who == "08-16")) {
				t.Errorf("%s does not say %q", name, who)
			}
		}
		n := proseOf(m.Text)
		for _, l := range Languages {
			if strings.HasSuffix(name, "-"+l.Tag) {
				words[l.Tag] = max(words[l.Tag], n)
			}
		}
		if n >= 150 {
			t.Errorf("%s: %d words beside the evidence, fewer than %d are enough:\n%s", name, n, 150, m.Text)
		}
		wordstest.Clean(t, "mail "+name, m.Subject+m.Text+wordstest.Visible(m.HTML))
	}
	t.Logf("words of the longest mail beside its evidence: %v", words)
	// One matter whose plan has a name of thirty words is short as well.
	in := mailOf(t, wordstest.Reported(func(r *licence.LicenceReported) {
		r.Offered, r.NewExpires = true, "2027-12-13"
		r.Plans[0] = licence.LicenceLine{Plan: "p", Module: "m", Description: strings.Repeat("of many words and more ", 6), Total: 10, NewTotal: new(7), InUse: 9}
	}).Diagnosis(t), licence.Admin)
	for _, l := range Languages {
		if m := l.Mail(in); proseOf(m.Text) >= mostWords {
			t.Errorf("%s: %d words of one matter:\n%s", l.Tag, proseOf(m.Text), m.Text)
		}
	}
}

// addressed is what a mail program makes a link of.
var addressed = regexp.MustCompile(`https?://[^\s"<>]+|\bwww\.[^\s"<>]+`)

// proseOf counts what a mail says beside the values that it rests on and its foot, of all its matters.
func proseOf(text string) (n int) {
	for line := range strings.Lines(text) {
		if line == "--\n" {
			break
		}
		if !evident(line) {
			n += len(strings.Fields(strings.TrimLeft(line, " *-")))
		}
	}
	return n
}

// manyMatters is a customer of very many plans with long names, each with one seat too many.
func manyMatters(t *testing.T) diagnosis.Diagnosis {
	s := wordstest.Reported(func(r *licence.LicenceReported) {
		r.Offered, r.NewExpires, r.Plans = true, "2027-12-13", nil
		for i := range 20 {
			r.Plans = append(r.Plans, licence.LicenceLine{Plan: fmt.Sprintf("p%d", i), Module: fmt.Sprintf("m%d", i), Description: fmt.Sprintf("Sales & Service Premium Enterprise Nordic Marketing Plus, Paket %d", i), Total: 10, NewTotal: new(8), InUse: 9})
		}
	})
	return s.Diagnosis(t)
}

// A mail of very many matters has as many as there is room for, and says how many more the page has; nowhere
// does it say that nothing else is needed. A mail with a link has the steps that are done in SuperOffice, for
// a computer, and none that makes sense on the page alone.
func TestLongMailsLeaveTheRestToThePage(t *testing.T) {
	all, matters := everything(t), len(manyMatters(t).Findings)
	for _, l := range Languages {
		for _, name := range []string{"many", "many-besides", "many-link"} {
			text := all.mails[name+"-"+l.Tag].Text
			if more := l.Voice(nil, wordstest.Now).Say(Args{"more": matters - titles(text)}, "mail.more"); titles(text) == 0 || !strings.Contains(text, more) || strings.Contains(text, l.Text["mail.nothing-else"]) {
				t.Errorf("%s: %d of %d matters, no %q:\n%s", l.Tag, titles(text), matters, more, text)
			}
		}
		for name, want := range map[string]string{"surplus-admin": "OK", "surplus-suite-admin": "- ", "not-fetched-admin": "443", "ready-admin": "- "} {
			text := all.mails["link-"+name+"-"+l.Tag].Text
			if !strings.Contains(text, want) || !strings.Contains(text, "- "+l.Text["mail.link.then"]) || strings.Contains(text, l.Here) || strings.Contains(text, l.Text["page.do.leavers.fold"]) {
				t.Errorf("%s: %s", l.Tag, text)
			}
		}
		// What a step says on the page alone is known by a word of its language, in as many steps as in English.
		if got, want := comesBack(l), comesBack(&english); !maps.Equal(got, want) {
			t.Errorf("%s: %q stands in %v, in English in %v", l.Tag, l.Here, got, want)
		}
	}
}

// titles counts the matters that a mail tells of: each on a line of its own.
func titles(text string) (n int) {
	for line := range strings.Lines(text) {
		if at := strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "- "); at && strings.Contains(line, ", Paket ") {
			n++
		}
	}
	return n
}

// comesBack counts the steps of each remedy that send their reader back to the page.
func comesBack(l *Language) map[string]int {
	out := map[string]int{}
	for id, steps := range l.Steps {
		for _, s := range steps {
			if strings.Contains(s, l.Here) {
				out[id]++
			}
		}
	}
	return out
}

// labelsOfEvidence are how the values in mails are labelled, in every language.
var labelsOfEvidence = sync.OnceValue(func() (out []string) {
	for _, l := range Languages {
		for key, label := range l.Text {
			label = label[strings.LastIndex(label, "}")+1:] // a plan may stand before it
			if strings.HasPrefix(key, "evidence.") && label != "" {
				out = append(out, label+": ")
			}
		}
	}
	return out
})

// evident tells whether a line of a mail is a value with its label.
func evident(line string) bool {
	return strings.HasPrefix(line, "  ") && slices.ContainsFunc(labelsOfEvidence(), func(label string) bool { return strings.Contains(line, label) })
}

// Whoever is said to have been told has been.
func nobodyIsSaidToBeTold(t *testing.T, all rendered) {
	for name, m := range all.messages {
		for _, l := range Languages {
			if strings.Contains(m, l.Text["message.told"]) && !strings.HasSuffix(name, "-told") {
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}

var saidIn = regexp.MustCompile(`"(title|cause|consequence|verify)":"((?:[^"\\]|\\.)*)"`)

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
			for _, m := range saidIn.FindAllSubmatch(b, -1) {
				if len(m[2]) == 0 {
					t.Errorf("%s: an empty %s", name, m[1])
				}
				wordstest.Clean(t, name, string(m[2]))
			}
		}
	}
}
