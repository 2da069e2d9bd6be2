package diagnosis

import (
	"slices"

	"seatmend/shared/licence"
)

// gone are the states of a tenant that is closed. They do not go stale.
var gone = []string{"suspended", "deleting", "deleted", "delete-failed"}

// The tenant is suspended or being deleted: nothing else there matters before that.
func suspended(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Sites {
		if !s.State.Told() {
			continue
		}
		v := s.verdict(Fails)
		v.Owner, v.Informed, v.Say = licence.Support, []licence.Role{licence.Sales}, "running"
		v.Evidence = []Evidence{{"state", s.State.Value, s.State.Source, s.State.At, s.named("state")}}
		switch {
		case slices.Contains(gone, s.State.Value):
			v.Answer, v.Say, v.Severity = Holds, "a", licence.Low
			v.Args["state"], v.Args["since"] = s.State.Value, licence.DateOf(r.Since(v.Evidence[0]), r.Cal.Zone)
			v.Explains = s.explains(licence.SuspendedThere)
			v.Deadline = r.deadline(s, 0, "suspended")
			v.Deadline.Consequence = "suspended" // also where the licence has no end
			v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
			if s.Kind == licence.Production {
				v.Severity = licence.Critical
				v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
			}
		case s.State.Value != "running" || !s.heard:
			v.Answer, v.Say = Unknown, "state"
			if s.maintained() {
				v.Say = "maintenance"
			}
		}
		out = append(out, v)
	}
	return out
}
