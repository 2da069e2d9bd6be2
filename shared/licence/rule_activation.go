package licence

import (
	"slices"
	"strings"
)

// FAQ cause 1, its last steps: a new licence is offered, fits, and waits to be activated.
func notActivated(r *Reading) []Verdict {
	var out []Verdict
	for _, s := range r.Production() {
		v := s.verdict(Fails)
		v.Owner = Admin
		v.Evidence = []Evidence{s.value("offered", s.L.Offered, "offered")}
		switch {
		case !s.Fresh || s.maintained():
			v.Answer, v.Say, v.Evidence = Unknown, "stale", s.staleEvidence()
		case !s.L.Offered:
			v.Say = "none"
		case r.overLimit(s):
			v.Say = "surplus"
		case !s.L.CanActivate:
			v.Say = "refused"
		default:
			r.waitsForActivation(s, &v)
		}
		out = append(out, v)
	}
	return out
}

func (r *Reading) waitsForActivation(s *Site, v *Verdict) {
	zone := r.Cal.Zone
	v.Answer, v.Say = Holds, "a"
	v.Evidence = append(v.Evidence, s.value("can_activate", true, "can_activate"), s.value("next_check", s.L.NextCheck, ""))
	v.Args["new_expires"], v.Args["next_check"] = s.L.NewExpires, s.L.NextCheck
	since := s.L.OfferedSince.Start(zone)
	if since.IsZero() {
		since = r.since(v.Evidence[0])
	}
	until := earliest(s.checkBy(zone), since.Add(Self))
	if !worse(s.Phase, PhaseUnknown) && !r.mailedSurplus(s) && !r.C.Past(until) {
		if s.Warns.After(r.C.At()) {
			until = earliest(until, s.Warns)
			r.C.Past(s.Warns)
		}
		v.Waits = []Wait{{For: "self", Until: until}}
	}
	v.Explains = s.explains("not-activated")
	v.Deadline = r.deadline(s, 0, "activate")
	v.Verify = s.activated()
	v.Tell = []Tell{{To: Admin, Rank: s.phaseRank(), Max: 2}}
	mode := "guided"
	if s.Can.Value != nil && slices.Contains(*s.Can.Value, "activate") {
		mode = "direct"
	}
	v.Remedies = []Remedy{{ID: "activate", Mode: mode}, {ID: "numbers-wrong", Mode: "guided"}}
	for _, d := range r.found {
		if d.disputes() && d.Subject.here(s.Installation.CustID) {
			// Do not activate if the numbers are wrong: the question comes first.
			v.Blocked = append(v.Blocked, r.fingerprint(d.Code, d.Subject))
			v.Tell, v.Remedies, v.Say = nil, nil, "disputed"
		}
	}
	if len(v.Waits) > 0 {
		v.Severity = "low"
	}
}

// overLimit tells whether some visible module has more holders than the offer covers, by the
// list or by the licence read itself.
func (r *Reading) overLimit(s *Site) bool {
	for _, m := range s.Modules {
		if m.Judged && m.O.Known && (m.A.N > m.O.N || m.Unread && m.InUse.N > m.O.N) {
			return true
		}
	}
	return false
}

// mailedSurplus tells whether a conversation with the admin that began with a surplus of the
// site still goes on: then activating is simply its next step.
func (r *Reading) mailedSurplus(s *Site) bool {
	for _, ep := range r.h.Episodes {
		for fp, v := range ep.Waits {
			if p := r.h.Findings[fp]; p != nil && !v.Seen && (p.Code == "surplus" || p.Code == "plan-swap") &&
				strings.EqualFold(p.Subject.CustID, s.Installation.CustID) {
				return true
			}
		}
	}
	return false
}

// staleEvidence says when the licence was last read, if ever.
func (s *Site) staleEvidence() []Evidence {
	if !s.Told {
		return nil
	}
	return []Evidence{{"licence_read", s.ReadAt, s.Report.Source, s.ReadAt, ""}}
}

// FAQ cause 1, and its end: everything fits, and is refused all the same.
func activationRefused(r *Reading) []Verdict {
	var out []Verdict
	for _, s := range r.Production() {
		v := s.verdict(Fails)
		v.Owner, v.Informed = Support, []Role{Admin}
		v.Evidence = []Evidence{s.value("offered", s.L.Offered, "offered"), s.value("can_activate", s.L.CanActivate, "can_activate")}
		tried := s.Tried.Told() && s.Tried.Value.refused() && s.Tried.After(s.Report.Stamp) // our own tries share the instant of the read after them
		switch {
		case !s.Fresh || s.maintained() || r.seatsStale(s) && s.L.Offered:
			v.Answer, v.Say, v.Evidence = Unknown, "stale", s.staleEvidence()
		case !s.L.Offered:
			v.Say = "none"
		case r.overLimit(s) || r.overByRead(s):
			v.Say = "surplus"
		case !s.L.CanActivate || tried:
			v.Answer, v.Say = Holds, "a"
			v.Args["reason"] = s.L.Reason
			if tried {
				v.Args["reason"] = s.Tried.Value.Reason
				v.Evidence = append(v.Evidence, Evidence{"activation_tried", false, s.Tried.Source, s.Tried.At, ""})
			} else if s.L.Reason != "" {
				v.Evidence = append(v.Evidence, s.value("reason", s.L.Reason, ""))
			}
			v.Explains = s.explains("activation-refused")
			v.Deadline = r.deadline(s, 1, "support")
			v.Verify = s.activated()
			v.Tell = []Tell{{To: Admin, Rank: 1, Max: 1}}
			if id := r.identityOf(s); id.Answer == Holds {
				v.Blocked = append(v.Blocked, r.fingerprint("identity-differs", id.Subject))
			}
		default:
			v.Say = "fits"
		}
		out = append(out, v)
	}
	return out
}

// overByRead tells whether the licence read itself counts more than it offers.
func (r *Reading) overByRead(s *Site) bool {
	for _, m := range s.Modules {
		if m.Judged && m.O.Known && m.InUse.N > m.O.N {
			return true
		}
	}
	return false
}
