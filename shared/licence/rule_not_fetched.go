package licence

import "time"

// FAQ cause 4 in the wide sense, "it differs": the licence system holds a longer licence than
// the installation has fetched.
func notFetched(r *Reading) []Verdict {
	var out []Verdict
	for _, s := range r.Production() {
		out = append(out, r.notFetchedOf(s))
	}
	return out
}

func (r *Reading) notFetchedOf(s *Site) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed = Admin, []Role{Support}
	file := s.Fetch == "file"
	if file {
		v.Owner, v.Informed = Support, []Role{Admin} // support has sent the file
	}
	asked, last := s.checkDay(r.Cal.Zone), s.LastFetch.Value
	failed := last != nil && !last.OK
	switch {
	case !s.Fresh || s.maintained():
		v.Answer, v.Say, v.Evidence = Unknown, "stale", s.staleEvidence()
	case s.Longer:
		v.Say = "offered" // it has come, and waits to be activated
	case !s.Issued.Told():
		v.Answer, v.Say = Unknown, "never"
	case !s.held():
		v.Say = "none"
	case !file && !failed && last != nil && last.At.After(asked):
		v.Say = "fetched"
	case file, failed, r.C.Past(after(asked, 2*day)):
		v.Answer, v.Say = Holds, "web"
		if file {
			v.Say = "file"
		}
		r.fetch(s, &v)
	default:
		v.Say = "not-asked"
	}
	return v
}

// fetch adds to the verdict what the installation has, and what it has not fetched.
func (r *Reading) fetch(s *Site, v *Verdict) {
	issued := s.Issued.Value.Expires.Day(r.Cal.Zone)
	v.Args["issued"], v.Args["serial"], v.Args["since"] = issued, s.L.Serial, s.L.NextCheck
	v.Evidence = []Evidence{
		s.value("expires", s.ExpiresOn, "expires"), {Name: "issued", Value: issued, Source: s.Issued.Source, At: s.Issued.At},
	}
	if last := s.LastFetch.Value; last != nil {
		v.Args["since"], v.Args["error"] = DateOf(last.At, r.Cal.Zone), last.Error
		v.Evidence = append(v.Evidence, Evidence{Name: "last_fetch", Value: last.OK, Source: s.LastFetch.Source, At: s.LastFetch.At})
	}
	v.Explains = s.explains("not-fetched")
	v.Deadline = r.deadline(s, 0, "fetch")
	v.Verify = Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	v.Remedies = []Remedy{{ID: "fetch", Mode: "guided"}, {ID: "load-file", Mode: "guided"}}
	if s.AtRisk {
		v.Tell = []Tell{{To: Admin, Rank: 1, Max: 1}}
	}
}

// after is an instant later than one that is known.
func after(t time.Time, span time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(span)
}
