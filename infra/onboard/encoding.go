package onboard

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// How a file is saved so that its letters are kept, by the program. The workbook itself is best.
const save = `: in Excel, Save As, "CSV UTF-8 (comma delimited)"; in LibreOffice, Text CSV with the character set Unicode (UTF-8); or give the workbook itself (.xlsx)`

// kindOf tells by its first bytes what a file is: a sheet, a workbook, lines of JSON, or something that
// cannot be read, and then what to do. A file in UTF-16 that says so is read as it is.
func kindOf(r *bufio.Reader) (in *bufio.Reader, kind, problem string) {
	if mark, _ := r.Peek(2); string(mark) == "\xff\xfe" || string(mark) == "\xfe\xff" {
		r = bufio.NewReaderSize(transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), 128<<10)
	}
	if mark, _ := r.Peek(3); string(mark) == "\xef\xbb\xbf" {
		r.Discard(3)
	}
	head, _ := r.Peek(4096)
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return r, "", "the file is empty"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head[:min(len(head), 200)], []byte("opendocument")):
		return r, "", "the file is a workbook of LibreOffice (.ods): save it as Excel 2007-365 (.xlsx)"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return r, "book", ""
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return r, "", "the file is a workbook of before 2007 (.xls), or one with a password: save it as .xlsx, without a password"
	case bytes.IndexByte(head, 0) >= 0:
		return r, "", "the file is UTF-16 and does not say so; save it as UTF-8" + save
	case head[0] == '<', head[0] == '%':
		return r, "", "the file is no text of a sheet" + save
	}
	if first := bytes.TrimSpace(head)[0]; first == '{' || first == '[' {
		return r, "json", ""
	}
	return r, "sheet", ""
}

// decoded reads a cell that is not UTF-8 as what it most probably is: Windows-1252, or Mac Roman where
// by it the cell has letters of the North's, and by Windows-1252 only such as no name has.
func decoded(cell string) (text, problem string) {
	windows, _ := charmap.Windows1252.NewDecoder().String(cell)
	mac, _ := charmap.Macintosh.NewDecoder().String(cell)
	const letters = "åäöÅÄÖæøÆØéüÜß"
	if strings.ContainsAny(mac, letters) && !strings.ContainsAny(windows, letters) {
		return mac, "the file is in the Mac's old code page, as \"CSV (Macintosh)\" is: save it as UTF-8" + save
	}
	return windows, "the file is in Windows-1252, as Excel's plain \"CSV\" and LibreOffice's Western Europe are: save it as UTF-8" + save
}

// twiceSaved finds UTF-8 that was read as Windows-1252 and saved as UTF-8 again, such as "MÃ¶bler".
func twiceSaved(s string) (string, bool) {
	if !strings.ContainsAny(s, "ÃÂâ") {
		return "", false
	}
	meant, err := charmap.Windows1252.NewEncoder().String(s)
	return meant, err == nil && utf8.ValidString(meant) && meant != s
}

// Damaged tells what a spreadsheet or a wrong encoding has made of a cell; "": nothing.
func Damaged(s string) string {
	switch {
	case s == "":
		return ""
	case strings.ContainsRune(s, utf8.RuneError):
		return "a letter was lost when the file was saved: write it again, and save as CSV UTF-8"
	case s[0] == '#' && formula.MatchString(s):
		return "is an error of a formula: mend it in the spreadsheet, or leave the cell empty"
	case strings.Contains(s, "+") && shortened.MatchString(s):
		return "Excel has shortened the number: format the column as text, write the number again, and export"
	}
	if meant, ok := twiceSaved(s); ok {
		return fmt.Sprintf("was saved in two encodings: write %q, or export the original once more as CSV UTF-8", meant)
	}
	return ""
}
