package desk

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"seatmend/shared/licence"
	"seatmend/shared/sheet"
)

// asTable tells whether a list is asked for as a table, by its address.
func (v *deskVisit) asTable() bool {
	format := v.r.URL.Query().Get("format")
	return format == "csv" || format == "xlsx"
}

// exports are the addresses of a list as tables: the list's own, with the format.
func exports(address string) (list []exported) {
	path, query, _ := strings.Cut(address, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	for _, format := range []string{"csv", "xlsx"} {
		q.Set("format", format)
		list = append(list, exported{path + "?" + q.Encode(), strings.ToUpper(format)})
	}
	return list
}

// An exported list has an address and the name of its format.
type exported struct{ Href, Format string }

// table answers with a table that spreadsheets open, as CSV or as a workbook of one sheet, without a
// formula. Names of columns are those of the page.
func (v *deskVisit) table(name string, head []string, rows [][]string) error {
	all := append([][]string{head}, rows...)
	kind, ending, write := "text/csv; charset=utf-8", "csv", sheet.WriteCSV
	if v.r.URL.Query().Get("format") == "xlsx" || strings.HasSuffix(v.r.URL.Path, ".xlsx") {
		kind, ending, write = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", writeXLSX
	}
	var b bytes.Buffer
	if err := write(&b, all); err != nil {
		return err
	}
	v.header(kind)
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=\"seatmend-%s-%s.%s\"", name, licence.DateOf(v.Now(), v.zone()), ending))
	v.w.WriteHeader(http.StatusOK)
	_, err := v.w.Write(b.Bytes())
	return err
}

// aNumber is what a cell of a workbook has as a number; all else is text, which no program computes.
var aNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// parts are a workbook of one sheet, but for the sheet itself.
var parts = [][2]string{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Seatmend" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
}

// writeXLSX writes a workbook. Its cells are numbers and text, and none is a formula.
func writeXLSX(out io.Writer, rows [][]string) error {
	var page bytes.Buffer
	page.WriteString(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for _, row := range rows {
		page.WriteString("<row>")
		for _, cell := range row {
			if aNumber.MatchString(cell) {
				page.WriteString("<c><v>" + cell + "</v></c>")
				continue
			}
			page.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
			if err := xml.EscapeText(&page, []byte(cell)); err != nil {
				return err
			}
			page.WriteString("</t></is></c>")
		}
		page.WriteString("</row>")
	}
	page.WriteString("</sheetData></worksheet>")
	z := zip.NewWriter(out)
	for _, part := range append(parts[:len(parts):len(parts)], [2]string{"xl/worksheets/sheet1.xml", page.String()}) {
		w, err := z.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := w.Write([]byte(xml.Header + part[1])); err != nil {
			return err
		}
	}
	return z.Close()
}
