package desk

import (
	"context"
	"encoding/json"
	"slices"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Who has a case, and what the operator's people tell each other of it. No customer reads either.

// notesOf are an account's, the newest first.
func (a *Desk) notesOf(ctx context.Context, account string) ([]effects.Note, error) {
	rows, _, err := a.Store.Rows(ctx, account, "note", store.Page{Limit: effects.MostNotes})
	if err != nil {
		return nil, err
	}
	var out []effects.Note
	for _, row := range rows {
		var n effects.Note
		if err := json.Unmarshal(row.Body, &n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// addNote writes a note down; an empty one is none.
func addNote(v *deskVisit, s licence.State) (string, error) {
	text := effects.NoteText(v.r.PostFormValue("note"))
	if text == "" {
		return "note-empty", nil
	}
	return "note", v.note(s.Account, text)
}

func (v *deskVisit) note(account, text string) error {
	ctx, now := v.r.Context(), v.Now()
	return v.Engine.Record(ctx, account, func(licence.State) ([]licence.Row, []licence.Name, error) {
		rows, err := effects.NoteRows(ctx, v.Store, account, timed(now, v.staff.Name, text), effects.Note{At: now.UTC(), By: v.staff.Name, Text: text})
		return rows, nil, err
	})
}

// sayAssigned gives the case to one of the operator's people, or to nobody, with a note if there is one.
func sayAssigned(v *deskVisit, s licence.State) (string, error) {
	to := app.Short(v.r.PostFormValue("to"))
	switch v.r.PostFormValue("do") {
	case "take":
		to = v.staff.Name
	case "leave":
		to = ""
	}
	if to != "" && !slices.Contains(v.staffNames(), to) {
		return "stale", nil
	}
	if text := effects.NoteText(v.r.PostFormValue("note")); text != "" {
		if err := v.note(s.Account, text); err != nil {
			return "", err
		}
	}
	return "assigned", v.assign(s, to)
}

func (v *deskVisit) assign(s licence.State, to string) error {
	if s.Known.Profile.Assigned.Value.To == to {
		return nil
	}
	return v.say(s, "assign", licence.CaseAssigned{To: to, By: v.staff.Name})
}
