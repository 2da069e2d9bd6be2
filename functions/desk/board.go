package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

const (
	boardPage  = 50 // cases on a page
	boardReads = 20 // pages of 500 cases that a list reads at most: beyond it says so
	fewest     = 50 // parked and set aside that are counted
)

// entries are what lists show of every case, the most urgent first, from the index alone: of a
// customer at whom nothing is found, nothing is read. False: there are more than a list looks at.
func (a *Desk) entries(ctx context.Context) ([]licence.Entry, bool, error) {
	return walked(ctx, a.Store.Cases)
}

// customers are the same of all customers, by name.
func (a *Desk) customers(ctx context.Context) ([]licence.Entry, bool, error) {
	return walked(ctx, a.Store.Accounts)
}

func walked(ctx context.Context, list func(context.Context, store.Page) ([]licence.Entry, store.Page, error)) ([]licence.Entry, bool, error) {
	var all []licence.Entry
	page := store.Page{Limit: 500}
	for range boardReads {
		some, next, err := list(ctx, page)
		if err != nil {
			return nil, false, err
		}
		all = append(all, some...)
		if next.Cursor == "" {
			return all, true, nil
		}
		page = next
	}
	return all, false, nil
}

type boardData struct {
	filters
	Cases        []licence.Entry
	Found        bool // it is the answer to a search
	Query        string
	Newer, Older string
	Count        int
	Part         bool // of what was found: there is more than this page
	Whole        bool // nothing was left out
	Groups       []deskGroup
	Chosen       []deskCount // of their filters
	Sorts        []deskChoice
	Drafts       int
	Figures      int // customers whose figures are needed
	Parked       string
	Aside        string
	Tasks        []engine.FleetTask
	MoreTasks    bool
	Overview     overview
	Staff        []string
	Here         string // the address of this list, to come back to
	Export       []exported
	Views        []deskCount
	Todays       []deskCount
	Answers      []deskChoice // that may be said of several at once: where one cause is filtered
	Acts         bool         // something may be done with several
	MaySend      bool
}

// board lists the cases by the day on which acting still helps, or finds customers by a scrap.
func board(v *deskVisit) error {
	q := v.r.URL.Query()
	if scrap := strings.TrimSpace(q.Get("q")); scrap != "" {
		return v.search(scrap)
	}
	d := boardData{filters: filtersOf(q, v.g), Whole: true}
	all, whole, err := v.shownBy(&d.filters)
	if err != nil {
		return err
	}
	d.Whole = whole
	d.today = licence.DateOf(v.Now(), v.zone())
	cases := d.listed(all)
	if v.asTable() {
		return v.exportBoard(&d.filters, cases, whole)
	}
	d.Groups, d.Count = d.groups(all), len(cases)
	d.Chosen = chosen(d.Groups)
	d.page(cases)
	d.Sorts, d.Here, d.Export = d.sorts(), d.address("", ""), exports(d.address("", ""))
	if d.Page > 1 {
		d.Here = d.address("page", strconv.Itoa(d.Page))
	}
	d.Staff, d.Acts, d.MaySend = v.staffNames(), true, v.may("drafts")
	if cause := d.By["cause"]; cause != "" && d.View == "" && v.may("answer") {
		for _, said := range sayable(licence.Code(cause)) {
			d.Answers = append(d.Answers, deskChoice{Value: said, Text: v.g.say("answer." + said)})
		}
	}
	if d.Overview, err = v.overview(); err != nil {
		return err
	}
	d.Views, d.Todays = d.views(d.Overview), d.todays(all, v.staff)
	for _, e := range all {
		d.Drafts += e.Drafts
		d.Figures += one(e.Figures != "")
	}
	var more store.Page
	if d.Tasks, more, err = v.openTasks(v.r.Context(), store.Page{Limit: boardPage}); err != nil {
		return err
	}
	d.MoreTasks = more.Cursor != ""
	if d.Parked, d.Aside, err = v.left(v.r.Context()); err != nil {
		return err
	}
	return v.show(http.StatusOK, "board", d.title(), v.zone(), &d)
}

// zone is that of the operator's desks.
func (a *Desk) zone() *time.Location { return licence.NewCalendar(a.Operator.Timezone, "").Zone }

// shownBy reads what a list is made of: the cases, or where it has others than cases, all customers.
func (v *deskVisit) shownBy(d *filters) ([]licence.Entry, bool, error) {
	if d.OfCases() {
		return v.entries(v.r.Context())
	}
	return v.customers(v.r.Context())
}

// page cuts the page of the cases that is asked for.
func (d *boardData) page(cases []licence.Entry) {
	d.Page = max(1, min(d.Page, (len(cases)+boardPage-1)/boardPage)) // what was done may have emptied the last
	from := max(0, min((d.Page-1)*boardPage, len(cases)))
	to := min(from+boardPage, len(cases))
	d.Cases = cases[from:to]
	if to < len(cases) {
		d.Older = d.address("page", strconv.Itoa(d.Page+1))
	}
	if d.Page > 1 {
		d.Newer = d.address("page", strconv.Itoa(d.Page-1))
	}
}

// An overview counts what no list of cases shows.
type overview struct {
	Order, Week, Month, Coming int
	at                         time.Time
}

// overviewLife is how long a process goes by an overview that it has made.
const overviewLife = time.Minute

// overview is made of the index of all customers, at most once a minute in each process.
func (v *deskVisit) overview() (overview, error) {
	v.seen.Lock()
	defer v.seen.Unlock()
	if now := v.Now(); v.seen.overview.at.IsZero() || now.Sub(v.seen.overview.at) >= overviewLife || now.Before(v.seen.overview.at) {
		all, _, err := v.customers(v.r.Context())
		if err != nil {
			return overview{}, err
		}
		v.seen.overview = overviewOf(all, now, v.zone())
	}
	return v.seen.overview, nil
}

func overviewOf(all []licence.Entry, now time.Time, zone *time.Location) overview {
	o, today := overview{at: now}, licence.DateOf(now, zone)
	week, month := filters{View: "solved-week", today: today}, filters{View: "solved-month", today: today}
	for _, e := range all {
		o.Order += one(inOrder(e))
		o.Week += one(len(week.Ended(e)) > 0)
		o.Month += one(len(month.Ended(e)) > 0)
		o.Coming += one(comingWithin(e, today))
	}
	return o
}

// search finds customers by whatever a caller says: the number of a case, even of an old mail, CustID,
// serial, company, person, address or its domain, invoice number, or part of any.
func (v *deskVisit) search(scrap string) error {
	find := func(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
		return v.Engine.Find(ctx, app.Short(scrap), p)
	}
	if v.asTable() {
		return v.exportFound(find)
	}
	d := boardData{filters: filters{g: v.g}, Found: true, Query: scrap, Whole: true, Export: exports("/support?" + url.Values{"q": {scrap}}.Encode())}
	list, next, err := find(v.r.Context(), store.Page{Limit: boardPage, Cursor: v.r.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	if d.Cases = list; next.Cursor != "" {
		d.Older = "/support?" + url.Values{"q": {scrap}, "cursor": {next.Cursor}}.Encode()
	}
	d.Count, d.Part = len(d.Cases), d.Older != "" || v.r.URL.Query().Get("cursor") != ""
	return v.show(http.StatusOK, "board", v.g.say("board.found"), v.zone(), &d)
}

// openTasks are those of a page of the latest that are about no customer.
func (a *Desk) openTasks(ctx context.Context, p store.Page) ([]engine.FleetTask, store.Page, error) {
	rows, next, err := a.Store.Rows(ctx, store.Operations, "task", p)
	if err != nil {
		return nil, next, err
	}
	var out []engine.FleetTask
	for _, row := range rows {
		var t engine.FleetTask
		if err := json.Unmarshal(row.Body, &t); err != nil {
			return nil, next, err
		}
		if t.State == licence.Open {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b engine.FleetTask) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return out, next, nil
}

// left counts what is parked and what was set aside, up to a few: it is read from the newest on.
func (a *Desk) left(ctx context.Context) (parked, aside string, err error) {
	facts, more, err := a.Store.Unmatched(ctx, store.Page{Limit: fewest, Bytes: pageBytes})
	if err != nil {
		return "", "", err
	}
	bodies, rest, err := a.Store.Rejections(ctx, store.Page{Limit: fewest, Bytes: pageBytes})
	return upTo(len(facts), more), upTo(len(bodies), rest), err
}

func upTo(n int, next store.Page) string {
	if next.Cursor != "" {
		return strconv.Itoa(n) + "+"
	}
	return strconv.Itoa(n)
}
