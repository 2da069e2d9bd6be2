package onboard

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
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

// remarks are the columns of an export that are there to be read: they are taken for nothing.
var remarks = []string{"#name", "#licence_until_then", "#total_then", "#in_use_then", "#told_on"}

// exported are the columns of an export: who it is about, what was known, and what is to be filled in.
func exported() []string {
	return slices.Concat([]string{"account", remarks[0], "cust_id", "plan", "plan_name", "module", "kind"}, remarks[1:],
		[]string{"as_of", "expires", "offered", "can_activate", "new_expires", "total", "in_use", "new_total",
			"grace_until", "admin_warning", "next_check", "maintenance_until", "version", "licensed_version", "serial", "hosting", "timezone"})
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
		r := diagnosis.NewReading(l.State, now, now)
		for _, s := range r.Figures().Sites {
			rows = append(rows, rowsOf(r, s)...)
		}
	}
	return rows, len(needed), nil
}

// rowsOf are an installation's rows, in the order of exported.
func rowsOf(r *diagnosis.Reading, s *diagnosis.Installation) (rows [][]string) {
	told := licence.DateOf(s.ReadAt, r.Cal.Zone)
	lines := s.L.Plans
	if len(lines) == 0 {
		for _, p := range r.A.Plans {
			lines = append(lines, licence.LicenceLine{Plan: p.Plan, Module: p.Module, Description: p.Name})
		}
	}
	for _, l := range lines {
		total := strconv.Itoa(l.Total)
		if l.Unrestricted {
			total = "unlimited"
		}
		is := map[string]string{
			"account": r.Account, "#name": r.A.Name, "cust_id": s.Installation.CustID, "plan": l.Plan, "plan_name": l.Description, "module": l.Module, "kind": l.Kind,
			"#licence_until_then": string(s.L.Expires.Day(r.Cal.Zone)), "#total_then": total, "#in_use_then": strconv.Itoa(l.InUse), "#told_on": string(told),
			"serial": cmp.Or(s.L.Serial, s.Installation.Serial), "hosting": s.Hosting, "timezone": r.A.Timezone,
		}
		var row []string
		for _, name := range exported() {
			row = append(row, is[name])
		}
		rows = append(rows, row)
	}
	return rows
}

// formulas are the marks with which a spreadsheet begins to compute what a text cell says.
const formulas = "=+-@\t\r"

// WriteCSV writes rows as spreadsheets of the North open them, with what could be computed kept as text.
func WriteCSV(out io.Writer, rows [][]string) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.Comma = ';'
	for _, row := range append([][]string{exported()}, rows...) {
		harmless := slices.Clone(row)
		for i, c := range harmless {
			if c != "" && strings.ContainsRune(formulas, rune(c[0])) {
				harmless[i] = "'" + c
			}
		}
		if err := w.Write(harmless); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
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
	if err := errors.Join(w.SetColWidth(1, len(exported()), 14), w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	for n, row := range append([][]string{exported()}, rows...) {
		cells := make([]any, len(row))
		for i, text := range row {
			c := excelize.Cell{StyleID: head, Value: text}
			if n > 0 {
				column, _ := columnNamed(exported()[i])
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
