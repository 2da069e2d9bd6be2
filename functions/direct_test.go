package functions_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/store/storetest"
)

// managed is a customer in whose SuperOffice we may change users, too.
func managed(c customer) customer {
	return c.holding(func(c *customer) { c.tenant.Grants = append(c.tenant.Grants, crmsim.ManageUsers) })
}

// holders are the ids of those who hold a module in SuperOffice.
func (w *world) holders(module string) (ids []int) {
	w.Helper()
	t, _ := w.sim.Tenant(granitCust)
	for _, u := range t.Users {
		if slices.Contains(u.Plans, module) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// saves are the calls that changed a user.
func (w *world) saves() (n int) {
	for _, c := range w.sim.Calls(granitCust) {
		if strings.Contains(c.Path, "SaveUser") || strings.Contains(c.Path, "RemoveLicenses") {
			n++
		}
	}
	return n
}

// tried is the latest that was told of what is done.
func (w *world) tried() map[string]any {
	w.Helper()
	all := w.said("G-1", "seats.tried")
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// Where users may be changed, what is chosen is done by one press; who is refused is said in
// SuperOffice's words, and nothing is done that was not confirmed.
func TestSeatsAreFreedDirectly(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(managed(granit()).holding(func(c *customer) { c.tenant.Users[8].OpenRequests = 4; c.account.Locale = "sv" }))
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.choose(fp, "9", "8")
	page := b.open("/steps/" + fp)
	w.reads(page, "We can do it for you", "Your choice is carried out for 2 people: Gull Hed and Folke Dal")
	old := b.form("/move", "Do it for 2 people", nil)
	b.choose(fp, "7")
	// The page of before: three are on the list by now, and two were confirmed.
	w.reads(b.follow(b.base, b.forge("/move", old)), "The list is no longer the one that was shown")
	if w.saves() != 0 {
		t.Errorf("an old page: %d saved", w.saves())
	}
	b.open("/steps/" + fp)
	page = b.submit("/move", "Do it for 3 people", nil)
	if got := w.holders("ten-sales"); !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 9}) {
		t.Fatalf("Sales is held by %v", got)
	}
	w.reads(page, "SuperOffice says: “Användaren har öppna förfrågningar i Service. Licensen kan inte tas bort”", "Folke Dal Done", "Elsa Berg Done")
	if got := w.tried(); got["done"] != 2.0 || got["blocked"] != 1.0 || got["by"] != "Ulla Sten" {
		t.Errorf("told is %v", got)
	}
	// Two are gone, and two were too many: the third is asked for no more, whoever presses once more.
	saves := w.saves()
	b.forge("/move", old)
	if w.saves() != saves {
		t.Error("an old press changed something")
	}
	b.submit("/check", "check again", nil)
	if f := w.finding("G-1", "not-activated"); f.State == "" {
		t.Errorf("not-activated %+v", f)
	}
}

// Nobody is freed beyond what is too many, though more are confirmed: and never who acts here.
func TestNeverOneTooMany(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(managed(granit()))
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.choose(fp, "9", "8", "7", "6")
	page := b.open("/steps/" + fp)
	w.reads(page, "Do it for 4 people")
	b.submit("/move", "Do it for 4 people", nil)
	if got := w.holders("ten-sales"); len(got) != 7 {
		t.Errorf("%d hold Sales, want 7: %v", len(got), got)
	}
	if got := w.tried(); got["done"] != 2.0 || got["skipped"] != 2.0 {
		t.Errorf("told is %v", got)
	}
	w.reads(b.open("/list/"+fp), "Keeps it: enough are free now")
}

// Two who press at once, and two hands that do it, free no more than is too many.
func TestTwoHandsMoveSeats(t *testing.T) {
	w := newWorld(t, nil)
	ulla := w.meet(managed(granit()))
	fp := w.finding("G-1", "surplus").Fingerprint
	per := w.linkOf("G-1", "per")
	ulla.session()
	per.session()
	ulla.choose(fp, "9", "8", "7")
	w.clock.tick = time.Microsecond
	var send []func() reply
	for _, who := range []*browser{ulla, per} {
		who.open("/steps/" + fp)
		send = append(send, who.posted("/move", who.form("/move", "Do it for 3 people", nil)))
	}
	for i, r := range w.both(send[0], send[1], send[0]) {
		if r.status != http.StatusSeeOther && r.status != http.StatusUnprocessableEntity && r.status != http.StatusServiceUnavailable {
			t.Errorf("hand %d: %v", i, r)
		}
	}
	w.sweep()
	if got := w.holders("ten-sales"); len(got) != 7 {
		t.Errorf("%d hold Sales, want 7: %v", len(got), got)
	}
}

// The answer to a save is lost, or ours is before it is written down: what was done is found, and the
// rest is done by the next run, no more and no less.
func TestSeatsAreMovedThoughAnswersAreLost(t *testing.T) {
	t.Run("SuperOffice's answer", func(t *testing.T) {
		w := newWorld(t, nil)
		w.oneHand = true
		w.start()
		b := w.meet(managed(granit()))
		fp := w.finding("G-1", "surplus").Fingerprint
		b.session()
		b.choose(fp, "9", "8", "7")
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Fault = crmsim.FaultSaved })
		b.open("/steps/" + fp)
		b.submit("/move", "Do it for 3 people", nil)
		if got := w.holders("ten-sales"); len(got) != 7 {
			t.Errorf("%d hold Sales, want 7: %v", len(got), got)
		}
		if got := w.tried(); got["done"] != 2.0 || got["skipped"] != 1.0 {
			t.Errorf("told is %v", got)
		}
	})
	t.Run("ours", func(t *testing.T) {
		w := newWorld(t, nil)
		w.oneHand = true
		w.start()
		b := w.meet(managed(granit()))
		fp := w.finding("G-1", "surplus").Fingerprint
		b.session()
		b.choose(fp, "9", "8", "7")
		b.open("/steps/" + fp)
		before := len(w.holders("ten-sales"))
		// The machine dies at the first write after somebody was saved.
		w.plan = func(c storetest.Call) storetest.Fault {
			if len(w.holders("ten-sales")) < before {
				return storetest.Lost
			}
			return storetest.None
		}
		b.posted("/move", b.form("/move", "Do it for 3 people", nil))()
		if !w.revive() {
			t.Fatal("it did not die")
		}
		w.plan = nil
		w.advance(w.clock.Now().Add(20 * time.Minute))
		if got := w.holders("ten-sales"); len(got) != 7 {
			t.Errorf("%d hold Sales, want 7: %v", len(got), got)
		}
		if got := w.tried(); got == nil || got["done"] != 2.0 || got["left"] != nil {
			t.Errorf("told is %v", got)
		}
	})
}

// manyTooMany is a customer with far more seats than are offered, whose administrator has opened the page.
func manyTooMany(t *testing.T) (*world, *browser, string) {
	w := newWorld(t, nil)
	c := managed(granit())
	for id := 31; id <= 45; id++ {
		c.tenant.Users = append(c.tenant.Users, person(id, "Extra "+string(rune('A'+id-31)), id, "ten-sales"))
	}
	c.tenant.Modules[0].Total = 30
	b := w.meet(c)
	b.session()
	return w, b, w.finding("G-1", "surplus").Fingerprint
}

// Beyond ten people a code is asked for, and it is good for that very list.
func TestManySeatsNeedACode(t *testing.T) {
	w, b, fp := manyTooMany(t)
	var ids []string
	for id := 31; id <= 42; id++ {
		ids = append(ids, strconv.Itoa(id))
	}
	b.choose(fp, ids...)
	page := b.open("/steps/" + fp)
	w.reads(page, "For this we ask for a code")
	if b.form("/move", "", nil) != nil {
		t.Error("the button is there without a code")
	}
	page = b.submit("/code", "The list is right", nil)
	w.reads(page, "It is on its way to ulla.sten@granit.example")
	last := w.inbox()
	if m := last[len(last)-1]; !strings.Contains(m.Text, "to have your choice carried out") || strings.Contains(m.Text, "activate") {
		t.Errorf("the mail says %s", m.Text)
	}
	page = b.submit("/move", "Do it for 12 people", url.Values{"code": {"000000"}})
	w.reads(page, "Wrong code")
	if w.saves() != 0 {
		t.Fatal("something was done without the code")
	}
	code := w.code()
	page = b.submit("/move", "Do it for 12 people", url.Values{"code": {code}})
	if got := len(w.holders("ten-sales")); got != 24-12 {
		t.Errorf("%d hold Sales: %s", got, page)
	}
	if got := w.tried(); got["done"] != 12.0 || got["left"] != nil {
		t.Errorf("told is %v", got)
	}
	if n := len(w.said("G-1", "seats.tried")); n != 2 {
		t.Errorf("it was told %d times how far it is, want 2: ten at a time", n)
	}
}

// A link that was passed on does not move more by asking for a few at a time.
func TestFewAtATimeNeedACodeToo(t *testing.T) {
	w, b, fp := manyTooMany(t)
	b.choose(fp, "31", "32", "33", "34", "35", "36")
	b.open("/steps/" + fp)
	b.submit("/move", "Do it for 6 people", nil)
	if got := len(w.holders("ten-sales")); got != 24-6 {
		t.Fatalf("%d hold Sales", got)
	}
	b.choose(fp, "37", "38", "39", "40", "41")
	w.reads(b.open("/steps/"+fp), "For this we ask for a code")
	if b.form("/move", "", nil) != nil {
		t.Error("the button is there without a code")
	}
}

// What is not granted is not offered; where it is withdrawn, it is said and offered no more.
func TestSeatsAreNotMovedWhereThatIsNotGranted(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.choose(fp, "9", "8")
	w.lacks(b.open("/steps/"+fp), "We can do it for you")
	if out := b.forge("/move", url.Values{"fingerprint": {fp}, "n": {"2"}}); out.status != http.StatusSeeOther || len(w.said("G-1", "seats.asked")) != 0 {
		t.Errorf("forged: %v", out.status)
	}
	w = newWorld(t, nil)
	b = w.meet(managed(granit()))
	b.session()
	b.choose(fp, "9", "8")
	b.open("/steps/" + fp)
	w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Grants = t.Grants[:len(t.Grants)-1] })
	page := b.submit("/move", "Do it for 2 people", nil)
	w.lacks(page, "We can do it for you")
	if got := w.tried(); got["next"] != "denied" || len(w.holders("ten-sales")) != 9 {
		t.Errorf("told is %v", got)
	}
}
