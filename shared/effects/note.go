package effects

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A Note is what the operator's people tell each other of a customer, or what a customer answered by
// mail, as it is kept. No customer reads it.
type Note struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
	Mail bool      `json:"mail,omitempty"` // it came by mail: nobody has proved who wrote it
}

const (
	MostNotes = 200  // of a customer: the oldest goes
	longNote  = 2000 // characters
)

// NoteText is a text as a note has it: its lines, without what cannot be printed.
func NoteText(typed string) string {
	var lines []string
	for _, line := range strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n") {
		lines = append(lines, licence.Line(line))
	}
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	if utf8.RuneCountInString(text) > longNote {
		text = string([]rune(text)[:longNote-1]) + "…"
	}
	return text
}

// NoteRows are what a note makes to be written: itself, under an id that sorts by time, and that the
// oldest goes where there are too many.
func NoteRows(ctx context.Context, db store.Store, account, id string, n Note) ([]licence.Row, error) {
	body, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	rows := []licence.Row{{Kind: "note", ID: id, Body: body, Ends: n.At.Add(store.FactLife)}}
	old, _, err := db.Rows(ctx, account, "note", store.Page{Limit: MostNotes})
	if len(old) == MostNotes {
		rows = append(rows, licence.Row{Kind: "note", ID: giveWay(old), Gone: true})
	}
	return rows, err
}

// giveWay is which note goes where there are too many: the oldest that came by mail, so that nobody who writes
// mails pushes out what the operator's people wrote; else the oldest.
func giveWay(notes []licence.Row) string {
	for _, row := range slices.Backward(notes) {
		if n := (Note{}); json.Unmarshal(row.Body, &n) == nil && n.Mail {
			return row.ID
		}
	}
	return notes[len(notes)-1].ID
}
