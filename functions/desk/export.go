package desk

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// harmless is a cell that no spreadsheet takes for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// csv answers with a table that spreadsheets open: UTF-8 with its mark, a comma between two cells, and
// no formula. Names of columns are those of the page.
func (v *deskVisit) csv(name string, head []string, rows [][]string) error {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range append([][]string{head}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = harmless(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	v.header("text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="seatmend-`+name+"-"+string(licence.DateOf(v.Now(), v.zone()))+`.csv"`)
	v.w.WriteHeader(http.StatusOK)
	_, err := v.w.Write(b.Bytes())
	return err
}

// cutAt are the rows of a table, with a last one that says so where it is not whole.
func (v *deskVisit) cutAt(rows [][]string, whole bool) [][]string {
	if whole {
		return rows
	}
	return append(rows, []string{v.g.say("export.cut")})
}

// exportBoard is a list of customers as a table, whole up to what a list looks at.
func (v *deskVisit) exportBoard(cases []licence.Entry, whole bool) error {
	var head []string
	for _, key := range []string{"board.actby", "board.customer", "export.account", "board.installation", "board.hosting", "board.what", "board.whose", "board.how", "export.phase", "board.assigned", "board.contact", "board.language", "nav.drafts", "board.ahead"} {
		head = append(head, v.g.say(key))
	}
	var rows [][]string
	for _, e := range cases {
		rows = append(rows, []string{
			string(e.ActBy), e.Name, e.Account, e.CustID, v.g.text("hosting.")(e.Hosting), v.g.all("cause.", plain(e.Codes)), v.g.all("owner.", plain(e.Owners)), v.g.text("state.")(e.Summary), v.g.text("phase.")(e.Phase),
			e.Assigned, string(e.Contact), v.g.text("lang.")(spoken(e)), strconv.Itoa(e.Drafts), v.g.coming(e),
		})
	}
	return v.csv("cases", head, v.cutAt(rows, whole))
}

// all says several codes.
func (g tongue) all(prefix string, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, g.text(prefix)(c))
	}
	return strings.Join(out, ", ")
}

// coming is the first of what is to come.
func (g tongue) coming(e licence.Entry) string {
	if len(e.Ahead) == 0 {
		return ""
	}
	return string(e.Ahead[0].Day) + " " + g.text("cause.")(e.Ahead[0].Code)
}

// mostNeeded is how many customers the sheet of figures has at most: each is read whole.
const mostNeeded = 500

// figuresName is the name of the sheet of figures: where it is not whole, it says so. The importer would take
// a row that says it for a customer.
func figuresName(needed int) string {
	if needed <= mostNeeded {
		return "figures-needed"
	}
	return fmt.Sprintf("figures-needed-first-%d-of-%d", mostNeeded, needed)
}

// figuresSheet is the sheet in which somebody writes what the Licences screens of those customers say whose
// figures are needed, the first to lose their licence first. The importer takes it in.
func figuresSheet(v *deskVisit) error {
	ctx := v.r.Context()
	list, err := store.FiguresNeeded(ctx, v.Store)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range list[:min(len(list), mostNeeded)] {
		l, err := v.Store.Load(ctx, e.Account, store.Want{})
		if err != nil {
			return err
		}
		rows = append(rows, casework.FiguresRows(l.State, v.Now())...)
	}
	return v.csv(figuresName(len(list)), casework.FiguresColumns, rows)
}
