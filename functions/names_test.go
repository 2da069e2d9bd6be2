package functions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"seatmend/functions"
)

// Whatever name a customer and an installation are taken under, their pages open: through a real
// server and a real client, which both tidy paths up.
func TestWhatIsTakenCanBeOpened(t *testing.T) {
	d := deskWith(t, nil)
	w := d.world
	server := httptest.NewServer(w.app.Handler("", functions.Routes))
	t.Cleanup(server.Close)
	refused := map[string]bool{".": true, "..": true, "/": true}
	for i, id := range []string{".", "..", "...", ".a", "a.", "a..b", "/", "//", "a/b", "a//b", "a/../b", "../a", "./", "/.", "/..", "%2e%2e", "%", "?", "a?b#c", "#", ";", "&", " ", "a b", "å", "\\", ":", "*", "{account}", "facts", "~"} {
		body := func(account, cust string) string {
			return fmt.Sprintf(`{"account":%q,"name":"Navn AS","locale":"en","timezone":"Europe/Oslo","model":"plans","contacts":[],
				"installations":[{"cust_id":%q,"serial":%q,"kind":"production","hosting":"onsite","url":"https://crm.navn.example"}],"billing":[],"plans":[]}`, account, cust, "serial of "+account)
		}
		if out := w.say("account.changed", w.clock.Now(), body(fmt.Sprint("N-", i), id)); out.status != 422 && refused[id] {
			t.Errorf("the installation %q: %v", id, out)
		}
		out := w.say("account.changed", w.clock.Now(), body(id, fmt.Sprint("Navn", i)))
		if taken := out.status == 200; !taken {
			if !refused[id] || out.status != 422 {
				t.Errorf("%q: %v", id, out)
			}
			continue
		}
		for _, path := range []string{"/accounts/%s", "/accounts/%s/diagnosis", "/accounts/%s/mails", "/support/accounts/%s"} {
			r, err := http.NewRequest("GET", server.URL+fmt.Sprintf(path, url.PathEscape(id)), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			r.AddCookie(d.cookie)
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if resp.Body.Close(); resp.StatusCode != 200 {
				t.Errorf("%q was taken, and %s answers %d", id, path, resp.StatusCode)
			}
		}
	}
}
