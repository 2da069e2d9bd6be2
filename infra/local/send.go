package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// send signs each body of a file as its sender would, by the clock of the run that it goes to,
// and posts it to the right route.
func send(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	f := flag.NewFlagSet("send", flag.ContinueOnError)
	to := f.String("to", "http://127.0.0.1:8080", "address of the run")
	secrets := f.String("secrets", ".seatmend/secrets.json", "JSON file of secrets")
	name := f.String("sender", "", "who would send it: "+senders())
	files, err := parsed(f, args, errs)
	if err != nil {
		return ended(err)
	}
	code, err := sendFile(ctx, *to, *secrets, *name, files, in, out, errs)
	if err != nil {
		fmt.Fprintln(errs, "send:", err)
	}
	return code
}

func sendFile(ctx context.Context, to, secrets, name string, files []string, in io.Reader, out, errs io.Writer) (int, error) {
	sender, ok := webhook.Find(name)
	switch {
	case name == "":
		return 2, fmt.Errorf("who sends it? Write -sender and one of %s", senders())
	case !ok:
		return 2, fmt.Errorf("-sender %s: there is no such sender; write one of %s", name, senders())
	case len(files) == 0:
		return 2, errors.New("name one file, or - for standard input")
	case len(files) > 1:
		return 2, fmt.Errorf("one file at a time: nothing is done with %q", files[1])
	}
	b, err := os.ReadFile(secrets)
	if err != nil {
		return 2, fmt.Errorf("-secrets: %w: a run writes them into its folder of -data, as secrets.json", err)
	}
	s, err := app.ReadSecrets(b)
	if err != nil {
		return 2, fmt.Errorf("-secrets %s: %w", secrets, err)
	}
	secret, err := signing(s, name)
	if err != nil {
		return 2, fmt.Errorf("%s: %w", secrets, err)
	}
	if files[0] != "-" {
		file, err := opened(files[0], "is a folder: name one file of it at a time")
		if err != nil {
			return 2, err
		}
		defer file.Close()
		in = file
	}
	p := poster{to: strings.TrimRight(to, "/"), client: &http.Client{Timeout: 30 * time.Second}}
	bad, n := 0, 0
	for raw, err := range webhook.Bodies(in) {
		if err != nil {
			return 2, fmt.Errorf("%s: %w", files[0], err)
		}
		now, err := p.clock(ctx)
		if err != nil {
			return 2, err
		}
		status, answer, err := p.post(ctx, sender, secret, raw.Body, "", now)
		if err != nil {
			return 2, err
		}
		n++
		fmt.Fprintf(out, "%d line %d: %d %s\n", n, raw.Line, status, strings.TrimSpace(answer))
		if unknown := webhook.Unknown(raw.Body); unknown != nil {
			fmt.Fprintf(errs, "line %d: nobody reads %s\n", raw.Line, strings.Join(unknown, ", "))
		}
		if status == http.StatusUnauthorized {
			fmt.Fprintf(errs, "line %d: is %s the secrets of the run at %s?\n", raw.Line, secrets, to)
		}
		if status != http.StatusOK {
			bad++
		}
	}
	if bad > 0 {
		return 1, fmt.Errorf("not answered with 200: %d of %d", bad, n)
	}
	return 0, nil
}

// senders are the names of those that can be signed for.
func senders() string {
	var names []string
	for _, s := range webhook.Senders {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// signing is the first of a sender's secrets that can sign: a public key only verifies.
func signing(s app.Secrets, sender string) (string, error) {
	for _, secret := range s[sender] {
		if !strings.HasPrefix(secret, "whpk_") {
			return secret, nil
		}
	}
	return "", fmt.Errorf("no secret of %s to sign with", sender)
}

// A poster signs bodies and posts them.
type poster struct {
	to     string
	client *http.Client
}

// clock is that of the run: signatures may be off it by five minutes.
func (p poster) clock(ctx context.Context) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", p.to+"/local/clock", nil)
	if err != nil {
		return time.Time{}, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("-to %s: %w: does a run listen there?", p.to, err)
	}
	defer resp.Body.Close()
	var c struct {
		Now time.Time `json:"now"`
	}
	if resp.StatusCode != 200 || json.NewDecoder(resp.Body).Decode(&c) != nil {
		return time.Now(), nil // no local run: a deployed one goes by the real time
	}
	return c.Now, nil
}

// routeOf is where a sender's body belongs: on one of its routes, where there are several by its type.
func routeOf(s webhook.Sender, body []byte) string {
	route := s.Routes[0]
	var t struct {
		Type string `json:"type"`
	}
	json.Unmarshal(body, &t)
	for _, users := range []string{"seat", "licence.", "installation.", "activation."} {
		if len(s.Routes) > 1 && strings.HasPrefix(t.Type, users) {
			route = "users"
		}
	}
	if route == "login" {
		return "/login-warnings"
	}
	return "/" + route + "/" + s.Name
}

// post signs a body and posts it. Its id is the one that stands in it, else that of its bytes.
func (p poster) post(ctx context.Context, s webhook.Sender, secret string, body []byte, id string, now time.Time) (int, string, error) {
	if id == "" {
		var t struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(body, &t); t.ID == "" {
			sum := sha256.Sum256(body)
			t.ID = hex.EncodeToString(sum[:16])
		}
		id = t.ID
	}
	req, err := http.NewRequestWithContext(ctx, "POST", p.to+routeOf(s, body), bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	s.Sign(req.Header, body, id, secret, now)
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, string(answer), err
}
