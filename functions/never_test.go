package functions_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// TestNever walks a few customers at random, and after each step nobody who left or cannot log
// in was mailed (N7), no more first mails went in a clock hour than the operator allows (N9),
// and no page proposes to free its reader or the last administrator (N2).
func TestNever(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it takes long, and one hand alone does it")
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { never(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

const (
	customers = 5
	firsts    = 2 // first mails in an hour
)

func never(t *testing.T, r *rand.Rand) {
	w := newWorld(t, onSQLite)
	w.app.Engine.Do[licence.Mail] = effects.Mailer{
		Store: w.db, Links: w.app.Links, BaseURL: w.app.BaseURL, Operator: words.Operator(app.Invented.Signature()), Now: w.clock.Now, Fleet: w.app.Engine.Operations, PerHour: firsts,
	}.Mail
	left, out := map[string]bool{}, map[string]bool{} // by address: has left; cannot log in
	address := func(c, who int) string { return fmt.Sprintf("who%d@n%d.example", who, c) }
	account := func(c int) {
		contact := func(who int) string {
			gone := ""
			if left[address(c, who)] {
				gone = `,"left":"2026-11-01"`
			}
			return fmt.Sprintf(`{"id":"w%d","name":"Reader %d","email":%q,"role":"admin","locale":"en","user":"%d"%s}`, who, who, address(c, who), who, gone)
		}
		w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"N-%[1]d","name":"Never %[1]d AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
			"contacts":[%[2]s,%[3]s],"installations":[{"cust_id":"Cust7%[1]d","serial":"7%[1]d","kind":"production","hosting":"onsite","url":"https://n%[1]d.example"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, c, contact(1), contact(2)))
	}
	seat := func(c, who int) {
		w.say("seat.changed", w.clock.Now(), fmt.Sprintf(`{"account":"N-%d","cust_id":"Cust7%d","plan":"p","held":true,"open_requests":0,
			"user":{"id":"%d","name":"Reader %d","email":%q,"can_login":%v,"admin":%v,"protected":false,"waiting_for_approval":false,"last_active":"2026-08-02T07:00:00Z"}}`,
			c, c, who, who, address(c, who), !out[address(c, who)], who == 1))
	}
	report := func(c, used int) {
		w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"N-%d","cust_id":"Cust7%d","serial":"7%d","version":"12.2","licensed_version":"12.2",
			"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2027-02-13","grace_until":"2027-02-25","offered":true,"can_activate":%v,"markers":["online"],
			"plans":[{"plan":"p","module":"m","description":"P","total":10,"new_total":7,"in_use":%d,"unrestricted":false}]}`, c, c, c, used <= 7, used))
	}
	for c := range customers {
		account(c)
		for who := range 4 {
			seat(c, who+1)
		}
		report(c, 9)
	}
	seen, hours, mailed := map[string]bool{}, map[string]int{}, 0
	check := func(what string) {
		t.Helper()
		for _, m := range w.mailRows() {
			if m.SentAt == nil || seen[m.To+m.ID] {
				continue
			}
			seen[m.To+m.ID] = true
			if left[m.To] || out[m.To] {
				t.Errorf("after %s: %s was mailed, who left (%v) or cannot log in (%v)", what, m.To, left[m.To], out[m.To])
			}
			if strings.HasPrefix(m.Why, "notice") && !seen[m.To] {
				hour := m.SentAt.UTC().Format("2006-01-02T15")
				if hours[hour]++; hours[hour] > firsts {
					t.Errorf("after %s: %d first mails in the hour %s", what, hours[hour], hour)
				}
			}
			seen[m.To] = true
			mailed++
			w.neverProposed(m, what)
		}
	}
	check("the beginning")
	for range 60 {
		w.clock.set(w.clock.Now().Add(time.Second)) // what is told in one second is ordered by its id
		c, who := r.IntN(customers), 1+r.IntN(2)
		what := ""
		switch r.IntN(5) {
		case 0:
			left[address(c, who)] = !left[address(c, who)]
			account(c)
			what = fmt.Sprintf("%s left: %v", address(c, who), left[address(c, who)])
		case 1:
			out[address(c, who)] = !out[address(c, who)]
			seat(c, who)
			what = fmt.Sprintf("%s cannot log in: %v", address(c, who), out[address(c, who)])
		case 2:
			used := 6 + r.IntN(4)
			report(c, used)
			what = fmt.Sprintf("N-%d uses %d", c, used)
		default:
			by := time.Duration(10+r.IntN(1800)) * time.Minute
			w.advance(w.clock.Now().Add(by))
			for c := range customers {
				report(c, 6+r.IntN(4))
			}
			what = fmt.Sprint(by, " more")
		}
		w.deliver()
		check(what)
	}
	if mailed < 5 {
		t.Errorf("%d mails in the whole walk: it proves little", mailed)
	}
}

// neverProposed opens a mail's page, and looks whom it proposes to free.
func (w *world) neverProposed(m effects.MailRow, what string) {
	w.Helper()
	if m.Link == "" {
		return
	}
	at := path(w.T, m.Link)
	opened := w.press(at+"/session", url.Values{})
	page := w.get(at, (&http.Response{Header: opened.header}).Cookies()...)
	people := ""
	if _, rest, ok := strings.Cut(page.body, `<ol class="people">`); ok {
		people, _, _ = strings.Cut(rest, "</ol>")
	}
	for _, name := range []string{"Reader 1<", "Reader 2<"} {
		if strings.Contains(people, name) {
			w.Errorf("after %s: the page of %s proposes to free %s", what, m.To, strings.TrimSuffix(name, "<"))
		}
	}
}
