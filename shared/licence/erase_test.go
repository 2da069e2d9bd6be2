package licence

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestPersonOut: a person is found by an id, learned by all names, and taken out of every place where one
// of them stands; what only looks like it stays.
func TestPersonOut(t *testing.T) {
	p := &Person{Contacts: []string{"anna"}, As: "erased-1"}
	for _, body := range []string{
		`{"data":{"contacts":[{"id":"anna","name":"Anna Berg","email":"Anna@Fjord.example","user":"12"},{"id":"bo","name":"Bo Lind","email":"bo@fjord.example"}]}}`,
		`{"v":1,"body":{"account":{"at":"2026-11-23T09:00:00Z","id":"standard/1","v":{"contacts":[{"id":"anna","name":"Anna Bergström","email":"a.b@fjord.example","user":"12"}]}}}}`,
		`{"user":{"at":"2026-11-23T09:00:00Z","id":"standard/2","v":{"id":"12","name":"Berg, Anna","email":""}},"plans":{}}`,
	} {
		if err := p.Learn([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(p.Emails, " ")+"|"+strings.Join(p.Users, " "), "anna@fjord.example a.b@fjord.example|12"; got != want {
		t.Errorf("learned %s, want %s", got, want)
	}
	if err := p.Learn([]byte(`{"user":{"at":"2026-11-23T09:00:00Z","id":"standard/2","v":{"id":"12","name":"Berg, Anna","email":""}}}`)); err != nil || !strings.Contains(strings.Join(p.Names, "|"), "Berg, Anna") {
		t.Errorf("as a user called %q, %v", p.Names, err)
	}
	for _, c := range [][2]string{
		{`{"by":"anna"}`, `{"by":"erased-1"}`},
		{`{"to":"anna","role":"admin"}`, `{"role":"admin","to":"erased-1"}`},
		{`{"linked":{"contact anna":{"at":1}},"coded":{"anna":{}},"episodes":{"anna@fjord.example":{"to":"admin"}}}`, `{"coded":{"erased-1":{}},"episodes":{"erased-1":{"to":"admin"}},"linked":{"contact erased-1":{"at":1}}}`},
		{`{"text":"Hej ANNA BERG, skriv till <anna@fjord.example>."}`, `{"text":"Hej erased-1, skriv till <erased-1>."}`},
		{`{"user":{"id":"12","name":"Berg, Anna"},"n":12}`, `{"n":12,"user":{"id":"erased-1","name":"erased-1"}}`},
		{`{"user":{"at":"x","id":"standard/12","v":{"id":"12"}},"changed":[{"user":"12","n":9}]}`, `{"changed":[{"n":9,"user":"erased-1"}],"user":{"at":"x","id":"standard/12","v":{"id":"erased-1"}}}`},
	} {
		got, about, err := p.Out([]byte(c[0]))
		if err != nil || !about || string(got) != c[1] {
			t.Errorf("%s\n got %s, %v, %v\nwant %s", c[0], got, about, err, c[1])
		}
	}
	for _, other := range []string{`{"by":"bo","plan":"anna","invoice":"12"}`, `{"name":"Joanna Bergman"}`, `{"text":"johanna@fjord.example, Anna Bergs"}`, `{"amount":12.50}`, `{"user":"123"}`} {
		if got, about, err := p.Out([]byte(other)); about || err != nil || string(got) != other {
			t.Errorf("%s is changed to %s, %v", other, got, err)
		}
	}
}

// TestPersonOutByName: who is called like a role, a plan or a member takes none of these along; and an
// address that ends like theirs is another's.
func TestPersonOutByName(t *testing.T) {
	p := &Person{Contacts: []string{"support"}, Users: []string{"12"}, Names: []string{"Admin", "Support", "Name", "Plan", "Sales"}, Emails: []string{"berg@x.example"}, As: "erased-1"}
	for _, same := range []string{
		`{"contacts":[{"email":"b@x.example","id":"bo","name":"Bo","role":"admin"}]}`,
		`{"plan":"sales","plans":[{"family":"sales","kind":"plan","modules":["sales"],"name":"Sales","plan":"sales"}]}`,
		`{"owner":"support","severity":"plan","source":"support","to":"support","code":"name"}`,
		`{"at":"x","id":"support/1","src":"support"}`,
		`{"picks":[{"to":"sales-premium","user":"9"}],"numbers":"sales 9/7"}`,
		`{"nobody":{"admin":"x","support":"y"},"held":{"sales":1}}`,
		`{"account":{"v":{"name":"Support AB"}}}`,
		`{"text":"anna.berg@x.example berg@x.example.org a_berg@x.example a-berg@x.example a+berg@x.example berg@x.example-b.example"}`,
		`{"episodes":{"anna.berg@x.example":{"to":"admin"}}}`,
	} {
		got, about, err := p.Out([]byte(same))
		if err != nil || about || string(got) != same {
			t.Errorf("%s is changed to %s, %v", same, got, err)
		}
	}
	for _, c := range [][2]string{
		{`{"note":"Admin says no. Name: berg@x.example."}`, `{"note":"erased-1 says no. erased-1: erased-1."}`},
		{`{"by":"Support","stated_by":"admin"}`, `{"by":"erased-1","stated_by":"erased-1"}`},
		{`{"by":"support","linked":{"contact support":1,"support":2}}`, `{"by":"erased-1","linked":{"contact erased-1":1,"erased-1":2}}`},
		{`{"episodes":{"Berg@x.example":{"to":"admin"}},"unsent":{"berg@x.example":{"to":"support"}}}`, `{"episodes":{"erased-1":{"to":"admin"}},"unsent":{"erased-1":{"to":"support"}}}`},
		{`{"user":{"id":"12","name":"Admin","type":"employee"}}`, `{"user":{"id":"erased-1","name":"erased-1","type":"employee"}}`},
		{`{"contacts":[{"email":"berg@x.example","id":"support","name":"Support","role":"support"}]}`, `{"contacts":[{"email":"erased-1","id":"erased-1","name":"erased-1","role":"support"}]}`},
	} {
		got, about, err := p.Out([]byte(c[0]))
		if err != nil || !about || string(got) != c[1] {
			t.Errorf("%s\n got %s, %v, %v\nwant %s", c[0], got, about, err, c[1])
		}
	}
}

// TestBareFacts: of a customer who was erased a fact keeps what was decided and when, and says nobody's name.
func TestBareFacts(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	total := 7
	for _, p := range []Payload{
		AccountChanged{Account: "C-1", Name: "Kund Secret AB", Locale: "sv", Timezone: "Europe/Stockholm", Model: "plans", Contacts: []Contact{{ID: "secret", Name: "Secret", Email: "s@secret.example", Role: Admin}},
			Installations: []Installation{{CustID: "Cust1", Serial: "18", Company: "Secret"}}},
		SeatChanged{CustID: "Cust1", Plan: "sales", Held: true, User: User{ID: "secret", Name: "Secret", LastActive: at}},
		SeatsListed{CustID: "Cust1", Roster: &Roster{ID: "ab", List: Stamp{At: at, ID: "standard/1"}, Held: map[string]int{"sales": 3}, Changed: []SeatMark{{User: "secret", N: 1}}}},
		LicenceReported{CustID: "Cust1", Expires: "2026-12-13", Offered: true, StatedBy: "Secret", Message: "Secret", Plans: []LicenceLine{{Plan: "sales", Module: "m", Description: "Secret", Total: 10, NewTotal: &total, InUse: 9}}},
		LoginWarned{CustID: "Cust1", URL: "https://secret.example", Message: "Secret", User: LoginUser{ID: "secret", Name: "Secret", Email: "s@secret.example"}},
		FindingAnswered{Fingerprint: "0a1b", Answer: "handled", By: "Secret", Note: "Secret said"},
		SeatsChosen{Fingerprint: "0a1b", CustID: "Cust1", Picks: []Pick{{User: "secret", Name: "Secret"}}, By: "Secret"},
		PaymentClaimed{Invoice: "INV-7", PaidOn: "2026-11-20", Reference: "Secret", By: "Secret"},
		InvoiceChanged{Invoice: "INV-7", Status: "paid", Amount: "12500.00", Currency: "SEK", URL: "https://secret.example"},
		ActivationTried{CustID: "Cust1", OK: true, By: "Secret"},
	} {
		f := Fact{ID: "standard/1", To: []Name{{"account", "C-1"}, {"stripe", "cus_secret"}}, At: at, Source: "standard", Payload: p}
		got, err := f.Bare()
		if err != nil {
			t.Errorf("%s: %v", p.Type(), err)
			continue
		}
		b, _ := json.Marshal(got)
		if strings.Contains(strings.ToLower(string(b)), "secret") {
			t.Errorf("%s still says %s", p.Type(), b)
		}
		if got.ID != f.ID || !got.At.Equal(at) || got.Payload.Type() != p.Type() {
			t.Errorf("%s is another fact now: %s", p.Type(), b)
		}
		for what, kept := range map[string]string{"licence.reported": `"new_total":7`, "finding.answered": `"answer":"handled"`, "invoice.changed": `"status":"paid"`, "seats.listed": `"sales":3`, "payment.claimed": `"paid_on":"2026-11-20"`} {
			if p.Type() == what && !strings.Contains(string(b), kept) {
				t.Errorf("%s lost %s: %s", what, kept, b)
			}
		}
	}
}
