package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/effects"
)

// A before is what an earlier version answered of what it had stored.
type before struct {
	Commit   string
	Now      time.Time
	Parked   int
	Accounts map[string]struct {
		Codes        []string
		Facts, Mails int
	}
}

// TestUpgrade: on what each earlier version has stored, this one starts, answers the same, knows what it was told,
// goes on telling and mailing, and frees what was parked.
func TestUpgrade(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "upgrade", "said.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := decoded[map[string]before](t, string(b))
	files, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*.db.gz"))
	if err != nil || len(files) != len(all) || len(files) < 5 {
		t.Fatalf("%d files of %d versions: %v", len(files), len(all), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".db.gz")
		t.Run(name, func(t *testing.T) { upgraded(t, file, all[name]) })
	}
}

// earlier is a commit whose program is to read what this one writes.
var earlier = flag.String("earlier", "", "a commit that is built, and must read and write on what this version has stored")

// TestTheVersionBeforeReadsIt: what this version has stored is read by an earlier one, which answers the same, tells and
// goes on; and this one reads what that one wrote: two versions are at it while one takes the place of the other.
// go test ./infra/local -run TestTheVersionBeforeReadsIt -earlier HEAD~20
func TestTheVersionBeforeReadsIt(t *testing.T) {
	if *earlier == "" {
		t.Skip("where it is asked for: -earlier COMMIT is built first")
	}
	dir, data := t.TempDir(), t.TempDir()
	old := filepath.Join(dir, "old")
	build := exec.Command("sh", "-c", `git -C "$(git rev-parse --show-toplevel)" archive "$1" | tar -x -C "$2" && cd "$2" && go build -buildvcs=false -o "$3" ./infra/local`, "sh", *earlier, dir, old)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	type entry struct {
		Account string
		Codes   []string
	}
	type fact struct{ ID string }
	operator := mailsOn(t)
	var was []entry
	facts := map[string]int{}
	for n, program := range []string{"", old, "", old} {
		p := started(t, program, data, "-demo="+fmt.Sprint(n == 0), "-operator", operator)
		if n == 0 {
			p.advance("26h")
			p.must("parked", "stranger", reportBody(99, 9, p.clock().Add(-time.Hour)), p.clock())
		}
		is := all[entry](p, "/accounts", "accounts")
		if n > 0 && !reflect.DeepEqual(is, was) {
			t.Errorf("run %d lists %v, the one before %v", n, is, was)
		}
		now := p.clock()
		for _, e := range is {
			if got := len(all[fact](p, "/accounts/"+e.Account+"/facts", "facts")); n > 0 && got != facts[e.Account] {
				t.Errorf("run %d: %d facts of %s, want %d", n, got, e.Account, facts[e.Account])
			}
			if status, body := p.ask("GET", "/accounts/"+e.Account+"/diagnosis", ""); status != 200 {
				t.Errorf("run %d: %s: %d %s", n, e.Account, status, body)
			}
			id := fmt.Sprint("new-", e.Account, n)
			body := strings.ReplaceAll(invoiceBody(1, n, now), "C-1", e.Account)
			p.must("applied", id, body, now)
			p.must("duplicate", id, body, now)
			facts[e.Account] = len(all[fact](p, "/accounts/"+e.Account+"/facts", "facts"))
		}
		was = all[entry](p, "/accounts", "accounts")
		if code := p.stop(); code != 0 {
			t.Errorf("run %d ends with %d: %s", n, code, p.says)
		}
	}
}

func upgraded(t *testing.T, file string, was before) {
	data := t.TempDir()
	unpack(t, file, filepath.Join(data, "seatmend.db"))
	p := start(t, data, "-demo=false", "-operator", mailsOn(t), "-now", was.Now.Format(time.RFC3339))
	type entry struct {
		Account string
		Codes   []string
	}
	type fact struct{ ID string }
	type mails struct{ Mails []effects.MailRow }
	entries := all[entry](p, "/accounts", "accounts")
	if len(entries) != len(was.Accounts) || len(was.Accounts) < 11 {
		t.Errorf("%d accounts, there were %d", len(entries), len(was.Accounts))
	}
	for _, e := range entries {
		then := was.Accounts[e.Account]
		facts, sent := all[fact](p, "/accounts/"+e.Account+"/facts", "facts"), get[mails](p, "/accounts/"+e.Account+"/mails").Mails
		if !slices.Equal(e.Codes, then.Codes) || len(facts) != then.Facts || len(sent) != then.Mails {
			t.Errorf("%s: %v, %d facts, %d mails; %+v before", e.Account, e.Codes, len(facts), len(sent), then)
		}
		if status, body := p.ask("GET", "/accounts/"+e.Account+"/diagnosis", ""); status != 200 {
			t.Errorf("%s: %d %s", e.Account, status, body)
		}
	}
	if parked := all[fact](p, "/parked", "parked"); len(parked) != was.Parked {
		t.Errorf("%d are parked, there were %d", len(parked), was.Parked)
	}
	now := p.clock()
	for _, e := range entries {
		body := strings.ReplaceAll(invoiceBody(1, 1, now), "C-1", e.Account)
		p.must("applied", "new-"+e.Account, body, now)
		p.must("duplicate", "new-"+e.Account, body, now)
	}
	p.must("applied", "stranger", accountBody(99, now.Add(-time.Minute)), now)
	if facts := all[fact](p, "/accounts/C-99/facts", "facts"); len(facts) != 1+was.Parked {
		t.Errorf("what was parked has not come to its account: %+v", facts)
	}
	p.advance("1h")
	if sent := get[mails](p, "/accounts/C-1/mails").Mails; len(sent) != 1 {
		t.Errorf("%d mails of what was owed before, want 1", len(sent))
	}
	if code := p.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, p.says)
	}
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	packed, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, packed); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
