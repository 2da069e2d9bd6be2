package superoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// pageSize is SuperOffice's own default, and the largest page that its pages show. More than
// mostPages is no tenant, but a server that makes up rows.
const (
	pageSize  = 1000
	mostPages = 500
)

// archives is where they are, in lower case: some are written with a capital.
const archives = "/api/v1/archive/"

// A row of an archive: what each column says. Columns differ from tenant to tenant.
type row map[string]json.RawMessage

// rows reads an archive to its end, page by page. Each page asks for keys above the
// last one seen, since an archive counts from its start again for every $skip, and
// rows that come and go in between would shift.
func (c *Client) rows(ctx context.Context, t Tenant, archive, key string, columns []string, filter string) ([]row, error) {
	var all []row
	last := int64(0)
	for range mostPages {
		where := key + " gt " + strconv.FormatInt(last, 10)
		if filter != "" {
			where = filter + " and " + where
		}
		q := url.Values{
			"$select":  {strings.Join(columns, ",")},
			"$filter":  {where},
			"$orderBy": {key},
			"$top":     {strconv.Itoa(pageSize)},
			"$mode":    {"SLIM"},
		}
		if archive == employees {
			q.Set("$entities", "all")
		}
		answer, err := c.call(ctx, t, http.MethodGet, "/api/v1/"+archive+"?"+q.Encode(), nil)
		if err != nil {
			return nil, unknownColumn(err, archive, columns)
		}
		var page struct {
			Next  *string `json:"odata.nextLink"`
			Value *[]row  `json:"value"`
		}
		if err := json.Unmarshal(answer, &page); err != nil || page.Value == nil {
			return nil, garbled("%s: no list of rows", archive)
		}
		for _, r := range *page.Value {
			n, err := r.number(key)
			if err != nil {
				return nil, err
			}
			// Only this keeps a server that ignores the filter from being read for ever.
			if n <= last {
				return nil, garbled("%s: %s %d after %d", archive, key, n, last)
			}
			last = n
		}
		all = append(all, *page.Value...)
		more := page.Next != nil && *page.Next != "" && len(*page.Value) > 0
		if len(*page.Value) < pageSize && !more {
			return all, nil
		}
	}
	return nil, garbled("%s: more than %d pages", archive, mostPages)
}

// unknownColumn finds which of the columns asked for a refusal names: the longest, since the
// name of one plan may begin that of another.
func unknownColumn(err error, archive string, columns []string) error {
	fault, ok := errors.AsType[*Fault](err)
	if !ok || fault.Status != http.StatusBadRequest {
		return err
	}
	named := ""
	for _, c := range columns {
		if len(c) > len(named) && strings.Contains(fault.Text, c) {
			named = c
		}
	}
	if named == "" {
		return err
	}
	return &UnknownColumn{Archive: archive, Column: named, Fault: fault}
}

// number reads a whole number, which some answers give as a string. The key of a row
// is also its PrimaryKey, where the column itself is left out.
func (r row) number(column string) (int64, error) {
	raw, ok := r[column]
	if !ok && !strings.Contains(column, "/") {
		raw = r["PrimaryKey"]
	}
	n, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64)
	if err != nil {
		return 0, garbled("column %s is not a number", column)
	}
	return n, nil
}

// yes reads a truth, which is a boolean, or 0 and 1. An absent one is not a no.
func (r row) yes(column string) (bool, error) {
	switch string(bytes.Trim(r[column], `"`)) {
	case "true", "True", "1":
		return true, nil
	case "false", "False", "0":
		return false, nil
	}
	return false, garbled("column %s is neither yes nor no", column)
}

// text reads a string; what is no string is none.
func (r row) text(column string) string {
	raw := r[column]
	// Most are plain, and a decoder for each of a thousand names is most of the work.
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1])
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// instant reads a time of the database. It has no zone: it is asked for in UTC. The
// zero time means never; false means that nothing is known.
func (r row) instant(column string) (time.Time, bool) {
	s := r.text(column)
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", s)
	}
	if err != nil {
		return time.Time{}, false
	}
	if at.Year() < 1900 {
		return time.Time{}, true
	}
	return at.UTC(), true
}
