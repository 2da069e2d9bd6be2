package functions_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// These tests are about news that is in order and does not fit into its account: it waits for a
// person, and nothing else waits for it.

// wordy is a licence of n plans, each with a text of so many bytes.
func wordy(account, cust string, n, bytes int) string {
	line := `{"plan":"plan-%[1]d","module":"module-%[1]d","description":"` + strings.Repeat("x", bytes) + `","total":10,"in_use":9,"unrestricted":false}`
	return fmt.Sprintf(`{"account":%q,"cust_id":%q,"serial":"18000000","version":"12.2","licensed_version":"12.2","maintenance_until":null,
		"next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":false,"can_activate":false,"markers":[],"plans":%s}`, account, cust, many(n, line))
}

type taskSeen struct {
	Code, Owner, State string
	Subject            licence.Subject
}

func (w *world) tasksOf(account, code string) (found []taskSeen) {
	w.Helper()
	var v struct{ Tasks []taskSeen }
	w.ask("/accounts/"+account+"/tasks", &v)
	for _, t := range v.Tasks {
		if t.Code == code && (t.Owner == "ops" || t.Owner == "support" && code == "without-plan") {
			found = append(found, t)
		}
	}
	return found
}

// What was parked and does not fit is set aside, and what was parked beside it is folded.
func TestParkedThatDoesNotFit(t *testing.T) {
	for name, open := range bothStores {
		t.Run(name, func(t *testing.T) {
			d := deskWith(t, open)
			w := d.world
			for _, cust := range []string{"Custpoison", "CustB", "CustC"} {
				w.must(w.say("licence.reported", morning, wordy("C-poison", cust, 200, 900)), "parked")
			}
			w.must(w.say("subscription.changed", morning, `{"account":"C-poison","subscription":"sub_1","plans":[{"plan":"plan-1","seats":9}]}`), "parked")
			w.must(w.say("invoice.changed", morning, `{"account":"C-poison","invoice":"INV-9","status":"open","due":"2026-11-01","paid_at":null,"amount":"1.00","currency":"SEK","url":"https://pay.example/INV-9"}`), "parked")
			install := `{"cust_id":%q,"serial":%q,"kind":"sandbox","hosting":"onsite","url":"https://crm.poison.example"}`
			directory := func(installations string) string {
				return `{"account":"C-poison","name":"Poison AB","locale":"en","timezone":"Europe/Stockholm","model":"plans","contacts":[],"installations":[` + installations + `],"billing":[],
					"plans":[{"plan":"plan-1","name":"One","module":"module-1","prices":[]}]}`
			}
			b, c := fmt.Sprintf(install, "CustB", "2"), fmt.Sprintf(install, "CustC", "3")
			w.must(w.say("account.changed", morning, directory(fmt.Sprintf(install, "Custpoison", "1")+","+b+","+c)), "applied")
			w.advance(w.clock.Now().Add(time.Hour))
			if n := w.parkedNow(); n != 0 {
				t.Errorf("%d facts are still parked", n)
			}
			l, err := w.db.Load(t.Context(), "C-poison", store.Want{})
			if err != nil {
				t.Fatal(err)
			}
			if l.State.Known.Orders.Subs["sub_1"] == nil || l.State.Known.Invoices.Licence["INV-9"] == nil {
				t.Error("what was parked beside it is not known")
			}
			kept := func() []store.Rejected {
				list, _, err := w.db.Rejections(t.Context(), store.Page{Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				return list
			}
			aside := kept()
			if len(aside) != 2 || aside[0].Sender != "standard" || aside[0].Code != "invalid" || aside[0].Account != "C-poison" {
				t.Fatalf("set aside are %d, want the two reports that do not fit", len(aside))
			}
			if got := w.tasksOf(store.Operations, "set-aside"); len(got) != 1 || got[0].State != "open" {
				t.Errorf("ops have %+v, want one open task", got)
			}
			shows(t, d.see("/support/accounts/C-poison"), "Rejected: standard")
			// Once there is room, a person has it folded after all.
			shows(t, d.send("/support/aside", url.Values{"do": {"release"}, "id": {aside[0].ID}}), "It still cannot be used")
			w.must(w.say("account.changed", morning.Add(time.Minute), directory(b)), "applied")
			for _, x := range aside {
				d.send("/support/aside", url.Values{"do": {"release"}, "id": {x.ID}})
			}
			if left := kept(); len(left) != 0 {
				t.Errorf("%d are still set aside", len(left))
			}
		})
	}
}

// A read whose answer does not fit is a read that failed: it is tried again ever later, ops have
// one task, and what is owed beside is done.
func TestAReadThatDoesNotFit(t *testing.T) {
	w := newWorld(t, onSQLite)
	files := []string{"demo/fjord-foods/01-standard-account.json", "demo/fjord-foods/05-standard-seats.json", "demo/fjord-foods/06-standard-licence.json"}
	w.simulate(files...)
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(w.event(files[0]), &body); err != nil {
		t.Fatal(err)
	}
	own := body.Data["installations"].([]any)
	tell := func(at time.Time, more ...any) {
		body.Data["installations"] = append(own[:len(own):len(own)], more...)
		data, err := json.Marshal(body.Data)
		if err != nil {
			t.Fatal(err)
		}
		w.must(w.say("account.changed", at, string(data)), "applied")
	}
	sandbox := func(cust, serial string) any {
		return map[string]any{"cust_id": cust, "serial": serial, "kind": "sandbox", "hosting": "onsite", "url": "https://crm.fjord.example"}
	}
	quiet := func(kind, data string) { // taken in, and nothing delivered yet
		w.ids++
		raw := fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":%s}`, kind, morning.UTC().Format(time.RFC3339), data)
		w.must(w.do(w.signed("standard", "/users/standard", fmt.Sprint("quiet-", w.ids), []byte(raw))), "applied")
	}
	body.Data["installations"] = append(own[:len(own):len(own)], sandbox("CustS1", "991"), sandbox("CustS2", "992"))
	data, _ := json.Marshal(body.Data)
	quiet("account.changed", string(data))
	quiet("licence.reported", wordy("C-1042", "CustS1", 200, 900))
	part := func() int {
		l, err := w.db.Load(t.Context(), "C-1042", store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := l.State.Known.Encode("licences")
		if err != nil {
			t.Fatal(err)
		}
		return len(b)
	}
	// The second fills what is left but for some 300 bytes.
	quiet("licence.reported", strings.Replace(wordy("C-1042", "CustS2", 150, 900), `"version":"12.2"`, `"version":"12.1"`, 1))
	for n := 151; licence.MaxPart-part() > 1300; n++ {
		w.clock.set(w.clock.Now().Add(time.Second))
		w.ids++
		raw := fmt.Sprintf(`{"type":"licence.reported","timestamp":%q,"data":%s}`, w.clock.Now().UTC().Format(time.RFC3339), wordy("C-1042", "CustS2", n, 900))
		w.must(w.do(w.signed("standard", "/users/standard", fmt.Sprint("quiet-", w.ids), []byte(raw))), "applied")
	}
	calls := len(w.sim.Calls("Cust12345"))
	w.advance(w.clock.Now().Add(2 * time.Hour))
	state := func() licence.ReadState {
		l, err := w.db.Load(t.Context(), "C-1042", store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		return l.State.History.Reads["cust12345"]
	}
	if r := state(); r.OK || r.Fails < 2 || r.Fails > 5 {
		t.Errorf("after two hours the reads are %+v, want a few that failed, each later than the one before", r)
	}
	if n := len(w.sim.Calls("Cust12345")) - calls; n > 100 {
		t.Errorf("SuperOffice was called %d times in two hours", n)
	}
	if got := w.tasksOf("C-1042", "too-large"); len(got) != 1 || got[0].State != "open" || got[0].Subject.CustID != "Cust12345" {
		t.Errorf("ops have %+v, want one open task about the installation", got)
	}
	tell(w.clock.Now())
	w.advance(w.clock.Now().Add(7 * time.Hour))
	if r := state(); !r.OK {
		t.Errorf("once there is room: %+v", r)
	}
	if got := w.tasksOf("C-1042", "too-large"); len(got) > 0 && got[0].State == "open" {
		t.Errorf("ops still have %+v", got)
	}
}

// Installations that are many and wide fill an account; who tells of the next one is told what to
// do about it, and can.
func TestManyWideInstallations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	w := newWorld(t, nil)
	w.must(w.say("account.changed", morning, big{installations: many(38, bigInstall)}.String()), "applied")
	line := `{"plan":"plan-%[1]d","module":"module-%[1]d","description":"` + strings.Repeat("x", 40) + `","total":10,"in_use":9,"unrestricted":false,"kind":"hidden"}`
	var last reply
	n := 0
	for ; n < 38; n++ {
		last = w.say("licence.reported", morning, bigLicence(fmt.Sprintf("Cust7%03d", n), many(60, line), "[]"))
		if last.status != 200 {
			break
		}
	}
	if n < 30 || last.status != 422 || !strings.Contains(last.body, "take installations that are no longer used out of account.changed") {
		t.Fatalf("after %d installations: %.400v", n, last)
	}
	w.must(w.say("account.changed", morning.Add(time.Second), big{installations: "[" + fmt.Sprintf(bigInstall, n) + "]"}.String()), "applied")
	w.must(w.say("licence.reported", morning, bigLicence(fmt.Sprintf("Cust7%03d", n), many(60, line), "[]")), "applied")
}

// What is told of an installation that the directory does not list counts for nothing: ops learn which it is, until it
// is listed. What was told before the directory left it out is of one that has ended.
func TestAnInstallationThatIsNotListed(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	var first struct{ Data json.RawMessage }
	if err := json.Unmarshal(w.event("first/01-standard-account.json"), &first); err != nil {
		t.Fatal(err)
	}
	about := func() string {
		var all []string
		for _, x := range w.tasksOf("C-1", "directory") {
			all = append(all, x.State+" "+x.Subject.CustID)
		}
		return strings.Join(all, ", ")
	}
	w.must(w.say("licence.reported", w.clock.Now(), wordy("C-1", "10001", 1, 9)), "applied")
	w.advance(w.clock.Now().Add(20 * time.Minute))
	if got := about(); got != "open 10001" {
		t.Errorf("ops have %q", got)
	}
	w.must(w.say("seats.listed", w.clock.Now(), `{"account":"C-1","cust_id":"Cust77777","seats":[]}`), "applied")
	w.must(w.say("account.changed", w.clock.Now().Add(time.Second), strings.Replace(string(first.Data), `"Cust10001", "serial": "1801000117"`, `"10001", "serial": "18000000"`, 1)), "applied")
	w.advance(w.clock.Now().Add(20 * time.Minute))
	if got := about(); !strings.Contains(got, "open cust77777") || strings.Contains(got, "open 10001") {
		t.Errorf("once one is listed, ops have %q", got)
	}
	w.advance(w.clock.Now().Add(15 * 24 * time.Hour))
	if got := about(); strings.Contains(got, "open") {
		t.Errorf("two weeks later ops have %q", got)
	}
}
