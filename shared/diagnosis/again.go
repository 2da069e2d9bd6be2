package diagnosis

import (
	"sync"

	"seatmend/shared/licence"
)

// One settling reads what is known at several instants. What is so at any of them is found out once,
// and a reading takes the memory of one that nobody looks at any more.

// A lasting is what is so at any instant.
type lasting struct {
	entered bool
	all     []bill              // each as if it stood alone
	sorted  []*bill             // by how far they reach
	now     []*bill             // as they stood at the instant asked last, and
	ended   []bool              // which of them were then for what has ended
	price   map[string][]string // all names of a price, by each of them

	places  []*place // by the directory
	plans   *planIndex
	told    map[*licence.Sub][]licence.Item // all items of a subscription
	home    string                          // of which the tallies are
	tallies map[*licence.Item]tally
	numbers map[number]string // names of what is counted
	before  map[lead]licence.Date
	room    []*place
}

// A place is one installation of the directory.
type place struct {
	told  *licence.KnownInstallation
	kind  string
	dates dates
	names map[string]string         // of what of it is counted
	none  licence.KnownInstallation // what is known of one that said nothing
}

// forget keeps the memory alone.
func (l *lasting) forget() {
	clear(l.told)
	clear(l.tallies)
	clear(l.numbers)
	clear(l.before)
	*l = lasting{all: l.all[:0], sorted: l.sorted[:0], ended: l.ended[:0], told: l.told, tallies: l.tallies, numbers: l.numbers, before: l.before, room: l.room}
}

// locate finds what is known of each installation.
func (r *Reading) locate() {
	l := r.always
	for len(l.room) < len(r.A.Installations) {
		l.room = append(l.room, &place{})
	}
	l.places = l.room[:len(r.A.Installations)]
	for n, p := range l.places {
		i := &r.A.Installations[n]
		clear(p.names)
		if p.told = r.K.Licences.Of(i.CustID); p.told == nil {
			p.none = licence.KnownInstallation{CustID: licence.Lower(i.CustID)}
			p.told = &p.none
		}
		p.kind = p.told.KindNow(*i)
		p.dates = datesOf(&p.told.Report.Value, r.Cal.Zone)
	}
}

var spare = sync.Pool{New: func() any { return new(Reading) }}

// ReadAt is given the calendar: looking up a zone costs more than all the rules.
func ReadAt(st *licence.State, cal licence.Calendar, c *Clock) *Reading {
	r := spare.Get().(*Reading)
	r.own.forget()
	r.st, r.K, r.Cal, r.always = st, &st.Known, cal, &r.own
	r.read(c)
	return r
}

// onward is a reading of the same at other instants, which begins with none.
func (r *Reading) onward() *Reading {
	later := spare.Get().(*Reading)
	later.st, later.K, later.Cal, later.always = r.st, r.K, r.Cal, r.always
	return later
}

// Done gives the memory of a reading to the next: only its findings may be looked at any more.
func (r *Reading) Done() { spare.Put(r) }

// read reads at an instant, in the place of what was read at another one.
func (r *Reading) read(c *Clock) {
	r.Account, r.A, r.h, r.C = r.st.Account, r.K.Profile.Account.Value, &r.st.History, c
	r.Sites, r.work, r.Found, r.Faults, r.subs, r.billed = r.Sites[:0], r.work[:0], r.Found[:0], nil, nil, nil
	clear(r.memo.of)
	clear(r.memo.end)
	clear(r.memo.last)
	clear(r.memo.changed)
	clear(r.waits)
	r.memo.home = nil
	for i, in := range r.A.Installations {
		if !c.Past(in.ClosedAt.Start(r.Cal.Zone)) {
			r.Sites = append(r.Sites, r.site(i, in))
		}
	}
	for _, s := range r.Sites {
		if s.Kind == licence.Production {
			r.work = append(r.work, s)
		}
	}
	r.phase()
	for _, s := range r.Production() {
		s.Ending = r.ending(s)
		s.Modules = r.modules(s)
	}
	r.Answers = r.standing()
	for _, s := range r.Production() {
		for _, m := range s.Modules {
			r.answered(m)
		}
	}
}

// remembered is what was found out under a key, once somebody has asked.
func remembered[K comparable, V any](m *map[K]V, k K, find func() V) V {
	v, ok := (*m)[k]
	if !ok {
		v = find()
		if *m == nil {
			*m = map[K]V{}
		}
		(*m)[k] = v
	}
	return v
}
