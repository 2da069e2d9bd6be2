package functions_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/link"
	"seatmend/shared/store"
)

// Whatever is sent by a form comes from our own page.

// follow opens all that a page leads to, and all that leads to, twice and as HEAD too, and
// tells where it was.
func (g guarded) follow(page string, cookies ...*http.Cookie) []string {
	g.Helper()
	seen := []string{page}
	for i := 0; i < len(seen) && i < 300; i++ {
		for _, method := range []string{"GET", "HEAD", "GET"} {
			r := httptest.NewRequest(method, seen[i], nil)
			for _, c := range cookies {
				r.AddCookie(c)
			}
			out := g.do(r)
			private(g.T, seen[i], out)
			next := []string{out.header.Get("Location")}
			for _, m := range hrefs.FindAllStringSubmatch(out.body, -1) {
				next = append(next, html.UnescapeString(m[1]))
			}
			for _, at := range next {
				if strings.HasPrefix(at, "/") && !slices.Contains(seen, at) {
					seen = append(seen, at)
				}
			}
		}
	}
	return seen
}

// forms are all that a page sends.
var forms = map[string]url.Values{
	"check": nil, "session": nil, "answer": {"answer": {"handled"}}, "colleague": {"contact": {"bo"}}, "paid": {"paid_on": {"2026-11-20"}},
	"screen": {"cust_id": {"Cust10001"}, "offer": {"active"}, "expires": {"2027-12-13"}, "confirm": {"yes"}}, "takeback": {"cust_id": {"Cust10001"}}, "mailsteps": nil, "loaded": {"cust_id": {"Cust10001"}, "expires": {"2027-12-13"}},
	"choose": {"user": {"12"}}, "move": {"n": {"1"}, "choice": {"x"}, "code": {"123456"}}, "skip": {"user": {"12"}}, "code": {"cust_id": {"Cust10001"}}, "activate": {"cust_id": {"Cust10001"}, "offer": {"x"}, "code": {"123456"}}, "new-link": nil,
}

var formPath = regexp.MustCompile(`(?m)^\t(\w+)Path: `)

// What is tried here is every form that there is.
func TestFormsAreAllTried(t *testing.T) {
	source, err := os.ReadFile("page/forms.go")
	if err != nil {
		t.Fatal(err)
	}
	found := formPath.FindAllStringSubmatch(string(source), -1)
	for _, m := range found {
		if _, ok := forms[strings.ToLower(m[1])]; !ok {
			t.Errorf("the form %s is new: say here what it sends", m[1])
		}
	}
	if len(found) < 9 {
		t.Errorf("%d forms are in page/forms.go", len(found))
	}
}

// A form that another site sends does nothing, and one without a session of this very link
// does no more than read again.
func TestForms(t *testing.T) {
	g := guard(t)
	fingerprint := g.finding("C-1", "surplus").Fingerprint
	for form, fields := range forms {
		target := "/r/" + g.tokens["link"] + "/" + form
		fields := url.Values(http.Header(fields).Clone())
		if fields == nil {
			fields = url.Values{}
		}
		fields.Set("fingerprint", fingerprint)
		before := len(g.db.written())
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
			r := httptest.NewRequest("POST", target, strings.NewReader(fields.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(name, value)
			r.AddCookie(g.session["link"])
			out := g.do(r)
			if out.status != 403 {
				t.Errorf("%s with %s %s: %d, want 403", form, name, value, out.status)
			}
			private(t, form, out)
		}
		if form != "check" && form != "session" {
			for name, cookies := range map[string][]*http.Cookie{"no session": nil, "the other's session": {g.session["other link"]}, "a link as session": {{Name: g.session["link"].Name, Value: g.tokens["link"]}}} {
				out := g.press(target, fields, cookies...)
				if over := out.status == 303 && out.header.Get("Location") == "/r/"+g.tokens["link"]+"?session=over"; form != "new-link" && !over || out.status >= 500 {
					t.Errorf("%s with %s: %d to %s, want to be sent to where a session is opened", form, name, out.status, out.header.Get("Location"))
				}
			}
		}
		if wrote := g.db.written()[before:]; len(wrote) > 0 {
			t.Errorf("%s wrote %v", form, wrote)
		}
	}
	for name, cookie := range map[string]*http.Cookie{"the other's session": g.session["other link"], "a link as session": {Name: g.session["link"].Name, Value: g.tokens["link"]}} {
		if page := g.get("/r/"+g.tokens["link"], cookie).body; strings.Contains(page, `name="fingerprint"`) {
			t.Errorf("%s opens the choices", name)
		}
	}
	c := g.session["link"]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("the session's cookie is %+v", c)
	}
	// With its own session, and until that ends, the form says something.
	if page := g.get("/r/"+g.tokens["link"], c).body; !strings.Contains(page, `name="fingerprint"`) {
		t.Errorf("the session opens nothing: %s", text(page))
	}
	answer := url.Values{"fingerprint": {fingerprint}, "answer": {"handled"}}
	g.press("/r/"+g.tokens["link"]+"/answer", answer, c)
	if f := g.finding("C-1", "surplus"); f.State != "answered" {
		t.Errorf("the answer made it %+v", f)
	}
	g.clock.set(g.clock.Now().Add(31 * time.Minute))
	before := len(g.db.written())
	g.press("/r/"+g.tokens["link"]+"/answer", answer, c)
	if wrote := g.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("a session that ended wrote %v", wrote)
	}
}

// The desk's screen is for the operator's people: each of its pages, and each of its forms.
func TestTheDesk(t *testing.T) {
	g := guard(t)
	paths := []string{"", "/drafts", "/aside", "/parked", "/fleet", "/accounts/C-1", "/accounts/C-1/page?role=admin", "/accounts/C-1/bundle"}
	posts := []string{"/sign-out", "/drafts", "/aside", "/accounts/C-1/answer", "/accounts/C-1/check", "/accounts/C-1/mail", "/accounts/C-1/revoke"}
	staff := g.session["staff"]
	elsewhere := map[string]*http.Cookie{
		"a customer's session":          {Name: staff.Name, Value: g.session["link"].Value},
		"a customer's link":             {Name: staff.Name, Value: g.tokens["link"]},
		"a session that nobody has":     {Name: staff.Name, Value: g.keys.Sign(link.Link{ID: "nobody", Purpose: link.Desk, Generation: 1, Expires: g.clock.Now().Add(time.Hour)})},
		"a session, a letter too short": {Name: staff.Name, Value: staff.Value[:len(staff.Value)-1]},
	}
	before := len(g.db.written())
	for name, cookie := range elsewhere {
		for _, p := range paths {
			if out := g.get("/support"+p, cookie); out.status != http.StatusFound || strings.Contains(out.body, "Storvik") {
				t.Errorf("%s with %s: %d, want 302", p, name, out.status)
			}
		}
		for _, p := range posts {
			if out := g.press("/support"+p, url.Values{"send": {"true"}}, cookie); out.status != http.StatusSeeOther || out.header.Get("Location") != "/support/sign-in" {
				t.Errorf("%s with %s: %d to %s, want 303 to sign in", p, name, out.status, out.header.Get("Location"))
			}
		}
	}
	for _, p := range append(posts, "/sign-in", "/local-sign-in") {
		r := httptest.NewRequest("POST", "/support"+p, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.AddCookie(staff)
		if out := g.do(r); out.status != 403 {
			t.Errorf("%s from another site: %d, want 403", p, out.status)
		}
	}
	if out := g.press("/support/local-sign-in", nil); out.status != 404 {
		t.Errorf("the local run's button is here, too: %d", out.status)
	}
	for range 3 {
		for _, p := range paths {
			out := g.get("/support"+p, staff)
			if out.status != 200 {
				t.Errorf("%s: %d %.200s", p, out.status, text(out.body))
			}
			private(t, "/support"+p, out)
		}
	}
	if wrote := g.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("looking, and being sent away, wrote %v", wrote)
	}
	// An address that is nobody's gets the same answer, and no mail.
	known, _, _ := g.db.Rows(g.Context(), store.Operations, "mail", store.Page{})
	stranger := g.press("/support/sign-in", url.Values{"address": {"mallory@fjordpartner.example"}})
	if after, _, _ := g.db.Rows(g.Context(), store.Operations, "mail", store.Page{}); len(after) != len(known) {
		t.Error("a stranger is mailed a link")
	}
	if out := g.press("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}}); out.body != stranger.body || out.status != stranger.status {
		t.Error("the answer tells who belongs to the operator")
	}
	// Who signs out is out, wherever the cookie lies.
	g.press("/support/sign-out", nil, staff)
	if out := g.get("/support", staff); out.status != http.StatusFound {
		t.Errorf("signed out, and still: %d", out.status)
	}
}
