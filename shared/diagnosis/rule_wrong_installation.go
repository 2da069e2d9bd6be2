package diagnosis

import (
	"time"

	"seatmend/shared/licence"
)

// FAQ cause 2: "Logging in to the wrong installation." One finding per installation that is
// not production now, users are evidence.
func wrongInstallation(r *Reading, out []Verdict) []Verdict {
	right := r.Production()
	if len(right) == 0 {
		return out // a trial alone is trial-ending's
	}
	for _, s := range r.Sites {
		v := s.verdict(Fails)
		v.Owner, v.Severity, v.Say = licence.EndUser, licence.Low, "none"
		v.Args["cust"] = s.Installation.CustID
		last := s.Login
		if s.Kind == licence.Production {
			if s.Installation.Kind == "trial" {
				v.Say = "converted"
				out = append(out, v)
			}
			continue
		}
		if !last.Told() || r.C.Past(last.At.Add(licence.Decay)) {
			out = append(out, v)
			continue
		}
		v.Answer, v.Say = Holds, "trial"
		if s.Kind == "sandbox" {
			v.Say = "sandbox"
		}
		users, days := r.warnedLately(s)
		v.Args["users"], v.Args["days"], v.Args["right"] = users, days, addresses(right)
		ids := custIDs(right)
		v.Args["custs"], v.Args["ids"] = ids, len(ids)
		v.Args["several"] = len(right) > 1
		v.Evidence = []Evidence{
			{"users", users, last.Source, last.At, s.named("warned")}, {"days", days, last.Source, last.At, s.named("days")},
			{"kind", s.Kind, r.K.Profile.Account.Source, r.K.Profile.Account.At, ""},
		}
		for _, p := range right {
			v.Evidence = append(v.Evidence, Evidence{"production", p.Installation.CustID, r.K.Profile.Account.Source, r.K.Profile.Account.At, ""})
		}
		v.Explains = s.explains(licence.WrongInstallation)
		if s.Kind == "trial" { // a test environment does not close: its licence follows production's
			v.Deadline = Deadline{At: s.ExpiresOn, Consequence: "trial"}
			if s.ExpiresOn != "" {
				v.Deadline.ActBy = max(r.before(r.Cal, s.ExpiresOn, 0), licence.DateOf(r.C.At(), r.Cal.Zone))
			}
		}
		v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
		v.Remedies = []Remedy{{ID: "use-right", Mode: "guided"}}
		if keep := s.KeepUntil; keep != "" && !r.C.Past(keep.Add(1).Start(r.Cal.Zone)) {
			v.State = licence.Answered // the trial is used on purpose
		}
		if s.Kind == "trial" && (users >= 3 || days >= 3) {
			// People work there, and what they enter is lost when the trial ends.
			v.Owner, v.Severity = licence.Admin, licence.Medium
			v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
		}
		out = append(out, v)
	}
	return out
}

// warnedLately counts the different users and civil days of the last seven days. A UTC day is
// part of two civil days: the first login of one may lie on another day than the last.
func (r *Reading) warnedLately(s *Installation) (users, days int) {
	u, d := map[string]bool{}, map[licence.Date]bool{}
	for _, w := range s.warnings {
		for _, at := range []time.Time{w.Earliest(), w.At} {
			if r.C.Past(at) && !r.C.Past(at.Add(licence.Week)) {
				u[w.User], d[licence.DateOf(at, r.Cal.Zone)] = true, true
			}
		}
	}
	return len(u), len(d)
}

// addresses name the installations of the customer that are the right ones.
func addresses(sites []*Installation) []string {
	var out []string
	for _, s := range sites {
		if s.URL != "" {
			out = append(out, s.URL)
		} else {
			out = append(out, s.Installation.CustID)
		}
	}
	return out
}

// custIDs are the customer IDs of installations online, which Help > About shows to everybody:
// by them people check where they are.
func custIDs(sites []*Installation) []string {
	var out []string
	for _, s := range sites {
		if s.Hosting == "online" {
			out = append(out, s.Installation.CustID)
		}
	}
	return out
}

// A Left is a production installation that the customer may have left, and where it may have
// gone to.
type Left struct {
	CustID string
	Right  []string // addresses
}

// left are the production installations at which somebody was warned though no licence of
// theirs was ever told, while the customer has another that is well: an old server may still be
// used after a move.
func (r *Reading) left() []Left {
	var out []Left
	for _, s := range r.Production() {
		if s.Told || !s.Warned {
			continue
		}
		var well []*Installation
		for _, o := range r.Production() {
			if o.Told && o.Phase == PhaseOK {
				well = append(well, o)
			}
		}
		if len(well) > 0 {
			out = append(out, Left{s.Installation.CustID, addresses(well)})
		}
	}
	return out
}
