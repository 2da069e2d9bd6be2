package webhook

import (
	"fmt"
	"time"

	"seatmend/shared/licence"
)

// An Object decodes an object of a kind, as a sender's API gives it, to facts that held at an instant: see
// Body.Hints.
type Object func(kind string, object []byte, at time.Time) ([]licence.Fact, error)

// ObjectOf is that of a sender; nil: nothing of it is read back. It is no part of Sender, so that a door, which
// reads nothing back, does not link what only a read needs.
func ObjectOf(sender string) Object {
	switch sender {
	case "stripe":
		return stripeObject
	case paddleName:
		return paddleObject
	case chargebeeName:
		return chargebeeObject
	case recurlyName:
		return recurlyObject
	}
	return nil
}

// decoded are the facts of an object that was read at an instant: the object as of then, about those whom
// it names. One that cannot be read leaves what it is about in doubt, and is an error beside.
func decoded(sender, kind string, object []byte, at time.Time, read func(*form) telling) ([]licence.Fact, error) {
	if err := strict(object); err != nil {
		return nil, err
	}
	f := &form{lax: true}
	var it struct {
		Of stripeRef `json:"of"` // any object that has an id
	}
	f.fill(append(append([]byte(`{"of":`), object...), '}'), &it)
	t := read(f)
	err := f.err()
	if err == nil && t.ignored != "" {
		return nil, nil
	}
	id := fmt.Sprintf("%s/%s/%d", kind, it.Of.id, at.UnixNano())
	facts := t.facts(sender, id, at)
	if err != nil {
		facts = t.inDoubt(sender, id, at, at)
	}
	for i := range facts {
		facts[i].ID, facts[i].At = licence.ReadPrefix+facts[i].ID, at
	}
	return facts, err
}

// unread is what is told of a kind that nobody can decode.
func unread(f *form) telling {
	f.say("object", "must be of a kind that we know")
	return telling{}
}

// ToRead are the things that a body told of, which are read back where there is a key: what it hints at,
// else what its facts are about.
func (b Body) ToRead() (hints []licence.Hint) {
	add := func(f licence.Fact, kind, id string) {
		h := licence.Hint{Kind: kind, ID: id, Mode: b.Mode, To: f.To}
		for _, have := range hints {
			if have.Same(&h) {
				return
			}
		}
		if id != "" {
			hints = append(hints, h)
		}
	}
	for _, h := range b.Hints {
		h.Mode = b.Mode
		hints = append(hints, h)
	}
	if b.Hints != nil {
		return hints
	}
	for _, f := range b.Facts {
		switch p := f.Payload.(type) {
		case licence.SubscriptionChanged:
			add(f, "subscription", p.Subscription)
		case licence.ScheduleChanged:
			if f.Source == "stripe" {
				add(f, "schedule", p.Schedule)
			} else {
				add(f, "subscription", p.Subscription)
			}
		case licence.InvoiceChanged:
			add(f, "invoice", p.Invoice)
		case licence.PaymentChanged:
			add(f, "invoice", p.Invoice)
		}
	}
	return hints
}
