package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/outside"
	"seatmend/shared/webhook"
)

// options are the flags of the run.
type options struct {
	addr, data, crm, crmAddr, smtp, base string
	demo                                 bool
	now                                  time.Time
	secrets                              app.Secrets // nil: those in data
	operator                             app.Operator
}

// runFlags are the flags of the run as they are written.
type runFlags struct {
	options
	nowText, secretsFile, operatorFile string
}

func (o *runFlags) set() *flag.FlagSet {
	f := flag.NewFlagSet("local", flag.ContinueOnError)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&o.data, "data", ".seatmend", "folder of the database and the generated secrets")
	f.StringVar(&o.secretsFile, "secrets", "", "JSON file of secrets (default: generated in -data)")
	f.StringVar(&o.operatorFile, "operator", "", "JSON file of the operator's settings (default: an invented partner)")
	f.BoolVar(&o.demo, "demo", true, "seed the demo customers")
	f.StringVar(&o.crm, "crm", "sim", "sim, or the login host of a real SuperOffice environment")
	f.StringVar(&o.crmAddr, "crm-addr", "127.0.0.1:8081", "address of the simulator")
	f.StringVar(&o.smtp, "smtp", "", "host:port of a mail server (default: mail lies in the inbox only)")
	f.StringVar(&o.base, "base-url", "", "what links in mails begin with (default: http:// and -addr)")
	f.Bool("version", false, "print the version and end")
	f.StringVar(&o.nowText, "now", "", "RFC 3339: the clock starts at this instant (default: the real time)")
	return f
}

// flags reads those of the run, and says all that is wrong with them at once.
func flags(args []string, errs io.Writer) (options, error) {
	var o runFlags
	f := o.set()
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	if err := f.Parse(args); err != nil {
		return o.options, fmt.Errorf("%w (%s -h lists the flags)", err, program)
	}
	var faults []error
	if f.NArg() > 0 {
		faults = append(faults, noCommand(f.Arg(0)))
	}
	var err error
	if o.now, err = instant("-now", o.nowText, time.Time{}); err != nil {
		faults = append(faults, err)
	}
	if o.secretsFile != "" {
		if o.secrets, err = loadSecrets(o.secretsFile, errs); err != nil {
			faults = append(faults, err)
		}
	}
	if o.operator, err = loadOperator(o.operatorFile); err != nil {
		faults = append(faults, err)
	}
	return o.options, errors.Join(append(faults, o.places())...)
}

// places says what is wrong with the addresses that are not listened on.
func (o options) places() error {
	var faults []error
	if o.crm != "sim" {
		if err := outside.LoginHost(crmLogin(o.crm)); err != nil {
			faults = append(faults, fmt.Errorf("-crm %s: write sim, or the login host of a SuperOffice environment, such as https://sod.superoffice.com: %w", o.crm, err))
		}
	}
	if host, port, err := net.SplitHostPort(o.smtp); o.smtp != "" && (err != nil || host == "" || port == "") {
		faults = append(faults, fmt.Errorf("-smtp %s: write host and port of a mail server, such as mail.example:25", o.smtp))
	}
	if u, err := url.Parse(o.base); o.base != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		faults = append(faults, fmt.Errorf("-base-url %s: write what links begin with, such as https://licens.example", o.base))
	}
	return errors.Join(faults...)
}

// ownSecrets are those that stay in the run's data; the first run makes them.
func ownSecrets(data string, errs io.Writer) (app.Secrets, error) {
	path := filepath.Join(data, "secrets.json")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		b, err := json.MarshalIndent(generated(), "", "  ")
		if err == nil {
			err = replace(path, b)
		}
		if err != nil {
			return nil, err
		}
	}
	return loadSecrets(path, errs)
}

// loadSecrets reads a file of secrets, and says which of its entries have white space at their ends.
func loadSecrets(path string, errs io.Writer) (app.Secrets, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := outside.ReadSecrets(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if padded := app.PaddedSecrets(b); len(padded) > 0 {
		fmt.Fprintf(errs, "%s: %s: white space at the ends of an entry does not count\n", path, strings.Join(padded, ", "))
	}
	return s, nil
}

func generated() app.Secrets {
	random := func() string {
		b := make([]byte, 32)
		rand.Read(b)
		return base64.StdEncoding.EncodeToString(b)
	}
	all := app.Secrets{"link": {random()}, "operator": {random()}}
	for _, s := range webhook.Senders {
		all[s.Name] = []string{s.NewSecret(random())}
	}
	return all
}

// loadOperator reads the operator's settings, or gives the invented partner's.
func loadOperator(path string) (app.Operator, error) {
	if path == "" {
		invented := app.Invented
		invented.Inbound = "hei@svar.fjordpartner.example" // so that mails in the inbox can be answered
		return invented, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return app.Operator{}, err
	}
	op, err := app.ReadOperator(b)
	if err != nil {
		return op, fmt.Errorf("%s: %w", path, err)
	}
	return op, nil
}
