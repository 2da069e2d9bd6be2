package diagnosis

import (
	"slices"
	"strconv"
	"time"

	"seatmend/shared/licence"
)

// An ending is how the orders of an installation come to their end.
type ending struct {
	told  bool         // there are any
	holds bool         // all have ended, or end with the licence, and none is to come
	over  bool         // no seat of any plan is ordered at the instant asked
	on    licence.Date // when the last of them ends
	body  time.Time    // the latest telling of what they are
	last  licence.Reg[licence.SubscriptionChanged]
}

// ending is that of an installation; of nil, of the account as a whole.
func (r *Reading) ending(s *Installation) ending {
	e := ending{holds: true, over: true}
	var end time.Time
	for _, o := range r.subscriptionsOf(s) {
		e.told = true
		if o.begun && !o.ended && (!o.sure || !r.nothing(o.present, s)) {
			e.over = false
		}
		if o.now.After(e.last.Stamp) {
			e.last = o.now
		}
		e.body = licence.Latest(e.body, o.body())
		at := r.endOf(s, o)
		soon := s != nil && s.ExpiresOn != "" && !at.IsZero() && licence.DateOf(at, r.Cal.Zone) <= s.reach
		if at.IsZero() || !r.C.Past(at) && !soon {
			e.holds = false
			continue
		}
		end = licence.Latest(end, at)
	}
	if len(r.Cut()) > 0 {
		e.holds, e.over = false, false // what was not told may go on
	}
	e.holds, e.over = e.holds && e.told, e.over && e.told
	if !end.IsZero() {
		e.on = licence.DateOf(end, r.Cal.Zone)
	}
	return e
}

// endOf is the instant from which a subscription orders no seat of an installation any more;
// zero: it goes on, as far as is known, or is still to come.
func (r *Reading) endOf(s *Installation, o *subscription) time.Time {
	return remembered(&r.memo.end, sited{s, o}, func() time.Time { return r.findEnd(s, o) })
}

func (r *Reading) findEnd(s *Installation, o *subscription) time.Time {
	p := o.now.Value
	at := p.EndsAt.Start(r.Cal.Zone)
	if len(o.Now) > 0 && o.ended && p.Status == "ended" && !r.C.Past(at) {
		at = o.now.At
		if o.Stopped.After(o.Live) {
			at = o.Stopped // told for the first time
		}
	}
	if !o.sure && !o.ended {
		return time.Time{}
	}
	n := len(o.line)
	for n > 0 && r.nothing(o.line[n-1], s) {
		n--
	}
	switch {
	case n == len(o.line), o.line[n].At.IsZero() && o.fees: // which has no seats to end with
		return at
	case o.line[n].At.IsZero():
		return licence.Earliest(at, o.since(o.now.At, func(items []licence.Item) bool { return r.nothing(licence.Phase{Items: items}, s) }))
	}
	return licence.Earliest(at, o.line[n].At)
}

// leftBehind adds up the seats of those that ended, of which nothing shows yet whether they
// moved to another subscription of the installation. An end is never a reduction: until then
// they are in doubt. It is not clear where they cannot be counted.
func (r *Reading) leftBehind(s *Installation, m *Module) (clear bool) {
	clear = true
	for _, o := range r.subscriptionsOf(s) {
		if !o.begun || !o.ended || o.fees {
			continue
		}
		last := r.atItsEnd(s, o)
		n, sure := r.count(m, s, last.Items)
		if sure = sure && !last.Uncounted; n == 0 && sure || r.movedOn(s, m, o) {
			continue
		}
		m.Left, clear = m.Left+n, clear && sure
	}
	return clear
}

// atItsEnd is what a subscription ordered at the installation when it ended: as told with its
// end, else what it ordered before.
func (r *Reading) atItsEnd(s *Installation, o *subscription) licence.Phase {
	return remembered(&r.memo.last, sited{s, o}, func() licence.Phase { return r.findLast(s, o) })
}

func (r *Reading) findLast(s *Installation, o *subscription) licence.Phase {
	for i := len(o.line) - 1; i >= 0; i-- {
		if p := o.line[i]; (p.At.IsZero() || r.C.Past(p.At)) && !r.nothing(p, s) {
			return p
		}
	}
	for _, l := range o.Lists {
		if l.First.Before(o.Stopped) && l.Key() == licence.ItemsHash(o.now.Value.Items) {
			break // it was brought to nothing before it ended
		}
		if p := (licence.Phase{Items: l.Items}); !r.nothing(p, s) {
			return p
		}
	}
	return licence.Phase{}
}

// movedOn tells whether something shows what became of the seats of a subscription that ended: a
// later offer or licence has a lower number than there was before the end, or another
// subscription of the installation has changed since, or just before.
func (r *Reading) movedOn(s *Installation, m *Module, o *subscription) bool {
	end := r.endOf(s, o)
	fell := func(n Num, of string) bool {
		h, ok := r.h.Numbers[of]
		was, since := h.Was, h.Since
		if is := strconv.Itoa(n.N); ok && h.Value != is {
			was, since = h.Value, n.At // told just now
		}
		before, err := strconv.Atoi(was)
		return err == nil && n.Known && n.N < before && since.After(end)
	}
	offered := m.O.Evidence
	offered.Of = r.numberOf("offered", m)
	if fell(m.T, r.numberOf("total", m)) || fell(m.O, offered.Of) || m.O.Known && m.O.N < m.T.N && r.Since(offered).After(end) {
		return true
	}
	return slices.ContainsFunc(r.subscriptionsOf(s), func(p *subscription) bool {
		at := r.changed(s, p)
		return p.Sub != o.Sub && p.begun && !at.IsZero() && !at.Before(end.Add(-licence.Settling))
	})
}

// changed is when what a subscription orders at the installation last became another.
func (r *Reading) changed(s *Installation, o *subscription) time.Time {
	return remembered(&r.memo.changed, sited{s, o}, func() time.Time { return r.findChange(s, o) })
}

func (r *Reading) findChange(s *Installation, o *subscription) time.Time {
	text := func(items []licence.Item) string {
		return licence.ItemsHash(slices.DeleteFunc(r.seated(items), func(it licence.Item) bool { return !r.here(s, it) }))
	}
	if len(o.Now) == 0 {
		return o.line[0].At
	}
	var at time.Time
	for i := 1; i < len(o.line); i++ {
		if p := o.line[i]; r.C.Past(p.At) && text(p.Items) != text(o.line[i-1].Items) {
			at = p.At
		}
	}
	if len(o.Lists) == 0 {
		return at
	}
	is := text(o.Lists[0].Items)
	return licence.Latest(at, o.since(time.Time{}, func(items []licence.Item) bool { return text(items) == is }))
}
