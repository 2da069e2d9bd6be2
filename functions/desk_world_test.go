package functions_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A deskWorld is a world with one of the operator's people signed in.
type deskWorld struct {
	*world
	cookie *http.Cookie
}

// deskWith tells customers of events/ and signs Nora in by the mail that she asks for.
func deskWith(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store, folders ...string) deskWorld {
	t.Helper()
	w := newWorld(t, open)
	for _, file := range files(folders) {
		if file == "first/04-standard-renewed.json" {
			continue
		}
		if out := w.tell(file); out.status != 200 {
			t.Fatalf("%s: %v", file, out)
		}
	}
	return deskWorld{w, w.signsIn("nora@fjordpartner.example")}
}

// signsIn goes the way of the mail.
func (w *world) signsIn(address string) *http.Cookie {
	w.Helper()
	w.press("/support/sign-in", url.Values{"address": {address}})
	mails := w.staffMails()
	if len(mails) == 0 {
		w.Fatal("no mail to sign in by")
	}
	out := w.press(strings.TrimPrefix(mails[0].Link, w.app.BaseURL), nil)
	for _, c := range (&http.Response{Header: out.header}).Cookies() {
		return c
	}
	w.Fatalf("no session: %v", out)
	return nil
}

// staffMails are those to the operator's people, the newest first.
func (w *world) staffMails() []effects.MailRow {
	w.Helper()
	rows, _, err := w.db.Rows(w.Context(), store.Operations, "mail", store.Page{Limit: 100})
	if err != nil {
		w.Fatal(err)
	}
	var out []effects.MailRow
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			w.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// see opens a page of the desk, which must be well formed for everybody.
func (d deskWorld) see(path string) string {
	d.Helper()
	out := d.get(path, d.cookie)
	if out.status != 200 {
		d.Fatalf("GET %s: %d %.300s", path, out.status, text(out.body))
	}
	wellMade(d.T, path, out.body)
	return out.body
}

// send presses a button, and gives the page on which it ends.
func (d deskWorld) send(path string, fields url.Values) string {
	d.Helper()
	out := d.press(path, fields, d.cookie)
	if out.status != http.StatusSeeOther {
		d.Fatalf("POST %s: %d %.300s", path, out.status, text(out.body))
	}
	to, _, _ := strings.Cut(out.header.Get("Location"), "#")
	return d.see(to)
}

// preview presses a button, and gives the page that shows what would be done, with its form.
func (d deskWorld) preview(path string, fields url.Values) (string, url.Values) {
	d.Helper()
	out := d.press(path, fields, d.cookie)
	if out.status != http.StatusOK {
		d.Fatalf("POST %s: %d %.300s", path, out.status, text(out.body))
	}
	wellMade(d.T, path, out.body)
	form := url.Values{"go": {"yes"}}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(out.body, -1) {
		form.Add(m[1], html.UnescapeString(m[2]))
	}
	return out.body, form
}

// refused presses a button of a form that cannot be taken, and gives the page on which it comes back.
func (d deskWorld) refused(path string, fields url.Values) string {
	d.Helper()
	out := d.press(path, fields, d.cookie)
	if out.status != http.StatusUnprocessableEntity || strings.Count(out.body, `id="wrong"`) != 1 {
		d.Fatalf("POST %s: %d %.300s", path, out.status, text(out.body))
	}
	wellMade(d.T, path, out.body)
	return out.body
}

// shows checks what a person reads.
func shows(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text(page), p) {
			t.Errorf("the page does not say %q: %.1500s", p, text(page))
		}
	}
}

var (
	ids      = regexp.MustCompile(` id="([^"]*)"`)
	controls = regexp.MustCompile(`<(?:input|select|textarea)\b[^>]*>`)
	labelled = regexp.MustCompile(`(?s)<label[^>]*>.*?</label>`)
	tables   = regexp.MustCompile(`(?s)<table.*?</table>`)
)

// wellMade is what every page owes to who cannot see it: one heading of the first rank, a
// language, names of fields, captions of tables, each id once, and no script.
func wellMade(t *testing.T, what, page string) {
	t.Helper()
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%s has %d headings of the first rank", what, n)
	}
	if !strings.Contains(page, `<html lang="`) || strings.Contains(strings.Replace(page, `<script src="/support/keys.js" defer></script>`, "", 1), "<script") || strings.Contains(page, " style=") {
		t.Errorf("%s names no language, or has a script or a style of its own", what)
	}
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s has the id %q twice", what, m[1])
		}
		seen[m[1]] = true
	}
	rest := labelled.ReplaceAllString(page, "")
	for _, c := range controls.FindAllString(rest, -1) {
		id := ids.FindStringSubmatch(c)
		if !strings.Contains(c, `type="hidden"`) && (id == nil || !strings.Contains(page, `<label for="`+id[1]+`"`)) {
			t.Errorf("%s: %s has no label", what, c)
		}
	}
	for _, table := range tables.FindAllString(page, -1) {
		if !strings.Contains(table, "<caption") || !strings.Contains(table, `scope="col"`) {
			t.Errorf("%s: a table without caption or heads: %.200s", what, table)
		}
	}
}

// fact is the latest of a type, as it is stored.
func (d deskWorld) fact(account, kind string) licence.Fact {
	d.Helper()
	list, _, err := d.db.Facts(d.Context(), account, store.Page{Limit: 100})
	if err != nil {
		d.Fatal(err)
	}
	for _, f := range list {
		if f.Fact.Payload.Type() == kind {
			return f.Fact
		}
	}
	d.Fatalf("no fact %s of %s", kind, account)
	return licence.Fact{}
}

var demo = []string{"first", "demo/bjorkdal-bygg", "demo/ekeby-tra", "demo/fjord-foods", "demo/havn-og-hal", "demo/kattegat-robotics", "demo/kvarnbacka",
	"demo/mjolner-kjokken", "demo/nordlys-shipping", "demo/norrsken-media", "demo/solvik-hotell"}

func account(t *testing.T, d deskWorld, name string) string {
	t.Helper()
	list, _, err := d.db.Accounts(d.Context(), store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e licence.Entry) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("no customer %s", name)
	}
	return list[i].Account
}
