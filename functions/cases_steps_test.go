package functions_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const asked = "2026-11-23T09:00:00Z"

// says fails for each part that a text lacks, and with "!" before it, for each that it has.
func says(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		bad, not := strings.CutPrefix(part, "!")
		if found := strings.Contains(text, bad); found == not {
			t.Errorf("%s: %q stands there: %v\n%s", what, bad, found, text)
		}
	}
}

// warnedAgain is what the answer to the case's login warning tells a user of a language now.
func (p *played) warnedAgain(name, lang string) (v warned) {
	p.Helper()
	for _, body := range caseBodies(p.T, name) {
		if !strings.Contains(string(body), `"login.warned"`) {
			continue
		}
		body = []byte(strings.Replace(string(body), `"locale": "en"`, fmt.Sprintf(`"locale": %q`, lang), 1))
		out := p.post("login", "/login-warnings", "again-"+lang, body)
		if err := json.Unmarshal([]byte(out.body), &v); err != nil || out.status != 200 {
			p.Fatalf("%v: %v", out, err)
		}
	}
	return v
}

// standing are the codes of the findings, and of the open tasks.
func (p *played) standing() (findings, tasks string) {
	p.Helper()
	for _, f := range p.diagnosis(p.account).Findings {
		findings += f.Code + " "
	}
	var list struct {
		Tasks []struct{ Code, State string }
	}
	p.ask("/accounts/"+p.account+"/tasks", &list)
	for _, x := range list.Tasks {
		if x.State != "closed" {
			tasks += x.Code + " "
		}
	}
	return strings.TrimSpace(findings), strings.TrimSpace(tasks)
}

// "Licence not found" is a change of name that was not followed up: support's, and no payment.
func TestLicenceNotFound(t *testing.T) {
	p := play(t, "superoffice/02-licence-not-found", asked)
	f := p.finding(p.account, "identity-differs")
	if findings, tasks := p.standing(); findings != "identity-differs" || tasks != "identity-differs" || f.Owner != "support" || f.Severity != "high" {
		t.Errorf("findings %q, tasks %q, %+v", findings, tasks, f)
	}
	says(t, "en", p.read("en"), "finds no licence under this installation's name", "Licence not found", "A payment does not change the answer", "!ours to pass on", "!You have paid", "!invoice")
	says(t, "sv", p.read("sv"), "hittar ingen licens under det namn", "Ingen betalning ändrar det svaret", "!Ni har betalat", "!aktura")
	if mails := p.mailsTo("ap@storvik.example"); len(mails) > 0 {
		t.Errorf("billing is written to: %s", mails[0].Text)
	}
	for _, m := range p.mailsTo("anna@storvik.example") {
		says(t, "mail", m.Text, "change nothing", "!paid", "!invoice")
	}
}

// A new name that the licence system offers is the administrator's, by SuperOffice's own steps.
func TestNameChangeIsOffered(t *testing.T) {
	p := play(t, "superoffice/01-name-change-offered", asked)
	if f := p.finding(p.account, "identity-differs"); f.Owner != "admin" || f.State != "open" {
		t.Errorf("%+v", f)
	}
	says(t, "en", p.read("en"), "Storvik Group AB", "open Settings and maintenance within 14 days, and it is fetched automatically",
		"Settings and maintenance > Licences, tab SuperOffice", "!accept it", "!press “Activate”")
	says(t, "sv", p.read("sv"), "öppna Inställningar och underhåll inom 14 dagar, så hämtas det automatiskt", "Inställningar och underhåll > Licenser, fliken SuperOffice", "!godta", "!tryck på ”Aktivera”")
	mails := p.mailsTo("anna@storvik.example")
	if len(mails) != 1 {
		t.Fatalf("the administrator has %d mails", len(mails))
	}
	says(t, "mail", mails[0].Subject+" "+mails[0].Text, "open Settings and maintenance", "within 14 days")

	// A new serial number is entered, and the column of changes is looked at first.
	p = playWith(t, "superoffice/01-name-change-offered", asked, func(b []byte) []byte {
		return []byte(strings.NewReplacer(`"new-company"`, `"new-serial"`, "New company name: Storvik Group AB", "New serial number").Replace(string(b)))
	})
	says(t, "en", p.read("en"), "“Change serial number”", "the owner's name exactly", "column of its own (+/-)", "press “Activate”; if not", "!14 days")
	says(t, "sv", p.read("sv"), "”Ändra serienummer”", "ägarens namn precis", "egen kolumn (+/-)", "tryck på ”Aktivera”; ändra annars inget", "!14 dagar")
}

// A plan that is only offered is in nobody's list yet: nothing compares the two.
func TestSuiteOfferedIsInNobodysList(t *testing.T) {
	p := play(t, "superoffice/06d-suite-second-read", "2026-11-25T09:00:00Z")
	for _, f := range p.diagnosis(p.account).Findings {
		if f.Code == "order-differs" {
			t.Errorf("%s: %s", f.State, f.Title)
		}
	}
	says(t, "en", p.read("en"), "!the list of users says 10", "“Activate new licence”")
	says(t, "sv", p.read("sv"), "!användarlistan säger 10", "”Aktivera ny licens”")
}

// A user without a plan, a limit of the Suite, a service charged by use: the licence is well,
// and whoever reads the warning is told what it is about.
func TestWarningsThatAreNoLapse(t *testing.T) {
	const name = "superoffice/15b-user-without-plan"
	for _, c := range []struct{ message, en, sv string }{
		{"No user plan has been selected for you.", "The missing user plan concerns only your own user", "Att en användarplan saknas gäller bara din användare"},
		{"You have reached the limit for active projects in your plan.", "a limit of your company's plan has been reached", "en gräns i er plan är nådd"},
		{"A metered service has passed its threshold.", "a service that is counted by use", "en tjänst som mäts efter användning"},
		{"Welcome to the new version.", "there is nothing for you to do", "du behöver inte göra något"},
	} {
		t.Run(c.message, func(t *testing.T) {
			p := playWith(t, name, asked, func(b []byte) []byte {
				return []byte(strings.Replace(string(b), "No user plan has been selected for you.", c.message, 1))
			})
			if d := p.diagnosis(p.account); d.Phase != "ok" || d.Summary != "ok" {
				t.Errorf("%s, %s", d.Phase, d.Summary)
			}
			if findings, tasks := p.standing(); findings != "" || tasks != "" || len(p.inbox()) > 0 {
				t.Errorf("findings %q, tasks %q, %d mails", findings, tasks, len(p.inbox()))
			}
			// The body of the case is answered again as it stands, and here with other words.
			for lang, want := range map[string]string{"en": "Nothing is wrong with the licence", "sv": "Det är inget fel på licensen"} {
				if c.message == "No user plan has been selected for you." {
					got := p.warnedAgain(name, lang)
					says(t, lang, got.Message, want, map[string]string{"en": c.en, "sv": c.sv}[lang])
					if got.Link != "" || len(got.Findings) > 0 {
						t.Errorf("%+v", got)
					}
				}
			}
			help := p.press("/help", url.Values{"value": {"https://online2.superoffice.com/Cust10001/default.aspx"}}).body
			says(t, "help", strings.ReplaceAll(help, "&#39;", "'"), "Nothing is wrong with the licence", c.en)
		})
	}
}

// In grace no days are left, and SuperOffice works on.
func TestNoDaysLeftInGrace(t *testing.T) {
	const name = "superoffice/25-grace-days-left-zero"
	p := play(t, name, asked)
	if d := p.diagnosis(p.account); d.Phase != "grace" {
		t.Errorf("phase %s", d.Phase)
	}
	says(t, "en", p.all("en")+p.warnedAgain(name, "en").Message, "goes on working until 30 November", "!stopped", "!expired")
	says(t, "sv", p.all("sv")+p.warnedAgain(name, "sv").Message, "fungerar till 30 november", "!stannade", "!har gått ut")
	for _, m := range p.inbox() {
		says(t, "mail", m.Text, "!stopped", "!expired")
	}
}

// A test environment does not close, and nobody has to leave it.
func TestSandboxHasWordsOfItsOwn(t *testing.T) {
	const name = "superoffice/24-sandbox"
	p := play(t, name, asked)
	if f := p.finding(p.account, "wrong-installation"); f.Severity != "low" || f.Owner != "user" {
		t.Errorf("%+v", f)
	}
	says(t, "en", p.all("en"), "test environment", "!trial", "!closes", "!old address")
	says(t, "sv", p.all("sv"), "testmiljö", "!testinstallation", "!stängs", "!gamla adressen")
	says(t, "message", p.warnedAgain(name, "en").Message, "test environment (Cust34506)", "https://online2.superoffice.com/Cust10001")
	says(t, "message", p.warnedAgain(name, "sv").Message, "testmiljön (Cust34506)", "https://online2.superoffice.com/Cust10001")
	if mails := p.inbox(); len(mails) > 0 {
		t.Errorf("a mail goes: %s", mails[0].Subject)
	}
}

// An old server is still used after a move online: whoever is warned there reads the right
// address, and ops are asked whether the server has been left.
func TestServerLeftAfterAMove(t *testing.T) {
	const name = "superoffice/11-migrated-onsite-left"
	p := play(t, name, asked)
	right := "https://online2.superoffice.com/Cust10001"
	says(t, "en", p.read("en"), "warned in Onsite-1", right, "If you have moved there")
	says(t, "sv", p.read("sv"), "varnats i Onsite-1", right, "Har ni flyttat dit")
	says(t, "message", p.warnedAgain(name, "en").Message, "Your company has another SuperOffice here: "+right)
	says(t, "message", p.warnedAgain(name, "sv").Message, "Ditt företag har ett annat SuperOffice här: "+right)
	says(t, "page", p.get(p.linkOf(p.account, "anna").base).body, "warned in Onsite-1", right)
	if _, tasks := p.standing(); !strings.Contains(tasks, "directory") {
		t.Errorf("tasks %q", tasks)
	}
	// Once its own licence is known, nothing is suggested.
	licence := strings.NewReplacer("Cust10001", "Onsite-1", "1801000117", "1801000333").Replace(string(caseBodies(t, name)[3]))
	p.must(p.post("standard", "/users/standard", "its-own", []byte(licence)), "applied")
	says(t, "known", p.read("en"), "!If you have moved there")
}
