package functions_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
)

// exchange is a customer whose ten of Sales become so many of Sales and of Plus. Plus has so
// many in the licence in force.
func exchange(salesNew, plus, plusNew int) customer {
	return granit().holding(func(c *customer) {
		c.account.Plans[1] = licence.Plan{Plan: "plus", Name: "Plus", Module: "ten-plus", Prices: []string{"price_p"}, Family: "sales"}
		c.account.Plans[0].Family = "sales"
		c.tenant.Modules = []crmsim.Module{
			{Name: "ten-sales", Description: "Sales", Kind: crmsim.Plan, Total: 10, NewTotal: salesNew},
			{Name: "ten-plus", Description: "Plus", Kind: crmsim.Plan, Total: plus, NewTotal: plusNew},
		}
		c.tenant.Users = append(c.tenant.Users[:9], person(10, "Ingar Lid", 9, "ten-sales"))
	})
}

// everyone are the ids of the ten.
func everyone() (ids []string) {
	for id := range 10 {
		ids = append(ids, fmt.Sprint(id+1))
	}
	return ids
}

// inOrder holds a text to having the parts one after the other.
func (w *world) inOrder(page string, parts ...string) {
	w.Helper()
	rest := page
	for _, p := range parts {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			w.Errorf("%q is missing, or not in its place: %s", p, page)
			return
		}
		rest = after
	}
}

// All of one plan for all of another: who had what is kept before anything is taken away, and
// is there until the last one has the new plan, or needs none.
func TestAllChangePlan(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(exchange(0, 0, 10))
	f := w.finding("G-1", "plan-swap")
	page := b.submit("/session", "See the proposal", nil)
	w.reads(page, "Exchange Sales for Plus: 10 people", "All 10 of them", "Everybody who has Sales today gets Plus.")
	w.lacks(page, "Order 10 more", "We want to keep them all")
	w.quiet("keeping the list", func() { page = b.submit("/choose", "Keep the list and show the steps", nil) })
	if b.at != b.base+"/steps/"+f.Fingerprint {
		t.Errorf("the button leads to %s", b.at)
	}
	kept := w.said("G-1", "seats.chosen")
	if len(kept) != 1 || kept[0]["way"] != "free-activate-give" || kept[0]["by"] != "Ulla Sten" || len(kept[0]["picks"].([]any)) != 10 {
		t.Fatalf("kept is %v", kept)
	}
	if tenant, _ := w.sim.Tenant(granitCust); len(tenant.Users[0].Plans) != 1 {
		t.Fatal("something was taken away before the list was kept")
	}
	w.inOrder(page, "Choose a time when nobody is working", "leave yourself until last", "Remove Sales from all of them", "Gull Hed gives up Sales Still to do", "Press “Activate”", "Give Plus to the same people", "Gull Hed moves to Plus", "log out and in again")

	list := b.open("/list/" + f.Fingerprint)
	for _, name := range []string{"Ulla Sten", "Per Alm", "Ada Nord", "Bror Ek", "Cilla Vik", "Dan Lund", "Elsa Berg", "Folke Dal", "Gull Hed", "Ingar Lid"} {
		w.reads(list, name+" Sales Plus Still to do")
	}
	if !strings.Contains(b.shows.body, `class="noprint"`) || !strings.Contains(b.get("/r/style.css").body, "@media print") {
		t.Error("the list is no page to print")
	}

	// An old page that keeps the list once more, when some have it no longer, loses nobody.
	w.take(granitCust, "ten-sales", everyone()[:3]...)
	b.open("/steps/" + f.Fingerprint)
	b.submit("/check", "check again", nil)
	if out := b.forge("/choose", url.Values{"fingerprint": {f.Fingerprint}, "all": {"yes"}}); out.status != 303 || len(w.said("G-1", "seats.chosen")) != 1 {
		t.Errorf("kept once more: %d, and %d lists", out.status, len(w.said("G-1", "seats.chosen")))
	}

	// Taken from all: the next list of people names nobody any more, and ours still does.
	w.take(granitCust, "ten-sales", everyone()[3:]...)
	b.open("/steps/" + f.Fingerprint)
	page = b.submit("/check", "check again", nil)
	w.reads(page, "Look at the new licence")
	w.lacks(page, "The new licence is active. Give Plus")
	// The overview goes by the list, for whoever opens the link.
	w.reads(b.elsewhere().open(""), "10 colleagues have no plan now: activate, then give them Plus", "First activate the new licence.")
	w.reads(b.open("/list/"+f.Fingerprint), "Gull Hed Sales Plus Removed; the new plan is still to come", "Ulla Sten Sales Plus Removed")

	if said := w.screen(granitCust, "activate", nil); said != "The new licence has been activated." {
		t.Fatalf("the screen says %q", said)
	}
	give := func(users ...string) string {
		for _, u := range users {
			w.screen(granitCust, "assign", url.Values{"user": {u}, "module": {"ten-plus"}})
		}
		b.open("")
		return b.submit("/check", "Check again", nil)
	}
	page = give(everyone()[2:]...)
	w.reads(page, "2 colleagues cannot work until you give them Plus", "8 of 10 have their new plan", "The new licence is active. Give Plus to those who are left.")
	w.lacks(page, "There is nothing more for you to do.")
	w.reads(b.elsewhere().open(""), "8 of 10 have their new plan")
	w.lacks(b.elsewhere().open(""), "Per Alm", "works as usual", "Nothing to do")
	other := b.elsewhere()
	other.open("")
	if page = other.submit("/session", "What to do in SuperOffice", nil); other.at != other.base+"/steps/"+f.Fingerprint {
		t.Errorf("a day later the button leads to %s: %s", other.at, page)
	}
	page = b.open("/steps/" + f.Fingerprint)
	w.reads(page, "Gull Hed moves to Plus Done", "Per Alm moves to Plus Removed; the new plan is still to come")
	w.reads(give("1"), "9 of 10 have their new plan")

	// Per needs none.
	b.open("/steps/" + f.Fingerprint)
	w.reads(b.submit("/skip", "Has left, needs no new plan", nil), "9 of 9 done", "Per Alm moves to Plus Needs no new plan")
	w.reads(b.submit("/skip", "Undo", nil), "9 of 10 done", "Per Alm moves to Plus Removed; the new plan is still to come")
	w.reads(b.submit("/skip", "Has left, needs no new plan", nil), "Per Alm moves to Plus Needs no new plan")
	if kept := w.said("G-1", "seats.chosen"); len(kept) != 4 || len(kept[0]["was"].([]any)) != 10 {
		t.Errorf("kept is %v", kept)
	}
	page = b.open("")
	w.reads(page, "Done: the new licence is active", "Plus: 0 before, 10 now.")
	w.lacks(page, "of 10 have their new plan")
	w.reads(b.open("/list/"+f.Fingerprint), "Per Alm Sales Plus Needs no new plan")
}

// Where seats of the new plan are free already, they change over at once.
func TestFreeSeatsAreUsedAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(exchange(0, 10, 11))
	f := w.finding("G-1", "plan-swap")
	b.session()
	b.open("/seats/" + f.Fingerprint)
	page := b.submit("/choose", "Keep the list and show the steps", nil)
	if kept := w.said("G-1", "seats.chosen"); len(kept) != 1 || kept[0]["way"] != "move-now" {
		t.Errorf("kept is %v", kept)
	}
	w.inOrder(page, "choose them, press “Reassign”", "Gull Hed moves to Plus", "Confirm with “OK”")
	w.lacks(page, "Remove Sales from all of them", "Press “Activate”")
	w.screen(granitCust, "reassign", url.Values{"user": {"9"}, "module": {"ten-sales"}, "to": {"ten-plus"}})
	w.reads(b.submit("/check", "check again", nil), "1 of 10 done", "Gull Hed moves to Plus Done", "Folke Dal moves to Plus Still to do")
}

// Of ten, six stay: who the four are, a person says.
func TestSomeChangePlan(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(exchange(6, 0, 4))
	f := w.finding("G-1", "plan-swap")
	if f.Need != 4 || w.finding("G-1", "surplus").Code != "" {
		t.Fatalf("found is %s", lines(w.diagnosis("G-1").Findings))
	}
	b.session()
	page := b.open("/seats/" + f.Fingerprint)
	w.reads(page, "Exchange Sales for Plus: 4 people", "Gull Hed", "Choose those ticked")
	w.lacks(page, "Keep the list and show the steps")
	w.reads(b.choose(f.Fingerprint, "9", "8", "7"), "1 more to choose.", "Gull Hed moves to Plus")
	page = b.choose(f.Fingerprint, "6")
	w.reads(page, "That is enough.")
	w.reads(after(page), "Sales Assigned 6", "Plus Assigned 4")
	page = b.open("/steps/" + f.Fingerprint)
	w.reads(page, "Dan Lund moves to Plus")
	w.lacks(page, "Cilla Vik")
	var to []string
	for _, p := range w.said("G-1", "seats.chosen")[0]["picks"].([]any) {
		to = append(to, fmt.Sprint(p.(map[string]any)["plan"], ">", p.(map[string]any)["to"]))
	}
	if !slices.Equal(to, []string{"sales>plus", "sales>plus", "sales>plus", "sales>plus"}) {
		t.Errorf("kept is %v", to)
	}
}
