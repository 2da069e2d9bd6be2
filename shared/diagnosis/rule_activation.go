package diagnosis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 1, its last steps: a new licence is offered, fits, and waits to be activated.
func notActivated(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		v := s.verdict(Fails)
		v.Owner = licence.Admin
		v.Evidence = []Evidence{s.value("offered", s.L.Offered, "offered")}
		switch {
		case !s.Fresh || s.maintained():
			v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
		case !s.L.Offered:
			v.Say = "none"
		case s.shorter(r.Cal.Zone):
			r.endsEarlier(s, &v)
		case r.overLimit(s):
			v.Say = "surplus"
		case s.tried(true):
			v.Answer, v.Say, v.State, v.Owner = Holds, "tried", licence.Verifying, licence.Nobody
			v.Evidence = append(v.Evidence, s.triedEvidence())
			v.Explains = s.explains(licence.NotActivated)
			v.Verify = s.Activated()
		case s.tried(false):
			v.Say = "tried"
			v.Evidence = append(v.Evidence, s.triedEvidence())
		case !s.L.CanActivate:
			v.Say = "refused"
		default:
			r.waitsForActivation(s, &v)
		}
		out = append(out, v)
	}
	return out
}

// tried tells whether activating was tried since the licence was read, and went well or was
// refused. Of two things at one instant the try is the later: a read after it has its own.
func (s *Installation) tried(well bool) bool {
	t := s.Tried
	return t.Told() && !t.At.Before(s.ReadAt) && (well && t.Value.OK || !well && t.Value.Refused())
}

func (s *Installation) triedEvidence() Evidence {
	return Evidence{"activation_tried", s.Tried.Value.OK, s.Tried.Source, s.Tried.At, ""}
}

// shorter tells whether the licence that is offered ends before the one in force: any end is
// before none.
func (s *Installation) shorter(zone *time.Location) bool {
	ends := s.L.NewExpires.Day(zone).End()
	return s.Told && s.L.Offered && ends != "" && (s.endless || ends < s.ExpiresOn)
}

// endsEarlier says that activating would shorten the licence: support asks, and nobody is led
// to it.
func (r *Reading) endsEarlier(s *Installation, v *Verdict) {
	v.Answer, v.Say, v.Owner, v.Informed, v.Disputes = Holds, "earlier", licence.Support, []licence.Role{licence.Admin}, true
	v.Args["new_expires"] = s.L.NewExpires
	v.Evidence = append(v.Evidence, s.value("expires", cmp.Or(s.ExpiresOn, licence.Never), "expires"), s.value("new_expires", s.L.NewExpires, ""))
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
}

func (r *Reading) waitsForActivation(s *Installation, v *Verdict) {
	zone := r.Cal.Zone
	v.Answer, v.Say = Holds, "a"
	v.Evidence = append(v.Evidence, s.value("can_activate", true, "can_activate"), s.value("next_check", s.L.NextCheck, ""))
	v.Args["new_expires"], v.Args["next_check"] = s.L.NewExpires, s.L.NextCheck
	since := s.L.OfferedSince.Start(zone)
	if since.IsZero() {
		since = r.Since(v.Evidence[0])
	}
	until := licence.Earliest(s.checkBy(zone), since.Add(licence.Self))
	if !Worse(s.Phase, PhaseUnknown) && !r.mailedSurplus(s) && !r.C.Past(until) {
		if s.Warns.After(r.C.At()) {
			until = licence.Earliest(until, s.Warns)
			r.C.Past(s.Warns)
		}
		v.Waits = []Wait{{For: "self", Until: until}}
	}
	v.Explains = s.explains(licence.NotActivated)
	v.Deadline = r.deadline(s, 0, "activate")
	v.Verify = s.Activated()
	v.Tell = []Tell{{To: licence.Admin, Rank: s.phaseRank(), Max: 2}}
	mode := "guided"
	if s.Can.Value != nil && slices.Contains(*s.Can.Value, "activate") {
		mode = "direct"
	}
	v.Remedies = []Remedy{{ID: "activate", Mode: mode}, {ID: "numbers-wrong", Mode: "guided"}}
	if !s.Longer {
		s.otherSeats(v)
	}
	for _, d := range r.Found {
		if d.disputes() && d.Subject.Here(s.Installation.CustID) {
			// Do not activate if the numbers are wrong: the question comes first.
			v.Blocked = append(v.Blocked, r.Fingerprint(d.Code, d.Subject))
			v.Tell, v.Remedies, v.Say, v.Deadline.ActBy = nil, nil, "disputed", ""
		}
	}
	if len(v.Waits) > 0 {
		v.Severity = licence.Low
	}
}

// otherSeats says what an offer brings that ends with the licence in force: its seats. Nothing
// stops without it.
func (s *Installation) otherSeats(v *Verdict) {
	v.Say, v.Deadline = "others", Deadline{}
	var changed []*Module
	for _, m := range s.Modules {
		if m.Judged && m.O.Known && m.O.N != m.T.N {
			changed = append(changed, m)
		}
	}
	if len(changed) != 1 || changed[0].O.N < changed[0].T.N {
		return
	}
	m := changed[0]
	v.Say, v.Args["plan"], v.Args["more"] = "more", m.Name, m.O.N-m.T.N
	named := func(e Evidence, name string) Evidence { e.Name = name; return e }
	v.Evidence = append(v.Evidence, m.T.Evidence, named(m.O.Evidence, "new_total"))
}

// overLimit tells whether some visible module has more holders than the offer covers, by the
// list or by the licence read itself.
func (r *Reading) overLimit(s *Installation) bool {
	return slices.ContainsFunc(s.Modules, func(m *Module) bool { return m.Judged && m.O.Known && (m.A.N > m.O.N || m.Unread && m.InUse.N > m.O.N) })
}

// mailedSurplus tells whether a conversation with the admin that began with a surplus of the
// site still goes on: then activating is simply its next step.
func (r *Reading) mailedSurplus(s *Installation) bool {
	for _, ep := range r.h.Episodes {
		for fp, v := range ep.Waits {
			if p := r.h.Findings[fp]; p != nil && !v.Seen && (p.Code == licence.Surplus || p.Code == licence.PlanSwap) &&
				strings.EqualFold(p.Subject.CustID, s.Installation.CustID) {
				return true
			}
		}
	}
	return false
}

// staleEvidence says when the licence was last read, if ever.
func (s *Installation) staleEvidence() []Evidence {
	if !s.Told {
		return nil
	}
	return []Evidence{{"licence_read", s.ReadAt, s.Report.Source, s.ReadAt, ""}}
}

// FAQ cause 1, and its end: everything fits, and is refused all the same.
func activationRefused(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		v := s.verdict(Fails)
		v.Owner, v.Informed = licence.Support, []licence.Role{licence.Admin}
		v.Evidence = []Evidence{s.value("offered", s.L.Offered, "offered"), s.value("can_activate", s.L.CanActivate, "can_activate")}
		tried := s.tried(false)
		switch {
		case !s.Fresh || s.maintained():
			v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
		case r.seatsStale(s) && s.L.Offered:
			v.Answer, v.Say = Unknown, "seats"
		case !s.L.Offered || s.shorter(r.Cal.Zone):
			v.Say = "none"
		case r.overLimit(s) || r.overByRead(s):
			v.Say = "surplus"
		case s.tried(true):
			v.Say = "fits"
		case !s.L.CanActivate || tried:
			v.Answer, v.Say = Holds, "a"
			v.Args["reason"] = s.L.Reason
			if tried {
				v.Args["reason"] = s.Tried.Value.Reason
				v.Evidence = append(v.Evidence, s.triedEvidence())
			} else if s.L.Reason != "" {
				v.Evidence = append(v.Evidence, s.value("reason", s.L.Reason, ""))
			}
			v.Explains = s.explains(licence.ActivationRefused)
			if s.Longer {
				v.Deadline = r.deadline(s, 1, "support") // without it nothing stops
			}
			if slices.ContainsFunc(r.Found, func(d Verdict) bool { return d.disputes() && d.Subject.Here(s.Installation.CustID) }) {
				v.Say = "disputed" // that everything fits nobody can say
			}
			v.Verify = s.Activated()
			v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
			if id := r.identityOf(s); id.Answer == Holds {
				v.Blocked = append(v.Blocked, r.Fingerprint(licence.IdentityDiffers, id.Subject))
			}
		default:
			v.Say = "fits"
		}
		out = append(out, v)
	}
	return out
}

// overByRead tells whether the licence read itself counts more than it offers.
func (r *Reading) overByRead(s *Installation) bool {
	return slices.ContainsFunc(s.Modules, func(m *Module) bool { return m.Judged && m.O.Known && m.InUse.N > m.O.N })
}
