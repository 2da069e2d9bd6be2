package crmsim

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // on a machine that has no list of zones
)

// A query is the part of SuperOffice's archive language that is understood here.
// What is not understood is refused, as the real one refuses an unknown column.
type query struct {
	columns  []string
	entities []string
	after    int      // keys above it
	owners   []string // of requests; nil: all
	statuses []string // of requests; nil: all
	top      int
	skip     int
	archive  string
	zone     *time.Location
}

// parse reads a query on an archive whose key column is given.
func parse(r *http.Request, key string) (query, bool) {
	v := r.URL.Query()
	q := query{top: 1000, columns: strings.Split(v.Get("$select"), ","), archive: r.PathValue("provider"), zone: base}
	if asked := r.Header.Get("SO-TimeZone"); asked != "" {
		zone, err := time.LoadLocation(asked)
		if err != nil {
			return q, false
		}
		q.zone = zone
	}
	if v.Get("$entities") != "" {
		q.entities = strings.Split(v.Get("$entities"), ",")
	}
	if order := v.Get("$orderBy"); order != "" && order != key && order != key+" asc" {
		return q, false
	}
	for name, into := range map[string]*int{"$top": &q.top, "$skip": &q.skip} {
		if text := v.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return q, false
			}
			*into = n
		}
	}
	if v.Get("$filter") == "" {
		return q, true
	}
	for _, part := range strings.Split(v.Get("$filter"), " and ") {
		if !q.restrict(part, key) {
			return q, false
		}
	}
	return q, true
}

var (
	ownedBy = regexp.MustCompile(`^ownedBy/associateDbId associateIsOneOf \(([0-9, ]+)\)$`)
	owned   = regexp.MustCompile(`^ticket\.owned_by eq ([0-9]+)$`)
	status  = regexp.MustCompile(`^(?:ticket\.)?status (?:oneOf \(([0-9, ]+)\)|eq ([0-9]+))$`)
	above   = regexp.MustCompile(`^([A-Za-z_.]+) gt ([0-9]+)$`)
)

func (q *query) restrict(part, key string) bool {
	if m := status.FindStringSubmatch(part); m != nil {
		q.statuses = list(m[1] + m[2])
		return true
	}
	if m := ownedBy.FindStringSubmatch(part); m != nil {
		q.owners = list(m[1])
		return true
	}
	if m := owned.FindStringSubmatch(part); m != nil {
		id, err := strconv.Atoi(m[1])
		q.owners = []string{strconv.Itoa(id - serviceID(0))}
		return err == nil
	}
	m := above.FindStringSubmatch(part)
	if m == nil || m[1] != key {
		return false
	}
	n, err := strconv.Atoi(m[2])
	q.after = n
	return err == nil
}

func list(text string) []string { return strings.Split(strings.ReplaceAll(text, " ", ""), ",") }

// A record is a row with all the columns it could have.
type record struct {
	key     int
	columns map[string]any
}

// cut gives the rows asked for, and whether there are more behind them. The form is a record that
// has every column: one that nobody knows is refused also where there are no rows.
func cut(w http.ResponseWriter, q query, form record, all []record, f Fault) (some []record, more, ok bool) {
	for _, c := range q.columns {
		if _, ok := form.columns[c]; ok {
			continue
		}
		if f == FaultColumns {
			malformed(w, "a column")
		} else {
			malformed(w, "unknown column "+c)
		}
		return nil, false, false
	}
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(a.key, b.key) })
	all = slices.DeleteFunc(all, func(one record) bool { return one.key <= q.after })
	all = all[min(q.skip, len(all)):]
	return all[:min(q.top, len(all))], len(all) > q.top, true
}

// page answers with the rows asked for, and only the columns selected.
func page(w http.ResponseWriter, r *http.Request, q query, form record, all []record, f Fault) {
	all, more, ok := cut(w, q, form, all, f)
	if !ok {
		return
	}
	answered := map[string]any{"odata.metadata": "http://" + r.Host + r.URL.Path + "/$metadata"}
	switch {
	case more:
		v := r.URL.Query()
		v.Set("$skip", strconv.Itoa(q.skip+q.top))
		answered["odata.nextLink"] = "http://" + r.Host + r.URL.Path + "?" + v.Encode()
	case len(all)%2 == 0:
		// Where there is no more, recorded answers say null, or do not say it.
		answered["odata.nextLink"] = nil
	}
	rows := []map[string]any{}
	for _, one := range all {
		// Recorded answers have the key as a string in some places and as a number in others.
		out := map[string]any{"PrimaryKey": one.key, "EntityName": "all"}
		if one.key%2 == 0 {
			out["PrimaryKey"] = strconv.Itoa(one.key)
		}
		for _, c := range q.columns {
			out[c] = one.columns[c]
		}
		rows = append(rows, out)
	}
	answered["value"] = rows
	answer(w, answered)
}

// provider is an archive: its key, a record that has all its columns, and its rows.
func (t *Tenant) provider(q query) (key string, form record, rows func(query) []record) {
	switch q.archive {
	case "InternalUsers", "AllUsers":
		return "associateDbId", t.employee(&User{}, q.archive), t.employees
	case "Ticket":
		return "ticketId", t.request(&User{}, 0, q.zone), t.requests
	}
	return "", record{}, nil
}

func archive(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.granted(ReadUsers) {
		deny(w, "Archive agent is not available to this application")
		return
	}
	key, form, rows := c.provider(query{archive: r.PathValue("provider"), zone: base})
	if form.columns == nil {
		notFound(w, "no such archive")
		return
	}
	q, ok := parse(r, key)
	if !ok {
		malformed(w, "the query is not understood")
		return
	}
	page(w, r, q, form, rows(q), c.Fault)
}

// dynamic answers from the tables of associates and of requests, by their own column names.
func dynamic(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.granted(ReadUsers) {
		deny(w, "Archive agent is not available to this application")
		return
	}
	key, form, rows := "associate.associate_id", associate(&User{}, base), c.associates
	if strings.HasPrefix(r.URL.Query().Get("$select"), "ticket.") {
		key, form, rows = "ticket.id", c.request(&User{}, 0, base), c.requests
	}
	q, ok := parse(r, key)
	if !ok {
		malformed(w, "the query is not understood")
		return
	}
	page(w, r, q, form, rows(q), c.Fault)
}
