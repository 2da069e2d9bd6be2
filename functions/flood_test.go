package functions_test

import (
	"fmt"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/store"
)

// TestFlood: beyond the operator's first mails an hour over the whole fleet, mails become
// drafts, with one task for ops; and a person can send them.
func TestFlood(t *testing.T) {
	w := newWorld(t, onSQLite)
	limit := app.Invented.FirstMailsPerHour
	const more = 4
	for i := range limit + more {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"F-%[1]d","name":"Flood %[1]d AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
			"contacts":[{"id":"a","name":"Ada Moe","email":"ada@f%[1]d.example","role":"admin","locale":"en"}],
			"installations":[{"cust_id":"Cust6%03[1]d","serial":"6%03[1]d","kind":"production","hosting":"onsite","url":"https://crm.f%[1]d.example"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, i)), "applied")
		w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"F-%[1]d","cust_id":"Cust6%03[1]d","serial":"6%03[1]d","version":"12.2","licensed_version":"12.2",
			"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":["online"],
			"plans":[{"plan":"p","module":"m","description":"P","total":10,"new_total":7,"in_use":9,"unrestricted":false}]}`, i)), "applied")
	}
	w.advance(w.clock.Now().Add(20 * time.Minute))
	count := func() (sent, drafts int) {
		for i := range limit + more {
			var m struct {
				Mails  []any
				Drafts []struct{ Draft string }
			}
			w.ask(fmt.Sprintf("/accounts/F-%d/mails", i), &m)
			sent += len(m.Mails)
			for _, d := range m.Drafts {
				if d.Draft != "flood" {
					t.Errorf("F-%d has a draft because of %q", i, d.Draft)
				}
				drafts++
			}
		}
		return sent, drafts
	}
	if sent, drafts := count(); sent != limit || drafts != more {
		t.Errorf("%d mails went and %d became drafts, want %d and %d", sent, drafts, limit, more)
	}
	var fleet struct {
		Tasks []struct{ Code, Owner, State string }
	}
	w.ask("/accounts/"+store.Operations+"/tasks", &fleet)
	if got := fmt.Sprint(fleet.Tasks); got != "[{mails-held ops open}]" {
		t.Errorf("the fleet's tasks are %s, want one for the mails that were held", got)
	}
	w.advance(w.clock.Now().Add(3 * time.Hour))
	if sent, drafts := count(); sent != limit || drafts != more {
		t.Errorf("three hours later: %d mails and %d drafts: what was held is for a person", sent, drafts)
	}
	for i := range limit + more {
		if _, err := w.app.Engine.Drafts(t.Context(), fmt.Sprintf("F-%d", i), "", true); err != nil {
			t.Fatal(err)
		}
	}
	w.advance(w.clock.Now().Add(time.Minute))
	if sent, drafts := count(); sent != limit+more || drafts != 0 {
		t.Errorf("when a person sent them: %d mails and %d drafts", sent, drafts)
	}
}
