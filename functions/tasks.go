package functions

import (
	"encoding/json"
	"net/http"

	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// tasks lists the account's; those of the fleet are about no customer.
func tasks(a *App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		l := lang(r, s)
		out := []any{}
		views := licence.Tasks(s, a.Now())
		d := licence.Diagnose(s, a.Now(), a.Now())
		o, err := effects.Options(r.Context(), a.Store, s, d)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		shown := map[string]words.Finding{}
		for _, f := range l.View(d, o).Findings {
			shown[f.Fingerprint] = f
		}
		for _, v := range views {
			out = append(out, taskJSON(s, v, shown))
		}
		if s.Account == store.Fleet {
			more, err := a.fleetTasks(r)
			if err != nil {
				a.fail(w, r, err)
				return
			}
			out = append(out, more...)
		}
		reply(w, 200, map[string]any{"tasks": out})
	}
}

func taskJSON(s licence.State, v licence.TaskView, shown map[string]words.Finding) any {
	t := map[string]any{
		"task": v.Fingerprint, "case": licence.Case(v.Fingerprint), "account": s.Account, "code": v.Past.Code,
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

// fleetTasks are those that are about no customer.
func (a *App) fleetTasks(r *http.Request) ([]any, error) {
	rows, _, err := a.Store.Rows(r.Context(), store.Fleet, "task", store.Page{Limit: 500})
	var out []any
	for _, row := range rows {
		var t engine.FleetTask
		if err := json.Unmarshal(row.Body, &t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, err
}
