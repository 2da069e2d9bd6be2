package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
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
	var all []licence.Entry
	page := store.Page{Limit: 500}
	for range boardReads {
		list, next, err := a.Store.Cases(ctx, page)
		if err != nil {
			return nil, false, err
		}
		all = append(all, list...)
		if next.Cursor == "" {
			return all, true, nil
		}
		page = next
	}
	return all, false, nil
}

// A deskCount is a filter of the list, and how many it leaves.
type deskCount struct {
	Name, Link string
	Count      int
	On         bool
}

type boardData struct {
	Cases                     []licence.Entry
	Found                     bool // it is the answer to a search
	Query                     string
	Newer, Older              string
	Count                     int
	Whole                     bool // nothing was left out
	States, Causes, Owners    []deskCount
	Filtered                  bool
	Drafts                    int
	Parked, Aside             string
	Tasks                     []engine.FleetTask
	MoreTasks                 bool
	Clear                     string
	State, Cause, Owner, Only string
}

// board lists the cases by the day on which acting still helps, or finds customers by a scrap.
func board(v *deskVisit) error {
	q := v.r.URL.Query()
	if scrap := strings.TrimSpace(q.Get("q")); scrap != "" {
		return v.search(scrap)
	}
	all, whole, err := v.entries(v.r.Context())
	if err != nil {
		return err
	}
	d := boardData{Whole: whole, State: q.Get("state"), Cause: q.Get("cause"), Owner: q.Get("owner")}
	d.Filtered = d.State+d.Cause+d.Owner != ""
	d.count(all)
	var cases []licence.Entry
	for _, e := range all {
		if d.shows(e, "") {
			cases = append(cases, e)
		}
	}
	d.Count = len(cases)
	d.page(cases, q.Get("after"))
	if d.Tasks, d.MoreTasks, err = v.openTasks(v.r.Context()); err != nil {
		return err
	}
	if d.Parked, d.Aside, err = v.left(v.r.Context()); err != nil {
		return err
	}
	return v.show(http.StatusOK, "board", deskSay("board"), time.UTC, d)
}

// page cuts the cases that come after a place.
func (d *boardData) page(cases []licence.Entry, after string) {
	from, _ := slices.BinarySearchFunc(cases, after+"\x00", func(e licence.Entry, at string) int { return cmp.Compare(e.Place(), at) })
	if after == "" {
		from = 0
	}
	to := min(from+boardPage, len(cases))
	d.Cases = cases[from:to]
	if to < len(cases) {
		d.Older = d.link("after", cases[to-1].Place())
	}
	if from > 0 {
		d.Newer = d.link("after", "")
		if from > boardPage {
			d.Newer = d.link("after", cases[from-boardPage-1].Place())
		}
	}
}

// shows tells whether a customer is on the list, with one of the filters left out.
func (d *boardData) shows(e licence.Entry, without string) bool {
	switch {
	case without != "state" && d.State != "" && e.Summary != d.State:
		return false
	case d.State == "" && len(e.Codes) == 0:
		return false // nothing was found there
	case without != "cause" && d.Cause != "" && !slices.Contains(e.Codes, d.Cause):
		return false
	}
	return without == "owner" || d.Owner == "" || slices.Contains(e.Owners, licence.Role(d.Owner))
}

// count counts the cases by state, cause and owner, each within what the others leave.
func (d *boardData) count(all []licence.Entry) {
	states, causes, owners := map[string]int{}, map[string]int{}, map[string]int{}
	for _, e := range all {
		d.Drafts += e.Drafts
		without := *d
		without.State = e.Summary
		if without.shows(e, "") {
			states[e.Summary]++
		}
		if d.shows(e, "cause") {
			for _, code := range e.Codes {
				causes[code]++
			}
		}
		if d.shows(e, "owner") {
			for _, o := range e.Owners {
				owners[string(o)]++
			}
		}
	}
	for _, s := range []string{"needs-action", "waiting", "unknown", "ok"} {
		d.States = append(d.States, d.filter("state", s, deskSay("state."+s), d.State, states[s]))
	}
	for _, r := range diagnosis.Rules {
		if n := causes[r.Code]; n > 0 || d.Cause == r.Code {
			d.Causes = append(d.Causes, d.filter("cause", r.Code, deskSay("cause."+r.Code), d.Cause, n))
		}
	}
	slices.SortStableFunc(d.Causes, func(a, b deskCount) int { return cmp.Compare(b.Count, a.Count) })
	for _, o := range []licence.Role{licence.Support, licence.Finance, licence.Sales, licence.Ops, licence.Admin, licence.Billing, licence.Partner, licence.EndUser} {
		if n := owners[string(o)]; n > 0 || d.Owner == string(o) {
			d.Owners = append(d.Owners, d.filter("owner", string(o), deskSay("owner."+string(o)), d.Owner, n))
		}
	}
}

// filter is a link that sets one of the filters, or takes it off where it is set.
func (d *boardData) filter(name, value, text, now string, n int) deskCount {
	c := deskCount{Name: text, Count: n, On: now == value, Link: d.link(name, value)}
	if c.On {
		c.Link = d.link(name, "")
	}
	return c
}

func (d *boardData) link(name, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"state": d.State, "cause": d.Cause, "owner": d.Owner} {
		if v != "" {
			q.Set(k, v)
		}
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return "/support"
	}
	return "/support?" + q.Encode()
}

// search finds customers by whatever a caller says: the number of a case, even of an old mail, CustID,
// serial, company, person, address or its domain, invoice number, or part of any.
func (v *deskVisit) search(scrap string) error {
	d := boardData{Found: true, Query: scrap, Whole: true}
	list, next, err := v.Engine.Find(v.r.Context(), app.Short(scrap), store.Page{Limit: boardPage, Cursor: v.r.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	if d.Cases = list; next.Cursor != "" {
		d.Older = "/support?" + url.Values{"q": {scrap}, "cursor": {next.Cursor}}.Encode()
	}
	d.Count = len(d.Cases)
	return v.show(http.StatusOK, "board", deskSay("board.found"), time.UTC, d)
}

// openTasks are the latest that are about no customer.
func (a *Desk) openTasks(ctx context.Context) ([]engine.FleetTask, bool, error) {
	rows, next, err := a.Store.Rows(ctx, store.Operations, "task", store.Page{Limit: boardPage})
	if err != nil {
		return nil, false, err
	}
	var out []engine.FleetTask
	for _, row := range rows {
		var t engine.FleetTask
		if err := json.Unmarshal(row.Body, &t); err != nil {
			return nil, false, err
		}
		if t.State == "open" {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b engine.FleetTask) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return out, next.Cursor != "", nil
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
