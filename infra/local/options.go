package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"seatmend/functions"
)

// options are the flags of the run.
type options struct {
	addr, data, secrets, operator, crm, crmAddr, smtp, base string
	demo                                                    bool
	now                                                     time.Time
}

func flags(args []string, errs io.Writer) (options, error) {
	var o options
	var now string
	f := flag.NewFlagSet("local", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&o.data, "data", ".seatmend", "folder of the database and the generated secrets")
	f.StringVar(&o.secrets, "secrets", "", "JSON file of secrets (default: generated in -data)")
	f.StringVar(&o.operator, "operator", "", "JSON file of the operator's settings (default: an invented partner)")
	f.BoolVar(&o.demo, "demo", true, "seed the demo customers")
	f.StringVar(&o.crm, "crm", "sim", "sim, or the login host of a real SuperOffice environment")
	f.StringVar(&o.crmAddr, "crm-addr", "127.0.0.1:8081", "address of the simulator")
	f.StringVar(&o.smtp, "smtp", "", "host:port of a mail server (default: mail lies in the inbox only)")
	f.StringVar(&o.base, "base-url", "", "what links in mails begin with (default: http:// and -addr)")
	f.StringVar(&now, "now", "", "RFC 3339: the clock starts at this instant (default: the real time)")
	f.Usage = func() {
		fmt.Fprintln(errs, "usage: go run ./infra/local [flags]\n       go run ./infra/local diagnose [-json] [-now T] [-at T] [-account ID] FILE...\n       go run ./infra/local send [-to URL] [-secrets FILE] -sender NAME FILE")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is none of the commands: leave it out, or write diagnose or send first", f.Arg(0))
	}
	if now != "" {
		t, err := time.Parse(time.RFC3339, now)
		if err != nil {
			return o, fmt.Errorf("-now: write an instant such as 2026-11-23T09:00:00Z, not %q", now)
		}
		o.now = t
	}
	if o.base == "" {
		o.base = "http://" + o.addr
	}
	return o, nil
}

// loadSecrets reads the secrets' file, or makes one that stays.
func loadSecrets(o options) (functions.Secrets, error) {
	path := o.secrets
	if path == "" {
		path = filepath.Join(o.data, "secrets.json")
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			b, err := json.MarshalIndent(generated(), "", "  ")
			if err == nil {
				err = replace(path, b)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := functions.ReadSecrets(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func generated() functions.Secrets {
	random := func() string {
		b := make([]byte, 32)
		rand.Read(b)
		return base64.StdEncoding.EncodeToString(b)
	}
	return functions.Secrets{
		"stripe": {"whsec_" + random()}, "standard": {"whsec_" + random()}, "superoffice": {random()}, "paddle": {"pdl_" + random()},
		"recurly": {random()}, "chargebee": {"seatmend:" + random()}, "login": {"whsec_" + random()}, "link": {random()}, "operator": {random()},
	}
}

// loadOperator reads the operator's settings, or gives the invented partner's.
func loadOperator(path string) (functions.Operator, error) {
	if path == "" {
		return functions.Invented, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return functions.Operator{}, err
	}
	op, err := functions.ReadOperator(b)
	if err != nil {
		return op, fmt.Errorf("%s: %w", path, err)
	}
	return op, nil
}
