package functions_test

import (
	"bytes"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// picksOf are the people of a list of picks, as a fact has it.
func picksOf(list any) (all []string) {
	picks, _ := list.([]any)
	for _, p := range picks {
		pick := p.(map[string]any)
		one := pick["user"].(string)
		if to, ok := pick["to"].(string); ok {
			one += ">" + to
		}
		if pick["skip"] == true {
			one += " skipped"
		}
		all = append(all, one)
	}
	return all
}

// Each click that matters is kept: who, when, what stood before, and what stands now.
func TestEachClickIsKept(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	newest := func(kind string) map[string]any {
		t.Helper()
		all := w.said("G-1", kind)
		if len(all) == 0 {
			t.Fatalf("no %s is kept", kind)
		}
		if at := all[0]["received_at"].(time.Time); !at.Equal(w.clock.Now()) {
			t.Errorf("%s was said at %s, and is kept as of %s", kind, w.clock.Now(), at)
		}
		return all[0]
	}
	chosen := func(what string, was, is []string) {
		t.Helper()
		f := newest("seats.chosen")
		if !reflect.DeepEqual(picksOf(f["was"]), was) || !reflect.DeepEqual(picksOf(f["picks"]), is) || f["by"] != "Ulla Sten" || f["fingerprint"] != fp || f["cust_id"] != granitCust {
			t.Errorf("%s: kept is %v, want %v before and %v now", what, f, was, is)
		}
	}
	b.choose(fp, "9")
	chosen("the first", nil, []string{"9"})
	b.choose(fp, "8")
	chosen("another", []string{"9"}, []string{"9", "8"})
	b.submit("/choose", "Take off the list", nil)
	chosen("taken off", []string{"9", "8"}, []string{"8"})
	b.open("/seats/" + fp)
	b.submit("/choose", "Move those ticked to Service", url.Values{"user": {"9"}})
	chosen("moved", []string{"8"}, []string{"8", "9>service"})

	b.open("/steps/" + fp)
	b.submit("/check", "check again", nil)
	if f := newest("check.asked"); f["by"] != "Ulla Sten" || f["cust_id"] != granitCust {
		t.Errorf("a check is kept as %v", f)
	}
	b.open("")
	b.submit("/colleague", "Send the link", url.Values{"contact": {"per"}})
	if f := newest("finding.answered"); f["by"] != "Ulla Sten" || f["was"] != "open" || f["answer"] != "handled" || f["note"] != "given to Per Alm" {
		t.Errorf("what was given to a colleague is kept as %v", f)
	}
	if f := newest("link.asked"); f["to"] != "per" {
		t.Errorf("the link is kept as %v", f)
	}
	b.forge("/answer", url.Values{"fingerprint": {fp}, "answer": {"not-right"}, "note": {"We are  nine"}})
	if n := len(w.said("G-1", "finding.answered")); n != 1 {
		t.Errorf("of what is answered already another answer is kept: %d", n)
	}

	w.take(granitCust, "ten-sales", "8", "9")
	b.open("")
	b.submit("/check", "Check again", nil)
	b.open("/activate/" + granitCust)
	b.submit("/code", "send me a code", nil)
	asked := newest("code.asked")
	if asked["contact"] != "ulla" || asked["for"] == "" {
		t.Errorf("a code is kept as %v", asked)
	}
	code := w.code()
	b.submit("/activate", "Activate the new licence", url.Values{"code": {code}})
	if f := newest("activation.asked"); f["by"] != "Ulla Sten" || f["offer"] != asked["for"] || f["cust_id"] != granitCust {
		t.Errorf("the wish to activate is kept as %v", f)
	}
	tried := newest("activation.tried")
	before, _ := tried["before"].(map[string]any)
	after, _ := tried["after"].(map[string]any)
	if tried["by"] != "Ulla Sten" || tried["ok"] != true || before[sales] != 10.0 || after[sales] != 7.0 {
		t.Errorf("the activation is kept as %v", tried)
	}
	var facts any
	w.ask("/accounts/G-1/facts?limit=200", &facts)
	for what, secret := range map[string]string{"the code": code, "the token": b.base[3:], "the session": b.cookies[0].Value} {
		if strings.Contains(fmt.Sprint(facts), secret) {
			t.Errorf("the trail has %s", what)
		}
	}
}

// Whoever pays says that it is paid; that is kept, too.
func TestWhatIsPaidIsKept(t *testing.T) {
	w := newWorld(t, nil)
	w.meet(granit())
	w.must(w.say("invoice.changed", w.clock.Now(), `{"account":"G-1","invoice":"INV-7","number":"7","status":"open","issued":"2026-10-01","due":"2026-11-02","paid_at":null,
		"amount":"100.00","remaining":"100.00","currency":"SEK","url":"https://pay.example/7","kind":"licence","period":{"from":"2026-12-13","to":"2027-12-13"},"collection":"invoice","covers":["S-7"]}`), "applied")
	siv := w.linkOf("G-1", "siv")
	siv.open("")
	if want := `<a class="button" href="https://pay.example/7" rel="noreferrer">Pay invoice 7</a>`; !strings.Contains(siv.shows.body, want) {
		t.Errorf("the main button leads not to the payment: %s", siv.shows.body)
	}
	siv.submit("/session", "Say that it is paid", nil) // and leads to the form
	if _, form, ok := strings.Cut(siv.at, "#"); !ok || !strings.Contains(siv.shows.body, `<form id="`+form+`" class="fields" method="post" action="`+siv.base+`/paid"`) {
		t.Errorf("it leads to %s", siv.at)
	}
	w.reads(siv.submit("/paid", "", url.Values{"paid_on": {"0026-11-20"}, "reference": {"7 7 7"}}), "Give the day on which it was paid")
	siv.submit("/paid", "", url.Values{"paid_on": {"2026-11-20"}, "reference": {"7 7 7"}})
	all := w.said("G-1", "payment.claimed")
	if len(all) != 1 || all[0]["by"] != "Siv Moa" || all[0]["paid_on"] != "2026-11-20" || all[0]["reference"] != "7 7 7" || all[0]["invoice"] != "INV-7" {
		t.Errorf("kept is %v", all)
	}
	// Seats are none of her business: no page of them, and no form.
	fp := w.finding("G-1", "surplus").Fingerprint
	before := len(w.db.written())
	for _, page := range []string{"/seats/" + fp, "/steps/" + fp, "/list/" + fp, "/activate/" + granitCust} {
		if siv.open(page); siv.at != siv.base || strings.Contains(siv.shows.body, "Gull Hed") {
			t.Errorf("%s shows the one who pays %s", page, siv.at)
		}
	}
	for form, fields := range map[string]url.Values{"/choose": {"fingerprint": {fp}, "user": {"9"}}, "/screen": {"cust_id": {granitCust}, "offer": {"active"}, "expires": {"2027-12-13"}, "confirm": {"yes"}}, "/takeback": {"cust_id": {granitCust}},
		"/loaded": {"cust_id": {granitCust}, "expires": {"2027-12-13"}}, "/code": {"cust_id": {granitCust}}, "/activate": {"cust_id": {granitCust}, "code": {"123456"}}} {
		if out := siv.forge(form, fields); out.status != 303 {
			t.Errorf("%s by the one who pays: %v", form, out)
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("the one who pays wrote %v", wrote)
	}
}

// What was said by mistake is taken back from the page for a quarter of an hour: until then nothing rests on it, and
// afterwards all is as before. Here a claim lasts longer than the licence, which is finance's to see to.
func TestWhatWasSaidByMistakeIsTakenBack(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	c.account.Mail, c.tenant.Offer = licence.Some("review"), nil
	if err := w.sim.Put(c.tenant); err != nil {
		t.Fatal(err)
	}
	w.clock.set(time.Date(2026, 12, 21, 8, 0, 0, 0, time.UTC))
	w.direct(c.account)
	w.must(w.say("invoice.changed", w.clock.Now(), `{"account":"G-1","invoice":"INV-7","number":"7","status":"open","issued":"2026-10-01","due":"2026-11-02","paid_at":null,
		"amount":"100.00","remaining":"100.00","currency":"SEK","url":"https://pay.example/7","kind":"licence","period":{"from":"2026-12-13","to":"2027-12-13"},"collection":"invoice","covers":["S-7"]}`), "applied")
	w.advance(w.clock.Now().Add(time.Hour))
	is := func(when, code, state, owner string) {
		t.Helper()
		if f := w.finding("G-1", code); f.State != state || f.Owner != owner {
			t.Errorf("%s: %s is %s, of %s", when, code, f.State, f.Owner)
		}
	}
	drafts := func() (all []string) {
		var v struct {
			Drafts []struct{ To, Subject string }
		}
		w.ask("/accounts/G-1/mails", &v)
		for _, d := range v.Drafts {
			all = append(all, d.To+" "+d.Subject)
		}
		slices.Sort(all)
		return all
	}
	before := drafts()
	is("at first", "invoice-overdue", "open", "billing")
	siv := w.linkOf("G-1", "siv").session()
	siv.open("")
	w.reads(siv.submit("/paid", "", url.Values{"paid_on": {"2026-12-20"}}), "Your answer is kept. You can take it back until")
	w.advance(w.clock.Now().Add(10 * time.Minute))
	is("said", "invoice-overdue", "waiting", "nobody")
	page := siv.submit("/takeback", "", nil)
	w.lacks(page, "Your answer is kept")
	is("taken back", "invoice-overdue", "open", "billing")
	w.reads(page, "It is paid")
	w.advance(w.clock.Now().Add(20 * time.Minute))
	for _, m := range w.deskMails("G-1") {
		if strings.Contains(m.Text, "For finance") {
			t.Errorf("finance reads %s", m.Text)
		}
	}
	if now := drafts(); !slices.Equal(now, before) || len(now) == 0 {
		t.Errorf("drafts were %v and are %v", before, now)
	}

	// After the quarter of an hour it counts, and stays.
	siv = w.linkOf("G-1", "siv").session()
	siv.open("")
	w.reads(siv.submit("/paid", "", url.Values{"paid_on": {"2026-12-20"}}), "Your answer is kept.")
	w.advance(w.clock.Now().Add(16 * time.Minute))
	w.lacks(siv.open(""), "Your answer is kept")
	siv.forge("/takeback", url.Values{"invoice": {"INV-7"}})
	is("later", "invoice-overdue", "open", "finance")

	w = newWorld(t, nil)
	w.meet(granit())
	ulla := w.linkOf("G-1", "ulla").session()
	ulla.open("")
	w.reads(ulla.submit("/answer", "It is done", nil), "Your answer is kept.")
	is("handled", "surplus", "answered", "admin")
	w.lacks(ulla.submit("/takeback", "", nil), "Your answer is kept.")
	is("not handled", "surplus", "open", "admin")
}

// No token, no code, no name and no address of the pages is ever logged, whatever goes wrong.
func TestLogsOfThePagesTellNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	w := newWorld(t, nil)
	w.oneHand = true
	w.start()
	b := w.meet(granit().holding(func(c *customer) { c.account.Name = "Granit Anna AB" }))
	fp := w.finding("G-1", "surplus").Fingerprint
	b.submit("/session", "Choose who gives up a seat", nil)
	all := func() {
		for _, page := range []string{"", "/seats/" + fp, "/seats/" + fp + "?q=Gull+Hed&after=%00&skip=-1", "/steps/" + fp, "/list/" + fp, "/activate/" + granitCust, "/seats/Gull"} {
			b.open(page)
		}
		for form, fields := range map[string]url.Values{
			"/choose": {"fingerprint": {fp}, "user": {"9", "8"}}, "/skip": {"fingerprint": {fp}, "user": {"9"}}, "/screen": {"cust_id": {granitCust}, "offer": {"active"}, "expires": {"Gull Hed"}},
			"/loaded": {"cust_id": {granitCust}, "expires": {"Gull Hed"}}, "/code": {"cust_id": {granitCust}}, "/activate": {"cust_id": {granitCust}, "offer": {"Gull Hed"}, "code": {"654321"}},
			"/check": {"from": {"steps/" + fp}}, "/answer": {"fingerprint": {fp}, "answer": {"handled"}, "note": {"Gull Hed"}}, "/colleague": {"fingerprint": {fp}, "contact": {"per"}},
		} {
			b.forge(form, fields)
		}
	}
	all()
	w.plan = func(c storetest.Call) storetest.Fault {
		if w.dead = false; c.N%2 == 0 {
			return storetest.Lost
		}
		return storetest.None
	}
	all()
	w.plan, w.dead = nil, false
	w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
		t.Users[7].Plans, t.Users[8].Plans = nil, nil
	})
	b.forge("/answer", url.Values{"fingerprint": {fp}, "answer": {"numbers-right"}})
	b.forge("/check", nil)
	b.open("/activate/" + granitCust)
	b.submit("/code", "code", nil)
	code := w.code()
	for _, fault := range []crmsim.Fault{crmsim.FaultServer, crmsim.FaultHTML, crmsim.FaultNone} {
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = fault })
		b.forge("/activate", url.Values{"cust_id": {granitCust}, "offer": {w.offer()}, "code": {code}})
	}
	if log := w.logs.String(); !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, "seats.chosen") || !strings.Contains(log, "activation.asked") {
		t.Errorf("the log lacks what it should have: %.300s", log)
	}
	forbidden := []string{b.base[3:30], b.cookies[0].Value[:30], `"` + code, code + `"`, " " + code, "Granit", "granit.example", "654321"}
	for _, u := range granit().tenant.Users {
		forbidden = append(forbidden, u.Name, strings.Fields(u.Name)[0])
	}
	discreet(t, w, forbidden...)
	if bytes.Contains(w.logs.Bytes(), []byte(code)) {
		t.Error("the code is logged")
	}
}

// offer is the short name of the new licence that waits at granit.
func (w *world) offer() string {
	w.Helper()
	l, err := w.db.Load(w.Context(), "G-1", store.Want{})
	if err != nil {
		w.Fatal(err)
	}
	return l.State.Known.Inst(granitCust).Report.Value.Offer()
}
