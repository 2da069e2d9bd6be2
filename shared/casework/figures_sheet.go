package casework

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// FiguresColumns are those of the sheet in which somebody writes what Licences screens say, which the
// importer reads: who it is about, what was known, and what is to be filled in. A name that begins with
// # is there to be read alone.
var FiguresColumns = []string{
	"account", "#name", "cust_id", "plan", "plan_name", "module", "kind", "#licence_until_then", "#total_then", "#in_use_then", "#told_on",
	"as_of", "expires", "offered", "can_activate", "new_expires", "total", "in_use", "new_total",
	"grace_until", "admin_warning", "next_check", "maintenance_until", "version", "licensed_version", "serial", "hosting", "timezone",
}

// FiguresRows are an account's rows of that sheet: one for each plan of each installation whose figures
// are needed. What is to be filled in is empty.
func FiguresRows(s licence.State, now time.Time) (rows [][]string) {
	r := diagnosis.NewReading(s, now, now)
	for _, site := range r.Figures().Sites {
		lines := site.L.Plans
		if len(lines) == 0 {
			for _, p := range r.A.Plans {
				lines = append(lines, licence.LicenceLine{Plan: p.Plan, Module: p.Module, Description: p.Name})
			}
		}
		for _, l := range lines {
			total := strconv.Itoa(l.Total)
			if l.Unrestricted {
				total = "unlimited"
			}
			known := map[string]string{
				"account": s.Account, "#name": r.A.Name, "cust_id": site.Installation.CustID, "plan": l.Plan, "plan_name": l.Description, "module": l.Module, "kind": l.Kind,
				"#licence_until_then": string(site.L.Expires.Day(r.Cal.Zone)), "#total_then": total, "#in_use_then": strconv.Itoa(l.InUse), "#told_on": string(licence.DateOf(site.ReadAt, r.Cal.Zone)),
				"serial": cmp.Or(site.L.Serial, site.Installation.Serial), "hosting": site.Hosting, "timezone": r.A.Timezone,
			}
			row := slices.Clone(FiguresColumns)
			for i, name := range row {
				row[i] = known[name]
			}
			rows = append(rows, row)
		}
	}
	return rows
}
