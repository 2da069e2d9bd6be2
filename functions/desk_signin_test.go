package functions_test

import (
	"seatmend/functions/desk"

	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
)

// How the operator's people sign in.

func TestSigningIn(t *testing.T) {
	w := newWorld(t, nil)
	w.press("/support/sign-in", url.Values{"address": {" NORA@fjordpartner.example "}})
	mails := w.staffMails()
	if len(mails) != 1 || mails[0].To != "nora@fjordpartner.example" || !strings.Contains(mails[0].Text, mails[0].Link) {
		t.Fatalf("mailed %+v", mails)
	}
	path := strings.TrimPrefix(mails[0].Link, w.app.BaseURL)
	token := strings.TrimPrefix(path, "/support/in/")
	if out := w.get("/support", &http.Cookie{Name: "__Host-seatmend-staff", Value: token}); out.status != http.StatusFound {
		t.Errorf("the link in the mail is taken for a session: %d", out.status)
	}
	for _, p := range []string{path[:len(path)-2], strings.Replace(path, "/in/", "/in/x", 1), "/support/in/nonsense"} {
		if out := w.get(p); out.status != 404 {
			t.Errorf("%s: %d, want 404", p, out.status)
		}
	}
	page := w.get(path)
	wellMade(t, path, page.body)
	shows(t, page.body, "The link is yours, Nora Dahl")
	out := w.press(path, nil)
	c := (&http.Response{Header: out.header}).Cookies()[0]
	if out.header.Get("Location") != "/support" || c.Name != "__Host-seatmend-staff" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 8*3600 || c.Path != "/" || c.Domain != "" {
		t.Errorf("signed in with %v", c)
	}
	if out := w.get("/support/in/"+c.Value, nil...); out.status != 404 {
		t.Errorf("a session is taken for a link: %d", out.status)
	}
	for _, again := range []reply{w.get(path), w.press(path, nil)} {
		if again.status != http.StatusGone {
			t.Errorf("used twice: %d", again.status)
		}
	}
	if out := w.get("/support", c); out.status != 200 {
		t.Errorf("signed in: %d", out.status)
	}
	staff := w.app.Operator.Staff
	w.app.Operator.Staff = nil
	if out := w.get("/support", c); out.status != http.StatusFound {
		t.Errorf("who is not of the staff any more: %d", out.status)
	}
	w.app.Operator.Staff = staff
	w.clock.set(w.clock.Now().Add(8 * time.Hour))
	if out := w.get("/support", c); out.status != http.StatusFound {
		t.Errorf("after eight hours: %d", out.status)
	}
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	late := strings.TrimPrefix(w.staffMails()[0].Link, w.app.BaseURL)
	w.clock.set(w.clock.Now().Add(15 * time.Minute))
	for _, out := range []reply{w.get(late), w.press(late, nil)} {
		if out.status != http.StatusGone {
			t.Errorf("after a quarter of an hour: %d", out.status)
		}
	}
}

// Who signs in again in the same browser has one session, the new one; who signs out has none, and the browser is
// TestOneSessionOfABrowser to forget what it kept.
func TestOneSessionOfABrowser(t *testing.T) {
	w := newWorld(t, nil)
	w.app.LocalSignIn = true
	signed := func(cookies ...*http.Cookie) *http.Cookie {
		return (&http.Response{Header: w.press("/support/local-sign-in", nil, cookies...).header}).Cookies()[0]
	}
	first := signed()
	second := signed(first)
	if first.Value == second.Value || w.get("/support", first).status != http.StatusFound || w.get("/support", second).status != 200 {
		t.Errorf("the session before lives on, or the new one does not")
	}
	elsewhere := signed()
	out := w.press("/support/sign-out", nil, second)
	if out.header.Get("Clear-Site-Data") != `"cache"` || w.get("/support", second).status != http.StatusFound {
		t.Errorf("signed out: %v", out.header)
	}
	if w.get("/support", elsewhere).status != 200 {
		t.Error("a session in another browser has ended")
	}
}

// Who follows a link to a page of the desk and has to sign in first is led there, and never out of the desk.
func TestSigningInLeadsOn(t *testing.T) {
	w := newWorld(t, nil)
	w.app.LocalSignIn = true
	goal := func(out reply) *http.Cookie {
		t.Helper()
		all := (&http.Response{Header: out.header}).Cookies()
		if out.header.Get("Location") != "/support/sign-in" || len(all) != 1 || all[0].Name != "__Host-seatmend-to" || !all[0].HttpOnly || !all[0].Secure {
			t.Fatalf("%d %v", out.status, out.header)
		}
		return all[0]
	}
	forged := func(to string) *http.Cookie {
		return &http.Cookie{Name: "__Host-seatmend-to", Value: url.QueryEscape(to)}
	}
	for want, c := range map[string]*http.Cookie{
		"/support/accounts/C-1042":         goal(w.get("/support/accounts/C-1042")),
		"/support/drafts?after=a%2Fb":      goal(w.get("/support/drafts?after=a%2Fb")),
		"/support/accounts/C-7":            goal(w.press("/support/accounts/C-7/note", url.Values{"note": {"x"}})),
		"/support":                         goal(w.get("/support")),
		"/support?":                        forged("https://evil.example/support"),
		"/support??":                       forged("//evil.example/support"),
		"/support???":                      forged("/support//evil.example"),
		"/support????":                     forged("/support/../../evil"),
		"/support???????":                  forged("/support/%2e%2E/evil"),
		"/support?????":                    forged("/supportive"),
		"/support??????":                   forged("/support/\\evil.example"),
		"/support/accounts/C-1?role=admin": forged("/support/accounts/C-1?role=admin"),
	} {
		out := w.press("/support/local-sign-in", nil, c)
		if got := out.header.Get("Location"); got != want && !(strings.HasPrefix(want, "/support?") && strings.Trim(want, "?") == got) {
			t.Errorf("led to %s, want %s", got, want)
		}
		if all := (&http.Response{Header: out.header}).Cookies(); len(all) != 2 || all[1].MaxAge >= 0 {
			t.Errorf("%s is kept: %v", want, all)
		}
	}
}

// A browser can do without the screen's keys.
func TestKeysCanBeSwitchedOff(t *testing.T) {
	d := deskWith(t, nil)
	for _, do := range []string{"off", "on"} {
		out := d.press("/support/keys", url.Values{"do": {do}}, d.cookie)
		c := (&http.Response{Header: out.header}).Cookies()[0]
		if out.status != http.StatusSeeOther || c.Name != "__Host-seatmend-keys" || c.MaxAge > 0 != (do == "off") {
			t.Errorf("%s: %v", do, c)
		}
		if c.MaxAge < 0 {
			continue
		}
		page := d.get("/support", d.cookie, c)
		shows(t, page.body, "Keys are switched off in this browser.", "Switch them on")
		if strings.Contains(page.body, "<script") || strings.Contains(page.header.Get("Content-Security-Policy"), "script-src") {
			t.Error("the script is there")
		}
	}
	shows(t, d.see("/support"), "Switch them off")
}

// Nobody can have many mails sent, neither to one address nor from one place.
func TestSignInIsBounded(t *testing.T) {
	w := newWorld(t, nil)
	for range 9 {
		w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	}
	if got, want := len(w.staffMails()), 5; got != want {
		t.Errorf("%d mails to one address in an hour, want %d", got, want)
	}
	w.clock.set(w.clock.Now().Add(time.Hour))
	for range 20 {
		w.press("/support/sign-in", url.Values{"address": {"nobody@elsewhere.example"}})
	}
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	if got, want := len(w.staffMails()), 5; got != want {
		t.Errorf("%d mails after many tries from one place, want %d", got, want)
	}
}

// Where mail goes out, the link lies in that person's mailbox and nowhere else.
func TestSignInIsMailed(t *testing.T) {
	w := newWorld(t, nil)
	var sent []effects.Message
	desk.Mails(w.app, func(ctx context.Context, m effects.Message) (string, error) {
		sent = append(sent, m)
		return "", nil
	})
	w.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	if len(sent) != 1 || sent[0].To != "nora@fjordpartner.example" || !strings.Contains(sent[0].Text, "/support/in/") || !strings.Contains(sent[0].HTML, "/support/in/") {
		t.Fatalf("sent %+v", sent)
	}
	if m := w.staffMails()[0]; m.Link+m.Text+m.HTML != "" {
		t.Errorf("the link is kept: %+v", m)
	}
	if strings.Contains(w.logs.String(), "/support/in/") {
		t.Error("the link stands in the log")
	}
}

func TestTheLocalButton(t *testing.T) {
	w := newWorld(t, nil)
	if out := w.press("/support/local-sign-in", nil); out.status != 404 {
		t.Errorf("without being switched on: %d", out.status)
	}
	if page := w.get("/support/sign-in"); strings.Contains(page.body, "local-sign-in") {
		t.Error("the button is shown where it does nothing")
	}
	w.app.LocalSignIn = true
	shows(t, w.get("/support/sign-in").body, "Sign in as Nora Dahl (on this machine only)")
	out := w.press("/support/local-sign-in", nil)
	c := (&http.Response{Header: out.header}).Cookies()
	if out.status != http.StatusSeeOther || len(c) != 1 {
		t.Fatalf("answered %v", out)
	}
	if page := w.get("/support", c[0]); !strings.Contains(page.body, "Nora Dahl") {
		t.Errorf("signed in as somebody else: %s", page.body)
	}
}

// Signing in does the same for every address while the caller waits: no mail is sent then, and
// what is written is as much. So not even the time tells who belongs to the operator.
func TestSignInIsTheSameForEveryAddress(t *testing.T) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, s.open)
			var sent []string
			w.mail = func(_ context.Context, m effects.Message) (string, error) {
				sent = append(sent, m.To)
				return "", nil
			}
			w.start()
			ask := func(address string) (string, []string) {
				before := len(w.db.written())
				r := httptest.NewRequest("POST", "/support/sign-in", strings.NewReader(url.Values{"address": {address}}.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				out := w.do(r)
				if out.status != 200 {
					t.Fatalf("%s: %v", address, out)
				}
				var wrote []string
				for _, op := range w.db.written()[before:] {
					wrote = append(wrote, strings.Fields(op)[0])
				}
				if len(sent) > 0 {
					t.Errorf("%s is mailed while the caller waits", address)
				}
				return out.body, wrote
			}
			stranger, all := ask("mallory@fjordpartner.example")
			for _, address := range []string{"nora@fjordpartner.example", "NORA@fjordpartner.example ", "", "no address", strings.Repeat("x", 3000)} {
				if body, wrote := ask(address); body != stranger || fmt.Sprint(wrote) != fmt.Sprint(all) {
					t.Errorf("%.30q: wrote %v, a stranger's %v; the same answer: %v", address, wrote, all, body == stranger)
				}
			}
			w.deliver()
			if got, want := fmt.Sprint(sent), "[nora@fjordpartner.example nora@fjordpartner.example]"; got != want {
				t.Errorf("mailed are %s, want %s", got, want)
			}
		})
	}
}

// Whoever has not signed in learns no customer's name, whatever their address says of what was done.
func TestAnAddressNamesNobodyToStrangers(t *testing.T) {
	d := deskWith(t, nil, "first")
	const said = "?said=drafts&sent=1&about=C-1"
	shows(t, d.see("/support"+said), "This was about Storvik Möbler AB")
	for _, page := range []string{"/support/sign-in", "/support/nowhere", "/support/enter"} {
		if out := d.get(page + said); strings.Contains(out.body, "Storvik") {
			t.Errorf("%s: %s", page, text(out.body))
		}
	}
}
