package onboard

import (
	"fmt"
	"slices"

	"seatmend/shared/licence"
)

// Doubts are what is odd in a sheet and may be so: two columns that were mixed up pass every check of a
// cell. They are said, and hold up nothing.
type doubts struct {
	over, under int // rows whose in_use is larger than total, and smaller
	serials     int
	lettered    odd            // serial numbers that are not of digits alone
	names       map[string]int // customers of each name
	customers   int
	again       odd // those whose name another one has
}

// An odd is how often something was seen, and where first.
type odd struct {
	n     int
	first string
}

func (o *odd) add(place string) {
	if o.n++; o.n == 1 {
		o.first = place
	}
}

// doubt looks at the rows of one customer.
func (c *sheetCustomer) doubt() {
	d := &c.doubts
	for _, r := range c.rows {
		total, bad := ReadCount(c.cell(r, "total"))
		used, worse := ReadCount(c.cell(r, "in_use"))
		switch {
		case bad != "" || worse != "":
		case used > total:
			d.over++
		case used < total:
			d.under++
		}
	}
	if serial, r := c.said("serial"); serial != "" {
		if d.serials++; !digits.MatchString(serial) {
			d.lettered.add(fmt.Sprintf("%s at line %d", clip(serial, 40), r.line))
		}
	}
	if name := c.text("name"); name != "" && !c.figures {
		if d.names == nil {
			d.names = map[string]int{}
		}
		d.customers++
		if d.names[name]++; d.names[name] > 1 {
			d.again.add(clip(name, 40))
		}
	}
}

// said are the doubts as notes.
func (d *doubts) said() (notes []string) {
	if d.over > 1 && d.over > d.under {
		notes = append(notes, fmt.Sprintf("in_use is larger than total on %s and smaller on %d: if the two columns were mixed up, change their names in the first line", counted(d.over, "row"), d.under))
	}
	if d.lettered.n > 0 {
		notes = append(notes, fmt.Sprintf("serial is not of digits alone for %d of %s, the first %s: a licence's serial number is; if it was mixed up with another column (billing_id, cust_id), change their names in the first line",
			d.lettered.n, counted(d.serials, "installation"), d.lettered.first))
	}
	if 2*d.again.n >= d.customers && d.again.n > 0 {
		notes = append(notes, fmt.Sprintf("name is that of another customer for %d of %s, the first %s: if it was mixed up with plan_name, change their names in the first line", d.again.n, counted(d.customers, "customer"), d.again.first))
	}
	return notes
}

// against compares what a file tells of a customer with what is stored of it.
func (j *judgement) against(s licence.State, line int, a licence.AccountChanged) {
	was := s.Known.Profile.Account.Value
	if s.N == 0 || was.Name == "" {
		return
	}
	if was.Name != a.Name {
		j.renamed = fmt.Sprintf("%s at line %d: %q becomes %q", s.Account, line, clip(was.Name, 40), clip(a.Name, 40))
	}
	if len(was.Plans) > 0 && len(a.Plans) > 0 && !slices.ContainsFunc(a.Plans, func(p licence.Plan) bool {
		return slices.ContainsFunc(was.Plans, func(q licence.Plan) bool { return q.Plan == p.Plan })
	}) {
		j.replanned = fmt.Sprintf("%s at line %d: %s becomes %s", s.Account, line, clip(was.Plans[0].Plan, 40), clip(a.Plans[0].Plan, 40))
	}
}

// changed says for how many customers a column says something else than what is stored.
func changed(judged []judgement) (notes []string) {
	for _, c := range []struct {
		of   func(judgement) string
		says string
	}{
		{func(j judgement) string { return j.renamed }, "name differs from what is stored for %s (%s): if it was mixed up with plan_name, or is another customer's, correct it first"},
		{func(j judgement) string { return j.replanned }, "plan is none of those that are stored for %s (%s): if it was mixed up with module, change their names in the first line"},
	} {
		var o odd
		for _, j := range judged {
			if text := c.of(j); text != "" {
				o.add(text)
			}
		}
		if o.n > 0 {
			notes = append(notes, fmt.Sprintf(c.says, counted(o.n, "customer"), o.first))
		}
	}
	return notes
}
