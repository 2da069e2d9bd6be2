package functions_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// pressFrom sends a form from an address, in a language.
func (w *world) pressFrom(ip, lang, path string, fields url.Values) reply {
	w.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(fields.Encode()))
	r.RemoteAddr = ip
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", lang)
	return w.do(r)
}

// A company sits behind one address, and many of its people read the warning: none of them is told
// that it is not known. Beyond what an hour allows a sentence says so, the same whatever was asked.
func TestManyReadersOfOneWarning(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	w.must(w.tell("first/02-standard-licence.json"), "applied")
	const office, office6 = "192.0.2.7:4711", "[2001:db8:7:1::5]:80"
	ask := func(ip, lang, value string) string {
		out := w.pressFrom(ip, lang, "/help", url.Values{"value": {value}})
		_, box, _ := strings.Cut(out.body, `role="status"`)
		box, _, _ = strings.Cut(box, "</div>")
		return text("<main" + box)
	}
	unknown, known := ask("198.51.100.1:1", "en", "Cust99999"), ask("198.51.100.1:1", "en", "Cust10001")
	many := map[string]string{
		"en": "So many questions have come from your network within the hour that we look up no more for now. Try again in an hour, or ask whoever administers SuperOffice at your company.",
		"sv": "Så många har frågat från ert nätverk den senaste timmen att vi inte slår upp mer just nu. Försök igen om en timme, eller fråga den som administrerar SuperOffice hos er.",
	}
	if unknown == known || known == "" {
		t.Fatalf("known %q, unknown %q", known, unknown)
	}
	for i := range 100 {
		if got := ask(office, "en", []string{"Cust10001", "CUST10001"}[i%2]); !strings.Contains(got, known) {
			t.Fatalf("reader %d of one company reads %q", i+1, got)
		}
	}
	for lang, want := range many {
		if got := ask(office, lang, "Cust10001"); !strings.HasSuffix(got, want) {
			t.Errorf("one more reads %q", got)
		}
	}
	if got := ask(office, "en", "Cust99999"); got != unknown {
		t.Errorf("who asks of another from there reads %q", got)
	}
	if got := ask("192.0.2.8:4711", "en", "Cust10001"); got != known {
		t.Errorf("who asks from elsewhere reads %q", got)
	}
	// One that is not known is counted alike.
	for range 99 {
		ask(office, "en", "Cust99999")
	}
	if got := ask(office, "en", "Cust99999"); !strings.HasSuffix(got, many["en"]) {
		t.Errorf("beyond, of one that is not known: %q", got)
	}
	// Beyond what an address may ask in all, everything reads the same. Of IPv6 it is a line's network.
	for i := range 300 {
		ask(strings.Replace(office6, "5", fmt.Sprintf("%x", i), 1), "en", fmt.Sprint("Guess", i))
	}
	for _, value := range []string{"Cust10001", "Cust99999", "Guess1", "", "Storvik AS"} {
		if got := ask(office6, "en", value); !strings.HasSuffix(got, many["en"]) {
			t.Errorf("beyond, %q: %q", value, got)
		}
	}
	w.clock.set(w.clock.Now().Add(time.Hour))
	if got := ask(office, "en", "Cust10001"); got != known {
		t.Errorf("an hour later: %q", got)
	}
}

// Nobody who asks for somebody else's address keeps that person from signing in; nobody has many
// mails sent all the same; and for a stranger's address just the same is done and said.
func TestNobodyClosesAnothersDoor(t *testing.T) {
	w := newWorld(t, nil)
	var did [][]string
	press := func(ip, address string) string {
		before := len(w.db.written())
		out := w.pressFrom(ip, "en", "/support/sign-in", url.Values{"address": {address}})
		ops := slices.Clone(w.db.written()[before:])
		for i, op := range ops {
			ops[i], _, _ = strings.Cut(op, " ")
		}
		did = append(did, ops)
		w.clock.set(w.clock.Now().Add(time.Second))
		w.deliver()
		return fmt.Sprint(out.status, out.body)
	}
	said := map[string]bool{}
	for ip, address := range map[string]string{"203.0.113.66:1": "nora@fjordpartner.example", "203.0.113.67:1": "mallory@elsewhere.example"} {
		for range 30 {
			said[press(ip, address)] = true
		}
	}
	if half := len(did) / 2; fmt.Sprint(did[:half]) != fmt.Sprint(did[half:]) {
		t.Errorf("for one of ours %v is done, for a stranger %v", did[:half], did[half:])
	}
	before := len(w.staffMails())
	if before != 5 {
		t.Errorf("one caller has %d mails sent to one address, want 5", before)
	}
	said[press("192.0.2.7:1", "nora@fjordpartner.example")] = true
	if n := len(w.staffMails()); n != before+1 {
		t.Errorf("she herself gets %d", n-before)
	}
	for i := range 20 {
		for range 5 {
			said[press(fmt.Sprintf("203.0.113.%d:1", 70+i), "nora@fjordpartner.example")] = true
		}
	}
	if n := len(w.staffMails()); n != 50 {
		t.Errorf("all callers together have %d mails sent, want 50", n)
	}
	if len(said) != 1 {
		t.Errorf("%d different answers", len(said))
	}
}
