package diagnosis

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// A Rule looks for one cause, and adds its answers to those of the rules before it.
type Rule struct {
	Code  licence.Code
	FAQ   int // the number of the cause in the support FAQ; 0: none of its own
	Owner licence.Role
	Check func(r *Reading, out []Verdict) []Verdict
}

// Rules stand in the order of the support FAQ, the last ones last: unexplained asks what the
// others found. The order in which findings are shown is order.
var Rules = []Rule{
	{licence.PlanSwap, 1, licence.Admin, planSwap},
	{licence.Surplus, 1, licence.Admin, surplus},
	{licence.OrderDiffers, 1, licence.Support, orderDiffers},
	{licence.NotActivated, 1, licence.Admin, notActivated},
	{licence.ActivationRefused, 1, licence.Support, activationRefused},
	{licence.WrongInstallation, 2, licence.EndUser, wrongInstallation},
	{licence.TrialEnding, 2, licence.Sales, trialEnding},
	{licence.InvoiceOverdue, 3, licence.Billing, invoiceOverdue},
	{licence.PaymentAwaited, 3, licence.Billing, paymentAwaited},
	{licence.PaymentDisputed, 3, licence.Finance, paymentDisputed},
	{licence.PaidNotExtended, 3, licence.Support, paidNotExtended},
	{licence.NotInvoiced, 3, licence.Finance, notInvoiced},
	{licence.SubscriptionEnded, 3, licence.Nobody, subscriptionEnded},
	{licence.VersionNotCovered, 4, licence.Support, versionNotCovered},
	{licence.NotFetched, 4, licence.Admin, notFetched},
	{licence.IdentityDiffers, 4, licence.Support, identityDiffers},
	{licence.SuspendedThere, 0, licence.Support, suspended},
	{licence.SourceStale, 0, licence.Ops, sourceStale},
	{licence.Unexplained, 5, licence.Support, unexplained},
}

// order is that in which to fix: what takes longest first.
var order = []licence.Code{
	licence.IdentityDiffers, licence.SuspendedThere, licence.PaymentDisputed, licence.InvoiceOverdue, licence.PaymentAwaited, licence.NotInvoiced,
	licence.PaidNotExtended, licence.SubscriptionEnded, licence.VersionNotCovered, licence.OrderDiffers, licence.PlanSwap, licence.Surplus,
	licence.ActivationRefused, licence.NotActivated, licence.NotFetched, licence.WrongInstallation, licence.TrialEnding, licence.Unexplained, licence.SourceStale,
}

// forecast are the rules that known facts settle for later instants.
var forecast = []licence.Code{licence.Surplus, licence.PlanSwap, licence.SubscriptionEnded, licence.TrialEnding, licence.VersionNotCovered, licence.PaymentAwaited}

// An Answer is what a rule can say of a subject.
type Answer string

// Answers.
const (
	Holds   Answer = "holds"
	Fails   Answer = "fails"
	Unknown Answer = "unknown"
)

// A Verdict is a rule's answer about one subject.
type Verdict struct {
	Code     licence.Code
	FAQ      int
	Subject  licence.Subject
	Answer   Answer
	Say      string // which of the code's sentences
	Args     map[string]any
	Need     int
	Evidence []Evidence
	Since    time.Time            // the calendar instant at which it began, where there is one
	Waits    []Wait               // while one of them lasts, nobody is told
	State    licence.FindingState // "verifying" or "answered" where the facts themselves say so
	Severity licence.Severity
	Deadline Deadline
	Owner    licence.Role
	Informed []licence.Role
	Beside   licence.Role // a desk that is told of its task too
	Explains bool
	Sites    []string // of an account-wide finding: the CustIDs of the installations that it is about; none: all
	Apart    bool     // it is about no installation of this account
	Blocked  []string // fingerprints of what must go first
	Cause    string
	Remedies []Remedy
	Tell     []Tell
	Verify   licence.Verify
	Error    bool
	Disputes bool // the numbers that are offered may be wrong: nobody is led to activate
	Hidden   bool
	fp       string // its fingerprint, once somebody has asked
}

// Fingerprint is that of what it is about.
func (v *Verdict) Fingerprint(r *Reading) string {
	if v.fp == "" {
		v.fp = r.Fingerprint(v.Code, v.Subject)
	}
	return v.fp
}

// of tells whether the verdict is about what is remembered of a finding.
func (v *Verdict) of(p *licence.Past) bool { return v.Code == p.Code && v.Subject == p.Subject }

// A Wait is a time in which a finding stands and nobody is told.
type Wait struct {
	For   string        // code of what is waited for
	Until time.Time     // or
	Span  time.Duration // so long after the finding was first true
	Fresh bool          // it can be taken back still: nothing else rests on it
	Read  bool          // and until a licence was read or reported after that
}

// A Tell is a notice that a finding owes to a role, when it is open and all else allows: a fresh
// read, working hours, one mail a day.
type Tell struct {
	To      licence.Role
	Account string        // another account, whose contact it is; "": this one
	Rank    int           // a greater rank is told again: at risk, warning, grace
	From    time.Time     // not before
	Rested  time.Time     // when the order that it speaks of has rested
	Max     int           // at most so many; 0: as many as ranks
	Gap     time.Duration // between two; 0: a week
	Same    bool          // the same rank may be told again after the gap
}

func (r *Reading) Fingerprint(code licence.Code, s licence.Subject) string {
	return licence.Fingerprint(r.Account, code, s)
}

// verdict begins an answer about an installation.
func (s *Installation) verdict(answer Answer) Verdict {
	return Verdict{
		Subject: licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID},
		Answer:  answer, Severity: s.severity(), Args: map[string]any{},
	}
}

// value is one of the licence's own values as evidence.
func (s *Installation) value(name string, v any, of string) Evidence {
	if of != "" {
		of = s.named(of)
	}
	told := s.Report.Stamp
	if name == "expires" && s.follows {
		told = s.Login.Stamp // it is a login that says so
	}
	return Evidence{name, v, told.Source, told.At, of}
}

// named is what of the installation is counted, by its name.
func (s *Installation) named(of string) string {
	return remembered(&s.place.names, of, func() string { return of + "/" + s.KnownInstallation.CustID })
}

// ladder ranks how near the end is, for notices that are repeated as it comes nearer.
func (s *Installation) ladder() int {
	switch s.Phase {
	case PhaseGrace, PhaseExpired:
		return 4
	case PhaseWarning:
		return 3
	}
	if s.AtRisk {
		return 2
	}
	return 1
}

// phaseRank is the ladder of a notice that goes when it opens and once more when the phase
// gets worse.
func (s *Installation) phaseRank() int { return max(1, slices.Index(phases, s.Phase)) }

// deadline is when acting still helps, a rule's lead before the end, and when something stops.
func (r *Reading) deadline(s *Installation, lead int, consequence string) Deadline {
	return r.deadlineIn(r.Cal, s, lead, consequence)
}

// deadlineIn counts the lead in the banking days of a calendar.
func (r *Reading) deadlineIn(cal licence.Calendar, s *Installation, lead int, consequence string) Deadline {
	if s != nil && s.endless {
		return Deadline{} // there is no day on which it would stop
	}
	if s == nil || s.ExpiresOn == "" && s.GraceOn == "" {
		return Deadline{Consequence: consequence}
	}
	// Until when SuperOffice works is grace_until; where that was not told, only when the licence ends is known.
	stop, lapses := s.GraceOn, false
	if stop == "" {
		stop, lapses = s.ExpiresOn, s.Kind == "production"
	}
	d := Deadline{At: stop, Lapses: lapses, Consequence: consequence}
	for _, end := range []licence.Date{s.ExpiresOn, stop} {
		if d.ActBy = r.before(cal, end, lead); d.ActBy != "" && !r.C.Past(d.ActBy.Add(1).Start(r.Cal.Zone)) {
			return d
		}
		d.Late = true
	}
	d.ActBy = licence.DateOf(r.C.At(), r.Cal.Zone)
	return d
}

// before is the calendar's Before, asked once: each rule asks for the same few days.
func (r *Reading) before(cal licence.Calendar, d licence.Date, n int) licence.Date {
	return remembered(&r.always.before, lead{cal.Country, d, n}, func() licence.Date { return cal.Before(d, n) })
}

type lead struct {
	country string
	end     licence.Date
	days    int
}

// The rows of the table that says what can explain a warning.
var (
	byOffer   = []licence.Code{licence.Surplus, licence.PlanSwap, licence.NotActivated, licence.ActivationRefused, licence.OrderDiffers, licence.IdentityDiffers, licence.NotFetched}
	byNoOffer = []licence.Code{licence.IdentityDiffers, licence.InvoiceOverdue, licence.PaymentAwaited, licence.PaymentDisputed, licence.PaidNotExtended, licence.NotInvoiced, licence.SubscriptionEnded, licence.VersionNotCovered}
	byNoAsk   = []licence.Code{licence.NotFetched, licence.SuspendedThere, licence.IdentityDiffers, licence.VersionNotCovered} // a refusal looks like a fetch that failed
)

// explains tells whether a finding is why the site's licence cannot renew itself and users
// are warned.
func (s *Installation) explains(code licence.Code) bool {
	if !Worse(s.Phase, PhaseUnknown) && !s.Warned && !(s.Shown && s.Kind == licence.Production) {
		return false
	}
	switch {
	case s.Kind != licence.Production:
		return code == licence.WrongInstallation || code == licence.TrialEnding
	case s.Fresh && s.Longer:
		return slices.Contains(byOffer, code)
	case s.Fresh && s.Asked && !s.held():
		return slices.Contains(byNoOffer, code)
	}
	return slices.Contains(byNoAsk, code)
}

// held tells whether the licence system is known to hold a longer licence, by civil dates.
func (s *Installation) held() bool {
	return s.Issued.Told() && s.ExpiresOn != "" && s.Issued.Value.Expires.Day(s.zone) > s.ExpiresOn
}

// explains of an account-wide finding: it is enough that it explains one installation.
func (r *Reading) explains(code licence.Code) bool {
	return slices.ContainsFunc(r.Production(), func(s *Installation) bool { return s.explains(code) })
}

// maintained tells whether a tenant is closed for maintenance: what it says then is nothing.
func (s *Installation) maintained() bool { return s.State.Value == "maintenance" && s.heard }

// unseen says why the licence that was told does not count: the tenant is closed for
// maintenance, a login says other days, or it is too old.
func (s *Installation) unseen() string {
	switch {
	case s.maintained():
		return "maintenance"
	case s.Told && s.belied && !s.Connected:
		return "belied"
	}
	return "stale"
}

// Activated is the verify of all that ends with the new licence in force, with the totals of the
// modules that it is about; without modules, those of all.
func (s *Installation) Activated(about ...*Module) licence.Verify {
	v := licence.Verify{Kind: "activated", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	if s.L.Offered && !s.Longer {
		v.Expires = "" // the new licence has other numbers, and ends with this one
	}
	if len(about) == 0 {
		about = s.Modules
	}
	if s.offers() {
		v.Totals = make(map[string]int, len(about))
		for _, m := range about {
			if m.Judged && m.O.Known {
				v.Totals[m.Key] = m.O.N
			}
		}
	}
	return v
}
