package functions_test

import (
	"context"
	"fmt"
	"html"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// The desk of two thousand customers: what a page of it reads.

// A counted is a store that counts its calls.
type counted struct {
	store.Store
	calls map[string]int
}

func (c *counted) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	if account != store.Operations {
		c.calls["Load"]++
	}
	return c.Store.Load(ctx, account, w)
}

func (c *counted) Accounts(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Accounts"]++
	return c.Store.Accounts(ctx, p)
}

func (c *counted) Cases(ctx context.Context, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Cases"]++
	return c.Store.Cases(ctx, p)
}

func (c *counted) Find(ctx context.Context, words []string, p store.Page) ([]licence.Entry, store.Page, error) {
	c.calls["Find"]++
	return c.Store.Find(ctx, words, p)
}

func (c *counted) Rows(ctx context.Context, account, kind string, p store.Page) ([]licence.Row, store.Page, error) {
	if account != store.Operations {
		c.calls["Rows"]++
	}
	return c.Store.Rows(ctx, account, kind, p)
}

// A desk with 2,000 customers: lists and search answer from the index, and read no customer.
func TestTwoThousandCustomers(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	w := newWorld(t, nil)
	for n := range 2000 {
		id := fmt.Sprintf("C-%04d", n)
		e := licence.Entry{Account: id, Name: fmt.Sprintf("Kund %d AB", n), Summary: "ok", Phase: "ok", Codes: []licence.Code{}}
		if n%33 == 0 {
			e.Summary, e.Phase, e.Codes, e.Owners = "needs-action", "admin-warning", []licence.Code{"surplus"}, []licence.Role{licence.Admin}
			e.ActBy = licence.DateOf(morning.AddDate(0, 0, n%40), time.UTC)
		}
		if n == 66 || n == 1980 {
			e.Drafts = 1
		}
		if err := w.db.Store.Commit(t.Context(), licence.Change{Account: id, Entry: e}); err != nil {
			t.Fatal(err)
		}
		if err := w.db.Store.Index(t.Context(), id, []string{fmt.Sprintf("c%04d", n), fmt.Sprint("cust", n), fmt.Sprintf("kund%dexample", n), "ab"}); err != nil {
			t.Fatal(err)
		}
	}
	d := deskWorld{w, w.signsIn("nora@fjordpartner.example")}
	for _, c := range []struct {
		path string
		want map[string]int
		rows int
		says string
	}{
		{"/support", map[string]int{"Cases": 1, "Accounts": 4}, 50, "61 cases"},
		{"/support?cause=surplus&owner=admin", map[string]int{"Cases": 1, "Accounts": 4}, 50, "61 cases"},
		{"/support?q=cust1999", map[string]int{"Find": 1}, 1, "Kund 1999 AB"},
		{"/support?q=nobody", map[string]int{"Find": 1}, 0, "No customer matches"},
		{"/support?q=ab", map[string]int{"Find": 1}, 50, "50 on this page"},
		{"/support?page=9", map[string]int{"Cases": 1, "Accounts": 4}, 11, "61 cases"},
		{"/support/drafts", map[string]int{"Cases": 1, "Rows": 2}, 0, "No drafts are waiting."},
	} {
		count := &counted{Store: w.db, calls: map[string]int{}}
		app := *w.app
		app.Store, app.Engine.Store = count, count
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", c.path, nil)
		r.AddCookie(d.cookie)
		(&app).Handler("support", functions.Routes).ServeHTTP(rec, r)
		if rec.Code != 200 || fmt.Sprint(count.calls) != fmt.Sprint(c.want) {
			t.Errorf("%s: %d with %v, want %v", c.path, rec.Code, count.calls, c.want)
		}
		if got := strings.Count(rec.Body.String(), `class="name"`); got != c.rows {
			t.Errorf("%s shows %d customers, want %d", c.path, got, c.rows)
		}
		shows(t, rec.Body.String(), c.says)
		if c.path == "/support?page=9" && !strings.Contains(rec.Body.String(), `name="back" value="/support?page=2"`) {
			t.Error("what is done there does not lead back to the last page")
		}
	}
	// Page by page, each case once, in the order of its day.
	var order []string
	next := "/support"
	for next != "" && len(order) < 200 {
		page := d.see(next)
		for _, m := range regexp.MustCompile(`class="date">(\w+ \d+ \w+ \d+)</td>\s*<td role="cell"><a class="name" href="/support/accounts/([^"]+)"`).FindAllStringSubmatch(page, -1) {
			day, err := time.Parse("Mon 2 Jan 2006", m[1])
			if err != nil {
				t.Fatal(err)
			}
			order = append(order, day.Format(time.DateOnly)+" "+m[2])
		}
		next = ""
		if m := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(page); m != nil {
			next = html.UnescapeString(m[1])
		}
	}
	if len(order) != 61 || !slices.IsSorted(order) || len(slices.Compact(slices.Clone(order))) != 61 {
		t.Errorf("%d cases page by page, in order: %v", len(order), slices.IsSorted(order))
	}
}
