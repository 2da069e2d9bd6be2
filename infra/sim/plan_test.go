package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"
)

// A plan is all that a seed draws. What fails is shrunk by taking from it.
type plan struct {
	Seed   uint64
	Days   int            // until all has happened
	Rates  map[string]int // of each fault, in ten thousand
	ByRank bool           // how who goes on is chosen
	Skew   [2]time.Duration
	Rows   [2]bool // the process has SQLite's way to commit, else DynamoDB's
	More   bool    // mails come back, see more
	Leaves bool    // the customers leave at the end
	Next   bool    // the second process is of the next version, which stores more

	Senders   bool `json:",omitempty"` // there are more billing systems, see further
	Activates bool `json:",omitempty"` // we may activate
	Stuck     int  `json:",omitempty"` // the customer who cannot be delivered to; 0: none

	Who    []customer
	Events []event
	Spared map[string]bool // faults that are not to happen, by kind and call
	Met    string          `json:",omitempty"` // of a plan that is kept: how many happened, and a sum of which
}

// A customer is one of the operator's.
type customer struct {
	N         int
	Mail      string
	Connected bool // we can read its installation
	Late      bool // its directory is told after much else
}

func (c customer) account() string { return fmt.Sprintf("S-%d", c.N) }
func (c customer) cust() string    { return fmt.Sprintf("Cust77%d", c.N) }
func (c customer) stripe() string  { return fmt.Sprintf("cus_sim%d", c.N) }
func (c customer) name() string    { return fmt.Sprintf("Kund%dsim AS", c.N) }

func (c customer) address(who int) string { return fmt.Sprintf("who%d@kund%d.example", who, c.N) }

// An event is something that somebody does.
type event struct {
	Name   string // stays the same however the plan is shortened
	At     time.Duration
	Kind   string
	Of     int // the customer
	X, Y   int
	Late   time.Duration   // it is told so long after it was so
	Copies []time.Duration // it is told again so long after
	Skew   time.Duration   // of the sender's clock
}

// All kinds of fault, with what they are for.
var faultKinds = []string{
	"crash-before", "crash-after", "lost", "kept", "conflict", "stall", "crm-null", "crm-moved", "crm-busy", "mail-refused", "mail-busy",
	"stale-due", "stale-accounts", "stream-lost", "stream-twice", "answer-lost",
}

// moreKinds are drawn apart: see further.
var moreKinds = []string{"group-lost"}

var eventKinds = []string{
	"directory", "directory", "seat", "seat", "seat", "list", "list", "licence", "licence", "order", "order", "stripe", "stripe", "stripe-test", "invoice", "login",
	"visit", "visit", "visit", "crm", "conflict", "poison", "desk", "desk", "rotate",
}

// drawn is the plan of a seed.
func drawn(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 23))
	p := plan{Seed: seed, Days: 1 + r.IntN(2)*r.IntN(2), Rates: map[string]int{}, ByRank: r.IntN(2) == 0, Spared: map[string]bool{}}
	if r.IntN(200) == 0 {
		p.Days = 30
	}
	for _, kind := range faultKinds {
		if r.IntN(2) == 0 {
			p.Rates[kind] = []int{100, 300, 1000}[r.IntN(3)]
		}
		if strings.HasPrefix(kind, "crash") {
			p.Rates[kind] /= 3
		}
	}
	for i := range p.Skew {
		p.Skew[i] = time.Duration(r.IntN(120)-60) * time.Second * time.Duration(r.IntN(2))
		p.Rows[i] = r.IntN(2) == 0
	}
	for n := range 1 + r.IntN(4)/3 {
		c := customer{N: n + 1, Mail: []string{"on", "on", "on", "review", "review", "off"}[r.IntN(6)], Connected: r.IntN(10) == 0, Late: r.IntN(4) == 0}
		p.Who = append(p.Who, c)
		at := time.Duration(0)
		if c.Late {
			at = time.Duration(r.IntN(120)) * time.Minute
		}
		p.Events = append(p.Events, event{Name: fmt.Sprintf("dir%d", n), At: at, Kind: "directory", Of: n}, event{Name: fmt.Sprintf("lic%d", n), At: time.Second, Kind: "licence", Of: n, X: 9, Y: 8})
	}
	// Much happens at a few moments, so that hands meet.
	moments := []time.Duration{time.Minute, 20 * time.Minute}
	if r.IntN(3) == 0 {
		moments = append(moments, time.Duration(r.IntN([]int{60, 360, p.Days * 24 * 60}[r.IntN(3)]))*time.Minute)
	}
	for i := range 4 + r.IntN(5) {
		e := event{Name: fmt.Sprintf("e%d", i), At: moments[r.IntN(len(moments))], Kind: eventKinds[r.IntN(len(eventKinds))], Of: r.IntN(len(p.Who)), X: r.IntN(1000), Y: r.IntN(1000)}
		if e.Kind == "visit" || e.Kind == "desk" {
			e.At += time.Duration(25+r.IntN(60)) * time.Minute // when a mail may have come
		}
		if r.IntN(40) == 0 {
			e.At += time.Duration(r.IntN(75)) * time.Hour
		}
		for range r.IntN(3) * r.IntN(2) {
			e.Copies = append(e.Copies, []time.Duration{0, 0, 0, 0, time.Second, 5 * time.Minute, 5 * time.Minute, 75 * time.Hour}[r.IntN(8)])
		}
		e.Skew = time.Duration(r.IntN(120)-60) * time.Second * time.Duration(r.IntN(2))
		p.Events = append(p.Events, e)
	}
	p.Next = r.IntN(6) == 0
	p.sort()
	p.more()
	p.month()
	p.late()
	p.lists()
	p.further()
	return p
}

// A message is what a sender tells, and says under one id until it is answered.
type message struct {
	event
	id, sender, path, kind string
	fact                   string   // the id of its fact
	tells                  []string // of all of its facts, where it tells several
	at                     time.Time
	body                   []byte
	data                   map[string]any
	ignored                bool // it must not be taken
	poison                 bool
	rival                  *message // another body of the same id

	accepted bool
	aside    bool // it was set aside
	stale    bool // it was told that it changes nothing
	refused  bool // another body stands under its id
	tries    int
	open     bool // a hand is at it
}

// users of a list, by a number: bit i is that user i holds a seat.
func userOf(c customer, id int, can bool, name int) map[string]any {
	return map[string]any{"id": fmt.Sprint(id), "name": fmt.Sprintf("Bruker %d av %d, %d", id, c.N, name), "email": c.address(id), "can_login": can, "admin": id == 1, "protected": false,
		"waiting_for_approval": false, "last_active": "2026-08-02T07:00:00Z"}
}

// most is how many people an installation has.
const most = 6

// messages are those of an event.
func (w *world) messages(e event) []*message {
	c := w.plan.Who[e.Of]
	at := w.start.Add(e.At).Add(e.Skew).Truncate(time.Second)
	m := &message{event: e, id: "msg-" + e.Name, sender: "standard", path: "/users/standard", at: at}
	m.fact = "standard/" + m.id
	data := map[string]any{"account": c.account()}
	switch e.Kind {
	case "directory":
		m.kind, m.path = "account.changed", "/billing/standard"
		maps.Copy(data, w.directory(c, e))
	case "seat", "conflict":
		m.kind = "seat.changed"
		maps.Copy(data, map[string]any{"cust_id": c.cust(), "plan": "p", "held": e.X%3 > 0, "open_requests": 0, "user": userOf(c, 1+e.Y%most, e.Y%7 > 0, e.X)})
	case "list":
		m.kind = "seats.listed"
		seats := []any{}
		for i := range most {
			if e.X>>i&1 == 1 {
				seats = append(seats, map[string]any{"plan": "p", "open_requests": 0, "user": userOf(c, i+1, e.Y>>i&1 == 0 || i == 0, 0)})
			}
		}
		maps.Copy(data, map[string]any{"cust_id": c.cust(), "seats": seats})
	case "licence", "renewed":
		m.kind = "licence.reported"
		maps.Copy(data, w.licenceOf(c, e))
		if e.Kind == "renewed" {
			maps.Copy(data, w.renewed(c))
		}
	case "order":
		m.kind, m.path = "subscription.changed", "/billing/standard"
		maps.Copy(data, map[string]any{"subscription": "sub-" + c.account(), "plans": []any{map[string]any{"plan": "p", "seats": e.X % 9}}, "status": "active"})
	case "stripe", "stripe-test":
		m.sender, m.path, m.kind, m.fact = "stripe", "/billing/stripe", "stripe", "stripe/evt_"+e.Name
		m.id, m.ignored = "", e.Kind == "stripe-test"
		m.at = at.Truncate(time.Second)
		m.body = fmt.Appendf(nil, `{"id":"evt_%s","object":"event","api_version":"2025-08-27.basil","created":%d,"livemode":%v,"type":"customer.subscription.updated","data":{"object":{"id":"sub_%s","object":"subscription","customer":%q,"status":"active",
"items":{"object":"list","has_more":false,"data":[{"id":"si_1","current_period_end":1798761600,"quantity":%d,"price":{"id":"price_x","lookup_key":null,"recurring":{"usage_type":"licensed"}}}]},"cancel_at":null,"cancel_at_period_end":false,"ended_at":null}}}`,
			e.Name, at.Unix(), !m.ignored, c.stripe(), c.stripe(), e.X%9)
		return []*message{m}
	case "paddle", "chargebee", "recurly", "superoffice":
		w.bodyOf(c, e, m)
		return []*message{m}
	case "invoice":
		m.kind, m.path = "invoice.changed", "/billing/standard"
		maps.Copy(data, map[string]any{"invoice": fmt.Sprintf("INV-%d", e.X%2), "status": []string{"open", "open", "paid", "void"}[e.Y%4], "due": "2026-11-01", "paid_at": map[bool]any{true: "2026-11-20", false: nil}[e.Y%4 == 2],
			"amount": "100.00", "currency": "NOK", "url": "https://faktura.example/1", "period": map[string]any{"from": "2026-12-13", "to": "2027-12-13"}})
	case "login":
		m.sender, m.path, m.kind, m.fact = "login", "/login-warnings", "login.warned", "login/"+m.id
		data = map[string]any{"cust_id": c.cust(), "serial": "77" + fmt.Sprint(c.N), "url": "https://kund.example", "version": "12.2", "message": "Lisensen utløper snart", "days_left": e.X % 20,
			"user": map[string]any{"id": "2", "name": "Bruker", "email": c.address(2), "locale": "nb"}}
	case "poison":
		m.poison, m.kind = true, "stripe"
		m.sender, m.path, m.id = "stripe", "/billing/stripe", ""
		m.body = fmt.Appendf(nil, `{"id":"evt_%s","object":"event","created":%d,"livemode":true,"type":"customer.subscription.updated","data":{"object":{"id":"sub_%s","object":"subscription","customer":%q,"status":"resting"}}}`, e.Name, at.Unix(), c.stripe(), c.stripe())
		return []*message{m}
	}
	m.data = data
	body, err := json.Marshal(map[string]any{"type": m.kind, "timestamp": m.at.UTC().Format(time.RFC3339), "data": data})
	if err != nil {
		panic(err)
	}
	m.body = body
	if e.Kind != "conflict" {
		return []*message{m}
	}
	// The same id says two things.
	other := *m
	twin := maps.Clone(data)
	twin["held"] = e.X%3 == 0
	other.data = twin
	other.body, _ = json.Marshal(map[string]any{"type": m.kind, "timestamp": m.at.UTC().Format(time.RFC3339), "data": twin})
	other.Name += "-twin"
	m.rival, other.rival = &other, m
	return []*message{m, &other}
}

// directory is a customer as it is told: people leave, mails are switched, and the mapping to the billing
// system comes and goes.
func (w *world) directory(c customer, e event) map[string]any {
	first := e.X == 0 && e.Y == 0
	contact := func(who int, role string) map[string]any {
		out := map[string]any{"id": fmt.Sprintf("w%d", who), "name": fmt.Sprintf("Leser %d", who), "email": c.address(who), "role": role, "locale": "en"}
		if who < 3 {
			out["user"] = fmt.Sprint(who)
		}
		if !first && e.X>>who&3 == 3 {
			out["left"] = "2026-11-01"
		}
		return out
	}
	billing := []any{}
	if first && !c.Late || e.Y%3 > 0 {
		billing = append(billing, map[string]any{"sender": "stripe", "id": c.stripe()})
	}
	if w.plan.Senders {
		billing = append(billing, map[string]any{"sender": "paddle", "id": c.paddle()}, map[string]any{"sender": "chargebee", "id": c.chargebee()})
	}
	mail := c.Mail
	if !first {
		mail = []string{c.Mail, c.Mail, c.Mail, "on", "off", "review"}[e.X%6]
	}
	return map[string]any{"name": c.name(), "locale": "en", "timezone": "Europe/Oslo", "model": "plans", "mail": mail, "country": "NO",
		"contacts":      []any{contact(1, "admin"), contact(2, "admin"), contact(3, "billing")},
		"installations": []any{map[string]any{"cust_id": c.cust(), "serial": fmt.Sprintf("77%d", c.N), "kind": "production", "hosting": "onsite", "url": "https://kund.example"}},
		"billing":       billing, "plans": []any{map[string]any{"plan": "p", "name": "P", "module": "m", "prices": []any{"price_x"}}}}
}

func (w *world) licenceOf(c customer, e event) map[string]any {
	total, offered := 4+e.X%6, 2+e.Y%6
	line := map[string]any{"plan": "p", "module": "m", "description": "P", "total": total, "in_use": min(total, 1+e.Y%9), "unrestricted": false}
	out := map[string]any{"cust_id": c.cust(), "serial": fmt.Sprintf("77%d", c.N), "version": "12.2", "licensed_version": "12.2", "maintenance_until": "2027-12-31",
		"next_check": "2026-11-20", "admin_warning": "2026-11-15", "expires": "2026-12-13", "grace_until": "2026-12-25", "offered": e.X%4 > 0, "can_activate": false, "markers": []any{"online"}, "plans": []any{line}}
	if e.X%4 > 0 {
		line["new_total"], out["new_expires"] = offered, "2027-12-13"
	}
	return out
}
