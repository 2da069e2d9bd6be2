package onboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/webhook"
)

// A placedFact is a fact and the line that it came from.
type placedFact struct {
	line int
	fact licence.Fact
	// again says that the fact's id follows from what it says: where it is stored, the same was
	// said before, whenever that was.
	again bool
	// figures says that it tells what somebody read off a screen: what it leaves open is as told before.
	figures bool
}

// A sheetCustomer is what the rows of one customer say, on the way to the bodies that a sender of
// the standard would post.
type sheetCustomer struct {
	*sheet
	rows  []row
	now   time.Time
	at    map[string]cellAt // path in the present body -> the cell that it came from
	facts []placedFact
}

// A cellAt is a cell by its row and column.
type cellAt struct {
	row    row
	column string
}

// read makes the facts of a customer. What is wrong is added to the sheet's faults.
func (c *sheetCustomer) read() {
	c.unite()
	if !c.figures {
		c.account()
		c.orders()
	}
	c.licence()
	c.doubt()
}

// said is what the sheet says of the customer, and on which row: the first that says it.
func (c *sheetCustomer) said(column string) (string, row) {
	for _, r := range c.rows {
		if v := c.cell(r, column); v != "" {
			return v, r
		}
	}
	return "", c.rows[0]
}

func (c *sheetCustomer) text(column string) string {
	v, _ := c.said(column)
	return v
}

// lower is text that is one of a few words.
func (c *sheetCustomer) lower(column string) string { return strings.ToLower(c.text(column)) }

func (c *sheetCustomer) fault(r row, column, problem string) {
	c.faults.add(r.line, column, c.cell(r, column), problem)
}

// unite looks for rows that say different things of one customer, and for values that every
// customer or plan must have.
func (c *sheetCustomer) unite() {
	for _, col := range Columns {
		if _, ok := c.place[col.Name]; !ok || col.plan {
			continue
		}
		v, first := c.said(col.Name)
		if v == "" && col.need == always {
			c.fault(c.rows[0], col.Name, "is required: "+col.says)
		}
		for _, r := range c.rows {
			if other := c.cell(r, col.Name); other != "" && other != v {
				c.fault(r, col.Name, fmt.Sprintf("is %q at line %d: write the same on all rows of the customer, or leave it empty after the first", clip(v, 40), first.line))
			}
		}
	}
	for _, column := range []string{"cust_id", "trial_cust_id"} {
		if id, r := c.said(column); digits.MatchString(id) {
			c.fault(r, column, fmt.Sprintf("is digits alone, and SuperOffice writes Cust before them: write Cust%s if that is meant", id))
		}
	}
	seen := map[string]int{}
	for _, r := range c.rows {
		plan := c.cell(r, "plan")
		if plan == "" {
			for _, col := range Columns {
				if col.plan && c.cell(r, col.Name) != "" {
					c.fault(r, "plan", "is empty, and "+col.Name+" is not: write which plan it is about")
				}
			}
			continue
		}
		if line, twice := seen[plan]; twice {
			c.fault(r, "plan", fmt.Sprintf("stands at line %d of the same customer: write one row for each plan", line))
		}
		seen[plan] = r.line
	}
}

// from notes that a place in the body came from a cell.
func (c *sheetCustomer) from(path string, r row, column string) {
	c.at[path] = cellAt{r, column}
}

// put writes a customer's value into data, under a name that may differ from the column's.
func (c *sheetCustomer) put(data map[string]any, path, name, column string, v any) {
	_, r := c.said(column)
	c.from(path+"."+name, r, column)
	data[name] = v
}

func (c *sheetCustomer) account() {
	c.at = map[string]cellAt{}
	data := map[string]any{"contacts": []any{}, "installations": []any{}, "billing": []any{}, "plans": []any{}}
	for _, name := range []string{"account", "name", "locale", "timezone"} {
		c.put(data, "data", name, name, c.text(name))
	}
	c.put(data, "data", "model", "model", c.model())
	if mail := c.lower("mail"); mail != "" {
		c.put(data, "data", "mail", "mail", mail)
	}
	if country := c.text("country"); country != "" {
		c.put(data, "data", "country", "country", strings.ToUpper(country))
	}
	add := func(list string, columns map[string]string, fixed map[string]any) {
		if !slices.ContainsFunc(sortedValues(columns), func(col string) bool { return c.text(col) != "" }) {
			return
		}
		all := data[list].([]any)
		path := fmt.Sprintf("data.%s[%d]", list, len(all))
		item := map[string]any{}
		for name, v := range fixed {
			c.put(item, path, name, name, v) // of what has no column the row is enough
		}
		for name, col := range columns {
			v := c.text(col)
			if name == "hosting" || name == "sender" {
				v = strings.ToLower(v)
			}
			c.put(item, path, name, col, v)
		}
		data[list] = append(all, item)
	}
	for _, role := range []string{"admin", "billing"} {
		// The id is the person's own: whoever comes after is another contact.
		sum := sha256.Sum256([]byte(strings.ToLower(c.text(role + "_email"))))
		add("contacts", map[string]string{"name": role + "_name", "email": role + "_email"},
			map[string]any{"role": role, "locale": c.text("locale"), "id": role + "-" + hex.EncodeToString(sum[:4])})
	}
	add("installations", map[string]string{"cust_id": "cust_id", "serial": "serial", "hosting": "hosting", "url": "url"}, map[string]any{"kind": "production"})
	add("installations", map[string]string{"cust_id": "trial_cust_id", "serial": "trial_serial", "url": "trial_url"}, map[string]any{"kind": "trial", "hosting": "online"})
	add("billing", map[string]string{"sender": "billing_sender", "id": "billing_id"}, nil)
	plans := []any{}
	for _, r := range c.rows {
		plan := c.cell(r, "plan")
		if plan == "" {
			continue
		}
		path := fmt.Sprintf("data.plans[%d]", len(plans))
		prices := []string{}
		for p := range strings.SplitSeq(c.cell(r, "price"), "|") {
			if p = strings.TrimSpace(p); p != "" {
				prices = append(prices, p)
			}
		}
		for name, col := range map[string]string{"plan": "plan", "name": "plan_name", "module": "module", "prices": "price"} {
			c.from(path+"."+name, r, col)
		}
		plans = append(plans, map[string]any{"plan": plan, "name": c.cell(r, "plan_name"), "module": c.cell(r, "module"), "prices": prices})
	}
	data["plans"] = plans
	c.addBody("account.changed", data, "")
}

func (c *sheetCustomer) model() string {
	if m := c.lower("model"); m != "" {
		return m
	}
	return "plans"
}

func sortedValues(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// orders tells what is ordered, by subscription. Without its id it could not be told from what
// the billing system will say itself, and would be counted beside it.
func (c *sheetCustomer) orders() {
	lines, names := map[string][]row{}, []string{}
	last := ""
	for _, r := range c.rows {
		if id := c.cell(r, "subscription"); id != "" {
			last = id
		}
		if c.cell(r, "ordered") == "" {
			continue
		}
		if last == "" {
			c.fault(r, "subscription", "is required where ordered is written: the order's id in the billing system, whose own news then replaces it")
			continue
		}
		if lines[last] == nil {
			names = append(names, last)
		}
		lines[last] = append(lines[last], r)
	}
	for _, id := range names {
		c.at = map[string]cellAt{}
		c.from("data.subscription", lines[id][0], "subscription")
		plans := []any{}
		for i, r := range lines[id] {
			c.from(fmt.Sprintf("data.plans[%d].seats", i), r, "ordered")
			c.from(fmt.Sprintf("data.plans[%d].plan", i), r, "plan")
			plans = append(plans, map[string]any{"plan": c.cell(r, "plan"), "seats": c.count(r, "ordered")})
		}
		data := map[string]any{"account": c.text("account"), "subscription": id, "plans": plans}
		if renews := c.date("renews_at"); renews != nil {
			c.put(data, "data", "renews_at", "renews_at", *renews)
		}
		c.addBody("subscription.changed", data, "ordered_since")
	}
}

// date reads a customer's date; nil where none is written, or none that can be read.
func (c *sheetCustomer) date(column string) *string {
	text, r := c.said(column)
	if text == "" {
		return nil
	}
	day, problem := ReadDate(text)
	if problem != "" {
		c.fault(r, column, problem)
		return nil
	}
	if _, ok := excelDay(text); ok {
		if c.serials++; c.serials == 1 {
			c.serial = fmt.Sprintf("line %d, %s: %s is %s", r.line, column, text, day)
		}
	}
	return &day
}

func (c *sheetCustomer) count(r row, column string) int {
	text := c.cell(r, column)
	if text == "" {
		return 0
	}
	n, problem := ReadCount(text)
	if problem != "" {
		c.fault(r, column, problem)
	}
	return n
}

func (c *sheetCustomer) yes(column string) bool {
	text, r := c.said(column)
	if text == "" {
		return false
	}
	yes, problem := readYes(text)
	if problem != "" {
		c.fault(r, column, problem)
	}
	return yes
}

// saidAt is when what a body says was so: on the day of that column, else now. Of two imports
// that name one day the later wins, so each is a little later on that day.
func (c *sheetCustomer) saidAt(column string) time.Time {
	day := c.date(column)
	if day == nil {
		return c.now
	}
	zone, err := licence.LoadZone(c.text("timezone"))
	if err != nil {
		zone = time.UTC // that is said of the time zone itself
	}
	start := licence.Date(*day).Start(zone)
	if start.After(c.now) {
		_, r := c.said(column)
		c.fault(r, column, "lies ahead: write the day since which it is so")
		return c.now
	}
	return start.Add(c.now.Sub(start) / 1_000_000) // not an hour in a hundred years
}

// addBody makes a body, and reads it as a webhook is read. Its id follows from what it says and
// not from when: so the same sheet says nothing new the second time.
func (c *sheetCustomer) addBody(kind string, data map[string]any, since string) {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // unreachable: plain data
	}
	at := c.now
	if since != "" {
		at = c.saidAt(since)
	}
	day := c.text(since)
	if c.figures && day == "" {
		day = c.now.UTC().Format(time.DateOnly) // the same figures, read off anew, are news
	}
	sum := sha256.Sum256([]byte(kind + "\n" + day + "\n" + string(raw)))
	body := fmt.Appendf(nil, `{"id":"onboard-%s","type":%q,"timestamp":%q,"data":%s}`, hex.EncodeToString(sum[:12]), kind, at.UTC().Format(time.RFC3339Nano), raw)
	read, err := webhook.ReadFile(body, c.now)
	var bad *webhook.Error
	switch {
	case errors.As(err, &bad) && len(bad.Fields) > 0:
		for _, f := range bad.Fields {
			from := c.origin(f.Field)
			c.fault(from.row, from.column, f.Problem)
		}
	case err != nil:
		c.fault(c.rows[0], "account", err.Error())
	}
	for _, f := range read.Facts {
		if s, ok := f.Payload.(licence.SubscriptionChanged); ok && c.text(since) == "" {
			s.Settled = true // nobody says since when: it has long been so
			f.Payload = s
		}
		c.facts = append(c.facts, placedFact{c.rows[0].line, f, true, c.figures})
	}
}

// origin is the cell that a place in a body came from.
func (c *sheetCustomer) origin(path string) cellAt {
	for {
		if at, ok := c.at[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return cellAt{c.rows[0], "account"}
		}
		path = path[:cut]
	}
}
