package webhook

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// chargebeeObject decodes what Chargebee's API gives. What a subscription will be stands beside what it is
// now, under a name of ours: package billing puts it there.
func chargebeeObject(kind string, object []byte, at time.Time) ([]licence.Fact, error) {
	return decoded(chargebeeName, kind, object, at, func(f *form) telling {
		e := chargebeeEvent{At: at.Unix()}
		switch kind {
		case "subscription":
			return scheduled(f, readChargebeeSubscription(f, e, object).telling, object)
		case "invoice":
			return readChargebeeInvoice(f, e, object).telling
		case "credit_note":
			return readChargebeeCreditNote(f, e, object).telling
		}
		return unread(f)
	})
}

// scheduled puts what a subscription will order in the place of a change of which nothing was known.
func scheduled(f *form, t telling, object []byte) telling {
	var both struct {
		Later jsontext.Value `json:"seatmend_scheduled"`
	}
	f.fill(object, &both)
	if both.Later.Kind() != '{' {
		return t
	}
	var later chargebeeSubscription
	f.fill(both.Later, &later)
	for _, n := range t.news {
		plan, ok := n.payload.(licence.ScheduleChanged)
		if last := len(plan.Phases) - 1; ok && last >= 0 && plan.Phases[last].Uncounted {
			plan.Phases[last].Items, plan.Phases[last].Uncounted = later.items()
		}
	}
	return t
}
