package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// What an entry of the secrets leads to, and that none leads anywhere else.
func TestKeys(t *testing.T) {
	for _, c := range []struct{ sender, entry, base, mode string }{
		{"stripe", "rk_live_1", "https://api.stripe.com", "live"},
		{"stripe", "sk_test_1", "https://api.stripe.com", "test"},
		{"stripe", "whsec_1", "", ""},
		{"paddle", "pdl_live_apikey_1", "https://api.paddle.com", "live"},
		{"paddle", "pdl_sdbx_apikey_1", "https://sandbox-api.paddle.com", "test"},
		{"chargebee", "fjord:live_1", "https://fjord.chargebee.com", "live"},
		{"chargebee", "fjord-test:test_1", "https://fjord-test.chargebee.com", "test"},
		{"chargebee", "live_1", "", ""},
		{"chargebee", "evil.example/:live_1", "", ""},
		{"chargebee", "evil.example#:live_1", "", ""},
		{"chargebee", "user@evil:live_1", "", ""},
		{"chargebee", "nordlys:", "", ""},
		{"recurly", "abc", "https://v3.recurly.com", "live"},
		{"recurly", "eu:abc", "https://v3.eu.recurly.com", "live"},
		{"recurly", "eu-test:abc", "https://v3.eu.recurly.com", "test"},
		{"recurly", "evil.example:abc", "", ""},
		{"recurly", "a\nb", "", ""},
	} {
		client := New(func(string) []string { return []string{c.entry} }, time.Now)
		sites, err := client.Sites(c.sender, "")
		if c.base == "" {
			if err == nil || Check(c.sender, []string{c.entry}) == nil || strings.Contains(err.Error(), c.entry) {
				t.Errorf("%s %q: %v, want it refused and not quoted", c.sender, c.entry, err)
			}
			continue
		}
		if err != nil || sites[0].key.base != c.base || sites[0].key.mode != c.mode || Check(c.sender, []string{c.entry}) != nil {
			t.Errorf("%s %q: %+v, %v, want %s in %s", c.sender, c.entry, sites, err, c.base, c.mode)
		}
		if _, err := client.Sites(c.sender, map[string]string{"live": "test", "test": "live"}[c.mode]); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s %q is a key of the other mode: %v", c.sender, c.entry, err)
		}
	}
}

// played is a site that answers so, and the paths that were asked for.
func played(t *testing.T, sender string, answer func(w http.ResponseWriter, r *http.Request)) (Site, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	keys := map[string]string{"stripe": "rk_live_1", "recurly": "abc", "paddle": "p", "chargebee": "fjord:k"}
	c := New(func(sender string) []string { return []string{keys[sender]} }, func() time.Time { return noon })
	c.Base = map[string]string{sender: server.URL}
	sites, err := c.Sites(sender, "live")
	if err != nil {
		t.Fatal(err)
	}
	return sites[0], &asked
}

// An id that leads out of its path is nobody's, and is not asked for.
func TestIdsStayInTheirPath(t *testing.T) {
	for _, id := range []string{"..", ".", "a/../../b", "a?b=c", "a#b", "%2e%2e"} {
		site, asked := played(t, "recurly", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"id":%q}`, "other") })
		if _, err := site.One(t.Context(), "subscription", id); err == nil {
			t.Errorf("%q was found", id)
		}
		for _, path := range *asked {
			if rest, ok := strings.CutPrefix(path, "/subscriptions/"); !ok || strings.ContainsAny(rest, "/?#") {
				t.Errorf("%q asks for %s", id, path)
			}
		}
	}
}

// A list that leads in a circle, or has no end, is none.
func TestListsEnd(t *testing.T) {
	n := 0
	for name, next := range map[string]func(r *http.Request) string{
		"to itself":  func(r *http.Request) string { return r.URL.RequestURI() },
		"in turns":   func(r *http.Request) string { return "/a?" + map[string]string{"1": "2"}[r.URL.RawQuery] },
		"for ever":   func(*http.Request) string { n++; return fmt.Sprint("/a?", n) },
		"elsewhere":  func(*http.Request) string { return "https://evil.example/a" },
		"below":      func(*http.Request) string { return "//evil.example/a" },
		"to nowhere": func(*http.Request) string { return "" },
	} {
		site, asked := played(t, "recurly", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"data":[],"has_more":true,"next":%q}`, next(r))
		})
		if all, err := site.All(t.Context(), "subscription", Owner{Customer: "c"}, noon); !errors.Is(err, ErrTorn) || all != nil {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		if len(*asked) > MaxPages {
			t.Errorf("%s: %d pages", name, len(*asked))
		}
	}
}

// What an answer says of when to ask again, within bounds.
func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		header, value string
		want          time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "99999999999", time.Hour},
		{"Retry-After", "-5", 0},
		{"Retry-After", "Mon, 23 Nov 2026 12:00:30 GMT", 30 * time.Second},
		{"Retry-After", "soon", 0},
		{"X-RateLimit-Reset", fmt.Sprint(noon.Unix() + 12), 12 * time.Second},
		{"X-Other", "1", 0},
	} {
		site, _ := played(t, "recurly", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(c.header, c.value)
			w.WriteHeader(429)
		})
		_, err := site.One(t.Context(), "subscription", "a")
		if busy, ok := errors.AsType[*Busy](err); !ok || busy.RetryAfter != c.want {
			t.Errorf("%s: %s: %v, want %s", c.header, c.value, err, c.want)
		}
	}
}

// A call ends with its context, and nothing of an address or a key stands in what is said.
func TestCallEnds(t *testing.T) {
	site, _ := played(t, "stripe", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := site.One(ctx, "customer", "cus_secret")
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "cus_secret") || strings.Contains(err.Error(), "rk_live") {
		t.Error(err)
	}
}
