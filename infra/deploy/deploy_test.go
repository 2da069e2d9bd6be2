package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/shared/store/sqlite"
)

// An account stands in for the services that prepare calls.
type account struct {
	mu       sync.Mutex
	secret   string // "": there is none
	settings string
	left     int // of a quota of 1,000, what is not reserved; 0: nobody may ask
	calls    []string
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var in struct{ Name, SecretString, Value, Type, ClientRequestToken string }
	_ = json.Unmarshal(body, &in)
	call := r.Header.Get("X-Amz-Target")
	if call == "" {
		call = r.Method + " " + r.URL.Path
	}
	a.calls = append(a.calls, call)
	const arn = `"ARN":"arn:aws:secretsmanager:eu-north-1:123456789012:secret:seatmend/secrets-AbCdEf"`
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "/eu-north-1/"):
		w.WriteHeader(403)
	case call == "secretsmanager.DescribeSecret" && a.secret == "":
		w.WriteHeader(400)
		io.WriteString(w, `{"__type":"ResourceNotFoundException","Message":"there is none"}`)
	case call == "secretsmanager.DescribeSecret":
		fmt.Fprintf(w, `{%s}`, arn)
	case call == "secretsmanager.CreateSecret" && len(in.ClientRequestToken) == 32:
		a.secret = in.SecretString
		fmt.Fprintf(w, `{%s}`, arn)
	case call == "secretsmanager.GetSecretValue":
		json.NewEncoder(w).Encode(map[string]string{"SecretString": a.secret})
	case call == "AmazonSSM.PutParameter" && in.Name == "/seatmend/operator" && in.Type == "String":
		a.settings = in.Value
		io.WriteString(w, `{"Version":1}`)
	case call == "GET /v2/email/identities/fjordpartner.example":
		io.WriteString(w, `{"VerifiedForSendingStatus":true}`)
	case call == "GET /v2/email/account":
		io.WriteString(w, `{"ProductionAccessEnabled":false}`)
	case call == "GET /2016-08-19/account-settings/" && a.left > 0:
		fmt.Fprintf(w, `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":%d}}`, a.left)
	default:
		w.WriteHeader(400)
		io.WriteString(w, `{"__type":"ValidationException","message":"not understood"}`)
	}
}

// open makes the environment of a command.
func open(t *testing.T) *account {
	a := &account{left: 1000}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{"AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
	for _, service := range []string{"SSM", "SECRETSMANAGER", "EMAIL", "LAMBDA"} {
		t.Setenv("AWS_ENDPOINT_URL_"+service, server.URL)
	}
	return a
}

func command(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out strings.Builder
	code = run(t.Context(), args, &out, &out)
	return code, out.String()
}

func write(t *testing.T, name string, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPrepare(t *testing.T) {
	a := open(t)
	dir := t.TempDir()
	settings := app.Invented
	settings.Inbound = "Svar <Answers@svar.fjordpartner.example>"
	operator := write(t, filepath.Join(dir, "operator.json"), settings)
	file := filepath.Join(dir, "samconfig.toml")
	args := []string{"prepare", "-domain", "licens.fjordpartner.example", "-operator", operator, "-out", file, "-set", "Rollout=Canary10Percent5Minutes"}
	code, said := command(t, args...)
	if code != 0 {
		t.Fatal(said)
	}
	for _, part := range []string{"secret    seatmend/secrets made", "settings  /seatmend/operator", "verified identity fjordpartner.example", "sandbox", "svar.fjordpartner.example is no verified identity", "svar.fjordpartner.example MX 10 inbound-smtp.eu-north-1.amazonaws.com", "--rule-set-name seatmend-mail", "1000 at a time, 1000 not reserved: room", "sam deploy --config-file"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not say %q:\n%s", part, said)
		}
	}
	if secrets, err := app.ReadSecrets([]byte(a.secret)); err != nil || len(secrets["standard"]) != 1 || len(secrets["link"]) != 1 {
		t.Errorf("the secret is %s: %v", a.secret, err)
	}
	if got, err := app.ReadOperator([]byte(a.settings)); err != nil || got.From != app.Invented.From {
		t.Errorf("the settings are %s: %v", a.settings, err)
	}
	// What sam is given are parameters that the template has, and it cuts none of them.
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  "(\w+)=([^"]*)",$`).FindAllStringSubmatch(string(written), -1) {
		given[m[1]] = m[2]
		if !strings.Contains(string(template), "\n  "+m[1]+":\n    Type: ") && !strings.Contains(string(template), "\n  "+m[1]+": #") {
			t.Errorf("the template has no parameter %s", m[1])
		}
		if strings.ContainsAny(m[2], "{} '") {
			t.Errorf("%s is cut on the way: %s", m[1], m[2])
		}
	}
	if given["MailFrom"] != "licens@fjordpartner.example" || given["MailIdentity"] != "fjordpartner.example" || given["BaseUrl"] != "https://licens.fjordpartner.example" || given["Rollout"] != "Canary10Percent5Minutes" || given["Reserve"] != "true" || given["Operator"] != "/seatmend/operator" || given["Inbound"] != "answers@svar.fjordpartner.example" {
		t.Errorf("given are %v", given)
	}
	// Again: the settings are renewed, and the secret stays.
	was := a.secret
	a.left = 10
	if code, said = command(t, args...); code != 0 || a.secret != was || !strings.Contains(said, "stays as it is") || !strings.Contains(said, " percent of what one secret holds") || !strings.Contains(said, "too few to reserve") {
		t.Errorf("again: %d %s", code, said)
	}
	// A secret that would fail the start of a function is none to deploy with.
	a.secret = `{"link":["` + fresh()["link"][0] + `"],"crm_system":["Cust1 App-1"]}`
	if code, said = command(t, args...); code != 1 || !strings.Contains(said, "crm_system needs crm_app and crm_key") {
		t.Errorf("a secret with a fault: %d %s", code, said)
	}
}

// sam keeps what a parameter had before, unless it is named: so what is to be empty is named, and what nobody
// knows is not. What is reserved is counted by the template.
func TestParametersThatStayAndGo(t *testing.T) {
	a := open(t)
	dir := t.TempDir()
	operator, file := write(t, filepath.Join(dir, "operator.json"), app.Invented), filepath.Join(dir, "samconfig.toml")
	for left, c := range map[int]struct{ has, hasNot string }{
		0: {`"Inbound=\"\"",`, "Reserve="}, 99: {`"Reserve=false",`, "CertificateArn="}, 100: {`"MailFrom=`, "Reserve="}, 166: {`"MailFrom=`, "Reserve="}, 167: {`"Reserve=true",`, "Reserve=false"},
	} {
		a.left = left
		if code, said := command(t, "prepare", "-domain", "licens.fjordpartner.example", "-operator", operator, "-out", file); code != 0 {
			t.Fatal(said)
		}
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), c.has) || strings.Contains(string(text), c.hasNot) {
			t.Errorf("%d are not reserved, and it wrote %s", left, text)
		}
	}
	if code, said := command(t, "prepare", "-domain", "licens.fjordpartner.example", "-operator", operator, "-out", file, "-set", "Reserve=false", "-set", "AlarmTopicArn="); code != 0 {
		t.Fatal(said)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"Reserve=false",`) || !strings.Contains(string(text), `"AlarmTopicArn=\"\"",`) || strings.Contains(string(text), "Reserve=true") {
		t.Errorf("chosen by -set, and it wrote %s", text)
	}
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, m := range regexp.MustCompile(`ReservedConcurrentExecutions: !If \[Reserved, (\d+),`).FindAllStringSubmatch(string(template), -1) {
		n, _ := strconv.Atoi(m[1])
		sum += n
	}
	if sum != reserved {
		t.Errorf("the template reserves %d, and prepare makes sure of %d", sum, reserved)
	}
}

// Every fault is named at once, and nobody is called.
func TestPrepareRefuses(t *testing.T) {
	a := open(t)
	dir := t.TempDir()
	bad := app.Invented
	bad.From, bad.Phone, bad.Mail, bad.Inbound = "Fjord <licens@fjordpartner.example>", "", "maybe", "svar@fjordpartner.example"
	code, said := command(t, "prepare", "-domain", "https://licens.fjordpartner.example/", "-identity", "other.example", "-operator", write(t, filepath.Join(dir, "o.json"), bad),
		"-secrets", write(t, filepath.Join(dir, "s.json"), map[string][]string{"link": {"short"}, "strips": {}, "crm_key": {"none"}, "crm_system": {"Cust1 App-1"}, "stripe_api": {"pk_live_1"}, "operator": {strings.Repeat("x", 1<<16)}}),
		"-set", "Crm=https://crm.fjord.example")
	if code != 2 || len(a.calls) > 0 {
		t.Errorf("answered %d, and called %v", code, a.calls)
	}
	for _, part := range []string{"-domain", "phone is missing", `mail: "maybe"`, "inbound: a domain's mail goes to one place", `identity "other.example"`, `"strips" is none of`, "link", "crm_key[0]", "crm_system needs", "stripe_api[0]", "percent of what one secret holds", "-set Crm=https://crm.fjord.example"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not name %q:\n%s", part, said)
		}
	}
	if code, said = command(t, "check", "-operator", filepath.Join(dir, "none.json")); code != 2 || !strings.Contains(said, "none.json") {
		t.Errorf("%d %s", code, said)
	}
	if code, said = command(t, "check", "-operator", write(t, filepath.Join(dir, "g.json"), app.Invented)); code != 0 || !strings.Contains(said, "sound") {
		t.Errorf("%d %s", code, said)
	}
}

func TestVerify(t *testing.T) {
	a := open(t)
	secrets := fresh()
	text, _ := json.Marshal(secrets)
	a.secret = string(text)
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	deployed, err := app.NewApp(db, secrets, app.Invented, "https://licens.fjordpartner.example", time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	deployed.Gateway = true
	routes := deployed.Handler("", functions.Routes)
	guarded := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if guarded && strings.HasPrefix(r.URL.Path, "/accounts") && !strings.Contains(r.Header.Get("Authorization"), "/eu-north-1/execute-api/aws4_request") {
			w.WriteHeader(http.StatusForbidden) // as the gateway does
			return
		}
		routes.ServeHTTP(w, r)
	}))
	defer server.Close()
	if code, said := command(t, "verify", "-url", server.URL); code != 0 || strings.Count(said, "ok ") != 8 {
		t.Errorf("%d:\n%s", code, said)
	}
	guarded = false // a deployment that lets anybody read the operator's list
	if code, said := command(t, "verify", "-url", server.URL); code != 1 || strings.Count(said, "WRONG") != 1 {
		t.Errorf("%d:\n%s", code, said)
	}
}

// What a month costs is reckoned of rows that cost.md has, and of the alarms that the template has.
func TestCost(t *testing.T) {
	code, said := command(t, "cost", "-units", "../decisions/cost.md")
	if code != 0 || !strings.Contains(said, "| **all** |") {
		t.Errorf("%d:\n%s", code, said)
	}
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p prices
	if err := json.Unmarshal(priceList, &p); err != nil {
		t.Fatal(err)
	}
	alarmed := strings.Count(string(template), "MetricStat: {") + len(regexp.MustCompile(`(?m)^      MetricName: `).FindAllString(string(template), -1))
	if got := int(p.Model.AlarmedMetrics); got != alarmed {
		t.Errorf("reckoned with %d metrics under alarm, the template has %d", got, alarmed)
	}
	var sizes []string
	for _, m := range regexp.MustCompile(`MemorySize: (\d+)`).FindAllStringSubmatch(string(template), -1) {
		sizes = append(sizes, m[1])
	}
	if got, want := fmt.Sprint(sizes), fmt.Sprint([]float64{p.Model.MemoryMB, p.Model.SweepMB}); got != want { // of all, and of the sweep
		t.Errorf("reckoned with %s MB, the template has %s", want, got)
	}
	for name, price := range p.Prices { // a source is where somebody else can look
		if !regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+/[^ ]`).MatchString(price.Source) || price.Per == 0 || price.Each == 0 {
			t.Errorf("%s has the source %q, or no price", name, price.Source)
		}
	}
	if !regexp.MustCompile(`^read on 20\d\d-\d\d-\d\d$`).MatchString(p.Read) {
		t.Errorf("the prices are %q", p.Read)
	}
	guide, err := os.ReadFile("../OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := said[strings.Index(said, "| what |"):]; !strings.Contains(string(guide), table) {
		t.Errorf("the guide's table is another; it is\n%s", table)
	}
}
