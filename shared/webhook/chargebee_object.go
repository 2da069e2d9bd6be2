package webhook

import (
	"cmp"
	"slices"
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
			return scheduled(f, readChargebeeSubscription(f, e, object).telling, object, at)
		case "invoice":
			return inParts(f, e, readChargebeeInvoice(f, e, object).telling, object)
		case "credit_note":
			return readChargebeeCreditNote(f, e, object).telling
		}
		return unread(f)
	})
}

// scheduled puts what a subscription will order in the place of a change of which nothing was known.
func scheduled(f *form, t telling, object []byte, now time.Time) telling {
	var both struct {
		Later jsontext.Value   `json:"seatmend_scheduled"`
		Ramps []jsontext.Value `json:"seatmend_ramps"`
	}
	f.fill(object, &both)
	var later chargebeeSubscription
	if both.Later.Kind() == '{' {
		f.fill(both.Later, &later)
	}
	for i, n := range t.news {
		plan, ok := n.payload.(licence.ScheduleChanged)
		last := len(plan.Phases) - 1
		switch {
		case !ok || last < 0 || !plan.Phases[last].Uncounted:
		case len(both.Ramps) > 0:
			if all := steps(f, object, both.Ramps, now); len(all) > 0 {
				plan.Phases = append(plan.Phases[:last], all...)
				t.news[i].payload = plan
			}
		case both.Later.Kind() == '{':
			plan.Phases[last].Items, plan.Phases[last].Uncounted = later.items()
		}
	}
	return t
}

// steps are what is ordered from each planned step on: what is ordered today, with what each of them changes.
// One that is late counts from now on. What cannot be added up is not known from then on.
func steps(f *form, object []byte, ramps []jsontext.Value, now time.Time) (phases []licence.Phase) {
	var today chargebeeSubscription
	f.fill(object, &today)
	all := make([]chargebeeRamp, len(ramps))
	for i, raw := range ramps {
		f.fill(raw, &all[i])
	}
	all = slices.DeleteFunc(all, func(r chargebeeRamp) bool { return r.Deleted || r.Status != "scheduled" })
	slices.SortStableFunc(all, func(a, b chargebeeRamp) int { return cmp.Compare(a.From, b.From) })
	items, uncounted := today.items()
	for _, r := range all[:min(len(all), mostSteps)] {
		items = slices.Clone(items)
		for _, gone := range r.Remove {
			items = slices.DeleteFunc(items, func(it licence.Item) bool { return it.Prices[0] == gone })
		}
		for _, i := range r.Update {
			at := slices.IndexFunc(items, func(it licence.Item) bool { return it.Prices[0] == i.Price })
			switch {
			case i.Kind == "charge":
			case at < 0:
				uncounted = true // it changes what nobody told of
			case i.Quantity != nil || i.Decimal != "":
				items[at] = chargebeeCount(i.Price, i.Quantity, i.Decimal, i.Metered != "")
			}
		}
		for _, i := range r.Add {
			if i.Kind != "charge" {
				items = append(items, chargebeeCount(i.Price, i.Quantity, i.Decimal, i.Metered != ""))
			}
		}
		at := time.Unix(r.From, 0).UTC()
		if !licence.Sane(at) || !at.After(now) {
			at = now.Add(time.Second)
		}
		phases = append(phases, licence.Phase{At: at, Items: items, Uncounted: uncounted})
	}
	return phases
}

// inParts adds when an invoice is due that is paid in parts.
func inParts(f *form, e chargebeeEvent, t telling, object []byte) telling {
	var both struct {
		Parts []jsontext.Value `json:"seatmend_parts"`
	}
	f.fill(object, &both)
	for _, one := range both.Parts[:min(len(both.Parts), mostSteps)] {
		for _, n := range readChargebeeSchedule(f, e, one).news {
			t.add(n.payload)
		}
	}
	return t
}

// mostSteps bounds what is read of planned steps, and of the parts of an invoice.
const mostSteps = 24
