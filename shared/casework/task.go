package casework

import (
	"cmp"
	"slices"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// A TaskView is a task as it is listed and sent.
type TaskView struct {
	Fingerprint string
	Past        licence.Past
	Finding     *diagnosis.Finding // as it stands now; nil: it is gone
	Say         string             // of work for ops that no rule found: what it is
}

// Severity is how grave it is: of a finding that is gone, how grave it was.
func (v TaskView) Severity() licence.Severity {
	if v.Finding != nil {
		return v.Finding.Severity
	}
	return cmp.Or(v.Past.Task.Severity, OpsSeverity)
}

// OpsSeverity is that of work for ops that no rule found.
const OpsSeverity = licence.Medium

// Tasks are an account's, the open ones first, then by age.
func Tasks(s licence.State, now time.Time) []TaskView {
	d := diagnosis.Diagnose(s, now, now)
	var out []TaskView
	for fp, p := range s.History.Findings {
		if p.Task.OpenedAt.IsZero() {
			continue
		}
		v := TaskView{Fingerprint: fp, Past: *p}
		for i := range d.Findings {
			if d.Findings[i].Fingerprint == fp {
				v.Finding = &d.Findings[i]
			}
		}
		out = append(out, v)
	}
	for fp, k := range s.History.Desks {
		if k.Task.OpenedAt.IsZero() {
			continue
		}
		state := licence.Open
		if !k.Task.Open() {
			state = licence.Closed
		}
		out = append(out, TaskView{Fingerprint: fp, Say: k.Say, Past: licence.Past{Code: k.Code, Subject: k.Subject, Task: k.Task, State: state}})
	}
	slices.SortFunc(out, func(a, b TaskView) int {
		if ao, bo := a.Past.Task.Open(), b.Past.Task.Open(); ao != bo {
			if ao {
				return -1
			}
			return 1
		}
		if c := b.Past.Task.OpenedAt.Compare(a.Past.Task.OpenedAt); c != 0 {
			return c
		}
		if a.Fingerprint < b.Fingerprint {
			return -1
		}
		return 1
	})
	return out
}
