package effects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"seatmend/shared/billing"
	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// mostFaults is after how many faults of single objects a pull ends.
const mostFaults = 5

// pullKinds are what is listed of a customer. A sender that has no lists of one gives nothing.
var pullKinds = []string{"subscription", "schedule", "invoice", "credit_note", "adjustment"}

// pull reads all that the account's customers have at a billing system. It is told as checked when all
// of it was read and told; what is of a test, where no key reads that, is left out of both.
func (r *reader) pull(ctx context.Context) error {
	began := r.Now()
	var faults []error
	var looked []billing.Site
	unread := map[string]bool{} // by mode: nobody reads it, so what it has is not missing
	seen := map[string]bool{}
	for _, b := range r.s.Known.Profile.Account.Value.Billing {
		if b.Sender != r.sender {
			continue
		}
		site, err := r.customer(ctx, b)
		if err == nil {
			err = r.listed(ctx, site, b, seen)
		}
		switch {
		case errors.Is(err, billing.ErrNoKey):
			unread[cmp.Or(b.Mode, "live")] = true
		case err != nil:
			faults = append(faults, err)
		default:
			looked = append(looked, site)
		}
	}
	if len(faults) == 0 && len(looked) > 0 {
		faults = append(faults, r.missing(ctx, looked, unread, seen))
	}
	err := errors.Join(faults...)
	switch {
	case err == nil && len(looked) == 0:
		return billing.ErrNoKey
	case err != nil || unread["live"]:
		return err
	}
	_, err = r.Apply(ctx, licence.Fact{
		ID: fmt.Sprintf("%s%s/checked/%d", licence.ReadPrefix, r.sender, began.UnixNano()),
		To: []licence.Name{{Sender: "account", ID: r.s.Account}}, At: began, Source: r.sender, Payload: licence.SourceChecked{Of: "billing"},
	})
	return err
}

// customer is the site that has the customer. Nothing that is not there follows from a key that does not
// see the customer itself, such as one of another site.
func (r *reader) customer(ctx context.Context, b licence.Mapping) (billing.Site, error) {
	sites, err := r.Client.Sites(r.sender, cmp.Or(b.Mode, "live"))
	if err != nil {
		return billing.Site{}, err
	}
	site, _, err := billing.Find(ctx, sites, "customer", b.ID, nil)
	if errors.Is(err, billing.ErrNone) {
		err = errNobody
	}
	return site, err
}

// listed reads a customer's lists, or those of the one subscription that is mapped.
func (r *reader) listed(ctx context.Context, site billing.Site, b licence.Mapping, seen map[string]bool) error {
	of := billing.Owner{Customer: b.ID, Subscription: b.Subscription}
	if of.Subscription != "" {
		if _, err := r.single(ctx, site, "subscription", of.Subscription, seen); err != nil && !errors.Is(err, billing.ErrNone) {
			return err
		}
	}
	var faults []error
	for _, kind := range pullKinds {
		at := r.Now()
		objects, err := site.All(ctx, kind, of, at.Add(-invoicesFor))
		if errors.Is(err, billing.ErrMany) && kind == "subscription" {
			err = errors.Join(err, r.cut(ctx, at))
		}
		if err != nil {
			return err // a list is whole, or says nothing
		}
		for _, o := range r.knownFirst(kind, objects) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			err := r.one(ctx, site, kind, o, at, b, seen)
			_, odd := errors.AsType[*webhook.Error](err)
			if odd && len(faults) >= mostFaults {
				continue // it is in doubt, and there are others
			}
			if err != nil {
				faults = append(faults, err)
			}
			if err != nil && !odd && len(faults) >= mostFaults {
				return errors.Join(faults...)
			}
			if errors.As(err, new(*licence.TooMuch)) {
				break // no more of these fits; others may
			}
		}
	}
	return errors.Join(faults...)
}

// knownFirst puts what was told of already in front: of what has ended there is room for more.
func (r *reader) knownFirst(kind string, objects [][]byte) [][]byte {
	told := func(o []byte) int {
		id := billing.ID(o)
		if kind == "subscription" && r.s.Known.Orders.Subs[id] != nil || kind == "invoice" && r.s.Known.Invoices.Licence[id] != nil {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(objects, func(a, b []byte) int { return told(a) - told(b) })
	return objects
}

// cut tells that there is more than can be listed.
func (r *reader) cut(ctx context.Context, at time.Time) error {
	_, err := r.Apply(ctx, licence.Fact{
		ID: fmt.Sprintf("%s%s/cut/%d", licence.ReadPrefix, r.sender, at.UnixNano()),
		To: []licence.Name{{Sender: "account", ID: r.s.Account}}, At: at, Source: r.sender, Payload: licence.OrdersCut{},
	})
	return err
}

// one tells what is otherwise of one object of a list, if it is this customer's and of this account.
func (r *reader) one(ctx context.Context, site billing.Site, kind string, object []byte, at time.Time, b licence.Mapping, seen map[string]bool) error {
	object, err := site.More(ctx, kind, object)
	if err != nil {
		return err
	}
	facts, unread := r.object(site, kind, object, at)
	if unread != nil {
		unread = fmt.Errorf("%s: %w", kind, unread)
	}
	_, err = r.news(ctx, facts, []licence.Mapping{b}, seen)
	return errors.Join(unread, err)
}

// single reads one object that no list showed. It tells whether that is of one of the account's customers.
func (r *reader) single(ctx context.Context, site billing.Site, kind, id string, seen map[string]bool) (ours bool, err error) {
	at := r.Now()
	object, err := site.One(ctx, kind, id)
	if err != nil {
		return false, err
	}
	facts, unread := r.object(site, kind, object, at)
	ours, err = r.news(ctx, facts, r.s.Known.Profile.Account.Value.Billing, seen)
	return ours, errors.Join(unread, err)
}

// news tells what is otherwise of all that an object comes to, as far as it is one of these customers' and of this
// account. It tells whether any of it was.
func (r *reader) news(ctx context.Context, facts []licence.Fact, customers []licence.Mapping, seen map[string]bool) (ours bool, err error) {
	var told licence.Payload
	for _, f := range facts {
		seen[about(f.Payload)] = true
		sub, ordered := strings.CutPrefix(about(f.Payload), "subscription ")
		counted := ordered && r.s.Known.Orders.Subs[sub] != nil
		theirs := slices.ContainsFunc(customers, func(b licence.Mapping) bool {
			return b.Sender == r.sender && slices.Contains(f.To, licence.Name{Sender: r.sender, ID: b.ID})
		})
		if !theirs && !counted {
			continue // whoever's it is, it is not of the customer who was asked about
		}
		if reflect.DeepEqual(told, f.Payload) {
			continue // it names several subscriptions of the account
		}
		if over(f.Payload) && r.unknown(f.Payload) {
			continue // it ended before anything was told of it
		}
		if _, other := casework.Otherwise(r.s.Known, f.Payload, f.At); !other && !counted {
			ours = true
			continue
		}
		account, err := r.Store.Resolve(ctx, f.To...)
		if err == nil && ordered && (account == r.s.Account) != theirs {
			account, err = r.directed(ctx, f.To, licence.Name{Sender: r.sender, ID: sub}, account)
		}
		switch {
		case err == nil && account == r.s.Account && theirs:
			ours, told = true, f.Payload
			err = r.applyNews(ctx, r.s, f)
		case err == nil && account != r.s.Account && counted: // it, or its customer, is another's since, which reads it itself
			_, err = r.GiveUp(ctx, r.s.Account, licence.Name{Sender: r.sender, ID: sub})
		}
		if err != nil && !errors.Is(err, store.ErrNoAccount) {
			return ours, err
		}
	}
	return ours, nil
}

// directed is the account that has a subscription: the one that its customer leads to, if where its own name leads has
// only learned that.
func (r *reader) directed(ctx context.Context, to []licence.Name, sub licence.Name, account string) (string, error) {
	others := slices.DeleteFunc(slices.Clone(to), func(n licence.Name) bool { return n == sub })
	by, err := r.Store.Resolve(ctx, others...)
	if errors.Is(err, store.ErrNoAccount) || err == nil && by == account {
		return account, nil
	}
	if err != nil {
		return "", err
	}
	gave, err := r.GiveUp(ctx, account, sub)
	if gave {
		account = by
	}
	return account, err
}

// missing asks one by one for what was told and no list showed: a list may be torn, so that alone says
// nothing. What is not there either has been deleted.
func (r *reader) missing(ctx context.Context, looked []billing.Site, unread, seen map[string]bool) error {
	gone := map[string]licence.Payload{} // by what it is about
	for id, sub := range r.s.Known.Orders.Subs {
		if now, _ := sub.Latest(); now.Source == r.sender && now.Value.Status != "ended" && !unread[modeOf(now.Value.Test)] && !seen["subscription "+id] {
			gone["subscription "+id] = casework.Ended(sub)
		}
		// Of one that is to come nothing else is told, not its mode either.
		if planned := sub.Schedule; len(sub.Now) == 0 && planned.Source == r.sender && len(planned.Value) > 0 && len(unread) == 0 && !r.byItself(id) && !seen["subscription "+id] {
			gone["subscription "+id] = licence.ScheduleChanged{Subscription: id, Phases: []licence.Phase{}}
		}
	}
	for id, in := range r.s.Known.Invoices.Licence {
		if in.Source == r.sender && in.Value.Status == "open" && !unread[modeOf(in.Value.Test)] && !seen["invoice "+id] {
			gone["invoice "+id] = casework.Voided(in)
		}
	}
	keys := licence.SortedKeys(gone)
	for _, key := range keys[:min(len(keys), mostMissing)] {
		if err := r.find(ctx, looked, seen, key, gone[key]); err != nil {
			return err
		}
	}
	if len(keys) > mostMissing {
		return errManyGone
	}
	return nil
}

// byItself tells whether what a subscription will be is a thing of its own, with an id of its own.
func (r *reader) byItself(sub string) bool {
	for id, told := range r.s.Known.Orders.Schedules {
		if id != sub && told[0].Value.Subscription == sub || id == sub && told[0].Value.Schedule == sub {
			return true
		}
	}
	return false
}

func modeOf(test bool) string {
	if test {
		return "test"
	}
	return "live"
}

func (r *reader) find(ctx context.Context, looked []billing.Site, seen map[string]bool, key string, ended licence.Payload) error {
	kind, id, _ := strings.Cut(key, " ")
	at, gone := r.Now(), false
	for _, site := range looked {
		ours, err := r.single(ctx, site, kind, id, seen)
		if ours || err != nil && !errors.Is(err, billing.ErrNone) {
			return err
		}
		gone = gone || err != nil // else it is somebody else's: another invoice of that number
	}
	if !gone {
		return nil
	}
	return r.applyNews(ctx, r.s, licence.Fact{
		ID: fmt.Sprintf("%s%s/%s/%s/%d", licence.ReadPrefix, r.sender, kind, id, at.UnixNano()),
		To: []licence.Name{{Sender: "account", ID: r.s.Account}}, At: at, Source: r.sender, Payload: ended,
	})
}

// about names what a payload is about.
func about(p licence.Payload) string {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		return "subscription " + p.Subscription
	case licence.ScheduleChanged:
		if p.Schedule == "" {
			return "subscription " + p.Subscription // one that is to come
		}
	case licence.InvoiceChanged:
		return "invoice " + p.Invoice
	}
	return ""
}

// over tells whether a payload tells that something has ended.
func over(p licence.Payload) bool {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		return p.Status == "ended"
	case licence.ScheduleChanged:
		return p.Final || len(p.Phases) == 0
	case licence.InvoiceChanged:
		return p.Status == "void"
	}
	return false
}

// unknown tells whether nothing was told yet of what a payload is about.
func (r *reader) unknown(p licence.Payload) bool {
	switch p := p.(type) {
	case licence.SubscriptionChanged:
		return r.s.Known.Orders.Subs[p.Subscription] == nil
	case licence.ScheduleChanged:
		return r.s.Known.Orders.Schedules[cmp.Or(p.Schedule, p.Subscription)] == nil
	case licence.InvoiceChanged:
		return r.s.Known.Invoices.Licence[p.Invoice] == nil
	}
	return false
}
