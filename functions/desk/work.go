package desk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Who has a case, and what the operator's people tell each other of it. No customer reads either.

const (
	mostNotes = 200  // of a customer: the oldest goes
	longNote  = 2000 // characters
)

// A noteRow is a note as it is kept.
type noteRow struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// notesOf are an account's, the newest first.
func (a *Desk) notesOf(ctx context.Context, account string) ([]noteRow, error) {
	rows, _, err := a.Store.Rows(ctx, account, "note", store.Page{Limit: mostNotes})
	if err != nil {
		return nil, err
	}
	var out []noteRow
	for _, row := range rows {
		var n noteRow
		if err := json.Unmarshal(row.Body, &n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// addNote writes a note down; an empty one is none.
func addNote(v *deskVisit, s licence.State) (string, error) {
	text := noted(v.r.PostFormValue("note"))
	if text == "" {
		return "note-empty", nil
	}
	return "note", v.note(s.Account, text)
}

// noted is the text of a note as it is kept: its lines, without what cannot be printed.
func noted(typed string) string {
	var lines []string
	for _, line := range strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n") {
		lines = append(lines, licence.Line(line))
	}
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	if utf8.RuneCountInString(text) > longNote {
		text = string([]rune(text)[:longNote])
	}
	return text
}

func (v *deskVisit) note(account, text string) error {
	ctx, now := v.r.Context(), v.Now()
	body, err := json.Marshal(noteRow{now.UTC(), v.staff.Name, text})
	if err != nil {
		return err
	}
	return v.Engine.Record(ctx, account, func(licence.State) ([]licence.Row, []licence.Name, error) {
		rows := []licence.Row{{Kind: "note", ID: timed(now, v.staff.Name, text), Body: body, Ends: now.Add(store.FactLife)}}
		old, _, err := v.Store.Rows(ctx, account, "note", store.Page{Limit: mostNotes})
		if len(old) == mostNotes {
			rows = append(rows, licence.Row{Kind: "note", ID: old[mostNotes-1].ID, Gone: true})
		}
		return rows, nil, err
	})
}

// sayAssigned gives the case to one of the operator's people, or to nobody, with a note if there is one.
func sayAssigned(v *deskVisit, s licence.State) (string, error) {
	to := app.Short(v.r.PostFormValue("to"))
	if to != "" && !slices.Contains(v.staffNames(), to) {
		return "stale", nil
	}
	if text := noted(v.r.PostFormValue("note")); text != "" {
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
