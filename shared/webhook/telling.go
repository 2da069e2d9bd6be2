package webhook

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// A telling is what an event of a billing system comes to: payloads and whom they are about, or why
// there are none.
type telling struct {
	about   []string // the sender's ids, the most precise first and the customer last
	news    []news
	ignored string
	// doubts stand in place of what is told, where that cannot be read: what was ordered is not known then.
	doubts []news
}

type news struct {
	about   []string  // nil: as of the telling
	at      time.Time // zero: when the event was
	payload licence.Payload
}

func (t *telling) add(p licence.Payload) { t.news = append(t.news, news{payload: p}) }

// doubt notes that what is ordered by a subscription cannot be known, should its object turn out not to
// be one that can be read. An unknown status is none of the end. What it is says by what its sender calls
// it, as of one that can be read.
func (t *telling) doubt(is licence.SubscriptionChanged) {
	if checks["id"].ok(is.Subscription) {
		is.Items, is.Uncounted, is.Status = []licence.Item{}, true, "active"
		t.doubts = append(t.doubts, news{about: t.about, payload: is})
	}
}

// doubtLater is doubt of a schedule: it may change what is ordered from now on.
func (t *telling) doubtLater(subscription, schedule string, coarse bool) {
	if checks["id"].ok(cmp.Or(schedule, subscription)) && (subscription == "" || checks["id"].ok(subscription)) {
		t.doubts = append(t.doubts, news{about: t.about, payload: licence.ScheduleChanged{Subscription: subscription, Schedule: schedule, Coarse: coarse}})
	}
}

// inDoubt are the facts of a body that cannot be read: as of when it says to be, if that can be.
func (t telling) inDoubt(sender, id string, at, now time.Time) []licence.Fact {
	for i, n := range t.doubts {
		if n.at.IsZero() {
			n.at = at
		}
		if n.at.After(now.Add(ahead)) || !licence.Sane(n.at) {
			n.at = now
		}
		if p, ok := n.payload.(licence.ScheduleChanged); ok {
			p.Phases = []licence.Phase{{At: n.at.Add(time.Second), Items: []licence.Item{}, Uncounted: true}}
			n.payload = p
		}
		t.doubts[i] = n
	}
	t.news = t.doubts
	facts := t.facts(sender, id, at)
	for i := range facts {
		facts[i].ID = licence.DoubtID(facts[i]) // the same event may be mended
	}
	return facts
}

// names are ids as names of accounts; what is none is left out.
func namesOf(sender string, ids []string) (names []licence.Name) {
	for _, id := range ids {
		if checks["id"].ok(id) {
			names = append(names, licence.Name{Sender: sender, ID: id})
		}
	}
	return names
}

func (t telling) names(sender string) []licence.Name { return namesOf(sender, t.about) }

// facts are those of an event: the first has its id, each further one its place besides. What stands behind
// a hyphen of the sender tells ids apart, and no more.
func (t telling) facts(sender, id string, at time.Time) (all []licence.Fact) {
	prefix := sender
	sender, _, _ = strings.Cut(sender, "-")
	for i, n := range t.news {
		f := licence.Fact{ID: prefix + "/" + id, To: t.names(sender), At: at, Source: sender, Payload: n.payload}
		if i > 0 {
			f.ID += "/" + strconv.Itoa(i+1)
		}
		if n.about != nil {
			f.To = namesOf(sender, n.about)
		}
		if !n.at.IsZero() {
			f.At = n.at
		}
		all = append(all, f)
	}
	return all
}

// apart is what tells the ids of facts apart that a version before this one told otherwise: a chargeback of
// Paddle's, and a refund of Stripe's that failed. An event of those may come once more.
func (t telling) apart(sender string) string {
	for _, n := range t.news {
		p, _ := n.payload.(licence.PaymentChanged)
		if p.Kind == "dispute" && sender == paddleName || p.Kind == "refund" && sender == "stripe" && strings.HasPrefix(p.Amount, "-") {
			return sender + "-" + p.Kind
		}
	}
	return sender
}

// instant says what is wrong with the time at which something was so.
func (f *form) instant(field string, at, now time.Time) {
	switch {
	case at.After(now.Add(ahead)):
		f.say(field, "must not be more than five minutes ahead of our clock")
	case !licence.Sane(at):
		f.say(field, "must be a time")
	}
}

// dateAt is an instant as a date; none where there is none.
func dateAt(t time.Time) licence.Date {
	if t.IsZero() || !licence.Sane(t) {
		return ""
	}
	return licence.Date(t.UTC().Format(time.RFC3339))
}
