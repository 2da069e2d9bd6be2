package diagnosis

import "seatmend/shared/licence"

// FAQ cause 2, where there is no production installation at all: the trial ends. It is for
// sales, and no mail goes: the customer decides.
func trialEnding(r *Reading, out []Verdict) []Verdict {
	if len(r.Production()) > 0 {
		return out
	}
	for _, s := range r.Sites {
		if s.Kind != "trial" {
			continue
		}
		v := s.verdict(Fails)
		v.Owner, v.Say = licence.Sales, "later"
		v.Args["expires"] = s.ExpiresOn
		if s.ExpiresOn != "" {
			v.Evidence = []Evidence{s.value("expires", s.ExpiresOn, "expires")}
		}
		since := after(s.Expires, -14*licence.Day)
		if !r.C.Past(since) || s.follows {
			since = s.Login.At
		}
		switch {
		case r.C.Past(after(s.Expires, -14*licence.Day)), s.Warned:
			v.Answer, v.Say = Holds, "a"
			if s.ExpiresOn == "" && r.C.Past(s.Expires) {
				v.Say = "over" // nobody told since when
			}
			v.Since = since
			v.Explains = s.explains(licence.TrialEnding)
			v.Deadline = r.deadline(s, 0, "trial")
			v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
		case s.ExpiresOn == "":
			v.Answer, v.Say = Unknown, "stale"
		}
		out = append(out, v)
	}
	return out
}
