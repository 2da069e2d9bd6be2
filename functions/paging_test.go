package functions_test

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store/storetest"
)

// crowd is a customer of whom only is known what was told: so many hold Sales, of whom two too
// many, and the last one to be listed is Zita Sist.
func (w *world) crowd(n int) *browser {
	w.Helper()
	c := granit()
	c.account.Installations[0].Hosting = "onsite"
	for i := range c.account.Contacts {
		c.account.Contacts[i].User = ""
	}
	w.direct(c.account)
	list := struct {
		Account string           `json:"account"`
		CustID  string           `json:"cust_id"`
		Seats   []map[string]any `json:"seats"`
	}{Account: "G-1", CustID: granitCust}
	for i := range n {
		u := licence.User{ID: fmt.Sprint(i + 100), Name: fmt.Sprintf("Medarbetare %05d", i), Email: fmt.Sprintf("m%05d@granit.example", i), CanLogin: true, LastActive: morning.Add(-time.Duration(n-i) * time.Hour)}
		if i == n-1 {
			u.Name = "Zita Sist"
		}
		u.Admin = i == n-1 || i == n-2
		list.Seats = append(list.Seats, map[string]any{"plan": sales, "open_requests": 0, "user": u})
	}
	data, err := json.Marshal(list)
	if err != nil {
		w.Fatal(err)
	}
	w.must(w.say("seats.listed", w.clock.Now(), string(data)), "applied")
	w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"G-1","cust_id":%q,"serial":"1805000117","version":"12.2","licensed_version":"12.2","maintenance_until":"2026-12-31",
		"next_check":"2026-11-20","admin_warning":"2026-11-18","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":[],"new_expires":"2027-12-13",
		"plans":[{"plan":"sales","module":"ten-sales","description":"Sales","total":%d,"new_total":%d,"in_use":%d,"unrestricted":false}]}`, granitCust, n, n-2, n)), "applied")
	w.advance(w.clock.Now().Add(time.Hour))
	return w.browse(w.link()).session()
}

var more = regexp.MustCompile(`<a href="([^"]*)">Show more people`)

// walk goes from page to page, to the end or so many pages, and gives all names.
func (b *browser) walk(page string, most int) (names []string, ended bool) {
	b.Helper()
	for range most {
		b.open(page)
		list, _ := b.people()
		names = append(names, list...)
		m := more.FindStringSubmatch(b.shows.body)
		if m == nil {
			return names, true
		}
		page = strings.TrimPrefix(html.UnescapeString(m[1]), b.base)
	}
	return names, false
}

// However many hold a plan, a page stays small and costs as few calls; one gets to everybody,
// to nobody twice, and finds the last by name.
func TestTenThousandHolders(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	pages := []string{"overview", "people", "steps", "search"}
	calls := map[string]map[int]int{}
	for _, n := range []int{100, 1_000, 10_000} {
		w := newWorld(t, nil)
		b := w.crowd(n)
		fp := w.finding("G-1", "surplus").Fingerprint
		b.choose(fp, "100", "101")
		for i, page := range []string{"", "/seats/" + fp, "/steps/" + fp, "/seats/" + fp + "?q=zita"} {
			asked := 0
			w.plan = func(storetest.Call) storetest.Fault { asked++; return storetest.None }
			b.open(page)
			w.plan = nil
			if calls[pages[i]] == nil {
				calls[pages[i]] = map[int]int{}
			}
			calls[pages[i]][n] = asked
			if size := len(b.shows.body); size > 30<<10 {
				t.Errorf("of %d, the %s has %d bytes", n, pages[i], size)
			}
		}
		if list, _ := b.people(); !slices.Equal(list, []string{"Zita Sist"}) {
			t.Errorf("of %d, the search finds %q", n, list)
		}
		whole, most := n <= 1_000, 10
		if whole {
			most = 100
		}
		names, ended := b.walk("/seats/"+fp, most)
		for i, name := range names {
			// Two are chosen already; then the longest away come first.
			if want := fmt.Sprintf("Medarbetare %05d", i+2); name != want && i != n-3 {
				t.Fatalf("of %d, the %dth is %s, want %s", n, i, name, want)
			}
		}
		if ended != whole || whole && len(names) != n-2 || !whole && len(names) < 300 {
			t.Errorf("of %d, %d are shown, to the end: %v", n, len(names), ended)
		}
		// A search that finds nearly all of them has pages, too.
		found, ended := b.walk("/seats/"+fp+"?q=medarbetare", most)
		slices.Sort(found)
		if once := len(slices.Compact(slices.Clone(found))); once != len(found) || ended != whole || whole && once != n-3 {
			t.Errorf("of %d, a search shows %d, %d of them once, to the end: %v", n, len(found), once, ended)
		}
	}
	t.Logf("calls of the store:  %8d %8d %8d people", 100, 1_000, 10_000)
	for _, page := range pages {
		t.Logf("%-20s %8d %8d %8d", page, calls[page][100], calls[page][1_000], calls[page][10_000])
		if page != "search" && (calls[page][10_000] != calls[page][100] || calls[page][100] > 20) {
			t.Errorf("the %s costs more with more people", page)
		}
	}
	if calls["search"][10_000] > 50 {
		t.Errorf("a search costs %d calls", calls["search"][10_000])
	}
}
