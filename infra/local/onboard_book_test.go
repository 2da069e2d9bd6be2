package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// A cellValue is what stands in a cell otherwise than as text: a value, and how it is shown or computed.
type cellValue struct {
	value   any
	format  string
	formula string
}

// book writes the sheet as a workbook's: from that row on, with cells by their column and row of the
// sheet where they are no text.
func (s *testSheet) book(t *testing.T, from int, sheet string, cells map[string]cellValue, more func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", sheet))
	for i, name := range s.names {
		letter, err := excelize.ColumnNumberToName(i + 1)
		must(err)
		must(f.SetCellStr(sheet, letter+strconv.Itoa(from), name))
		for n, r := range s.rows {
			at := letter + strconv.Itoa(from+1+n)
			c, special := cells[fmt.Sprintf("%s/%d", name, n)]
			if !special {
				if r[name] != "" {
					must(f.SetCellStr(sheet, at, r[name]))
				}
				continue
			}
			if c.formula != "" {
				must(f.SetCellFormula(sheet, at, c.formula))
			}
			must(f.SetCellValue(sheet, at, c.value))
			if c.format != "" {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				must(err)
				must(f.SetCellStyle(sheet, at, at, style))
			}
		}
	}
	if more != nil {
		more(f)
	}
	b, err := f.WriteToBuffer()
	must(err)
	return b.Bytes()
}

// onboardFile takes a file of that name in.
func onboardFile(t *testing.T, data, name string, body []byte, args ...string) (int, string, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := takeIn(t.Context(), slices.Concat([]string{"-data", data, "-now", monday.Format(time.RFC3339)}, args, []string{path}), nil, &out, &errs)
	return code, out.String(), strings.ReplaceAll(errs.String(), path, name)
}

// TestOnboardBook reads a workbook as people have it: it says what the same sheet says as CSV.
func TestOnboardBook(t *testing.T) {
	s := sheetOf(3, 1)
	s.rows[0]["serial"] = "0180050000"
	data := t.TempDir()
	if code, _, errs := onboardSheet(t, data, s.csv(',')); code != 0 {
		t.Fatal(errs)
	}
	want := knownOf(t, data)
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	odd := map[string]cellValue{
		"expires/0":      {value: day("2026-12-13"), format: "dd-mm-yy"},
		"expires/1":      {value: day("2027-09-01"), format: "mm-dd-yy"},
		"expires/2":      {value: day("2027-09-01").Add(14 * time.Hour), format: "d. mmmm yyyy hh:mm"},
		"next_check/1":   {value: "2027-08-10T00:00:00"},
		"grace_until/1":  {value: day("2027-09-13"), format: "0"},
		"serial/0":       {value: 180050000, format: "0000000000"},
		"serial/1":       {value: 1800050001, format: "# ##0"},
		"total/0":        {value: 10, format: "0.00"},
		"in_use/0":       {value: 9, formula: "5+4"},
		"in_use/1":       {value: 9.0, format: "0%"},
		"offered/0":      {value: true},
		"can_activate/0": {value: false},
		"name/2":         {value: "Kund 50002 AB", formula: `"Kund "&50002&" AB"`},
	}
	notes := func(f *excelize.File) {
		f.NewSheet("Anteckningar")
		f.SetCellStr("Anteckningar", "A1", "account")
	}
	titled := func(f *excelize.File) {
		f.SetCellStr("Kunder", "A1", "Kunder hos Fjordpartner")
		f.SetCellValue("Kunder", "C2", day("2026-11-23"))
	}
	since := true
	for _, c := range []struct {
		name string
		body []byte
		args []string
	}{
		{"text alone", s.book(t, 1, "Blad1", nil, nil), nil},
		{"cells of every kind", s.book(t, 1, "Blad1", odd, nil), nil},
		{"below a title, beside another sheet", s.book(t, 5, "Kunder", odd, func(f *excelize.File) { notes(f); titled(f) }), nil},
		{"the sheet by its name", s.book(t, 2, "Kunder", odd, func(f *excelize.File) { f.CopySheet(0, must(f.NewSheet("Gamla"))) }), []string{"-sheet", "kunder"}},
		{"the other one is hidden", s.book(t, 2, "Kunder", odd, func(f *excelize.File) {
			f.CopySheet(0, must(f.NewSheet("Gamla")))
			f.SetSheetVisible("Gamla", false)
		}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			if code, _, errs := onboardFile(t, data, "kunder.xlsx", c.body, c.args...); code != 0 {
				t.Fatalf("exit %d: %s", code, errs)
			}
			if got := knownOf(t, data); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Run("days counted from 1904", func(t *testing.T) {
		body := s.book(t, 1, "Blad1", map[string]cellValue{"expires/1": {value: float64(46630 - 1462)}}, func(f *excelize.File) {
			f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since})
		})
		data := t.TempDir()
		if code, _, errs := onboardFile(t, data, "kunder.xlsx", body); code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		if got := knownOf(t, data); !strings.Contains(got, "2027-08-31") {
			t.Errorf("got\n%s", got)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestOnboardBadBooks names each cell that cannot be used as the workbook does.
func TestOnboardBadBooks(t *testing.T) {
	s := sheetOf(3, 1)
	at := func(column string) string {
		return must(excelize.ColumnNumberToName(slices.Index(s.names, column) + 1))
	}
	two := func(f *excelize.File) { f.CopySheet(0, must(f.NewSheet("Gamla"))) }
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: 4, UncompressedSize64: 1 << 40})
		if err == nil {
			_, err = w.Write([]byte("abcd"))
		}
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, c := range []struct {
		name string
		body []byte
		args []string
		want []string
	}{
		{"cells", s.book(t, 3, "Kunder", map[string]cellValue{
			"in_use/0": {value: "twelve"}, "expires/1": {formula: "NA()", value: "#N/A"}, "serial/2": {value: 1234567890123456},
			"billing_id/1": {value: "1234567890123456"}, // as text it is whole
			"cust_id/1":    {value: 50001},
		}, nil), nil, []string{
			"kunder.xlsx:" + at("in_use") + `4: in_use "twelve": must be a whole number in digits, 0 or more`,
			"kunder.xlsx:" + at("expires") + `5: expires "#N/A": is an error of a formula: mend it in the spreadsheet, or leave the cell empty`,
			"kunder.xlsx:" + at("serial") + `6: serial "1234567890123456": is a number of 16 digits or more, of which a workbook keeps 15: format the cell as text, and write it again`,
			"kunder.xlsx:" + at("cust_id") + `5: cust_id "50001": is digits alone, and SuperOffice writes Cust before them: write Cust50001 if that is meant`,
		}},
		{"formulas that nobody computed", s.book(t, 2, "Kunder", nil, func(f *excelize.File) {
			f.SetCellFormula("Kunder", at("total")+"3", "5+5")
			f.SetCellValue("Kunder", at("total")+"3", nil)
			f.SetCellFormula("Kunder", at("total")+"3", "5+5")
			f.SetCellFormula("Kunder", at("version")+"5", "1+1")
		}), nil, []string{
			"kunder.xlsx:" + at("total") + "3: total: is a formula that no program has computed yet: open the workbook in Excel or LibreOffice, and save it",
			"kunder.xlsx:" + at("version") + "5: version: is a formula that no program has computed yet: open the workbook in Excel or LibreOffice, and save it",
		}},
		{"beyond the last column", s.book(t, 1, "Kunder", nil, func(f *excelize.File) { f.SetCellStr("Kunder", "BA3", "what?"); two(f) }), []string{"-sheet", "Kunder"},
			[]string{"kunder.xlsx:Kunder!3: has a cell in column BA, beyond the last that has a name: name it #remark, or empty it"}},
		{"two sheets", s.book(t, 1, "Kunder", nil, two), nil, []string{`kunder.xlsx:1: the columns stand on "Kunder", "Gamla": say which sheet is meant, with -sheet "Kunder"`}},
		{"no such sheet", s.book(t, 1, "Kunder", nil, two), []string{"-sheet", "Kundr"}, []string{`kunder.xlsx:1: the workbook has no sheet "Kundr"; it has "Kunder", "Gamla"`}},
		{"no columns", (&testSheet{names: []string{"kund", "namn"}}).book(t, 1, "Kunder", nil, nil), nil,
			[]string{`kunder.xlsx:1: none of the first 30 rows of "Kunder" names the columns of the sheet: begin one with account, name, locale (-h lists all)`}},
		{"more than it seems", bomb(), nil, []string{"kunder.xlsx:1: the workbook cannot be read: unzip size exceeds the 536870912 bytes limit"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := onboardFile(t, t.TempDir(), "kunder.xlsx", c.body, c.args...)
			if code != 2 || out != "" {
				t.Errorf("exit %d, printed %q", code, out)
			}
			for _, want := range c.want {
				if !strings.Contains("\n"+errs, "\n"+want+"\n") {
					t.Errorf("it lacks\n%s\n%s", want, errs)
				}
			}
			if got := strings.Count(errs, "\n"); got != len(c.want)+1 {
				t.Errorf("%d lines, want %d:\n%s", got, len(c.want)+1, errs)
			}
		})
	}
}

// tampered is a workbook with one of its parts changed.
func tampered(t *testing.T, book []byte, part string, change func(string) string) []byte {
	t.Helper()
	var b bytes.Buffer
	in, out := must(zip.NewReader(bytes.NewReader(book), int64(len(book)))), zip.NewWriter(&b)
	for _, f := range in.File {
		body := string(must(io.ReadAll(must(f.Open()))))
		if f.Name == part {
			was := body
			if body = change(was); body == was {
				t.Fatalf("nothing was changed in %s", was)
			}
		}
		must(must(out.Create(f.Name)).Write([]byte(body)))
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOnboardBooksOfAnyShape: a sheet that no program should have written ends in a fault that names the row,
// and never is a part of it taken for the whole; a cell that shows nothing is as good as another.
func TestOnboardBooksOfAnyShape(t *testing.T) {
	s := sheetOf(3, 1)
	part, plain := "xl/worksheets/sheet1.xml", s.book(t, 1, "Kunder", nil, nil)
	change := func(pattern, with string) []byte {
		return tampered(t, plain, part, func(body string) string {
			at := regexp.MustCompile(pattern).FindStringIndex(body)
			if at == nil {
				t.Fatalf("no %s in %s", pattern, body)
			}
			return body[:at[0]] + with + body[at[1]:]
		})
	}
	hidden := s.book(t, 1, "Kunder", nil, func(f *excelize.File) {
		last, format := must(excelize.ColumnNumberToName(len(s.names)+1)), ";;;"
		style := must(f.NewStyle(&excelize.Style{CustomNumFmt: &format}))
		for row, v := range []any{"#till", 7, 0} {
			at := last + strconv.Itoa(row+1)
			if err := errors.Join(f.SetCellValue("Kunder", at, v), f.SetCellStyle("Kunder", at, at, style)); err != nil {
				t.Fatal(err)
			}
		}
	})
	save := "; open it in Excel or LibreOffice, and save it anew as .xlsx"
	for _, c := range []struct {
		name string
		body []byte
		want string // "": it is taken in
	}{
		{"as it is", plain, ""},
		{"a last cell that shows nothing", hidden, ""},
		{"it breaks off", change(`(?s)<row r="4".*`, `<row r="4"><c r="A4"`), `sheet "Kunder", row 4: XML syntax error on line 2: unexpected EOF` + save},
		{"a mark within", change(`<row r="3"`, `<&<row r="3"`), `sheet "Kunder", row 2: XML syntax error on line 2: expected element name after <` + save},
		{"rows in another order", change(`<row r="4"`, `<row r="2"`), `sheet "Kunder", row 2: it stands behind row 3` + save},
		{"cells in another order", change(`<c r="B3"`, `<c r="A3"`), `sheet "Kunder", row 3: cell A3 stands behind others of its row that come after it` + save},
		{"a cell without a place", change(`<c r="B3"`, `<c r="3B"`), `sheet "Kunder", row 3: cannot convert cell "3B" to coordinates: invalid cell name "3B"` + save},
	} {
		code, _, errs := onboardFile(t, t.TempDir(), "kunder.xlsx", c.body, "-dry-run")
		if want := "kunder.xlsx:1: the workbook cannot be read: " + c.want + "\n"; c.want == "" && code != 0 || c.want != "" && (code != 2 || !strings.HasPrefix(errs, want)) {
			t.Errorf("%s: exit %d: %s", c.name, code, errs)
		}
	}
}

// TestOnboardBooksOfOthers reads the sample as two other programs wrote it: a title above, days as days,
// numbers as numbers, formulas with what they came to.
func TestOnboardBooksOfOthers(t *testing.T) {
	judged := func(path string) string {
		var out, errs bytes.Buffer
		args := []string{"-dry-run", "-data", t.TempDir(), "-now", monday.Format(time.RFC3339), path}
		if code := takeIn(t.Context(), args, nil, &out, &errs); code != 0 {
			t.Errorf("%s: exit %d: %s", path, code, errs.String())
		}
		return out.String()
	}
	want := judged("../../events/onboard/customers.csv")
	for _, program := range []string{"xlsxwriter", "openpyxl"} {
		if got := judged("testdata/onboard/" + program + ".xlsx"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", program, got, want)
		}
	}
}

// TestOnboardUncomputed reads a workbook with a formula that a script wrote: it has come to nothing.
func TestOnboardUncomputed(t *testing.T) {
	code, _, errs := onboardFile(t, t.TempDir(), "customers.xlsx", must(os.ReadFile("testdata/onboard/uncomputed.xlsx")), "-dry-run")
	if want := "customers.xlsx:X4: in_use: is a formula that no program has computed yet: open the workbook"; code != 2 || !strings.HasPrefix(errs, want) {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestOnboardMistypedFolder: customers go to the folder of a run, or to an empty one, and nowhere else.
func TestOnboardMistypedFolder(t *testing.T) {
	sound, dir := sheetOf(1, 0).csv(','), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("Hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{filepath.Join(dir, "TYPO"), dir} {
		code, _, errs := onboardSheet(t, data, sound)
		if code != 2 || !strings.Contains(errs, "onboard: -data "+data+": there is no database of a run: name the folder of one") {
			t.Errorf("exit %d: %s", code, errs)
		}
		if code, out, errs := onboardSheet(t, data, sound, "-dry-run"); code != 0 || !strings.Contains(errs, "all customers count as new") {
			t.Errorf("a dry run: exit %d: %s%s", code, out, errs)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}
