package functions_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatmend/shared/store"
)

// TestIncident: a source that falls silent at several customers is one task for ops, which
// closes when it is heard again at all of them; and no customer's list shows it.
func TestIncident(t *testing.T) {
	w := newWorld(t, onSQLite)
	day := 24 * time.Hour
	report := func(i int) {
		w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"S-%d","cust_id":"Cust50%d","serial":"50%d","version":"12.2","licensed_version":"12.2",
			"maintenance_until":"2028-12-31","next_check":"2027-10-01","admin_warning":"2027-10-10","expires":"2027-11-01","grace_until":"2027-11-12","offered":false,"can_activate":false,"markers":["online"],
			"plans":[{"plan":"p","module":"m","description":"P","total":5,"in_use":4,"unrestricted":false}]}`, i, i, i)), "applied")
		w.must(w.say("source.checked", w.clock.Now(), fmt.Sprintf(`{"account":"S-%d","source":"licence","cust_id":"Cust50%d"}`, i, i)), "applied")
	}
	for i := range 2 {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"S-%d","name":"Silent %d AS","locale":"nb","timezone":"Europe/Oslo","model":"plans","mail":"on",
			"contacts":[{"id":"a","name":"Ada Moe","email":"ada@s%d.example","role":"admin","locale":"nb"}],
			"installations":[{"cust_id":"Cust50%d","serial":"50%d","kind":"production","hosting":"onsite","url":"https://crm.s%d.example"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, i, i, i, i, i, i)), "applied")
		report(i)
	}
	type task struct {
		Code, State string
		Count       int
	}
	tasks := func(account string) (out []task) {
		var a struct{ Tasks []task }
		w.ask("/accounts/"+account+"/tasks", &a)
		for _, t := range a.Tasks {
			if t.Code == "source-stale" {
				out = append(out, t)
			}
		}
		return out
	}
	want := func(when, list string) {
		t.Helper()
		if got := fmt.Sprint(tasks(store.Operations)); got != list {
			t.Errorf("%s: the fleet's tasks are %s, want %s", when, got, list)
		}
		for i := range 2 {
			if got := tasks(fmt.Sprintf("S-%d", i)); len(got) > 0 {
				t.Errorf("%s: S-%d has tasks %v of its own", when, i, got)
			}
		}
	}
	want("while all is heard", "[]")
	w.advance(w.clock.Now().Add(4 * day))
	want("after four silent days", "[{source-stale open 2}]")
	report(0)
	w.advance(w.clock.Now().Add(time.Hour))
	want("when one is heard again", "[{source-stale open 1}]")
	report(1)
	w.advance(w.clock.Now().Add(time.Hour))
	want("when both are", "[{source-stale closed 0}]")
	for _, m := range w.inbox() {
		if strings.Contains(m.Subject, "silent") {
			t.Errorf("a customer was told: %s", m.Subject)
		}
	}
}
