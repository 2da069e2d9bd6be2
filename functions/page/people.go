package page

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

const (
	onPage  = 40  // how many holders a page shows
	window  = 200 // how many are looked at together, so that they stand in the order of the rules
	atMost  = 500 // a page of a search: the most that a store gives
	searchd = 40  // pages of a search: 20,000 people

	mostSuggested = 5 // people whom a page proposes together
)

// people lists who holds what is to go, the best to free first, without those who are chosen
// already; those who should keep it stand apart, each with the reason, and so do the reader and the
// last administrator: nobody is missing without a word.
func (a *Page) people(ctx context.Context, v Request, t target, c *Cure, q url.Values) error {
	c.Query = strings.TrimSpace(q.Get("q"))
	skip, err := strconv.Atoi(q.Get("skip"))
	if err != nil || skip < 0 || skip > searchd*atMost {
		skip = 0
	}
	after := q.Get("after")
	sea, next, err := a.holders(ctx, v.state, t, c.Query, after)
	if errors.Is(err, store.ErrCursor) {
		// The list of people was read anew meanwhile: it begins again.
		after, skip = "", 0
		sea, next, err = a.holders(ctx, v.state, t, c.Query, after)
	}
	if err != nil {
		return err
	}
	now := a.Now()
	slices.SortStableFunc(sea, func(x, y licence.Seat) int { return cmp.Compare(seats.RemovalRank(x, now), seats.RemovalRank(y, now)) })
	admins, err := effects.Admins(ctx, a.Store, v.state, t.cust, sea)
	if err != nil {
		return err
	}
	var list []Holder
	active := true
	for _, seat := range sea {
		u := seat.User.Value
		c.Unseen = c.Unseen || unseen(seat)
		h := Holder{User: u, Blockers: seats.Blocked(v.state, seat, first(t.plans), admins, now)}
		if reader := slices.IndexFunc(h.Blockers, func(b licence.Blocker) bool { return b.Code == "reader" }); reader >= 0 && !strings.EqualFold(u.Email, v.Link.Email) && u.ID != userOf(v) {
			h.Blockers[reader].Code = "contact"
		}
		switch {
		case seats.Has(h.Blockers, "reader", "contact", "last-admin", "protected", "on-leave"):
			if len(c.Apart) < onPage {
				c.Apart = append(c.Apart, h)
			}
			continue
		}
		active = active && seats.RemovalRank(seat, now) == 3
		list = append(list, h)
		if t.to == "" && after == "" && c.Query == "" && len(c.Suggest) < min(c.Need-len(t.chosen.Picks), mostSuggested) && len(h.Blockers) == 0 && seats.RemovalRank(seat, now) < 3 {
			c.Suggest = append(c.Suggest, h)
		}
	}
	c.Active = active && len(list) > 0 && c.Query == "" && after == "" && next == ""
	c.People = list[min(skip, len(list)):min(skip+onPage, len(list))]
	at := url.Values{}
	if c.Query != "" {
		at.Set("q", c.Query)
	}
	switch {
	case skip+onPage < len(list):
		at.Set("after", after)
		at.Set("skip", strconv.Itoa(skip+onPage))
	case next != "":
		at.Set("after", next)
	default:
		return nil
	}
	c.Next = "/r/" + v.token + "/seats/" + c.Fingerprint + "?" + at.Encode()
	return nil
}

// unseen tells whether it is not known how many open requests somebody has.
func unseen(seat licence.Seat) bool {
	for _, h := range seat.Plans {
		if h.Held && h.Requests == licence.Unseen {
			return true
		}
	}
	return false
}

// holders reads a window of those who hold what is to go and are not chosen: the first in which somebody is. A
// search looks through all.
func (a *Page) holders(ctx context.Context, s licence.State, t target, query, after string) ([]licence.Seat, string, error) {
	in := s.Known.Inst(t.cust)
	plan := ""
	if len(t.plans) == 1 {
		plan = t.plans[0]
	}
	page := store.Page{Limit: window, Cursor: after}
	if query != "" {
		page.Limit = atMost
	}
	var out []licence.Seat
	for range searchd {
		sea, next, err := a.Store.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, page)
		if err != nil {
			return nil, "", err
		}
		for _, seat := range sea {
			u := seat.User.Value
			chosen := slices.ContainsFunc(t.chosen.Picks, func(p licence.Pick) bool { return p.User == u.ID })
			if !chosen && seats.HoldsAny(seat, t.plans) && matches(u, query) {
				out = append(out, seat)
			}
		}
		if page.Cursor = next.Cursor; page.Cursor == "" || query == "" && len(out) > 0 || len(out) >= onPage {
			break
		}
	}
	return out, page.Cursor, nil
}

// userOf is the reader's own user; "": not told.
func userOf(v Request) string {
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID == v.Link.Contact {
			return c.User
		}
	}
	return ""
}

func matches(u licence.User, query string) bool {
	query = strings.ToLower(query)
	return strings.Contains(strings.ToLower(u.Name), query) || strings.Contains(strings.ToLower(u.Email), query)
}

func first(plans []string) string {
	if len(plans) == 0 {
		return ""
	}
	return plans[0]
}
