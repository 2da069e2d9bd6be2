package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"seatmend/events"
	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// A told is one webhook of an invented customer.
type hook struct {
	sender, path, id string
	body             []byte
}

// request signs it.
func (w hook) request(ctx context.Context, address string, secrets app.Secrets, now time.Time) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", address+w.path, bytes.NewReader(w.body))
	if err != nil {
		return nil, err
	}
	s, ok := webhook.Find(w.sender)
	if !ok {
		return nil, fmt.Errorf("no sender %q", w.sender)
	}
	s.Sign(req.Header, w.body, w.id, secrets[w.sender][0], now)
	return req, nil
}

func bodyOf(path, kind, id string, at time.Time, data any) hook {
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": at.UTC().Format(time.RFC3339Nano), "data": data})
	if err != nil {
		panic(err) // unreachable: maps, lists and plain values
	}
	return hook{sender: "standard", path: path, id: id, body: body}
}

type object = map[string]any

func customer(n int) string { return fmt.Sprintf("C-%d", 2000+n) }

func custID(who string) string { return "Cust" + strings.TrimPrefix(who, "C-") }

func account(who string, at time.Time) hook {
	contact := object{"id": "anna", "name": "Anna Berg", "email": "anna@" + strings.ToLower(who) + ".example", "role": "admin", "locale": "sv"}
	return bodyOf("/billing/standard", "account.changed", "account-"+who+at.Format(time.RFC3339Nano), at, object{
		"account": who, "name": "Fjord " + who + " AB", "locale": "sv", "timezone": "Europe/Stockholm", "model": "plans", "mail": "on",
		"contacts":      []object{contact},
		"installations": []object{{"cust_id": custID(who), "serial": "18" + strings.TrimPrefix(who, "C-"), "kind": "production", "hosting": "onsite", "url": "https://crm." + strings.ToLower(who) + ".example"}},
		"billing":       []object{{"sender": "stripe", "id": stripeID(who)}},
		"plans":         []object{{"plan": "sales-premium", "name": "Sales Premium", "module": "ten-sales", "prices": []string{"price_sp"}}},
	})
}

func subscription(who string, n, seats int, at time.Time) hook {
	return bodyOf("/billing/standard", "subscription.changed", fmt.Sprint("subscription-", n), at, object{
		"account": who, "subscription": "sub-" + who, "plans": []object{{"plan": "sales-premium", "seats": seats}},
	})
}

func invoice(who string, n int, at time.Time) hook {
	return invoiceIs(who, fmt.Sprint("invoice-", n), n, "open", nil, at.AddDate(0, 0, 20), at)
}

// paid is that invoice, paid a moment ago; it was due some days later.
func paid(who string, n int, at time.Time) hook {
	return invoiceIs(who, fmt.Sprint("paid-", n), n, "paid", at.Add(-time.Minute).UTC().Format(time.RFC3339), at.AddDate(0, 0, 6), at)
}

func invoiceIs(who, id string, n int, status string, paidAt any, due, at time.Time) hook {
	return bodyOf("/billing/standard", "invoice.changed", id, at, object{
		"account": who, "invoice": fmt.Sprint("INV-", n%5), "status": status, "due": due.Format(time.DateOnly), "paid_at": paidAt,
		"amount": "12500.00", "currency": "SEK", "url": "https://pay.example/INV",
	})
}

// report is a licence in force with an offer of so many seats.
func report(who string, n, offered int, at time.Time) hook {
	return reportOf(who, n, offered, 9, true, false, at, at)
}

// reportOf is what was so at an instant of a licence whose dates go by that day. Once the new one is active, nothing is offered.
func reportOf(who string, n, seats, used int, offered, fits bool, from, at time.Time) hook {
	day := func(days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }
	plan := object{"plan": "sales-premium", "module": "ten-sales", "description": "Sales Premium", "total": 20000, "new_total": seats, "in_use": used, "unrestricted": false}
	data := object{
		"account": who, "cust_id": custID(who), "serial": "18" + strings.TrimPrefix(who, "C-"), "version": "12.2", "licensed_version": "12.2",
		"maintenance_until": day(200), "next_check": day(-3), "admin_warning": day(-5), "expires": day(20), "grace_until": day(32),
		"offered": offered, "can_activate": fits, "markers": []string{"onsite"}, "new_expires": day(385), "plans": []object{plan},
	}
	if !offered {
		plan["total"] = seats
		delete(plan, "new_total")
		delete(data, "new_expires")
	}
	return bodyOf("/users/standard", "licence.reported", fmt.Sprint("report-", n), at, data)
}

func person(n int) object {
	return object{"id": fmt.Sprint("u", n), "name": fmt.Sprint("Person ", n), "email": fmt.Sprintf("p%d@fjord.example", n), "can_login": true, "admin": false,
		"protected": false, "waiting_for_approval": false, "last_active": "2026-08-02T07:00:00Z"}
}

func seat(who string, n int, at time.Time) hook { return seatOf(who, n, n, true, at) }

// seatOf tells that person n holds a seat, or holds it no more.
func seatOf(who string, n, id int, held bool, at time.Time) hook {
	return bodyOf("/users/standard", "seat.changed", fmt.Sprint("seat-", id), at, object{
		"account": who, "cust_id": custID(who), "plan": "sales-premium", "held": held, "open_requests": 0, "user": person(n),
	})
}

// list is of so many people; those who are named in changed are called otherwise than before.
func list(who string, people int, id string, at time.Time, changed ...int) hook {
	rows := make([]object, people)
	for n := range rows {
		user := person(n)
		if slices.Contains(changed, n) {
			user["name"] = fmt.Sprint("Person ", n, ", who was called otherwise")
		}
		rows[n] = object{"plan": "sales-premium", "open_requests": 0, "user": user}
	}
	return bodyOf("/users/standard", "seats.listed", id, at, object{"account": who, "cust_id": custID(who), "seats": rows})
}

func login(who string, n int, at time.Time) hook {
	w := bodyOf("/login-warnings", "login.warned", fmt.Sprint("login-", n), at, object{
		"cust_id": custID(who), "serial": "18" + strings.TrimPrefix(who, "C-"), "url": "https://crm." + strings.ToLower(who) + ".example", "version": "12.2",
		"message": "Licensen går snart ut.", "days_left": 20,
		"user": object{"id": fmt.Sprint("u", n), "name": "Eva Holm", "email": "eva@fjord.example", "locale": "sv"},
	})
	w.sender = "login"
	return w
}

func stripeID(who string) string { return "cus_" + strings.TrimPrefix(who, "C-") }

// stripes is a body of events/demo as Stripe posts it of this customer at an instant.
func stripes(who, file, id string, at time.Time) (hook, error) {
	body, err := events.Files.ReadFile("demo/fjord-foods/" + file)
	if err != nil {
		return hook{}, err
	}
	var e object
	if err := json.Unmarshal(body, &e); err != nil {
		return hook{}, err
	}
	e["id"], e["created"] = id, at.Unix()
	if body, err = json.Marshal(e); err != nil {
		return hook{}, err
	}
	return hook{sender: "stripe", path: "/billing/stripe", id: id, body: bytes.ReplaceAll(body, []byte("cus_F10rdFoods"), []byte(stripeID(who)))}, nil
}

// ignored is of a type that we do not use.
func ignored(who string, at time.Time) hook {
	return bodyOf("/billing/standard", "coffee.brewed", "coffee", at, object{"account": who})
}
