package billingsim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A system is how one of them proves who asks, and answers.
type system struct {
	proof  func(r *http.Request, keys []string) (status int) // 0: it is one of the keys
	answer func(s *Sim, r *http.Request) (status int, body any)
}

var systems = map[string]system{
	"stripe": {bearer("Stripe-Version", "2026-10-28.endive"), stripe}, "paddle": {bearer("Paddle-Version", "1"), paddle},
	"chargebee": {basic(""), chargebee}, "recurly": {basic("application/vnd.recurly.v2021-02-25"), recurly},
}

type object map[string]any

func bearer(name, version string) func(*http.Request, []string) int {
	return func(r *http.Request, keys []string) int {
		key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !slices.Contains(keys, key) {
			return 401
		}
		if r.Header.Get(name) != version {
			return 400 // it would be answered in another form than is read here: the version is pinned
		}
		return 0
	}
}

func basic(accept string) func(*http.Request, []string) int {
	return func(r *http.Request, keys []string) int {
		user, password, ok := r.BasicAuth()
		if !ok || password != "" || !slices.Contains(keys, user) {
			return 401
		}
		if accept != "" && r.Header.Get("Accept") != accept {
			return 406
		}
		return 0
	}
}

func number(q url.Values, name string, otherwise int) int {
	if n, err := strconv.Atoi(q.Get(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// kinds are the words of paths, and what stands for them here.
var kinds = map[string]string{
	"subscriptions": "subscription", "subscription_schedules": "schedule", "invoices": "invoice", "transactions": "invoice", "customers": "customer", "accounts": "customer",
	"credit_notes": "credit_note", "adjustments": "adjustment", "charges": "charge", "disputes": "dispute", "invoice_payments": "invoice_payment", "refunds": "refund", "ramps": "ramp",
}

func stripe(s *Sim, r *http.Request) (int, any) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	kind = kinds[kind]
	missing := object{"error": object{"code": "resource_missing", "type": "invalid_request_error"}}
	if id != "" {
		if o, ok := s.object("stripe", kind, id); ok {
			return 200, o
		}
		return 404, missing
	}
	q := r.URL.Query()
	if _, ok := s.object("stripe", "customer", q.Get("customer")); !ok {
		return 400, missing
	}
	list, _, more := s.page("stripe", kind, pageOf(q, "starting_after"), number(q, "limit", 10), 100, q.Get("starting_after"), func(v map[string]any) bool {
		return since(v, "created", q.Get("created[gte]"), 0) && at(v, "customer") == q.Get("customer") && (q.Get("subscription") == "" || q.Get("subscription") == cmp.Or(at(v, "subscription"), at(v, "parent.subscription_details.subscription"))) &&
			(kind != "subscription" || q.Get("status") == "all" || at(v, "status") != "canceled")
	})
	return 200, object{"object": "list", "data": some(list), "has_more": more}
}

func paddle(s *Sim, r *http.Request) (int, any) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	kind = kinds[kind]
	if id != "" {
		if o, ok := s.object("paddle", kind, id); ok {
			return 200, object{"data": o, "meta": object{"request_id": "1"}}
		}
		return 404, object{"error": object{"code": "not_found"}}
	}
	q := r.URL.Query()
	list, last, more := s.page("paddle", kind, pageOf(q, "after"), number(q, "per_page", 50), 200, q.Get("after"), func(v map[string]any) bool {
		return since(v, "billed_at", q.Get("billed_at[GTE]"), 0) && (q.Get("customer_id") == "" || at(v, "customer_id") == q.Get("customer_id")) && (q.Get("subscription_id") == "" || at(v, "subscription_id") == q.Get("subscription_id")) &&
			(q.Get("id") == "" || at(v, "id") == q.Get("id"))
	})
	q.Set("after", last)
	// A next stands on the last page, too.
	return 200, object{"data": some(list), "meta": object{"pagination": object{"has_more": more, "next": "http://" + r.Host + r.URL.Path + "?" + q.Encode()}}}
}

func chargebee(s *Sim, r *http.Request) (int, any) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/v2/"), "/")
	kind = kinds[kind]
	if id, ok := strings.CutSuffix(id, "/payment_schedules"); ok {
		list, _ := s.list("chargebee", "payment_schedule", func(v map[string]any) bool { return at(v, "entity_id") == id })
		return 200, object{"payment_schedules": some(list)}
	}
	if id, ok := strings.CutSuffix(id, "/retrieve_with_scheduled_changes"); ok {
		if o, ok := s.object("chargebee", "scheduled", id); ok {
			return 200, object{kind: o}
		}
		return 400, object{"api_error_code": "invalid_state_for_request"}
	}
	deleted := func(o json.RawMessage) bool {
		var v struct{ Deleted bool }
		return json.Unmarshal(o, &v) == nil && v.Deleted
	}
	if id != "" {
		if o, ok := s.object("chargebee", kind, id); ok && !deleted(o) {
			return 200, object{kind: o}
		}
		return 404, object{"api_error_code": "resource_not_found"}
	}
	q := r.URL.Query()
	var from []string
	_ = json.Unmarshal([]byte(q.Get("offset")), &from)
	list, last, more := s.page("chargebee", kind, pageOf(q, "offset"), number(q, "limit", 10), 100, strings.Join(from, ""), func(v map[string]any) bool {
		gone, _ := v["deleted"].(bool)
		if kind == "ramp" { // it names no customer
			return at(v, "subscription_id") == q.Get("subscription_id[is]") && at(v, "status") == q.Get("status[is]")
		}
		return since(v, "date", q.Get("date[after]"), 1) && at(v, "customer_id") == q.Get("customer_id[is]") && (q.Get("subscription_id[is]") == "" || at(v, "subscription_id") == q.Get("subscription_id[is]")) &&
			(!gone || q.Get("include_deleted") == "true")
	})
	entries := []object{}
	for _, o := range list {
		entries = append(entries, object{kind: o})
	}
	answer := object{"list": entries}
	if more {
		offset, _ := json.Marshal([]string{last})
		answer["next_offset"] = string(offset)
	}
	return 200, answer
}

func recurly(s *Sim, r *http.Request) (int, any) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	missing := object{"error": object{"type": "not_found", "message": "Couldn't find it"}}
	kind, id := kinds[parts[0]], parts[min(1, len(parts)-1)]
	if code, ok := strings.CutPrefix(id, "code-"); ok {
		id = code
	}
	if uuid, ok := strings.CutPrefix(id, "uuid-"); ok {
		_, ids := s.list("recurly", kind, func(v map[string]any) bool { return at(v, "uuid") == uuid })
		id = strings.Join(ids, "")
	}
	o, ok := s.object("recurly", kind, id)
	if !ok {
		return 404, missing
	}
	if len(parts) < 3 {
		if kind == "customer" {
			return 200, object{"id": "acc" + id, "code": id, "object": "account"}
		}
		return 200, o
	}
	q, of := r.URL.Query(), kinds[parts[2]]
	cursor := q.Get("cursor")
	list, last, more := s.page("recurly", of, pageOf(q, "cursor"), number(q, "limit", 20), 200, strings.TrimSuffix(cursor, "+"), func(v map[string]any) bool {
		subs, _ := v["subscription_ids"].([]any)
		return since(v, q.Get("sort"), q.Get("begin_time"), 0) && (kind == "customer" && at(v, "account.code") == id && (q.Get("state") != "live" || at(v, "state") != "paused") || kind == "subscription" && slices.Contains(subs, any(id)))
	})
	if s.EmptyPages && more && !strings.HasSuffix(cursor, "+") {
		list, last = nil, strings.TrimSuffix(cursor, "+")+"+" // nothing yet, and there is more
	}
	answer := object{"object": "list", "data": some(list), "has_more": more, "next": nil}
	if more {
		q.Set("cursor", last)
		answer["next"] = r.URL.Path + "?" + q.Encode()
	}
	return 200, answer
}

// since tells whether a time of an object, in unix seconds or as text, is so many seconds or more after one that is
// asked for. What has no such time is in every list.
func since(v map[string]any, name, from string, least int64) bool {
	unix := func(text string) int64 {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		t, _ := time.Parse(time.RFC3339, text)
		return t.Unix()
	}
	is, known := v[name].(string)
	if n, ok := v[name].(float64); ok {
		is, known = strconv.FormatInt(int64(n), 10), true
	}
	return from == "" || !known || unix(is) >= unix(from)+least
}

// pageOf is 0 for the first page of a list.
func pageOf(q url.Values, cursor string) int {
	if q.Get(cursor) == "" {
		return 0
	}
	return 1
}

// some is a list, that is [] where it is empty.
func some(list []json.RawMessage) []json.RawMessage {
	if list == nil {
		return []json.RawMessage{}
	}
	return list
}
