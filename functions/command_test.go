package functions_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// small tells a customer with one plan, of which the next licence has too few: a mail about it falls due.
func (w *world) small(account, mail string) {
	w.Helper()
	w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":%[1]q,"name":"Firma %[1]s","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":%[2]q,
		"contacts":[{"id":"a","name":"Ada Moe","email":"ada@%[1]s.example","role":"admin","locale":"en"}],
		"installations":[{"cust_id":"Cust%[1]s","serial":"S%[1]s","kind":"production","hosting":"onsite","url":"https://crm.%[1]s.example"}],
		"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, account, mail)), "applied")
	w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":%[1]q,"cust_id":"Cust%[1]s","serial":"S%[1]s","version":"12.2","licensed_version":"12.2",
		"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":["online"],
		"plans":[{"plan":"p","module":"m","description":"P","total":10,"new_total":7,"in_use":9,"unrestricted":false}]}`, account)), "applied")
}

// commands sends a body to one of the operator's routes.
func (w *world) commands(path, body string) reply {
	w.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
	defer w.deliver() // what it owes from now on, the stream tells
	return w.do(r)
}

// Drafts are decided of all customers only by who names none of them: what is misspelt, empty, told
// twice or followed by more decides nothing, and is said to be so.
func TestDraftsAreDecidedAsAsked(t *testing.T) {
	d := deskWith(t, nil)
	w := d.world
	for _, a := range []string{"D1", "D2", "D3"} {
		w.small(a, "review")
	}
	w.advance(w.clock.Now().Add(20 * time.Minute))
	waiting := func() (n int) {
		for _, m := range w.mailRows() {
			if m.Draft != "" && m.SentAt == nil {
				n++
			}
		}
		return n
	}
	all := waiting()
	if all < 3 {
		t.Fatalf("%d drafts wait, want 3", all)
	}
	for body, want := range map[string]struct {
		status int
		says   string
	}{
		`{"send":false,"acount":"D1"}`:                 {422, `"acount"`},
		`{"send":false,"Account":"D1"}`:                {422, `"Account"`},
		`{"send":false,"account":""}`:                  {422, `"account"`},
		`{"send":false,"account":null}`:                {422, `"account"`},
		`{"send":false,"account":7}`:                   {422, `"account"`},
		`{"send":false,"account":"D1","id":""}`:        {422, `"id"`},
		`{"send":false,"id":"x"}`:                      {422, `"account"`},
		`{"account":"D1"}`:                             {422, `"send"`},
		`{"send":"false"}`:                             {422, `"send"`},
		`[]`:                                           {422, `must be an object`},
		`{"send":false,"account":"D1","account":"D2"}`: {400, `account stands twice`},
		`{"send":false} {"account":"D1"}`:              {400, `more than one`},
		`{"send":false`:                                {400, `not JSON`},
		``:                                             {400, `empty`},
		`{"send":false,"account":"D9"}`:                {404, `not_found`},
		`{"send":false,"account":"` + strings.Repeat("x", 5000) + `"}`: {413, `too_large`},
	} {
		out := w.commands("/drafts", body)
		if out.status != want.status || !strings.Contains(out.body, want.says) {
			t.Errorf("%.60s: %v, want %d %s", body, out, want.status, want.says)
		}
	}
	for _, form := range []url.Values{{"do": {"drop"}, "id": {"x"}}, {"do": {"drop"}, "account": {""}}, {"do": {"drop"}, "account": {""}, "id": {"x"}}} {
		d.send("/support/drafts", form)
	}
	if n := waiting(); n != all {
		t.Fatalf("%d drafts are left of %d", n, all)
	}
	if out := w.commands("/drafts", `{"send":false,"account":"D1"}`); out.status != 200 || !strings.Contains(out.body, `"drafts":1`) || waiting() != all-1 {
		t.Errorf("of one customer: %v, and %d are left", out, waiting())
	}
	if out := w.commands("/drafts", `{"send":false}`); out.status != 200 || waiting() != 0 {
		t.Errorf("of all: %v, and %d are left", out, waiting())
	}
}
