package functions_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/infra/crmsim"
	"seatmend/infra/lambda"
	"seatmend/shared/effects"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

// TestFAQOnBootstraps plays each scenario twice: with the handlers of the local run over SQLite, and
// with the functions' programs under AWS's Runtime Interface Emulator over DynamoDB. What is
// answered, what the diagnosis says, which tasks and events there are and which mails go is the
// same, line by line.
func TestFAQOnBootstraps(t *testing.T) {
	if testing.Short() {
		t.Skip("it is played whole without -short")
	}
	lambda.Emulator(t)
	programs := lambda.BuildOnClock(t, "..", t.TempDir())
	scenarios, err := filepath.Glob("testdata/faq/*.txt")
	if err != nil || len(scenarios) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	t.Run("all", func(t *testing.T) {
		t.Run("rotation", func(t *testing.T) {
			t.Parallel()
			rotates(t, programs)
		})
		for _, file := range scenarios {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
				t.Parallel()
				local := seenLocally(t, file)
				deployed := seenDeployed(t, programs, file)
				for i := range max(len(local), len(deployed)) {
					var here, there string
					if i < len(local) {
						here = local[i]
					}
					if i < len(deployed) {
						there = deployed[i]
					}
					if here != there {
						t.Fatalf("the local run and the functions differ:\n%s", apart(here, there))
					}
				}
				if len(local) < 4 {
					t.Errorf("%d lines only", len(local))
				}
			})
		}
	})
}

// rotates: a program that goes on running takes what is signed by a new secret half a minute after it asked
// last, however often it is refused meanwhile, and what is signed by one that was taken out for five minutes more.
func rotates(t *testing.T, programs lambda.Programs) {
	w := newDeployed(t, programs)
	with := func(stripe string) []byte {
		secrets := maps.Clone(testSecrets)
		secrets["stripe"] = []string{stripe}
		text, err := json.Marshal(secrets)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	n := 0
	tells := func(want int, when string) {
		t.Helper()
		n++
		if r := w.post("stripe", "/billing/stripe", "evt", fmt.Appendf(nil, `{"id":"evt_%d","object":"event","type":"tax_rate.created","livemode":true,"created":%d,"data":{"object":{}}}`, n, w.clock.Now().Unix())); r.status != want {
			t.Errorf("%s: %v, want %d", when, r, want)
		}
	}
	own, other := testSecrets["stripe"][0], "whsec_another"
	w.aws.SetSecrets(with(other))
	tells(401, "signed by a secret that is not there")
	w.aws.SetSecrets(with(own))
	tells(401, "in the half minute after the secrets were read")
	w.clock.set(w.clock.Now().Add(31 * time.Second))
	tells(200, "half a minute after the secret was put in")
	w.aws.SetSecrets(with(other))
	tells(200, "the secret was just taken out")
	w.clock.set(w.clock.Now().Add(5 * time.Minute))
	tells(401, "five minutes after the secret was taken out")
}

// apart shows the first lines in which two texts differ.
func apart(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if l != r {
			return fmt.Sprintf("%s\nlocal:    %s\ndeployed: %s", left[0], l, r)
		}
	}
	return ""
}

func seenLocally(t *testing.T, file string) []string {
	w := newWorld(t, nil)
	var mails []lambda.Mail
	var events []lambda.Published
	w.mail = func(_ context.Context, m effects.Message) (string, error) {
		mails = append(mails, lambda.Mail{To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML})
		return fmt.Sprintf("<0110-%d@eu-north-1.amazonses.com>", len(mails)), nil
	}
	w.publish = func(_ context.Context, kind string, detail []byte) error {
		events = append(events, lambda.Published{Source: "seatmend", DetailType: kind, Detail: detail})
		return nil
	}
	w.start()
	return w.watch(file, func() ([]lambda.Mail, []lambda.Published) { return mails, events })
}

func seenDeployed(t *testing.T, programs lambda.Programs, file string) []string {
	w := newDeployed(t, programs)
	return w.watch(file, func() ([]lambda.Mail, []lambda.Published) { return w.aws.Mails(), w.aws.Published() })
}

// newDeployed is a world whose requests, stream and schedule go to the functions' programs.
func newDeployed(t *testing.T, programs lambda.Programs) *world {
	t.Helper()
	client := storetest.Dynamo(t)
	if client.Options().BaseEndpoint == nil {
		t.Skip("a table of AWS is not for this test")
	}
	table := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(_ *testing.T, now func() time.Time) store.Store {
		return &dynamo.Store{Client: client, Table: table, Now: now}
	})
	operator := app.Invented
	operator.Mail = "on"
	settings, err := json.Marshal(operator)
	if err != nil {
		t.Fatal(err)
	}
	w.aws = lambda.Start(t, lambda.Settings{
		Root: "..", Programs: programs, Dynamo: *client.Options().BaseEndpoint, Table: table,
		Secrets: w.deployedSecrets(), Operator: settings, BaseURL: "https://licens.fjordpartner.example", CRM: w.crm.URL,
	})
	w.clock.tell = w.aws.Clock
	w.clock.set(w.clock.Now())
	return w
}

// deployedSecrets are those of the tests, and what signs in at the simulated tenants there are.
func (w *world) deployedSecrets() []byte {
	w.Helper()
	secret, key := w.sim.App()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		w.Fatal(err)
	}
	all := maps.Clone(testSecrets)
	all["crm_app"] = []string{secret}
	all["crm_key"] = []string{string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}
	for _, t := range w.sim.Tenants() {
		if t.Hosting == crmsim.Onsite {
			all["crm_onsite"] = append(all["crm_onsite"], fmt.Sprintf("%s %s/%s basic %s:%s", t.CustID, w.crm.URL, t.CustID, t.User, t.Password))
		} else if token, ok := w.sim.SystemToken(t.CustID); ok {
			all["crm_system"] = append(all["crm_system"], t.CustID+" "+token)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// follow plays the stream of a deployed table, and takes note of when which account falls due.
func (w *world) follow() {
	w.Helper()
	if w.aws == nil {
		return
	}
	for _, r := range w.aws.Drain() {
		var head struct {
			Keys     struct{ PK, SK struct{ S string } }
			NewImage struct{ Due struct{ S string } }
		}
		text, _ := json.Marshal(r["dynamodb"])
		if err := json.Unmarshal(text, &head); err != nil {
			w.Fatal(err)
		}
		account, ok := dynamo.Account(head.Keys.PK.S)
		if !ok || head.Keys.SK.S != "head" {
			continue
		}
		w.db.mu.Lock()
		delete(w.db.due, account)
		if due, err := time.Parse(time.RFC3339Nano, head.NewImage.Due.S); err == nil {
			w.db.due[account] = due
		}
		w.db.mu.Unlock()
	}
}

// watch plays a scenario, and writes down what can be seen after each line.
func (w *world) watch(file string, outside func() ([]lambda.Mail, []lambda.Published)) (seen []string) {
	w.Helper()
	s := &scenario{world: w}
	mails, events := 0, 0
	s.play(file, func(line string) {
		if w.aws != nil && strings.Contains(line, ": crm ") {
			w.aws.SetSecrets(w.deployedSecrets())
			w.aws.Restart() // nobody waits until a warm function reads them again
		}
		var b strings.Builder
		fmt.Fprintln(&b, line)
		fmt.Fprintf(&b, "answered %d %s\n", s.last.status, s.last.body)
		var list struct{ Accounts []struct{ Account string } }
		w.ask("/accounts", &list)
		for _, one := range list.Accounts {
			for _, of := range []string{"/diagnosis?lang=en", "/tasks"} {
				var v any
				w.ask("/accounts/"+url.PathEscape(one.Account)+of, &v)
				text, _ := json.MarshalIndent(v, "", " ")
				fmt.Fprintf(&b, "%s: %s\n", of, text)
			}
		}
		sent, published := outside()
		for _, m := range sent[mails:] {
			fmt.Fprintf(&b, "mail to %s: %s\n%s\n%s\n", m.To, m.Subject, m.Text, m.HTML)
		}
		for _, e := range published[events:] {
			var detail any
			json.Unmarshal(e.Detail, &detail)
			text, _ := json.MarshalIndent(detail, "", " ")
			fmt.Fprintf(&b, "event %s %s: %s\n", e.Source, e.DetailType, text)
		}
		mails, events = len(sent), len(published)
		if s.mail.Link != "" {
			r := w.get(path(w.T, s.mail.Link), s.session...)
			fmt.Fprintf(&b, "page %d %s\n%s\n", r.status, pageHeadersOf(r.header), r.body)
		}
		seen = append(seen, chance.ReplaceAllString(b.String(), "$1"))
	})
	return seen
}

// chance are tokens: they are signed anew, and lead to the same page.
var chance = regexp.MustCompile(`(/r/)[A-Za-z0-9._~-]{40,}`)

// pageHeadersOf are the headers that the gateway must hand on.
func pageHeadersOf(h http.Header) string {
	return h.Get("Content-Type") + " " + h.Get("Cache-Control") + " " + h.Get("Content-Security-Policy")
}
