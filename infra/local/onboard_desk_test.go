package main

import (
	"bytes"
	"encoding/csv"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"seatmend/functions"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// TestTheSheetOfTheDesk fills in the very sheet that the mail to support links, as CSV and as a workbook, and
// takes it in: the task closes, and names that look like formulas are what they were.
func TestTheSheetOfTheDesk(t *testing.T) {
	figures := map[string]string{"expires": "2027-12-13", "offered": "no", "total": "7", "in_use": "7", "grace_until": "2027-12-25"}
	for _, ending := range []string{"csv", "xlsx"} {
		s := sheetOf(2, 1)
		s.rows[0]["name"], s.rows[0]["plan_name"] = "=cmd; -Kund AB", "+Premium"
		k := keep(t, s)
		k.until(monday.Add(31 * licence.Day))
		if got := k.count().tasks["figures-needed"]; got != 2 {
			t.Fatalf("%d tasks", got)
		}
		k.app.LocalSignIn = true
		desk := k.app.Handler("support", functions.Routes)
		in := httptest.NewRecorder()
		desk.ServeHTTP(in, httptest.NewRequest("POST", "/support/local-sign-in", nil))
		r, sheet := httptest.NewRequest("GET", "/support/figures-needed."+ending, nil), httptest.NewRecorder()
		for _, c := range in.Result().Cookies() {
			r.AddCookie(c)
		}
		desk.ServeHTTP(sheet, r)
		if sheet.Code != 200 {
			t.Fatalf("%s: %d", ending, sheet.Code)
		}
		path := filepath.Join(t.TempDir(), "figures."+ending)
		if err := os.WriteFile(path, typedIn(t, ending, sheet.Body.Bytes(), "C-50000", figures), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if code := takeIn(t.Context(), []string{"-data", k.data, "-now", k.now.Format(time.RFC3339), path}, nil, &out, &out); code != 0 || !strings.Contains(out.String(), "1 fact written") || !strings.Contains(out.String(), "1 installation has no figures in the sheet yet") {
			t.Errorf("%s: exit %d: %s", ending, code, out.String())
		}
		k.until(k.now.Add(time.Hour))
		if got := k.count().tasks["figures-needed"]; got != 1 {
			t.Errorf("%s: %d tasks after it", ending, got)
		}
		l, err := k.db.Load(t.Context(), "C-50000", store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		if a, r := l.State.Known.Profile.Account.Value, l.State.Known.Inst("Cust50000").Report.Value; a.Name != "=cmd; -Kund AB" || r.Expires != "2027-12-13" || r.Plans[0].Total != 7 || r.Plans[0].Description != "+Premium" {
			t.Errorf("%s: it is %q, %+v", ending, a.Name, r)
		}
	}
}

// typedIn is a sheet with cells of one customer's row filled in.
func typedIn(t *testing.T, ending string, sheet []byte, account string, cells map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if ending == "csv" {
		r, w := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet, []byte("\ufeff")))), csv.NewWriter(&b)
		r.Comma, w.Comma = ';', ';'
		rows := must(r.ReadAll())
		for _, row := range rows {
			for name, v := range cells {
				if row[0] == account {
					row[slices.Index(rows[0], name)] = v
				}
			}
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	f := must(excelize.OpenReader(bytes.NewReader(sheet)))
	defer f.Close()
	rows := must(f.GetRows("Seatmend"))
	for i, row := range rows {
		for name, v := range cells {
			if row[0] == account {
				at := must(excelize.ColumnNumberToName(slices.Index(rows[0], name)+1)) + strconv.Itoa(i+1)
				if err := f.SetCellStr("Seatmend", at, v); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
