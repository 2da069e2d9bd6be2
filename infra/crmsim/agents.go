package crmsim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listAgent gives the lists that people choose from: of plans, and of those who work there.
func listAgent(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct{ Name string }
	switch {
	case !c.granted(ReadUsers) && !c.granted(ListPeople):
		deny(w, "List agent is not available to this application")
	case r.PathValue("method") != "GetList":
		notFound(w, "MDO agent has no such method")
	case !read(w, r, &in):
	case strings.EqualFold(in.Name, "userplan"):
		answer(w, c.planList(r))
	case strings.EqualFold(in.Name, "associate"):
		answer(w, c.peopleList())
	default:
		notFound(w, "There is no list "+in.Name)
	}
}

// peopleList lists who works there. Who has left is not in the list.
func (t *Tenant) peopleList() []map[string]any {
	items := []map[string]any{}
	for _, u := range t.Users {
		if !u.Retired {
			items = append(items, listItem(u.ID, u.Name, u.Email, len(items)+1))
		}
	}
	return items
}

func listItem(id int, name, extra string, rank int) map[string]any {
	return map[string]any{
		"Id": id, "Name": name, "ToolTip": "", "Deleted": false, "Rank": rank, "Type": nil, "ChildItems": []any{},
		"IconHint": "", "ColorBlock": 0, "ExtraInfo": extra, "StyleHint": "", "FullName": name,
	}
}

// archiveAgent answers as the archives do that are asked by an address, in the agent's own form.
func archiveAgent(w http.ResponseWriter, r *http.Request, c *call) {
	var in struct {
		ProviderName      string
		Columns, Entities []string
		Restriction       []struct {
			Name, Operator string
			Values         []string
		}
		Page, PageSize int
	}
	if !c.granted(ReadUsers) {
		deny(w, "Archive agent is not available to this application")
		return
	}
	if !read(w, r, &in) {
		return
	}
	q := query{archive: in.ProviderName, columns: in.Columns, entities: in.Entities, top: 1000, zone: base}
	key, form, rows := c.provider(q)
	if form.columns == nil {
		notFound(w, "no such archive")
		return
	}
	if r.PathValue("method") == "GetAvailableColumns" {
		answer(w, availableColumns(form))
		return
	}
	if r.PathValue("method") != "GetArchiveListByColumns" {
		notFound(w, "Archive agent has no such method")
		return
	}
	for _, one := range in.Restriction {
		ok := true
		switch values := strings.Join(one.Values, ","); one.Operator {
		case "associateIsOneOf", "oneOf":
			ok = q.restrict(one.Name+" "+one.Operator+" ("+values+")", key)
		case ">":
			ok = q.restrict(one.Name+" gt "+values, key)
		default:
			ok = false
		}
		if !ok {
			malformed(w, "the query is not understood")
			return
		}
	}
	if in.PageSize > 0 {
		q.top, q.skip = in.PageSize, in.Page*in.PageSize
	}
	found, _, ok := cut(w, q, form, rows(q), c.Fault)
	if !ok {
		return
	}
	items := []map[string]any{}
	for _, one := range found {
		data := map[string]any{}
		for _, name := range q.columns {
			data[name] = map[string]string{"DisplayValue": encoded(one.columns[name]), "TooltipHint": "", "LinkHint": ""}
		}
		items = append(items, map[string]any{"EntityName": "all", "PrimaryKey": one.key, "ColumnData": data, "LinkHint": "", "StyleHint": ""})
	}
	answer(w, items)
}

func availableColumns(form record) []map[string]any {
	columns := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form.columns)) {
		columns = append(columns, map[string]any{"Name": name, "DisplayName": name, "CanOrderBy": true, "CanRestrictBy": true, "IsVisible": true})
	}
	return columns
}

// encoded is how an agent writes a value that is no text: free of any culture, in brackets.
func encoded(value any) string {
	switch v := value.(type) {
	case int:
		return "[I:" + strconv.Itoa(v) + "]"
	case bool:
		return "[I:" + strconv.Itoa(oneIf(v)) + "]"
	case string:
		if at, err := time.Parse("2006-01-02T15:04:05", v); err == nil {
			return "[DT:" + at.Format("01/02/2006 15:04:05.00000") + "]"
		}
		return v
	}
	return ""
}

// firstSystemInfo is the version from which the simulator tells what the system says of itself: of the
// two official clients, that of 12.4 asks for it and that of 10.2 does not know it.
const firstSystemInfo = 12

// warning is what people are shown who log in, in the phase in which the licence is.
func (t *Tenant) warning(today string) string {
	switch {
	case t.GraceUntil != "" && today >= t.GraceUntil:
		return "SR_LICENSE_EXPIRED_EXPIRED"
	case t.Expires != "" && today >= t.Expires:
		return "SR_LICENSE_EXPIRED_GRACE"
	case t.AdminWarning != "" && today >= t.AdminWarning:
		return "SR_LICENSE_EXPIRED_ADMINWARNING"
	}
	return ""
}

// systemInfo is what the system says of itself, with the warning that whoever logs in is shown.
func (s *Sim) systemInfo(w http.ResponseWriter, r *http.Request, c *call) {
	switch {
	case !c.granted(ReadLicence):
		deny(w, "Diagnostics agent is not available to this application")
		return
	case older(c.Version, firstSystemInfo):
		notFound(w, "Diagnostics agent has no such method")
		return
	}
	today := s.now().UTC().Format(time.DateOnly)
	english, resource := "", ""
	if name := c.warning(today); name != "" {
		english, resource = translated(name, "en"), "["+name+"]"
		if r.Header.Get("SO-Language") != "" {
			resource = translated(name, r.Header.Get("SO-Language"))
		}
	}
	next := c.NextCheck
	if next != "" && next < today {
		next = today // it counts up each day on which a check brings nothing new
	}
	answer(w, map[string]any{
		"License": c.licence(fromDatabase).Current, "WarningEnglish": english, "WarningResource": resource,
		"AccumulatedNextCheckDate": wireDate(next), "DaysUntilNetServerExpiry": 0, "BuildLabel": release(&c.Tenant),
		"AssemblyVersion": c.Version, "FileVersion": c.Version, "CompanyName": c.Company, "IsUnicode": true,
	})
}

// fencing is the limit of the Suite; 0 is none.
func (t *Tenant) fencing() map[string]any {
	active, most := 0, 0
	for i := range t.Modules {
		if m := &t.Modules[i]; m.Kind == Suite {
			active, most = active+t.inUse(m), most+m.Total
		}
	}
	return map[string]any{
		"ActiveCount": active, "Maximum": most, "IsNearingMaximum": most > 0 && active*10 >= most*9, "HasReachedMaximum": most > 0 && active >= most,
		"WarningMessage": "", "WarningTooltip": "",
	}
}
