package onboard

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// A workbook has at most so many bytes and so many rows that are not empty: beyond, it says so and no more of it
// is read.
func TestBooksHaveABound(t *testing.T) {
	file := excelize.NewFile()
	defer file.Close()
	for i, row := range [][]any{{"account", "name", "locale"}, {"C-1", "A", "sv"}, {}, {"C-2", "B", "sv"}, {"C-3", "C", "sv"}} {
		if err := file.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	body, err := file.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	b := &book{faults: &Faults{}}
	if _, err := b.open(body.Bytes(), ""); err != nil {
		t.Fatal(err)
	}
	b.rows = mostRows - 2 // as if so many stood above
	for line, want := range []string{"C-1", "", "C-2"} {
		if n, cells, err := b.read(); err != nil || n != line+2 || want != "" && cells[0] != want {
			t.Errorf("row %d: %d %q %v", line+2, n, cells, err)
		}
	}
	if _, _, err := b.read(); err == nil || !strings.Contains(err.Error(), "more than 200000 rows: take it in in parts") {
		t.Errorf("beyond the bound: %v", err)
	}

	var faults, printed = Faults{}, bytes.Buffer{}
	if _, err := ReadOnboard(bytes.NewReader(append([]byte("PK\x03\x04"), make([]byte, mostBytes)...)), "", time.Time{}, nil, &faults); err != nil {
		t.Fatal(err)
	}
	if faults.print(&printed, "kunder.xlsx"); !strings.HasPrefix(printed.String(), "kunder.xlsx:1: the workbook has more than 64 MB: take out what is no sheet of customers\n") {
		t.Error(printed.String())
	}
}
