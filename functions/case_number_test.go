package functions_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The number of a case is one for an episode: it does not change when another matter comes to it, nor when the
// one that it began with ends before the other. The next episode has one of its own, and by either the customer
// is found, as a caller reads it out of a mail however old.
func TestACaseNumberStays(t *testing.T) {
	d := deskWith(t, nil)
	d.must(d.say("account.changed", d.clock.Now(), `{"account":"U-1","name":"Uvdal AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
		"contacts":[{"id":"ada","name":"Ada Moe","email":"ada@uvdal.example","role":"admin","locale":"en"}],
		"installations":[{"cust_id":"Cust6001","serial":"6001","kind":"production","hosting":"onsite","url":"https://crm.uvdal.example"}],
		"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]},{"plan":"q","name":"Q","module":"n","prices":["y"]}]}`), "applied")
	read, number := 0, regexp.MustCompile(`S-[0-9a-f]{8}`)
	// lives tells on each of some days how many hold the two plans, of seven offered (none offered: it fits), and
	// gives the numbers in the mails that come.
	lives := func(days int, year string, p, q int) (out []string) {
		for range days {
			offer, total := `"offered":true,"can_activate":false,"new_expires":"2029-12-13"`, `"total":10,"new_total":7`
			if p+q == 14 {
				offer, total = `"offered":false,"can_activate":false`, `"total":7`
			}
			d.must(d.say("licence.reported", d.clock.Now(), fmt.Sprintf(`{"account":"U-1","cust_id":"Cust6001","serial":"6001","version":"12.2","licensed_version":"12.2","maintenance_until":"2029-12-31",
				"next_check":"%[1]s-12-02","admin_warning":"%[1]s-12-01","expires":"%[1]s-12-13","grace_until":"%[1]s-12-25",%[2]s,"markers":["online"],
				"plans":[{"plan":"p","module":"m","description":"P",%[5]s,"in_use":%[3]d,"unrestricted":false},{"plan":"q","module":"n","description":"Q",%[5]s,"in_use":%[4]d,"unrestricted":false}]}`, year, offer, p, q, total)), "applied")
			d.advance(d.clock.Now().Add(24 * time.Hour))
		}
		all := d.inbox()
		for _, m := range all[read:] {
			out = append(out, number.FindAllString(m.Subject+"\n"+m.Text, -1)...)
		}
		read = len(all)
		return slices.Compact(out)
	}
	first := lives(2, "2026", 9, 7)
	if len(first) != 1 {
		t.Fatalf("the first mail has the numbers %v", first)
	}
	for _, c := range []struct {
		what       string
		days, p, q int
		year       string
	}{{"another matter comes to it", 8, 9, 9, "2026"}, {"the first has ended", 12, 7, 9, "2026"}, {"all has", 2, 7, 7, "2027"}} {
		if got := lives(c.days, c.year, c.p, c.q); !slices.Equal(got, first) {
			t.Errorf("%s: the mails have %v, the first had %v", c.what, got, first)
		}
		d.cookie = d.signsIn("nora@fjordpartner.example")
		if on := number.FindString(text(d.see("/support/accounts/U-1"))); c.q > 7 && on != first[0] {
			t.Errorf("%s: at the desk it is case %s, in the mails %s", c.what, on, first[0])
		}
	}
	d.advance(time.Date(2027, 11, 22, 9, 0, 0, 0, time.UTC))
	lives(0, "", 0, 0) // what was asked meanwhile
	next := lives(4, "2027", 7, 9)
	if len(next) != 1 || next[0] == first[0] {
		t.Fatalf("a year later the mails have %v", next)
	}
	d.cookie = d.signsIn("nora@fjordpartner.example")
	for _, n := range []string{first[0], next[0]} {
		for _, typed := range []string{n, strings.ToLower(n), strings.TrimPrefix(n, "S-")} {
			if got := names(d.see("/support?q=" + typed)); len(got) != 1 || got[0] != "Uvdal AS" {
				t.Errorf("%s finds %v", typed, got)
			}
		}
	}
}
