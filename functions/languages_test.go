package functions_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
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

// The desk's screen, and the mails of a task to a desk, are in one language as well.
func TestADeskReadsOneLanguage(t *testing.T) {
	for _, l := range words.Languages {
		t.Run(l.Tag, func(t *testing.T) {
			w := newWorld(t, nil)
			x := listening(w)
			for _, other := range words.Languages {
				deskSays(t, x.words, other.Tag)
			}
			w.app.Operator.Lang = l.Tag
			var told []string
			w.app.Engine.Do[licence.TaskSent] = effects.Tasker{
				Store: w.db, Operator: words.Operator(w.app.Operator.Signature()), Desks: w.app.Operator.Desks, BaseURL: w.app.BaseURL, Lang: l.Tag, Now: w.clock.Now,
				Send: func(_ context.Context, m effects.Message) (string, error) {
					told = append(told, m.Subject+"\n"+m.Text)
					return m.ID, nil
				},
			}.Task
			c := granit()
			c.account.Locale, c.account.Contacts[0].Locale = l.Tag, l.Tag
			c.tenant.Modules[0].NewTotal, c.tenant.Offer.Refusal = 9, "Module crm5 is over its limit"
			w.meet(c)
			w.advance(w.clock.Now().Add(48 * time.Hour))
			d := deskWorld{w, w.signsIn("nora@fjordpartner.example")}
			for _, path := range []string{"/support", "/support/accounts/G-1", "/support/drafts", "/support/aside", "/support/parked", "/support/fleet", "/support/figures"} {
				r := httptest.NewRequest("GET", path, nil)
				r.AddCookie(d.cookie)
				r.Header.Set("Accept-Language", l.Tag)
				x.page(l.Tag, path, w.do(r))
			}
			for _, m := range w.staffMails() {
				x.hear(l.Tag, "the mail to sign in by", m.Subject+"\n"+m.Text+"\n"+wordstest.Shown(m.HTML))
			}
			for _, mail := range told {
				x.hear(l.Tag, "a desk", mail)
			}
			if len(told) == 0 {
				t.Error("no desk was told of a task")
			}
		})
	}
}
