package desk

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"seatmend/shared/licence"
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

// exportBoard is a list of customers, whole, as a table.
func (v *deskVisit) exportBoard(cases []licence.Entry) error {
	var head []string
	for _, key := range []string{"board.actby", "board.customer", "export.account", "board.installation", "board.hosting", "board.what", "board.whose", "board.how", "export.phase", "board.assigned", "board.contact", "board.language", "nav.drafts", "board.ahead"} {
		head = append(head, v.g.say(key))
	}
	var rows [][]string
	for _, e := range cases {
		rows = append(rows, []string{
			string(e.ActBy), e.Name, e.Account, e.CustID, v.g.text("hosting.")(e.Hosting), v.g.all("cause.", e.Codes), v.g.all("owner.", ownersOf(e)), v.g.text("state.")(e.Summary), v.g.text("phase.")(e.Phase),
			e.Assigned, string(e.Contact), v.g.text("lang.")(e.Lang), strconv.Itoa(e.Drafts), v.g.coming(e),
		})
	}
	return v.csv("cases", head, rows)
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
