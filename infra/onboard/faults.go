package onboard

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MostFaults is how many faults of a sheet are told one by one; the others are counted.
const MostFaults = 100

// A fault is one place in a sheet, what stands there, and what to write instead.
type fault struct {
	line    int
	cell    string // its name in a workbook; "": the line says where
	column  string
	value   string
	problem string
}

// Faults are those of a whole file, in the order of finding. Of each place the first counts.
type Faults struct {
	list  []fault
	Count int
	last  map[spot]bool                        // places of the lines that are being read
	cell  func(line int, column string) string // of a workbook: what people call the place
}

// A spot is a place in a file.
type spot struct {
	line   int
	column string
}

func (f *Faults) add(line int, column, value, problem string) {
	at := spot{line, column}
	if f.last[at] {
		return
	}
	if f.last == nil {
		f.last = map[spot]bool{}
	}
	f.last[at] = true
	if f.Count++; f.Count <= MostFaults {
		x := fault{line, "", column, value, problem}
		if f.cell != nil {
			x.cell = f.cell(line, column)
		}
		f.list = append(f.list, x)
	}
}

// from forgets the places before a line: nothing more is said of them.
func (f *Faults) from(line int) {
	for at := range f.last {
		if at.line < line {
			delete(f.last, at)
		}
	}
}

func (f *Faults) print(w io.Writer, file string) {
	for _, x := range f.list {
		fmt.Fprintf(w, "%s:%s: %s\n", file, cmp.Or(x.cell, strconv.Itoa(x.line)), x)
	}
	if more := f.Count - len(f.list); more > 0 {
		fmt.Fprintf(w, "... and %d more\n", more)
	}
	fmt.Fprintf(w, "%s: %s; nothing was written\n", file, counted(f.Count, "fault"))
}

func (f fault) String() string {
	var b strings.Builder
	b.WriteString(f.column)
	if f.value != "" {
		fmt.Fprintf(&b, " %q", clip(f.value, 60))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	return b.String() + f.problem
}

// clip bounds what is repeated of a cell.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// counted is a number and its noun.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
