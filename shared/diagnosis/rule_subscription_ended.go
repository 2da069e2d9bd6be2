package diagnosis

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// The customer has cancelled, everything or an installation: a decision, not a fault. It hides
// there what would be asked of the customer otherwise.
func subscriptionEnded(r *Reading, out []Verdict) []Verdict {
	sites, all := r.Production(), r.ending(nil)
	ends := func(s *Installation) bool { return s.Ending.holds }
	switch {
	case !all.told:
		return out
	case r.Cancelled(""):
		return append(out, r.endsAt(all, sites...))
	case !slices.ContainsFunc(sites, ends):
		return append(out, r.goesOn(nil, all))
	}
	for _, s := range sites {
		switch {
		case s.Ending.holds:
			out = append(out, r.endsAt(s.Ending, s))
		case s.Ending.told:
			out = append(out, r.goesOn(s, s.Ending))
		}
	}
	return out
}

// Cancelled tells whether the customer has cancelled an installation in production; of "", or of
// another one, whether everything.
func (r *Reading) Cancelled(custID string) bool {
	sites := r.Production()
	at := slices.IndexFunc(sites, func(s *Installation) bool { return strings.EqualFold(custID, s.Installation.CustID) })
	switch {
	case len(sites) == 0:
		return r.ending(nil).holds
	case at >= 0:
		return sites[at].Ending.holds
	}
	return !slices.ContainsFunc(sites, func(s *Installation) bool { return !s.Ending.holds })
}

func (r *Reading) goesOn(s *Installation, e ending) Verdict {
	v := Verdict{
		Subject: licence.Subject{Kind: "account", ID: r.Account}, Answer: Fails, Say: "live", Owner: licence.Nobody, Severity: licence.Low,
		Informed: []licence.Role{licence.Sales}, Args: map[string]any{},
		Evidence: []Evidence{{"status", e.last.Value.Status, e.last.Source, e.last.At, ""}},
	}
	if s != nil {
		v.Subject = licence.Subject{Kind: "installation", ID: s.Installation.CustID, CustID: s.Installation.CustID}
	}
	return v
}

// endsAt says that everything ends that is ordered for the sites, or one of several.
func (r *Reading) endsAt(e ending, sites ...*Installation) Verdict {
	v := r.goesOn(nil, e)
	if len(sites) == 1 && len(r.Production()) > 1 && !r.Cancelled("") {
		v = r.goesOn(sites[0], e)
	}
	v.Answer, v.Say = Holds, "a"
	of, rested := "", r.rested(nil, "", "", e.body)
	if len(sites) > 0 {
		rested = time.Time{}
	}
	for _, s := range sites {
		if s.Ending.on >= e.on {
			e.on, of = s.Ending.on, s.ends()
		}
		rested = licence.Latest(rested, r.rested(s, s.ends(), string(s.Ending.on), s.Ending.body))
		v.Explains = v.Explains || s.explains(licence.SubscriptionEnded)
	}
	v.Args["end"] = e.on
	v.Evidence = []Evidence{{"ends_at", e.on, e.last.Source, e.last.At, of}}
	if !rested.IsZero() {
		v.Waits = []Wait{{For: "settle", Until: rested}} // it may be replaced
	}
	v.Deadline = r.lastDay(e.on, sites)
	rank, end := 1, e.on.Start(r.Cal.Zone)
	if r.C.Past(end.AddDate(0, 0, -30)) {
		rank = 2
	}
	if r.C.Past(end.AddDate(0, 0, -7)) {
		rank = 3
	}
	v.Tell = []Tell{{To: licence.Admin, Rank: rank, Max: 3}}
	return v
}

// lastDay is until when it works: the day on which the first of the licences stops, whatever was
// ordered; who wants something else says so before that and before the end. A licence that has to be
// lengthened before the end stops on another day than its own, which is not known yet.
func (r *Reading) lastDay(end licence.Date, sites []*Installation) Deadline {
	d := Deadline{Consequence: "ended"}
	for _, s := range sites {
		own := r.deadline(s, 0, "ended")
		if s.ExpiresOn != "" && end > s.ExpiresOn.Add(licence.Reach) && r.C.Until(own.At.Start(r.Cal.Zone)) {
			own = Deadline{Consequence: "ended"}
		}
		if d.At == "" || own.At != "" && own.At < d.At {
			d = own
		}
	}
	d.ActBy = r.tellBy(end, d.At, r.C.At())
	return d
}

// tellBy is the last banking day before the end, and before SuperOffice stops, on which to say that
// something else is wanted; when it has passed, today.
func (r *Reading) tellBy(end, stops licence.Date, now time.Time) licence.Date {
	today, by, last := licence.DateOf(now, r.Cal.Zone), r.Cal.Before(end, 0), r.Cal.Before(stops, 0)
	if stops != "" && (last < by || by < today) {
		by = last
	}
	return max(by, today)
}

// ends names when everything ends that is ordered for the site, among what is counted.
func (s *Installation) ends() string { return s.named("ends") }
