package diagnosis

import (
	"slices"

	"seatmend/shared/licence"
)

// FiguresNeeded is the code of the work that it is to ask what the Licences screen shows.
const FiguresNeeded licence.Code = "figures-needed"

// Figures are those that somebody has to tell anew of an account.
type Figures struct {
	Sites    []*Installation  // of which they are needed
	AtRisk   bool             // one of them is
	Severity licence.Severity // of the worst
	By       licence.Date     // when the first of their licences ends; Never: nobody told
}

// Figures tells of which production installations new figures are needed: nobody can read them, and
// what was told of their licence has passed TOLD. Of who has cancelled, or whose tenant is closed,
// nothing is needed.
func (r *Reading) Figures() Figures {
	f := Figures{By: licence.Never}
	for _, s := range r.Production() {
		if !s.Told || s.Fresh || s.followed(r.C, "licence") || s.Ending.holds || slices.Contains(gone, s.State.Value) {
			continue
		}
		f.Sites, f.AtRisk = append(f.Sites, s), f.AtRisk || s.AtRisk
		if s.ExpiresOn != "" && s.ExpiresOn < f.By {
			f.By = s.ExpiresOn
		}
	}
	f.Severity = severity(f.Sites)
	return f
}
