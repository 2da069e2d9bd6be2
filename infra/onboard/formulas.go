package onboard

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"
)

// What a formula came to is stored beside it by the program that computed it. Where none has, such as in
// a workbook that a script wrote, the cell reads as empty: that is to be said, not taken for nothing.

// uncomputed are the cells of a sheet with a formula and nothing that it came to.
func uncomputed(workbook []byte, sheet string) (map[string]bool, error) {
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
	found, cell, formula, text := map[string]bool{}, "", false, false
	tags := bufio.NewScanner(in)
	tags.Buffer(nil, 4<<20)
	tags.Split(toTagEnd)
	for tags.Scan() {
		before, tag, ok := bytes.Cut(tags.Bytes(), []byte("<"))
		if !ok {
			continue
		}
		name, rest, _ := bytes.Cut(tag, []byte(" "))
		_, name = cutPrefix(bytes.TrimSuffix(name, []byte("/")))
		switch string(name) {
		case "c":
			cell, formula, text = attribute(rest, `r="`), false, attribute(rest, `t="`) == "str"
		case "f":
			formula = true
		case "/v":
			formula = formula && len(before) == 0 && !text // a text may have come to nothing
		case "/c":
			if formula {
				found[cell] = true
			}
			formula = false
		}
	}
	return found, tags.Err()
}

// toTagEnd splits a text behind each tag.
func toTagEnd(data []byte, end bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '>'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if end {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

// cutPrefix takes off the name space that some programs write before each name.
func cutPrefix(name []byte) (space, local []byte) {
	closing := bytes.HasPrefix(name, []byte("/"))
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		if local = name[i+1:]; closing {
			local = append([]byte("/"), local...)
		}
		return name[:i], local
	}
	return nil, name
}

func attribute(tag []byte, name string) string {
	_, value, ok := strings.Cut(" "+string(tag), " "+name)
	if !ok {
		return ""
	}
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// partOf is where a workbook keeps a sheet.
func partOf(z *zip.Reader, sheet string) (string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
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
