package functions_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Every list of the desk goes out as CSV and as a workbook, in the reader's language, and no cell of
// either is a formula.
func TestEveryListIsATable(t *testing.T) {
	d := withWork(t, 2)
	d.must(d.say("seat.changed", morning, `{"account":"=HYPERLINK(1)","cust_id":"Cust404","plan":"sales","held":true,"open_requests":0,"user":{"id":"=1","name":"Ida","email":"ida@nobody.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}`), "parked")
	d.must(d.post("stripe", "/billing/stripe", "broken", []byte(`{"id":"evt_1","object":"event","created":1795415400,"livemode":true,"type":"invoice.paid","data":{"object":{"object":"invoice","id":7}}}`)), "set-aside")
	for path, head := range map[string]string{
		"/support?format=": "Act by", "/support/drafts?format=": "Act by", "/support/aside?format=": "Arrived", "/support/parked?format=": "Arrived",
		"/support?q=work&format=": "Act by", "/support/fleet?of=tasks&format=": "Case", "/support/fleet?of=deeds&format=": "When",
		"/support/figures-needed.": "", "/support/figures?of=trend&format=": "",
	} {
		flat := d.get(path+"csv", d.cookie)
		rows, err := cells(flat.body)
		if flat.status != 200 || err != nil || len(rows) == 0 || head != "" && rows[0][0] != head || len(rows) < 2 && (strings.HasPrefix(path, "/support?") || strings.HasPrefix(path, "/support/fleet") || strings.HasPrefix(path, "/support/parked")) {
			t.Errorf("%scsv: %d %v %q", path, flat.status, err, rows)
			continue
		}
		book := d.get(path+"xlsx", d.cookie)
		f, err := excelize.OpenReader(strings.NewReader(book.body))
		if err != nil || !strings.Contains(book.header.Get("Content-Disposition"), ".xlsx\"") {
			t.Errorf("%sxlsx: %d %v %v", path, book.status, book.header, err)
			continue
		}
		got, err := f.GetRows("Seatmend")
		if err != nil || len(got) != len(rows) {
			t.Errorf("%s: %d rows in the workbook, %d in CSV (%v)", path, len(got), len(rows), err)
			continue
		}
		for i, row := range rows {
			for j, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("%s: %q would be computed", path, cell)
				}
				if j < len(got[i]) && got[i][j] != strings.TrimPrefix(cell, "'") {
					t.Errorf("%s: %q in the workbook, %q in CSV", path, got[i][j], cell)
				}
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula("Seatmend", at); err != nil || formula != "" {
					t.Errorf("%s: %s has the formula %q (%v)", path, at, formula, err)
				}
			}
		}
	}
}

// cells are those of a list as CSV, as Excel of the North reads it.
func cells(body string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	r.Comma = ';'
	return r.ReadAll()
}
