// Command cold measures how a function starts, each in turn with the bare one, and prints a table.
// It plays the runtime API and Secrets Manager on this machine. A start is from exec to the first
// request for an invocation; memory is what is resident a moment later.
package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/version"
)

var functions = []string{"billing", "userchange", "loginwarning", "remedy", "accounts", "support", "deliver", "sweep", "bounce", "reply"}

// starts is how often each is started.
const starts = 15

func main() {
	names, code := asked(os.Args[1:], os.Stdout, os.Stderr)
	if names == nil {
		os.Exit(code)
	}
	if err := measure(os.Stdout, names); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// asked are the functions that the arguments name; nil: nothing is left to do, and the program ends with that status.
func asked(args []string, out, errs io.Writer) (names []string, code int) {
	if version.Asked(args) {
		fmt.Fprintln(out, version.String())
		return nil, 0
	}
	f := flag.NewFlagSet("cold", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprintf(errs, `usage: go run ./infra/cost/cold [FUNCTION...]

  go run ./infra/cost/cold billing remedy

prints how fast built functions start (%s), each beside a bare one; without a name all of them.
`, strings.Join(functions, ", "))
	}
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, 0
	case err != nil:
		return nil, 2
	}
	for _, name := range f.Args() {
		if !slices.Contains(functions, name) {
			fmt.Fprintf(errs, "cold: there is no function %q, but %s\n", name, strings.Join(functions, ", "))
			return nil, 2
		}
	}
	if f.NArg() > 0 {
		return f.Args(), 0
	}
	return functions, 0
}

func measure(out io.Writer, functions []string) error {
	dir, err := os.MkdirTemp("", "seatmend-cold-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := &platform{address: l.Addr().String(), asked: make(chan time.Time, 1)}
	go http.Serve(l, p)
	floor := filepath.Join(dir, "floor")
	if err := build("./infra/cost/cold/floor", floor, ""); err != nil {
		return err
	}
	fmt.Fprintf(out, "| function | start, ms: best, median | of the bare one | resident, MB | zip for arm64, MB |\n|---|---|---|---|---|\n")
	for _, name := range append([]string{"floor"}, functions...) {
		from := "./functions/" + name
		if name == "floor" {
			from = "./infra/cost/cold/floor"
		}
		exe, arm := filepath.Join(dir, name), filepath.Join(dir, name+".arm64")
		if err := errors.Join(build(from, exe, ""), build(from, arm, "arm64")); err != nil {
			return err
		}
		packed, err := zipped(arm)
		if err != nil {
			return err
		}
		var ours, bare []time.Duration
		var resident []int
		for range starts {
			took, kilobytes, err := p.start(exe)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			least, _, err := p.start(floor)
			if err != nil {
				return err
			}
			ours, bare, resident = append(ours, took), append(bare, least), append(resident, kilobytes)
		}
		fmt.Fprintf(out, "| %s | %.1f, %.1f | %.2f, %.2f | %.1f | %.2f |\n", name, ms(slices.Min(ours)), ms(median(ours)),
			ms(slices.Min(ours))/ms(slices.Min(bare)), ms(median(ours))/ms(median(bare)), float64(median(resident))/1024, float64(packed)/1e6)
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

func median[T cmp.Ordered](list []T) T { return slices.Sorted(slices.Values(list))[len(list)/2] }

// build makes a program as functions/Makefile does: a door of senders without HTTP/2.
func build(from, to, arch string) error {
	tags := "lambda.norpc"
	if name := filepath.Base(from); name == "billing" || name == "userchange" {
		tags += ",nethttpomithttp2"
	}
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", tags, "-ldflags=-s -w", "-o", to, from)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if arch != "" {
		c.Env = append(c.Env, "GOARCH="+arch)
	}
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", from, err, said)
	}
	return nil
}

// zipped is how large a program is as it is deployed.
func zipped(exe string) (int, error) {
	text, err := os.ReadFile(exe)
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	w, err := z.Create("bootstrap")
	if err == nil {
		_, err = w.Write(text)
	}
	return b.Len(), errors.Join(err, z.Close())
}

// A platform is what a function meets when it starts.
type platform struct {
	address string
	asked   chan time.Time
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		select {
		case p.asked <- time.Now():
		default:
		}
		<-r.Context().Done() // there is nothing to do
		return
	}
	text, _ := json.Marshal(app.Secrets{"stripe": {"whsec_x"}, "link": {"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="}})
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(map[string]string{"SecretString": string(text)})
}

// start starts a program, and ends it again.
func (p *platform) start(exe string) (took time.Duration, kilobytes int, err error) {
	operator, err := json.Marshal(app.Invented)
	if err != nil {
		return 0, 0, err
	}
	c := exec.Command(exe)
	c.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + p.address, "AWS_REGION=eu-north-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y", "AWS_ENDPOINT_URL=http://" + p.address,
		"SEATMEND_TABLE=t", "SEATMEND_SECRETS_ARN=s", "SEATMEND_OPERATOR=" + string(operator), "SEATMEND_BASE_URL=https://licens.fjordpartner.example", "SEATMEND_EVENT_BUS=default",
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		c.Process.Kill()
		c.Wait()
	}()
	select {
	case at := <-p.asked:
		took = at.Sub(began)
	case <-time.After(15 * time.Second):
		return 0, 0, errors.New("it asks for no invocation")
	}
	time.Sleep(50 * time.Millisecond)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(rest, &kilobytes)
	return took, kilobytes, err
}
