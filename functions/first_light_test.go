package functions_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// A step of first light. It is done once more after a kill: a sender resends, and a person
// clicks again.
type step struct {
	name string
	do   func(w *world) error
}

// The order that went down. Without it the customer is told all the same.
var ordered = []step{
	{"the order is told", func(w *world) error {
		return want(w.post("standard", "/billing/standard", "order-1", []byte(`{"type":"subscription.changed","timestamp":"2025-12-13T06:00:00Z",
			"data":{"account":"C-1","subscription":"S-1","plans":[{"plan":"sales-premium","seats":10}]}}`)), 200, `"account":"C-1"`)
	}},
	{"the order goes down", func(w *world) error {
		return want(w.post("standard", "/billing/standard", "order-2", []byte(`{"type":"subscription.changed","timestamp":"2026-11-01T06:00:00Z",
			"data":{"account":"C-1","subscription":"S-1","plans":[{"plan":"sales-premium","seats":7}]}}`)), 200, `"account":"C-1"`)
	}},
}

// First light: one customer, from the signed body to the mail that says it is solved.
var firstLight = []step{
	{"the customer is told", func(w *world) error {
		return want(w.tell("first/01-standard-account.json"), 200, `"account":"C-1"`)
	}},
	{"the licence is told", func(w *world) error {
		return want(w.tell("first/02-standard-licence.json"), 200, `"account":"C-1"`)
	}},
	{"a login is warned", func(w *world) error {
		return want(w.tell("first/03-login-warned.json"), 200, `"account":"C-1"`)
	}},
	{"the diagnosis says why", func(w *world) error {
		f := w.finding("C-1", "surplus")
		if got, want := f.Title, "Sales Premium: 9 assigned, 7 in the new licence. Free 2."; got != want || f.Need != 2 {
			return fmt.Errorf("surplus is %+v, want %q", f, want)
		}
		return nil
	}},
	{"half an hour passes", func(w *world) error {
		w.advance(morning.Add(30 * time.Minute))
		return nil
	}},
	{"the mail's page shows the numbers", func(w *world) error {
		return want(w.get(w.link()), 200, "9 assigned, 7 in the new licence")
	}},
	{"checked again, it is as before", func(w *world) error {
		return want(w.press(w.link()+"/check", nil), 200, "9 assigned, as before. Still 2 too many.")
	}},
	{"the administrator frees two and activates", func(w *world) error {
		// Pressed twice, the screen says that the licence is up to date.
		if said := w.screen("Cust10001", "free-and-activate", url.Values{}); !strings.Contains(said, "has been activated") && !strings.Contains(said, "up to date") {
			return fmt.Errorf("the screen says %q", said)
		}
		return nil
	}},
	{"ten minutes pass", func(w *world) error {
		w.advance(morning.Add(40 * time.Minute))
		return nil
	}},
	{"checked again, the new licence is active", func(w *world) error {
		r := w.press(w.link()+"/check", nil)
		if w.restarted && strings.Contains(text(r.body), "Nothing has changed since the last reading") {
			return want(r, 200, "the new licence is active") // it was read, and the one who asked was not told
		}
		return want(r, 200, "Done: the new licence is active until 13 December 2027")
	}},
	{"a day passes", func(w *world) error {
		w.advance(morning.Add(24 * time.Hour))
		return nil
	}},
}

func want(r reply, status int, part string) error {
	if page := text(r.body); r.status != status || !strings.Contains(page, part) && !strings.Contains(r.body, part) {
		return fmt.Errorf("answered %d %s, want %d and %q", r.status, page, status, part)
	}
	return nil
}

// link is the path of the page in the first mail.
func (w *world) link() string {
	w.Helper()
	mails := w.inbox()
	if len(mails) == 0 {
		w.Fatal("no mail has come")
	}
	return path(w.T, mails[0].Link)
}

// play goes through first light; a step during which the process died is done once more.
func (w *world) play(steps []step) {
	w.Helper()
	w.simulate("first/01-standard-account.json", "first/02-standard-licence.json")
	for _, step := range steps {
		err := step.do(w)
		if w.revive() {
			err = step.do(w)
		}
		if err != nil {
			w.Fatalf("%s: %v", step.name, err)
		}
	}
}

// after is how things stand: the mails, each with its words, the diagnosis, the tasks and the
// people, without the instants and the tokens, which a delay changes.
func (w *world) after() string {
	w.Helper()
	var b strings.Builder
	for _, m := range w.inbox() {
		words := m.Text
		if m.Link != "" {
			words = strings.ReplaceAll(words, m.Link, "LINK")
		}
		fmt.Fprintf(&b, "mail %s to %s: %s\n%s\n", m.Why, m.To, m.Subject, words)
	}
	d := w.diagnosis("C-1")
	fmt.Fprintf(&b, "%s %s\n", d.Phase, d.Summary)
	for of, list := range map[string][]found{"finding": d.Findings} {
		for _, f := range list {
			fmt.Fprintf(&b, "%s %s %s %s\n", of, f.Code, f.State, f.Title)
		}
	}
	for _, f := range append(d.Passed, d.Unknown...) {
		fmt.Fprintf(&b, "no %s %s\n", f.Code, f.Title)
	}
	var tasks struct {
		Tasks []struct{ Code, State string }
	}
	w.ask("/accounts/C-1/tasks", &tasks)
	fmt.Fprintf(&b, "tasks %+v\n", tasks.Tasks)
	var seats struct {
		Seats []struct {
			User struct{ ID string }
		}
	}
	w.ask("/accounts/C-1/seats?plan=sales-premium", &seats)
	fmt.Fprintf(&b, "seats %+v\n", seats.Seats)
	return b.String()
}

var stores = []struct {
	name string
	open func(*testing.T, func() time.Time) store.Store
}{{"memory", inMemory}, {"sqlite", onSQLite}, {"dynamodb", onDynamo}}

func TestFirstLight(t *testing.T) {
	for _, s := range stores {
		for name, steps := range map[string][]step{
			"with the order":    slices.Insert(slices.Clone(firstLight), 1, ordered...),
			"without any order": firstLight,
		} {
			t.Run(s.name+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, s.open)
				w.play(steps)
				mails := w.inbox()
				if len(mails) != 2 {
					t.Fatalf("%d mails, want the notice and *solved*:\n%s", len(mails), w.after())
				}
				if got, want := mails[0].To, "anna.storm@storvik.example"; got != want {
					t.Errorf("the notice went to %s, want %s", got, want)
				}
				if got, want := mails[1].Subject, "Solved: the licence is active until 13 December 2027"; got != want {
					t.Errorf("the last mail is %q, want %q", got, want)
				}
				w.advance(morning.AddDate(0, 0, 60))
				if got := len(w.inbox()); got != 2 {
					t.Errorf("%d mails after sixty days, want silence:\n%s", got, w.after())
				}
			})
		}
	}
}

// The process dies at every single write of first light, once before it was kept and once after;
// another one goes on where it stopped. What the customer has got in the end, and what is known,
// is each time the same.
func TestFirstLightKilled(t *testing.T) {
	steps := slices.Insert(slices.Clone(firstLight), 1, ordered...)
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var calls []storetest.Call
			calm := newWorld(t, s.open)
			calm.plan = func(c storetest.Call) storetest.Fault {
				if c.Write {
					calls = append(calls, c)
				}
				return storetest.None
			}
			calm.play(steps)
			want := calm.after()
			for i, at := range calls {
				for _, fault := range []storetest.Fault{storetest.Lost, storetest.Kept} {
					if s.name != "memory" && (i%3 != 0 || (i%2 == 0) == (fault == storetest.Lost)) {
						continue // the same code over the same law: some of the writes, one way each
					}
					if testing.Short() && i%6 != 0 {
						continue
					}
					t.Run(fmt.Sprintf("%02d %s %s", at.N, at.Op, fault), func(t *testing.T) {
						t.Parallel()
						w := newWorld(t, s.open)
						met := false
						w.plan = func(c storetest.Call) storetest.Fault {
							if met || c.N != at.N {
								return storetest.None
							}
							met = true
							return fault
						}
						w.play(steps)
						if !met {
							t.Fatal("the call was never made")
						}
						if got := w.after(); got != want {
							t.Errorf("it ends otherwise than without a kill:\n%s", difference(want, got))
						}
					})
				}
			}
			t.Logf("of %d writes", len(calls))
		})
	}
}

// Where mails are handed to a mail server, nobody can tell whether one went when the process died
// meanwhile. Such a mail is never sent a second time, and ops are told of it; one of which it was not yet
// written down that it is about to go goes later.
func TestMailIsHandedOverOnce(t *testing.T) {
	steps := slices.Insert(slices.Clone(firstLight), 1, ordered...)
	var calls []storetest.Call
	run := func(t *testing.T, plan func(storetest.Call) storetest.Fault) map[string]int {
		w := newWorld(t, nil)
		sent := map[string]int{}
		w.mail = func(_ context.Context, m effects.Message) (string, error) {
			sent[m.To+" "+m.Subject]++
			if m.To == "anna.storm@storvik.example" {
				sent[""] = len(calls)
			}
			return "", nil
		}
		w.plan = plan
		w.start()
		w.simulate("first/01-standard-account.json", "first/02-standard-licence.json")
		for _, step := range steps[:7] { // up to the mail
			err := step.do(w)
			if w.revive() {
				err = step.do(w)
			}
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		w.advance(morning.Add(6 * time.Hour))
		return sent
	}
	handed := run(t, func(c storetest.Call) storetest.Fault {
		if c.Write {
			calls = append(calls, c)
		}
		return storetest.None
	})[""] // so many writes were made before the mail was handed over
	if handed == 0 {
		t.Fatal("no mail was handed over")
	}
	for i, at := range calls {
		if i < handed-3 || i > handed+1 {
			continue // TestFirstLightKilled has the others
		}
		for _, fault := range []storetest.Fault{storetest.Lost, storetest.Kept} {
			t.Run(fmt.Sprintf("%02d %s %s", at.N, at.Op, fault), func(t *testing.T) {
				met := false
				sent := run(t, func(c storetest.Call) storetest.Fault {
					if met || c.N != at.N {
						return storetest.None
					}
					met = true
					return fault
				})
				delete(sent, "")
				customer, uncertain := 0, 0
				for mail, n := range sent {
					if n > 1 {
						t.Errorf("%s went %d times", mail, n)
					}
					switch {
					case strings.HasPrefix(mail, "anna.storm@"):
						customer++
					case strings.Contains(mail, "Email uncertain"):
						uncertain++
					}
				}
				// From the commit that says that it is about to go, whoever dies leaves it uncertain, and ops are told.
				claimed := i == handed-1 || i == handed-2 && fault == storetest.Kept
				if customer != 1 && !(claimed && uncertain == 1) {
					t.Errorf("sent were %v, want one mail", sent)
				}
			})
		}
	}
}

// News may come from elsewhere between the decision to write to somebody and the commit that says
// so. Whenever it comes, no mail goes out that it has made untrue.
func TestNewsWhileAMailIsWritten(t *testing.T) {
	told := func(t *testing.T) *world {
		w := newWorld(t, nil)
		for _, file := range []string{"first/01-standard-account.json", "first/02-standard-licence.json", "first/03-login-warned.json"} {
			w.must(w.tell(file), "applied")
		}
		return w
	}
	commits := 0
	calm := told(t)
	calm.plan = func(c storetest.Call) storetest.Fault {
		if c.Op == "Commit" {
			commits++
		}
		return storetest.None
	}
	calm.advance(morning.Add(time.Hour))
	if got := len(calm.inbox()); got != 1 || commits == 0 {
		t.Fatalf("%d mails in %d commits, want one", got, commits)
	}
	for at := range commits {
		t.Run(fmt.Sprintf("before commit %d", at+1), func(t *testing.T) {
			w := told(t)
			elsewhere := told(t)
			elsewhere.db, elsewhere.clock = w.db, w.clock
			elsewhere.start()
			n, before := 0, 0
			w.plan = func(c storetest.Call) storetest.Fault {
				if c.Op == "Commit" {
					if n == at {
						before = len(w.inbox())
						w.clock.set(w.clock.Now().Add(time.Second))
						renewed := bytes.Replace(w.event("first/04-standard-renewed.json"), []byte("2026-11-23T06:50:00Z"), w.clock.Now().AppendFormat(nil, time.RFC3339Nano), 1)
						w.must(elsewhere.do(elsewhere.signed("standard", "/users/standard", "renewed", renewed)), "applied")
					}
					n++
				}
				return storetest.None
			}
			w.advance(morning.Add(26 * time.Hour))
			notices := 0
			for _, m := range w.inbox() {
				if strings.HasPrefix(m.Why, "notice") {
					notices++
				}
			}
			if notices != before || len(w.inbox()) != 2*before {
				t.Errorf("when the news came %d had gone; in the end %d notices, %d mails", before, notices, len(w.inbox()))
			}
		})
	}
}

// difference shows the lines that only one of two texts has.
func difference(want, got string) string {
	var b strings.Builder
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for _, line := range w {
		if !slices.Contains(g, line) {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	for _, line := range g {
		if !slices.Contains(w, line) {
			fmt.Fprintf(&b, "+ %s\n", line)
		}
	}
	return b.String() + fmt.Sprintf("(%d lines, want %d)", len(g), len(w))
}
