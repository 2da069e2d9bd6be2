package diagnosis

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// The phases of a licence.
const (
	PhaseOK      licence.LapsePhase = "ok"
	PhaseUnknown licence.LapsePhase = "unknown"
	PhaseWarning licence.LapsePhase = "admin-warning"
	PhaseGrace   licence.LapsePhase = "grace"
	PhaseExpired licence.LapsePhase = "expired"
)

// phases are in order, the best first.
var phases = []licence.LapsePhase{PhaseOK, PhaseUnknown, PhaseWarning, PhaseGrace, PhaseExpired}

// Worse tells whether the first phase is nearer to the end of the licence than the second; unknown is worse than ok.
func Worse(a, b licence.LapsePhase) bool { return slices.Index(phases, a) > slices.Index(phases, b) }

// A Reading is what is known, read at an instant with the directory applied. Rules see this
// and nothing else.
type Reading struct {
	Account string
	K       *licence.Known
	A       licence.AccountChanged // the directory
	C       *Clock
	Cal     licence.Calendar
	Sites   []*Installation
	work    []*Installation                    // the production sites of them
	Phase   licence.LapsePhase                 // the worst over production, else the trial's
	Trial   bool                               // there is no production installation
	Answers map[string]licence.FindingAnswered // those that stand, by fingerprint
	Found   []Verdict                          // by the rules that ran before
	Faults  []licence.Fault                    // of rules that broke
	subs    []*subscription                    // subscriptions, once somebody has asked for them
	memo    memo                               // what was found out of them
	billed  []*bill                            // bills, likewise
	waits   map[*Installation][]*bill          // which of them a site's licence awaits, likewise
	h       *licence.History
	st      *licence.State
	numbers map[string]licence.Number // room for Numbers
	room    []Installation            // of Sites, by the directory
	always  *lasting                  // what is so at any instant: its own, or that of the reading that it looks on from
	own     lasting
}

// A Site is one installation as it reads.
type Installation struct {
	licence.Installation
	*licence.KnownInstallation
	Kind   string // production, trial or sandbox: by the licence's own markers first
	L      *licence.LicenceReported
	ReadAt time.Time // the read or report that freshness counts from
	Told   bool      // a licence was ever told
	Fresh  bool      // and recently enough
	dates
	Phase     licence.LapsePhase
	AtRisk    bool
	Longer    bool // a licence with a later expiry is offered
	Asked     bool // the installation had its chance to ask, and nothing says that it could not
	Unfetched bool // it tried to fetch its licence since it was due to, and could not
	Warned    bool // a login was warned lately
	Shown     bool // the installation itself says that it shows a warning
	Connected bool // we can read its licence ourselves
	Owes      bool // a login contradicts what was read: read again
	Calm      bool // the latest warned login is about no lapse of the licence
	Modules   []*Module
	Ending    ending // of what is ordered for it

	Login      licence.Reg[licence.LoginWarned] // the latest warned login at its own address
	Strayed    licence.Reg[licence.LoginWarned] // and at an address that is another's
	shownSince time.Time                        // since when it says that it shows this warning
	warnings   []licence.Warned                 // of its users, at its own address

	place      *place
	zone       *time.Location
	Risk       time.Time // since when it has been at risk, as it looks now; zero: it is not
	warnedFrom time.Time // the first login, as it looks now, that lifts the phase; zero: none does
	Lifted     bool      // a login lifts the phase
	belied     bool      // a login says other days than the licence that was told before it
	follows    bool      // its dates are a login's
	heard      bool      // its tenant's state was told lately enough
	doubted    bool      // a login is all there is, or says otherwise: next_check is not known either
}

// The dates of a licence: the instants are zero where they are not known.
type dates struct {
	Warns     time.Time
	Expires   time.Time
	Grace     time.Time
	ExpiresOn licence.Date
	GraceOn   licence.Date
	risk      time.Time    // when the last thirty days before its end begin
	reach     licence.Date // until when a paid period is still that of the licence
	endless   bool         // it has no end
}

// datesOf are those that a licence tells. Each is the first moment of its civil day, however it was
// datesOf.
func datesOf(l *licence.LicenceReported, zone *time.Location) (d dates) {
	on := l.Expires.Day(zone)
	d.end(on.End(), on.Start(zone), zone)
	d.endless, d.GraceOn = on == licence.Never, l.GraceUntil.Day(zone).End()
	d.Warns, d.Grace = l.AdminWarning.Day(zone).Start(zone), d.GraceOn.Start(zone)
	return d
}

// end sets when the licence ends.
func (d *dates) end(on licence.Date, at time.Time, zone *time.Location) {
	d.ExpiresOn, d.Expires = on, at
	d.reach, d.risk = on.Add(licence.Reach), on.Add(-licence.Risk).Start(zone)
}

// NewReading applies the directory to what is known of an account, asked at now about at.
func NewReading(s licence.State, now, at time.Time) *Reading {
	return ReadAt(&s, s.Calendar(), NewClock(now, at))
}

// Production are the sites that are production now.
func (r *Reading) Production() []*Installation { return r.work }

func (r *Reading) site(n int, i licence.Installation) *Installation {
	if r.always.places == nil {
		r.locate()
	}
	if n >= len(r.room) {
		r.room = make([]Installation, len(r.A.Installations))
	}
	place := r.always.places[n]
	in, zone, c, s := place.told, r.Cal.Zone, r.C, &r.room[n]
	*s = Installation{Installation: i, KnownInstallation: in, Kind: place.kind, L: &in.Report.Value, Told: in.Report.Told(), zone: zone, place: place, Modules: s.Modules[:0]}
	if s.Told {
		s.ReadAt = in.Report.At
		if !s.L.CheckedAt.IsZero() {
			s.ReadAt = s.L.CheckedAt
		}
		s.ReadAt = licence.Latest(s.ReadAt, in.Checked["licence"].At)
		s.dates = place.dates
	}
	s.Connected = !in.Read.At.IsZero() || in.Can.Value != nil && slices.Contains(*in.Can.Value, "read-licence")
	s.logins(&r.A)
	s.shownSince = r.Since(Evidence{At: in.Shown.At, Of: s.named("warning")})
	s.risks(c)
	s.hear(c, zone)
	s.risks(c) // again: a login may have told of one, or of none

	s.Phase = s.datePhase(c.Past)
	if s.Lifted && Worse(PhaseWarning, s.Phase) {
		s.Phase = PhaseWarning
	}
	s.AtRisk = Worse(s.Phase, PhaseUnknown) || c.Past(s.riskFrom())
	s.Fresh = s.Told && !(s.belied && !s.Connected) && s.fresh(c, "licence", s.ReadAt)
	s.heard = s.fresh(c, "tenant", licence.Latest(in.State.At, in.Checked["tenant"].At))
	s.doubted = s.belied && !s.Connected || !s.Told && s.Lifted
	if s.Phase == PhaseOK && (!s.Fresh || s.undated()) {
		s.Phase = PhaseUnknown
	}
	l := s.L
	s.Longer = s.Told && l.Offered && !s.endless && (l.NewExpires == "" || l.NewExpires.Day(zone) > s.ExpiresOn)
	f := in.LastFetch.Value
	s.Unfetched = f != nil && !f.OK && f.At.After(s.checkDay(zone))
	s.Asked = l.NextCheck != "" && i.Fetch != "file" && !s.Unfetched && c.Past(s.checkBy(zone))
	return s
}

// checkDay is when the installation asks next; zero: it is not known, or a login says other days
// than the licence that told it.
func (s *Installation) checkDay(zone *time.Location) time.Time {
	if s.belied {
		return time.Time{}
	}
	return s.L.NextCheck.Day(zone).Start(zone)
}

// checkBy is the instant by which the installation has had its chance to ask.
func (s *Installation) checkBy(zone *time.Location) time.Time {
	t := s.checkDay(zone)
	if t.IsZero() {
		return t
	}
	return t.Add(licence.Check)
}

// riskFrom is when the last thirty days before the end begin; where no end was told, there is
// none to be near.
func (s *Installation) riskFrom() time.Time { return s.risk }

// undated tells whether no licence date is known at all.
func (s *Installation) undated() bool {
	return !s.endless && s.Warns.IsZero() && s.Expires.IsZero() && s.Grace.IsZero()
}

// datePhase is what the dates alone say. A licence date is the first unsafe day. A login tells
// of no end but the expiry: who could log in is not locked out.
func (s *Installation) datePhase(past func(time.Time) bool) licence.LapsePhase {
	expired, grace, warns := past(s.Grace), past(s.Expires), past(s.Warns)
	switch {
	case expired, grace && s.Grace.IsZero() && !s.follows:
		return PhaseExpired
	case grace:
		return PhaseGrace
	case warns:
		return PhaseWarning
	}
	return PhaseOK
}

func (r *Reading) phase() {
	sites := r.Production()
	if r.Trial = len(sites) == 0; r.Trial {
		sites = nil
		for _, s := range r.Sites {
			if s.Kind == "trial" {
				sites = append(sites, s)
			}
		}
	}
	r.Phase = PhaseOK
	if len(sites) == 0 {
		r.Phase = PhaseUnknown
	}
	for _, s := range sites {
		if Worse(s.Phase, r.Phase) {
			r.Phase = s.Phase
		}
	}
}

// severity is S of the rules: by how near the end is.
func (s *Installation) severity() licence.Severity {
	switch s.Phase {
	case PhaseGrace, PhaseExpired:
		return licence.Critical
	case PhaseWarning:
		return licence.High
	}
	if s.AtRisk {
		return licence.Medium
	}
	return licence.Low
}

var severities = []licence.Severity{licence.Low, licence.Medium, licence.High, licence.Critical}

// Worst is the production site that is in the worst phase, the soonest to expire; nil: none.
func (r *Reading) Worst() *Installation { return Soonest(r.Production()) }

// AtRisk tells whether a production licence is.
func (r *Reading) AtRisk() bool {
	return slices.ContainsFunc(r.Production(), func(s *Installation) bool { return s.AtRisk })
}

// Longer tells whether a longer licence is offered to a production installation.
func (r *Reading) Longer() bool {
	return slices.ContainsFunc(r.Production(), func(s *Installation) bool { return s.Longer })
}

// standing are the answers that still hold: until their date, else until the finding's
// numbers change. "Handled" lapses after three days or at the next read.
func (r *Reading) standing() map[string]licence.FindingAnswered {
	var out map[string]licence.FindingAnswered
	for fp, reg := range r.K.Profile.Answers {
		a := reg.Value
		past := r.h.Findings[fp]
		switch {
		case a.Until != "":
			if r.C.Past(a.Until.Start(r.Cal.Zone)) {
				continue
			}
		case a.Answer == "handled":
			if r.C.Past(reg.At.Add(3 * licence.Day)) {
				continue
			}
			if past != nil && r.readSince(past.Subject.CustID, reg.At) {
				continue
			}
		case a.Answer == licence.TakenBack:
			continue
		case a.Answer == "snooze":
			continue // a snooze without an end is none
		}
		if a.Until == "" && past != nil && past.Changed.After(reg.At) {
			continue
		}
		if out == nil {
			out = map[string]licence.FindingAnswered{}
		}
		out[fp] = a
	}
	return out
}

// payer tells whether another account pays.
func (r *Reading) payer() string {
	if p := r.K.Profile.Payer.Value; p != nil {
		return *p
	}
	return ""
}

// extendOn is the operator's policy: payment, issued or hand.
func (r *Reading) extendOn() string {
	if e := r.K.Profile.Extend.Value; e != nil && e.On != "" {
		return e.On
	}
	return "payment"
}

// Since is when a piece of evidence came to its present value: a confirmation does not count.
func (r *Reading) Since(e Evidence) time.Time {
	if n, ok := r.h.Numbers[e.Of]; ok && e.Of != "" {
		return n.Since
	}
	return e.At
}

// A release is the number by which a version is compared, and whether it counts years.
type release struct {
	number int
	year   bool
}

var (
	numberIn = regexp.MustCompile(`[0-9]+(\.[0-9]+)*`)
	patch    = regexp.MustCompile(`(?i)(^|[^a-z])(r|rc|sr|sp|rev|rel|build|patch|hotfix|update|fix)[ .#-]?$`)
)

// releaseOf finds the number inside a version's label, such as "8.5 R11", "v10.3" or
// "SuperOffice 11.10 Release_11.10_2026.3": the first that has a point and is no year, else the
// first that is no year, else the year. False: there is none, and nothing can be compared.
func releaseOf(label string) (release, bool) {
	best, rank := release{}, 0
	for _, at := range numberIn.FindAllStringIndex(label, -1) {
		text := label[at[0]:at[1]]
		first, _, dotted := strings.Cut(text, ".")
		n, err := strconv.Atoi(first)
		if err != nil || !dotted && patch.MatchString(label[:at[0]]) {
			continue
		}
		r, here := release{n, 1990 <= n && n < 2100}, 2
		switch {
		case r.year:
			here = 1
		case dotted:
			here = 3
		}
		if here > rank {
			best, rank = r, here
		}
	}
	return best, rank > 0
}

// newer compares two versions by their leading numbers; not known: one has none, or only one of
// them counts years.
func newer(runs, than string) (is, known bool) {
	a, one := releaseOf(runs)
	b, two := releaseOf(than)
	return a.number > b.number, one && two && a.year == b.year
}
