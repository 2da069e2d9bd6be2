package functions_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// known is all that an account knows, and who holds what at an installation.
func (p *played) known(cust string) string {
	p.Helper()
	k := p.state()
	for _, i := range k.Licences.By {
		i.Roster.ID, i.Roster.Changed = "", nil // by which body came last
	}
	var b strings.Builder
	for _, part := range licence.Parts {
		text, err := k.Encode(part)
		if err != nil {
			p.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", part, text)
	}
	return b.String() + p.holders(cust)
}

func (p *played) state() licence.Known {
	p.Helper()
	l, err := p.db.Load(p.Context(), p.account, storeWant)
	if err != nil {
		p.Fatal(err)
	}
	return l.State.Known.Clone()
}

// holders are the people who hold anything at an installation, and what.
func (p *played) holders(cust string) string {
	p.Helper()
	i := p.state().Inst(cust)
	seats, _, err := p.db.Seats(p.Context(), p.account, i.CustID, i.Roster.ID, store.Page{Limit: 500})
	if err != nil {
		p.Fatal(err)
	}
	var b strings.Builder
	for _, s := range seats {
		for _, plan := range slices.Sorted(maps.Keys(s.Plans)) {
			if h := s.Plans[plan]; h.Held {
				user := s.User.Value
				fmt.Fprintf(&b, "%s %s holds %s, with %d requests, may log in: %v\n", user.ID, user.Name, plan, h.Requests, user.CanLogin)
			}
		}
	}
	return b.String()
}

// A month of an operator's own system, told in any order and some of it twice, ends as it does in the order in
// which it happened.
func TestAStandardMonthInAnyOrder(t *testing.T) {
	end := func(bodies [][]byte) (string, *played, []string) {
		p := billedBy(t, "stripe", "cus_1")
		p.asleep = true // what is known is of bodies alone
		p.clock.set(p.clock.Now().Add(24 * time.Hour))
		var outcomes []string
		for _, b := range bodies {
			r := p.post("standard", "/users/standard", fmt.Sprintf("month-%x", sha256.Sum256(b)), b) // which says nothing of its place
			outcomes = append(outcomes, r.outcome())
			if !slices.Contains([]string{"applied", "unchanged", "duplicate"}, r.outcome()) {
				t.Errorf("%s is answered %v", b, r)
			}
		}
		return p.known("Cust1"), p, outcomes
	}
	type told struct {
		month, mixed [][]byte
		seats        int
		holds        []int
	}
	drawn := rapid.Custom(func(t *rapid.T) told {
		m, holds := standardMonth(t)
		twice := m.bodies[:rapid.IntRange(0, len(m.bodies)).Draw(t, "twice")]
		return told{m.bodies, rapid.Permutation(append(slices.Clone(m.bodies), twice...)).Draw(t, "order"), m.seats, holds}
	})
	for i := range 12 {
		d := drawn.Example(i)
		want, p, _ := end(d.month)
		if got := p.ordered(); got != float64(d.seats) {
			t.Errorf("month %d: %v ordered, want %d", i, got, d.seats)
		}
		for _, user := range d.holds {
			if !strings.Contains(want, fmt.Sprintf("%d Person %d holds", user, user)) {
				t.Errorf("month %d: %d does not hold a seat in %s", i, user, want)
			}
		}
		if n := strings.Count(want, " holds "); n != len(d.holds) {
			t.Errorf("month %d: %d people hold seats, want %v", i, n, d.holds)
		}
		got, _, outcomes := end(d.mixed)
		if got != want {
			t.Errorf("month %d in another order:\n%s\nwant\n%s\n%s", i, got, want, d.mixed)
		}
		if n := len(d.mixed) - len(d.month); n > 0 && !slices.Contains(outcomes, "duplicate") {
			t.Errorf("month %d: %d came twice, and none is a duplicate", i, n)
		}
	}
}

// standardMonth draws a month of every kind of news, and who holds a seat in the end.
func standardMonth(t *rapid.T) (m *monthly, holds []int) {
	m = newMonth(t)
	held := map[int]bool{}
	tell := func(kind, data string) {
		_, at := m.next(time.Duration(rapid.SampledFrom([]int{1, 250, 999_000, 60_000_000}).Draw(t, "microseconds")) * time.Microsecond)
		m.bodies = append(m.bodies, fmt.Appendf(nil, `{"type":%q,"timestamp":%q,"data":{"account":"C-1",%s}}`, kind, at.Format(time.RFC3339Nano), data))
	}
	user := func(id int) string {
		return fmt.Sprintf(`"open_requests":%d,"user":{"id":"%d","name":"Person %d","email":"person%d@fjord.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}`,
			rapid.IntRange(0, 2).Draw(t, "requests"), id, id, id)
	}
	subscription := func(status string) {
		m.seats = rapid.IntRange(8, 12).Draw(t, "seats")
		tell("subscription.changed", fmt.Sprintf(`"subscription":"S-1","plans":[{"plan":"sales-premium","seats":%d}],"status":%q,"renews_at":"2026-12-13","scheduled":[{"at":"2026-12-13T00:00:00Z","plans":[{"plan":"sales-premium","seats":%d}]}]`,
			m.seats, status, rapid.IntRange(5, 9).Draw(t, "scheduled seats")))
	}
	invoice := func(status, paid string) {
		tell("invoice.changed", fmt.Sprintf(`"invoice":"INV-7","status":%q,"due":"2026-11-01","paid_at":%s,"amount":"12500.00","currency":"SEK","url":"https://pay.example/INV-7"`, status, paid))
	}
	list := func() {
		held = map[int]bool{}
		var rows []string
		for id := 1; id <= 6; id++ {
			if rapid.Bool().Draw(t, "holds") {
				held[id] = true
				rows = append(rows, `{"plan":"sales-premium",`+user(id)+`}`)
			}
		}
		tell("seats.listed", `"cust_id":"Cust1","seats":[`+strings.Join(rows, ",")+`]`)
	}
	change := func() {
		id := rapid.IntRange(1, 6).Draw(t, "user")
		held[id] = rapid.Bool().Draw(t, "holds")
		tell("seat.changed", fmt.Sprintf(`"cust_id":"Cust1","plan":"sales-premium","held":%v,%s`, held[id], user(id)))
	}
	account := readAccount("C-1", "Cust1", "stripe", "cus_1")
	tell("account.changed", strings.Replace(account[1:len(account)-1], `"account":"C-1",`, "", 1))
	report := licenceOf("C-1")
	tell("licence.reported", strings.Replace(report[1:len(report)-1], `"account":"C-1",`, "", 1))
	subscription("active")
	list()
	for range rapid.IntRange(4, 10).Draw(t, "news") {
		switch rapid.IntRange(0, 9).Draw(t, "of") {
		case 0:
			subscription("active")
		case 1:
			list()
		case 2, 3, 4:
			change()
		case 5:
			tell("licence.issued", `"cust_id":"Cust1","expires":"2027-12-13"`)
		case 6:
			tell("arrangement.changed", `"until":"2026-11-20","note":"Spoke with Bo.","by":"Eva"`)
		case 7:
			tell("installation.reported", fmt.Sprintf(`"cust_id":"Cust1","state":%q`, rapid.SampledFrom([]string{"running", "maintenance"}).Draw(t, "state")))
		case 8:
			tell("source.checked", `"source":"billing"`)
		case 9:
			tell("activation.tried", `"cust_id":"Cust1","ok":false,"reason":"A rule is broken.","by":"Anna"`)
		}
	}
	invoice("open", "null")
	tell("payment.claimed", `"invoice":"INV-7","paid_on":"2026-10-05","reference":"7","by":"Bo"`)
	for _, status := range rapid.SampledFrom([][]string{{}, {"disputed"}, {"disputed", "paid"}, {"paid"}, {"void"}}).Draw(t, "invoice") {
		invoice(status, map[bool]string{true: `"2026-10-01"`, false: "null"}[status == "paid"])
	}
	if m.last == "paused" || m.last == "resumed" {
		subscription("paused")
	}
	if m.last == "resumed" {
		subscription("active")
	}
	for id := range held {
		if held[id] {
			holds = append(holds, id)
		}
	}
	return m, holds
}

// However long each hook of SuperOffice's is under way, and though any comes twice, a month ends in what is so
// there: none of them says what, and each owes a read.
func TestASuperOfficeMonthInAnyOrder(t *testing.T) {
	someone := func(u *crmsim.Tenant, id int) *crmsim.User {
		return &u.Users[slices.IndexFunc(u.Users, func(u crmsim.User) bool { return u.ID == id })]
	}
	month := []struct {
		event string
		who   int
		is    func(*crmsim.Tenant)
	}{
		{"associate.created", 31, func(s *crmsim.Tenant) { s.Users = append(s.Users, person(31, "Nina Ny", 0, "ten-sales")) }},
		{"associate.changed", 9, func(s *crmsim.Tenant) { someone(s, 9).Plans = nil }},
		{"person.changed", 3, func(s *crmsim.Tenant) { someone(s, 3).Name = "Ada Syd" }},
		{"ticket.created", 4, func(s *crmsim.Tenant) { someone(s, 4).OpenRequests = 5 }},
		{"associate.changed", 5, func(s *crmsim.Tenant) { someone(s, 5).CanLogin = false }},
		{"associate.deleted", 8, func(s *crmsim.Tenant) {
			s.Users = slices.DeleteFunc(s.Users, func(u crmsim.User) bool { return u.ID == 8 })
		}},
		{"associate.changed", 9, func(s *crmsim.Tenant) { someone(s, 9).Plans = []string{"ten-service"} }},
	}
	end := func(delay func(i int) int) string {
		w := newWorld(t, nil)
		w.meet(granit())
		p := &played{world: w, account: "G-1"}
		at := make([]time.Time, len(month))
		for now := range 2 * len(month) {
			p.advance(p.clock.Now().Add(5 * time.Minute))
			if now < len(month) {
				p.inSuperOffice(granitCust, month[now].is)
				at[now] = p.clock.Now()
			}
			for i, c := range month {
				if due := min(2*len(month)-1, i+delay(i)); due == now || i%3 == 0 && due+1 == now {
					entity, _, _ := strings.Cut(c.event, ".")
					body := fmt.Appendf(nil, `{"EventId":"ev-%d","Timestamp":%q,"Changes":["updated"],"Event":%q,"PrimaryKey":%d,"Entity":%q,"ContextIdentifier":%q,"ChangedByAssociateId":1,"WebhookName":"Seatmend"}`,
						i, at[i].UTC().Format(time.RFC3339Nano), c.event, c.who, entity, granitCust)
					if r := p.post("superoffice", "/users/superoffice", "", body); !slices.Contains([]string{"applied", "unchanged", "duplicate"}, r.outcome()) {
						t.Errorf("%s is answered %v", body, r)
					}
				}
			}
		}
		p.advance(p.clock.Now().Add(5 * time.Minute))
		return p.holders(granitCust)
	}
	want := end(func(int) int { return 0 })
	for _, has := range []string{"31 Nina Ny holds sales", "3 Ada Syd holds sales", "4 Bror Ek holds sales, with 5", "9 Gull Hed holds service"} {
		if !strings.Contains(want, has) {
			t.Errorf("nothing of %q in %s", has, want)
		}
	}
	if strings.Contains(want, "8 Folke Dal") || strings.Contains(want, "9 Gull Hed holds sales") {
		t.Error(want)
	}
	delays := rapid.SliceOfN(rapid.IntRange(0, len(month)), len(month), len(month))
	for seed := range 4 {
		by := delays.Example(seed)
		if got := end(func(i int) int { return by[i] }); got != want {
			t.Errorf("with %v it ends in\n%s\nwant\n%s", by, got, want)
		}
	}
}
