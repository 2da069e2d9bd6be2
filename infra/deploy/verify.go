package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"seatmend/shared/webhook"
)

// verify tries a deployment. What it sends is of a type that nobody uses: it is proved, answered and
// kept nowhere.
func verify(ctx context.Context, f *flag.FlagSet, args []string, out io.Writer) (int, error) {
	to := f.String("url", "", "address of the deployment, such as https://licens.fjordpartner.example")
	name := f.String("name", "seatmend", "of the stack, whose secret is NAME/secrets")
	file := f.String("secrets", "", "file of secrets in place of that")
	if err := f.Parse(args); err != nil {
		return 2, err
	}
	at := strings.TrimRight(*to, "/")
	if !strings.HasPrefix(at, "https://") && !strings.HasPrefix(at, "http://127.0.0.1:") {
		return 2, fmt.Errorf("-url is needed, such as https://licens.fjordpartner.example")
	}
	conf, err := environment(ctx)
	if err != nil {
		return 2, err
	}
	var text []byte
	if *file != "" {
		text, err = os.ReadFile(*file)
	} else {
		var said struct{ SecretString string }
		err = call(ctx, conf, "secretsmanager", "secretsmanager.GetSecretValue", "POST", "/", map[string]any{"SecretId": *name + "/secrets"}, &said)
		text = []byte(said.SecretString)
	}
	if err != nil {
		return 2, fmt.Errorf("the secrets: %w", err)
	}
	secrets, _, err := readSecrets(text)
	if err != nil {
		return 2, err
	}
	standard, ok := webhook.Find("standard")
	if !ok || len(secrets["standard"]) == 0 {
		return 2, fmt.Errorf("the secrets have none of standard, with which to sign")
	}
	ping := []byte(`{"type":"seatmend.ping","timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `","data":{}}`)
	hook := func(path, secret string) func() (*http.Request, error) {
		return func() (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, "POST", at+path, bytes.NewReader(ping))
			if err == nil {
				r.Header.Set("Content-Type", "application/json")
				standard.Sign(r.Header, ping, "verify-"+rand.Text(), secret, time.Now())
			}
			return r, err
		}
	}
	get := func(path string, signed bool) func() (*http.Request, error) {
		return func() (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, "GET", at+path, nil)
			if err == nil && signed {
				err = sign(ctx, conf, r, nil, "execute-api")
			}
			return r, err
		}
	}
	secret := secrets["standard"][0]
	tries := []struct {
		what    string
		request func() (*http.Request, error)
		status  int
		part    string
	}{
		{"a signed event of billing", hook("/billing/standard", secret), 200, `"ignored"`},
		{"a signed event of users", hook("/users/standard", secret), 200, `"ignored"`},
		{"an event that somebody else signed", hook("/billing/standard", "whsec_"+fresh()["link"][0]), 401, `"unauthorized"`},
		{"the page for whoever was warned", get("/help", false), 200, "<form"},
		{"a link that nobody gave", get("/r/"+strings.Repeat("x", 48), false), 404, "<main"},
		{"the desk's screen without a session", get("/support", false), 302, ""},
		{"the operator's list, signed by AWS credentials", get("/accounts?limit=1", true), 200, `"accounts"`},
		{"the operator's list, unsigned", get("/accounts?limit=1", false), 403, ""},
	}
	wrong := 0
	for _, try := range tries {
		r, err := try.request()
		if err != nil {
			return 2, err
		}
		began := time.Now()
		status, answer, err := do(r)
		took := time.Since(began).Round(time.Millisecond)
		switch {
		case err != nil:
			wrong++
			fmt.Fprintf(out, "WRONG  %s: %v\n", try.what, err)
		case status != try.status || !strings.Contains(string(answer), try.part):
			wrong++
			fmt.Fprintf(out, "WRONG  %s: %d, want %d with %s: %.200s\n", try.what, status, try.status, try.part, answer)
		default:
			fmt.Fprintf(out, "ok     %s: %d in %s\n", try.what, status, took)
		}
	}
	if wrong > 0 {
		return 1, fmt.Errorf("%d of %d are not as they should be", wrong, len(tries))
	}
	return 0, nil
}
