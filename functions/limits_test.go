package functions_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Valid input never makes an account that cannot be written any more. These tests drive every list
// of every body to its bound and beyond, on each store: the bound is taken, what is beyond gets a
// 422 that names the place, and the account goes on either way.

var bothStores = map[string]func(*testing.T, func() time.Time) store.Store{"sqlite": onSQLite, "dynamodb": onDynamo}

// many repeats a piece of JSON, with its number for each %[1]d, as a list.
func many(n int, piece string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(piece, i)
	}
	return "[" + strings.Join(all, ",") + "]"
}

const (
	bigContact  = `{"id":"c%[1]d","name":"Person %[1]d","email":"p%[1]d@big.example","role":"admin","locale":"en"}`
	bigInstall  = `{"cust_id":"Cust7%03[1]d","serial":"18%06[1]d","kind":"production","hosting":"online","url":"https://online.superoffice.com/Cust7%03[1]d"}`
	bigMapping  = `{"sender":"stripe","id":"cus_%[1]d"}`
	bigPlan     = `{"plan":"plan-%[1]d","name":"Plan %[1]d","module":"module-%[1]d","prices":["price_%[1]d"]}`
	bigLine     = `{"plan":"plan-%[1]d","module":"module-%[1]d","description":"Plan %[1]d","total":10,"new_total":7,"in_use":9,"unrestricted":false}`
	bigOrder    = `{"plan":"plan-%[1]d","seats":10}`
	bigUnmapped = `{"price":"price_x%[1]d","seats":3}`
	bigID       = `"id-%[1]d"`
)

// A big is an account.changed; each field is a list.
type big struct{ contacts, installations, billing, plans, notSeats string }

func (b big) String() string {
	or := func(list, usual string) string {
		if list == "" {
			return usual
		}
		return list
	}
	return fmt.Sprintf(`{"account":"B-1","name":"Big AB","locale":"en","timezone":"Europe/Stockholm","model":"plans","mail":"on","contacts":%s,"installations":%s,"billing":%s,"plans":%s,"not_seats":%s}`,
		or(b.contacts, many(1, bigContact)), or(b.installations, many(1, bigInstall)), or(b.billing, "[]"), or(b.plans, many(1, bigPlan)), or(b.notSeats, "[]"))
}

func bigLicence(cust, lines, markers string) string {
	return fmt.Sprintf(`{"account":"B-1","cust_id":%q,"serial":"18000000","version":"12.2","licensed_version":"12.2","maintenance_until":null,
		"next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":%s,"plans":%s}`, cust, markers, lines)
}

// lists are the lists of all bodies: how a body with n of them looks, and how many there may be.
var lists = []struct {
	name, kind string
	most       int
	data       func(n int) string
}{
	{"contacts", "account.changed", 100, func(n int) string { return big{contacts: many(n, bigContact)}.String() }},
	{"installations", "account.changed", 39, func(n int) string { return big{installations: many(n, bigInstall)}.String() }}, // 2 names each, and the account's own
	{"billing", "account.changed", 77, func(n int) string { return big{billing: many(n, bigMapping)}.String() }},
	{"former serials", "account.changed", 77, func(n int) string {
		return big{installations: strings.Replace(many(1, bigInstall), `"kind"`, `"serials":`+many(n, bigID)+`,"kind"`, 1)}.String()
	}},
	{"plans", "account.changed", 200, func(n int) string { return big{plans: many(n, bigPlan)}.String() }},
	{"prices", "account.changed", 200, func(n int) string {
		return big{plans: `[{"plan":"plan-0","name":"Plan","module":"module-0","prices":` + many(n, bigID) + `}]`}.String()
	}},
	{"modules", "account.changed", 200, func(n int) string {
		return big{plans: `[{"plan":"plan-0","name":"Plan","modules":` + many(n, bigID) + `,"prices":[]}]`}.String()
	}},
	{"not_seats", "account.changed", 200, func(n int) string { return big{notSeats: many(n, bigID)}.String() }},
	{"lines", "subscription.changed", 200, func(n int) string {
		return `{"account":"B-1","subscription":"s","plans":` + many(n, bigOrder) + `}`
	}},
	{"unmapped", "subscription.changed", 200, func(n int) string {
		return `{"account":"B-1","subscription":"s","plans":[],"unmapped":` + many(n, bigUnmapped) + `}`
	}},
	{"scheduled", "subscription.changed", 100, func(n int) string {
		return `{"account":"B-1","subscription":"s","plans":[],"scheduled":` + many(n, `{"at":"2%03[1]d-01-01T00:00:00Z","plans":[{"plan":"plan-0","seats":%[1]d}]}`) + `}`
	}},
	{"scheduled lines", "subscription.changed", 200, func(n int) string {
		return `{"account":"B-1","subscription":"s","plans":[],"scheduled":[{"at":"2027-01-01T00:00:00Z","plans":` + many(n, bigOrder) + `}]}`
	}},
	{"covers", "invoice.changed", 200, func(n int) string {
		return `{"account":"B-1","invoice":"I","status":"open","due":"2026-12-01","paid_at":null,"amount":"1.00","currency":"SEK","url":"","covers":` + many(n, bigID) + `}`
	}},
	{"licence plans", "licence.reported", 200, func(n int) string { return bigLicence("Cust7000", many(n, bigLine), "[]") }},
	{"markers", "licence.reported", 100, func(n int) string { return bigLicence("Cust7000", "[]", many(n, bigID)) }},
	{"can", "installation.reported", 20, func(n int) string {
		return `{"account":"B-1","cust_id":"Cust7000","state":"running","can":` + "[" + strings.TrimSuffix(strings.Repeat(`"free",`, n), ",") + "]" + `}`
	}},
	{"blockers", "seat.changed", 20, func(n int) string {
		return `{"account":"B-1","cust_id":"Cust7000","plan":"plan-0","held":true,"open_requests":0,"user":` + bigUser(0, many(n, `{"code":"logged-on","count":%[1]d}`)) + `}`
	}},
	{"plans of a list", "seats.listed", 200, func(n int) string {
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"plan":"plan-%d","open_requests":0,"user":%s}`, i, bigUser(i, "[]"))
		}
		return `{"account":"B-1","cust_id":"Cust7000","seats":[` + strings.Join(rows, ",") + `]}`
	}},
}

func bigUser(i int, blockers string) string {
	return fmt.Sprintf(`{"id":"%d","name":"Person %d","email":"p%d@big.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null,"blockers":%s}`, i, i, i, blockers)
}

// goesOn tells whether the account takes news, and whether time passes for it: what it then owes is
// written, some at a time. That all of it is done in the end TestLargeAccountsGoOn plays.
func (w *world) goesOn(t *testing.T) {
	t.Helper()
	w.ids++
	at := w.clock.Now()
	invoice := fmt.Sprintf(`{"account":"B-1","invoice":"after-%d","status":"paid","due":"2026-11-01","paid_at":"2026-11-01","amount":"1.00","currency":"SEK","url":""}`, w.ids)
	if r := w.say("invoice.changed", at, invoice); r.status != 200 || r.outcome() != "applied" {
		t.Fatalf("an invoice after it is answered %v", r)
	}
	w.clock.set(at.Add(time.Hour))
	if err := w.app.Engine.Tick(t.Context(), "B-1"); err != nil {
		t.Fatalf("an hour later: %v", err)
	}
	if l, err := w.db.Load(t.Context(), "B-1", store.Want{}); err != nil || !l.State.Known.Profile.Account.Told() {
		t.Fatalf("the account cannot be loaded: %v", err)
	}
}

func TestListsAtTheirBounds(t *testing.T) {
	for name, open := range bothStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, l := range lists {
				t.Run(l.name, func(t *testing.T) {
					w := newWorld(t, open)
					// Each of 200 findings has its task: these TestLargeAccountsGoOn delivers.
					w.asleep = l.name == "lines" || l.name == "unmapped" || l.name == "licence plans"
					w.must(w.say("account.changed", w.clock.Now().Add(-48*time.Hour), big{}.String()), "applied")
					w.must(w.say("licence.reported", w.clock.Now().Add(-47*time.Hour), bigLicence("Cust7000", many(1, bigLine), "[]")), "applied")
					if r := w.say(l.kind, w.clock.Now().Add(-time.Hour), l.data(l.most)); r.status != 200 || r.outcome() != "applied" {
						t.Fatalf("%d of them are answered %v", l.most, r)
					}
					w.goesOn(t)
					r := w.say(l.kind, w.clock.Now(), l.data(l.most+1))
					var v struct {
						Error struct {
							Code, Message string
							Fields        []struct{ Field, Problem string }
						}
					}
					if err := json.Unmarshal([]byte(r.body), &v); err != nil || r.status != 422 || v.Error.Code != "invalid" || len(v.Error.Fields) == 0 || !strings.HasPrefix(v.Error.Fields[0].Field, "data") {
						t.Fatalf("one more is answered %v, want a 422 that names the place", r)
					}
					w.goesOn(t)
				})
			}
		})
	}
}

// TestLargeAccountsGoOn plays what is large in more than one way.
func TestLargeAccountsGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of processor time on each store, and many more under the race detector")
	}
	day := 24 * time.Hour
	for name, open := range bothStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := func(t *testing.T) *world {
				w := newWorld(t, open)
				w.must(w.say("account.changed", w.clock.Now().Add(-2*day), big{}.String()), "applied")
				w.must(w.say("licence.reported", w.clock.Now().Add(-2*day), bigLicence("Cust7000", many(1, bigLine), "[]")), "applied")
				return w
			}
			t.Run("each unmapped price has its task in the end", func(t *testing.T) {
				w := start(t)
				w.must(w.say("subscription.changed", w.clock.Now(), `{"account":"B-1","subscription":"s","plans":[{"plan":"plan-0","seats":10}],"unmapped":`+many(150, bigUnmapped)+`}`), "applied")
				w.advance(w.clock.Now().Add(2 * day))
				var v struct {
					Tasks []struct{ Code, State string }
				}
				w.ask("/accounts/B-1/tasks?limit=200", &v)
				open := 0
				for _, task := range v.Tasks {
					if task.Code == "order-differs" && task.State == "open" {
						open++
					}
				}
				if open < 150 {
					t.Errorf("%d tasks are open, want one for each of 150 prices", open)
				}
				w.goesOn(t)
			})
			t.Run("all names are exchanged", func(t *testing.T) {
				w := start(t)
				w.must(w.say("account.changed", w.clock.Now().Add(-day), big{installations: many(39, bigInstall)}.String()), "applied")
				others := strings.NewReplacer("Cust7", "Cust8", `"18`, `"19`).Replace(many(39, bigInstall))
				w.must(w.say("account.changed", w.clock.Now().Add(-time.Hour), big{installations: others}.String()), "applied")
				w.goesOn(t)
				// What it gave up may be another's now.
				taker := strings.Replace(big{installations: many(39, bigInstall)}.String(), `"B-1"`, `"B-2"`, 1)
				w.must(w.say("account.changed", w.clock.Now(), taker), "applied")
				for cust, want := range map[string]string{"cust7038": "B-2", "cust8038": "B-1"} {
					if got, err := w.db.Resolve(t.Context(), licence.CustName(cust)); got != want {
						t.Errorf("%s leads to %q (%v), want %s", cust, got, err, want)
					}
				}
			})
			t.Run("subscriptions without end", func(t *testing.T) {
				w := start(t)
				refused := 0
				tell := func(i int, status string, lines string) reply {
					return w.say("subscription.changed", w.clock.Now().Add(-day+time.Duration(i)*time.Second), fmt.Sprintf(`{"account":"B-1","subscription":"sub-%04d","status":%q,"plans":%s}`, i, status, lines))
				}
				long := strings.ReplaceAll(many(20, bigOrder), "plan-", strings.Repeat("a-long-name-of-a-plan-", 11))
				for i := range 60 {
					status := "active"
					if i%2 == 0 {
						status = "ended"
					}
					switch r := tell(i, status, long); {
					case r.status == 422 && strings.Contains(r.body, "orders") && strings.Contains(r.body, "end subscriptions"):
						refused++
					case r.status != 200:
						t.Fatalf("subscription %d is answered %v", i, r)
					}
				}
				if refused == 0 || refused > 25 {
					t.Errorf("%d of 60 were refused, of which 30 have ended: these are to go first", refused)
				}
				w.goesOn(t)
				// Ending one that runs makes room.
				if r := tell(1, "ended", "[]"); r.status != 200 {
					t.Errorf("ending one is answered %v", r)
				}
				w.goesOn(t)
			})
			t.Run("signs that take six bytes each", func(t *testing.T) {
				w := start(t)
				line := strings.Replace(bigLine, `"description":"Plan`, `"description":"`+strings.Repeat("<&>", 250), 1)
				w.must(w.say("licence.reported", w.clock.Now(), bigLicence("Cust7000", many(200, line), "[]")), "applied")
				w.goesOn(t)
			})
			t.Run("many installations of many plans", func(t *testing.T) {
				w := start(t)
				w.must(w.say("account.changed", w.clock.Now().Add(-day), big{installations: many(30, bigInstall), plans: many(40, bigPlan)}.String()), "applied")
				w.asleep = true // of each of 1,200 modules there is something to do
				for i := range 30 {
					if r := w.say("licence.reported", w.clock.Now().Add(-time.Hour), bigLicence(fmt.Sprintf("Cust7%03d", i), many(40, bigLine), "[]")); r.status != 200 {
						t.Fatalf("licence %d is answered %v", i, r)
					}
				}
				w.goesOn(t)
			})
		})
	}
}

// TestABrokenRuleIsLoggedAndTold holds that a rule that panics is in the log with its stack, is one
// task for ops however many customers it breaks for, and stops nothing.
func TestABrokenRuleIsLoggedAndTold(t *testing.T) {
	alone(t)
	whole := diagnosis.Rules
	t.Cleanup(func() { diagnosis.Rules = whole })
	w := newWorld(t, nil)
	broken := slices.Clone(whole)
	for i := range broken {
		if broken[i].Code == "surplus" {
			broken[i].Check = func(*diagnosis.Reading, []diagnosis.Verdict) []diagnosis.Verdict { panic("a fault of ours") }
		}
	}
	diagnosis.Rules = broken
	for _, account := range []string{"B-1", "B-2"} {
		body := strings.NewReplacer(`"B-1"`, `"`+account+`"`, "Cust7", "Cust7"+account[2:], `"18`, `"18`+account[2:]).Replace(big{}.String())
		w.must(w.say("account.changed", w.clock.Now(), body), "applied")
	}
	if log := w.logs.String(); !strings.Contains(log, `"fault":"rule-failed"`) || !strings.Contains(log, "a fault of ours") || !strings.Contains(log, "limits_test.go") {
		t.Errorf("the log lacks the rule that broke, or where")
	}
	var v struct {
		Tasks []struct {
			Code, State string
			Subject     licence.Subject
		}
	}
	w.ask("/accounts/fleet/tasks", &v)
	if len(v.Tasks) != 1 || v.Tasks[0].Code != "rule-failed" || v.Tasks[0].Subject.ID != "surplus" || v.Tasks[0].State != "open" {
		t.Errorf("the fleet's tasks are %+v", v.Tasks)
	}
	for _, f := range w.diagnosis("B-1").Unknown {
		if f.Code == "surplus" {
			return
		}
	}
	t.Error("the rule does not say unknown")
}
