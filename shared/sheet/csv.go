// Package sheet writes tables as the spreadsheets of the North open them, with nothing in them that one computes.
package sheet

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
)

// Formulas are the marks with which a spreadsheet begins to compute what a cell of text says.
const Formulas = "=+-@\t\r"

// harmless is a cell that no spreadsheet takes for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune(Formulas, rune(cell[0])) {
		cell = "'" + cell
	}
	return parted.ReplaceAllString(cell, "$1'$2")
}

// parted is where a program whose lists are parted otherwise begins a cell of its own.
var parted = regexp.MustCompile(`([,;\t]\s*)([-=+@])`)

// WriteCSV writes UTF-8 with its mark, and a semicolon between two cells: with a comma Excel of the North, the
// Netherlands and Germany shows each row as one cell.
func WriteCSV(out io.Writer, rows [][]string) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.Comma, w.UseCRLF = ';', true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = harmless(cell)
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
