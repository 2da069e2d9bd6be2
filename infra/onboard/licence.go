package onboard

import (
	"fmt"
	"strings"
	"time"
)

// licence tells what the licence says, where the sheet says anything of it.
func (c *sheetCustomer) licence() {
	about := ""
	for _, col := range aboutLicence {
		if c.text(col) != "" {
			about = col
			break
		}
	}
	if about == "" {
		c.blank++
		return
	}
	for _, col := range []string{"expires", "offered"} {
		if c.figures && c.text(col) == "" {
			c.fault(c.rows[0], col, "is required where "+about+" is written: write what the Licences screen says (expires 9999-12-31: it has no end; offered yes: a new licence waits to be activated)")
		}
	}
	c.at = map[string]cellAt{}
	data := map[string]any{}
	for _, name := range []string{"account", "cust_id", "serial", "version", "licensed_version"} {
		c.put(data, "data", name, name, c.text(name))
	}
	dates := map[string]string{}
	for _, name := range []string{"maintenance_until", "next_check", "admin_warning", "expires", "grace_until"} {
		day := c.date(name)
		c.put(data, "data", name, name, day)
		if day != nil {
			dates[name] = *day
		}
	}
	c.inOrder(dates, "admin_warning", "expires")
	c.inOrder(dates, "next_check", "expires")
	c.inOrder(dates, "expires", "grace_until")
	data["markers"] = []string{}
	if c.lower("hosting") == "online" {
		data["markers"] = []string{"online"}
	}
	offered := c.offered(dates["next_check"])
	data["offered"], data["can_activate"] = offered, offered && c.yes("can_activate")
	if offered && c.text("can_activate") == "" {
		c.fault(c.rows[0], "can_activate", "is required where offered is yes: write yes or no")
	}
	if ends := c.date("new_expires"); ends != nil {
		c.put(data, "data", "new_expires", "new_expires", *ends)
	}
	plans := []any{}
	renewed := c.text("new_total") != ""
	for _, r := range c.rows {
		if c.cell(r, "plan") == "" {
			continue
		}
		for _, col := range []string{"total", "in_use"} {
			if c.cell(r, col) == "" {
				c.fault(r, col, "is required where "+about+" is written: read it off the Licences screen (0 where the licence has none), or leave all of the customer's licence columns empty")
			}
		}
		if renewed && c.cell(r, "new_total") == "" {
			c.fault(r, "new_total", "is empty here and written on another row of the customer: write 0 where the new licence has none")
		}
		path := fmt.Sprintf("data.plans[%d]", len(plans))
		for name, col := range map[string]string{"plan": "plan", "module": "module", "description": "plan_name", "total": "total", "in_use": "in_use", "new_total": "new_total"} {
			c.from(path+"."+name, r, col)
		}
		unlimited := strings.EqualFold(c.cell(r, "total"), "unlimited")
		line := map[string]any{"plan": c.cell(r, "plan"), "module": c.cell(r, "module"), "description": c.cell(r, "plan_name"),
			"total": 0, "in_use": c.count(r, "in_use"), "unrestricted": unlimited}
		if !unlimited {
			line["total"] = c.count(r, "total")
		}
		if renewed {
			line["new_total"] = c.count(r, "new_total")
		}
		if kind := strings.ToLower(c.cell(r, "kind")); kind != "" {
			c.from(path+".kind", r, "kind")
			line["kind"] = kind
		} else if c.model() == "suite" {
			line["kind"] = "suite"
		}
		plans = append(plans, line)
	}
	if len(plans) == 0 {
		c.fault(c.rows[0], "plan", "is required where "+about+" is written: a licence says what it holds of each plan")
	}
	data["plans"] = plans
	c.addBody("licence.reported", data, "as_of")
}

// offered tells whether a new licence waits. Once the installation should have asked for one,
// an empty cell could mean either.
func (c *sheetCustomer) offered(nextCheck string) bool {
	text, r := c.said("offered")
	if text != "" {
		return c.yes("offered")
	}
	if c.text("new_total") != "" || c.text("new_expires") != "" {
		c.fault(r, "offered", "is required where a new licence is written: write yes")
	} else if nextCheck != "" && nextCheck <= c.saidAt("as_of").Format(time.DateOnly) {
		c.fault(r, "offered", "is required where next_check has passed: write yes if a new licence waits to be activated, else no")
	}
	return false
}

// inOrder holds two dates of a licence to their order: where day and month were mixed up, they
// seldom keep it.
func (c *sheetCustomer) inOrder(dates map[string]string, first, second string) {
	a, b := dates[first], dates[second]
	if a == "" || b == "" || a <= b {
		return
	}
	_, r := c.said(second)
	c.fault(r, second, fmt.Sprintf("is %s, before %s (%s): write the dates as the licence has them", b, first, a))
}
