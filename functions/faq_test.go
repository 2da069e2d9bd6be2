package functions_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// The scenarios of testdata/faq are the support FAQ as it runs: from the signed webhook to the
// words in the mail. A line is a command and what goes with it; a # begins a remark.
//
//	crm FILE...                   SuperOffice has the tenants of these bodies; a folder is all in it
//	post FILE... [= OUTCOME]      each sender posts its body of events/; it is applied, or nothing
//	                              new beside what was read, if nothing else is said
//	say TYPE AT JSON              the standard sender tells news
//	begin AT                      the clock starts then, in Stockholm
//	bill SENDER KIND OBJECT       the billing system has this object from now on: a file of testdata/billing/SENDER,
//	                              or JSON; it is read where its webhooks say that something changed
//	clock AT                      time passes until then, in Stockholm
//	screen BUTTON CUST [k=v] "x"  the customer's administrator presses a button, for each user=1,2,
//	                              and reads x
//	extend CUST DATE              the licence in force is longer by now
//	answer "x" / answer lacks "x" the last webhook was answered so
//	press FORM [k=v]              the reader sends a form of the page
//	finding CODE STATE [k=v] "x"  it stands, with need, severity, owner, faq, and x in its title
//	no finding CODE
//	passed CODE "x"
//	task CODE STATE OWNER
//	mail to=ADDRESS "x"...        the next mail; each x is in its subject or text
//	no mail                       no other has come
//	page "x"... / page lacks "x"  the page of the last mail's link
//	open                          its reader asks for the names: page shows them from now on
//	check "x"                     its reader presses Check again
type scenario struct {
	*world
	read    int // mails read so far
	last    reply
	mail    effects.MailRow
	session []*http.Cookie
}

var stockholm = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return zone
}()

func TestFAQ(t *testing.T) { playAll(t, "testdata/faq/*.txt") }

// What is bought and paid, as each billing system tells it, comes to the same mails.
func TestFAQOfEachBillingSystem(t *testing.T) { playAll(t, "testdata/billing/*.txt") }

func playAll(t *testing.T, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			(&scenario{world: newWorld(t, nil)}).play(file, nil)
		})
	}
}

// play runs a scenario; after each line that changed something, seen is called.
func (s *scenario) play(file string, seen func(line string)) {
	s.Helper()
	script, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	for n, line := range strings.Split(string(script), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := s.run(line); err != nil {
			s.Fatalf("%s:%d: %s\n%v", file, n+1, line, err)
		}
		if s.Failed() {
			s.Fatalf("%s:%d: %s", file, n+1, line)
		}
		if seen != nil {
			seen(fmt.Sprintf("%d: %s", n+1, line))
		}
	}
}

var word = regexp.MustCompile(`"[^"]*"|\{.*\}|\S+`)

func (s *scenario) run(line string) error {
	var words, quoted []string
	values := map[string]string{}
	for _, w := range word.FindAllString(line, -1) {
		switch name, value, pair := strings.Cut(w, "="); {
		case w[0] == '"':
			quoted = append(quoted, strings.Trim(w, `"`))
		case pair && name != "" && w[0] != '{':
			values[name] = value
		default:
			words = append(words, w)
		}
	}
	command, rest := words[0], words[1:]
	if command == "no" || (command == "page" || command == "answer") && len(rest) > 0 {
		command, rest = command+" "+rest[0], rest[1:]
	}
	switch command {
	case "crm":
		s.simulate(files(rest)...)
	case "post":
		return s.posts(rest)
	case "say":
		at, err := time.ParseInLocation("2006-01-02T15:04", rest[1], stockholm)
		if err != nil {
			return err
		}
		s.last = s.say(rest[0], at, rest[2])
		return outcome(s.last, "applied")
	case "begin":
		at, err := time.ParseInLocation("2006-01-02T15:04", rest[0], stockholm)
		if err != nil {
			return err
		}
		s.clock.set(at)
	case "bill":
		object := rest[2]
		if object[0] != '{' {
			b, err := os.ReadFile("testdata/billing/" + rest[0] + "/" + object)
			if err != nil {
				return err
			}
			object = string(b)
		}
		s.bills()
		s.billing.Put(rest[0], rest[1], object)
	case "clock":
		at, err := time.ParseInLocation("2006-01-02T15:04", rest[0], stockholm)
		if err != nil {
			return err
		}
		s.advance(at)
	case "screen":
		fields := url.Values{}
		fields.Set("module", values["module"])
		for user := range strings.SplitSeq(values["user"], ",") {
			fields.Set("user", user)
			if err := contains("the screen", s.screen(rest[1], rest[0], fields), quoted); err != nil {
				return err
			}
		}
	case "extend":
		t, ok := s.sim.Tenant(rest[0])
		if !ok {
			return fmt.Errorf("no tenant %s", rest[0])
		}
		end := licence.Date(rest[1])
		t.Expires, t.GraceUntil, t.NextCheck, t.AdminWarning = rest[1], string(end.Add(12)), string(end.Add(-20)), string(end.Add(-25))
		return s.sim.Put(t)
	case "answer":
		return contains("the answer", s.last.body, quoted)
	case "answer lacks":
		return lacks("the answer", s.last.body, quoted)
	case "finding":
		return s.stands(rest[0], rest[1], values, quoted)
	case "no finding":
		for _, f := range s.diagnosis(s.account()).Findings {
			if f.Code == rest[0] {
				return fmt.Errorf("it stands: %+v", f)
			}
		}
	case "passed":
		for _, f := range s.diagnosis(s.account()).Passed {
			if f.Code == rest[0] && contains("", f.Title, quoted) == nil {
				return nil
			}
		}
		return fmt.Errorf("passed are %+v", s.diagnosis(s.account()).Passed)
	case "task":
		return s.task(rest[0], rest[1], rest[2])
	case "mail":
		return s.next(values["to"], quoted)
	case "no mail":
		if all := s.inbox(); len(all) > s.read {
			return fmt.Errorf("a mail to %s: %s\n%s", all[s.read].To, all[s.read].Subject, all[s.read].Text)
		}
	case "page":
		return contains("the page", text(s.get(path(s.T, s.mail.Link), s.session...).body), quoted)
	case "page lacks":
		return lacks("the page", text(s.get(path(s.T, s.mail.Link), s.session...).body), quoted)
	case "press":
		fields := url.Values{"fingerprint": {s.mail.About[0]}}
		for k, v := range values {
			fields.Set(k, v)
		}
		if r := s.press(path(s.T, s.mail.Link)+"/"+rest[0], fields, s.session...); r.status != http.StatusSeeOther {
			return fmt.Errorf("answered %v", r)
		}
	case "open":
		r := s.press(path(s.T, s.mail.Link)+"/session", nil)
		s.session = (&http.Response{Header: r.header}).Cookies()
		if len(s.session) != 1 {
			return fmt.Errorf("no session: %v", r)
		}
	case "check":
		out := s.press(path(s.T, s.mail.Link)+"/check", nil, s.session...)
		s.last = s.get(out.header.Get("Location"), append(s.session[:len(s.session):len(s.session)], (&http.Response{Header: out.header}).Cookies()...)...)
		return contains("the page", text(s.last.body), quoted)
	default:
		return fmt.Errorf("there is no command %q", command)
	}
	return nil
}

// files are bodies of events/; a folder stands for all in it.
func files(names []string) (all []string) {
	for _, name := range names {
		if strings.HasSuffix(name, ".json") {
			all = append(all, name)
			continue
		}
		list, _ := events.Files.ReadDir(name)
		for _, f := range list {
			all = append(all, name+"/"+f.Name())
		}
	}
	return all
}

func (s *scenario) posts(names []string) error {
	wanted := ""
	if n := len(names); n > 2 && names[n-2] == "=" {
		names, wanted = names[:n-2], names[n-1]
	}
	for _, file := range files(names) {
		s.last = s.tell(file)
		if err := outcome(s.last, wanted); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func outcome(r reply, wanted string) error {
	out := r.outcome()
	if r.status == 200 && (out == wanted || wanted == "" && (out == "applied" || out == "unchanged")) {
		return nil
	}
	return fmt.Errorf("answered %v, want 200 %s", r, wanted)
}

func contains(what, text string, parts []string) error {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return fmt.Errorf("%s lacks %q:\n%s", what, p, text)
		}
	}
	return nil
}

func lacks(what, text string, parts []string) error {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return fmt.Errorf("%s has %q:\n%s", what, p, text)
		}
	}
	return nil
}

// account is the one that the scenario is about.
func (s *scenario) account() string {
	var list struct{ Accounts []struct{ Account string } }
	s.ask("/accounts", &list)
	if len(list.Accounts) != 1 {
		s.Fatalf("a scenario is about one account, here are %d", len(list.Accounts))
	}
	return list.Accounts[0].Account
}

func (s *scenario) stands(code, state string, values map[string]string, quoted []string) error {
	all := s.diagnosis(s.account()).Findings
	for _, f := range all {
		if f.Code != code || f.State != state || contains("", f.Title, quoted) != nil {
			continue
		}
		is := map[string]string{"need": fmt.Sprint(f.Need), "severity": f.Severity, "owner": f.Owner, "faq": fmt.Sprint(f.FAQ), "subject": f.Subject.ID}
		for k, v := range values {
			if is[k] != v {
				return fmt.Errorf("%s is %q", k, is[k])
			}
		}
		return nil
	}
	return fmt.Errorf("findings are %s", lines(all))
}

func lines[T any](list []T) string {
	var b strings.Builder
	for _, v := range list {
		line, _ := json.Marshal(v)
		fmt.Fprintf(&b, "\n  %s", line)
	}
	return b.String()
}

func (s *scenario) task(code, state, owner string) error {
	var v struct {
		Tasks []struct{ Code, State, Owner string }
	}
	s.ask("/accounts/"+s.account()+"/tasks", &v)
	for _, t := range v.Tasks {
		if t.Code == code && t.State == state && t.Owner == owner {
			return nil
		}
	}
	return fmt.Errorf("tasks are %s", lines(v.Tasks))
}

func (s *scenario) next(to string, quoted []string) error {
	all := s.inbox()
	if len(all) == s.read {
		return fmt.Errorf("no other mail has come; findings are %s", lines(s.diagnosis(s.account()).Findings))
	}
	m := all[s.read]
	s.read++
	if m.To != to {
		return fmt.Errorf("the next mail is to %s: %s\n%s", m.To, m.Subject, m.Text)
	}
	if m.Link != "" {
		s.mail, s.session = m, nil
	}
	return contains("the mail", m.Subject+"\n"+m.Text, quoted)
}

// causes are the sentences of the FAQ, and the scenarios that play them.
var causes = []struct {
	number   int
	cited    string // how a rule says that it looks for it
	scenario string
	sentence string
}{
	{1, "FAQ cause 1", "1-surplus.txt", "More user licences are assigned than are bought."},
	{1, "FAQ cause 1", "1b-open-requests.txt", "the user has open requests in Service, the licence cannot be removed"},
	{1, "FAQ cause 1", "1c-plan-swap.txt", "the plan swap (ten of plan A replaced by ten of plan B shows as a surplus of ten on A)"},
	{2, "FAQ cause 2", "2-wrong-installation.txt", "Logging in to the wrong installation."},
	{3, "FAQ cause 3", "3-unpaid.txt", "Unpaid invoice, or late payment."},
	{3, "FAQ cause 3", "3b-paid-not-passed-on.txt", "the next-invoice date is not moved in the licence system, which can also happen when the customer has paid"},
	{4, "FAQ cause 4", "4-version.txt", "the licence in SuperOffice's licence system differs from the one on the server"},
	{5, "The end of the FAQ", "5-otherwise.txt", "If none fits, support"},
}

// Each cause of the FAQ is looked for by a rule, played by a scenario, and said in words.
func TestEachCauseIsCited(t *testing.T) {
	sources, err := filepath.Glob("../shared/diagnosis/rule_*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	var rules strings.Builder
	for _, file := range sources {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rules.Write(b)
	}
	told := map[string]bool{}
	for _, c := range causes {
		if !strings.Contains(rules.String(), "// "+c.cited) {
			t.Errorf("no rule says %q in a comment", c.cited)
		}
		script, err := os.ReadFile("testdata/faq/" + c.scenario)
		if err != nil {
			t.Error(err)
			continue
		}
		first, _, _ := strings.Cut(string(script), "\n")
		if want := "# FAQ " + strings.SplitN(c.scenario, "-", 2)[0] + `: "` + c.sentence + `"`; first != want {
			t.Errorf("%s begins with %s, want %s", c.scenario, first, want)
		}
		if !strings.Contains(string(script), fmt.Sprintf("faq=%d", c.number)) {
			t.Errorf("%s finds nothing of cause %d", c.scenario, c.number)
		}
		if !strings.Contains(string(script), "\nmail ") && !strings.Contains(string(script), "\ntask ") {
			t.Errorf("%s tells nobody", c.scenario)
		}
		told[c.scenario] = true
	}
	written := map[int]bool{}
	for _, rule := range diagnosis.Rules {
		if rule.FAQ == 0 {
			continue
		}
		written[rule.FAQ] = true
		said := false
		for key := range words.Languages[0].Text {
			said = said || strings.HasPrefix(key, "title."+string(rule.Code)+".holds")
		}
		if !said {
			t.Errorf("the rule %s has no sentence", rule.Code)
		}
	}
	for _, c := range causes {
		if !written[c.number] {
			t.Errorf("no rule is of cause %d", c.number)
		}
	}
	files, _ := filepath.Glob("testdata/faq/*.txt")
	for _, f := range files {
		if !told[filepath.Base(f)] {
			t.Errorf("%s plays no cause that is listed here", f)
		}
	}
}
