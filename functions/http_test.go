package functions_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/functions"
	"seatmend/functions/app"
)

// through plays the gateway: the event goes in as JSON and the answer comes out as JSON.
func through(t *testing.T, h http.HandlerFunc, event string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		t.Fatal(err)
	}
	answer, err := app.Lambda(h)(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return asJSON(t, answer)
}

// asJSON is the answer as the gateway reads it.
func asJSON(t *testing.T, answer events.APIGatewayV2HTTPResponse) (out events.APIGatewayV2HTTPResponse) {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

const post = `{"version":"2.0","routeKey":"POST /users/superoffice/{cust_id}","rawPath":"/users/superoffice/Cust12345",
	"rawQueryString":"a=1&a=2&b=%2F+x","cookies":["one=1","two=2"],
	"headers":{"host":"hooks.fjordpartner.example","content-type":"application/json","content-length":"2","x-repeated":"first,second"},
	"requestContext":{"domainName":"abc.execute-api.eu-north-1.amazonaws.com","http":{"method":"POST","sourceIp":"2001:db8::7"}},
	"body":"e30=","isBase64Encoded":true}`

func TestRequestIsWhatNetHTTPWouldGive(t *testing.T) {
	mux := http.NewServeMux()
	called := false
	mux.HandleFunc("POST /users/superoffice/{cust_id}", func(w http.ResponseWriter, r *http.Request) {
		called = true
		one, _ := r.Cookie("one")
		two, _ := r.Cookie("two")
		for _, c := range []struct {
			name      string
			got, want any
		}{
			{"path value", r.PathValue("cust_id"), "Cust12345"},
			{"request uri", r.RequestURI, "/users/superoffice/Cust12345?a=1&a=2&b=%2F+x"},
			{"repeated parameter", len(r.URL.Query()["a"]), 2},
			{"escaped parameter", r.URL.Query().Get("b"), "/ x"},
			{"host", r.Host, "hooks.fjordpartner.example"},
			{"host among the headers", r.Header.Get("Host"), ""},
			{"remote address", r.RemoteAddr, "[2001:db8::7]:0"},
			{"content type", r.Header.Get("Content-Type"), "application/json"},
			{"repeated header", r.Header.Get("X-Repeated"), "first,second"},
			{"length", r.ContentLength, int64(2)},
			{"cookie one", one != nil && one.Value == "1", true},
			{"cookie two", two != nil && two.Value == "2", true},
		} {
			if c.got != c.want {
				t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
			}
		}
	})
	out := through(t, mux.ServeHTTP, post)
	if got, want := out.StatusCode, 200; got != want || !called {
		t.Errorf("status %d, want %d; handler called: %v", got, want, called)
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ raw, path, uri string }{
		{"/accounts/C-1042", "/accounts/C-1042", "/accounts/C-1042"},
		{"/accounts/Fjord Foods", "/accounts/Fjord Foods", "/accounts/Fjord%20Foods"}, // decoded by the gateway
		{"/accounts/Fjord%20Foods", "/accounts/Fjord Foods", "/accounts/Fjord%20Foods"},
		{"/accounts/a?b#c", "/accounts/a?b#c", "/accounts/a%3Fb%23c"},
		{"/accounts/100%", "/accounts/100%", "/accounts/100%25"},
		{"/accounts/a%2Fb", "/accounts/a/b", "/accounts/a%2Fb"},
		{"/accounts/Åre", "/accounts/Åre", "/accounts/%C3%85re"},
		{"/r/aZ.0_-~/check", "/r/aZ.0_-~/check", "/r/aZ.0_-~/check"},
	} {
		e := events.APIGatewayV2HTTPRequest{RawPath: c.raw, RawQueryString: "q=1"}
		e.RequestContext.HTTP.Method = "GET"
		_, err := app.Lambda(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got, want := r.URL.Path, c.path; got != want {
				t.Errorf("%s: path %q, want %q", c.raw, got, want)
			}
			if got, want := r.RequestURI, c.uri+"?q=1"; got != want {
				t.Errorf("%s: request uri %q, want %q", c.raw, got, want)
			}
		}))(t.Context(), e)
		if err != nil {
			t.Error(err)
		}
	}
}

// A signature is over the bytes that were sent. The same key over the same bytes, on both sides of the
// gateway, must give the same sum, whatever the bytes are.
func TestBodyArrivesToTheByte(t *testing.T) {
	sum := func(b []byte) string {
		h := hmac.New(sha256.New, []byte("whsec"))
		h.Write(b)
		return string(h.Sum(nil))
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, body := range [][]byte{nil, []byte("{ \"a\" : \"\\u00e5\",\r\n\t\"b\":\"å<&>\u2028\" }\n\n"), []byte("\xef\xbb\xbf{}"), every} {
		var e events.APIGatewayV2HTTPRequest
		for _, e.IsBase64Encoded = range []bool{true, false} {
			e.Body = string(body)
			if e.IsBase64Encoded {
				e.Body = base64.StdEncoding.EncodeToString(body)
			}
			out, err := app.Lambda(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, err := io.ReadAll(r.Body)
				if err != nil || sum(got) != sum(body) {
					t.Errorf("base64 %v: %q arrives as %q, %v", e.IsBase64Encoded, body, got, err)
				}
				w.Write(got)
			}))(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			out = asJSON(t, out)
			back := []byte(out.Body)
			if out.IsBase64Encoded {
				if back, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
					t.Fatal(err)
				}
			}
			if sum(back) != sum(body) {
				t.Errorf("base64 %v: %q goes back as %q", e.IsBase64Encoded, body, back)
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    events.APIGatewayV2HTTPResponse
	}{
		{"nothing written", func(w http.ResponseWriter, r *http.Request) {},
			events.APIGatewayV2HTTPResponse{StatusCode: 200}},
		{"a page without a type", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<!doctype html><p>å") },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "<!doctype html><p>å", Headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}}},
		{"bytes", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte("\x89PNG"))
		}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "iVBORw==", IsBase64Encoded: true, Headers: map[string]string{"Content-Type": "image/png"}}},
		{"cookies and repeated headers", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "__Host-a", Value: "1", Path: "/", Secure: true})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.Header().Add("Vary", "Cookie")
			w.Header().Add("Vary", "Accept-Language")
			http.Redirect(w, r, "/r/x", http.StatusSeeOther)
		}, events.APIGatewayV2HTTPResponse{StatusCode: 303, Cookies: []string{"__Host-a=1; Path=/; Secure", "b=2"},
			Headers: map[string]string{"Location": "/r/x", "Vary": "Cookie, Accept-Language"}}},
		{"first status counts, and the headers of that moment", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusGone)
			w.WriteHeader(http.StatusTeapot)
			w.Header().Set("X-Late", "1")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 410}},
	} {
		out := through(t, c.handler, post)
		if out.StatusCode != c.want.StatusCode || out.Body != c.want.Body || out.IsBase64Encoded != c.want.IsBase64Encoded || !slices.Equal(out.Cookies, c.want.Cookies) {
			t.Errorf("%s: %+v, want %+v", c.name, out, c.want)
		}
		for name, want := range c.want.Headers {
			if got := out.Headers[name]; got != want {
				t.Errorf("%s: header %s is %q, want %q", c.name, name, got, want)
			}
		}
		if len(out.Headers) != len(c.want.Headers) {
			t.Errorf("%s: headers %v, want %v", c.name, out.Headers, c.want.Headers)
		}
	}
}

func TestContextAndBrokenEvents(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "deadline and all")
	h := app.Lambda(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) == nil {
			t.Error("the context of the invocation does not arrive")
		}
	}))
	if _, err := h(ctx, events.APIGatewayV2HTTPRequest{RawPath: "/"}); err != nil {
		t.Error(err)
	}
	if _, err := h(ctx, events.APIGatewayV2HTTPRequest{RawPath: "/", Body: "%", IsBase64Encoded: true}); err == nil {
		t.Error("a body that is no base64 is taken")
	}
}

// What a client asks for is the same on this machine and behind the gateway, which hands over the
// path decoded: a percent sign that was meant stays one, and a slash within a parameter parts nothing.
func TestPathsMeanTheSameBehindTheGateway(t *testing.T) {
	seen := func(r *http.Request) string {
		return fmt.Sprintf("%s account=%q token=%q cust=%q rest=%q", r.Pattern, r.PathValue("account"), r.PathValue("token"), r.PathValue("cust_id"), r.PathValue("proxy"))
	}
	for _, path := range []string{
		"/accounts/C-1042", "/accounts/a%2525b", "/accounts/%25", "/accounts/100%25", "/accounts/a%2541", "/accounts/a%2Fb", "/accounts/a%252Fb", "/accounts/Fjord%20Foods%3F",
		"/accounts/a%2Fb/diagnosis", "/accounts/%25/facts", "/r/aZ.0_-~", "/r/a%2525", "/r/a%252Fb/steps/c%2525d", "/r/aZ/seats/e?q=%2541", "/users/superoffice/KVARN%252D1",
		"/support/accounts/a%2525b",
	} {
		var local, remote, key, other string
		mux := func(into, key *string) http.Handler {
			mux, done := http.NewServeMux(), map[string]bool{}
			for _, route := range functions.Routes {
				if route.Pattern == app.Rest {
					continue // see TestTheRest
				}
				if !done[route.Pattern] {
					mux.HandleFunc("GET "+route.Pattern, func(_ http.ResponseWriter, r *http.Request) { *into, *key = seen(r), r.Pattern })
				}
				done[route.Pattern] = true
			}
			return mux
		}
		r := httptest.NewRequest("GET", path, nil)
		mux(&local, &key).ServeHTTP(httptest.NewRecorder(), r)
		e := events.APIGatewayV2HTTPRequest{RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery, RouteKey: strings.Replace(key, "...}", "+}", 1)}
		e.RequestContext.HTTP.Method = "GET"
		if _, err := app.Lambda(mux(&remote, &other))(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if local == "" || local != remote {
			t.Errorf("%s is %s on this machine, and %s behind the gateway", path, local, remote)
		}
	}
}
