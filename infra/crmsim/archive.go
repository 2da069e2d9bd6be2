package crmsim

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A query is the part of SuperOffice's archive language that is understood here.
// What is not understood is refused, as the real one refuses an unknown column.
type query struct {
	columns  []string
	entities []string
	after    int      // keys above it
	owners   []string // of tickets; nil: all
	top      int
	skip     int
}

// parse reads a query on an archive whose key column is given.
func parse(v url.Values, key string) (query, bool) {
	q := query{top: 1000, columns: strings.Split(v.Get("$select"), ",")}
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
	above   = regexp.MustCompile(`^([A-Za-z_.]+) gt ([0-9]+)$`)
)

func (q *query) restrict(part, key string) bool {
	if part == "status oneOf (1,3)" {
		return true // all requests here are open
	}
	if m := ownedBy.FindStringSubmatch(part); m != nil {
		q.owners = strings.Split(strings.ReplaceAll(m[1], " ", ""), ",")
		return true
	}
	m := above.FindStringSubmatch(part)
	if m == nil || m[1] != key {
		return false
	}
	n, err := strconv.Atoi(m[2])
	q.after = n
	return err == nil
}

// A record is a row with all the columns it could have.
type record struct {
	key     int
	columns map[string]any
}

// page answers with the rows asked for, and only the columns selected.
func page(w http.ResponseWriter, r *http.Request, q query, all []record) {
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(a.key, b.key) })
	all = slices.DeleteFunc(all, func(one record) bool { return one.key <= q.after })
	all = all[min(q.skip, len(all)):]
	var next any // null, not absent, where there is no more
	if len(all) > q.top {
		all = all[:q.top]
		v := r.URL.Query()
		v.Set("$skip", strconv.Itoa(q.skip+q.top))
		next = "http://" + r.Host + r.URL.Path + "?" + v.Encode()
	}
	rows := []map[string]any{}
	for _, one := range all {
		// Recorded answers have the key as a string in some places and as a number in others.
		out := map[string]any{"PrimaryKey": one.key, "EntityName": "all"}
		if one.key%2 == 0 {
			out["PrimaryKey"] = strconv.Itoa(one.key)
		}
		for _, c := range q.columns {
			v, ok := one.columns[c]
			if !ok {
				malformed(w, "unknown column "+c)
				return
			}
			out[c] = v
		}
		rows = append(rows, out)
	}
	answer(w, map[string]any{"odata.metadata": "http://" + r.Host + r.URL.Path + "/$metadata", "odata.nextLink": next, "value": rows})
}

func (s *Sim) archive(w http.ResponseWriter, r *http.Request, t Tenant) {
	if !t.granted(ReadUsers) {
		deny(w, "Archive agent is not available to this application")
		return
	}
	key, rows := "associateDbId", t.employees
	switch r.PathValue("provider") {
	case "InternalUsers", "AllUsers":
	case "Ticket":
		key, rows = "ticketId", t.tickets
	default:
		notFound(w, "no such archive")
		return
	}
	q, ok := parse(r.URL.Query(), key)
	if !ok {
		malformed(w, "the query is not understood")
		return
	}
	page(w, r, q, rows(q))
}

func (t *Tenant) employees(q query) []record {
	var all []record
	for i := range t.Users {
		u := &t.Users[i]
		if u.Retired && !slices.Contains(q.entities, "retired") {
			continue
		}
		role := "User level 0"
		if u.Admin {
			role = "Administrator"
		}
		one := record{u.ID, map[string]any{
			"associateDbId": u.ID, "ejUserId": u.ID + 1000, "fullName": u.Name, "userName": u.Email, "personEmail": u.Email,
			"role": role, "usergroup": u.Group, "canLogin": u.CanLogin, "isActive": u.CanLogin, "retired": u.Retired,
		}}
		wanted := len(q.entities) == 0 || slices.Contains(q.entities, "all") || u.Retired
		for j := range t.Modules {
			held, column := 0, "superoffice_"+t.Modules[j].Name
			if t.holds(u, &t.Modules[j]) {
				held, wanted = 1, wanted || slices.Contains(q.entities, column)
			}
			one.columns[column] = held
		}
		if wanted {
			all = append(all, one)
		}
	}
	return all
}

// tickets makes up the requests that users are said to have.
func (t *Tenant) tickets(q query) []record {
	var all []record
	for _, u := range t.Users {
		if q.owners != nil && !slices.Contains(q.owners, strconv.Itoa(u.ID)) {
			continue
		}
		for i := range u.OpenRequests {
			id := ticketID(u.ID, i)
			all = append(all, record{id, map[string]any{
				"ticketId": id, "title": "Request " + strconv.Itoa(id), "status": 1,
				"ownedBy/associateDbId": u.ID, "ownedBy/ejUserId": u.ID + 1000,
			}})
		}
	}
	return all
}

func ticketID(user, i int) int { return user*10000 + i + 1 }

// dynamic answers from the table of associates, by its own column names.
func (s *Sim) dynamic(w http.ResponseWriter, r *http.Request, t Tenant) {
	if !t.granted(ReadUsers) {
		deny(w, "Archive agent is not available to this application")
		return
	}
	q, ok := parse(r.URL.Query(), "associate.associate_id")
	if !ok {
		malformed(w, "the query is not understood")
		return
	}
	var all []record
	for _, u := range t.Users {
		all = append(all, record{u.ID, map[string]any{
			"associate.associate_id": u.ID, "associate.name": u.Email, "associate.lastlogin": wireTime(u.LastLogin),
			"associate.registered": wireTime(u.Created), "associate.deleted": oneIf(u.Retired), "associate.waiting_for_approval": oneIf(u.Waiting),
		}})
	}
	page(w, r, q, all)
}

// wireTime is how SuperOffice writes an instant: without a zone, and year 1 for never.
func wireTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05") }

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
