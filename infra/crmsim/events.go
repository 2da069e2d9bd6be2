package crmsim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A news is one event that a change owes: which table's row, and which of its columns.
type news struct {
	event   string
	key     int
	changes []string
}

// raise owes an event. Only changes in a table of its own raise one: which licence a user has
// stands in another, so that taking, giving or activating licences is told to nobody.
func (t *Tenant) raise(event string, key int, changes ...string) {
	t.news = append(t.news, news{event, key, changes})
}

// An event is the body of a webhook.
type event struct {
	EventId              string
	Timestamp            string
	Changes              []string
	Event                string
	PrimaryKey           int
	Entity               string
	ContextIdentifier    string
	ChangedByAssociateId int
	WebhookName          string
	FieldValues          map[string]any `json:",omitempty"`
	Values               map[string]any `json:",omitempty"`
}

// A Variant is what is odd about a tenant's webhooks.
type Variant string

// The variants.
const (
	VariantNone         Variant = ""
	VariantBare         Variant = "no-field-values"
	VariantDuplicate    Variant = "duplicate"
	VariantReversed     Variant = "out-of-order"
	VariantSameID       Variant = "same-event-id"
	VariantExtra        Variant = "extra-property"
	VariantDefault      Variant = "default-context"
	VariantMark         Variant = "bom"
	VariantSpace        Variant = "odd-whitespace"
	VariantBadSignature Variant = "bad-signature"
	VariantUnsigned     Variant = "no-signature"
	VariantOld          Variant = "hour-old"
	VariantEcho         Variant = "echo"
)

func variants() []choice {
	return []choice{
		{string(VariantNone), "nothing"},
		{string(VariantBare), "without FieldValues"},
		{string(VariantDuplicate), "each one twice"},
		{string(VariantReversed), "the latest first"},
		{string(VariantSameID), "two with the same EventId"},
		{string(VariantExtra), "a property that nobody knows"},
		{string(VariantDefault), "ContextIdentifier Default"},
		{string(VariantMark), "a byte order mark before it"},
		{string(VariantSpace), "odd white space"},
		{string(VariantBadSignature), "a false signature"},
		{string(VariantUnsigned), "no signature"},
		{string(VariantOld), "a timestamp an hour old"},
		{string(VariantEcho), "as if we had done it"},
	}
}

func odd(v Variant) bool { return offers(variants(), string(v)) }

// owe puts into the queue what a change owes; the caller holds the lock.
func (s *Sim) owe(t Tenant) {
	if t.Variant == VariantReversed {
		slices.Reverse(t.news)
	}
	for _, n := range t.news {
		for i := range t.Hooks {
			h := &t.Hooks[i]
			if h.State != Active || !h.wants(n.event) {
				continue
			}
			e := s.event(&t, n)
			s.push(&t, h, e)
			if t.Variant == VariantSameID {
				second := e
				second.Changes = append(slices.Clone(e.Changes), "registered")
				s.push(&t, h, second)
			}
		}
	}
	if len(t.news) > 0 {
		s.ring()
	}
}

// push queues one body for one hook, twice where everything comes twice.
func (s *Sim) push(t *Tenant, h *Hook, e event) {
	e.WebhookName = h.Name
	d := delivery{cust: t.CustID, hook: h.ID, event: e.Event, id: e.EventId, body: body(e, h.Properties, t.Variant)}
	s.queue = append(s.queue, d)
	if t.Variant == VariantDuplicate {
		s.queue = append(s.queue, d)
	}
}

// event fills in what SuperOffice says of a change; the caller holds the lock.
func (s *Sim) event(t *Tenant, n news) event {
	at := s.now().UTC()
	if t.Variant == VariantOld {
		at = at.Add(-time.Hour)
	}
	entity, verb, _ := strings.Cut(n.event, ".")
	e := event{
		EventId: s.eventID(), Timestamp: at.Format("2006-01-02T15:04:05.0000000Z"), Changes: n.changes, Event: n.event,
		PrimaryKey: n.key, Entity: entity, ContextIdentifier: t.CustID, ChangedByAssociateId: t.by,
	}
	if e.ChangedByAssociateId == 0 {
		if a := t.admin(); a != nil {
			e.ChangedByAssociateId = a.ID
		}
	}
	switch t.Variant {
	case VariantDefault:
		e.ContextIdentifier = "Default"
	case VariantEcho:
		e.ChangedByAssociateId = systemUser
	}
	if t.Hosting == Onsite {
		e.ContextIdentifier = "Default" // a server at a customer's does not know what we call it
	}
	if verb == "deleted" {
		e.Changes = []string{}
		e.Values = map[string]any{entity + "_id": n.key}
		return e
	}
	if t.Variant != VariantBare {
		e.FieldValues = t.fields(entity, n.key, at, e.ChangedByAssociateId)
	}
	return e
}

// fields are the columns that events of an entity carry.
func (t *Tenant) fields(entity string, key int, at time.Time, by int) map[string]any {
	f := map[string]any{"updated": at.Format("2006-01-02T15:04:05.0000000-07:00"), "updated_associate_id": by}
	switch entity {
	case "associate":
		if u := t.user(key); u != nil {
			maps.Copy(f, map[string]any{"deleted": oneIf(u.Retired), "group_idx": 1, "person_id": personID(u.ID), "type": 0,
				"registered_associate_id": by, "waiting_for_approval": oneIf(u.Waiting)})
		}
	case "person":
		if u := t.user(key - personID(0)); u != nil {
			f["retired"] = oneIf(u.Retired)
		}
	case "ticket":
		if u := t.owner(key); u != nil {
			maps.Copy(f, map[string]any{"owned_by": serviceID(u.ID), "status": u.status(key), "ticket_status": u.status(key), "category": 1})
		}
	}
	return f
}

// eventID is new each time, in the form of a UUID.
func (s *Sim) eventID() string {
	sum := sha256.Sum256([]byte(s.once("event")))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// body writes an event out, with the hook's properties in it. These bytes are what is signed,
// and sent at every try.
func body(e event, properties map[string]any, v Variant) []byte {
	if v == VariantExtra {
		properties = maps.Clone(properties)
		if properties == nil {
			properties = map[string]any{}
		}
		properties["AddedInRelease"] = "13.1"
	}
	raw, err := json.Marshal(e)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		value, wrong := json.Marshal(properties[name])
		if wrong != nil {
			err = wrong
			continue
		}
		raw = append(raw[:len(raw)-1], ","+strconv.Quote(name)+":"...)
		raw = append(append(raw, value...), '}')
	}
	if err != nil {
		panic(err) // unreachable: properties came as JSON
	}
	switch v {
	case VariantMark:
		raw = append([]byte("\ufeff"), raw...)
	case VariantSpace:
		raw = append([]byte("\r\n\t "), append(raw, " \r\n\r\n"...)...)
	}
	return raw
}
