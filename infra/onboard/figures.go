package onboard

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	sheets "seatmend/shared/sheet"
	"seatmend/shared/store"
)

// A sheet of figures has a row for each plan of an installation that nobody can read and whose figures
// are too old to count. Who fills it in writes what the Licences screen says, and sends it back.

// completed is a fact of such a sheet with what it leaves open as it was told before: while the licence
// ends on the same day, its other dates are the same too.
func completed(f placedFact, s licence.State) placedFact {
	r, ok := f.fact.Payload.(licence.LicenceReported)
	if !ok || !f.figures {
		return f
	}
	was, zone := s.Known.Inst(r.CustID).Report.Value, s.Calendar().Zone
	r.Company, r.Version = cmp.Or(r.Company, was.Company), cmp.Or(r.Version, was.Version)
	if was.Expires != "" && r.Expires.Day(zone) == was.Expires.Day(zone) {
		r.NextCheck, r.AdminWarning = cmp.Or(r.NextCheck, was.NextCheck), cmp.Or(r.AdminWarning, was.AdminWarning)
		r.GraceUntil, r.Maintenance = cmp.Or(r.GraceUntil, was.GraceUntil), cmp.Or(r.Maintenance, was.Maintenance)
		r.LicensedVersion = cmp.Or(r.LicensedVersion, was.LicensedVersion)
	}
	f.fact.Payload = r
	return f
}

// Figures are the rows of all of whom figures are needed, the first to lose its licence first, and how
// many customers there are.
func (t Target) Figures(ctx context.Context, now time.Time) (rows [][]string, customers int, err error) {
	if t.Store == nil {
		return nil, 0, errors.New("no database")
	}
	needed, err := store.FiguresNeeded(ctx, t.Store)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range needed {
		l, err := t.Store.Load(ctx, e.Account, store.Want{})
		if err != nil {
			return nil, 0, err
		}
		l.State.Settings = t.Settings
		rows = append(rows, casework.FiguresRows(l.State, now)...)
	}
	return rows, len(needed), nil
}

// WriteCSV writes rows under the names of their columns.
func WriteCSV(out io.Writer, rows [][]string) error {
	return sheets.WriteCSV(out, append([][]string{casework.FiguresColumns}, rows...))
}

// WriteBook writes rows as a workbook: every cell as text, and those to be filled in as what they are.
func WriteBook(out io.Writer, rows [][]string) (err error) {
	const sheet = "Figures"
	f := excelize.NewFile()
	defer f.Close()
	style := func(s excelize.Style) (id int) {
		if err == nil {
			id, err = f.NewStyle(&s)
		}
		return id
	}
	day, asText := "yyyy-mm-dd", "@"
	head := style(excelize.Style{Font: &excelize.Font{Bold: true}})
	styles := map[kind]int{aDate: style(excelize.Style{CustomNumFmt: &day}), aText: style(excelize.Style{CustomNumFmt: &asText})}
	if err != nil {
		return err
	}
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := errors.Join(w.SetColWidth(1, len(casework.FiguresColumns), 14), w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	for n, row := range append([][]string{casework.FiguresColumns}, rows...) {
		cells := make([]any, len(row))
		for i, text := range row {
			c := excelize.Cell{StyleID: head, Value: text}
			if n > 0 {
				column, _ := columnNamed(casework.FiguresColumns[i])
				c.StyleID = styles[column.kind]
			}
			if text == "" {
				c.Value = nil
			}
			cells[i] = c
		}
		if err := w.SetRow("A"+strconv.Itoa(n+1), cells); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(out)
	return err
}
