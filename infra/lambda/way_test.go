package lambda_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/functions/app"
	"seatmend/infra/lambda"
	"seatmend/shared/licence"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
	"seatmend/shared/webhook"
)

// A caller speaks to the deployed API.
type caller struct {
	*testing.T
	*lambda.Stack
	secrets app.Secrets
}

// TestTheWayThroughAllFunctions goes from a signed webhook to a chosen person through the programs as
// they are deployed, on the real clock: table, stream, mail, link, session, and the operator's routes.
func TestTheWayThroughAllFunctions(t *testing.T) {
	if testing.Short() {
		t.Skip("it is gone whole without -short")
	}
	lambda.Emulator(t)
	client := storetest.Dynamo(t)
	if client.Options().BaseEndpoint == nil {
		t.Skip("a table of AWS is not for this test")
	}
	table := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(s, 32))) }
	secrets := app.Secrets{"stripe": {"whsec_s"}, "standard": {"whsec_" + b64("t")}, "login": {"whsec_" + b64("l")}, "link": {b64("k")}, "operator": {"token"}}
	operator := app.Invented
	operator.Mail, operator.Inbound = "on", "svar@fjordpartner.example"
	settings := lambda.Settings{
		Root: "../..", Programs: lambda.Build(t, "../.."), Dynamo: *client.Options().BaseEndpoint, Table: table, Secrets: text(t, secrets),
		Operator: text(t, operator), BaseURL: "https://licens.fjordpartner.example", Inbound: operator.Inbound,
	}
	c := caller{t, lambda.Start(t, settings), secrets}

	// A function that cannot start is no 200, though the emulator says so.
	settings.Secrets = []byte(`{"link":["short"]}`)
	if err := lambda.Start(t, settings).Sweep(); err == nil {
		t.Error("a function without secrets swept")
	}

	// Who does not sign, or signs with another secret, gets nowhere.
	c.wants(c.call("POST", "/billing/stripe", `{}`, nil), 401, `"unauthorized"`)
	stranger := caller{t, c.Stack, app.Secrets{"stripe": {"whsec_other"}}}
	c.wants(stranger.tell("/billing/stripe", "demo/fjord-foods/02-stripe-subscription.json"), 401, `"unauthorized"`)

	// What is told is in the table when it is answered, and the stream says so.
	for _, step := range []struct{ path, file, want string }{
		{"/billing/standard", "01-standard-account.json", `"outcome":"applied","account":"C-1042"`},
		{"/billing/stripe", "02-stripe-subscription.json", `"applied"`},
		{"/billing/stripe", "03-stripe-reduction.json", `"applied"`},
		{"/billing/stripe", "04-stripe-invoice.json", `"applied"`},
		{"/users/standard", "05-standard-seats.json", `"applied"`},
		{"/users/standard", "06-standard-licence.json", `"applied"`},
		{"/users/standard", "06-standard-licence.json", `"duplicate"`},
	} {
		c.wants(c.tell(step.path, "demo/fjord-foods/"+step.file), 200, step.want)
	}
	heads := 0
	for _, r := range c.Drain() {
		if record := string(text(t, r)); strings.Contains(record, `"sk":{"S":"head"}`) && strings.Contains(record, `"pk":{"S":"acct#C-1042"}`) {
			heads++
		}
	}
	if heads < 6 {
		t.Errorf("the stream told %d times that the account was written, want 6 or more", heads)
	}

	// A warned login is told why; whoever asks for help gets a line, and the administrator a link by mail.
	c.wants(c.tell("/login-warnings", "demo/fjord-foods/07-login-warned.json"), 200, `"surplus"`)
	c.wants(c.call("GET", "/help", "", nil), 200, "<form")
	c.wants(c.form("/help", url.Values{"value": {"Cust12345"}}), 200, "<main")
	c.Drain()
	mails := c.Mails()
	if len(mails) != 1 || mails[0].To != "anna.berg@fjordfoods.example" {
		t.Fatalf("mails are %+v, want one to the administrator", mails)
	}
	page := link(t, mails[0].Text, "/r/")

	// The link's page, the session, and the choice.
	first := c.call("GET", page, "", nil)
	c.wants(first, 200, "<main")
	if body(first) == "" || strings.Contains(body(first), "Oskar Lindgren") || first.Header.Get("Cache-Control") != "no-store" || strings.Contains(first.Header.Get("Content-Security-Policy"), "script-src") {
		t.Errorf("before a session: %v", first.Header)
	}
	opened := c.form(page+"/session", nil)
	if opened.StatusCode != 303 || len(opened.Cookies()) != 1 || !opened.Cookies()[0].Secure {
		t.Fatalf("opened with %d %v", opened.StatusCode, opened.Cookies())
	}
	session := opened.Cookies()[0]
	style := regexp.MustCompile(`href="([^"]+\.css[^"]*)"`).FindStringSubmatch(body(first))
	if style == nil {
		t.Fatal("the page has no style sheet")
	}
	if css := c.call("GET", under(page, style[1]), "", nil); css.StatusCode != 200 || !strings.HasPrefix(css.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %s", css.StatusCode, css.Header.Get("Content-Type"))
	}
	finding := regexp.MustCompile(`/seats/([0-9a-f]{16})`).FindStringSubmatch(body(c.call("GET", page, "", nil, session)))
	if finding == nil {
		t.Fatal("the page leads to no list of people")
	}
	people := body(c.call("GET", page+"/seats/"+finding[1], "", nil, session))
	var users []string
	for _, m := range regexp.MustCompile(`name="user" value="([0-9]+)"`).FindAllStringSubmatch(people, -1) {
		users = append(users, m[1])
	}
	if len(users) < 2 {
		t.Fatalf("nobody can be chosen: %s", people)
	}
	if chosen := c.form(page+"/choose", url.Values{"fingerprint": {finding[1]}, "user": users[:2]}, session); chosen.StatusCode != 303 {
		t.Errorf("chosen: %d %s", chosen.StatusCode, body(chosen))
	}
	c.Drain()
	c.wants(c.call("GET", "/accounts/C-1042/facts?limit=3", "", nil), 200, `"seats.chosen"`)
	c.wants(c.form(page[:len(page)-3]+"/check", nil), 404, "<main")

	// The operator: what the gateway lets through is trusted, and the screen asks for a session.
	for p, want := range map[string]string{
		"/accounts": `"C-1042"`, "/accounts/C-1042": `"Cust12345"`, "/accounts/C-1042/diagnosis": `"findings":[{`, "/accounts/C-1042/mails": `"not_sent"`,
		"/accounts/C-1042/tasks": `"tasks"`, "/accounts/C-1042/seats?plan=sales-premium": `"seats":[{`, "/parked": `"parked"`, "/aside": `"aside"`,
	} {
		c.wants(c.call("GET", p, "", nil), 200, want)
	}
	c.wants(c.call("POST", "/drafts", `{"send":true}`, http.Header{"Content-Type": {"application/json"}}), 200, "")
	if out := c.call("GET", "/support", "", nil); out.StatusCode != 302 {
		t.Errorf("the desk lets in whoever comes: %d", out.StatusCode)
	}
	c.form("/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
	c.Drain()
	mails = c.Mails()
	in := link(t, mails[len(mails)-1].Text, "/support/in/")
	signed := c.form(in, nil)
	if signed.StatusCode != 303 || len(signed.Cookies()) != 1 {
		t.Fatalf("signed in with %d %v", signed.StatusCode, signed.Cookies())
	}
	c.wants(c.call("GET", "/support", "", nil, signed.Cookies()[0]), 200, "Fjord Foods")
	c.wants(c.call("GET", "/support/accounts/C-1042", "", nil, signed.Cookies()[0]), 200, "S-")

	// An answer to the mail stands at the case, told once or twice; what SES takes for forged does not.
	answered := "From: Anna <anna.berg@fjordfoods.example>\r\nTo: svar@fjordpartner.example\r\nMessage-ID: <%s@fjordfoods.example>\r\nIn-Reply-To: <0110-1@eu-north-1.amazonses.com>\r\n\r\n%s\r\n"
	pass := map[string]any{"status": "PASS"}
	for _, text := range []string{"We free them on Friday.", "We free them on Friday.", "A stranger, with their name."} {
		verdicts := map[string]any{"spamVerdict": pass, "virusVerdict": pass, "spfVerdict": pass, "dkimVerdict": pass, "dmarcVerdict": pass}
		id := "a1"
		if strings.Contains(text, "stranger") {
			id, verdicts["dmarcVerdict"], verdicts["dmarcPolicy"] = "a2", map[string]any{"status": "FAIL"}, "reject"
		}
		if err := c.Receive(fmt.Appendf(nil, answered, id, text), verdicts); err != nil {
			t.Error(err)
		}
	}
	missing := map[string]any{"Records": []any{map[string]any{"ses": map[string]any{"mail": map[string]any{"messageId": "nowhere"}}}}}
	if err := c.Invoke("Reply", missing, nil); err == nil {
		t.Error("a mail that is not there was taken")
	}
	c.Drain()
	copies := 0
	for _, m := range c.Mails() {
		if m.To == "support@fjordpartner.example" && strings.Contains(m.Text, "We free them on Friday.") {
			copies++
		}
	}
	shown := body(c.call("GET", "/support/accounts/C-1042", "", nil, signed.Cookies()[0]))
	if copies != 1 || !strings.Contains(shown, "We free them on Friday.") || strings.Contains(shown, "A stranger") {
		t.Errorf("%d copies went to where the operator reads, and the case lacks the answer, or has what is forged", copies)
	}

	// A mail of ours that came back, and one that is not ours.
	for _, tags := range []map[string][]string{mails[0].Tags, {"account": {"eA"}, "mail": {"eA"}}} {
		detail := map[string]any{"eventType": "Bounce", "bounce": map[string]any{"bounceType": "Permanent"}, "mail": map[string]any{"tags": tags}}
		if err := c.MailCameBack("Email Bounced", detail); err != nil {
			t.Error(err)
		}
	}
	c.Drain()
	c.wants(c.call("GET", "/accounts/C-1042/mails", "", nil), 200, `"why":"refused"`)

	// The schedule.
	if err := c.Sweep(); err != nil {
		t.Error(err)
	}
	c.Drain()
	if got, want := c.Called(), lambda.ReadTemplate(t, "../..").Functions(); !slices.Equal(got, want) {
		t.Errorf("called were %v, the template has %v", got, want)
	}
	if logs := c.Logs(); strings.Contains(logs, `"level":"ERROR"`) || strings.Contains(logs, "@") {
		t.Errorf("an error, or an address, is logged:\n%s", logs)
	}

	// What SES refuses for reasons of ours is a line that the log's filters count.
	before := c.counted()
	c.Refuse("MessageRejected", "Email address is not verified. The following identities failed the check in region EU-NORTH-1: licens@fjordpartner.example")
	c.wants(c.signed("stripe", "/billing/stripe", "evt_odd", []byte(`{"id":"evt_odd","type":"customer.subscription.updated","livemode":true,"data":{"object":7}}`)), 200, `"set-aside"`)
	c.Drain() // ops are to have a mail of it
	c.Refuse("", "")
	after := c.counted()
	if before["ErrorLines"] != 0 || before["Faults"] != 0 || after["ErrorLines"] == 0 || after["Faults"] == 0 {
		t.Errorf("the filters count %v before SES refuses and %v after", before, after)
	}
	ping := []byte(`{"type":"seatmend.ping","timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `","data":{}}`)
	c.wants(c.signed("standard", "/billing/standard", "ping", ping), 200, `"ignored"`)
	c.findsByQueries()
}

// findsByQueries holds what the guide asks Logs Insights to the keys that lines have.
func (c caller) findsByQueries() {
	c.Helper()
	guide, err := os.ReadFile("../OPERATING.md")
	if err != nil {
		c.Fatal(err)
	}
	queries := regexp.MustCompile("`([^`]*filter (\\w+)=\"(\\w+)\"[^`]*)`").FindAllStringSubmatch(string(guide), -1)
	if len(queries) < 2 {
		c.Fatalf("the guide has the queries %q", queries)
	}
	for _, q := range queries {
		key, value, found := q[2], q[3], false
		shown := regexp.MustCompile(`(?:fields|by) ([\w, ]+)`).FindStringSubmatch(q[1])
		for line := range strings.Lines(c.Logs()) {
			var has map[string]any
			if json.Unmarshal([]byte(line), &has) != nil || has[key] != value && (key != "kind" || value != string(licence.ReadBack)) { // no billing system is read here
				continue
			}
			found = found || shown != nil && !slices.ContainsFunc(strings.Split(shown[1], ","), func(name string) bool { return has[strings.TrimSpace(name)] == nil })
		}
		if !found {
			c.Errorf("no line of the log is found by %s", q[1])
		}
	}
}

// counted is how many lines of the log each filter of the template counts.
func (c caller) counted() map[string]int {
	c.Helper()
	out := map[string]int{}
	filters := lambda.ReadTemplate(c.T, "../..").Filters()
	if len(filters) < 2 {
		c.Fatalf("the template has the filters %v", filters)
	}
	for line := range strings.Lines(c.Logs()) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) != nil {
			continue // the emulator's own
		}
		for metric, pattern := range filters {
			m := regexp.MustCompile(`^\{ \$\.([a-z]+) = "([A-Z*]+)" \}$`).FindStringSubmatch(pattern)
			if m == nil {
				c.Fatalf("this test does not read %s", pattern)
			}
			if said, ok := fields[m[1]].(string); ok && (m[2] == "*" || m[2] == said) {
				out[metric]++
			}
		}
	}
	return out
}

// tell posts a body of events/ as its sender would, as if it had been told yesterday.
func (c caller) tell(route, file string) *http.Response {
	c.Helper()
	raw, err := events.Files.ReadFile(file)
	if err != nil {
		c.Fatal(err)
	}
	raw = events.Shift(raw, events.Base, time.Now().AddDate(0, 0, -1))
	return c.signed(events.Sender(file), route, strings.ReplaceAll(file, "/", "-"), raw)
}

// signed posts a body as a sender does.
func (c caller) signed(sender, route, id string, raw []byte) *http.Response {
	c.Helper()
	s, ok := webhook.Find(sender)
	if !ok {
		c.Fatalf("no sender %q", sender)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	s.Sign(header, raw, id, c.secrets[sender][0], time.Now())
	return c.call("POST", route, string(raw), header)
}

func (c caller) form(to string, fields url.Values, cookies ...*http.Cookie) *http.Response {
	c.Helper()
	return c.call("POST", to, fields.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}}, cookies...)
}

func (c caller) call(method, to, what string, header http.Header, cookies ...*http.Cookie) *http.Response {
	c.Helper()
	r := httptest.NewRequest(method, "https://licens.fjordpartner.example"+to, strings.NewReader(what))
	for name, values := range header {
		r.Header[name] = values
	}
	for _, cookie := range cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	rec := httptest.NewRecorder()
	c.ServeHTTP(rec, r)
	return rec.Result()
}

func (c caller) wants(r *http.Response, status int, part string) {
	c.Helper()
	if got := body(r); r.StatusCode != status || !strings.Contains(got, part) {
		c.Errorf("answered %d %.600s, want %d with %s", r.StatusCode, got, status, part)
	}
}

// body reads an answer, and leaves it to be read again.
func body(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}

// link is the path of the address in a mail that leads below a folder.
func link(t *testing.T, mail, below string) string {
	t.Helper()
	m := regexp.MustCompile(`https://licens\.fjordpartner\.example(` + below + `[A-Za-z0-9._~-]+)`).FindStringSubmatch(mail)
	if m == nil {
		t.Fatalf("no link to %s in the mail:\n%s", below, mail)
	}
	return m[1]
}

// under is where a page's relative address leads.
func under(page, to string) string {
	base, _ := url.Parse(page)
	at, err := base.Parse(to)
	if err != nil {
		return fmt.Sprint(err)
	}
	return at.RequestURI()
}

func text(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
