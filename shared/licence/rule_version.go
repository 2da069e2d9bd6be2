package licence

import "time"

// FAQ cause 4, onsite only: the server runs a version that the agreement does not cover.
// An agreement that has run out says nothing by itself.
func versionNotCovered(r *Reading) []Verdict {
	var out []Verdict
	for _, s := range r.Production() {
		out = append(out, r.versionOf(s))
	}
	return out
}

func (r *Reading) versionOf(s *Site) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed = Support, []Role{Sales, Admin}
	if s.Hosting != "onsite" {
		v.Say = "online"
		return v
	}
	runs, released := s.running(r.Cal.Zone)
	zone := r.Cal.Zone
	licensed := s.L.LicensedVersion
	fresh := s.Told && r.C.Fresh(s.ReadAt, FreshVersion)
	if runs.Value == "" || !r.C.Fresh(runs.At, FreshVersion) {
		v.Answer, v.Say = Unknown, "version"
		return v
	}
	if !fresh || licensed == "" && s.L.Maintenance == "" {
		v.Answer, v.Say = Unknown, "licence"
		v.Evidence = s.staleEvidence()
		return v
	}
	v.Evidence = []Evidence{
		{"version", runs.Value, runs.Source, runs.At, "version/" + s.Inst.CustID},
		s.value("licensed_version", licensed, "licensed_version"), s.value("maintenance_until", s.L.Maintenance, ""),
	}
	v.Args["version"], v.Args["licensed"], v.Args["maintenance"] = runs.Value, licensed, s.L.Maintenance
	newer := licensed != "" && major(runs.Value) > major(licensed) && major(licensed) >= 0
	after := false
	if released != "" && s.L.Maintenance != "" {
		v.Evidence = append(v.Evidence, Evidence{"released", released, runs.Source, runs.At, ""})
		v.Args["released"] = released
		after = released.Day(zone) > s.L.Maintenance.Day(zone)
	}
	switch {
	case newer:
		v.Say = "version"
	case after:
		v.Say = "released"
	default:
		v.Say = "covered"
		return v
	}
	v.Answer = Holds
	v.Explains = s.explains("version-not-covered")
	v.Deadline = r.deadline(s, 5, "agreement")
	v.Verify = Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	if s.AtRisk || r.upgraded(s) {
		v.Tell = []Tell{{To: Admin, Rank: 1, Max: 1}}
	}
	return v
}

// upgraded tells whether the server came to its version just now: the cheapest moment to speak,
// over a weekend too.
func (r *Reading) upgraded(s *Site) bool {
	n, ok := r.h.Numbers["version/"+s.Inst.CustID]
	return ok && n.Was != "" && major(n.Was) < major(n.Value) && !r.C.Past(r.Cal.After(DateOf(n.Since, r.Cal.Zone), 1))
}

// running is the version that was told last, by whomever, and its build date.
func (s *Site) running(zone *time.Location) (Reg[string], Date) {
	var best Reg[string]
	if s.Told {
		best.Put(s.Report.Stamp, s.L.Version)
	}
	released := s.L.Released
	if v := s.Inst.Version.Value; v != nil {
		best.Put(s.Inst.Version.Stamp, *v)
	}
	if s.Login.Told() && s.Login.Value.Version != "" {
		best.Put(s.Login.Stamp, s.Login.Value.Version)
	}
	if d := s.Inst.Released.Value; d != nil {
		released = *d
	}
	best.Stamp.At = latest(best.At, s.Inst.Checked["version"].At)
	return best, released
}
