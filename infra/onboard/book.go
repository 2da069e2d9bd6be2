package onboard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// What a workbook may have, so that a small file cannot become a large one.
const (
	mostBytes    = 64 << 20  // of the file
	mostUnzipped = 512 << 20 // of all that is in it, and of one part in memory
	mostInMemory = 32 << 20
	mostRows     = 200_000 // that are not empty
)

// A book gives the rows of one sheet of a workbook. Each row is read twice, side by side: what its cells
// hold, and what they show. By what a cell shows no day can be told, and by what it holds no number that
// begins with zeros.
type book struct {
	file        *excelize.File
	sheet       string
	alone       bool // it is the only one
	since1904   bool
	holds, show *excelize.Rows
	row, rows   int
	names       []string // of the columns, once they are known
	faults      *Faults
	uncomputed  map[string]bool // cells with a formula that no program has computed
}

// anew is what may help a workbook that cannot be read.
const anew = "; open it in Excel or LibreOffice, and save it anew as .xlsx"

// unreadable makes an error of what panicked while a workbook was read that no program should have written.
func unreadable(err *error) {
	if x := recover(); x != nil {
		*err = fmt.Errorf("%v%s", x, anew)
	}
}

// openBook opens a workbook, and its sheet of that name; no name: the only one that has the columns. nil:
// what is wrong with it is among the faults.
func openBook(in io.Reader, name string, f *Faults) (*sheet, func(), error) {
	shut := func() {}
	body, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return nil, shut, err
	}
	if len(body) > mostBytes {
		f.add(1, "", "", fmt.Sprintf("the workbook has more than %d MB: take out what is no sheet of customers", mostBytes>>20))
		return nil, shut, nil
	}
	b := &book{faults: f}
	s, err := b.open(body, name)
	if err != nil {
		f.add(1, "", "", "the workbook cannot be read: "+err.Error())
	}
	if b.file != nil {
		shut = func() { b.file.Close() }
	}
	return s, shut, nil
}

func (b *book) open(body []byte, name string) (s *sheet, err error) {
	defer unreadable(&err)
	f := b.faults
	if b.file, err = excelize.OpenReader(bytes.NewReader(body), excelize.Options{UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: mostInMemory}); err != nil {
		return nil, err
	}
	props, err := b.file.GetWorkbookProps()
	if err != nil {
		return nil, err
	}
	b.since1904 = props.Date1904 != nil && *props.Date1904
	if problem := b.choose(name); problem != "" {
		f.add(1, "", "", problem)
		return nil, nil
	}
	if b.uncomputed, err = uncomputed(b.file, body, b.sheet); err != nil {
		return nil, fmt.Errorf("%w%s", err, anew)
	}
	names, err := b.begin(b.sheet)
	if err != nil {
		return nil, err
	}
	s = &sheet{faults: f, place: map[string]int{}, rowsOf: b}
	f.cell = func(line int, column string) string {
		at := ""
		if !b.alone {
			at = b.sheet + "!"
		}
		if i, ok := s.place[column]; ok {
			letter, _ := excelize.ColumnNumberToName(i + 1) // of a place that the sheet has
			at += letter
		}
		return at + strconv.Itoa(line)
	}
	named := s.name(b.row, names)
	if named != nil {
		b.names = named.names
	}
	return named, nil
}

// choose finds the sheet. The problem says what to write.
func (b *book) choose(name string) (problem string) {
	all := b.file.GetSheetList()
	b.alone = len(all) == 1
	if name != "" {
		i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(name)) })
		if i < 0 {
			return fmt.Sprintf("the workbook has no sheet %q; it has %s", name, quoted(all))
		}
		b.sheet = all[i]
		return ""
	}
	var fit, seen []string
	for _, s := range all {
		if names, err := b.begin(s); err != nil || names == nil {
			continue
		}
		fit = append(fit, s)
		if visible, err := b.file.GetSheetVisible(s); err == nil && visible {
			seen = append(seen, s)
		}
	}
	if len(seen) > 0 {
		fit = seen
	}
	switch {
	case len(fit) == 1:
		b.sheet = fit[0]
		return ""
	case len(fit) > 1:
		return fmt.Sprintf("the columns stand on %s: say which sheet is meant, with -sheet %q", quoted(fit), fit[0])
	}
	return fmt.Sprintf("none of the first %d rows of %s names the columns of the sheet: begin one with account, name, locale (-h lists all)", mostTitles, quoted(all))
}

// begin goes to the row that names the columns, which may stand below a title; nil: there is none.
func (b *book) begin(sheet string) (names []string, err error) {
	if b.holds, err = b.file.Rows(sheet); err == nil {
		b.show, err = b.file.Rows(sheet)
	}
	if err != nil {
		return nil, err
	}
	b.row, b.names = 0, nil
	for b.row < mostTitles {
		_, cells, err := b.read()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if known(cells) >= fewNames {
			return cells, nil
		}
	}
	return nil, nil
}

// read gives the next row. What its cells mean is decided by their columns.
func (b *book) read() (_ int, _ []string, err error) {
	defer unreadable(&err)
	if !b.holds.Next() || !b.show.Next() {
		if err := errors.Join(b.holds.Error(), b.show.Error()); err != nil {
			return b.row + 1, nil, err
		}
		return 0, nil, io.EOF
	}
	b.row++
	raw, err := b.holds.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return b.row, nil, err
	}
	shown, err := b.show.Columns()
	if err != nil {
		return b.row, nil, err
	}
	if len(raw) > 0 {
		if b.rows++; b.rows > mostRows {
			return b.row, nil, fmt.Errorf("the sheet has more than %d rows: take it in in parts", mostRows)
		}
	}
	b.unsaid(raw)
	cells := make([]string, max(len(raw), len(b.names)))
	for i, held := range raw {
		if i < len(shown) { // what shows nothing is left out at the end of a row
			cells[i] = shown[i]
		}
		if i < len(b.names) && b.names[i] != "" {
			cells[i] = b.meant(i, held, cells[i])
		}
	}
	return b.row, cells, nil
}

// uneven is a row that goes on beyond the last column.
func (b *book) uneven(cells []string, columns int) string {
	letter, _ := excelize.ColumnNumberToName(len(cells)) // a row has no more than a sheet
	return fmt.Sprintf("has a cell in column %s, beyond the last that has a name: name it #remark, or empty it", letter)
}

// unsaid tells of the row's formulas that say nothing yet.
func (b *book) unsaid(raw []string) {
	for i, column := range b.names {
		if len(b.uncomputed) == 0 || column == "" || i < len(raw) && raw[i] != "" {
			continue
		}
		if name, err := excelize.CoordinatesToCellName(i+1, b.row); err == nil && b.uncomputed[name] {
			b.faults.add(b.row, column, "", "is a formula that no program has computed yet: open the workbook in Excel or LibreOffice, and save it")
		}
	}
}

var (
	numeric  = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?$`)
	digits   = regexp.MustCompile(`^\d+$`)
	tooLong  = regexp.MustCompile(`^-?\d{16,}(\.\d+)?$|^-?\d(\.\d+)?[eE]\+(1[5-9]|[2-9]\d|\d{3,})$`)
	lastDays = 73050.0 // 2099-12-31
)

// meant is what a cell says, by what it holds and what it shows.
func (b *book) meant(place int, held, shown string) string {
	column := b.names[place]
	if tooLong.MatchString(held) && b.isNumber(place) {
		b.faults.add(b.row, column, held, "is a number of 16 digits or more, of which a workbook keeps 15: format the cell as text, and write it again")
		return ""
	}
	switch c, _ := columnNamed(column); {
	case c.kind == aDate && numeric.MatchString(held):
		n, _ := strconv.ParseFloat(held, 64)
		if t, err := excelize.ExcelDateToTime(n, b.since1904); err == nil && n <= lastDays && t.Year() >= 2000 {
			return t.Format(time.DateOnly)
		}
		return held
	case c.kind != aText, digits.MatchString(held) && !digits.MatchString(shown):
		return held
	}
	if held == "#N/A" || strings.HasPrefix(held, "#") && formula.MatchString(held) {
		return held
	}
	return shown
}

// isNumber asks for the type of one cell, for which the whole sheet is read: of few it is asked.
func (b *book) isNumber(place int) bool {
	name, err := excelize.CoordinatesToCellName(place+1, b.row)
	if err != nil {
		return true
	}
	kind, err := b.file.GetCellType(b.sheet, name)
	return err != nil || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset || kind == excelize.CellTypeFormula
}

func quoted(names []string) string {
	var out []string
	for _, n := range names[:min(len(names), 10)] {
		out = append(out, strconv.Quote(n))
	}
	return strings.Join(out, ", ")
}
