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

	sheets "seatmend/shared/sheet"
)

// A sheet is read row by row: of a hundred thousand rows only those of one customer are in memory.
type sheet struct {
	rowsOf  source
	place   map[string]int // of each column
	names   []string       // of each place; "" where there is a remark
	faults  *Faults
	rows    int
	figures bool   // it tells what licences say, of customers who are known
	blank   int    // of its installations, those without figures
	foreign bool   // it was said that the file is not UTF-8
	serials int    // dates that were Excel's numbers, and
	serial  string // the first of them
	doubts  doubts
}

// A source gives the rows below the names of the columns.
type source interface {
	// read gives the next row, and the line that it begins at; io.EOF: there is none. Of a
	// csv.ParseError line is what its own lines are counted from.
	read() (line int, cells []string, err error)
	// uneven says what is wrong with a row that has not as many cells as there are columns.
	uneven(cells []string, columns int) string
}

// texts are the rows of a CSV file.
type texts struct {
	csv     *csv.Reader
	skipped int // lines before those that csv counts
}

func (t *texts) read() (int, []string, error) {
	cells, err := t.csv.Read()
	if err != nil {
		return t.skipped, cells, err
	}
	line, _ := t.csv.FieldPos(0)
	return line + t.skipped, cells, nil
}

func (t *texts) uneven(cells []string, columns int) string {
	return fmt.Sprintf("has %s, the first line has %d: put a cell that holds a %q in quotation marks, and leave no cell out", counted(len(cells), "cell"), columns, t.csv.Comma)
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

// openSheet goes to the line that names the columns, which may stand below a title. Without it no row
// can be judged: nil.
func openSheet(r *bufio.Reader, f *Faults) *sheet {
	s := &sheet{faults: f, place: map[string]int{}}
	text, comma := &texts{}, rune(0)
	if rest, ok := strings.CutPrefix(strings.ToLower(peekLine(r)), "sep="); ok && strings.TrimSpace(rest) != "" {
		comma, _ = utf8.DecodeRuneInString(rest) // so Excel is told
		r.Discard(len(peekLine(r)))
		text.skipped = 1
	}
	if strings.Contains(strings.TrimRight(peekLine(r), "\r\n"), "\r") {
		f.add(1, "", "", "the lines end as on an old Mac: save it anew"+save)
		return nil
	}
	head, _ := r.Peek(64 << 10)
	at := headerOf(head)
	for range at {
		r.Discard(len(peekLine(r)))
		text.skipped++
	}
	if comma == 0 {
		comma, _ = separatorOf(peekLine(r))
	}
	text.csv = csv.NewReader(r)
	text.csv.Comma, text.csv.FieldsPerRecord, text.csv.ReuseRecord = comma, -1, true
	first := peekLine(r)
	names, err := text.csv.Read()
	if err != nil {
		f.add(1+text.skipped, "", clip(first, 60), "the first line cannot be read: "+err.Error())
		return nil
	}
	line, _ := text.csv.FieldPos(0)
	s.rowsOf = text
	return s.name(line+text.skipped, names)
}

// mostTitles is how many rows may stand above the names of the columns, and fewNames how many of a
// row are needed to take it for them.
const (
	mostTitles = 30
	fewNames   = 3
)

// headerOf is how many lines of a text stand above the names of the columns; 0 also where no line
// names them.
func headerOf(head []byte) int {
	for i, line := range bytes.SplitN(head, []byte("\n"), mostTitles+1) {
		if _, n := separatorOf(string(line)); n >= fewNames && i < mostTitles {
			return i
		}
	}
	return 0
}

// known is how many cells name a column, or say it in another language.
func known(cells []string) (n int) {
	for _, c := range cells {
		name := columnName(c)
		if _, ok := columnNamed(name); ok || meant(name) != "" {
			n++
		}
	}
	return n
}

// peekLine is the first line, with its end.
func peekLine(r *bufio.Reader) string {
	head, _ := r.Peek(64 << 10)
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	return string(head)
}

// separatorOf is the mark by which most columns are found in a line, and how many.
func separatorOf(line string) (rune, int) {
	best, most := ',', 0
	for _, mark := range ",;\t|" {
		cells := strings.Split(line, string(mark))
		for i := range cells {
			cells[i] = strings.Trim(cells[i], "\" \r\n")
		}
		if n := known(cells); n > most {
			best, most = mark, n
		}
	}
	return best, most
}

// columnName is a name as the sheet's own spelling has it.
func columnName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "_")
}

// name takes the names of the columns, which stand in that row.
func (s *sheet) name(line int, names []string) *sheet {
	s.names = make([]string, len(names))
	var unknown []string
	if known(names) == 0 {
		s.faults.add(line, "", "", "the first line names no column of the sheet: begin it with account,name,locale (-h lists all)")
		return nil
	}
	for i, told := range names {
		name := columnName(told)
		if name == "" || strings.HasPrefix(name, "#") {
			continue // a remark of the sheet's own people
		}
		if _, ok := columnNamed(name); !ok {
			unknown = append(unknown, name)
			continue
		}
		if _, twice := s.place[name]; twice {
			s.faults.add(line, name, "", "stands twice in the first line: delete one of them")
			continue
		}
		s.place[name], s.names[i] = i, name
	}
	lacking := s.lacking()
	for _, name := range unknown {
		problem := "is none of the columns (-h lists them): delete it, or begin its name with # to keep it as a remark"
		if near := nearest(name); near != "" {
			problem = "is none of the columns: write " + near + ", or begin its name with # to keep it as a remark"
		} else if len(lacking) > 0 {
			problem = "is none of the columns (-h lists them): if it is one of those that are missing, write that name; else delete it, or begin its name with # to keep it as a remark"
		}
		s.faults.add(line, clip(name, 60), "", problem)
	}
	return s.complete(line, lacking)
}

// lacking are the columns that must be there and are not.
func (s *sheet) lacking() (out []column) {
	s.figures = s.has("cust_id") && s.has("in_use") && !slices.ContainsFunc(ofPeople, s.has)
	for _, c := range Columns {
		if !s.has(c.Name) && (s.figures && slices.Contains(ofFigures, c.Name) || !s.figures && c.need != free) {
			out = append(out, c)
		}
	}
	return out
}

func (s *sheet) has(column string) bool { _, ok := s.place[column]; return ok }

// complete says which columns must go, and which be added. nil: without these no row can be judged.
func (s *sheet) complete(line int, lacking []column) *sheet {
	for _, c := range Columns {
		if s.figures && s.has(c.Name) && !mayBe(c.Name) {
			s.faults.add(line, c.Name, "", "is not of a sheet of figures, which names nobody: delete the column, or add "+strings.Join(ofPeople, ", "))
		}
	}
	for _, c := range lacking {
		problem := "is missing in the first line: add the column"
		if c.need == header {
			problem += "; its cells may be empty"
		}
		s.faults.add(line, c.Name, "", problem)
	}
	if len(lacking) > 0 {
		return nil
	}
	return s
}

// read gives row after row. What cannot be read as a row is a fault, and the next one follows.
func (s *sheet) read() iter.Seq[row] {
	return func(yield func(row) bool) {
		for {
			line, cells, err := s.rowsOf.read()
			if err == io.EOF {
				return
			}
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				s.broken(line, bad)
				continue
			}
			if err != nil {
				s.faults.add(line, "", "", "cannot be read: "+err.Error())
				return
			}
			r := row{line, slices.Clone(cells)}
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

// broken says of a text what is wrong with its quotation marks: line is where what it says begins to
// count.
func (s *sheet) broken(skipped int, bad *csv.ParseError) {
	if errors.Is(bad.Err, csv.ErrBareQuote) {
		s.faults.add(bad.Line+skipped, "", "", `a quotation mark stands inside of a cell: put the whole cell in quotation marks and write "" for the one inside`)
		return
	}
	s.faults.add(bad.StartLine+skipped, "", "", fmt.Sprintf(`a quotation mark that opens here is not closed as it should be (line %d): write "" for a mark inside of a cell`, bad.Line+skipped))
}

// clean trims the cells and looks for what spreadsheets do to them. False: it is no row.
func (s *sheet) clean(r *row) bool {
	empty := true
	for i, c := range r.cells {
		if !utf8.ValidString(c) {
			text, problem := decoded(c)
			if c = text; !s.foreign {
				s.foreign = true
				s.faults.add(r.line, s.nameOf(i), c, problem)
			}
		}
		c = strings.TrimSpace(c)
		if len(c) > 1 && c[0] == '\'' && strings.ContainsRune(sheets.Formulas, rune(c[1])) {
			c = c[1:] // so an export keeps it from being computed
		}
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
		s.faults.add(r.line, "", "", s.rowsOf.uneven(r.cells, len(s.names)))
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
			of := account
			if s.figures {
				of += "\n" + strings.ToLower(s.cell(r, "cust_id")) // each installation for itself
			}
			if of == last {
				rows = append(rows, r)
				continue
			}
			if len(rows) > 0 && !yield(rows) {
				return
			}
			rows, last = nil, of
			if line, twice := began[of]; twice {
				s.faults.add(r.line, "account", account, fmt.Sprintf("has rows at line %d already: sort the sheet by account, so that a customer's rows stand together", line))
			} else {
				began[of] = r.line
			}
			rows = append(rows, r)
		}
		if len(rows) > 0 {
			yield(rows)
		}
	}
}
