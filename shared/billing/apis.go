package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An api is how one billing system is asked.
type api struct {
	name  string
	form  string // what an entry of the list of keys looks like
	parse func(text string) (key, bool)
	head  func(r *http.Request, secret string)
	one   func(kind, id string) string                                   // the path of an object; "": it has no such kind
	list  func(kind string, of Owner, since time.Time) string            // as of one
	page  func(kind, path string, body []byte) ([][]byte, string, error) // what a page holds, and the next one's address

	object func(kind string, body []byte) ([]byte, error) // the object in an answer of one
	also   func(kind string, object []byte, id string) bool
	more   func(ctx context.Context, s Site, kind string, object []byte) ([]byte, error) // nil: an object is whole
}

// A key is one entry of a list. Of which mode it is its sender says.
type key struct{ base, secret, mode string }

var apis = map[string]api{"stripe": stripe, "paddle": paddle, "chargebee": chargebee, "recurly": recurly}

func bearer(r *http.Request, secret string) { r.Header.Set("Authorization", "Bearer "+secret) }

func basic(r *http.Request, secret string) { r.SetBasicAuth(secret, "") }

func itself(_ string, body []byte) ([]byte, error) { return body, whole(body) }

func never(string, []byte, string) bool { return false }

// whole tells whether a body is an object.
func whole(body []byte) error {
	var v map[string]json.RawMessage
	if json.Unmarshal(body, &v) != nil || v == nil {
		return fmt.Errorf("%w: it is no JSON object", ErrTorn)
	}
	return nil
}

func raw(list []json.RawMessage) (all [][]byte) {
	for _, o := range list {
		all = append(all, o)
	}
	return all
}

// Stripe, by the version that stands in every call: an account's own may be any.
var stripe = api{
	name: "Stripe", form: "a secret or restricted key such as rk_live_...",
	parse: func(text string) (key, bool) {
		ok := strings.HasPrefix(text, "sk_") || strings.HasPrefix(text, "rk_")
		return key{base: "https://api.stripe.com", secret: text}, ok && printable(text)
	},
	head: func(r *http.Request, secret string) {
		bearer(r, secret)
		r.Header.Set("Stripe-Version", "2026-10-28.endive")
	},
	one: func(kind, id string) string {
		switch kind {
		case "subscription", "customer", "credit_note", "charge", "refund", "dispute", "invoice_payment":
			return "/v1/" + kind + "s/" + id
		case "schedule":
			return "/v1/subscription_schedules/" + id
		case "invoice":
			return "/v1/invoices/" + id + "?expand[]=payments"
		}
		return ""
	},
	list: func(kind string, of Owner, since time.Time) string {
		q := url.Values{"limit": {"100"}, "customer": {of.Customer}}
		switch {
		case kind == "subscription" && of.Subscription == "":
			q.Set("status", "all") // else those that have ended are left out
			return "/v1/subscriptions?" + q.Encode()
		case kind == "item":
			return "/v1/subscription_items?" + url.Values{"limit": {"100"}, "subscription": {of.Subscription}}.Encode()
		case kind == "line":
			return "/v1/invoices/" + url.PathEscape(of.Invoice) + "/lines?limit=100"
		case kind == "schedule":
			return "/v1/subscription_schedules?" + q.Encode()
		case kind == "credit_note":
			return "/v1/credit_notes?" + q.Encode()
		case kind == "invoice":
			if of.Subscription != "" {
				q.Set("subscription", of.Subscription)
			}
			q.Set("created[gte]", strconv.FormatInt(since.Unix(), 10))
			q.Set("expand[]", "data.payments")
			return "/v1/invoices?" + q.Encode()
		}
		return ""
	},
	page: func(_, path string, body []byte) ([][]byte, string, error) {
		var p struct {
			Data []json.RawMessage `json:"data"`
			More *bool             `json:"has_more"`
		}
		if err := json.Unmarshal(body, &p); err != nil || p.Data == nil || p.More == nil {
			return nil, "", fmt.Errorf("%w: it is no list", ErrTorn)
		}
		if !*p.More || len(p.Data) == 0 {
			return raw(p.Data), "", nil
		}
		return raw(p.Data), with(path, "starting_after", ID(p.Data[len(p.Data)-1])), nil
	},
	object: itself, also: never, more: stripeLists,
}

// Paddle Billing, version 1 of its API, which its own SDK for Node does not say.
var paddle = api{
	name: "Paddle", form: "an API key such as pdl_live_apikey_...",
	parse: func(text string) (key, bool) {
		if strings.HasPrefix(text, "pdl_sdbx_") {
			return key{base: "https://sandbox-api.paddle.com", secret: text}, printable(text)
		}
		return key{base: "https://api.paddle.com", secret: text}, printable(text)
	},
	head: func(r *http.Request, secret string) {
		bearer(r, secret)
		r.Header.Set("Paddle-Version", "1")
	},
	one: func(kind, id string) string {
		switch kind {
		case "subscription", "customer":
			return "/" + kind + "s/" + id
		case "invoice":
			return "/transactions/" + id
		case "adjustment":
			return "/adjustments?id=" + id
		}
		return ""
	},
	list: func(kind string, of Owner, since time.Time) string {
		q := url.Values{"per_page": {"200"}, "customer_id": {of.Customer}}
		switch {
		case kind == "subscription" && of.Subscription == "":
			return "/subscriptions?" + q.Encode()
		case kind == "invoice", kind == "adjustment":
			if of.Subscription != "" {
				q.Set("subscription_id", of.Subscription)
			}
			if kind == "adjustment" {
				q.Set("per_page", "50") // no more is taken there
				return "/adjustments?" + q.Encode()
			}
			q.Set("billed_at[GTE]", since.UTC().Format(time.RFC3339))
			return "/transactions?" + q.Encode()
		}
		return ""
	},
	page: func(_, _ string, body []byte) ([][]byte, string, error) {
		var p struct {
			Data []json.RawMessage `json:"data"`
			Meta struct {
				Pagination *struct {
					Next string `json:"next"`
					More bool   `json:"has_more"` // there may be a next on the last page, too
				} `json:"pagination"`
			} `json:"meta"`
		}
		if err := json.Unmarshal(body, &p); err != nil || p.Data == nil || p.Meta.Pagination == nil {
			return nil, "", fmt.Errorf("%w: it is no list", ErrTorn)
		}
		if !p.Meta.Pagination.More {
			return raw(p.Data), "", nil
		}
		return raw(p.Data), p.Meta.Pagination.Next, nil
	},
	object: func(kind string, body []byte) ([]byte, error) {
		var p struct {
			Data json.RawMessage `json:"data"`
		}
		_ = json.Unmarshal(body, &p)
		if kind != "adjustment" {
			return p.Data, whole(p.Data)
		}
		var list []json.RawMessage // one is only found by a filter
		if json.Unmarshal(p.Data, &list) != nil {
			return nil, fmt.Errorf("%w: it is no list", ErrTorn)
		}
		if len(list) == 0 {
			return nil, ErrNone
		}
		return list[0], whole(list[0])
	},
	also: never,
}

// siteName tells whether a name can be that of a site: it becomes a part of the host that is given the key.
func siteName(name string) bool {
	return 0 < len(name) && len(name) <= 60 && name[0] != '-' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Chargebee: the version stands in the path. A site has an address of its own.
var chargebee = api{
	name: "Chargebee", form: "a site and its key such as fjord:live_...",
	parse: func(text string) (key, bool) {
		site, secret, ok := strings.Cut(text, ":")
		return key{base: "https://" + site + ".chargebee.com", secret: secret}, ok && siteName(site) && printable(secret)
	},
	head: basic,
	one: func(kind, id string) string {
		switch kind {
		case "subscription", "invoice", "customer", "credit_note":
			return "/api/v2/" + kind + "s/" + id
		}
		return ""
	},
	list: func(kind string, of Owner, since time.Time) string {
		// What was deleted is listed too: it says of itself that it is.
		q := url.Values{"limit": {"100"}, "include_deleted": {"true"}, "customer_id[is]": {of.Customer}}
		switch {
		case kind == "subscription" && of.Subscription == "":
			return "/api/v2/subscriptions?" + q.Encode()
		case kind == "invoice", kind == "credit_note":
			// All of the customer's: by subscription_id those are not found that are for several.
			q.Set("date[after]", strconv.FormatInt(since.Unix(), 10))
			return "/api/v2/" + kind + "s?" + q.Encode()
		case kind == "ramp":
			return "/api/v2/ramps?" + url.Values{"limit": {"100"}, "subscription_id[is]": {of.Subscription}, "status[is]": {"scheduled"}}.Encode()
		}
		return ""
	},
	page: func(kind, path string, body []byte) ([][]byte, string, error) {
		var p struct {
			List []map[string]json.RawMessage `json:"list"`
			Next string                       `json:"next_offset"`
		}
		if err := json.Unmarshal(body, &p); err != nil || p.List == nil {
			return nil, "", fmt.Errorf("%w: it is no list", ErrTorn)
		}
		var all [][]byte
		for _, entry := range p.List {
			all = append(all, entry[kind])
		}
		if p.Next == "" {
			return all, "", nil
		}
		return all, with(path, "offset", p.Next), nil
	},
	object: func(kind string, body []byte) ([]byte, error) {
		var p map[string]json.RawMessage
		_ = json.Unmarshal(body, &p)
		return p[kind], whole(p[kind])
	},
	also: never,
	more: chargebeeLater,
}

// Recurly, version 2021-02-25 of its API, in the data centre that the key says.
var recurly = api{
	name: "Recurly", form: "a key, or eu:, test: or eu-test: and a key",
	parse: func(text string) (key, bool) {
		k := key{base: "https://v3.recurly.com", secret: text}
		if where, secret, ok := strings.Cut(text, ":"); ok {
			if where != "eu" && where != "test" && where != "eu-test" {
				return k, false
			}
			k.secret = secret
			if strings.HasPrefix(where, "eu") {
				k.base = "https://v3.eu.recurly.com"
			}
		}
		return k, printable(k.secret)
	},
	head: func(r *http.Request, secret string) {
		basic(r, secret)
		r.Header.Set("Accept", "application/vnd.recurly.v2021-02-25")
	},
	one: func(kind, id string) string {
		switch kind {
		case "subscription":
			return "/subscriptions/" + recurlyID(id)
		case "invoice":
			return "/invoices/" + id
		case "customer":
			return "/accounts/code-" + id
		}
		return ""
	},
	list: func(kind string, of Owner, since time.Time) string {
		// Without a state: live leaves out those that are paused.
		switch {
		case kind == "subscription" && of.Subscription == "":
			return "/accounts/code-" + url.PathEscape(of.Customer) + "/subscriptions?limit=200"
		case kind == "line":
			return "/invoices/" + url.PathEscape(of.Invoice) + "/line_items?limit=200"
		case kind == "invoice":
			q := url.Values{"limit": {"200"}, "sort": {"created_at"}, "order": {"asc"}, "begin_time": {since.UTC().Format(time.RFC3339)}}
			if of.Subscription != "" {
				return "/subscriptions/" + recurlyID(url.PathEscape(of.Subscription)) + "/invoices?" + q.Encode()
			}
			return "/accounts/code-" + url.PathEscape(of.Customer) + "/invoices?" + q.Encode()
		}
		return ""
	},
	page: func(_, _ string, body []byte) ([][]byte, string, error) {
		var p struct {
			Data []json.RawMessage `json:"data"`
			More *bool             `json:"has_more"` // there may be more behind an empty page
			Next string            `json:"next"`
		}
		if err := json.Unmarshal(body, &p); err != nil || p.Data == nil || p.More == nil || *p.More && p.Next == "" {
			return nil, "", fmt.Errorf("%w: it is no list", ErrTorn)
		}
		if !*p.More {
			return raw(p.Data), "", nil
		}
		return raw(p.Data), p.Next, nil
	},
	object: itself,
	// Directories may have a subscription by its uuid, and customers by their code.
	also: func(kind string, object []byte, id string) bool {
		var v struct {
			UUID string `json:"uuid"`
			Code string `json:"code"`
		}
		_ = json.Unmarshal(object, &v)
		return kind == "customer" && v.Code == id || kind != "customer" && v.UUID != "" && v.UUID == strings.TrimPrefix(id, "uuid-")
	},
	more: recurlyLines,
}

// recurlyID is an id as a path has it: a uuid, of 32 digits, has to say so.
func recurlyID(id string) string {
	if len(id) == 32 && strings.Trim(id, "0123456789abcdef") == "" {
		return "uuid-" + id
	}
	return id
}

// with is a path with one parameter set.
func with(path, name, value string) string {
	before, query, _ := strings.Cut(path, "?")
	q, _ := url.ParseQuery(query)
	q.Set(name, value)
	return before + "?" + q.Encode()
}

func printable(secret string) bool {
	return secret != "" && strings.Trim(secret, "!\"#$%&'()*+,-./0123456789;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~:") == ""
}
