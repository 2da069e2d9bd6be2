package functions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// How often and how much: links, checks, what waits, and floods.

// No person is mailed more than three links a day, whoever asks for them, and no link asks for more.
func TestThreeLinksADay(t *testing.T) {
	w := newWorld(t, nil)
	w.meet(granit())
	count := func(to string) (n int) {
		for _, m := range w.mailRows() {
			if m.Why == "link" && m.To == to {
				n++
			}
		}
		return n
	}
	ask := func(id string, contact string) {
		t.Helper()
		f := licence.Fact{ID: "test/" + id, To: []licence.Name{{Sender: "account", ID: "G-1"}}, At: w.clock.Now(), Source: "page", Payload: licence.LinkAsked{To: contact}}
		if _, err := w.app.Engine.Apply(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		w.deliver()
	}
	for i := range 9 {
		w.clock.set(w.clock.Now().Add(time.Second))
		ask(fmt.Sprint("per-", i), "per") // by nine different links, it may be
	}
	if n := count("per.alm@granit.example"); n != 3 {
		t.Errorf("%d links went to one person in a day, want 3", n)
	}
	w.clock.set(w.clock.Now().Add(24 * time.Hour))
	ask("tomorrow", "per")
	if n := count("per.alm@granit.example"); n != 4 {
		t.Errorf("%d links the day after, want 4", n)
	}
}

// A page can be checked again and again, but not without end: beyond, it shows what was read last,
// and SuperOffice is left alone.
func TestChecksAreBounded(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	over := 0
	for i := range 70 {
		out := w.press(b.base+"/check", nil)
		switch {
		case out.status == 429 && strings.Contains(text(out.body), "checked a great many times today"):
			over++
		case out.status != 200 || over > 0:
			t.Fatalf("check %d: %d %.200s", i+1, out.status, text(out.body))
		}
	}
	if over != 10 {
		t.Errorf("%d of 70 checks were too many, want 10", over)
	}
	calls := len(w.sim.Calls(granitCust))
	w.press(b.base+"/check", nil)
	if n := len(w.sim.Calls(granitCust)); n != calls {
		t.Errorf("one that is too many calls SuperOffice %d times", n-calls)
	}
	if other := w.linkOf("G-1", "per"); w.press(other.base+"/check", nil).status != 200 {
		t.Error("another reader cannot check")
	}
	w.clock.set(w.clock.Now().Add(24 * time.Hour))
	if out := w.press(b.base+"/check", nil); out.status != 200 {
		t.Errorf("the day after: %d", out.status)
	}
}

// What waits, in large pieces, comes in answers that are no larger than they may be, and slows
// nobody's case: that reads of no body.
func TestLargeThingsThatWait(t *testing.T) {
	d := deskWith(t, nil, "first", "demo/fjord-foods")
	w := d.world
	const n = 40 // of each, some 8 MiB: more than one answer may be
	pad := strings.Repeat(`\"`, 100<<10)
	for i := range n {
		w.must(w.do(w.signed("standard", "/users/standard", fmt.Sprint("large-", i), listOf(fmt.Sprint("C-", 500+i%3), 900))), "parked")
		bad := fmt.Sprintf(`{"id":"evt_%d","object":"event","type":"invoice.paid","livemode":true,"created":"soon","data":{"object":{"customer":"cus_F10rdFoods","pad":"%s"}}}`, i, pad)
		w.must(w.do(w.signed("stripe", "/billing/stripe", "", []byte(bad))), "set-aside")
	}
	for _, list := range []string{"parked", "aside"} {
		seen, pages := map[string]bool{}, 0
		for cursor := ""; ; pages++ {
			r := httptest.NewRequest("GET", "/"+list+"?limit=500&cursor="+url.QueryEscape(cursor), nil)
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			out := w.do(r)
			if out.status != 200 || len(out.body) > 1<<20 {
				t.Fatalf("/%s: %d, %d bytes", list, out.status, len(out.body))
			}
			var page map[string]json.RawMessage
			var some []struct{ ID string }
			if err := json.Unmarshal([]byte(out.body), &page); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(json.Unmarshal(page[list], &some), json.Unmarshal(page["cursor"], &cursor)); err != nil {
				t.Fatal(err)
			}
			for _, x := range some {
				seen[x.ID] = true
			}
			if cursor == "" {
				break
			}
		}
		if len(seen) != n || pages < n/5 {
			t.Errorf("/%s gives %d in %d pages, want %d", list, len(seen), pages+1, n)
		}
	}
	// A body that is about a customer stands at its case, by its line alone.
	w.must(w.post("stripe", "/billing/stripe", "", []byte(`{"id":"evt_x","object":"event","type":"invoice.paid","created":"soon","metadata":{"account":"C-1"}}`)), "set-aside")
	read := 0
	w.plan = func(c storetest.Call) storetest.Fault {
		if c.Op == "Unmatched" || c.Op == "Rejections" || c.Op == "UnmatchedFor" {
			read++
		}
		return storetest.None
	}
	page := d.see("/support/accounts/C-1")
	w.plan = nil
	if read > 0 {
		t.Errorf("a customer's case reads what waits for others %d times", read)
	}
	if !strings.Contains(page, "created") || !strings.Contains(page, "/support/aside") {
		t.Errorf("the case does not say what was set aside of it")
	}
	// A person drops it, however much lies on top of it, and it is gone from the case.
	var aside string
	rows, _, err := w.db.Rows(t.Context(), "C-1", "aside", store.Page{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d lines: %v", len(rows), err)
	}
	aside = rows[0].ID
	for i := range 20 {
		bad := fmt.Sprintf(`{"id":"evt_late_%d","object":"event","type":"invoice.paid","created":"soon"}`, i)
		w.must(w.do(w.signed("stripe", "/billing/stripe", "", []byte(bad))), "set-aside")
	}
	d.send("/support/aside", url.Values{"do": {"drop"}, "id": {aside}})
	if _, ok, err := w.db.Rejection(t.Context(), aside); ok || err != nil {
		t.Errorf("it is still there: %v", err)
	}
	if rows, _, _ := w.db.Rows(t.Context(), "C-1", "aside", store.Page{}); len(rows) != 0 {
		t.Errorf("the case still speaks of it")
	}
}

// A flood of one sender about one account is stopped where it is, with a clear answer.
func TestFloodsAreStopped(t *testing.T) {
	w := newWorld(t, nil)
	w.app.Store = full{w.app.Store}
	w.app.Engine.Store = w.app.Store
	out := w.post("standard", "/billing/standard", "msg_1", []byte(strings.ReplaceAll(string(invoice("2026-11-20T08:00:00Z", "1.00")), "C-1", "C-404")))
	if out.status != 422 || !strings.Contains(out.body, "tell the account first") {
		t.Errorf("a sender that can mend it: %v, want 422", out)
	}
	out = w.post("stripe", "/billing/stripe", "", w.event("demo/fjord-foods/02-stripe-subscription.json"))
	if out.status != 503 || out.outcome() != "unavailable" {
		t.Errorf("one that cannot, where nothing more is set aside: %v, want 503", out)
	}
	out = w.post("login", "/login-warnings", "msg_2", w.event("first/03-login-warned.json"))
	if out.status != 200 || out.outcome() != "ignored" || !strings.Contains(out.body, `"message":"`) {
		t.Errorf("a warned login: %v, want a calm line", out)
	}
}
