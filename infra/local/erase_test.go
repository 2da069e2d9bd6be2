package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/shared/engine"
)

// A leaver is a run with two customers, of whom much is known: mails went, people are listed, a person
// chose and answered, something waits and something could not be used.
func leaver(t *testing.T, data string) *process {
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	at := monday.Add(-time.Hour)
	for n := range 2 {
		p.must("applied", fmt.Sprint("a", n), strings.ReplaceAll(accountBody(n+1, at), "Anna Berg", fmt.Sprintf("Anna Berg%d", n+1)), monday)
		people := []string{userJSON("77", fmt.Sprintf("Hemlig%d Person", n+1)), userJSON("78", "Nils Kvar")}
		for len(people) < 9 {
			people = append(people, userJSON(fmt.Sprint(len(people)), "Någon"))
		}
		list := `{"plan":"sales-premium","open_requests":0,"user":` + strings.Join(people, `},{"plan":"sales-premium","open_requests":0,"user":`) + `}`
		p.must("applied", fmt.Sprint("l", n), told("seats.listed", at, `{"account":"C-%d","cust_id":"Cust%[1]d","seats":[%s]}`, n+1, list), monday)
		p.must("applied", fmt.Sprint("r", n), reportBody(n+1, 9, at), monday)
		p.must("applied", fmt.Sprint("p", n), told("payment.claimed", at, `{"account":"C-%d","invoice":"INV-1","by":"Anna Berg%[1]d","reference":"Hemlig%[1]d"}`, n+1), monday)
	}
	if a, err := p.tell("r0", reportBody(1, 8, at), monday); err != nil || a.status != 409 {
		t.Fatalf("another body under the same id: %+v %v", a, err)
	}
	p.advance("26h")
	if mails := get[struct{ Mails []struct{ Link string } }](p, "/accounts/C-1/mails"); len(mails.Mails) == 0 || mails.Mails[0].Link == "" {
		_, body := p.ask("GET", "/accounts/C-1/diagnosis", "")
		_, mails := p.ask("GET", "/accounts/C-1/mails", "")
		t.Fatalf("nobody was mailed: %s\n%s", mails, body)
	}
	return p
}

func (p *process) link(account string) string {
	p.t.Helper()
	m := get[struct {
		Mails []struct{ Link string }
	}](p, "/accounts/"+account+"/mails").Mails
	return m[0].Link[strings.Index(m[0].Link, "/r/"):]
}

// scan tells which of the words stand in the files of a folder, but for the secrets.
func scan(t *testing.T, data string, words ...string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "seatmend.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(w))) {
				found = append(found, filepath.Base(file)+": "+w)
			}
		}
	}
	return found
}

// TestEraseACustomer: beside a running server a customer is taken out, to the last byte of the files; the
// audit stays; the link opens nothing; and what is told afterwards is news of somebody unknown.
func TestEraseACustomer(t *testing.T) {
	data := t.TempDir()
	p := leaver(t, data)
	secret := []string{"kund1.example", "Kund 1 AB", "Hemlig1", "Anna Berg1"}
	if found := scan(t, data, secret...); len(found) < len(secret) {
		t.Fatalf("before: only %q", found)
	}
	link, before := p.link("C-1"), all[map[string]any](p, "/accounts/C-1/facts", "facts")

	code, out, errs := run(t, "", "export", "-data", data, "-account", "C-1")
	x := decoded[engine.Exported](t, out)
	if code != 0 || errs != "" || len(x.Facts) != len(before) || len(x.Contacts) != 1 || len(x.Seats) != 9 || len(x.Aside) != 1 || len(x.Rows) == 0 || len(x.Known) != 4 {
		t.Errorf("export: %d %s, %d facts of %d, %d seats, %d aside", code, errs, len(x.Facts), len(before), len(x.Seats), len(x.Aside))
	}
	for _, w := range secret {
		if !strings.Contains(out, w) {
			t.Errorf("the export lacks %s", w)
		}
	}
	if strings.Contains(out, "kund2.example") {
		t.Error("the export has another customer's people")
	}
	if code, _, errs := run(t, "no\n", "erase", "-data", data, "-account", "C-1"); code != 1 || !strings.Contains(errs, "nothing was deleted") {
		t.Errorf("told no: %d %s", code, errs)
	}
	if code, out, errs := run(t, "yes\n", "erase", "-data", data, "-account", "C-1"); code != 0 {
		t.Fatalf("erase: %d %s %s", code, out, errs)
	}

	for command, says := range map[string]string{"erase": "C-1 was erased before", "export": "C-1 is erased: what follows is the audit"} {
		code, out, errs := run(t, "yes\n", command, "-data", data, "-account", "C-1")
		if code != 0 || !strings.Contains(out+errs, says) || command == "export" && !strings.HasPrefix(out, "{") {
			t.Errorf("%s of the erased: %d %s%s", command, code, out, errs)
		}
	}
	for _, path := range []string{"/accounts/C-1", "/accounts/C-1/diagnosis", "/accounts/C-1/mails", "/accounts/C-1/seats"} {
		if status, body := p.ask("GET", path, ""); status != 404 {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
	if list := all[map[string]any](p, "/accounts", "accounts"); len(list) != 1 || list[0]["account"] != "C-2" {
		t.Errorf("listed: %v", list)
	}
	if status, body := p.ask("GET", "/accounts?q=kund1.example", ""); strings.Contains(body, "C-1") || status != 200 {
		t.Errorf("found: %s", body)
	}
	if status, _ := p.ask("GET", link, ""); status != 410 {
		t.Errorf("its link: %d, want 410", status)
	}
	audit := all[map[string]any](p, "/accounts/C-1/facts", "facts")
	if len(audit) != len(before) {
		t.Errorf("%d facts of %d", len(audit), len(before))
	}
	for i := range audit {
		if audit[i]["id"] != before[i]["id"] || audit[i]["at"] != before[i]["at"] || audit[i]["type"] != before[i]["type"] {
			t.Errorf("fact %d: %v, was %v", i, audit[i], before[i])
		}
	}
	p.advance("72h") // nothing falls due there
	now := p.clock()
	p.must("parked", "s1", seatBody(1, "5", true, now), now)
	p.must("applied", "s2", seatBody(2, "5", true, now), now)
	if status, body := p.ask("GET", "/accounts/C-2/diagnosis", ""); status != 200 || !strings.Contains(body, "surplus") {
		t.Errorf("another customer: %d %.300s", status, body)
	}
	p.stop()
	if found := scan(t, data, secret...); len(found) > 0 {
		t.Errorf("in the files: %q", found)
	}
	p = start(t, data, "-demo=false")
	p.must("duplicate", "r0", reportBody(1, 9, monday.Add(-time.Hour)), p.clock())
	p.must("applied", "again", accountBody(1, p.clock()), p.clock())
	if list := all[map[string]any](p, "/accounts", "accounts"); len(list) != 2 {
		t.Errorf("told again: %v", list)
	}
	if status, _ := p.ask("GET", link, ""); status != 410 {
		t.Errorf("its old link, told again: %d, want 410", status)
	}
	for _, args := range [][]string{{"-account", "C-9"}, {}, {"-account", "fleet"}, {"-account", "C-1", "-contact", "nobody"}, {"-account", "C-1", "more"}} {
		for _, command := range []string{"erase", "export"} {
			if command == "erase" {
				args = append(args, "-yes")
			}
			if code, _, errs := run(t, "", append([]string{command, "-data", data}, args...)...); code != 2 && !(command == "export" && strings.Contains(fmt.Sprint(args), "fleet")) || code == 2 && errs == "" {
				t.Errorf("%s %q: %d %s", command, args, code, errs)
			}
		}
	}
}

// TestEraseAPerson: one person is taken out of everything, by contact or by user; the others of the
// customer stay, and so does what was decided.
func TestEraseAPerson(t *testing.T) {
	data := t.TempDir()
	p := leaver(t, data)
	link, before := p.link("C-1"), all[json.RawMessage](p, "/accounts/C-1/facts", "facts")
	letter := regexp.MustCompile(`/mail/C-1/[^"]+`).FindString(p.open("/mail?account=C-1"))
	code, out, errs := run(t, "", "export", "-data", data, "-account", "C-1", "-contact", "anna")
	x := decoded[engine.Exported](t, out)
	if code != 0 || len(x.Contacts) != 1 || len(x.Facts) == 0 || len(x.Facts) >= len(before) || len(x.Rows) == 0 || strings.Contains(out, "Nils Kvar") && len(x.Seats) > 0 {
		t.Errorf("export: %d %s %d facts of %d", code, errs, len(x.Facts), len(before))
	}
	for _, who := range []string{"anna", "77"} {
		if code, out, errs := run(t, "", "erase", "-yes", "-data", data, "-account", "C-1", "-contact", who); code != 0 || !strings.Contains(out, "erased-") {
			t.Fatalf("erase %s: %d %s %s", who, code, out, errs)
		}
	}
	if status, _ := p.ask("GET", link, ""); status != 410 {
		t.Errorf("her link: %d, want 410", status)
	}
	account := get[struct{ Contacts []any }](p, "/accounts/C-1")
	if len(account.Contacts) != 0 {
		t.Errorf("contacts: %v", account.Contacts)
	}
	after := all[map[string]any](p, "/accounts/C-1/facts", "facts")
	if len(after) != len(before) {
		t.Errorf("%d facts of %d", len(after), len(before))
	}
	seats := get[struct {
		Seats []struct{ User struct{ ID, Name string } }
	}](p, "/accounts/C-1/seats").Seats
	kept := 0
	for _, s := range seats {
		if s.User.Name == "Nils Kvar" {
			kept++
		} else if s.User.Name != "Någon" && !strings.HasPrefix(s.User.ID, "erased-") {
			t.Errorf("a seat of %+v", s.User)
		}
	}
	if len(seats) != 9 || kept != 1 {
		t.Errorf("seats: %+v", seats)
	}
	if status, body := p.ask("GET", "/accounts/C-1/mails", ""); status != 200 || strings.Count(body, `"sent_at"`) == 0 || strings.Contains(body, "Hej") {
		t.Errorf("mails: %d %.500s", status, body)
	}
	status, inbox := p.ask("GET", "/mail?account=C-1", "")
	if _, old := p.ask("GET", letter, ""); status != 200 || !strings.Contains(inbox, "<h2>Erased</h2>") || strings.Contains(inbox, "></a>") || !strings.Contains(old, "is erased") {
		t.Errorf("the inbox: %d %s\nthe mail: %s", status, inbox, old)
	}
	p.advance("26h")
	p.stop()
	if found := scan(t, data, "anna@kund1.example", "Hemlig1 Person", "Anna Berg1"); len(found) > 0 {
		t.Errorf("in the files: %q", found)
	}
	if found := scan(t, data, "anna@kund2.example", "Hemlig2 Person", "Kund 1 AB", "Nils Kvar"); len(found) < 4 {
		t.Errorf("of others only %q is left", found)
	}
	p = start(t, data, "-demo=false")
	// The directory has her still: then she is a contact again, as told. And the next list is what it says.
	p.must("applied", "again", accountBody(1, p.clock()), p.clock())
	if account := get[struct{ Contacts []any }](p, "/accounts/C-1"); len(account.Contacts) != 1 {
		t.Errorf("contacts told again: %v", account.Contacts)
	}
	p.stop()
	p = start(t, data) // without -demo=false
	if list := all[entry](p, "/accounts", "accounts"); len(list) != 2 {
		t.Errorf("the demo came to a folder of one's own customers: %v", list)
	}
	if p.stop(); !strings.Contains(p.says.String(), "demo customers are left out: "+data) {
		t.Errorf("it does not say why: %s", p.says)
	}
}
