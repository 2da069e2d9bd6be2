package effects

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A shelf has notes, the newest first.
type shelf struct {
	store.Store
	notes []licence.Row
}

func (s shelf) Rows(context.Context, string, string, store.Page) ([]licence.Row, store.Page, error) {
	return s.notes, store.Page{}, nil
}

// Whoever mails much pushes out what came by mail, and nothing that the operator's people wrote.
func TestNotesByMailGiveWay(t *testing.T) {
	for name, c := range map[string]struct {
		byMail func(i int) bool
		gone   string
	}{
		"some came by mail": {func(i int) bool { return i == 20 || i == 90 }, "n090"},
		"none did":          {func(int) bool { return false }, fmt.Sprintf("n%03d", MostNotes-1)},
	} {
		var s shelf
		for i := range MostNotes {
			body, err := json.Marshal(Note{Text: "x", Mail: c.byMail(i)})
			if err != nil {
				t.Fatal(err)
			}
			s.notes = append(s.notes, licence.Row{Kind: "note", ID: fmt.Sprintf("n%03d", i), Body: body})
		}
		rows, err := NoteRows(t.Context(), s, "C-1", "new", Note{Text: "y", Mail: true})
		if err != nil || len(rows) != 2 || rows[1].ID != c.gone || !rows[1].Gone {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}
