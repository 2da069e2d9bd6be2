package diagnosis

import "seatmend/shared/licence"

// FAQ cause 4, onsite only: the server runs a version that the agreement does not cover.
// An agreement that has run out says nothing by itself.
func versionNotCovered(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		out = append(out, r.versionOf(s))
	}
	return out
}

func (r *Reading) versionOf(s *Installation) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed = licence.Support, []licence.Role{licence.Sales, licence.Admin}
	if s.Hosting != "onsite" {
		v.Say = "online"
		return v
	}
	runs, released := s.running()
	zone := r.Cal.Zone
	licensed := s.L.LicensedVersion
	fresh := s.Told && r.C.Fresh(s.ReadAt, licence.FreshVersion)
	if runs.Value == "" || !r.C.Fresh(runs.At, licence.FreshVersion) {
		v.Answer, v.Say = Unknown, "version"
		return v
	}
	if !fresh || licensed == "" && s.L.Maintenance == "" {
		v.Answer, v.Say = Unknown, "licence"
		v.Evidence = s.staleEvidence()
		return v
	}
	v.Evidence = []Evidence{
		{"version", runs.Value, runs.Source, runs.At, s.named("version")},
		s.value("licensed_version", licensed, "licensed_version"), s.value("maintenance_until", s.L.Maintenance, ""),
	}
	v.Args["version"], v.Args["licensed"], v.Args["maintenance"] = runs.Value, licensed, s.L.Maintenance
	higher, comparable := newer(runs.Value, licensed)
	after := false
	if released.Value != "" && s.L.Maintenance != "" {
		v.Evidence = append(v.Evidence, Evidence{"released", released.Value, released.Source, released.At, ""})
		v.Args["released"] = released.Value
		after = released.Value.Day(zone) > s.L.Maintenance.Day(zone)
	}
	switch {
	case higher && comparable:
		v.Say = "version"
	case after:
		v.Say = "released"
	case licensed != "" && !comparable:
		v.Answer, v.Say = Unknown, "label"
		return v
	case licensed == "" && released.Value == "":
		v.Say = "undated" // an agreement that has run out says nothing alone
		return v
	default:
		v.Say = "covered"
		return v
	}
	if v.Answer = Holds; s.Fresh && s.Longer {
		// The licence system has let it through: nobody says that it cannot renew.
		v.Say = map[string]string{"version": "offered", "released": "dated"}[v.Say]
	}
	v.Explains = s.explains(licence.VersionNotCovered)
	v.Deadline = r.deadline(s, 5, "agreement")
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	if s.AtRisk || r.upgraded(s) {
		v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
	}
	return v
}

// upgraded tells whether the server came to its version just now: the cheapest moment to speak,
// over a weekend too.
func (r *Reading) upgraded(s *Installation) bool {
	n, ok := r.h.Numbers["version/"+s.KnownInstallation.CustID]
	up, known := newer(n.Value, n.Was)
	return ok && up && known && !r.C.Past(r.Cal.After(licence.DateOf(n.Since, r.Cal.Zone), 1))
}

// running is the version that was told last, by whomever, and the newest telling of the day on
// which it was built.
func (s *Installation) running() (version licence.Reg[string], released licence.Reg[licence.Date]) {
	if s.Told {
		version.Put(s.Report.Stamp, s.L.Version)
		if s.L.Released != "" {
			released.Put(s.Report.Stamp, s.L.Released)
		}
	}
	if v := s.KnownInstallation.Version.Value; v != nil {
		version.Put(s.KnownInstallation.Version.Stamp, *v)
	}
	if s.Login.Told() && s.Login.Value.Version != "" {
		version.Put(s.Login.Stamp, s.Login.Value.Version)
	}
	if d := s.KnownInstallation.Released.Value; d != nil {
		released.Put(s.KnownInstallation.Released.Stamp, *d)
	}
	version.Stamp.At = licence.Latest(version.At, s.KnownInstallation.Checked["version"].At)
	return version, released
}
