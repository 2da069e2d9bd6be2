package onboard

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/webhook"
)

// ReadOnboard checks a whole file, and puts what it tells on a pile. Of a workbook it reads the sheet
// of that name; "": the only one that has the columns. Notes are what its people should know of how it
// was read.
func ReadOnboard(in io.Reader, sheet string, now time.Time, p *Staging, f *Faults) (notes []string, err error) {
	r, kind, problem := kindOf(bufio.NewReaderSize(in, 128<<10))
	switch {
	case problem != "":
		f.add(1, "", "", problem)
	case kind == "book":
		s, shut, err := openBook(r, sheet, f)
		defer shut()
		if err != nil || s == nil {
			return nil, err
		}
		return readSheet(s, now, p, f)
	case sheet != "":
		f.add(1, "", "", "is no workbook (.xlsx): leave -sheet out")
	case kind == "json":
		return nil, readLines(r, now, p, f)
	default:
		if s := openSheet(r, f); s != nil {
			return readSheet(s, now, p, f)
		}
	}
	return nil, nil
}

func readSheet(s *sheet, now time.Time, p *Staging, f *Faults) ([]string, error) {
	for rows := range s.customers() {
		f.from(rows[0].line)
		c := sheetCustomer{sheet: s, rows: rows, now: now}
		c.read()
		for _, fact := range c.facts {
			if err := p.add(fact, f, true); err != nil {
				return nil, err
			}
		}
	}
	if s.rows == 0 && f.Count == 0 {
		f.add(2, "", "", "there is no row below the names of the columns")
	}
	var notes []string
	if s.serials > 0 {
		notes = append(notes, fmt.Sprintf("%s written as Excel's number of a day, the first at %s", counted(s.serials, "date"), s.serial))
	}
	if s.figures && s.blank > 0 {
		notes = append(notes, have(s.blank, "installation")+" no figures in the sheet yet, and nothing changes there")
	}
	return append(notes, s.doubts.said()...), nil
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

// readLines reads bodies of the standard sender.
func readLines(r io.Reader, now time.Time, p *Staging, f *Faults) error {
	for raw, err := range webhook.Bodies(r) {
		if err != nil {
			line := 1
			if m := lineNumber.FindStringSubmatch(err.Error()); m != nil {
				line, _ = strconv.Atoi(m[1])
			}
			f.add(line, "", "", err.Error())
			return nil
		}
		f.from(raw.Line)
		body, err := webhook.ReadFile(raw.Body, now)
		var bad *webhook.Error
		switch {
		case errors.As(err, &bad) && len(bad.Fields) > 0:
			for _, x := range bad.Fields {
				f.add(raw.Line, x.Field, valueAt(raw.Body, x.Field), x.Problem)
			}
			continue
		case err != nil:
			f.add(raw.Line, "", "", err.Error())
			continue
		case body.Ignored != "":
			f.add(raw.Line, "type", valueAt(raw.Body, "type"), "is no type of the standard sender: write account.changed, subscription.changed, licence.reported and so on")
			continue
		}
		for _, fact := range body.Facts {
			if err := p.add(placedFact{raw.Line, fact, false, false}, f, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// valueAt is what stands at a place of a body, such as data.plans[0].seats; "": nothing.
func valueAt(body []byte, path string) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return ""
	}
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return ""
			}
			v = in[i]
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
