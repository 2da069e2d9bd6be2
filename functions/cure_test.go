package functions_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
)

// Cause 1 from the first click to the last, as a browser sends it: two are chosen, one is freed,
// another day and another device free the other, and the new licence is activated.
func TestCauseOneByThePages(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	w.lacks(b.open(""), "Gull Hed", "Dan Lund")

	// The button of the finding opens the session and leads to its people.
	w.quiet("choosing", func() {
		page := b.submit("/session", "Choose who gives up a seat", nil)
		if b.at != b.base+"/seats/"+fp {
			t.Fatalf("the button leads to %s", b.at)
		}
		w.reads(page, "Sales: choose 2 people who can do without", "Gull Hed", "Dan Lund")
		page = b.submit("/choose", "Choose those ticked", url.Values{"user": {"9"}})
		w.reads(page, "Your choice", "You chose on", "Gull Hed gives up Sales Still to do", "1 more to choose.", "Assigned 8")
		page = b.submit("/choose", "Choose those ticked", url.Values{"user": {"6"}})
		w.reads(page, "That is enough.", "Gull Hed gives up Sales", "Dan Lund gives up Sales")
		w.reads(after(page), "Sales", "Assigned 7", "In the new licence 7", "Then the new licence can be activated.")
		w.lacks(after(page), "too many", "Free ")
	})
	// On second thoughts somebody else, and back again.
	w.quiet("changing the choice", func() {
		w.lacks(b.submit("/choose", "Take off the list", nil), "Gull Hed gives up Sales")
		w.reads(b.choose(fp, "9"), "Gull Hed gives up Sales", "That is enough.")
	})
	if got := w.finding("G-1", "surplus"); got.Need != 2 || got.State != "open" {
		t.Errorf("to choose has changed what is found: %+v", got)
	}

	page := b.open("/steps/" + fp)
	w.reads(page, "0 of 2 done", "Gull Hed", "Dan Lund", "Remove excess use of licence", "https://online2.superoffice.com/Cust50001")
	w.lacks(page, "Ada Nord", "Bror Ek", "Cilla Vik", "Elsa Berg", "Folke Dal", "Per Alm")

	w.take(granitCust, "ten-sales", "9")
	page = b.submit("/check", "I have done it: check again", nil)
	w.reads(page, "What to do in SuperOffice", "1 of 2 done", "✓ Gull Hed Done", "○ Dan Lund", "Sales: 8 assigned, 1 fewer than before")

	// The session ends; another device goes on by the link of the mail.
	w.advance(w.clock.Now().Add(20 * time.Hour))
	later := b.elsewhere()
	page = later.open("/steps/" + fp)
	if later.at != later.base+"?session=over" {
		t.Errorf("without a session the steps lead to %s", later.at)
	}
	w.reads(page, "Names are hidden again after half an hour")
	w.lacks(page, "Dan Lund", "Gull Hed")
	later.session()
	w.reads(later.open(""), "1 of 2 done", "You began on")
	w.reads(later.open("/steps/"+fp), "1 of 2 done", "✓ Gull Hed Done", "○ Dan Lund")

	w.take(granitCust, "ten-sales", "6")
	page = later.submit("/check", "I have done it: check again", nil)
	w.reads(page, "Sales: 7 assigned, 1 fewer than before. That fits.", "Look at the new licence")

	page = later.open("/activate/" + granitCust)
	w.reads(page, "Sales 7 10 7 3 fewer", "send me a code")
	later.submit("/code", "send me a code", nil)
	page = later.submit("/activate", "Activate the new licence", url.Values{"code": {w.code()}})
	w.reads(page, "Done: the new licence is active until 13 December 2027")
	if tenant, _ := w.sim.Tenant(granitCust); tenant.Offer != nil {
		t.Error("in SuperOffice the new licence still waits")
	}

	// What changed, who did it, and what comes next. Names only for who asks.
	page = later.open("")
	w.reads(page, "Done: the new licence is active until 13 December 2027", "There is nothing more for you to do.", "Sales: 10 before, 7 now.",
		"Ulla Sten activated it here.", "Dan Lund and Gull Hed gave up a seat; Ulla Sten chose them.", "SuperOffice will renew by itself next time; it asks on 23 November")
	w.lacks(b.elsewhere().open(""), "Gull Hed", "Dan Lund")
}

// after is the part of the page of a choice that says how it would be.
func after(page string) string {
	_, rest, _ := strings.Cut(page, "Once that is done in SuperOffice")
	rest, _, _ = strings.Cut(rest, "What to do in SuperOffice")
	return rest
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the one in the newest mail with a code.
func (w *world) code() string {
	w.Helper()
	mails := w.inbox()
	slices.Reverse(mails)
	for _, m := range mails {
		if m.Why == "code" {
			return sixDigits.FindString(m.Text)
		}
	}
	w.Fatal("no code has come")
	return ""
}

// Who has open requests is said before the click, with what helps; and then it is the first step.
func TestOpenRequestsComeFirst(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit().holding(func(c *customer) { c.tenant.Users[8].OpenRequests = 4 }))
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	w.reads(b.open("/seats/"+fp), "Gull Hed last logged in 15 November has 4 open requests in Service. Give the requests to somebody else in Service first; then the seat can be freed.")
	b.choose(fp, "9", "8")
	page := b.open("/steps/" + fp)
	first, second := strings.Index(page, "First give their open requests to somebody else"), strings.Index(page, "Remove excess use of licence")
	if first < 0 || second < first {
		t.Errorf("the requests are not the first step: %s", page)
	}
	w.reads(page[first:second], "Gull Hed", "has 4 open requests in Service")
	w.lacks(page[first:second], "Folke Dal")

	// Given away, they are no step any more.
	if said := w.screen(granitCust, "give", url.Values{"user": {"9"}}); !strings.HasPrefix(said, "The open requests of Gull Hed are now with") {
		t.Fatalf("the screen says %q", said)
	}
	w.lacks(b.submit("/check", "check again", nil), "First give their open requests")
}

// Where everybody works with it, the right answer may be to order more: that is said first.
func TestAllActiveMayOrderMore(t *testing.T) {
	for _, c := range []struct {
		name  string
		days  int // since the one who was away longest has logged in
		first bool
	}{{"all work with it", 60, true}, {"one does not", 91, false}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			b := w.meet(granit().holding(func(g *customer) { g.tenant.Users[8].LastLogin = morning.AddDate(0, 0, -c.days) }))
			f := w.finding("G-1", "surplus")
			b.session()
			page := b.open("/seats/" + f.Fingerprint)
			order, list := strings.Index(page, "We want to keep them all"), strings.Index(page, "Gull Hed")
			if order < 0 || list < 0 || (order < list) != c.first {
				t.Errorf("to order more stands at %d, the list at %d: %s", order, list, page)
			}
			if c.first != strings.Contains(page, "Everybody uses it. Ordering 2 more may then be the right thing") {
				t.Errorf("the page says %s", page)
			}
			b.submit("/answer", "We want to keep them all", nil)
			if f := w.finding("G-1", "order-differs"); f.Code == "" {
				t.Errorf("nobody hears that they want to keep them: %s", lines(w.diagnosis("G-1").Findings))
			}
			if said := w.said("G-1", "finding.answered"); len(said) != 1 || said[0]["note"] != "order-more" || said[0]["by"] != "Ulla Sten" {
				t.Errorf("kept is %v", said)
			}
		})
	}
}

// Somebody may move to a plan that has a seat free: then that one has one more.
func TestMoveToAPlanWithAFreeSeat(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.open("/seats/" + fp)
	page := b.submit("/choose", "Move those ticked to Service (1 free)", url.Values{"user": {"9"}})
	w.reads(page, "Gull Hed moves to Service", "1 more to choose.")
	w.reads(after(page), "Sales Assigned 8", "Service Assigned 3")
	w.lacks(page, "Move those ticked") // its last free seat is spoken for
	// What is not offered, or has no seat left, is not taken from a page that was made up.
	for to, user := range map[string]string{service: "8", "nonsense": "8", sales: "8"} {
		if out := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {user}, "to": {to}}); out.status != 422 {
			t.Errorf("to move to %s answers %d", to, out.status)
		}
	}
	page = b.open("/steps/" + fp)
	w.reads(page, "choose them, press “Reassign”", "Gull Hed moves to Service")
	if said := w.screen(granitCust, "reassign", url.Values{"user": {"9"}, "module": {"ten-sales"}, "to": {"ten-service"}}); !strings.Contains(said, "reassigned") {
		t.Fatalf("the screen says %q", said)
	}
	w.reads(b.submit("/check", "check again", nil), "Gull Hed moves to Service Done", "1 of 1 done")
}

// Where people come from a directory, nobody is told to take anything by hand.
func TestDirectoriesAreNotUndoneByHand(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit().holding(func(c *customer) { c.tenant.Markers = []string{"scim"} }))
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	byHand := []string{"Remove excess use of licence", "press “Delete”", "Licences, tab SuperOffice"}
	pages := map[string]string{"overview": b.open("")}
	pages["people"] = b.open("/seats/" + fp)
	w.reads(pages["people"], "Remove the seat there, not in SuperOffice: what is removed by hand comes back overnight.")
	pages["chosen"] = b.submit("/choose", "Choose those ticked", url.Values{"user": {"8", "9"}})
	pages["steps"] = b.open("/steps/" + fp)
	w.reads(pages["steps"], "In the directory that your users come from, remove the licence from them.", "Wait for the next synchronisation", "Gull Hed", "Folke Dal")
	for name, page := range pages {
		for _, words := range byHand {
			if strings.Contains(page, words) {
				t.Errorf("the %s says %q: %s", name, words, page)
			}
		}
	}
	w.lacks(w.inbox()[0].Text, byHand...)
}

// suite is a customer with one plan for everybody who can log in: nine, and the next licence
// has seven.
func suite() customer {
	return granit().holding(func(c *customer) {
		c.account.Model = "suite"
		c.account.Plans = []licence.Plan{{Plan: "suite", Name: "CRM Suite", Module: "suite-users", Prices: []string{"price_suite"}}}
		c.tenant.Users = c.tenant.Users[:9]
		c.tenant.Modules = []crmsim.Module{{Name: "suite-users", Description: "CRM Suite", Kind: crmsim.Suite, Total: 10, NewTotal: 7}}
		for i := range c.tenant.Users {
			c.tenant.Users[i].Plans = nil
		}
	})
}

// With one plan for all, nobody hears of plans: it is about who logs in.
func TestOnePlanForAllIsNotCalledAPlan(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(suite())
	f := w.finding("G-1", "surplus")
	if f.Subject.Kind != "suite" {
		t.Fatalf("found is %s", lines(w.diagnosis("G-1").Findings))
	}
	b.session()
	pages := []string{b.open("/seats/" + f.Fingerprint), b.choose(f.Fingerprint, "8", "9")}
	pages = append(pages, b.open("/steps/"+f.Fingerprint))
	w.reads(pages[0], "Choose 2 people who need not log in any more")
	w.reads(pages[1], "Gull Hed no longer logs in", "That is enough.")
	w.reads(pages[2], "Switch off “Can log in” for them, and press “Save” each time", "Gull Hed", "Folke Dal")
	for _, page := range pages {
		w.lacks(strings.ToLower(page), " plan ", " plans", " plan.", "excess use")
	}
	w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[8].CanLogin = false })
	w.reads(b.submit("/check", "check again", nil), "1 of 2 done", "Gull Hed no longer logs in Done", "Folke Dal no longer logs in Still to do")
	// Somebody else stops logging in instead of Folke, and that is enough: he gave up nothing.
	w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[6].CanLogin = false })
	b.submit("/check", "check again", nil)
	if said := w.screen(granitCust, "activate", nil); said != "The new licence has been activated." {
		t.Fatalf("the screen says %q", said)
	}
	b.open("")
	b.session()
	page := b.submit("/check", "Check again", nil)
	w.reads(page, "Done: the new licence is active", "Gull Hed gave up a seat")
	w.lacks(page, "Folke Dal")
}
