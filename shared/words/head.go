package words

import (
	"slices"
	"strings"

	"seatmend/shared/licence"
)

// head is the situation in one calm sentence: first what the reader can do, then who else has
// it, then what is waited for. A reader who has nothing to do is told so.
func (t teller) head(v View) string {
	if t.o.Reader == "" {
		return t.Say(nil, "head.staff."+string(v.Summary), "head.unknown")
	}
	shown := slices.Clone(v.Findings)
	slices.SortStableFunc(shown, func(a, b Finding) int { return len(b.Explains) - len(a.Explains) })
	for _, f := range shown {
		if f.Mine && len(f.BlockedBy) == 0 {
			return t.dated(f.rests, t.placed(f.Place, t.Say(f.args, "head."+string(f.Code)+"."+f.Say, "head."+string(f.Code), "head.act")))
		}
	}
	for _, f := range shown {
		if key := elsewhere(f); key != "" {
			return t.dated(f.rests, t.placed(f.Place, t.Say(f.args, private(f), key+"."+string(f.Code)+"."+f.Say, key+"."+string(f.Code), key)))
		}
	}
	for _, f := range v.Upcoming {
		if f.Owner == t.o.Reader {
			return t.dated(f.rests, t.placed(f.Place, t.Say(f.args, "head."+string(f.Code)+"."+f.Say, "head.ok")))
		}
	}
	if v.Summary == licence.NotKnown {
		return t.Say(nil, "head.unknown")
	}
	return t.Say(nil, "head.ok")
}

// private is the heading for who must read of no invoice.
func private(f Finding) string {
	if slices.Contains([]string{"neutral", "elsewhere", "pass-on"}, strings.TrimPrefix(f.Say, "a-")) {
		return "head." + string(f.Code) + "." + f.Say
	}
	return ""
}

// Closed tells whether no production installation can be used at all.
func (v View) Closed() bool { return v.shut }

// Partly tells whether one of several cannot be used: then nobody says that everything works.
func (v View) Partly() bool {
	return !v.shut && slices.ContainsFunc(v.Findings, func(f Finding) bool {
		return f.Code == licence.SuspendedThere && f.Severity == licence.Critical && f.State != licence.Unsettled
	})
}

// elsewhere says where a finding lies that is not the reader's to act on.
func elsewhere(f Finding) string {
	switch {
	case f.Code == licence.SubscriptionEnded && f.Say == "a-past":
		return "head.subscription-ended.past"
	case f.Code == licence.SubscriptionEnded:
		return "head.subscription-ended"
	case f.State == licence.Open && f.Owner.Operator() && (f.Severity != licence.Low || len(f.Explains) > 0):
		return "head.ours"
	case f.State == licence.Open && f.Owner.Customer():
		return "head.theirs"
	case f.State == licence.Open && f.Owner == licence.EndUser:
		return "head.user"
	case f.State == licence.Snoozed:
		return "head.answered"
	case f.State == licence.Answered && f.answer == "not-right":
		return "head.answered.not-right"
	case f.State == licence.Waiting, f.State == licence.Verifying, f.State == licence.Answered:
		return "head." + string(f.State)
	case f.State == licence.Unsettled:
		return "head.unknown"
	}
	return ""
}
