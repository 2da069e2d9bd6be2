package desk

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"seatmend/shared/licence"
)

// What the desk's work comes to, in figures of the latest weeks: summed from what the index has of every
// customer, so that no customer is read. Each is drawn, and stands in a table that can be exported.

const (
	figureWeeks = licence.MaxWeeks
	figureWide  = 360 // of a drawing, in its own units
)

// A figure is one table, and its picture: of each row a bar of several parts.
type figure struct {
	ID, Title, Text string
	Head            []string
	Rows            [][]string
	Parts           []string // what the parts of a bar are called, in the order of the classes p0, p1, ...
	Bars            []figureBar
	Height          int
	Export          []exported
	Most            string // what the longest bar says
}

type figureBar struct {
	Label, Value string
	Y            int
	Parts        []figurePart
}

type figurePart struct {
	X, Width float64
	Class    string
}

type figuresData struct {
	Figures []figure
	Whole   bool
	Since   licence.Date
}

// deskFigures shows them, or gives one as a table.
func deskFigures(v *deskVisit) error {
	all, whole, err := v.customers(v.r.Context())
	if err != nil {
		return err
	}
	today := licence.DateOf(v.Now(), v.zone())
	figures := figuresOf(v.g, all, today)
	q := v.r.URL.Query()
	if v.asTable() {
		for _, f := range figures {
			if f.ID == q.Get("of") {
				return v.table(f.ID, f.Head, v.cutAt(f.Rows, whole))
			}
		}
	}
	return v.show(http.StatusOK, "figures", v.g.say("figures"), v.zone(), figuresData{figures, whole, weeksBack(today, figureWeeks-1)})
}

func weeksBack(today licence.Date, n int) licence.Date { return licence.MondayOf(today).Add(-7 * n) }

// figuresOf are all there are.
func figuresOf(g tongue, all []licence.Entry, today licence.Date) []figure {
	since := weeksBack(today, figureWeeks-1)
	var found []licence.Found
	for _, e := range all {
		for _, f := range e.Found {
			if f.From >= since || f.To >= since {
				found = append(found, f)
			}
		}
	}
	out := []figure{
		g.weekly("trend", since, found, began, func(f licence.Found) int { return one(f.To != "") }, func(f licence.Found) int { return one(f.To == "") }),
		g.causes(since, found),
		g.resolution("causes", found, func(f licence.Found) string { return string(f.Code) }, g.text("cause.")),
		g.resolution("owners", found, func(f licence.Found) string { return string(f.Owner) }, g.text("owner.")),
		g.weekly("warned", since, cured(all), ended, func(f licence.Found) int { return one(f.To != "" && !f.Warned) }, func(f licence.Found) int { return one(f.To != "" && f.Warned) }),
		g.weekly("seats", since, found, began, func(f licence.Found) int { return f.Seats * one(f.To != "") }, func(f licence.Found) int { return f.Seats * one(f.To == "") }),
		g.mails(since, all),
		g.drift(all),
	}
	for i := range out {
		out[i].Export = exports("/support/figures?of=" + out[i].ID)
	}
	return out
}

// cured are the customers for whom something ended, each once in a week; Warned: a warning had been shown there
// before one of these ends.
func cured(all []licence.Entry) (out []licence.Found) {
	for _, e := range all {
		weeks := map[licence.Date]bool{}
		for _, f := range e.Found {
			if f.To != "" {
				week := licence.MondayOf(f.To)
				weeks[week] = weeks[week] || f.Warned
			}
		}
		for week, warned := range weeks {
			out = append(out, licence.Found{To: week, Warned: warned})
		}
	}
	return out
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func began(f licence.Found) licence.Date { return f.From }
func ended(f licence.Found) licence.Date { return f.To }

// figure is one without rows; its texts are figure.<id>, its columns and parts those beneath.
func (g tongue) figure(id, first string, parts ...string) figure {
	f := figure{ID: id, Title: g.say("figure." + id), Text: g.say("figure." + id + ".text"), Head: []string{g.say("figures." + first)}}
	for _, p := range parts {
		f.Parts = append(f.Parts, g.say("figures."+p))
	}
	f.Head = append(f.Head, f.Parts...)
	return f
}

// parts are what the bars of a figure of weeks are made of.
var weekParts = map[string][]string{"trend": {"ended", "open"}, "warned": {"before", "after"}, "seats": {"fit", "still"}}

// weekly counts findings by the week of one of their days.
func (g tongue) weekly(id string, since licence.Date, found []licence.Found, day func(licence.Found) licence.Date, parts ...func(licence.Found) int) figure {
	f := g.figure(id, "week", weekParts[id]...)
	for week := range figureWeeks {
		from := since.Add(7 * (figureWeeks - 1 - week)) // the newest first
		sums := make([]int, len(parts))
		for _, x := range found {
			if d := day(x); d >= from && d < from.Add(7) {
				for i, of := range parts {
					sums[i] += of(x)
				}
			}
		}
		f.add(g.week(from), sums, "")
	}
	return f.drawn()
}

// week is what a week is called.
func (g tongue) week(monday licence.Date) string {
	_, n := monday.Start(time.UTC).ISOWeek()
	return g.say("figures.of-week", n, string(monday))
}

// causes counts what began by cause, with a column for each week in the table.
func (g tongue) causes(since licence.Date, found []licence.Found) figure {
	f := g.figure("by-cause", "cause", "ended", "open")
	for week := range figureWeeks {
		f.Head = append(f.Head, string(since.Add(7*week)))
	}
	for _, group := range grouped(found, func(x licence.Found) string { return string(x.Code) }) {
		sums, weeks := make([]int, 2), make([]string, figureWeeks)
		counts := make([]int, figureWeeks)
		for _, x := range group.list {
			if x.From < since {
				continue
			}
			sums[one(x.To == "")]++
			for week := range figureWeeks {
				counts[week] += one(licence.MondayOf(x.From) == since.Add(7*week))
			}
		}
		for i, n := range counts {
			weeks[i] = strconv.Itoa(n)
		}
		f.add(g.text("cause.")(group.key), sums, "")
		f.Rows[len(f.Rows)-1] = append(f.Rows[len(f.Rows)-1], weeks...)
	}
	return f.drawn()
}

type group struct {
	key  string
	list []licence.Found
}

// grouped are the findings by a key, the most first.
func grouped(found []licence.Found, key func(licence.Found) string) (out []group) {
	for _, x := range found {
		i := slices.IndexFunc(out, func(o group) bool { return o.key == key(x) })
		if i < 0 {
			i, out = len(out), append(out, group{key: key(x)})
		}
		out[i].list = append(out[i].list, x)
	}
	slices.SortStableFunc(out, func(a, b group) int { return cmp.Or(len(b.list)-len(a.list), cmp.Compare(a.key, b.key)) })
	return out
}

// resolution is how many days it took on average until what was found had ended, and how many of these
// it lay with the customer: from the first mail about it to the end, where it is the customer's to mend.
func (g tongue) resolution(id string, found []licence.Found, key func(licence.Found) string, say func(any) string) figure {
	f := g.figure("time-"+id, map[string]string{"causes": "cause", "owners": "owner"}[id], "ours", "theirs")
	f.Head = append(f.Head, g.say("figures.both"), g.say("figures.longest"), g.say("figures.count"))
	for _, group := range grouped(slices.DeleteFunc(slices.Clone(found), func(x licence.Found) bool { return x.To == "" }), key) {
		ours, theirs, longest := 0, 0, 0
		for _, x := range group.list {
			all, with := days(x.From, x.To), 0
			if x.Owner.Customer() && x.Mailed != "" {
				with = days(x.Mailed, x.To)
			}
			ours, theirs, longest = ours+all-with, theirs+with, max(longest, all)
		}
		n := float64(len(group.list))
		f.measure(say(group.key), []float64{float64(ours) / n, float64(theirs) / n}, g.many("figures.days", decimal(float64(ours+theirs)/n)))
		last := len(f.Rows) - 1
		f.Rows[last] = append(f.Rows[last], decimal(float64(ours+theirs)/n), strconv.Itoa(longest), strconv.Itoa(len(group.list)))
	}
	return f.drawn()
}

// days are those from one to another, at least none.
func days(from, to licence.Date) int {
	return max(0, int(to.Start(time.UTC).Sub(from.Start(time.UTC)).Hours())/24)
}

func decimal(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// mails counts mails by week and by what became of them.
func (g tongue) mails(since licence.Date, all []licence.Entry) figure {
	f := g.figure("mails", "week", "cured", "sent", "unsure", "dropped", "waiting")
	sums := map[licence.Date][]int{}
	for _, e := range all {
		for _, m := range e.Mails {
			if sums[m.Week] == nil {
				sums[m.Week] = make([]int, 5)
			}
			for i, n := range []int{m.Cured, m.Sent - m.Cured, m.Unsure, m.Dropped, m.Waiting} {
				sums[m.Week][i] += n
			}
		}
	}
	for week := range figureWeeks {
		from := since.Add(7 * (figureWeeks - 1 - week)) // the newest first
		of := sums[from]
		if of == nil {
			of = make([]int, 5)
		}
		f.add(g.week(from), of, "")
	}
	return f.drawn()
}

// drift is how often a reading of ours found other numbers than had been told, by who had told them.
func (g tongue) drift(all []licence.Entry) figure {
	f := g.figure("drift", "source", "same", "other")
	by := map[string]licence.Against{}
	for _, e := range all {
		for source, n := range e.Drift.By {
			sum := by[source]
			by[source] = licence.Against{Reads: sum.Reads + n.Reads, Found: sum.Found + n.Found}
		}
	}
	for _, source := range licence.SortedKeys(by) {
		n := by[source]
		f.add(g.text("source.")(source), []int{n.Reads - n.Found, n.Found}, "")
	}
	return f.drawn()
}

// add adds a row of counts.
func (f *figure) add(label string, parts []int, value string) {
	sum, values := 0, make([]float64, len(parts))
	for i, n := range parts {
		sum, values[i] = sum+n, float64(n)
	}
	f.measure(label, values, cmp.Or(value, strconv.Itoa(sum)))
}

// measure adds a row: its parts go into the table as they are, and into the bar to scale.
func (f *figure) measure(label string, parts []float64, value string) {
	row, bar := []string{label}, figureBar{Label: label, Value: value}
	for i, x := range parts {
		row = append(row, decimal(x))
		bar.Parts = append(bar.Parts, figurePart{Width: x, Class: fmt.Sprint("p", i)})
	}
	f.Rows, f.Bars = append(f.Rows, row), append(f.Bars, bar)
}

const (
	figureRow = 42 // the height of a bar and of its label
)

// drawn sets every bar to the scale of the longest.
func (f figure) drawn() figure {
	longest := 0.0
	for _, b := range f.Bars {
		sum := 0.0
		for _, p := range b.Parts {
			sum += p.Width
		}
		if sum > longest {
			longest, f.Most = sum, b.Label+": "+b.Value
		}
	}
	for i := range f.Bars {
		b := &f.Bars[i]
		b.Y = i * figureRow
		x := 0.0
		for k := range b.Parts {
			p := &b.Parts[k]
			if longest > 0 {
				p.Width = math.Round(p.Width/longest*figureWide*10) / 10
			}
			p.X, x = x, math.Round((x+p.Width)*10)/10
		}
	}
	f.Height = len(f.Bars) * figureRow
	return f
}
