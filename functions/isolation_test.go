package functions_test

import (
	"encoding/json"
	"fmt"
	"maps"
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
	"seatmend/shared/store"
)

// A try is one request of B's for something of A.
type try struct {
	what, method, path string
	form               url.Values
	body               string
	proof              func(*http.Request)
	status             []int // 0: below 500, and what is shown is B's or nobody's
	tells              bool  // the sender or the operator proves more than B could: only writes count
}

// asB, asStaff and operator are how somebody proves who it is.
func (n neighbours) asB(r *http.Request) { r.AddCookie(n.b.cookies[0]) }

func (n neighbours) asStaff(r *http.Request) {
	r.AddCookie(n.staff)
}

func (n neighbours) operator(r *http.Request) {
	r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
}

// bearer puts B's link, and B's session, where the operator's token belongs.
func (n neighbours) bearer(r *http.Request) {
	r.Header.Set("Authorization", "Bearer "+strings.TrimPrefix(n.b.base, "/r/"))
	r.AddCookie(n.b.cookies[0])
}

var kinds = []string{"account", "token", "session", "link", "fingerprint", "choice", "task", "case", "plan", "module", "contact", "role", "user", "name", "mail", "draft",
	"cust_id", "serial", "offer", "cursor of facts", "cursor of people", "roster", "invoice"}

// each makes a try with each thing of A.
func (n neighbours) each(do func(kind, thing string) []try) (all []try) {
	for _, kind := range kinds {
		all = append(all, do(kind, n.things[kind])...)
	}
	return all
}

// denied are requests for A's own paths with B's proofs, which no operator's route takes.
func (n neighbours) denied(method, pattern, body string) []try {
	return n.each(func(kind, thing string) []try {
		path := strings.ReplaceAll(pattern, "{account}", url.PathEscape(thing))
		return []try{{kind + " with B's link and session", method, path, nil, body, n.bearer, []int{401}, false}}
	})
}

// open are requests for what anybody may read, where a thing of A leads nowhere.
func (n neighbours) open(pattern string, want int) []try {
	return n.each(func(kind, thing string) []try {
		path := strings.ReplaceAll(pattern, "{account}", url.PathEscape(thing))
		return []try{{kind, "GET", path, nil, "", n.asB, []int{want}, false}}
	})
}

// read are what the operator asks of B's account with a thing of A in each question, and of
// things that are no account.
func (n neighbours) read(pattern string, queries ...string) []try {
	all := n.denied("GET", pattern, "")
	return append(all, n.each(func(kind, thing string) (some []try) {
		if kind != "account" && strings.Contains(pattern, "{account}") {
			some = append(some, try{kind + " as account", "GET", strings.ReplaceAll(pattern, "{account}", url.PathEscape(thing)), nil, "", n.operator, []int{404}, false})
		}
		for _, q := range queries {
			some = append(some, try{kind + " as " + q, "GET", strings.ReplaceAll(pattern, "{account}", "H-1") + "?" + q + "=" + url.QueryEscape(thing), nil, "", n.operator, nil, false})
		}
		return some
	})...)
}

// fields replaces one field after the other by a thing of A.
func (n neighbours) fields(method, base string, forms map[string]url.Values, proof func(*http.Request)) []try {
	return n.each(func(kind, thing string) (some []try) {
		for _, form := range slices.Sorted(maps.Keys(forms)) {
			path, _, _ := strings.Cut(form, "?")
			for _, field := range slices.Sorted(maps.Keys(forms[form])) {
				for _, value := range []string{thing, "steps/" + thing} {
					if value != thing && field != "from" && field != "next" {
						continue
					}
					typed := url.Values(http.Header(forms[form]).Clone())
					typed.Set(field, value)
					some = append(some, try{kind + " as " + field + " of " + form, method, base + path, typed, "", proof, nil, false})
				}
			}
		}
		return some
	})
}

// isolation has every route, with the ways in which B could ask there for what is A's. A route
// that is new fails the test until it is here.
var isolation = map[string]func(neighbours) []try{
	"POST /billing/{sender}": func(n neighbours) []try { return n.denied("POST", "/billing/standard?x={account}", `{"type":"x"}`) },
	"POST /users/{sender}":   func(n neighbours) []try { return n.denied("POST", "/users/standard?x={account}", `{"type":"x"}`) },
	"POST /users/superoffice-state": func(n neighbours) []try {
		return n.denied("POST", "/users/superoffice-state?x={account}", `{"ChangeType":2}`)
	},
	"POST /users/superoffice/{cust_id}": func(n neighbours) []try { return n.denied("POST", "/users/superoffice/{account}", `{"EventId":"x"}`) },
	"POST /login-warnings":              func(n neighbours) []try { return n.denied("POST", "/login-warnings?x={account}", `{"type":"x"}`) },
	"GET /healthz":                      func(n neighbours) []try { return n.open("/healthz?account={account}", 200) },
	"GET /openapi.yaml":                 func(n neighbours) []try { return n.open("/openapi.yaml?account={account}", 200) },
	"GET /schemas":                      func(n neighbours) []try { return n.open("/schemas?account={account}", 200) },
	"GET /schemas/{file}":               func(n neighbours) []try { return n.open("/schemas/{account}.json", 404) },
	"GET /help": func(n neighbours) []try {
		return n.each(func(kind, thing string) []try {
			return []try{{kind, "GET", "/help?value=" + url.QueryEscape(thing), nil, "", n.asB, []int{200}, false}}
		})
	},
	// Whoever knows a CustID hears one calm line, without a name or a number; A's own
	// administrator may be mailed, and nobody else: see TestHelp.
	"POST /help": func(n neighbours) []try {
		return n.each(func(kind, thing string) []try {
			if kind == "cust_id" {
				return nil
			}
			return []try{{kind, "POST", "/help", url.Values{"value": {thing}}, "", n.asB, []int{200, 429}, false}}
		})
	},
	"GET /r/{token}": func(n neighbours) []try {
		all := n.each(func(kind, thing string) []try {
			if kind == "token" {
				return nil // is A's own proof: see below
			}
			return []try{{kind + " as token", "GET", "/r/" + url.PathEscape(thing), nil, "", n.asB, []int{404}, false}}
		})
		return append(all, try{"A's session on B's page", "GET", n.b.base, nil, "", func(r *http.Request) { r.AddCookie(n.session) }, []int{200}, false})
	},
	"GET /r/{token}/{proxy...}": func(n neighbours) []try {
		return n.each(func(kind, thing string) (some []try) {
			for _, page := range []string{"seats", "steps", "list", "activate", "choice", "facts"} {
				some = append(some, try{kind + " as " + page, "GET", n.b.base + "/" + page + "/" + url.PathEscape(thing), nil, "", n.asB, []int{303}, false})
			}
			for _, q := range []string{"q", "after", "skip"} {
				some = append(some, try{kind + " as " + q, "GET", n.b.base + "/seats/" + n.fp + "?" + q + "=" + url.QueryEscape(thing), nil, "", n.asB, nil, false})
			}
			if kind == "token" {
				for _, page := range []string{"/seats/" + n.things["fingerprint"], "/steps/" + n.things["fingerprint"], "/list/" + n.things["fingerprint"], "/activate/" + granitCust} {
					some = append(some, try{"A's link with B's session", "GET", "/r/" + thing + page, nil, "", n.asB, []int{303}, true})
				}
			}
			return some
		})
	},
	"POST /r/{token}/{proxy...}": func(n neighbours) []try {
		all := n.fields("POST", n.b.base, n.pageForms(), n.asB)
		for form, fields := range n.pageForms() {
			form, _, _ = strings.Cut(form, "?")
			if fields = url.Values(http.Header(fields).Clone()); form == "/check" || form == "/session" || form == "/new-link" {
				continue // a link alone may read again, and open a session of its own
			}
			fields.Set("fingerprint", n.things["fingerprint"])
			fields.Set("cust_id", granitCust)
			fields.Set("offer", n.things["offer"])
			all = append(all, try{form + " of A's link with B's session", "POST", "/r/" + n.things["token"] + form, fields, "", n.asB, []int{303}, true})
		}
		return all
	},
	"GET /support": func(n neighbours) []try {
		return []try{{"with B's session", "GET", "/support", nil, "", n.asB, []int{302}, false}}
	},
	"GET /support/{proxy...}": func(n neighbours) []try {
		return n.each(func(kind, thing string) []try {
			at := "/support/accounts/"
			some := []try{
				{kind + " with B's session", "GET", at + url.PathEscape(thing), nil, "", n.asB, []int{302}, false},
				{kind + " as before", "GET", at + "H-1?before=" + url.QueryEscape(thing), nil, "", n.asStaff, nil, false},
				{kind + " as role of B's page", "GET", at + "H-1/page?role=" + url.QueryEscape(thing), nil, "", n.asStaff, nil, false},
				{kind + " as question of B's bundle", "GET", at + "H-1/bundle?id=" + url.QueryEscape(thing), nil, "", n.asStaff, nil, false},
			}
			if kind != "account" {
				some = append(some, try{kind + " as account", "GET", at + url.PathEscape(thing), nil, "", n.asStaff, []int{404}, false})
			}
			return some
		})
	},
	"POST /support/{proxy...}": func(n neighbours) []try {
		forms := map[string]url.Values{
			"/answer": {"fingerprint": {"none"}, "answer": {"handled"}}, "/paid": {"fingerprint": {"none"}}, "/screen": {"cust_id": {"none"}, "offer": {"active"}, "expires": {"2027-12-13"}, "confirm": {"yes"}}, "/takeback": {"cust_id": {"none"}},
			"/mail": {"mail": {"none"}}, "/drafts": {"do": {"send"}, "id": {"none"}}, "/revoke": {"id": {"none"}},
		}
		all := n.fields("POST", "/support/accounts/H-1", forms, n.asStaff)
		all = append(all, n.fields("POST", "/support/accounts/H-1", forms, n.asB)...)
		return append(all, n.each(func(kind, thing string) []try {
			return []try{
				{kind + " as draft of B", "POST", "/support/drafts", url.Values{"do": {"send"}, "account": {"H-1"}, "id": {thing}}, "", n.asStaff, nil, false},
				{kind + " as token to sign in", "POST", "/support/in/" + url.PathEscape(thing), nil, "", n.asB, []int{404, 410}, false},
			}
		})...)
	},
	"GET /unsubscribe/{token}":          func(n neighbours) []try { return n.unsubscribe("GET") },
	"POST /unsubscribe/{token}":         func(n neighbours) []try { return n.unsubscribe("POST") },
	"GET /accounts":                     func(n neighbours) []try { return n.denied("GET", "/accounts?q={account}", "") },
	"GET /accounts/{account}":           func(n neighbours) []try { return n.read("/accounts/{account}", "account", "cust_id") },
	"GET /accounts/{account}/diagnosis": func(n neighbours) []try { return n.read("/accounts/{account}/diagnosis", "at", "lang") },
	"GET /accounts/{account}/facts":     func(n neighbours) []try { return n.read("/accounts/{account}/facts", "cursor", "limit") },
	"GET /accounts/{account}/mails":     func(n neighbours) []try { return n.read("/accounts/{account}/mails", "id", "cursor") },
	"GET /accounts/{account}/tasks":     func(n neighbours) []try { return n.read("/accounts/{account}/tasks", "task", "cursor") },
	"GET /accounts/{account}/seats": func(n neighbours) []try {
		return n.read("/accounts/{account}/seats", "cust_id", "plan", "cursor", "plan=gold&cursor", "plan=sales&cust_id")
	},
	"GET /parked": func(n neighbours) []try { return n.denied("GET", "/parked?cursor={account}", "") },
	"GET /aside":  func(n neighbours) []try { return n.denied("GET", "/aside?cursor={account}", "") },
	"POST /drafts": func(n neighbours) []try {
		all := n.denied("POST", "/drafts?x={account}", `{"send":true,"account":"G-1"}`)
		return append(all, n.each(func(kind, thing string) []try {
			id, _ := json.Marshal(thing)
			return []try{{kind + " as draft of B", "POST", "/drafts", nil, fmt.Sprintf(`{"send":true,"account":"H-1","id":%s}`, id), n.operator, nil, false}}
		})...)
	},
}

// unsubscribe is A's things in the place of a token.
func (n neighbours) unsubscribe(method string) []try {
	return n.each(func(kind, thing string) []try {
		return []try{{kind + " as token", method, "/unsubscribe/" + url.PathEscape(thing), nil, "", n.asB, []int{404, 410}, false}}
	})
}

var onlyB = regexp.MustCompile(`^(POST|GET) /r/`)

// Nobody of B gets at anything of A, on any route, in any place of a request; nor does what is
// said of B change A.
func TestIsolation(t *testing.T) {
	for name, open := range map[string]func(*testing.T, func() time.Time) store.Store{"memory": inMemory, "dynamodb": onDynamo} {
		t.Run(name, func(t *testing.T) {
			n := neighbour(t, open)
			for route := range isolation {
				if !slices.ContainsFunc(functions.Routes, func(r app.Route) bool { return r.Method+" "+r.Pattern == route }) {
					t.Errorf("%s is no route any more", route)
				}
			}
			made := 0
			for _, r := range functions.Routes {
				if r.Pattern == app.Rest {
					continue // see TestTheRest
				}
				route := r.Method + " " + r.Pattern
				tries, ok := isolation[route]
				if !ok {
					t.Errorf("%s is new: say here how somebody of another customer could ask there", route)
					continue
				}
				for i, x := range tries(n) {
					if (name != "memory" || testing.Short()) && i%8 != 0 && !strings.Contains(x.what, "cursor") {
						continue // the same code over the same law: some of them, and all cursors
					}
					n.try(route, x)
					made++
				}
			}
			t.Logf("%d requests", made)
		})
	}
}

// try makes one request, follows where it leads, and holds the answers to having nothing of A.
func (n neighbours) try(route string, x try) {
	n.Helper()
	body := x.body
	if x.form != nil {
		body = x.form.Encode()
	}
	q := httptest.NewRequest(x.method, x.path, strings.NewReader(body))
	if x.form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	x.proof(q)
	n.clock.set(n.clock.Now().Add(time.Millisecond))
	before := len(n.db.written())
	out := n.do(q)
	if x.status != nil && !slices.Contains(x.status, out.status) || out.status >= 500 {
		n.Errorf("%s, %s: %d, want %v: %.200s", route, x.what, out.status, x.status, text(out.body))
	}
	seen := out.body
	if out.status == http.StatusSeeOther && onlyB.MatchString(route) {
		r := httptest.NewRequest("GET", out.header.Get("Location"), nil)
		x.proof(r)
		second := n.do(r)
		if second.status == http.StatusSeeOther {
			r = httptest.NewRequest("GET", second.header.Get("Location"), nil)
			x.proof(r)
			second = n.do(r)
		}
		seen += second.body
	}
	asked := x.path + " " + body
	if decoded, err := url.QueryUnescape(asked); err == nil {
		asked += decoded
	}
	for _, m := range n.markers {
		people := strings.Contains(m, " ")
		if strings.Contains(seen, m) && !strings.Contains(asked, m) && (!x.tells || people) {
			n.Errorf("%s, %s: the answer tells %q of the other customer: %.300s", route, x.what, m, text(seen))
		}
	}
	n.woken = nil
	for _, wrote := range n.db.written()[before:] {
		if strings.Contains(wrote, "G-1") {
			n.Errorf("%s, %s: wrote to the other customer: %s", route, x.what, wrote)
		}
	}
}
