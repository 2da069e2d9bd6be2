package functions_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// A listener hears all that one person is shown and sent, and every word of a language that the
// person did not choose.
type listener struct {
	*world
	words wordstest.Lexicon
	heard map[string]int // texts, by language
}

// data are the names of the invented customer and its partner, and what no language translates.
var data = []string{
	"Granit AB Fjordpartner AS Ulla Sten Per Alm Ada Nord Bror Ek Cilla Vik Dan Lund Elsa Berg Folke Dal Gull Hed Siv Moa Hugo Fors Iris Lo Sales Service",
	"licens support faktura https online2 superoffice com example Europe Stockholm Module crm5 is over its limit",
	"The licence expires soon (simulated text)", // SuperOffice is quoted as it speaks
}

func listening(w *world) listener {
	x := listener{w, wordstest.Lexicon{}, map[string]int{}}
	for _, l := range words.Languages {
		x.words.Add(l.Tag, l.Sentences()...)
	}
	return x
}

// hear checks a text that somebody reads who has chosen a language.
func (x listener) hear(lang, what, text string) {
	x.Helper()
	x.heard[lang]++
	if found := x.words.Foreign(lang, addresses.ReplaceAllString(text, ""), data...); len(found) > 0 {
		x.Errorf("%s, who reads %s, is shown %q: %.1500s", what, lang, found, text)
	}
}

// addresses are the same in every language.
var addresses = regexp.MustCompile(`https?://\S+`)

// bodies are messages as their senders wrote them, which the desk can look at.
var bodies = regexp.MustCompile(`(?s)<pre.*?</pre>`)

// page checks a page, with what its tags say.
func (x listener) page(lang, what string, r reply) {
	x.Helper()
	if !strings.Contains(r.body, `<html lang="`+lang+`"`) {
		x.Errorf("%s is not said to be in %s: %.200s", what, lang, r.body)
	}
	x.hear(lang, what, wordstest.Shown(bodies.ReplaceAllString(r.body, "")))
	for _, m := range regexp.MustCompile(`(?:aria-label|placeholder)="([^"]*)"`).FindAllStringSubmatch(r.body, -1) {
		x.hear(lang, what, m[1])
	}
}

// mails checks all mails of a person: subject, both parts, and what is kept as their language.
func (x listener) mails(lang, to string) (n int) {
	x.Helper()
	for _, m := range x.inbox() {
		if m.To != to {
			continue
		}
		n++
		if m.Lang != lang || !strings.Contains(m.HTML, `<html lang="`+lang+`"`) {
			x.Errorf("the mail %q to %s is in %s, not in %s", m.Subject, to, m.Lang, lang)
		}
		x.hear(lang, to, m.Subject+"\n"+m.Text+"\n"+wordstest.Shown(m.HTML))
	}
	return n
}

// TestOneReaderOneLanguage walks from the mail to the active licence in each language. The account
// speaks another language than its contact, and the colleague, whom nobody asked, the account's.
func TestOneReaderOneLanguage(t *testing.T) {
	for i, l := range words.Languages {
		t.Run(l.Tag, func(t *testing.T) {
			w := newWorld(t, nil)
			x, house := listening(w), words.Languages[(i+1)%len(words.Languages)]
			c := granit()
			c.account.Locale = house.Tag
			c.account.Contacts[0].Locale, c.account.Contacts[1].Locale = l.Tag, "fi" // which we do not speak
			b := w.meet(c)
			say := func(key string) string { return l.Text["page."+key] }
			fp := w.finding("G-1", "surplus").Fingerprint
			x.page(l.Tag, "the page", b.shows)
			press := func(form, key string, typed url.Values) {
				b.submit(form, strings.TrimSpace(strings.Split(say(key), "{")[0]), typed)
				x.page(l.Tag, "after "+key, b.shows)
			}
			press("/session", "go.surplus", nil)
			press("/choose", "choose.free", url.Values{"user": {"9", "6"}})
			b.open("/steps/" + fp)
			x.page(l.Tag, "the steps", b.shows)
			press("/mailsteps", "mail-steps", nil)
			w.take(granitCust, "ten-sales", "9", "6")
			b.open("/steps/" + fp)
			press("/check", "do.check", nil)
			b.open("/activate/" + granitCust)
			press("/code", "activate.send", nil)
			press("/activate", "activate.button", url.Values{"code": {"000000"}})
			press("/activate", "activate.button", url.Values{"code": {w.code()}})
			b.open("")
			x.page(l.Tag, "the page at the end", b.shows)
			w.sweep()
			if n := x.mails(l.Tag, "ulla.sten@granit.example"); n < 4 {
				t.Errorf("%d mails came, fewer than the notice, the steps, the code and the end", n)
			}
			if t.Failed() {
				return
			}
			if n := x.heard[l.Tag]; n < 15 {
				t.Errorf("only %d texts were looked at", n)
			}
		})
	}
}

// Who hands a matter to a colleague writes to the colleague in the colleague's language: that of the
// contact, else of the account, else of the country.
func TestAColleagueReadsTheirOwn(t *testing.T) {
	for name, c := range map[string]struct{ contact, account, country, want string }{
		"the contact's":                         {"sv-FI", "en", "SE", "sv"},
		"the account's, where nobody speaks it": {"fi-FI", "sv", "FI", "sv"},
		"the country's":                         {"fi", "fi", "SE", "sv"},
		"the country's, in Norway":              {"fi", "fi", "NO", "nb"},
		"the country's, in Denmark":             {"fi", "fi", "DK", "da"},
		"no":                                    {"no", "en", "SE", "nb"},
		"nn":                                    {"nn-NO", "en", "SE", "nb"},
		"da-DK":                                 {"da-DK", "en", "SE", "da"},
		"no single one of Belgium":              {"fr-BE", "fr", "BE", "en"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			x := listening(w)
			g := granit()
			g.account.Locale, g.account.Country = c.account, licence.Some(c.country)
			g.account.Contacts[1].Locale = c.contact
			b := w.meet(g).session()
			b.submit("/colleague", words.Of("en").Text["page.exit.colleague.button"], url.Values{"contact": {"per"}})
			w.sweep()
			if n := x.mails(c.want, "per.alm@granit.example"); n != 1 {
				t.Fatalf("%d mails went to the colleague", n)
			}
			his := w.linkOf("G-1", "per")
			x.page(c.want, "the colleague's page", his.shows)
		})
	}
}

// Who is known by nothing but a browser reads what the browser asks for, also where a link is broken.
func TestABrowserChooses(t *testing.T) {
	w := newWorld(t, nil)
	x := listening(w)
	w.meet(granit())
	for _, l := range words.Languages {
		for _, path := range []string{"/help", "/r/broken", "/support/sign-in"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept-Language", "fi-FI, fi;q=0.9, "+l.Tag+"-XX;q=0.8, *;q=0.1")
			if out := w.do(r); path == "/support/sign-in" {
				if !strings.Contains(out.body, `<html lang="`+l.Tag+`"`) {
					t.Errorf("%s of a browser that asks for %s: %.200s", path, l.Tag, out.body)
				}
			} else {
				x.page(l.Tag, path, out)
			}
		}
		for _, asked := range []string{granitCust, "Cust99999"} {
			x.page(l.Tag, "/help for "+asked, w.pressFrom("192.0.2.1:1", l.Tag, "/help", url.Values{"value": {asked}}))
		}
	}
}

// deskSays are the words of the desk's own texts in a language.
func deskSays(t *testing.T, x wordstest.Lexicon, lang string) {
	t.Helper()
	found, err := filepath.Glob("desk/text_" + lang + "*.go")
	if err != nil || len(found) == 0 {
		t.Fatalf("the desk has no texts in %s: %v", lang, err)
	}
	for _, path := range found {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				if lit, ok := pair.Value.(*ast.BasicLit); ok {
					text, _ := strconv.Unquote(lit.Value)
					x.Add(lang, text)
				}
			}
			return true
		})
	}
}

// The desk's screen with its lists, tables, what is done with several customers, and all mails to a desk are in one
// language as well.
func TestADeskReadsOneLanguage(t *testing.T) {
	for _, l := range words.Languages {
		t.Run(l.Tag, func(t *testing.T) {
			w := newWorld(t, nil)
			x := listening(w)
			for _, other := range words.Languages {
				deskSays(t, x.words, other.Tag)
			}
			w.app.Operator.Lang, w.locale = l.Tag, l.Tag
			var told []string
			w.app.Engine.Do[licence.TaskSent] = effects.Tasker{
				Store: w.db, Operator: words.Operator(w.app.Operator.Signature()), Desks: w.app.Operator.Desks, BaseURL: w.app.BaseURL, Lang: l.Tag, Now: w.clock.Now,
				Send: func(_ context.Context, m effects.Message) (string, error) {
					told = append(told, m.Subject+"\n"+m.Text)
					return m.ID, nil
				},
				List: func(ctx context.Context, code string) error {
					return w.app.Engine.List(ctx, code, w.app.Operator.Timezone)
				},
			}.Task
			c := granit()
			c.account.Locale, c.account.Contacts[0].Locale = l.Tag, l.Tag
			c.tenant.Modules[0].NewTotal, c.tenant.Offer.Refusal = 9, "Module crm5 is over its limit"
			w.meet(c)
			for i := range 2 { // whose mails wait for the desk
				w.tooMany(i, "Granit AB")
			}
			w.advance(w.clock.Now().Add(48 * time.Hour))
			d := deskReader{x, w.signsIn("nora@fjordpartner.example"), l.Tag, w.unusable()}
			for _, path := range []string{"/support", "/support/accounts/G-1", "/support/drafts", "/support/aside", "/support/parked", "/support/fleet", "/support/figures", "/support?q=granit", "/support?view=coming"} {
				d.sees(path, nil)
			}
			d.tables()
			d.selects()
			for _, m := range w.staffMails() {
				x.hear(l.Tag, "the mail to sign in by", m.Subject+"\n"+m.Text+"\n"+wordstest.Shown(m.HTML))
				x.short("the mail to sign in by", m.Text)
			}
			if len(told) == 0 {
				t.Error("no desk was told of a task")
			}
			w.advance(morning.AddDate(0, 0, 9))
			lists := map[string]int{}
			for _, m := range w.deskMails(store.Operations) {
				lists[m.Why]++
				told = append(told, m.Subject+"\n"+m.Text)
			}
			if lists["list drafts"] == 0 || lists["list figures-needed"] == 0 {
				t.Errorf("the lists that came are %v", lists)
			}
			for _, mail := range told {
				x.hear(l.Tag, "a desk", mail)
				x.short("a desk", mail)
			}
		})
	}
}

// short checks that a mail says little before the values that it rests on, which stand indented.
func (x listener) short(who, text string) {
	x.Helper()
	said, _, _ := strings.Cut(text, "\n      ")
	if n := len(strings.Fields(said)); n >= 150 {
		x.Errorf("%s reads %d words before the evidence, fewer than 150 are enough: %s", who, n, said)
	}
}

// unusable has a sender tell what cannot be used, and what no customer is known for. It gives what senders call
// things, and what is wrong in the words of their documents: neither is in the desk's language.
func (w *world) unusable() *strings.Replacer {
	w.Helper()
	w.must(w.say("seat.changed", morning, `{"account":"X-1","cust_id":"Cust404","plan":"sales","held":true,"open_requests":0,"user":{"id":"1","name":"Ada Nord","email":"ada@granit.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}`), "parked")
	w.must(w.post("stripe", "/billing/stripe", "broken", []byte(`{"id":"evt_1","object":"event","created":1795415400,"livemode":true,"type":"invoice.paid","data":{"object":{"object":"invoice","id":7}}}`)), "set-aside")
	list, _, err := w.db.Rejections(w.Context(), store.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		w.Fatal(list, err)
	}
	x := list[0]
	return strings.NewReplacer(x.Message, "", html.EscapeString(x.Message), "", strings.ReplaceAll(x.Message, `"`, `""`), "", x.Route, "", x.Sender, "", x.Code, "", x.ID, "", "seat.changed", "", "standard/said-", "")
}

// A deskReader reads the desk's screen in one language.
type deskReader struct {
	listener
	cookie *http.Cookie
	lang   string
	codes  *strings.Replacer // what is in no language
}

// asks opens an address, or sends it a form, and goes where the answer leads.
func (d deskReader) asks(path string, form url.Values) reply {
	d.Helper()
	method := "GET"
	if form != nil {
		method = "POST"
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", d.lang)
	r.AddCookie(d.cookie)
	out := d.do(r)
	d.deliver()
	if out.status == http.StatusSeeOther {
		to, _, _ := strings.Cut(out.header.Get("Location"), "#")
		return d.asks(to, nil)
	}
	if out.status != 200 {
		d.Fatalf("%s: %v", path, out)
	}
	return out
}

// sees checks a page.
func (d deskReader) sees(path string, form url.Values) string {
	d.Helper()
	out := d.asks(path, form)
	out.body = d.codes.Replace(out.body)
	d.page(d.lang, path+" "+form.Encode(), out)
	first := out.body // of a case and of the figures, what stands above the second of the parts that links on top lead to
	if parts := strings.SplitAfterN(first, "<h2", 3); len(parts) == 3 && strings.Contains(first, `<a href="#`) {
		first = parts[0] + parts[1]
	}
	if n := len(strings.Fields(wordstest.FirstScreen(first))); n >= 250 {
		d.Errorf("%s has %d words before anything is opened, fewer than 250 are enough: %s", path, n, wordstest.FirstScreen(first))
	}
	return out.body
}

// tables checks each list as a table; what the importer reads again has names of its own.
func (d deskReader) tables() {
	d.Helper()
	paths := []string{"/support?", "/support?q=granit&", "/support/drafts?", "/support/aside?", "/support/parked?", "/support/fleet?of=tasks&", "/support/fleet?of=deeds&"}
	for _, of := range []string{"trend", "by-cause", "time-causes", "time-owners", "warned", "seats", "mails", "drift"} {
		paths = append(paths, "/support/figures?of="+of+"&")
	}
	for _, path := range paths {
		out := d.asks(path+"format=csv", nil)
		if !strings.HasPrefix(out.header.Get("Content-Type"), "text/csv") {
			d.Errorf("%s is no table: %v", path, out.header)
		}
		d.hear(d.lang, path, d.codes.Replace(out.body))
	}
}

// selects does what can be done with several customers at once, with some of which it cannot be done.
func (d deskReader) selects() {
	d.Helper()
	const at = "/support/selected"
	form := func(do string, more ...string) url.Values {
		f := url.Values{"do": {do}, "account": {"W-0", "W-1"}, "back": {"/support"}}
		for i := 0; i < len(more); i += 2 {
			f.Add(more[i], more[i+1])
		}
		return f
	}
	d.sees(at, url.Values{"do": {"send"}, "back": {"/support"}}) // nobody
	for _, do := range []string{"send", "drop"} {
		d.sees(at, form(do, "account", "G-1"))
	}
	whole := d.db.Store
	d.db.Store = &refusing{whole, "W-1"}
	failed := d.sees(at, form("assign", "to", "Nora Dahl"))
	d.db.Store = whole
	if !strings.Contains(failed, `href="/support/accounts/W-1">W-1`) {
		d.Errorf("nothing is said to have failed: %s", failed)
	}
	send := form("send", "go", "yes")
	for _, account := range send["account"] {
		rows, _, err := d.db.Rows(d.Context(), account, "mail", store.Page{Limit: 10})
		if err != nil || len(rows) == 0 {
			d.Fatalf("no draft to %s: %v", account, err)
		}
		send.Add("id", rows[0].ID)
	}
	d.sees(at, send)
	answer := []string{"answer", "handled", "cause", "surplus", "go", "yes", "fingerprint", "gone", "fingerprint", d.finding("W-1", "surplus").Fingerprint}
	d.sees(at, form("answer", answer[:4]...))
	d.sees(at, form("answer", answer...))
}
