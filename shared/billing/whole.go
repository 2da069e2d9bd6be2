package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// Objects of which an answer tells a part are made whole here: what stands behind another address is put
// into them, or beside what they are today, under a name of ours.

// put sets a field of an object.
func put(object []byte, field string, value any) ([]byte, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(object, &whole); err != nil {
		return nil, fmt.Errorf("%w: it is no JSON object", ErrTorn)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	whole[field] = raw
	return json.Marshal(whole)
}

// list are all of a kind, as they stand in JSON.
func (s Site) list(ctx context.Context, kind string, of Owner) ([]json.RawMessage, error) {
	objects, err := s.All(ctx, kind, of, time.Time{})
	all := make([]json.RawMessage, len(objects))
	for i, o := range objects {
		all[i] = o
	}
	return all, err
}

// stripeLists gives a subscription all of its items and an invoice all of its lines, of which an answer has
// the first ones.
func stripeLists(ctx context.Context, s Site, kind string, object []byte) ([]byte, error) {
	type cut struct {
		More bool `json:"has_more"`
	}
	var v struct {
		ID           string `json:"id"`
		Items, Lines cut
	}
	if json.Unmarshal(object, &v) != nil {
		return object, nil
	}
	field, of, more := "items", Owner{Subscription: v.ID}, v.Items
	if kind == "invoice" {
		field, of, more = "lines", Owner{Invoice: v.ID}, v.Lines
	}
	if !more.More || kind != "invoice" && kind != "subscription" {
		return object, nil
	}
	all, err := s.list(ctx, field[:len(field)-1], of)
	if err != nil {
		return nil, err
	}
	return put(object, field, map[string]any{"object": "list", "has_more": false, "data": all})
}

// recurlyLines gives an invoice all of its lines.
func recurlyLines(ctx context.Context, s Site, kind string, object []byte) ([]byte, error) {
	var v struct {
		ID   string `json:"id"`
		More bool   `json:"has_more_line_items"`
	}
	if kind != "invoice" || json.Unmarshal(object, &v) != nil || !v.More {
		return object, nil
	}
	all, err := s.list(ctx, "line", Owner{Invoice: v.ID})
	if err == nil {
		object, err = put(object, "line_items", all)
	}
	if err != nil {
		return nil, err
	}
	return put(object, "has_more_line_items", false)
}

// What stands beside an object of Chargebee's.
const (
	Later = "seatmend_scheduled" // a subscription: what it will be
	Ramps = "seatmend_ramps"     // a subscription: each step that is planned
	Parts = "seatmend_parts"     // an invoice: when its parts are due
)

// chargebeeLater asks for what Chargebee does not say of itself. A subscription says only that it will
// change: what its steps are, or where the site has none, what it will be. That answer looks like a
// subscription of today and must not be taken for one. Of an invoice that is to be paid its parts are asked.
func chargebeeLater(ctx context.Context, s Site, kind string, object []byte) ([]byte, error) {
	var v struct {
		ID      string `json:"id"`
		Status  string `json:"status"`
		Changes bool   `json:"has_scheduled_changes"`
		Deleted bool   `json:"deleted"`
	}
	if json.Unmarshal(object, &v) != nil || v.Deleted {
		return object, nil
	}
	switch {
	case kind == "invoice" && slices.Contains([]string{"posted", "payment_due", "not_paid"}, v.Status):
		body, err := s.get(ctx, "/api/v2/invoices/"+url.PathEscape(v.ID)+"/payment_schedules")
		if lacking(err) {
			return object, nil
		}
		var parts struct {
			All []json.RawMessage `json:"payment_schedules"`
		}
		if err == nil && json.Unmarshal(body, &parts) != nil {
			err = fmt.Errorf("%w: it is no list", ErrTorn)
		}
		if err != nil || len(parts.All) == 0 {
			return object, err
		}
		return put(object, Parts, parts.All)
	case kind == "subscription" && v.Changes:
		ramps, err := s.list(ctx, "ramp", Owner{Subscription: v.ID})
		if err != nil && !lacking(err) {
			return nil, err
		}
		if len(ramps) > 0 {
			return put(object, Ramps, ramps)
		}
		body, err := s.get(ctx, "/api/v2/subscriptions/"+url.PathEscape(v.ID)+"/retrieve_with_scheduled_changes")
		if err != nil {
			return nil, err
		}
		later, err := s.api.object(kind, body)
		if err != nil {
			return nil, err
		}
		return put(object, Later, json.RawMessage(later))
	}
	return object, nil
}

// lacking tells whether a system has no such list: not at this site, or not for this key.
func lacking(err error) bool {
	return errors.Is(err, ErrNone) || errors.Is(err, ErrKey) || errors.Is(err, errRefused)
}
