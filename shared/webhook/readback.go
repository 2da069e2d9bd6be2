package webhook

import (
	"fmt"
	"strconv"
	"time"

	"seatmend/shared/licence"
)

// decoded are the facts of an object that was read at an instant: the object as of then, about those whom
// it names.
func decoded(sender, kind string, object []byte, at time.Time, read func(*form) ([]string, []licence.Payload)) ([]licence.Fact, error) {
	if err := strict(object); err != nil {
		return nil, err
	}
	f := &form{lax: true}
	var of stripeRef // any object that has an id
	f.fill(append(append([]byte(`{"of":`), object...), '}'), &struct {
		Of *stripeRef `json:"of"`
	}{&of})
	about, told := read(f)
	if err := f.err(); err != nil {
		return nil, err
	}
	var facts []licence.Fact
	for i, p := range told {
		facts = append(facts, licence.Fact{
			ID: fmt.Sprintf("%s%s/%s/%s/%d", licence.ReadPrefix, sender, kind, of.id, at.UnixNano()),
			To: namesOf(sender, about), At: at, Source: sender, Payload: p,
		})
		if i > 0 {
			facts[i].ID += "/" + strconv.Itoa(i+1)
		}
	}
	return facts, nil
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
