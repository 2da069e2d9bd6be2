package functions_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// basalt is another customer in the same trouble, that has not a name nor a number in common
// with granit.
func basalt() customer {
	names := []string{"Rut Myr", "Ove Tun", "Mia Kar", "Nils Opp", "Pia Ros", "Roy Sol", "Sara Tid", "Tor Ulv", "Vera Ask"}
	return granit().holding(func(c *customer) {
		c.account.Account, c.account.Name = "H-1", "Basalt AS"
		c.account.Contacts = []licence.Contact{
			{ID: "rut", Name: "Rut Myr", Email: "rut.myr@basalt.example", Role: licence.Admin, Locale: "en", User: "501"},
			{ID: "ove", Name: "Ove Tun", Email: "ove.tun@basalt.example", Role: licence.Admin, Locale: "en", User: "502", Rank: 1},
		}
		c.account.Installations = []licence.Installation{{CustID: "Cust60001", Serial: "1806000226", Kind: "production", Hosting: "online", URL: "https://online4.superoffice.com/Cust60001"}}
		c.account.Plans = []licence.Plan{{Plan: "gold", Name: "Gold", Module: "ten-gold", Prices: []string{"price_g"}}}
		c.tenant.CustID, c.tenant.Serial, c.tenant.Company = "Cust60001", "1806000226", "Basalt AS"
		c.tenant.Modules = []crmsim.Module{{Name: "ten-gold", Description: "Gold", Kind: crmsim.Plan, Total: 10, NewTotal: 7}}
		c.tenant.Users = nil
		for i, name := range names {
			u := person(501+i, name, i, "ten-gold")
			u.Email, u.Admin = strings.ToLower(strings.ReplaceAll(name, " ", "."))+"@basalt.example", i < 2
			c.tenant.Users = append(c.tenant.Users, u)
		}
	})
}

// Two customers: what A has, which B's people ask for, and B's proofs.
type neighbours struct {
	*world
	b       *browser          // of B, with a session
	fp      string            // B's finding
	things  map[string]string // of A, one of each kind
	session *http.Cookie      // of A
	staff   *http.Cookie
	markers []string // names, numbers and ids of A that no answer to B has in it
}

func neighbour(t *testing.T, open func(*testing.T, func() time.Time) store.Store) neighbours {
	t.Helper()
	w := newWorld(t, open)
	granit := granit()
	granit.account.Mail = licence.Some("review")
	if err := w.sim.Put(granit.tenant); err != nil {
		t.Fatal(err)
	}
	w.direct(granit.account)
	w.must(w.say("invoice.changed", w.clock.Now(), `{"account":"G-1","invoice":"INV-7741x","number":"NR-7741x","status":"open","issued":"2026-10-01","due":"2026-11-02","paid_at":null,
		"amount":"98123.45","remaining":"98123.45","currency":"SEK","url":"https://pay.example/7741x","kind":"licence","period":{"from":"2026-12-13","to":"2027-12-13"},"collection":"invoice","covers":["S-7741x"]}`), "applied")
	w.advance(w.clock.Now().Add(time.Hour))
	a := w.linkOf("G-1", "ulla").session()
	fp := w.finding("G-1", "surplus").Fingerprint
	a.choose(fp, "9")

	if err := w.sim.Put(basalt().tenant); err != nil {
		t.Fatal(err)
	}
	w.direct(basalt().account)
	w.advance(w.clock.Now().Add(time.Hour))
	n := neighbours{world: w, fp: w.finding("H-1", "surplus").Fingerprint}
	for _, m := range w.inbox() {
		if m.To == "rut.myr@basalt.example" {
			n.b = w.browse(path(t, m.Link)).session()
		}
	}
	n.b.choose(n.fp, "509")
	n.session, n.staff = a.cookies[0], guarded{world: w}.signIn("nora@fjordpartner.example")

	l, err := w.db.Load(t.Context(), "G-1", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	var mails struct{ Mails, Drafts []struct{ ID string } }
	w.ask("/accounts/G-1/mails", &mails)
	var tasks struct{ Tasks []struct{ Task string } }
	w.ask("/accounts/G-1/tasks", &tasks)
	var facts, seats struct{ Cursor string }
	w.ask("/accounts/G-1/facts?limit=1", &facts)
	w.ask("/accounts/G-1/seats?plan=sales&limit=1", &seats)
	if len(mails.Mails) == 0 || len(mails.Drafts) == 0 || len(tasks.Tasks) == 0 || facts.Cursor == "" || seats.Cursor == "" || n.fp == fp {
		t.Fatalf("A has too little: %+v %+v %q %q", mails, tasks, facts.Cursor, seats.Cursor)
	}
	keys, err := testSecrets.Keys()
	if err != nil {
		t.Fatal(err)
	}
	link, err := keys.Open(strings.TrimPrefix(a.base, "/r/"), w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	n.things = map[string]string{
		"account": "G-1", "token": strings.TrimPrefix(a.base, "/r/"), "session": n.session.Value, "link": link.ID,
		"fingerprint": fp, "choice": fp, "task": tasks.Tasks[len(tasks.Tasks)-1].Task, "case": licence.Case(fp),
		"plan": sales, "module": "ten-sales", "contact": "ulla", "role": "admin", "user": "9", "name": "Gull Hed", "mail": mails.Mails[0].ID, "draft": mails.Drafts[0].ID,
		"cust_id": granitCust, "serial": "1805000117", "offer": l.State.Known.Inst(granitCust).Report.Value.Offer(),
		"cursor of facts": facts.Cursor, "cursor of people": seats.Cursor, "roster": l.State.Known.Inst(granitCust).Roster.ID, "invoice": "INV-7741x",
	}
	n.markers = []string{"Granit", "granit.example", granitCust, "1805000117", "7741x", "98123", "98,123", fp, licence.Case(fp), "G-1", "Siv Moa"}
	for _, u := range granit.tenant.Users {
		n.markers = append(n.markers, u.Name)
	}
	return n
}

// pageForms are the forms of the page, with what B's own page would send.
func (n neighbours) pageForms() map[string]url.Values {
	fp := n.fp
	return map[string]url.Values{
		"/choose": {"fingerprint": {fp}, "user": {"508"}, "to": {""}}, "/choose?drop": {"fingerprint": {fp}, "drop": {"none"}}, "/choose?all": {"fingerprint": {fp}, "all": {"yes"}, "user": {""}},
		"/skip": {"fingerprint": {fp}, "user": {"none"}}, "/answer": {"fingerprint": {fp}, "answer": {"none"}}, "/colleague": {"fingerprint": {fp}, "contact": {"none"}},
		"/paid": {"fingerprint": {fp}}, "/screen": {"cust_id": {"none"}, "offer": {"active"}, "expires": {"2027-12-13"}, "confirm": {"yes"}}, "/takeback": {"cust_id": {"none"}}, "/loaded": {"cust_id": {"none"}, "expires": {"2027-12-13"}},
		"/code": {"cust_id": {"none"}}, "/activate": {"cust_id": {"none"}, "offer": {"none"}, "code": {"123456"}}, "/check": {"from": {"none"}}, "/session": {"next": {"none"}}, "/new-link": {},
	}
}
