package functions_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/functions"
	"seatmend/functions/app"
)

// TestTheRest: what no route takes is answered by us, and not by the gateway: here, and by the
// function that has $default.
func TestTheRest(t *testing.T) {
	g := guard(t)
	const person, program = "text/html,application/xhtml+xml", "application/json"
	for _, c := range []struct {
		method, path, accept string
		status               int
		says                 string // the media type, or where it leads
	}{
		{"GET", "/", person, 302, "/help"}, {"GET", "/", "", 302, "/help"}, {"HEAD", "/", "", 302, "/help"},
		{"GET", "/help/", person, 308, "/help"}, {"GET", "/help/?value=x", person, 308, "/help?value=x"},
		{"GET", "/nothing", person, 404, "text/html"}, {"GET", "/nothing", program, 404, "application/json"}, {"GET", "/favicon.ico", "", 404, "application/json"},
		{"GET", "/r", "", 404, "text/html"}, {"GET", "/r/", "", 404, "text/html"}, {"HEAD", "/nothing", person, 404, "text/html"}, {"DELETE", "/nothing", "", 404, "application/json"},
		{"POST", "/", "", 404, "application/json"},
	} {
		request := func() *http.Request {
			r := httptest.NewRequest(c.method, "http://licens.fjordpartner.example"+c.path, nil)
			r.Header.Set("Accept", c.accept)
			return r
		}
		e := events.APIGatewayV2HTTPRequest{RouteKey: "$default", Headers: map[string]string{"accept": c.accept}}
		e.RawPath, e.RawQueryString, _ = strings.Cut(c.path, "?")
		e.RequestContext.HTTP.Method, e.RequestContext.Stage = c.method, "$default"
		answer, err := app.Lambda(g.app.Handler("loginwarning", functions.Routes))(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if c.method == "HEAD" && answer.Body != "" {
			t.Errorf("%s %s: HEAD has a body", c.method, c.path)
		}
		remote := reply{answer.StatusCode, http.Header{}, answer.Body}
		for name, value := range answer.Headers {
			remote.header.Set(name, value)
		}
		for where, out := range map[string]reply{"here": g.do(request()), "behind the gateway": remote} {
			said := out.header.Get("Content-Type")
			if c.status < 400 {
				said = out.header.Get("Location")
			}
			if out.status != c.status || c.status < 400 && said != c.says || !strings.HasPrefix(said, c.says) {
				t.Errorf("%s %s for %q, %s: %d %q, want %d %q", c.method, c.path, c.accept, where, out.status, said, c.status, c.says)
			}
			if c.says == "text/html" {
				private(t, c.path, out)
			}
		}
	}
	// Beyond the gateway a slash too many misses the desk's and the page's own routes.
	for path, to := range map[string]string{"/support/": "/support", "/r/abc/": "/r/abc", "//evil.example/": "/evil.example/", "//support/": "/support/", "/support//": "/support/", "/r/a/b/c/": ""} {
		e := events.APIGatewayV2HTTPRequest{RouteKey: "$default", RawPath: path}
		e.RequestContext.HTTP.Method = "GET"
		answer, err := app.Lambda(g.app.Handler("loginwarning", functions.Routes))(t.Context(), e)
		if err != nil || answer.Headers["Location"] != to && !(to == "" && answer.StatusCode >= 400) {
			t.Errorf("%s: %d to %q, want %q", path, answer.StatusCode, answer.Headers["Location"], to)
		}
		if at := answer.Headers["Location"]; strings.HasPrefix(at, "//") || strings.Contains(at, "://") {
			t.Errorf("%s leads away, to %s", path, at)
		}
	}
}

// TestAStageIsNoPartOfThePath: of a stage with a name, the gateway hands over its name in front.
func TestAStageIsNoPartOfThePath(t *testing.T) {
	g := guard(t)
	for _, c := range []struct {
		stage, route, path string
		status             int
	}{
		{"prod", "GET /help", "/prod/help", 200}, {"prod", "GET /help", "/help", 200}, {"$default", "GET /help", "/help", 200}, {"", "GET /help", "/help", 200},
		{"help", "GET /help", "/help", 200}, {"help", "GET /help", "/help/help", 200}, {"prod", "$default", "/prod", 302}, {"prod", "$default", "/prod/", 302}, {"prod", "$default", "/production", 404},
		{"prod", "GET /r/{token}", "/prod/r/" + g.tokens["link"], 200}, {"prod", "GET /r/{token}", "/prod/r/abc", 404},
	} {
		e := events.APIGatewayV2HTTPRequest{RouteKey: c.route, RawPath: c.path}
		e.RequestContext.HTTP.Method, e.RequestContext.Stage = "GET", c.stage
		answer, err := app.Lambda(g.app.Handler("", functions.Routes))(t.Context(), e)
		if err != nil || answer.StatusCode != c.status {
			t.Errorf("stage %q, %s: %d, want %d: %v", c.stage, c.path, answer.StatusCode, c.status, err)
		}
	}
}

// TestAnIDThatNobodyHas: one that is longer than any is as unknown as another, on both stores.
func TestAnIDThatNobodyHas(t *testing.T) {
	for name, open := range bothStores {
		g := guardOn(t, open)
		id := strings.Repeat("x", 3000)
		for _, below := range []string{"", "/diagnosis", "/facts", "/mails", "/tasks", "/seats?plan=p&cust_id=c"} {
			r := httptest.NewRequest("GET", "/accounts/"+id+below, nil)
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			if out := g.do(r); out.status != 404 {
				t.Errorf("%s, %s: %v", name, below, out)
			}
		}
		for _, path := range []string{"/support/accounts/" + id, "/support/accounts/" + id + "/bundle", "/help?value=" + id, "/r/" + id, "/r/" + g.tokens["link"] + "/seats/" + id} {
			if out := g.get(path, g.session["staff"], g.session["link"]); out.status >= 500 {
				t.Errorf("%s, %.40s: %d %.200s", name, path, out.status, text(out.body))
			}
		}
		for path, body := range map[string]string{"/help": "value=" + id, "/support/drafts": "do=send&account=" + id, "/support/accounts/" + id + "/check": "cust_id=x", "/r/" + g.tokens["link"] + "/answer": "fingerprint=" + id + "&answer=handled"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(g.session["staff"])
			r.AddCookie(g.session["link"])
			if out := g.do(r); out.status >= 500 {
				t.Errorf("%s, POST %.40s: %d %.200s", name, path, out.status, text(out.body))
			}
		}
	}
}
