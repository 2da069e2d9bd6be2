package onboard

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What excelize does not tell of a sheet is looked for in its part of the workbook. What a formula came to is
// stored beside it by the program that computed it; where none has, such as in a workbook that a script wrote,
// the cell reads as empty: that is to be said, not taken for nothing. Where a part breaks off, or its cells
// stand in another order than their names, excelize leaves out or mixes rows in silence.

// A scan goes through the rows of a part.
type scan struct {
	row, column   int
	cell          string
	formula, text bool // of the cell: it has one; and it may have come to nothing
	inValue, some bool
	uncomputed    map[string]bool // cells with a formula and nothing that it came to
}

// uncomputed are the cells of a sheet with a formula and nothing that it came to. The error says where the
// sheet is broken.
func uncomputed(file *excelize.File, workbook []byte, sheet string) (map[string]bool, error) {
	z, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return nil, err
	}
	part, err := partOf(z, sheet)
	if err != nil || part == "" {
		return nil, err
	}
	in, err := z.Open(part)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := xml.NewDecoder(io.LimitReader(in, mostUnzipped))
	d.CharsetReader = file.CharsetReader
	s := scan{uncomputed: map[string]bool{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return s.uncomputed, nil
		}
		if err == nil {
			err = s.take(token)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %q, row %d: %w", sheet, s.row, err)
		}
	}
}

func (s *scan) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return s.begin(t)
	case xml.CharData:
		s.some = s.some || s.inValue && len(t) > 0
	case xml.EndElement:
		switch t.Name.Local {
		case "v":
			s.formula, s.inValue = s.formula && !s.some && !s.text, false
		case "c":
			if s.formula {
				s.uncomputed[s.cell] = true
			}
			s.formula = false
		}
	}
	return nil
}

// begin takes the beginning of a row, of a cell, or of what is in it.
func (s *scan) begin(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		was, now := s.row, attribute(t, "r")
		s.row, s.column = was+1, 0
		if n, err := strconv.Atoi(now); err == nil {
			s.row = n
		}
		if s.row <= was {
			return fmt.Errorf("it stands behind row %d", was)
		}
	case "c":
		s.cell = attribute(t, "r")
		column, _, err := excelize.CellNameToCoordinates(s.cell)
		if s.cell == "" {
			column = s.column + 1
			s.cell, err = excelize.CoordinatesToCellName(column, s.row)
		}
		if err == nil && column <= s.column {
			err = fmt.Errorf("cell %s stands behind others of its row that come after it", s.cell)
		}
		s.column, s.formula, s.text = column, false, attribute(t, "t") == "str"
		return err
	case "f":
		s.formula = true
	case "v":
		s.inValue, s.some = true, false
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// partOf is where a workbook keeps a sheet.
func partOf(z *zip.Reader, sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		To []struct {
			ID   string `xml:"Id,attr"`
			Path string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := readPart(z, "xl/workbook.xml", &book); err != nil {
		return "", err
	}
	if err := readPart(z, "xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	for _, s := range book.Sheets {
		for _, l := range links.To {
			if s.Name == sheet && s.ID == l.ID {
				if strings.HasPrefix(l.Path, "/") {
					return l.Path[1:], nil
				}
				return path.Join("xl", l.Path), nil
			}
		}
	}
	return "", nil
}

func readPart(z *zip.Reader, name string, into any) error {
	in, err := z.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	return xml.NewDecoder(io.LimitReader(in, mostInMemory)).Decode(into)
}
