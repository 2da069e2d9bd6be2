package api

import (
	"net/http"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// tasks lists the account's; those of the fleet are about no customer.
func tasks(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		l := lang(r, s)
		out := []any{}
		views := casework.Tasks(s, a.Now())
		d := diagnosis.Diagnose(s, a.Now(), a.Now())
		o, err := effects.Options(r.Context(), a.Store, s, d)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		shown := map[string]words.Finding{}
		for _, f := range l.View(d, o).Findings {
			shown[f.Fingerprint] = f
		}
		for _, v := range views {
			out = append(out, taskJSON(s, v, shown))
		}
		var rest reading[any]
		if s.Account == store.Operations {
			rest = func(p store.Page) ([]any, store.Page, error) {
				return rowsOf[engine.FleetTask](a.Store.Rows(r.Context(), store.Operations, "task", p))
			}
		}
		answerList(a, w, r, "tasks", then(out, rest), func(v any) any { return v })
	}
}

func taskJSON(s licence.State, v casework.TaskView, shown map[string]words.Finding) any {
	t := map[string]any{
		"task": v.Fingerprint, "case": licence.Case(v.Fingerprint), "account": s.Account, "code": v.Past.Code, "severity": v.Severity(),
		"subject": v.Past.Subject, "owner": v.Past.Task.Owner, "state": v.Past.State, "finding": nil,
		"opened_at": v.Past.Task.OpenedAt, "closed_at": nil, "closed_by": nil,
	}
	if v.Say != "" {
		t["finding"] = map[string]any{"code": v.Past.Code, "say": v.Say, "subject": v.Past.Subject}
	}
	if f, ok := shown[v.Fingerprint]; ok {
		t["finding"], t["state"] = f, f.State
	}
	if at := v.Past.Task.ClosedAt; !at.IsZero() {
		t["closed_at"], t["closed_by"], t["state"] = at, "gone", "closed"
	}
	return t
}
