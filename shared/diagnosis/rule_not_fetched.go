package diagnosis

import (
	"time"

	"seatmend/shared/licence"
)

// fetching is how long an installation may take to fetch a longer licence, from when it was due
// to ask and the licence lay there.
const fetching = 2 * licence.Day

// FAQ cause 4 in the wide sense, "it differs": the licence system holds a longer licence than
// the installation has fetched.
func notFetched(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		out = append(out, r.notFetchedOf(s))
	}
	return out
}

func (r *Reading) notFetchedOf(s *Installation) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed, v.Beside = licence.Admin, []licence.Role{licence.Support}, licence.Support
	file := s.Fetch == "file"
	if file || s.Hosting != "onsite" {
		// Support has sent the file; and online there is no server of the customer's.
		v.Owner, v.Informed, v.Beside = licence.Support, []licence.Role{licence.Admin}, ""
	}
	last := s.LastFetch.Value
	lies := licence.Latest(s.checkDay(r.Cal.Zone), r.Since(s.issued())) // since when it is there for the asking
	switch {
	case !s.Fresh || s.maintained():
		v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
	case s.Longer:
		v.Say = "offered" // it has come, and waits to be activated
	case !s.Issued.Told():
		v.Answer, v.Say = Unknown, "never"
	case !s.held():
		v.Say = "none"
	case !file && last != nil && last.OK && last.At.After(lies):
		v.Say = "fetched"
	default:
		v.Answer, v.Say = Holds, "web"
		switch {
		case file:
			v.Say = "file"
		case s.Hosting != "onsite":
			v.Say = "online"
		}
		if failed := last != nil && !last.OK; !file && !failed && !r.outlasts(lies.Add(fetching), s) {
			v.Waits = []Wait{{For: "fetch", Until: lies.Add(fetching)}}
		}
		r.fetch(s, &v)
	}
	return v
}

// fetch adds to the verdict what the installation has, and what it has not fetched.
func (r *Reading) fetch(s *Installation, v *Verdict) {
	issued := s.issued()
	v.Args["issued"], v.Args["serial"] = issued.Value, s.L.Serial
	v.Evidence = []Evidence{s.value("expires", s.ExpiresOn, "expires"), issued}
	if last := s.LastFetch.Value; last != nil {
		if v.Args["error"] = last.Error; last.OK {
			v.Args["since"] = licence.DateOf(last.At, r.Cal.Zone) // a day on which it tried, or was to, is no fetch
		}
		v.Evidence = append(v.Evidence, Evidence{Name: "last_fetch", Value: last.OK, Source: s.LastFetch.Source, At: s.LastFetch.At})
	}
	v.Explains = s.explains(licence.NotFetched)
	v.Deadline = r.deadline(s, 0, "fetch")
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID, Expires: s.ExpiresOn}
	if s.Hosting != "onsite" {
		return // there is nothing that the customer could do
	}
	v.Remedies = []Remedy{{ID: "fetch", Mode: "guided"}, {ID: "load-file", Mode: "guided"}}
	if v.Say == "file" {
		v.Remedies = v.Remedies[1:] // it does not ask over the internet
	}
	if s.AtRisk {
		v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
	}
}

// issued is until when the licence system's own licence goes.
func (s *Installation) issued() Evidence {
	return Evidence{"issued", s.Issued.Value.Expires.Day(s.zone), s.Issued.Source, s.Issued.At, s.named("issued")}
}

// after is an instant later than one that is known.
func after(t time.Time, span time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(span)
}
