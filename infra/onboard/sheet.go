package onboard

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// A sheet is a CSV file that is read row by row: of a hundred thousand rows only those of one
// customer are in memory.
type sheet struct {
	csv     *csv.Reader
	skipped int            // lines before those that csv counts
	place   map[string]int // of each column
	names   []string       // of each place; "" where there is a remark
	faults  *Faults
	rows    int
	foreign bool   // it was said that the file is not UTF-8
	serials int    // dates that were Excel's numbers, and
	serial  string // the first of them
}

// A row is one line's cells, trimmed.
type row struct {
	line  int
	cells []string
}

func (s *sheet) cell(r row, column string) string {
	if i, ok := s.place[column]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// kindOf tells by its first bytes what a file is: a sheet, lines of JSON, or something that
// cannot be read, and then what to do.
func kindOf(r *bufio.Reader) (kind, problem string) {
	if mark, _ := r.Peek(3); string(mark) == "\xef\xbb\xbf" {
		r.Discard(3)
	}
	head, _ := r.Peek(4096)
	const save = `: in Excel, Save As, "CSV UTF-8 (comma delimited)"`
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return "", "the file is empty"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "", "the file is a workbook; save the sheet as text" + save
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.IndexByte(head, 0) >= 0:
		return "", `the file is UTF-16, Excel's "Unicode Text"; save it as UTF-8` + save
	case head[0] == '<', head[0] == '%':
		return "", "the file is no text of a sheet" + save
	}
	if first := bytes.TrimSpace(head)[0]; first == '{' || first == '[' {
		return "json", ""
	}
	return "sheet", ""
}

// openSheet reads the line that names the columns. Without them no row can be judged: nil.
func openSheet(r *bufio.Reader, f *Faults) *sheet {
	s := &sheet{faults: f, place: map[string]int{}}
	first := peekLine(r)
	separator := rune(0)
	if rest, ok := strings.CutPrefix(strings.ToLower(first), "sep="); ok && strings.TrimSpace(rest) != "" {
		separator, _ = utf8.DecodeRuneInString(rest) // so Excel is told
		r.Discard(len(first))
		s.skipped, first = 1, peekLine(r)
	}
	if strings.Contains(strings.TrimRight(first, "\r\n"), "\r") {
		f.add(1, "", "", `the lines end as on an old Mac: save as "CSV UTF-8 (comma delimited)"`)
		return nil
	}
	if separator == 0 {
		separator = separatorOf(first)
	}
	s.csv = csv.NewReader(r)
	s.csv.Comma, s.csv.FieldsPerRecord, s.csv.ReuseRecord = separator, -1, true
	names, err := s.csv.Read()
	if err != nil {
		f.add(1+s.skipped, "", clip(first, 60), "the first line cannot be read: "+err.Error())
		return nil
	}
	return s.name(names)
}

// peekLine is the first line, with its end.
func peekLine(r *bufio.Reader) string {
	head, _ := r.Peek(64 << 10)
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	return string(head)
}

// separatorOf is the mark by which most columns are found.
func separatorOf(first string) rune {
	best, most := ',', 0
	for _, mark := range ",;\t|" {
		n := 0
		for _, name := range strings.Split(first, string(mark)) {
			if _, ok := columnNamed(columnName(strings.Trim(name, "\" \r\n"))); ok {
				n++
			}
		}
		if n > most {
			best, most = mark, n
		}
	}
	return best
}

// columnName is a name as the sheet's own spelling has it.
func columnName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "_")
}

func (s *sheet) name(names []string) *sheet {
	line, _ := s.csv.FieldPos(0)
	line += s.skipped
	s.names = make([]string, len(names))
	if !slices.ContainsFunc(names, func(told string) bool { _, ok := columnNamed(columnName(told)); return ok }) {
		s.faults.add(line, "", "", "the first line names no column of the sheet: begin it with account,name,locale (-h lists all)")
		return nil
	}
	for i, told := range names {
		name := columnName(told)
		if name == "" || strings.HasPrefix(name, "#") {
			continue // a remark of the sheet's own people
		}
		if _, ok := columnNamed(name); !ok {
			problem := "is none of the columns (-h lists them): delete it, or begin its name with # to keep it as a remark"
			if near := nearest(name); near != "" {
				problem = "is none of the columns: write " + near + ", or begin its name with # to keep it as a remark"
			}
			s.faults.add(line, clip(name, 60), "", problem)
			continue
		}
		if _, twice := s.place[name]; twice {
			s.faults.add(line, name, "", "stands twice in the first line: delete one of them")
			continue
		}
		s.place[name], s.names[i] = i, name
	}
	missing := false
	for _, c := range Columns {
		if _, ok := s.place[c.Name]; ok || c.need == free {
			continue
		}
		missing = true
		problem := "is missing in the first line: add the column"
		if c.need == header {
			problem += "; its cells may be empty"
		}
		s.faults.add(line, c.Name, "", problem)
	}
	if missing {
		return nil
	}
	return s
}

// read gives row after row. What cannot be read as a row is a fault, and the next one follows.
func (s *sheet) read() iter.Seq[row] {
	return func(yield func(row) bool) {
		for {
			cells, err := s.csv.Read()
			if err == io.EOF {
				return
			}
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				s.broken(bad)
				continue
			}
			if err != nil {
				s.faults.add(s.rows+2, "", "", "cannot be read: "+err.Error())
				return
			}
			line, _ := s.csv.FieldPos(0)
			r := row{line + s.skipped, slices.Clone(cells)}
			if !s.clean(&r) {
				continue
			}
			s.rows++
			if !yield(r) {
				return
			}
		}
	}
}

func (s *sheet) broken(bad *csv.ParseError) {
	if errors.Is(bad.Err, csv.ErrBareQuote) {
		s.faults.add(bad.Line+s.skipped, "", "", `a quotation mark stands inside of a cell: put the whole cell in quotation marks and write "" for the one inside`)
		return
	}
	s.faults.add(bad.StartLine+s.skipped, "", "", fmt.Sprintf(`a quotation mark that opens here is not closed as it should be (line %d): write "" for a mark inside of a cell`, bad.Line+s.skipped))
}

// clean trims the cells and looks for what spreadsheets do to them. False: it is no row.
func (s *sheet) clean(r *row) bool {
	empty := true
	for i, c := range r.cells {
		if !utf8.ValidString(c) {
			c = fromWindows(c)
			if !s.foreign {
				s.foreign = true
				s.faults.add(r.line, s.nameOf(i), c, `the file is in Windows-1252, Excel's plain "CSV": save it as "CSV UTF-8 (comma delimited)"`)
			}
		}
		c = strings.TrimSpace(c)
		r.cells[i] = c
		empty = empty && c == ""
		if problem := Damaged(c); problem != "" && s.nameOf(i) != "" {
			s.faults.add(r.line, s.nameOf(i), c, problem)
		}
	}
	if empty {
		return false
	}
	if len(r.cells) != len(s.names) {
		s.faults.add(r.line, "", "", fmt.Sprintf("has %s, the first line has %d: put a cell that holds a %q in quotation marks, and leave no cell out", counted(len(r.cells), "cell"), len(s.names), s.csv.Comma))
		return false
	}
	return true
}

func (s *sheet) nameOf(place int) string {
	if place < len(s.names) {
		return s.names[place]
	}
	return ""
}

// customers gives the rows of each customer, which stand together.
func (s *sheet) customers() iter.Seq[[]row] {
	return func(yield func([]row) bool) {
		began := map[string]int{} // line at which a customer's rows began
		var rows []row
		last := ""
		for r := range s.read() {
			account := s.cell(r, "account")
			if account == "" {
				s.faults.add(r.line, "account", "", "is empty: write the customer's number on each of its rows")
				continue
			}
			if account == last {
				rows = append(rows, r)
				continue
			}
			if len(rows) > 0 && !yield(rows) {
				return
			}
			rows, last = nil, account
			if line, twice := began[account]; twice {
				s.faults.add(r.line, "account", account, fmt.Sprintf("has rows at line %d already: sort the sheet by account, so that a customer's rows stand together", line))
			} else {
				began[account] = r.line
			}
			rows = append(rows, r)
		}
		if len(rows) > 0 {
			yield(rows)
		}
	}
}
