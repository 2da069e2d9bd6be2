package diagnosis

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// RunRules runs rules on a reading and applies precedence. Hidden verdicts stay in the list,
// marked, so that what is remembered of them goes on.
func RunRules(r *Reading, rules []Rule) []Verdict {
	if cap(r.Found) == 0 {
		room := len(rules)
		for _, s := range r.work[min(1, len(r.work)):] {
			room += len(rules) + 2*len(s.Modules)
		}
		r.Found = make([]Verdict, 0, room)
	}
	for _, rule := range rules {
		before := len(r.Found)
		r.Found = check(rule, r)
		for i := range r.Found[before:] {
			v := &r.Found[before+i]
			v.Code, v.FAQ = rule.Code, rule.FAQ
			v.Owner = cmp.Or(v.Owner, rule.Owner)
		}
		hide(r)
	}
	return r.Found
}

// check runs one rule. A rule that panics answers unknown, never fails, and is noted.
func check(rule Rule, r *Reading) (out []Verdict) {
	defer func() {
		if cause := recover(); cause != nil {
			r.Faults = append(r.Faults, licence.Fault{Rule: rule.Code, Stack: fmt.Sprintf("%v\n%s", cause, debug.Stack())})
			out = append(r.Found, Verdict{Subject: licence.Subject{Kind: "account", ID: r.Account}, Answer: Unknown, Say: "error", Error: true, Args: map[string]any{}})
		}
	}()
	return rule.Check(r, r.Found)
}

// hides says which codes a standing finding takes out of the diagnosis, in its own installation,
// or everywhere where it is about the account; nil: everything. Of some it is what they say that
// hides.
var hides = map[hider][]licence.Code{
	{licence.SuspendedThere, ""}: nil,
	{licence.SubscriptionEnded, ""}: {licence.Surplus, licence.PlanSwap, licence.NotActivated, licence.ActivationRefused, licence.PaymentAwaited,
		licence.PaidNotExtended, licence.NotInvoiced, licence.NotFetched, licence.OrderDiffers, licence.Unexplained},
	{licence.IdentityDiffers, ""}: {licence.Surplus, licence.PlanSwap, licence.NotActivated},
	// Nobody frees seats for an offer that is not to be activated.
	{licence.NotActivated, "earlier"}: {licence.Surplus, licence.PlanSwap},
	// The licence is not found by its name: no payment brings it.
	{licence.IdentityDiffers, "not-found"}: {licence.Surplus, licence.PlanSwap, licence.NotActivated, licence.InvoiceOverdue, licence.PaymentAwaited, licence.PaymentDisputed,
		licence.PaidNotExtended, licence.NotInvoiced},
}

// A hider is a code, and what it says; "": whatever that is.
type hider struct {
	code licence.Code
	say  string
}

// hiding are the codes of hides.
var hiding = func() (codes []licence.Code) {
	for by := range hides {
		codes = append(codes, by.code)
	}
	return codes
}()

func hide(r *Reading) {
	for i := range r.Found {
		by := &r.Found[i]
		if by.Answer != Holds || by.Hidden || !slices.Contains(hiding, by.Code) {
			continue
		}
		codes, ok := hides[hider{by.Code, by.Say}]
		if !ok {
			codes, ok = hides[hider{by.Code, ""}]
		}
		if !ok {
			continue
		}
		for j := range r.Found {
			v := &r.Found[j]
			here := by.Subject.CustID == "" || v.Subject.CustID == by.Subject.CustID ||
				(by.Say == "not-found" || by.Code == licence.SuspendedThere) && v.Subject.CustID == "" && r.only(v, by.Subject.CustID)
			if j != i && here && !v.Apart && (codes == nil || slices.Contains(codes, v.Code)) {
				v.Hidden = true
			}
		}
	}
}

// only tells whether an account-wide verdict, such as one about an invoice, is about one installation
// in production alone.
func (r *Reading) only(v *Verdict, custID string) (here bool) {
	for _, s := range r.Production() {
		if v.Concerns(s) && s.Installation.CustID != custID {
			return false
		}
		here = here || s.Installation.CustID == custID
	}
	return here
}

// waitsFor is the wait that lasts longest, if any still does.
func (r *Reading) waitsFor(v *Verdict, firstSeen time.Time) (Wait, bool) {
	var last Wait
	found := false
	for _, w := range v.Waits {
		if w.Span > 0 {
			w.Until = firstSeen.Add(w.Span)
		}
		unread := w.Read && !r.readSince(v.Subject.CustID, w.Until.Add(-time.Nanosecond)) // then or later
		if !r.C.Past(w.Until) || unread {
			if !found || w.Until.After(last.Until) {
				last, found = w, true
			}
		}
	}
	return last, found
}

// readSince tells whether an installation's licence was read or reported after an instant.
func (r *Reading) readSince(custID string, t time.Time) bool {
	return slices.ContainsFunc(r.Sites, func(s *Installation) bool {
		return strings.EqualFold(s.Installation.CustID, custID) && s.ReadAt.After(t)
	})
}

// Began is when a finding became true: the later of the newest changed value in its evidence
// and the calendar instant at which it began.
func (r *Reading) Began(v *Verdict) time.Time {
	at := v.Since
	for _, e := range v.Evidence {
		at = licence.Latest(at, r.Since(e))
	}
	return at
}

// finding makes a finding of a verdict that holds.
func (r *Reading) finding(v *Verdict) Finding {
	fp := v.Fingerprint(r)
	past := r.h.Findings[fp]
	f := Finding{
		Code: v.Code, State: licence.Open, Severity: v.Severity, Fingerprint: fp, Subject: v.Subject, Say: v.Say, Args: v.Args,
		Need: v.Need, Explains: v.Explains, BlockedBy: v.Blocked, Cause: v.Cause, Evidence: v.Evidence, Deadline: v.Deadline,
		Owner: v.Owner, Informed: v.Informed, Remedies: v.Remedies, FirstSeen: r.Began(v), FAQ: v.FAQ, Verify: v.Verify.Kind,
		Disputes: v.disputes(), Sites: r.sites(v),
	}
	if f.Explains {
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], r.shown(v)...)
	}
	if past != nil && past.Open && !past.Ahead && !past.FirstSeen.IsZero() && past.FirstSeen.Before(f.FirstSeen) {
		f.FirstSeen = past.FirstSeen // fixed when it first stood; only a late fact moves it, backwards
	}
	if past != nil && past.Open && !past.Ahead {
		f.Ended = past.Ended
	}
	wait, waiting := r.waitsFor(v, f.FirstSeen)
	answer, answered := r.Answers[fp]
	switch {
	case v.State == licence.Answered || answered && answer.Answer != "snooze" && answer.Answer != "numbers-wrong":
		f.State = licence.Answered
	case answered && answer.Answer == "snooze":
		f.State = licence.Snoozed
	case v.State == licence.Verifying:
		f.State = licence.Verifying
	case waiting:
		f.State, f.WaitingFor, f.Until, f.Owner = licence.Waiting, wait.For, wait.Until, licence.Nobody
	}
	if answered {
		f.Answer = &answer
	}
	for _, t := range v.Tell {
		if t.From.After(r.C.now) || t.Rested.After(r.C.now) {
			f.Untold = append(f.Untold, t.To)
		}
	}
	return f
}

// shown are the warnings that a finding explains and that installations say they show: beside the
// finding's own evidence, for it would be true without them.
func (r *Reading) shown(v *Verdict) (out []Evidence) {
	for _, s := range r.Production() {
		if s.Shown && v.Concerns(s) && len(out) < 3 {
			out = append(out, s.shownEvidence())
		}
	}
	return out
}

// sites are the production installations that an account-wide verdict is about.
func (r *Reading) sites(v *Verdict) []string {
	if v.Apart || v.Subject.CustID != "" {
		return nil
	}
	if len(v.Sites) > 0 {
		return v.Sites
	}
	var all Verdict
	all.about(r.Production())
	return all.Sites
}

// Places are the production installations that a subject is about, where the account has several:
// then whatever is said of it names them.
func Places(s licence.State, about licence.Subject, now time.Time) []string {
	r := NewReading(s, now, now)
	b := r.Bill(about.ID)
	v := Verdict{Subject: about, Apart: about.Kind == "invoice" && b == nil} // of an account that this one pays for
	switch {
	case len(r.Production()) < 2:
		return nil
	case about.CustID != "":
		return []string{about.CustID}
	case about.Kind == "invoice" && b != nil:
		v.about(r.sitesOf(b))
	}
	return r.sites(&v)
}

// SortFindings puts them in the order in which to fix them.
func SortFindings(fs []Finding) {
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := &fs[i], &fs[j]
		if x, y := slices.Index(order, a.Code), slices.Index(order, b.Code); x != y {
			return x < y
		}
		if a.Subject.CustID != b.Subject.CustID {
			return a.Subject.CustID < b.Subject.CustID
		}
		return a.Subject.ID < b.Subject.ID
	})
}
