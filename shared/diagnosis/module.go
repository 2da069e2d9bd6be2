package diagnosis

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// A Num is a number that may not be known.
type Num struct {
	Evidence
	N     int
	Known bool
}

// How far what is ordered of a module is known.
const (
	orderNever    = "never" // no subscription was told, or no plan maps to the module
	orderKnown    = "known"
	OrderDisputed = "disputed" // told, but not known
)

// A Module is what is known of one licensed thing in one production installation: what is
// assigned, offered, ordered, and the total in force.
type Module struct {
	Site    *Installation
	Key     string // module id; "suite" for a suite
	Subject licence.Subject
	Name    string
	Plans   []licence.Plan // of the directory
	Suite   bool
	Addon   bool
	Judged  bool // visible and restricted, and compared by 3.1

	A, O, B, T Num
	InUse      Num       // of the licence read itself
	Order      string    // never, known or disputed
	Left       int       // what subscriptions that ended have left behind, and nothing shows yet where it went
	Highest    int       // the most that was ever ordered
	Once       int       // the same of the live subscriptions
	Cut        bool      // a scheduled reduction is in force
	Line       string    // what is ordered now and later, as told: it changes with news of it alone
	Body       time.Time // the latest news of it
	Begun      time.Time // when the step of a schedule that is in force began; zero: it is in force as told
	Metered    bool      // T means nothing: metered or paid by use
	ByList     bool      // A is by a list
	Unread     bool      // A is by news that no read has confirmed yet
	Agreed     bool      // a person said that the offer is right: the order counts as the offer
	Wrong      bool      // a person said of its surplus, swap or new licence that the numbers are wrong
	Keep       bool      // and of its surplus that nobody can do without: more are to be ordered
	Asked      bool      // a person has answered the question of order-differs
	Told       Num       // what is ordered, whatever a person said
}

// A number is something that is counted of a module.
type number struct{ of, custID, key string }

// numberOf names it.
func (r *Reading) numberOf(of string, m *Module) string {
	n := number{of, m.Site.KnownInstallation.CustID, m.Key}
	return remembered(&r.always.numbers, n, func() string { return n.of + "/" + n.custID + "/" + n.key })
}

// beyond is how many hold the module beyond a limit. Where the list has fallen within it since
// the licence was read, it is what that read counts: to be verified by the next.
func (m *Module) beyond(limit int) (n int, verifying bool) {
	if m.A.N > limit {
		return m.A.N - limit, false
	}
	if m.Unread && m.InUse.N > limit {
		return m.InUse.N - limit, true
	}
	return 0, false
}

// due is how many seats nobody is to give up: those that are ordered, and those in doubt.
func (m *Module) due() int {
	if m.Agreed {
		return m.B.N // a person has told what became of the others
	}
	return m.B.N + m.Left
}

func (r *Reading) modules(s *Installation) []*Module {
	room := s.Modules[:cap(s.Modules)] // of another instant
	out := s.Modules[:0]
	at := func(key string) *Module {
		if i := slices.IndexFunc(out, func(m *Module) bool { return m.Key == key }); i >= 0 {
			return out[i]
		}
		if n := len(out); n < len(room) && room[n] != nil {
			out = append(out, room[n])
		} else {
			out = append(out, new(Module))
		}
		m := out[len(out)-1]
		*m = Module{Site: s, Key: key, Plans: m.Plans[:0]}
		return m
	}
	suite := r.suite(s)
	for _, l := range s.L.Plans {
		key := licence.LineKey(l)
		if suite && l.Kind == "suite" {
			key = "suite"
		}
		m := at(key)
		m.line(r, s, l)
		m.Suite = key == "suite"
	}
	for _, p := range r.A.Plans {
		for i := range len(p.Modules) + 1 {
			key := p.Module
			if i < len(p.Modules) {
				key = p.Modules[i]
			} else if key == "" || slices.Contains(p.Modules, key) {
				break
			}
			if suite {
				line := slices.IndexFunc(s.L.Plans, func(l licence.LicenceLine) bool { return licence.LineKey(l) == key })
				if line >= 0 && s.L.Plans[line].Kind == "suite" || line < 0 && r.A.Model == "suite" {
					key = "suite"
				}
			}
			m := at(key)
			m.Suite = key == "suite"
			m.Plans = append(m.Plans, p)
		}
	}
	slices.SortFunc(out, func(a, b *Module) int { return strings.Compare(a.Key, b.Key) })
	for _, m := range out {
		r.finish(s, m, suite)
	}
	return out
}

// suite tells whether one plan for all is licensed or on offer. The directory is asked only where
// the licence has no plans.
func (r *Reading) suite(s *Installation) bool {
	if len(s.L.Plans) == 0 {
		return r.A.Model == "suite"
	}
	return slices.ContainsFunc(s.L.Plans, func(l licence.LicenceLine) bool {
		return l.Kind == "suite" && (l.Total > 0 || l.NewTotal != nil && *l.NewTotal > 0)
	})
}

// line adds what the licence says of the module.
func (m *Module) line(r *Reading, s *Installation, l licence.LicenceLine) {
	ev := func(name string, n int) Evidence {
		return Evidence{name, n, s.Report.Source, s.Report.At, ""}
	}
	m.Name = cmp.Or(m.Name, l.Description)
	m.Subject.ID = l.Plan
	m.Judged = l.Kind != "hidden" && l.Module != "superlicense-no-selection" && !l.Unrestricted
	m.Addon = m.Addon || l.Kind == "addon"
	m.T.N, m.T.Known = m.T.N+l.Total, true
	m.InUse.N, m.InUse.Known = m.InUse.N+l.InUse, true
	if l.NewTotal != nil {
		m.O.N += *l.NewTotal
	}
	m.O.Known = s.offers()
	m.T.Evidence, m.InUse.Evidence, m.O.Evidence = ev("total", m.T.N), ev("assigned", m.InUse.N), ev("offered", m.O.N)
}

// offers tells whether a new licence with numbers waits: a module that it lacks is offered 0.
func (s *Installation) offers() bool {
	return s.L.Offered && slices.ContainsFunc(s.L.Plans, func(l licence.LicenceLine) bool { return l.NewTotal != nil })
}

// finish sets the numbers that need the whole directory, and the subject.
func (r *Reading) finish(s *Installation, m *Module, suite bool) {
	cust := s.Installation.CustID
	m.Addon = m.Addon || slices.ContainsFunc(m.Plans, func(p licence.Plan) bool { return p.Kind == "addon" })
	switch {
	case m.Key == "suite":
		m.Subject = licence.Subject{Kind: "suite", CustID: cust}
		m.Judged = true
	case len(m.Plans) == 1:
		m.Subject, m.Name = licence.Subject{Kind: "plan", ID: m.Plans[0].Plan, CustID: cust}, m.Plans[0].Name
	case len(m.Plans) > 1:
		m.Subject = licence.Subject{Kind: "module", ID: m.Key, CustID: cust}
		names := make([]string, len(m.Plans))
		for i, p := range m.Plans {
			names[i] = p.Name
		}
		m.Name = strings.Join(names, " / ")
	default:
		m.Subject.ID = cmp.Or(m.Subject.ID, m.Key)
		m.Subject = licence.Subject{Kind: "plan", ID: m.Subject.ID, CustID: cust}
	}
	if m.Key == "suite" && m.Name == "" && len(m.Plans) > 0 {
		m.Name = m.Plans[0].Name
	}
	if suite && m.Key != "suite" {
		m.Judged = false // an offer of one plan for all switches the comparison per module off
	}
	if s.Told && !m.T.Known {
		// Ordered, and absent from the licence: none of it is licensed or offered.
		ev := Evidence{"total", 0, s.Report.Source, s.Report.At, ""}
		m.T, m.O = Num{ev, 0, true}, Num{Evidence{"offered", 0, ev.Source, ev.At, ""}, 0, s.offers()}
		m.InUse = Num{Evidence{"assigned", 0, ev.Source, ev.At, ""}, 0, true}
		m.Judged = false
	}
	if !s.Told {
		m.Judged = true // it is licensed or not: nobody has said
	}
	r.assigned(s, m)
	r.ordered(s, m)
	m.T.Of, m.O.Of, m.A.Of, m.B.Of, m.InUse.Of = r.numberOf("total", m), r.numberOf("offered", m), r.numberOf("assigned", m), r.numberOf("ordered", m), r.numberOf("in_use", m)
	counted := slices.ContainsFunc(m.Plans, func(p licence.Plan) bool { return p.Counted == "used" })
	m.Metered = counted || m.T.Known && m.T.N >= 10*max(m.A.N, m.B.N, 1)
}

// assigned is the count of the seat list and of the seat facts since, if the list is at most
// an hour older than the licence read; else that read's own number. The two are never added.
func (r *Reading) assigned(s *Installation, m *Module) {
	m.A = m.InUse
	ro := s.Roster
	listAt := licence.Latest(ro.List.At, s.KnownInstallation.Checked["users"].At)
	if ro.List.At.IsZero() || s.Told && listAt.Before(s.ReadAt.Add(-time.Hour)) || !s.fresh(r.C, "users", listAt) {
		return
	}
	n := 0
	if m.Suite {
		n = ro.Employees
	} else {
		ids := map[string]bool{m.Subject.ID: m.Subject.Kind == "plan"}
		for _, p := range m.Plans {
			ids[p.Plan] = true
		}
		for id, ok := range ids {
			if ok {
				n += ro.Held[id]
			}
		}
	}
	m.A = Num{Evidence{"assigned", n, ro.List.Source, licence.Latest(ro.Told, listAt), ""}, n, true}
	m.ByList = true
	m.Unread = s.Told && ro.Told.After(s.ReadAt)
}

// answered applies what a person said of the module's numbers.
func (r *Reading) answered(m *Module) {
	m.Told = m.B
	if len(r.Answers) == 0 {
		return
	}
	says := func(code licence.Code, s licence.Subject) string { return r.Answers[r.Fingerprint(code, s)].Answer }
	switch says(licence.OrderDiffers, m.Subject) {
	case "numbers-right":
		m.Agreed = true
		if m.Order == orderKnown && m.O.Known {
			m.B.N, m.B.Value = m.O.N, m.O.N
		}
		m.Asked = true
	case "numbers-wrong":
		m.Asked = true // the order is right: support has it, and nobody is asked again
	}
	if says(licence.Surplus, m.Subject) == "numbers-wrong" {
		m.Wrong, m.Keep = true, r.Answers[r.Fingerprint(licence.Surplus, m.Subject)].Note == licence.OrderMore
	}
	cust := m.Site.Installation.CustID
	if says(licence.NotActivated, licence.Subject{Kind: "installation", ID: cust, CustID: cust}) == "numbers-wrong" && m.Judged && m.O.Known {
		// Said of a new licence as a whole, it means what that would change; else all of it.
		m.Wrong = m.Wrong || m.O.N != m.T.N || !m.Site.changes()
	}
	for fp, a := range r.Answers {
		if p := r.h.Findings[fp]; p != nil && a.Answer == "numbers-wrong" && p.Code == licence.PlanSwap && p.Subject.CustID == m.Subject.CustID {
			from, to := Ends(p.Subject.ID)
			m.Wrong = m.Wrong || m.Subject.ID == from || m.Subject.ID == to
		}
	}
}

// changes tells whether the offer has another number of anything than the licence in force.
func (s *Installation) changes() bool {
	return slices.ContainsFunc(s.Modules, func(m *Module) bool { return m.Judged && m.O.Known && m.O.N != m.T.N })
}

// Numbers are all that is counted, with the instants to which the values go back.
func (r *Reading) Numbers() map[string]licence.Number {
	if r.numbers == nil {
		r.numbers = map[string]licence.Number{}
	}
	out := r.numbers
	clear(out)
	put := func(of, v string, at time.Time) {
		if !at.IsZero() {
			out[of] = licence.Number{Value: v, Since: at}
		}
	}
	for _, s := range r.Production() {
		if runs, _ := s.running(); runs.Value != "" {
			put(s.named("version"), runs.Value, runs.At)
		}
		if s.State.Told() {
			put(s.named("state"), s.State.Value, s.State.At)
		}
		if o := r.owner(s); o.Value != "" {
			put(o.Of, o.Value.(string), o.At)
		}
		if s.Ending.told {
			put(s.ends(), string(s.Ending.on), s.Ending.body)
		}
		if s.KnownInstallation.Shown.Told() {
			put(s.named("warning"), s.KnownInstallation.Shown.Value.Text, s.KnownInstallation.Shown.At)
		}
		if s.Issued.Told() {
			put(s.named("issued"), string(s.Issued.Value.Expires.Day(s.zone)), s.Issued.At)
		}
		if s.Told {
			put(s.named("company"), s.L.Company, s.Report.At)
			put(s.named("serial"), s.L.Serial, s.Report.At)
			put(s.named("status"), s.L.Status, s.Report.At)
			put(s.named("message"), strconv.FormatBool(notFound.MatchString(s.L.Message)), s.Report.At)
			put(s.named("expires"), string(s.ExpiresOn), s.value("expires", nil, "").At)
			put(s.named("offered"), strconv.FormatBool(s.L.Offered), s.Report.At)
			put(s.named("can_activate"), strconv.FormatBool(s.L.CanActivate), s.Report.At)
			put(s.named("licensed_version"), s.L.LicensedVersion, s.Report.At)
		}
		for _, m := range s.Modules {
			for _, n := range []*Num{&m.T, &m.O, &m.A, &m.InUse} {
				if n.Known {
					put(n.Of, strconv.Itoa(n.N), n.At)
				}
			}
			if m.Order != orderNever {
				put(m.B.Of, r.orderText(m, s), licence.Latest(m.B.At, m.Begun))
				put(r.numberOf("order", m), m.Line, m.Body)
			}
		}
	}
	return out
}
