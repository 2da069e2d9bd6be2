package effects

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// Why a try did not activate, or had nothing to do, where SuperOffice itself gave no reason.
const (
	AlreadyActive = "already-active" // it is in force, and was not our doing
	Changed       = licence.TriedChanged
	NotNow        = licence.TriedNotNow
)

// patience is how long somebody who pressed a button is thought to wait for it.
const patience = time.Hour

// onceMore is when somebody looks again who was not alone. No call to SuperOffice takes as long.
const onceMore = 2 * time.Minute

var (
	// errTaken means that this very effect is, or was, in other hands, which may have activated.
	errTaken = errors.New("effects: another hand activates this licence")
	// errUnseen means that the licence may have been activated, and no read says so yet.
	errUnseen = errors.New("effects: it is not known whether the licence was activated")
)

// An Activator activates new licences.
type Activator struct {
	Client *superoffice.Client
	Now    func() time.Time
	Store  store.Store
}

// Activate puts the new licence in force that a person was shown, if it still is that one and
// nobody doubts it. Whether it worked only the read afterwards tells. It may be repeated: each
// run begins by reading, and finds what one before it has done.
func (a Activator) Activate(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	t := try{a: a, s: s, e: e, done: licence.Result{Effect: e, At: a.instant(), Outcome: "done"}}
	site, ok := installation(s, e.CustID)
	if !ok || t.answered() {
		return nil, t.done, nil
	}
	learned, err := t.do(ctx, site)
	if err != nil && t.late() {
		t.done.Outcome = "dropped" // nobody waits any more; what there is to know the next read tells
		return nil, t.done, nil
	}
	return learned, retry(t.done, err), err
}

// instant is just before now. What is learned is named by its instant, and a read at the same
// tick of a coarse clock is another one.
func (a Activator) instant() time.Time { return a.Now().Add(-time.Nanosecond) }

// A try is one run of one activation.
type try struct {
	a    Activator
	s    licence.State
	e    licence.Effect
	done licence.Result
}

// answered tells whether another run has done it, and told so, a moment ago.
func (t *try) answered() bool {
	in := t.s.Known.Inst(t.e.CustID)
	return in.Tried.Value.OK && t.a.Now().Sub(in.Tried.At) < patience && in.Report.Value.Offer() != t.e.Code
}

// late tells whether whoever asked for it has stopped waiting.
func (t *try) late() bool {
	asked := t.e.Ripe
	if wish := t.s.Known.Inst(t.e.CustID).Wanted; wish.Value.Offer == t.e.Code {
		asked = wish.At
	}
	return t.a.Now().Sub(asked) > patience
}

func (t *try) do(ctx context.Context, site licence.Installation) ([]licence.Payload, error) {
	r := Reader{Client: t.a.Client, Now: t.a.Now}
	tenant, err := r.tenant(ctx, site)
	if err != nil {
		return nil, err
	}
	if !tenant.Callable() {
		return nil, superoffice.ErrNotRunning
	}
	v := reading{r: r, s: t.s, site: site, tenant: tenant, at: t.done.At}
	version := v.version(ctx)
	before, raw, err := v.look(ctx, version)
	switch {
	case err != nil:
		return nil, err
	case t.cameTrue(before):
		return t.found(ctx, before)
	case before.Offer() != t.e.Code:
		return t.not(Changed, before), nil
	case t.late() || !t.may(before):
		return t.not(NotNow, before), nil
	}
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	result, err := t.a.Client.Activate(ctx, tenant, raw)
	if denied(err) {
		v.state, v.can = licence.InstallationReported{CustID: site.CustID, State: "running"}, slices.Clone(grantsOf(t.s, site))
		v.lose("activate") // nobody is offered it again
		return append(t.not(NotNow, before), v.said()...), nil
	}
	if err != nil && !errors.Is(err, superoffice.ErrMaybe) {
		return nil, err
	}
	t.done.At = t.a.instant()
	after, _, unread := v.look(ctx, version)
	if unread != nil {
		return nil, errors.Join(err, unread)
	}
	tried := licence.ActivationTried{By: t.e.By, Before: totals(before)}
	switch {
	case inForce(before, after) && err == nil && !result.Succeeded:
		tried.By, tried.Reason = "", AlreadyActive // somebody was faster
		return t.active(tried, after), nil
	case inForce(before, after):
		return t.active(tried, after), nil
	case err != nil || result.Succeeded:
		return nil, errors.Join(err, errUnseen) // it may be on its way
	}
	return t.not(result.Reason, after), nil
}

// begin makes sure that no two hands activate: by one effect the call is made once. Whoever is
// cut off from here on is followed by a run that reads first.
func (t *try) begin(ctx context.Context) error {
	alone, err := t.a.Store.Counter(ctx, "activate "+t.s.Account+"/"+t.e.ID, t.e.Ripe.UTC().Format("2006-01-02T15"), 1, 1)
	if err != nil {
		return err
	}
	if !alone {
		t.done.Retry = t.a.Now().Add(onceMore)
		return errTaken
	}
	_, err = t.a.Store.Counter(ctx, t.ours(), "", 1, math.MaxInt32)
	return err
}

// ours is the key under which it is written down that we called, for this person and this offer.
func (t *try) ours() string {
	return strings.Join([]string{"activation", t.s.Account, t.e.CustID, t.e.Code, t.e.By}, "/")
}

// found tells of a licence that was in force already: our doing, if a run before this one, or
// beside it, has made the call.
func (t *try) found(ctx context.Context, now licence.LicenceReported) ([]licence.Payload, error) {
	never, err := t.a.Store.Counter(ctx, t.ours(), "", 0, 0)
	if err != nil {
		return nil, err
	}
	tried := licence.ActivationTried{By: t.e.By, Before: t.before(now)}
	if never {
		tried.By, tried.Reason = "", AlreadyActive
	}
	return t.active(tried, now), nil
}

// before are the totals that there were, as far as anybody saw them.
func (t *try) before(now licence.LicenceReported) map[string]int {
	if known := t.s.Known.Inst(t.e.CustID).Report.Value; known.Offer() == t.e.Code {
		return totals(known)
	}
	out := totals(now)
	_, changed := diagnosis.Renewed(t.s, t.e.CustID, t.a.Now())
	for _, c := range changed {
		out[c.Plan] = c.Before
	}
	return out
}

// cameTrue tells whether nothing is offered any more because what waited is in force.
func (t *try) cameTrue(now licence.LicenceReported) bool {
	if now.Offered {
		return false
	}
	known := t.s.Known.Inst(t.e.CustID).Report.Value
	if known.Offer() == t.e.Code {
		return inForce(known, now)
	}
	// A read of ours saw it before this run did.
	since, _ := diagnosis.Renewed(t.s, t.e.CustID, t.a.Now())
	return !since.IsZero() && t.a.Now().Sub(since) < patience
}

// may asks everything anew, on what is known together with what was just read.
func (t *try) may(now licence.LicenceReported) bool {
	s := t.s
	s.Known, _, _ = s.Known.Fold(licence.Fact{ID: licence.ReadPrefix + t.e.ID, At: t.done.At, Source: "superoffice", Payload: now}, nil)
	return casework.MayActivate(s, t.e.CustID, t.e.Code, t.a.Now())
}

// active tells that the new licence is in force. The try comes first: cut off between the two,
// the next run still sees what was to come, and compares.
func (t *try) active(p licence.ActivationTried, now licence.LicenceReported) []licence.Payload {
	p.CustID, p.OK, p.After = now.CustID, true, totals(now)
	return []licence.Payload{p, now}
}

// not tells that it is not. The read comes first, so that the refusal is judged by it.
func (t *try) not(reason string, now licence.LicenceReported) []licence.Payload {
	return []licence.Payload{now, licence.ActivationTried{CustID: now.CustID, Reason: reason, By: t.e.By, Before: totals(now)}}
}

// look reads the licence in force and the one that waits, as it must be sent back.
func (v *reading) look(ctx context.Context, version string) (licence.LicenceReported, json.RawMessage, error) {
	x, err := v.r.Client.Licence(ctx, v.tenant)
	if err != nil {
		return licence.LicenceReported{}, nil, err
	}
	l := x.Licence(version)
	if !l.OfferKnown {
		return licence.LicenceReported{}, nil, errOffer
	}
	report := licenceOf(v.s, v.site, l)
	report.Status, report.Message = x.Said.LicenseStatus, x.Said.Message
	return report, l.Raw, nil
}

// inForce tells whether a licence is what the offer of an earlier one was to bring.
func inForce(offer, now licence.LicenceReported) bool {
	if now.Offer() == offer.Offer() || offer.NewExpires != "" && now.Expires != offer.NewExpires {
		return false
	}
	have := map[string]int{}
	for _, line := range now.Plans {
		have[line.Module] = line.Total
	}
	for _, line := range offer.Plans {
		if line.NewTotal != nil && !line.Unrestricted && have[line.Module] != *line.NewTotal {
			return false
		}
	}
	return true
}

// totals are those that people see, by plan.
func totals(l licence.LicenceReported) map[string]int {
	out := map[string]int{}
	for _, line := range l.Plans {
		if line.Kind != "hidden" && !line.Unrestricted {
			out[line.Plan] = line.Total
		}
	}
	return out
}
