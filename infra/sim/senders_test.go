package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"seatmend/events"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// What few plans have: other billing systems and SuperOffice's own webhooks, people who pay or activate, a customer
// who cannot be delivered to, and rows of commits that fail together. They are drawn apart from all else, and of
// seeds at which no planted bug is caught first, so that those stay what they are.

// further adds these to a plan.
func (p *plan) further() {
	r := rand.New(rand.NewPCG(p.Seed, 41))
	add := func(name string, at time.Duration, kind string, x int) *event {
		p.Events = append(p.Events, event{Name: name, At: at, Kind: kind, X: x, Y: r.IntN(1000)})
		return &p.Events[len(p.Events)-1]
	}
	visits := func(kind string) {
		p.Who[0].Mail, p.Who[0].Late = "on", false
		for i := range 3 {
			add(fmt.Sprint("v", i), time.Duration(35+30*i+r.IntN(25))*time.Minute, kind, r.IntN(1000))
		}
	}
	switch {
	case p.Seed%13 == 10:
		p.Senders = true
		for i := range 3 + r.IntN(4) {
			e := add(fmt.Sprint("s", i), time.Duration(r.IntN(40))*time.Minute, []string{"paddle", "paddle", "chargebee", "chargebee", "recurly", "superoffice"}[r.IntN(6)], r.IntN(1000))
			for range r.IntN(3) {
				e.Copies = append(e.Copies, []time.Duration{0, 0, time.Second, 5 * time.Minute}[r.IntN(4)])
			}
		}
	case p.Seed%13 == 12: // nothing else fails, so that whoever waits, waits for that customer
		p.Rates = map[string]int{}
		if len(p.Who) == 1 {
			p.Who = append(p.Who, customer{N: 2, Mail: "on"})
			add("dir1", 0, "directory", 0).Of = 1
			add("lic1", time.Second, "licence", 9).Of = 1
		}
		p.Stuck = 1 + r.IntN(len(p.Who))
	case p.Seed%9 == 5:
		visits("pays")
		add("bill", time.Minute, "invoice", 0).Y = 0
	case p.Seed%9 == 8:
		visits("activates")
		p.Who[0].Connected, p.Activates = true, true
	}
	if p.Seed%10 == 8 {
		p.Rows = [2]bool{true, true}
		p.Rates["group-lost"] = []int{300, 1000}[r.IntN(2)]
	}
	p.sort()
}

func (c customer) paddle() string    { return fmt.Sprintf("ctm_01k9000000000000000000sim%d", c.N) }
func (c customer) chargebee() string { return fmt.Sprintf("sim-%d", c.N) }

// bodyOf is a body of a sender as events has it, about one of our customers.
func (w *world) bodyOf(c customer, e event, m *message) {
	file := map[string]string{"paddle": "billing/paddle/02-paddle-subscription.json", "chargebee": "billing/chargebee/02-chargebee-subscription.json",
		"recurly": "billing/recurly/02-recurly-thin-created.json", "superoffice": "samples/01-superoffice-associate.json"}[e.Kind]
	b, err := events.Files.ReadFile(file)
	if err != nil {
		panic(err)
	}
	unix, quantity := m.at.Unix(), fmt.Sprintf(`"quantity":%d`, 1+e.X%9)
	body := strings.NewReplacer(
		"ctm_01k90000000000000000fjord1", c.paddle(), "sub_01k90000000000000000fjord1", "sub_"+c.paddle(), "evt_01k90000000000000000000002", "evt_"+e.Name, "2025-12-13T06:00:01.123456Z", m.at.UTC().Format("2006-01-02T15:04:05.000000Z"),
		"ev_16CfZ0002", "ev_"+e.Name, "AzZ1fjord", "sub-"+c.chargebee(), "fjord-foods", c.chargebee(), "1765605601", fmt.Sprint(unix), "1765605600413", fmt.Sprint(unix*1000+413), "1765605600001", fmt.Sprint(unix*1000+1), "ap@fjordfoods.example", c.address(3), "Fjord Foods AB", c.name(),
		"rsub0fjord1", fmt.Sprint("rsub", c.N), "7c0e2f6a-5b1d-4e8f-9a43-0d2b6c915e77", e.Name, "2026-11-23T06:25:08.6815524Z", m.at.UTC().Format("2006-01-02T15:04:05.0000000Z"), "Cust12345", c.cust(),
	).Replace(string(b))
	m.body = []byte(ten.ReplaceAllString(body, quantity))
	m.sender, m.kind, m.id, m.path = e.Kind, e.Kind, "", "/billing/"+e.Kind
	if e.Kind == "superoffice" {
		m.path = "/users/superoffice/" + c.cust()
	}
	m.ignored = e.Kind == "recurly" // there is no key by which it could be read
	m.tells = nil
	head := http.Header{}
	sender, _ := webhook.Find(m.sender)
	sender.Sign(head, m.body, m.id, w.key(m.sender), m.at)
	read, err := sender.Read(head, m.body, "", m.at)
	if err != nil {
		panic(fmt.Sprint(e.Kind, ": ", err, " ", string(m.body)))
	}
	for _, f := range read.Facts {
		m.tells = append(m.tells, f.ID)
	}
	if len(m.tells) > 0 {
		m.fact = m.tells[0]
	}
}

// ten are the seats of those bodies.
var ten = regexp.MustCompile(`"quantity": ?10\b`)

// key is what a sender proves itself by now.
func (w *world) key(of string) string {
	switch of {
	case "superoffice":
		return w.secret(of, 0)
	case "stripe", "standard", "login":
		return "whsec_" + w.secret(of, w.keys)
	}
	sender, _ := webhook.Find(of)
	return sender.NewSecret(w.secret(of, w.keys))
}

// names are where a message's facts are parked, the latest name first.
func (m *message) name(c customer) licence.Name {
	switch m.kind {
	case "stripe":
		return licence.Name{Sender: "stripe", ID: c.stripe()}
	case "paddle":
		return licence.Name{Sender: "paddle", ID: c.paddle()}
	case "chargebee":
		return licence.Name{Sender: "chargebee", ID: c.chargebee()}
	case "superoffice":
		return licence.CustName(c.cust())
	}
	return licence.Name{Sender: "account", ID: c.account()}
}

// about is the message of which a fact is; nil: nobody told it.
func (w *world) about(fact string) *message {
	for _, m := range w.messages_ {
		if m.fact == fact || slices.Contains(m.tells, fact) {
			return m
		}
	}
	return nil
}

// newer tells whether something newer was told of what a message tells, so that it changes nothing.
func (w *world) newer(m *message) bool {
	c := w.plan.Who[m.Of]
	if c.Connected {
		return true // we have read it ourselves
	}
	of := func(m *message, key string) any { return m.data[key] }
	user := func(m *message) any { return m.data["user"].(map[string]any)["id"] }
	return slices.ContainsFunc(w.messages_, func(o *message) bool {
		if o.Of != m.Of || o.at.Before(m.at) || o.at.Equal(m.at) && m.data != nil && o.fact <= m.fact || o == m || o.ignored {
			return false
		}
		switch {
		case o.poison:
			return m.kind == "stripe"
		case m.kind == "seat.changed" && o.kind == "seats.listed":
			return true
		case o.kind != m.kind:
			return false
		case m.kind == "seat.changed":
			return user(o) == user(m)
		case m.kind == "invoice.changed":
			return of(o, "invoice") == of(m, "invoice")
		}
		return true
	})
}

// lawDropped: what was parked is dropped when an account has it, when something newer is known, when somebody has it
// set aside, or with its customer.
func (w *world) lawDropped(ctx context.Context, f licence.Fact) {
	if h := handOf(ctx); h != nil && strings.HasPrefix(h.name, "leaves") {
		return
	}
	account, _, _ := w.db.OwnerOf(f.ID)
	m := w.about(f.ID)
	if account != "" || m == nil || w.newer(m) {
		return
	}
	all, _, _ := w.db.Rejections(context.Background(), store.Page{Limit: 500})
	if !slices.ContainsFunc(all, func(x store.Rejected) bool { return strings.Contains(string(x.Body), `"`+f.ID+`"`) }) {
		w.fail("%s is parked no more, and no account has it", f.ID)
	}
}

// lawCounted: a first mail is counted once.
func (w *world) lawCounted(ctx context.Context, key string, add int, ok bool) {
	s, within := ctx.Value(scopeKey{}).(scope)
	if key != "first-mails" || !within {
		return
	}
	key = s.account + "/" + s.effect
	if add > 0 && w.counted[key] > 0 {
		w.fail("N9: the first mail %s is counted once more", key)
	}
	if ok {
		w.counted[key] += add
	}
}

// lawStuck: while one customer cannot be delivered to, which is so for two hours, what is owed to the others goes.
func (w *world) lawStuck(ctx context.Context, _ *hand) {
	w.turn(ctx, "mends what one customer cannot be delivered to for")
	w.freed = true
	for _, c := range w.plan.Who {
		if l, _ := w.db.Load(context.Background(), c.account(), store.Want{}); c.N != w.plan.Stuck && l.State.N > 0 {
			w.lawOwed(l.State)
		}
	}
	w.saw("one customer could not be delivered to")
}

// stuck tells whether a customer cannot be delivered to now.
func (w *world) stuck(account string) bool {
	return !w.freed && w.plan.Stuck > 0 && account == customer{N: w.plan.Stuck}.account()
}

// lockedOut tells whether a user of a customer's cannot log in, by what was told: of who stands on the latest list, or
// was told of since, the latest that was said; whoever stands on no list has no seat.
func (w *world) lockedOut(c customer, user string) bool {
	var list licence.Fact
	facts := w.facts(c.account())
	for _, f := range facts {
		if _, ok := f.Payload.(licence.SeatsListed); ok && (list.ID == "" || f.Stamp().After(list.Stamp())) {
			list = f
		}
	}
	known, can, at := list.ID != "", list.ID == "", list.Stamp()
	if m := w.about(list.ID); known && m == nil {
		can = true // it was read by who was at a customer who left, and lists everybody
	} else if known {
		for _, x := range m.data["seats"].([]any) {
			if u := x.(map[string]any)["user"].(map[string]any); u["id"] == user {
				can = u["can_login"].(bool)
			}
		}
	}
	for _, f := range facts {
		if p, ok := f.Payload.(licence.SeatChanged); ok && p.User.ID == user && (at.ID == "" || f.Stamp().After(at)) {
			at, can = f.Stamp(), p.User.CanLogin
		}
	}
	return !can
}

var sixDigits = regexp.MustCompile(`(?m)^ +([0-9]{6})$`)

// pays has a person say that an invoice is paid.
func (w *world) pays(ctx context.Context, h *hand, link string, cookies []*http.Cookie) {
	l, _ := w.db.Load(context.Background(), h.about, store.Want{})
	for _, fp := range w.findings(h.about) {
		if l.State.History.Findings[fp].Subject.Kind != "invoice" {
			continue
		}
		if rec := w.ask(ctx, h, "POST", link+"/paid", url.Values{"fingerprint": {fp}, "reference": {"SIM-1"}}, cookies...); rec.Code < 400 && !h.p.dead.Load() {
			w.saw("a person /paid")
		}
	}
}

// activates has a person ask for a code, and activate the new licence by it.
func (w *world) activates(ctx context.Context, h *hand, c customer, link, reader string, cookies []*http.Cookie) {
	w.ask(ctx, h, "POST", link+"/code", url.Values{"cust_id": {c.cust()}}, cookies...)
	l, _ := w.db.Load(context.Background(), h.about, store.Want{})
	fields := url.Values{"cust_id": {c.cust()}, "offer": {l.State.Known.Inst(c.cust()).Report.Value.Offer()}}
	for _, m := range slices.Backward(w.mails) {
		if hit := sixDigits.FindStringSubmatch(m.Text); hit != nil && m.account == h.about && m.To == reader {
			fields.Set("code", hit[1])
			break
		}
	}
	if fields.Get("code") == "" || h.p.dead.Load() {
		return
	}
	if rec := w.ask(ctx, h, "POST", link+"/activate", fields, cookies...); rec.Code < 400 && !h.p.dead.Load() {
		w.saw("a person /activate")
		if t, ok := w.crm.Tenant(c.cust()); ok && t.Modules[0].NewTotal == 0 {
			w.saw("a licence was activated")
		}
	}
}
