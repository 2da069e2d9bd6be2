package functions_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/link"
	"seatmend/shared/store"
)

// Two customers in trouble, a link of each in somebody's inbox, and every link that leads nowhere.
type guarded struct {
	*world
	keys    link.Keys
	tokens  map[string]string // by name, for the paths of pages
	session map[string]*http.Cookie
}

func guard(t *testing.T) guarded { t.Helper(); return guardOn(t, nil) }

func guardOn(t *testing.T, open func(*testing.T, func() time.Time) store.Store) guarded {
	t.Helper()
	w := newWorld(t, open)
	for _, file := range files([]string{"first", "demo/fjord-foods"}) {
		if file != "first/04-standard-renewed.json" {
			if err := outcome(w.tell(file), ""); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
	}
	w.advance(morning.Add(time.Hour))
	keys, err := testSecrets.Keys()
	if err != nil {
		t.Fatal(err)
	}
	g := guarded{w, keys, map[string]string{}, map[string]*http.Cookie{}}
	for _, m := range w.inbox() {
		token := strings.TrimPrefix(path(t, m.Link), "/r/")
		switch m.To {
		case "anna.storm@storvik.example":
			g.tokens["link"] = token
		case "anna.berg@fjordfoods.example":
			g.tokens["other link"] = token
		}
	}
	mine, err := keys.Open(g.tokens["link"], w.clock.Now())
	if err != nil || g.tokens["other link"] == "" {
		t.Fatalf("no two links have come: %v", err)
	}
	for _, name := range []string{"link", "other link"} {
		g.session[name] = w.opened(g.tokens[name])
	}
	sign := func(change func(*link.Link)) string {
		l := mine
		change(&l)
		return keys.Sign(l)
	}
	foreign, err := link.NewKeys(bytes.Repeat([]byte("x"), 32))
	if err != nil {
		t.Fatal(err)
	}
	g.tokens["expired"] = sign(func(l *link.Link) { l.Expires = w.clock.Now() })
	g.tokens["revoked"] = sign(func(l *link.Link) { l.ID = "bm8gc3VjaCByb3c" })
	g.tokens["forged"] = foreign.Sign(mine)
	g.tokens["cut"] = g.tokens["link"][:len(g.tokens["link"])-3]
	g.tokens["a session as link"] = g.session["link"].Value
	g.tokens["nonsense"] = "nonsense"
	g.session["staff"] = g.signIn("nora@fjordpartner.example")
	g.tokens["a desk's session as link"] = g.session["staff"].Value
	return g
}

// signIn signs one of the operator's people in by the mail that they ask for.
func (g guarded) signIn(address string) *http.Cookie {
	g.Helper()
	if out := g.press("/support/sign-in", url.Values{"address": {address}}); out.status != 200 {
		g.Fatalf("answered %v", out)
	}
	rows, _, err := g.db.Rows(g.Context(), store.Operations, "mail", store.Page{})
	if err != nil || len(rows) == 0 {
		g.Fatalf("no mail to sign in with: %v", err)
	}
	var m effects.MailRow
	if err := json.Unmarshal(rows[0].Body, &m); err != nil {
		g.Fatal(err)
	}
	u, err := url.Parse(m.Link)
	if err != nil || m.To != address {
		g.Fatalf("the mail is to %s, with %q: %v", m.To, m.Link, err)
	}
	// To look at the link, as scanners do, uses nothing up.
	if out := g.get(u.Path); out.status != 200 {
		g.Fatalf("the link shows %v", out)
	}
	out := g.press(u.Path, nil)
	cookies := (&http.Response{Header: out.header}).Cookies()
	if out.status != http.StatusSeeOther || len(cookies) != 1 {
		g.Fatalf("not signed in: %v", out)
	}
	if again := g.press(u.Path, nil); again.status != http.StatusGone {
		g.Errorf("the link signs in twice: %v", again.status)
	}
	return cookies[0]
}

// opened asks for names and choices, and gives the session.
func (w *world) opened(token string) *http.Cookie {
	w.Helper()
	r := w.press("/r/"+token+"/session", nil)
	cookies := (&http.Response{Header: r.header}).Cookies()
	if r.status != http.StatusSeeOther || len(cookies) != 1 {
		w.Fatalf("no session: %v", r)
	}
	return cookies[0]
}

// access is what a caller meets on a route, by what the caller can show.
type access map[string]int

var (
	staffOnly = access{"nothing": 401, "wrong token": 401, "operator": 200, "operator in small letters": 401, "link": 401, "session": 401, "empty": 401}
	senders   = access{"nothing": 401, "wrong token": 401, "operator": 401, "operator in small letters": 401, "link": 401, "session": 401, "empty": 401}
	anybody   = access{"nothing": 200, "wrong token": 200, "operator": 200, "operator in small letters": 200, "link": 200, "session": 200, "empty": 200}
)

// deskOnly sends whoever is not signed in to where one signs in.
func deskOnly(away, in int) access {
	return access{"nothing": away, "wrong token": away, "operator": away, "link": away, "session": away, "empty": away, "staff": in}
}

// holders of a link: what they see of the page, and what the page does.
func holders(mine, session int) access {
	return access{"link": mine, "other link": mine, "link and the other's session": mine, "link and session": session, "expired": 410, "revoked": 410, "forged": 404, "cut": 404,
		"a session as link": 404, "a desk's session as link": 404, "nonsense": 404, "operator": 404}
}

// noPage: what opens a page, or is none of ours, ends no reminders (see TestUnsubscribeByOnePost).
var noPage = access{"link": 404, "other link": 404, "expired": 404, "revoked": 404, "forged": 404, "cut": 404, "a session as link": 404, "nonsense": 404, "operator": 404}

// doors has every route. One that is new fails the test until it is here.
var doors = map[string]access{
	"POST /billing/{sender}":            senders,
	"POST /users/{sender}":              senders,
	"POST /users/superoffice/{cust_id}": senders,
	"POST /users/superoffice-state":     senders,
	"POST /login-warnings":              senders,
	"GET /help":                         anybody,
	"GET /healthz":                      anybody,
	"GET /openapi.yaml":                 anybody,
	"GET /schemas":                      anybody,
	"GET /schemas/{file}":               anybody,
	"POST /help":                        anybody,
	"GET /r/{token}":                    holders(200, 200),
	"GET /r/{token}/{proxy...}":         holders(303, 303),
	"POST /r/{token}/{proxy...}":        holders(200, 303),
	"GET /unsubscribe/{token}":          noPage,
	"POST /unsubscribe/{token}":         noPage,
	"GET /support":                      deskOnly(302, 200),
	"GET /support/{proxy...}":           deskOnly(302, 200),
	"POST /support/{proxy...}":          deskOnly(303, 303),
	"GET /accounts":                     staffOnly,
	"GET /accounts/{account}":           staffOnly,
	"GET /accounts/{account}/diagnosis": staffOnly,
	"GET /accounts/{account}/facts":     staffOnly,
	"GET /accounts/{account}/mails":     staffOnly,
	"GET /accounts/{account}/tasks":     staffOnly,
	"GET /accounts/{account}/seats":     staffOnly,
	"GET /parked":                       staffOnly,
	"GET /aside":                        staffOnly,
	"POST /drafts":                      staffOnly,
}

// request is one for the route, with what the caller can show.
func (g guarded) request(r app.Route, shows string) *http.Request {
	token := g.tokens[shows]
	var cookie *http.Cookie
	bearer := ""
	switch shows {
	case "wrong token":
		bearer = "Bearer " + secret("other")
	case "operator":
		bearer, token = "Bearer "+testSecrets["operator"][0], testSecrets["operator"][0]
	case "operator in small letters":
		bearer = "bearer " + strings.ToLower(testSecrets["operator"][0])
	case "empty":
		bearer = "Bearer "
	case "link":
		bearer = "Bearer " + token
	case "session":
		bearer, cookie = "Bearer "+g.session["link"].Value, g.session["link"]
	case "link and session":
		token, cookie = g.tokens["link"], g.session["link"]
	case "link and the other's session":
		token, cookie = g.tokens["link"], g.session["other link"]
	}
	below, body := "check", ""
	if strings.HasPrefix(r.Pattern, "/support") {
		below, body = "drafts", "do=send"
	}
	if shows == "staff" {
		cookie = g.session["staff"]
	}
	target := strings.NewReplacer("{sender}", "standard", "{cust_id}", "Cust10001", "{token}", url.PathEscape(token), "{proxy...}", below, "{account}", "C-1", "{file}", "account.changed.json").Replace(r.Pattern)
	if r.Pattern == "/drafts" {
		body = `{"send":true}`
	}
	q := httptest.NewRequest(r.Method, target, strings.NewReader(body))
	if strings.HasPrefix(r.Pattern, "/support") {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if bearer != "" {
		q.Header.Set("Authorization", bearer)
	}
	if cookie != nil {
		q.AddCookie(cookie)
	}
	return q
}

// Whoever may not is sent away from every single route, a GET writes nothing whoever asks, and
// who is sent away writes nothing at all.
func TestEveryDoor(t *testing.T) {
	g := guard(t)
	for _, r := range functions.Routes {
		if r.Pattern == app.Rest {
			continue // see TestTheRest
		}
		name := r.Method + " " + r.Pattern
		expected, ok := doors[name]
		if !ok {
			t.Errorf("%s is new: say here who may use it", name)
			continue
		}
		for shows, want := range expected {
			before := len(g.db.written())
			out := g.do(g.request(r, shows))
			if out.status != want {
				t.Errorf("%s with %s: %d, want %d: %.200s", name, shows, out.status, want, text(out.body))
			}
			answered(t, name+" with "+shows, out)
			if wrote := g.db.written()[before:]; len(wrote) > 0 && (r.Method == "GET" || out.status >= 400) {
				t.Errorf("%s with %s: %d, and wrote %v", name, shows, out.status, wrote)
			}
			if strings.HasPrefix(r.Pattern, "/r/") || strings.HasPrefix(r.Pattern, "/support") && (out.status < 300 || out.status >= 400) {
				private(t, name+" with "+shows, out)
			}
			for _, other := range []string{"Fjord Foods", "Anna Berg", "12345"} {
				if shows != "other link" && strings.HasPrefix(r.Pattern, "/r/") && strings.Contains(out.body, other) {
					t.Errorf("%s with %s tells of another customer: %q", name, shows, other)
				}
			}
		}
	}
	for name := range doors {
		if !slices.ContainsFunc(functions.Routes, func(r app.Route) bool { return r.Method+" "+r.Pattern == name }) {
			t.Errorf("%s is no route any more", name)
		}
	}
}

// answered holds whatever is answered to what keeps a browser from taking it for what it is not.
func answered(t *testing.T, what string, r reply) {
	t.Helper()
	h := r.header
	if h.Get("Strict-Transport-Security") != "max-age=31536000; includeSubDomains" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("%s: answered with %v", what, h)
	}
	kind := h.Get("Content-Type")
	if r.body != "" && kind == "" || strings.HasPrefix(kind, "text/") && !strings.Contains(strings.ToLower(kind), "charset=utf-8") {
		t.Errorf("%s: %q is %q", what, kind, text(r.body))
	}
	if origin := h.Get("Access-Control-Allow-Origin"); origin != "" && !strings.Contains(what, "/openapi.yaml") && !strings.Contains(what, "/schemas") {
		t.Errorf("%s: read by pages of %s", what, origin)
	}
}

// private holds a page to the policy that keeps it from running, loading, being kept or framed.
func private(t *testing.T, what string, r reply) {
	t.Helper()
	csp := r.header.Get("Content-Security-Policy")
	if strings.Contains(what, "/support") {
		// The desk's screen has one script of ours, for keys.
		csp = strings.Replace(csp, "script-src 'self';", "", 1)
		r.body = strings.Replace(r.body, `<script src="/support/keys.js" defer></script>`, "", 1)
	}
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script-src") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("%s: Content-Security-Policy %q", what, csp)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
	if got := r.header.Get("Referrer-Policy"); got == "" || strings.Contains(got, "unsafe") {
		t.Errorf("%s: Referrer-Policy %q", what, got)
	}
	if strings.Contains(r.body, "<script") || strings.Contains(r.body, " onclick") {
		t.Errorf("%s has a script", what)
	}
}

// What the router answers by itself, and what is refused before anything is read, is as private as the
// page, and a person reads it as one.
func TestWhatNoHandlerAnswers(t *testing.T) {
	g := guard(t)
	token := g.tokens["link"]
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/r//" + token, 307}, {"GET", "//r/" + token, 307}, {"GET", "/x/../r/" + token, 307}, {"GET", "/r/" + token + "//steps/x", 307},
		{"POST", "/r//" + token + "/check", 307}, {"PUT", "/r/" + token, 405}, {"DELETE", "/r/" + token + "/check", 405}, {"POST", "/r/" + token, 307},
		{"PUT", "/help", 405}, {"GET", "/help/", 308}, {"GET", "/r/", 404}, {"GET", "/r", 404}, {"GET", "/support//accounts/C-1", 307}, {"PUT", "/support", 405},
	} {
		for where, h := range map[string]http.Handler{"all": g.app.Handler("", functions.Routes), "remedy": g.app.Handler("remedy", functions.Routes)} {
			if where == "remedy" && !strings.Contains(c.path, "/r/") {
				continue
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(c.method, "http://licens.fjordpartner.example"+c.path, nil))
			out := reply{rec.Code, rec.Result().Header, rec.Body.String()}
			if out.status != c.status || c.status == 405 && (!strings.Contains(out.body, `{"error":{"code":"method_not_allowed"`) || !strings.Contains(out.body, out.header.Get("Allow")[:3])) {
				t.Errorf("%s %s, %s: %d %s, want %d", c.method, c.path, where, out.status, out.body, c.status)
			}
			private(t, c.method+" "+c.path+", "+where, out)
		}
	}
	for _, path := range []string{"/r/" + token + "/check", "/r/" + token + "/answer", "/help"} {
		for lang, says := range map[string][2]string{"en": {"did not come from our page", "did not arrive in full"}, "sv": {"från en annan sida än vår", "kom inte fram helt"}} {
			form := httptest.NewRequest("POST", path, strings.NewReader("value=Cust10001"))
			form.Header.Set("Sec-Fetch-Site", "cross-site")
			form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			form.Header.Set("Accept-Language", lang)
			broken := httptest.NewRequest("POST", path, strings.NewReader("value=%zz"))
			broken.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			broken.Header.Set("Accept-Language", lang)
			for i, r := range []*http.Request{form, broken} {
				out, status := g.do(r), []int{403, 400}[i]
				private(t, path, out)
				if i == 1 && lang == "sv" && path != "/help" {
					continue // the reader's own language is English
				}
				if out.status != status || !strings.HasPrefix(out.header.Get("Content-Type"), "text/html") || !strings.Contains(text(out.body), says[i]) {
					t.Errorf("%s: %d %s %.200s, want %d: %s", path, out.status, out.header.Get("Content-Type"), text(out.body), status, says[i])
				}
			}
		}
	}
}

var hrefs = regexp.MustCompile(`(?:href|action|src)="([^"]+)"`)

// Mail scanners open every link, and every link behind it, again and again. So may a browser
// with a session, which sees more of them.
func TestScanners(t *testing.T) {
	g := guard(t)
	owner := g.browse("/r/" + g.tokens["other link"]).session()
	owner.choose(g.finding("C-1042", "surplus").Fingerprint, "13") // so that there are steps to look at
	before, mails := len(g.db.written()), len(g.inbox())
	for _, m := range g.inbox() {
		page := path(t, m.Link)
		first := g.get(page).body
		for range 20 {
			if g.get(page).body != first {
				t.Fatal("the page changes by being looked at")
			}
		}
		if strings.Contains(first, "Karl Nyström") || strings.Contains(first, "Person 1") {
			t.Error("names are shown to whoever follows the link")
		}
		g.follow(page)
	}
	if wrote := g.db.written()[before:]; len(wrote) > 0 || len(g.inbox()) != mails {
		t.Errorf("scanners wrote %v", wrote)
	}
	seen := strings.Join(g.follow(owner.base, owner.cookies...), " ")
	for _, page := range []string{"/seats/", "/steps/"} {
		if !strings.Contains(seen, owner.base+page) {
			t.Errorf("with a session nothing leads to %s: %s", page, seen)
		}
	}
	if wrote := g.db.written()[before:]; len(wrote) > 0 || len(g.inbox()) != mails {
		t.Errorf("to look with a session wrote %v", wrote)
	}
}

// Odd paths and odd questions are answered, and never by a fault of ours.
func TestOddRequests(t *testing.T) {
	g := guard(t)
	odd := []string{"%00", "a%2Fb", "..%2F..", "%F0%9F%92%A5", "%FF", "%27%3B--", strings.Repeat("x", 5000), "fleet", "*", "C-1%20", "~"}
	queries := []string{"", "?at=x&lang=xx&cursor=%00&limit=-1", "?at=0001-01-01T00:00:00Z&limit=99999999999999999999", "?at=9999-12-31&q=%FF", "?cursor=e30&plan=%00&cust_id=x", "?at=2026-02-30&;;&%"}
	for _, r := range functions.Routes {
		if r.Pattern == app.Rest {
			continue // see TestTheRest
		}
		for _, value := range odd {
			for _, query := range queries {
				target := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(r.Pattern, value) + query
				q := httptest.NewRequest(r.Method, target, strings.NewReader("%=%&x=\xff"))
				q.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
				q.Header.Set("Accept-Language", "\xff;;,,")
				q.Header.Set("Content-Type", "application/x-www-form-urlencoded; =")
				q.Header.Set("Cookie", g.session["link"].Name+"=%00.x.y")
				if out := g.do(q); out.status >= 500 {
					t.Errorf("%s %.80s: %d %s", r.Method, target, out.status, text(out.body))
				}
			}
		}
	}
	if t.Failed() {
		t.Logf("%.2000s", g.logs.String())
	}
}
