package functions_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// tellSeat tells of one person's plan, as the standard sender does.
func (w *world) tellSeat(account string, s licence.SeatChanged) {
	w.Helper()
	data, err := json.Marshal(struct {
		Account string `json:"account"`
		licence.SeatChanged
	}{account, s})
	if err != nil {
		w.Fatal(err)
	}
	w.must(w.say("seat.changed", w.clock.Now(), string(data)), "applied")
}

// The easiest to free come first, each with the reason; those who should keep it stand apart;
// who reads the page, and whoever else administers, stands nowhere.
func TestTheEasiestComeFirst(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit().holding(func(c *customer) {
		c.tenant.Modules[0].Total = 20
		add := func(id int, name string, days int, created int) {
			u := person(id, name, days, "ten-sales")
			u.Created = morning.AddDate(0, 0, -created)
			if days == neverIn {
				u.LastLogin = time.Time{}
			}
			c.tenant.Users = append(c.tenant.Users, u)
		}
		c.tenant.Users = c.tenant.Users[:2]
		add(11, "Olle Old", 89, 700)
		add(12, "Ivar Idle", 91, 700)
		add(13, "Irma Idler", 200, 700)
		add(14, "Nina New", neverIn, 29)
		add(15, "Nils Never", neverIn, 31)
		add(16, "Wera Wait", neverIn, 700)
		add(17, "Nolan Out", 10, 700)
		add(18, "Ada Active", 1, 700)
		add(19, "Petra Protected", 300, 700)
		add(20, "Lars Leave", 300, 700)
		add(21, "Unni Unknown", 300, 700)
		for i := range c.tenant.Users {
			u := &c.tenant.Users[i]
			u.Waiting, u.CanLogin = u.ID == 16, u.ID != 17
		}
	}))
	seat := func(id, name string, change func(*licence.User)) {
		u := licence.User{ID: id, Name: name, Email: id + "@granit.example", CanLogin: true, Activity: "known", LastActive: morning.AddDate(0, 0, -300)}
		change(&u)
		w.tellSeat("G-1", licence.SeatChanged{CustID: granitCust, Plan: sales, Held: true, User: u})
	}
	seat("19", "Petra Protected", func(u *licence.User) { u.Protected = true })
	seat("20", "Lars Leave", func(u *licence.User) { u.LeaveUntil = "2026-11-24" })
	seat("21", "Unni Unknown", func(u *licence.User) { u.Activity = "unknown" })
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	w.reads(b.open("/seats/"+fp+"?q=Gunnar"), "Nobody on the list has “Gunnar” in the name or address.")
	page := b.open("/seats/" + fp)
	list, apart := b.people()
	if want := []string{"Nolan Out", "Wera Wait", "Nils Never", "Irma Idler", "Ivar Idle", "Nina New", "Olle Old", "Ada Active", "Unni Unknown"}; !slices.Equal(list, want) {
		t.Errorf("the order is %q, want %q", list, want)
	}
	if slices.Sort(apart); !slices.Equal(apart, []string{"Lars Leave", "Per Alm", "Petra Protected", "Ulla Sten"}) {
		t.Errorf("apart stand %q", apart)
	}
	w.reads(page, "Nolan Out cannot log in any more", "Wera Wait is waiting for approval, and has never used it", "Nils Never has never logged in; created 23 October",
		"Irma Idler has not logged in since", "Ivar Idle has not logged in since", "Nina New has not logged in yet; created 25 October", "Olle Old last logged in", "Unni Unknown last login not known",
		"Lars Leave has not logged in since 27 January 2026 is on leave until 24 November", "is marked as protected")
	w.reads(page, "is you. You need your own seat to finish this: choose somebody else.", "is one of your contacts for the licence.")
	// The day after the leave has ended, he is one of the others.
	w.clock.set(w.clock.Now().AddDate(0, 0, 2))
	b = b.elsewhere().session()
	b.open("/seats/" + fp)
	if list, _ := b.people(); !slices.Contains(list, "Lars Leave") {
		t.Errorf("back from leave, he is not in %q", list)
	}
}

const neverIn = 1 << 20 // days since somebody logged in, who never did

// A page that was made up chooses nobody who may not be: it is told what is wrong, and nothing
// is kept.
func TestMadeUpChoicesAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	w.tellSeat("G-1", licence.SeatChanged{CustID: granitCust, Plan: sales, Held: true, User: licence.User{ID: "9", Name: "Gull Hed", Email: "gull.hed@granit.example", CanLogin: true, Protected: true, LastActive: morning}})
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	before := len(w.db.written())
	var many []string
	for n := range 91 {
		many = append(many, strconv.Itoa(n))
	}
	for name, users := range map[string][]string{
		"the reader": {"1"}, "the reader and another": {"8", "1"}, "the other administrator": {"2"}, "who is protected": {"9"},
		"who holds another plan": {"21"}, "nobody there": {"999"}, "no id": {""}, "nobody": nil, "very many": many,
	} {
		out := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": users})
		want := "One of them cannot be chosen: that seat is yours, the last administrator's, or is not held any more."
		if name == "nobody" {
			want = "Tick somebody first."
		}
		if out.status != 422 || !strings.Contains(text(out.body), want) || !strings.Contains(out.body, `role="alert"`) {
			t.Errorf("%s: %d %.300s", name, out.status, text(out.body))
		}
	}
	if wrote := w.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("what was refused wrote %v", wrote)
	}
	w.reads(b.choose(fp, "8"), "Folke Dal gives up Sales")
}

// Somebody must be left to administer, whoever reads the page.
func TestOneAdministratorIsLeft(t *testing.T) {
	administered := func(admins ...int) customer {
		return granit().holding(func(c *customer) {
			c.account.Contacts[0].User, c.account.Contacts[0].Email = "", "ulla@consult.example" // who looks after it from outside
			c.account.Contacts = append(c.account.Contacts[:1], c.account.Contacts[2:]...)
			for i := range c.tenant.Users {
				c.tenant.Users[i].Admin = slices.Contains(admins, c.tenant.Users[i].ID)
			}
		})
	}
	t.Run("the only one stands apart", func(t *testing.T) {
		w := newWorld(t, nil)
		b := w.meet(administered(9))
		fp := w.finding("G-1", "surplus").Fingerprint
		b.session()
		for _, q := range []string{"", "?q=Gull"} {
			w.reads(b.open("/seats/"+fp+q), "is the last administrator. Somebody must be able to administer SuperOffice: choose somebody else.")
			if list, apart := b.people(); slices.Contains(list, "Gull Hed") || !slices.Contains(apart, "Gull Hed") {
				t.Errorf("%q: to be chosen are %q, apart %q", q, list, apart)
			}
		}
		if out := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {"9"}}); out.status != 422 {
			t.Errorf("to choose the only administrator answers %d", out.status)
		}
	})
	t.Run("of two, one", func(t *testing.T) {
		w := newWorld(t, nil)
		b := w.meet(administered(8, 9))
		fp := w.finding("G-1", "surplus").Fingerprint
		b.session()
		w.reads(b.open("/seats/"+fp), "Gull Hed", "Folke Dal")
		w.reads(b.open("/seats/"+fp+"?q=Gull"), "Gull Hed last logged in")
		if out := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {"8", "9"}}); out.status != 422 {
			t.Errorf("to choose all administrators at once answers %d", out.status)
		}
		w.reads(b.choose(fp, "9"), "Gull Hed gives up Sales")
		if out := b.forge("/choose", url.Values{"fingerprint": {fp}, "user": {"8"}}); out.status != 422 {
			t.Errorf("to choose the other administrator afterwards answers %d", out.status)
		}
	})
	t.Run("the other has another plan", func(t *testing.T) {
		w := newWorld(t, nil)
		b := w.meet(administered(9, 21))
		b.session()
		w.reads(b.choose(w.finding("G-1", "surplus").Fingerprint, "9"), "Gull Hed gives up Sales")
	})
}
