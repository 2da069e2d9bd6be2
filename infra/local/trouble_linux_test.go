package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
)

// The troubles that a machine has. What was answered with 200 is there afterwards, what was not is told again
// and taken, a mail goes once; who starts a run reads which place is meant, and what to do.

// asNobody gives up the rights of who may write everywhere, in a run that is to be like anybody's.
func asNobody() {
	if os.Getenv("SEATMEND_TEST_AS_NOBODY") == "1" && os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(98)
		}
	}
}

// refusesToStart holds a start that cannot be to one line that says each of these.
func refusesToStart(t *testing.T, data string, says ...string) {
	t.Helper()
	p, ready := launch(t, "", "-addr", "127.0.0.1:0", "-crm-addr", "127.0.0.1:0", "-demo=false", "-data", data)
	for line := range ready {
		t.Errorf("it starts: %s", line)
	}
	code, line := p.exit(), ""
	for said := range strings.Lines(p.says.String()) {
		if line = said; !strings.Contains(said, " opens ") && !strings.Contains(said, says[0]) {
			t.Errorf("it says, beside what is wrong: %s", said)
		}
	}
	for _, s := range says {
		if !strings.Contains(line, s) {
			t.Errorf("ended with %d and does not say %q: %s", code, s, p.says)
		}
	}
	if code != 2 {
		t.Errorf("ended with %d", code)
	}
}

// TestFolderThatCannotBeWritten: of another's folder, of a file in its place, and of a file in it that may not be written.
func TestFolderThatCannotBeWritten(t *testing.T) {
	t.Setenv("SEATMEND_TEST_AS_NOBODY", "1")
	above := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(above), 0o755), os.Chmod(above, 0o555)); err != nil {
		t.Fatal(err)
	}
	refusesToStart(t, filepath.Join(above, "data"), filepath.Join(above, "data"), "may write", "-data")
	if os.Getuid() == 0 { // else it is its own, and may be made so that it can be written
		refusesToStart(t, above, above, "may write", "-data")
		theirs := filepath.Join(above, "theirs")
		if err := errors.Join(os.Mkdir(theirs, 0o755), os.Chmod(theirs, 0o777), os.WriteFile(filepath.Join(theirs, "seatmend.db"), nil, 0o444)); err != nil {
			t.Fatal(err)
		}
		refusesToStart(t, theirs, filepath.Join(theirs, "seatmend.db"), "may write", "-data")
	}
	t.Setenv("SEATMEND_TEST_AS_NOBODY", "")
	refusesToStart(t, filepath.Join(write(t, "file", "text"), "data"), "not a directory", "-data")
}

// TestLocked: another program, such as one that copies it, has locked the database: what cannot be written is
// not answered with 200, and is taken once the lock is gone; a start says what is in its way.
func TestLocked(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	p.must("applied", "account", accountBody(1, monday), monday)
	held := lock(t, filepath.Join(data, "seatmend.db"))
	a, err := p.tell("seat", seatBody(1, "u1", true, monday), p.clock())
	if err != nil || a.status != 503 {
		t.Errorf("locked: answered %+v %v", a, err)
	}
	held()
	p.must("applied", "seat", seatBody(1, "u1", true, monday), p.clock())
	p.must("duplicate", "seat", seatBody(1, "u1", true, monday), p.clock())
	p.stop()
	if says := p.says.String(); !strings.Contains(says, "seatmend.db") || !strings.Contains(says, "another program has locked") {
		t.Errorf("the log does not say what is wrong: %s", says)
	}
	held = lock(t, filepath.Join(data, "seatmend.db"))
	defer held()
	refusesToStart(t, data, "seatmend.db", "another program has locked", "end it")
}

// lock takes the lock to write a database, until it is let go.
func lock(t *testing.T, path string) (let func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err == nil { // the run may be writing just now
		_, err = conn.ExecContext(context.Background(), "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { conn.Close(); db.Close() }
}

// TestDiskFull: the disk fills up in the middle of a burst. Where the test's folder is a small disk it is filled
// (TMPDIR=/a/tmpfs/of/8/MB), else the run may write no file beyond its size.
func TestDiskFull(t *testing.T) {
	const customers = 10
	list := burstOf(300, customers)
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-operator", mailsOn(t), "-now", monday.Format(time.RFC3339))
	p.tellSome(list[:150])
	room := fillDisk(t, p, data)
	refused := p.tellSome(list[150:])
	if refused == 0 {
		t.Error("on a full disk all is taken")
	}
	room()
	if n := p.tellSome(list); n > 0 {
		t.Errorf("%d are refused, though there is room", n)
	}
	p.holds(list)
	p.kill()
	p = start(t, data, "-demo=false", "-operator", mailsOn(t), "-now", monday.Format(time.RFC3339))
	p.holds(list)
	p.advance("1h")
	p.mailedOnce(customers)
	p.stop()
}

// fillDisk leaves the run no room for what it writes, until that is called which it gives.
func fillDisk(t *testing.T, p *process, data string) (room func()) {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(data, &disk); err != nil {
		t.Fatal(err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < 64<<20 {
		ballast := filepath.Join(data, "ballast")
		f, err := os.Create(ballast)
		for block := make([]byte, 4096); err == nil; {
			_, err = f.Write(block)
		}
		f.Close()
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		t.Logf("a disk with %d bytes left was filled", free)
		return func() { os.Remove(ballast) }
	}
	limit := func(most uint64) {
		l := syscall.Rlimit{Cur: most, Max: ^uint64(0)}
		if _, _, e := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(p.cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&l)), 0, 0, 0); e != 0 {
			t.Fatal(e)
		}
	}
	limit(8192)
	return func() { limit(^uint64(0)) }
}

// tellSome tells what has no answer of 200 yet, by several hands, and counts what is answered 503.
func (p *process) tellSome(list []*sent) (refused int) {
	p.t.Helper()
	var mu sync.Mutex
	var hands sync.WaitGroup
	now := p.clockOr(monday)
	turns := make(chan *sent)
	for range 6 {
		hands.Go(func() {
			for s := range turns {
				a, err := p.tell(s.id, s.body, now)
				mu.Lock()
				switch {
				case err == nil && a.status == 200:
					s.outcome = a.Outcome
				case err == nil && a.status == 503:
					refused++
				default:
					p.t.Errorf("%s: %+v %v", s.id, a, err)
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range list {
		if s.outcome == "" {
			turns <- s
		}
	}
	close(turns)
	hands.Wait()
	return refused
}

// TestStopped: the machine sleeps in the middle of a burst, and once while mails go, and goes on later.
func TestStopped(t *testing.T) {
	const customers = 10
	list := burstOf(300, customers)
	server := mailtest.Listen(t, nil)
	p := start(t, t.TempDir(), "-demo=false", "-smtp", server.Addr, "-operator", mailsOn(t), "-now", monday.Format(time.RFC3339))
	sleeps := func(begun <-chan bool) {
		<-begun
		p.cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(200 * time.Millisecond)
		p.cmd.Process.Signal(syscall.SIGCONT)
	}
	for _, part := range [][]*sent{list[:100], list[100:200], list[200:]} {
		begun := make(chan bool)
		go sleeps(begun)
		for half := range slices.Chunk(part, len(part)/2+1) {
			if n := p.tellSome(half); n > 0 {
				t.Errorf("%d are refused", n)
			}
			if begun != nil {
				begun <- true
				begun = nil
			}
		}
	}
	p.holds(list)
	begun, once := make(chan bool), sync.Once{}
	server.Answer(func(step, _ string) string {
		if step == mailtest.Taken {
			once.Do(func() { begun <- true })
		}
		return ""
	})
	go sleeps(begun)
	p.advance("1h")
	p.mailedOnce(customers)
	oncePer(t, server, customers)
	p.stop()
}

// oncePer holds that each customer's administrator got one mail.
func oncePer(t *testing.T, server *mailtest.Server, customers int) {
	t.Helper()
	got := map[string]int{}
	for _, m := range server.Mails() {
		got[m.To]++
	}
	for c := range customers {
		if who := fmt.Sprintf("anna@kund%d.example", 1000+c); got[who] != 1 {
			t.Errorf("%s got %d mails", who, got[who])
		}
	}
}

// TestMailServerHangs: at one recipient the mail server says nothing any more, at another it has taken the mail and
// says nothing. What is told meanwhile is taken, other mails go; the first goes once the server speaks, and the
// second does not go again.
func TestMailServerHangs(t *testing.T) {
	t.Parallel()
	const customers = 6
	hung, cure := make(chan bool, 100), make(chan bool)
	server := mailtest.Listen(t, nil)
	release := sync.OnceFunc(func() { close(cure) })
	t.Cleanup(release)
	server.Answer(func(step, to string) string {
		if step == mailtest.To && to == "anna@kund1001.example" || step == mailtest.Taken && to == "anna@kund1002.example" {
			select {
			case <-cure:
			default:
				hung <- true
				<-cure
				return mailtest.Cut
			}
		}
		return ""
	})
	p := start(t, t.TempDir(), "-demo=false", "-smtp", server.Addr, "-operator", mailsOn(t), "-now", monday.Format(time.RFC3339))
	for c := range customers {
		p.must("applied", fmt.Sprint("a", c), accountBody(1000+c, monday.Add(-time.Hour)), monday)
		p.must("applied", fmt.Sprint("r", c), reportBody(1000+c, 9, monday.Add(-time.Hour)), monday)
	}
	moved := make(chan bool)
	go func() {
		p.advance("1h")
		close(moved)
	}()
	<-hung
	now := p.clock()
	p.must("applied", "meanwhile", invoiceBody(1001, 1, now), now)
	<-moved
	release()
	p.advance("6h")
	oncePer(t, server, customers)
	mails := get[struct{ Mails []effects.MailRow }](p, "/accounts/C-1002/mails").Mails
	if !slices.ContainsFunc(mails, func(m effects.MailRow) bool { return strings.Contains(m.Why, "uncertain") }) {
		t.Errorf("nobody says that one mail is uncertain: %+v", mails)
	}
	p.stop()
}
