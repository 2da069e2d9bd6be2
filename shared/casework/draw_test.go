package casework

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// The laws are tested on facts drawn from a small world: one customer with two production
// installations, a trial and a sandbox, two plans, six people, two subscriptions and a few
// invoices. Small, so that facts often speak of the same thing, and often at the same instant.

// drawStart is a Monday; everything that is drawn lies around it.
var drawStart = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

const drawHome = "Cust12345" // the first production installation

func drawOf[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

// drawOpt draws a field that is absent, null, or one of the values.
func drawOpt[T any](t *rapid.T, label string, of ...T) licence.Opt[T] {
	switch n := rapid.IntRange(-2, len(of)-1).Draw(t, label); n {
	case -2:
		return licence.Opt[T]{}
	case -1:
		return licence.Opt[T]{Told: true}
	default:
		return licence.Some(of[n])
	}
}

func drawDay(days int) licence.Date { return licence.DateOf(drawStart.AddDate(0, 0, days), time.UTC) }

func drawDate(t *rapid.T, label string) licence.Date {
	if rapid.Bool().Draw(t, label+"?") {
		return drawDay(rapid.IntRange(-3, 12).Draw(t, label) * 7)
	}
	return ""
}

func drawCust(t *rapid.T) string {
	return drawOf(t, "cust", drawHome, drawHome, drawHome, "CUST12345", "Cust2", "Cust9001", "Cust77")
}

var drawPlans = []licence.Plan{
	{Plan: "sales", Name: "Sales Premium", Module: "ten-sales", Prices: []string{"price_sp", "sales_premium"}},
	{Plan: "service", Name: "Service", Module: "ten-service", Prices: []string{"price_sv"}},
}

// drawDirectory is the customer as the first fact of a walk tells it.
func drawDirectory() licence.AccountChanged {
	return licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Locale: "sv", Timezone: "Europe/Stockholm", Model: "plans",
		Contacts: []licence.Contact{
			{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin, Locale: "sv"},
			{ID: "bo", Name: "Bo Lind", Email: "ap@fjord.example", Role: licence.Billing, Locale: "sv"},
			{ID: "pia", Name: "Pia Dal", Email: "pia@partner.example", Role: licence.Partner, Locale: "en"},
		},
		Installations: []licence.Installation{
			{CustID: drawHome, Serial: "1801550193", Kind: "production", Hosting: "online", URL: "https://online2.superoffice.com/Cust12345"},
			{CustID: "Cust9001", Serial: "1801550010", Kind: "trial", Hosting: "online"},
			{CustID: "Cust77", Serial: "1801550077", Kind: "sandbox", Hosting: "online"},
		},
		Billing: []licence.Mapping{{Sender: "stripe", ID: "cus_F10rd"}},
		Plans:   drawPlans,
		Mail:    licence.Some("on"),
	}
}

func drawAccount(t *rapid.T) licence.Payload {
	a := drawDirectory()
	a.Mail = drawOpt(t, "mail", "on", "review", "operator", "off")
	a.Country = drawOpt(t, "country", "SE", "NO")
	a.Payer = drawOpt(t, "payer", "C-7")
	a.Extend = drawOpt(t, "extend", licence.Extend{On: "payment", WithinDays: 3}, licence.Extend{On: "issued"})
	a.NotSeats = drawOpt(t, "not-seats", []string{"price_fee"}, []string{})
	a.Name = drawOf(t, "name", a.Name, "Fjord Group AB")
	switch drawOf(t, "shape", "same", "same", "onsite", "two", "no-billing", "unmapped", "suite") {
	case "onsite":
		a.Installations[0].Hosting = "onsite"
	case "two":
		a.Installations = append(a.Installations, licence.Installation{CustID: "Cust2", Serial: "2", Kind: "production", Hosting: "onsite"})
	case "no-billing":
		a.Contacts = append(a.Contacts[:1:1], a.Contacts[2])
	case "unmapped":
		a.Plans = a.Plans[:1]
	case "suite":
		a.Model = "suite"
	}
	return a
}

func drawItems(t *rapid.T) []licence.Item {
	var items []licence.Item
	if n := rapid.IntRange(-1, 9).Draw(t, "sales"); n >= 0 {
		items = append(items, licence.Item{Plan: "sales", Quantity: n})
	}
	if n := rapid.IntRange(-6, 9).Draw(t, "service"); n >= 0 {
		items = append(items, licence.Item{Prices: []string{"price_sv"}, Quantity: n})
	}
	switch drawOf(t, "extra", "", "", "", "fee", "unknown", "metered") {
	case "fee":
		items = append(items, licence.Item{Prices: []string{"price_fee"}, Quantity: 1})
	case "unknown":
		items = append(items, licence.Item{Prices: []string{"price_new"}, Quantity: 2})
	case "metered":
		items = append(items, licence.Item{Plan: "sales", Metered: true})
	}
	if rapid.Bool().Draw(t, "turned") {
		slices.Reverse(items) // a list says the same in any order
	}
	return items
}

func drawSeldom(t *rapid.T, what string) bool { return rapid.IntRange(0, 9).Draw(t, what) == 0 }

func drawPhases(t *rapid.T) []licence.Phase {
	var out []licence.Phase
	for i := range rapid.IntRange(0, 2).Draw(t, "phases") {
		out = append(out, licence.Phase{At: drawStart.AddDate(0, 0, 30*(i+1)), Items: drawItems(t), Uncounted: drawSeldom(t, "uncounted")})
	}
	return out
}

func drawSubscription(t *rapid.T) licence.Payload {
	p := licence.SubscriptionChanged{
		Subscription: drawOf(t, "sub", "sub_1", "sub_1", "sub_1", "sub_2"), Items: drawItems(t),
		Status:    drawOf(t, "status", "active", "active", "active", "past_due", "paused", "ended"),
		Uncounted: drawSeldom(t, "uncounted"),
	}
	if rapid.Bool().Draw(t, "scheduled") {
		p.Scheduled = drawPhases(t)
	}
	if rapid.IntRange(0, 5).Draw(t, "ends") == 0 {
		p.EndsAt = drawDay(40)
	}
	if p.Coarse = rapid.Bool().Draw(t, "coarse"); p.Coarse {
		p.First = drawSeldom(t, "first")
		if rapid.Bool().Draw(t, "before?") {
			p.Before = licence.ItemsHash(drawItems(t))
		}
		if rapid.Bool().Draw(t, "was?") {
			p.Was = &licence.Was{Status: drawOf(t, "was", "active", "past_due", "incomplete"), EndsAt: drawOf(t, "was to end", "", drawDay(40))}
		}
	}
	return p
}

func drawSchedule(t *rapid.T) licence.Payload {
	p := licence.ScheduleChanged{Subscription: drawOf(t, "sub", "sub_1", "sub_2"), Phases: drawPhases(t)}
	if p.Coarse = rapid.Bool().Draw(t, "coarse"); p.Coarse {
		p.Schedule = drawOf(t, "schedule", "sub_sched_1", "sub_sched_2")
		if p.Final = rapid.IntRange(0, 3).Draw(t, "final") == 0; p.Final {
			p.Phases = []licence.Phase{}
		} else if p.Schedule == "sub_sched_2" && rapid.Bool().Draw(t, "to come") {
			p.Subscription = ""
		}
		p.First = drawSeldom(t, "first")
		if rapid.Bool().Draw(t, "before?") {
			p.Before = licence.PhasesHash(drawPhases(t))
		}
	}
	return p
}

func drawPayment(t *rapid.T) licence.Payload {
	p := licence.PaymentChanged{Kind: drawOf(t, "kind", "made", "refund", "dispute", "credit")}
	p.ID = p.Kind + drawOf(t, "id", "1", "2")
	if p.Kind == "made" || p.Kind == "credit" || rapid.Bool().Draw(t, "invoice?") {
		p.Invoice = drawOf(t, "invoice", "INV-1", "INV-2")
	}
	if p.Kind != "credit" {
		p.Payments = drawOf(t, "refs", []string{"ch_1"}, []string{"pi_1"}, []string{"ch_1", "pi_1"}, []string{"ch_2", "pi_2"})
	}
	switch p.Kind {
	case "refund", "credit":
		p.Amount = drawOf(t, "amount", "", "300.00", "12500.00")
	case "dispute":
		p.Open, p.Level = rapid.Bool().Draw(t, "open"), rapid.IntRange(0, 2).Draw(t, "level")
	}
	return p
}

func drawInvoice(t *rapid.T) licence.Payload {
	p := licence.InvoiceChanged{
		Invoice: drawOf(t, "invoice", "INV-1", "INV-2", "INV-3"), Amount: "12500.00", Currency: "SEK",
		Status:     drawOf(t, "status", "open", "open", "open", "paid", "void", "uncollectible", "disputed"),
		Due:        drawDate(t, "due"),
		Kind:       drawOf(t, "kind", "", "", "licence", "maintenance", "other"),
		Payment:    drawOf(t, "payment", "", "", "none", "processing", "failed", "action"),
		Collection: drawOf(t, "collection", "", "", "automatic"),
		Remaining:  drawOf(t, "remaining", "", "", "4.50"),
		From:       drawDate(t, "from"),
		To:         drawDate(t, "to"),
	}
	if drawSeldom(t, "credited") {
		p.Credited = p.Amount
	}
	if drawSeldom(t, "lines") {
		p.Lines = []licence.InvoiceLine{{Prices: []string{"price_sv"}, From: p.From, To: p.To}, {Prices: []string{"price_fee"}, From: p.From, To: drawDay(700)}}
	}
	if rapid.IntRange(0, 4).Draw(t, "covers?") == 0 {
		p.Covers = []string{"sub_1"}
	}
	if rapid.IntRange(0, 4).Draw(t, "payer?") == 0 {
		p.Payer = "C-7"
	}
	if p.Coarse = rapid.Bool().Draw(t, "coarse"); p.Coarse {
		p.First, p.Attempts = drawSeldom(t, "first"), rapid.IntRange(0, 2).Draw(t, "attempts")
		if rapid.Bool().Draw(t, "before?") {
			p.Before = drawOf(t, "before", licence.InvoiceChanged{Invoice: p.Invoice, Status: "open"}, p).Hash()
		}
		if p.Payment == "" && rapid.Bool().Draw(t, "asked") {
			p.Payment = "action"
		}
	}
	return p
}

func drawUser(t *rapid.T) licence.User {
	u := licence.User{
		ID: fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "user")), CanLogin: rapid.IntRange(0, 3).Draw(t, "login") > 0,
		Kind: drawOf(t, "kind", "", "employee", "external"),
	}
	u.Name, u.Email = "User "+u.ID, "user"+u.ID+"@fjord.example"
	if rapid.Bool().Draw(t, "active") {
		u.LastActive, u.Activity = drawStart.AddDate(0, 0, -100), "known"
	}
	return u
}

func drawSeat(t *rapid.T) licence.Payload {
	return licence.SeatChanged{
		CustID: drawCust(t), Plan: drawOf(t, "plan", "sales", "sales", "service"), Held: rapid.Bool().Draw(t, "held"),
		OpenRequests: rapid.IntRange(0, 1).Draw(t, "requests"), User: drawUser(t),
	}
}

func drawSeats(t *rapid.T) licence.Payload {
	p := licence.SeatsListed{CustID: drawCust(t)}
	if rapid.Bool().Draw(t, "usual") {
		// The same people as ever, so that two lists are often equal.
		for _, id := range []string{"1", "2", "3"} {
			p.Rows = append(p.Rows, licence.SeatChanged{CustID: p.CustID, Plan: "sales", Held: true, User: licence.User{ID: id, CanLogin: true}})
		}
		return p
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		row := drawSeat(t).(licence.SeatChanged)
		if !seen[row.User.ID] {
			seen[row.User.ID], row.CustID, row.Held = true, p.CustID, true
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}

func drawLine(t *rapid.T, plan, module string, offered bool) licence.LicenceLine {
	l := licence.LicenceLine{
		Plan: plan, Module: module, Description: plan,
		Total: rapid.IntRange(3, 9).Draw(t, "total"), InUse: rapid.IntRange(2, 9).Draw(t, "in_use"),
		Kind:         drawOf(t, "kind", "", "", "", "plan", "addon", "hidden"),
		Unrestricted: rapid.IntRange(0, 9).Draw(t, "unrestricted") == 0,
	}
	if offered {
		n := rapid.IntRange(0, 9).Draw(t, "new_total")
		l.NewTotal = &n
	}
	return l
}

func drawLicence(t *rapid.T) licence.Payload {
	// The licence ends a while before or after the walk begins, and all its dates hang on that.
	ends := rapid.IntRange(-2, 10).Draw(t, "expires") * 7
	p := licence.LicenceReported{
		CustID: drawCust(t), Serial: "1801550193", Version: drawOf(t, "version", "9.1", "10.2"), LicensedVersion: drawOf(t, "licensed", "9.1", "10.2", ""),
		Maintenance: drawDate(t, "maintenance"), Offered: rapid.Bool().Draw(t, "offered"),
		NextCheck: drawDay(ends - 24), AdminWarning: drawDay(ends - 28), Expires: drawDay(ends), GraceUntil: drawDay(ends + 12),
		Markers: drawOf(t, "markers", []string(nil), []string{"online"}, []string{"online"}, []string{"freetrial"}),
	}
	if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
		p.NextCheck, p.AdminWarning, p.Expires, p.GraceUntil = "", "", "", ""
	}
	if p.Offered {
		p.CanActivate = rapid.Bool().Draw(t, "can_activate")
		p.NewExpires = drawOf(t, "new_expires", "", drawDay(ends+365), drawDay(ends-5), drawDay(ends))
	}
	p.Plans = []licence.LicenceLine{drawLine(t, "sales", "ten-sales", p.Offered)}
	if rapid.IntRange(0, 3).Draw(t, "two") > 0 {
		p.Plans = append(p.Plans, drawLine(t, "service", "ten-service", p.Offered))
	}
	if rapid.IntRange(0, 9).Draw(t, "suite") == 0 {
		p.Plans[0].Kind = "suite"
	}
	return p
}

func drawInstallation(t *rapid.T) licence.Payload {
	return licence.InstallationReported{
		CustID: drawCust(t), State: drawOf(t, "state", "running", "running", "maintenance", "suspended", "unknown"),
		Version: drawOpt(t, "version", "9.1", "10.2"), Released: drawOpt(t, "released", drawDay(-20), drawDay(20)),
		Company: drawOpt(t, "company", "Fjord Foods AB", "Fjord Group AB"), Serial: drawOpt(t, "serial", "1801550193"),
		Sync: drawOpt(t, "sync", "scim"), Can: drawOpt(t, "can", []string{"read-licence", "read-users"}, []string{}),
		LastFetch: drawOpt(t, "fetch", licence.Fetch{At: drawStart, OK: true}, licence.Fetch{At: drawStart.AddDate(0, 0, 20), Error: "timeout"}),
	}
}

func drawLogin(t *rapid.T) licence.Payload {
	p := licence.LoginWarned{CustID: drawCust(t), Version: drawOf(t, "version", "", "9.1", "10.2"), User: licence.LoginUser{ID: fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "user"))}}
	if rapid.Bool().Draw(t, "days?") {
		n := rapid.IntRange(0, 20).Draw(t, "days")
		p.DaysLeft = &n
	}
	return p
}

// drawPrints are fingerprints of findings that the world can have.
func drawPrints() []string {
	home := func(kind, id string) licence.Subject { return licence.Subject{Kind: kind, ID: id, CustID: drawHome} }
	return []string{
		licence.Fingerprint("C-1042", "surplus", home("plan", "sales")), licence.Fingerprint("C-1042", "order-differs", home("plan", "sales")),
		licence.Fingerprint("C-1042", "invoice-overdue", licence.Subject{Kind: "invoice", ID: "INV-1"}), licence.Fingerprint("C-1042", "not-activated", home("installation", drawHome)),
		licence.Fingerprint("C-1042", "plan-swap", home("pair", "sales>service")),
	}
}

func drawAnswer(t *rapid.T) licence.Payload {
	return licence.FindingAnswered{
		Fingerprint: drawOf(t, "finding", drawPrints()...), By: "anna", Until: drawDate(t, "until"),
		Answer: drawOf(t, "answer", "on-purpose", "numbers-wrong", "numbers-right", "handled", "not-right", "snooze"),
	}
}

// drawPayloads draws each type that a fact can have.
var drawPayloads = map[string]func(*rapid.T) licence.Payload{
	"account.changed":       drawAccount,
	"subscription.changed":  drawSubscription,
	"schedule.changed":      drawSchedule,
	"payment.changed":       drawPayment,
	"invoice.changed":       drawInvoice,
	"seat.changed":          drawSeat,
	"seats.listed":          drawSeats,
	"licence.reported":      drawLicence,
	"installation.reported": drawInstallation,
	"login.warned":          drawLogin,
	"source.checked": func(t *rapid.T) licence.Payload {
		return licence.SourceChecked{Of: drawOf(t, "of", "licence", "users", "version", "billing"), CustID: drawCust(t)}
	},
	"payment.claimed": func(t *rapid.T) licence.Payload {
		return licence.PaymentClaimed{Invoice: drawOf(t, "invoice", "INV-1", "INV-2"), PaidOn: drawDate(t, "paid"), By: "bo"}
	},
	"payment.asked": func(t *rapid.T) licence.Payload {
		return licence.PaymentAsked{
			Code: licence.Code(drawOf(t, "code", "invoice-overdue", "payment-awaited")), For: "C-8", Name: "Fjord Fish AB", Invoice: drawOf(t, "invoice", "INV-1", "INV-2"),
			Amount: "12500.00", Currency: "SEK", Say: "a", Severity: "high", Time: rapid.IntRange(1, 3).Draw(t, "time"), Over: drawOf(t, "over", "", "", "paid", "gone"),
		}
	},
	"arrangement.changed": func(t *rapid.T) licence.Payload {
		return licence.ArrangementChanged{Until: drawDate(t, "until"), By: "bo"}
	},
	"activation.tried": func(t *rapid.T) licence.Payload {
		return licence.ActivationTried{CustID: drawCust(t), OK: rapid.Bool().Draw(t, "ok"), Reason: "licence is locked"}
	},
	"finding.answered": drawAnswer,
	"licence.issued": func(t *rapid.T) licence.Payload {
		return licence.LicenceIssued{CustID: drawCust(t), Expires: drawDay(400)}
	},
	"installation.hinted": func(t *rapid.T) licence.Payload {
		return licence.InstallationHinted{CustID: drawCust(t), Event: drawOf(t, "event", "user", "licence")}
	},
	"warning.shown": func(t *rapid.T) licence.Payload {
		return licence.WarningShown{CustID: drawCust(t), Text: drawOf(t, "text", "", "The licence expires soon", "The limit is reached")}
	},
	"orders.cut": func(t *rapid.T) licence.Payload {
		return licence.OrdersCut{Subscription: drawOf(t, "subscription", "sub_1", "sub_2")}
	},
	"check.asked": func(t *rapid.T) licence.Payload { return licence.CheckAsked{CustID: drawCust(t), By: "anna"} },
	"read.failed": func(t *rapid.T) licence.Payload {
		return licence.ReadFailed{CustID: drawCust(t), Error: drawOf(t, "error", "403", "timeout")}
	},
	"seats.chosen": func(t *rapid.T) licence.Payload {
		return licence.SeatsChosen{
			Fingerprint: drawOf(t, "finding", "fp-1", "fp-2"), CustID: drawCust(t), By: "anna",
			Picks: []licence.Pick{{User: drawOf(t, "user", "1", "2"), Name: "Eva Holm", Plan: "sales-premium", To: drawOf(t, "to", "", "service")}},
		}
	},
	"code.asked": func(t *rapid.T) licence.Payload {
		return licence.CodeAsked{Contact: drawOf(t, "contact", "anna", "bo"), For: "0011223344556677"}
	},
	"seats.asked": func(t *rapid.T) licence.Payload {
		return licence.SeatsAsked{Fingerprint: drawOf(t, "finding", "fp-1", "fp-2"), CustID: drawCust(t), Choice: "1", N: 2, By: drawOf(t, "by", "anna", "bo")}
	},
	"seats.tried": func(t *rapid.T) licence.Payload {
		return licence.SeatsTried{Fingerprint: "fp-1", CustID: drawCust(t), Choice: "1", Done: 1, Left: rapid.IntRange(0, 2).Draw(t, "left"), Next: drawOf(t, "next", "", "activate", "late")}
	},
	"activation.asked": func(t *rapid.T) licence.Payload {
		return licence.ActivationAsked{CustID: drawCust(t), Offer: "0011223344556677", By: drawOf(t, "by", "anna", "bo")}
	},
	"licence.stated": func(t *rapid.T) licence.Payload {
		return licence.LicenceStated{
			CustID: drawCust(t), By: "anna", Offer: drawOf(t, "offer", "", "waits", "active", "none"), Expires: drawDay(400),
			InUse: map[string]int{"sales-premium": rapid.IntRange(0, 12).Draw(t, "in use")},
		}
	},
	"reminders.changed": func(t *rapid.T) licence.Payload {
		return licence.RemindersChanged{Contact: drawOf(t, "contact", "anna", "bo"), Stop: drawOf(t, "stop", true, false)}
	},
	"link.asked": func(t *rapid.T) licence.Payload { return licence.LinkAsked{To: drawOf(t, "to", "admin", "anna", "bo")} },
	"mail.changed": func(t *rapid.T) licence.Payload {
		return licence.MailChanged{Mail: drawOpt(t, "mail", "on", "review", "operator", "off").Value, By: "Nora"}
	},
	"case.assigned": func(t *rapid.T) licence.Payload {
		return licence.CaseAssigned{To: drawOf(t, "to", "", "Nora Dahl", "Ola Moe"), By: "Nora Dahl"}
	},
}

var drawSeatTopic = []string{"seat.changed", "seat.changed", "seat.changed", "seats.listed", "seats.listed", "source.checked"}

// drawTopics are the payloads that meet in one part of what is known.
var drawTopics = [][]string{
	slices.Sorted(maps.Keys(licence.Payloads)),
	{"subscription.changed", "schedule.changed"},
	{"invoice.changed", "payment.claimed", "payment.asked", "payment.changed"},
	drawSeatTopic,
	{"licence.reported", "installation.reported", "login.warned", "account.changed"},
}

func drawFact(t *rapid.T, id string, at time.Time, types ...string) licence.Fact {
	p := drawPayloads[drawOf(t, "type", types...)](t)
	f := licence.Fact{ID: id, At: at, Source: "standard", Payload: p, To: []licence.Name{{Sender: "account", ID: "C-1042"}}}
	if _, ok := p.(licence.LicenceReported); ok && rapid.Bool().Draw(t, "read") {
		f.ID, f.Source = licence.ReadPrefix+id, "superoffice"
	}
	return f
}

// drawFacts draws up to n facts of a topic, with ids that say nothing of their order and with
// few different instants.
func drawFacts(t *rapid.T, topic []string, n int) []licence.Fact {
	n = rapid.IntRange(1, n).Draw(t, "facts")
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	ids = rapid.Permutation(ids).Draw(t, "ids")
	var out []licence.Fact
	for _, id := range ids {
		at := drawStart.Add(time.Duration(rapid.IntRange(-4, 4).Draw(t, "at")) * 12 * time.Hour)
		out = append(out, drawFact(t, fmt.Sprintf("f%02d", id), at, topic...))
	}
	return out
}

// drawShuffled is another telling of the same facts: in any order, some of them twice.
func drawShuffled(t *rapid.T, facts []licence.Fact) []licence.Fact {
	again := rapid.SliceOfN(rapid.SampledFrom(facts), 0, 3).Draw(t, "again")
	return rapid.Permutation(slices.Concat(facts, again)).Draw(t, "order")
}

// drawMember draws a fact about the i-th member of a bounded set, whose key follows from i.
func drawMember(t *rapid.T, kind string, i int) licence.Fact {
	at := drawStart.Add(time.Duration(rapid.IntRange(0, 4).Draw(t, "at")) * time.Hour)
	id := fmt.Sprintf("INV-%02d", i)
	switch kind {
	case "invoice":
		p := drawInvoice(t).(licence.InvoiceChanged)
		p.Invoice, p.Kind, p.To, p.Due = id, "", drawDay(i%20), ""
		p.Status, p.Remaining, p.Credited, p.Amount = []string{"open", "paid", "void"}[i%3], "", "", "100.00"
		return licence.Fact{At: at, Payload: p}
	case "other":
		return licence.Fact{At: at, Payload: licence.InvoiceChanged{Invoice: id, Kind: "other", Status: "open"}}
	case "claim":
		return licence.Fact{At: at, Payload: licence.PaymentClaimed{Invoice: id}}
	case "list":
		items := []licence.Item{{Plan: "sales", Quantity: i % 16}}
		return licence.Fact{At: at, Payload: licence.SubscriptionChanged{Subscription: "sub_1", Items: items, Coarse: i%2 == 0}}
	}
	at = at.AddDate(0, 0, i/10)
	return licence.Fact{At: at, Payload: licence.LoginWarned{CustID: drawHome, User: licence.LoginUser{ID: fmt.Sprint(i % 10)}}}
}
