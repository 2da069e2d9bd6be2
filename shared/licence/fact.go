package licence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Name is how a sender calls an account: a Stripe customer, a CustID, our own account id.
type Name struct {
	Sender string `json:"sender"`
	ID     string `json:"id"`
}

func (n Name) String() string { return n.Sender + ":" + n.ID }

// A Fact is something that was so at an instant, told by a sender we trust.
type Fact struct {
	ID      string    `json:"id"`     // sender and the sender's own id; several facts of one body get /1, /2
	To      []Name    `json:"to"`     // whom it is about, in the sender's terms, most precise first
	At      time.Time `json:"at"`     // when it was so, by the best clock the source has
	Source  string    `json:"source"` // "standard", "stripe", "superoffice", "login", "page", ...
	Payload Payload   `json:"-"`
}

// A Payload is what a fact says. It is absolute, never a delta: "holds a seat", not "one
// more". The set is closed: payload.go lists it.
type Payload interface{ Type() string }

// A Stamp orders what is told about one thing: the later wins, and of two at one instant
// the greater id.
type Stamp struct {
	At     time.Time `json:"at"`
	ID     string    `json:"id"`
	Source string    `json:"src,omitempty"`
}

// Stamp is the fact's place in the order of what was told.
func (f Fact) Stamp() Stamp { return Stamp{f.At.UTC(), f.ID, f.Source} }

// After tells whether s wins over o.
func (s Stamp) After(o Stamp) bool {
	if !s.At.Equal(o.At) {
		return s.At.After(o.At)
	}
	return s.ID > o.ID
}

// Hash identifies what the fact says, whatever bytes it came in: a second telling under one
// id is a duplicate when the hashes agree, and a conflict when they do not.
func (f Fact) Hash() string {
	body, err := json.Marshal(f)
	if err != nil {
		panic(err) // unreachable: payloads are plain data
	}
	return f.HashOf(body)
}

// HashOf is Hash for who has the fact as JSON already.
func (f Fact) HashOf(body []byte) string {
	if l, ok := f.Payload.(SeatsListed); ok && l.Listed != "" {
		return l.Listed // a list is stored without its rows
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

// Sent tells whether the id is one that a sender gave, by which no other fact is meant, whatever
// account it is about. Of ours each is of an account that we know.
func (f Fact) Sent() bool {
	sender, _, _ := strings.Cut(f.ID, "/")
	return !slices.Contains([]string{"page", "support", "help", strings.TrimSuffix(ReadPrefix, "/")}, sender)
}

type factJSON struct {
	ID     string          `json:"id"`
	To     []Name          `json:"to,omitempty"`
	At     time.Time       `json:"at"`
	Source string          `json:"source"`
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
}

// MarshalJSON writes the fact with its payload's type, as it is stored and exported.
func (f Fact) MarshalJSON() ([]byte, error) {
	data, err := JSON(f.Payload)
	if err != nil {
		return nil, err
	}
	return JSON(factJSON{f.ID, f.To, f.At.UTC(), f.Source, f.Payload.Type(), data})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Fact) UnmarshalJSON(b []byte) error {
	var j factJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	var p Payload = Later{j.Type, j.Data}
	if read, ok := Payloads[j.Type]; ok {
		var err error
		if p, err = read(j.Data); err != nil {
			return fmt.Errorf("fact %s: %w", j.ID, err)
		}
	}
	*f = Fact{j.ID, j.To, j.At.UTC(), j.Source, p}
	return nil
}

// A Later is the payload of a stored fact of a kind that only a later version knows. It is listed and stored
// as it is, and no account is changed by it: what waits for its account waits for that version.
type Later struct {
	Kind string
	Data json.RawMessage
}

// Type is the kind, as the later version calls it.
func (l Later) Type() string { return l.Kind }

// MarshalJSON writes what was stored.
func (l Later) MarshalJSON() ([]byte, error) { return l.Data.MarshalJSON() }

// Opt is a field that may be absent (nothing is told), null (what was told is taken back)
// or a value.
type Opt[T any] struct {
	Told  bool
	Value *T // nil when told to be null
}

// Some is a told value.
func Some[T any](v T) Opt[T] { return Opt[T]{true, &v} }

// IsZero lets encoding/json leave an absent field out (omitzero).
func (o Opt[T]) IsZero() bool { return !o.Told }

func (o Opt[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	o.Told, o.Value = true, nil
	return json.Unmarshal(b, &o.Value)
}

// Cut is what is told in place of a fact about orders that does not fit; false: it is about none.
func (f Fact) Cut() (Fact, bool) {
	about := ""
	switch p := f.Payload.(type) {
	case SubscriptionChanged:
		about = p.Subscription
	case ScheduleChanged:
		about = p.Subscription
	default:
		return f, false
	}
	sum := sha256.Sum256([]byte(f.ID + "\n" + about + "\n" + f.At.UTC().Format(time.RFC3339Nano)))
	f.ID, f.Payload = "cut/"+hex.EncodeToString(sum[:12]), OrdersCut{about}
	return f, true
}
