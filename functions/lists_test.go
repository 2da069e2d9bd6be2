package functions_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// walked is a list page by page to its end: what stands under each name, and how many pages there are.
func (w *world) walked(path, query string, limit int) (all map[string][]string, pages int) {
	w.Helper()
	all = map[string][]string{}
	for cursor := ""; ; {
		r := httptest.NewRequest("GET", path+"?limit="+fmt.Sprint(limit)+"&cursor="+url.QueryEscape(cursor)+query, nil)
		r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
		out := w.do(r)
		if pages++; out.status != 200 || len(out.body) > 1<<20 || pages > 1000 {
			w.Fatalf("%s: %d, %d bytes, page %d", path, out.status, len(out.body), pages)
		}
		var page map[string]json.RawMessage
		if err := json.Unmarshal([]byte(out.body), &page); err != nil {
			w.Fatal(err)
		}
		if err := json.Unmarshal(page["cursor"], &cursor); err != nil {
			w.Fatalf("%s: the cursor is %s: %v", path, page["cursor"], err)
		}
		delete(page, "cursor")
		n := 0
		for name, list := range page {
			var some []json.RawMessage
			if err := json.Unmarshal(list, &some); err != nil || some == nil {
				w.Fatalf("%s of %s: %.100s %v", name, path, list, err)
			}
			n += len(some)
			for _, one := range some {
				all[name] = append(all[name], string(one))
			}
		}
		if n > limit {
			w.Fatalf("%s: %d on a page of %d", path, n, limit)
		}
		if cursor == "" {
			for _, list := range all {
				slices.Sort(list)
			}
			return all, pages
		}
	}
}

// Every list takes limit and cursor, gives each entry once, and no answer beyond a mebibyte.
func TestEveryListHasPages(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t, s.open)
			for _, a := range []string{"L1", "L2", "L3"} {
				w.small(a, map[string]string{"L1": "review", "L2": "off", "L3": "on"}[a])
			}
			w.must(w.say("seats.listed", w.clock.Now(), `{"account":"L3","cust_id":"CustL3","seats":[`+
				strings.Repeat(`{"plan":"p","open_requests":0,"user":{"id":"1","name":"Eva","email":"e@l1.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}},`, 1)+
				`{"plan":"p","open_requests":0,"user":{"id":"2","name":"Ida","email":"i@l1.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}]}`), "applied")
			w.advance(w.clock.Now().Add(20 * time.Minute))
			const n = 120
			fill := func(account, kind string, row func(id string) any) {
				t.Helper()
				for chunk := range slices.Chunk(make([]int, n), 15) {
					err := w.app.Engine.Record(t.Context(), account, func(licence.State) (rows []licence.Row, _ []licence.Name, _ error) {
						for i := range chunk {
							w.ids++
							id := fmt.Sprintf("filled-%05d-%d", w.ids, i)
							body, err := json.Marshal(row(id))
							if err != nil {
								t.Fatal(err)
							}
							rows = append(rows, licence.Row{Kind: kind, ID: id, Body: body, Ends: w.clock.Now().Add(time.Hour)})
						}
						return rows, nil, nil
					})
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			at := w.clock.Now()
			fill("L1", "mail", func(id string) any {
				m := effects.MailRow{ID: id, To: "ada@L1.example", Text: strings.Repeat("x", 12<<10)}
				if w.ids%2 == 0 {
					m.SentAt = &at
				}
				return m
			})
			for i := range n {
				if err := w.app.Engine.Operations(t.Context(), "set-aside", licence.Subject{Kind: "source", ID: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
			for path, want := range map[string]map[string]int{
				"/accounts/L1/mails":    {"mails": n / 2, "drafts": n/2 + 1},
				"/accounts/L2/mails":    {"not_sent": 1},
				"/accounts/L1/tasks":    {"tasks": 1},
				"/accounts/fleet/tasks": {"tasks": n},
				"/accounts/L1/facts":    {"facts": 2},
				"/accounts/L3/seats":    {"seats": 2},
				"/accounts":             {"accounts": 3},
			} {
				whole, pages := w.walked(path, "", 200)
				for name, least := range want {
					if len(whole[name]) < least {
						t.Errorf("%s: %d %s, want %d", path, len(whole[name]), name, least)
					}
				}
				if path == "/accounts/L1/mails" && pages < 2 {
					t.Errorf("%s: all on one page", path)
				}
				for _, limit := range []int{1, 2, 7} {
					if path == "/accounts/L1/mails" && limit < 7 {
						continue
					}
					if got, _ := w.walked(path, "", limit); fmt.Sprint(got) != fmt.Sprint(whole) {
						t.Errorf("%s by %d: %d entries of %d", path, limit, len(fmt.Sprint(got)), len(fmt.Sprint(whole)))
					}
				}
				for _, cursor := range []string{"x", "WyJhIl0x", "W10"} {
					r := httptest.NewRequest("GET", path+"?cursor="+cursor, nil)
					r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
					if out := w.do(r); out.status != 400 || out.outcome() != "malformed" {
						t.Errorf("%s with the cursor %s: %v, want 400", path, cursor, out)
					}
				}
			}
		})
	}
}

// An instant that cannot be meant, or not be written down, is refused by its name; every other is
// answered as it was asked, and no evidence is without a name.
func TestInstantsThatCanBeAsked(t *testing.T) {
	w := newWorld(t, nil)
	w.small("I1", "off")
	w.must(w.say("account.changed", w.clock.Now(), `{"account":"I2","name":"Uten lisens","locale":"en","timezone":"Europe/Oslo","model":"plans","contacts":[],
		"installations":[{"cust_id":"CustI2","serial":"SI2","kind":"production","hosting":"online","url":""}],"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`), "applied")
	w.must(w.say("subscription.changed", w.clock.Now(), `{"account":"I2","subscription":"s","plans":[{"plan":"p","seats":9}]}`), "applied")
	for _, account := range []string{"I1", "I2"} {
		for at, want := range map[string]int{
			"0000-01-01": 400, "0001-01-01": 400, "1899-12-31": 400, "1900-06-01": 200, "1900-01-01T00:00:00Z": 200, "2026-11-23": 200, "9998-12-30": 200,
			"9999-12-31": 400, "9999-01-01": 400, "9999-12-31T23:59:59-23:59": 400, "0000-01-01T00:00:00Z": 400, "10000-01-01": 400, "then": 400, "9998-12-31T23:59:59-23:59": 400,
		} {
			r := httptest.NewRequest("GET", "/accounts/"+account+"/diagnosis?at="+url.QueryEscape(at), nil)
			r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
			out := w.do(r)
			if out.status != want || want == 400 && !strings.Contains(out.body, "at: write an instant") {
				t.Errorf("%s at %s: %d %.200s, want %d", account, at, out.status, out.body, want)
				continue
			}
			var d struct {
				Findings, Upcoming, Passed, Unknown []struct {
					Code     string
					Evidence []struct{ Name string }
				}
			}
			if err := json.Unmarshal([]byte(out.body), &d); want == 200 && err != nil {
				t.Errorf("%s at %s: %.100s %v", account, at, out.body, err)
			}
			for _, f := range slices.Concat(d.Findings, d.Upcoming, d.Passed, d.Unknown) {
				for _, e := range f.Evidence {
					if e.Name == "" {
						t.Errorf("%s at %s: %s has evidence without a name", account, at, f.Code)
					}
				}
			}
		}
	}
}
