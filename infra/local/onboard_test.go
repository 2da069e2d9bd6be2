package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/infra/onboard"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/superoffice"
)

// A testSheet is a sheet in the making: the names of its columns, and rows by them.
type testSheet struct {
	names []string
	rows  []map[string]string
}

// sheetOf is a sound sheet of n customers, of whom the first in trouble have fewer seats in
// their new licence than are in use.
func sheetOf(n, inTrouble int) *testSheet {
	var t testSheet
	for _, c := range onboard.Columns {
		t.names = append(t.names, c.Name)
	}
	for i := range n {
		no := fmt.Sprint(50000 + i)
		r := map[string]string{
			"account": "C-" + no, "name": "Kund " + no + " AB", "locale": "sv", "timezone": "Europe/Stockholm",
			"admin_name": "Anna Berg", "admin_email": "anna@kund" + no + ".example", "billing_name": "Bo Lind", "billing_email": "ap@kund" + no + ".example",
			"cust_id": "Cust" + no, "serial": "18000" + no, "hosting": "onsite", "billing_sender": "stripe", "billing_id": "cus_" + no,
			"plan": "sales-premium", "plan_name": "Sales Premium", "module": "ten-sales", "price": "price_sp|sales_premium",
			"subscription": "sub_" + no, "ordered": "10", "total": "10", "in_use": "9",
			"next_check": "2027-08-10", "admin_warning": "2027-08-05", "expires": "2027-09-01", "grace_until": "2027-09-13",
		}
		if i < inTrouble {
			for name, v := range map[string]string{"next_check": "2026-11-20", "admin_warning": "2026-11-15", "expires": "2026-12-13", "grace_until": "2026-12-25",
				"offered": "yes", "can_activate": "no", "new_expires": "2027-12-13", "new_total": "7", "ordered": "7"} {
				r[name] = v
			}
			if i%2 == 1 {
				r["ordered_since"] = "01.10.2026"
			}
		}
		t.rows = append(t.rows, r)
	}
	return &t
}

// csv writes the sheet with a separator.
func (t *testSheet) csv(comma rune) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	w.Write(t.names)
	for _, r := range t.rows {
		var cells []string
		for _, name := range t.names {
			cells = append(cells, r[name])
		}
		w.Write(cells)
	}
	w.Flush()
	return b.String()
}

// onboardSheet takes a file in as the command does, at nine on a Monday.
func onboardSheet(t *testing.T, data, sheet string, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"-data", data, "-now", monday.Format(time.RFC3339)}, append(args, "-")...) // of two -now the later counts
	code := takeIn(t.Context(), args, strings.NewReader(sheet), &out, &errs)
	return code, out.String(), errs.String()
}

// knownOf is all that a database's accounts know, without its times.
func knownOf(t *testing.T, data string) string {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(data, "seatmend.db"), func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b strings.Builder
	for _, e := range accountsOf(t, db) {
		l, err := db.Load(t.Context(), e.Account, store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		k := l.State.Known
		fmt.Fprintf(&b, "%+v mail %s\n", k.Profile.Account.Value, l.State.MailPolicy())
		for _, s := range k.Orders.Subs {
			fmt.Fprintf(&b, "%+v\n", s.Now[0].Value)
		}
		for _, i := range k.Licences.By {
			fmt.Fprintf(&b, "%s %s %s %+v\n", i.Report.Value.Expires, i.Report.Value.NextCheck, i.Report.Value.GraceUntil, i.Report.Value.Offered)
		}
	}
	return b.String()
}

func accountsOf(t *testing.T, db store.Store) (list []licence.Entry) {
	t.Helper()
	for page := (store.Page{Limit: 500}); ; {
		some, next, err := db.Accounts(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, some...)
		if next.Cursor == "" {
			return list
		}
		page = next
	}
}

// TestOnboardLongSheet has a hundred thousand rows, every tenth of them bad.
func TestOnboardLongSheet(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty thousand rows")
	}
	const rows, plans = 20_000, 5
	names, model, _ := strings.Cut(sheetOf(1, 0).csv(','), "\n")
	var b strings.Builder
	b.WriteString(names + "\n")
	for i := range rows {
		r := strings.ReplaceAll(model, "50000", fmt.Sprint(500000+i/plans))
		r = strings.Replace(r, "sales-premium", fmt.Sprint("plan-", i%plans), 1)
		if i%10 == 0 {
			r = strings.Replace(r, ",10,", ",ten,", 1)
		}
		b.WriteString(r)
	}
	began := time.Now()
	code, _, errs := onboardSheet(t, filepath.Join(t.TempDir(), "data"), b.String())
	t.Logf("%d rows checked in %s", rows, time.Since(began).Round(time.Millisecond))
	if code != 2 {
		t.Errorf("exit %d", code)
	}
	lines := strings.Split(strings.TrimSpace(errs), "\n")
	if got, want := len(lines), onboard.MostFaults+2; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
	if got, want := lines[len(lines)-2], fmt.Sprintf("... and %d more", rows/10-onboard.MostFaults); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := lines[len(lines)-1], fmt.Sprintf("-: %d faults; nothing was written", rows/10); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sweeping is an App on a database, whose mails are counted. Nothing is read from SuperOffice.
func sweeping(t *testing.T, db store.Store, now func() time.Time, mails *atomic.Int64) *app.App {
	t.Helper()
	op := app.Invented
	op.Mail = "on" // the accounts say review themselves
	app, err := app.NewApp(db, generated(), op, "http://127.0.0.1:8080", now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	outside.Connect(app, &superoffice.Client{}, func(_ context.Context, m effects.Message) (string, error) {
		if m.To != op.Desks["support"] { // which hears of the drafts
			mails.Add(1)
		}
		return "", nil
	}, desk.Mails)
	app.Engine.Do[licence.Read] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return nil, licence.Result{Outcome: "failed"}, nil
	}
	return app
}

// TestOnboardThousands is Q21: two thousand customers come in on the first day, and nobody is
// mailed. It is broken off on the way, and harmless twice.
func TestOnboardThousands(t *testing.T) {
	n, inTrouble := 250, 30
	if testing.Short() {
		n, inTrouble = 100, 10
	}
	data := t.TempDir()
	sheet := sheetOf(n, inTrouble).csv(';')

	began := time.Now()
	code, out, errs := onboardSheet(t, filepath.Join(data, "none"), sheet, "-dry-run")
	t.Logf("%d customers judged in %s", n, time.Since(began).Round(time.Millisecond))
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		fmt.Sprintf("%d customers, %[1]d of them new; %d facts to write, 0 told before.", n, 3*n),
		fmt.Sprintf("Mail: review %d.", n),
		fmt.Sprintf("needs-action %d, waiting 0, unknown 0, ok %d.", inTrouble, n-inTrouble),
		fmt.Sprintf("\n  surplus  %d    0        2026-12-11\n", inTrouble),
		"\n  2026-12-11  C-50000  Kund 50000 AB  surplus\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if entries, _ := os.ReadDir(data); len(entries) > 0 {
		t.Errorf("a dry run left %v", entries)
	}

	// The first run is broken off when a third is in.
	ctx, cancel := context.WithCancel(t.Context())
	o := onboard.Onboarding{Data: data, File: "-", Settings: licence.Settings{Mail: "on"}, Now: monday, In: strings.NewReader(sheet), Out: io.Discard, Errs: io.Discard}
	go func() {
		defer cancel()
		for ctx.Err() == nil {
			if db, err := sqlite.Open(filepath.Join(data, "seatmend.db"), func() time.Time { return monday }); err == nil {
				in := len(accountsOf(t, db))
				db.Close()
				if in >= n/3 {
					return
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	o.Open = opener(o)
	code, err := o.Run(ctx)
	cancel()
	if code != 1 || err == nil || !strings.Contains(err.Error(), "the same command goes on from there") {
		t.Errorf("broken off: exit %d, %v", code, err)
	}

	began = time.Now()
	code, out, errs = onboardSheet(t, data, sheet)
	t.Logf("the rest taken in in %s: %s", time.Since(began).Round(time.Millisecond), out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	clock := monday
	db, err := sqlite.Open(filepath.Join(data, "seatmend.db"), func() time.Time { return clock })
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list := accountsOf(t, db)
	facts := 0
	for _, e := range list {
		fs, _, err := db.Facts(t.Context(), e.Account, store.Page{})
		if err != nil {
			t.Fatal(err)
		}
		facts += len(fs)
	}
	if len(list) != n || facts != 3*n {
		t.Fatalf("%d accounts with %d facts, want %d with %d", len(list), facts, n, 3*n)
	}

	code, out, errs = onboardSheet(t, data, sheet)
	if want := fmt.Sprintf("%d customers taken in, 0 facts written", n); code != 0 || !strings.Contains(out, want) {
		t.Errorf("the second time: exit %d %s\n%s", code, errs, out)
	}

	// The run sweeps, in working hours: drafts are made, and no mail goes.
	var mails atomic.Int64
	app := sweeping(t, db, func() time.Time { return clock }, &mails)
	began = time.Now()
	for _, c := range []struct {
		after  time.Duration
		drafts int
	}{{0, 0}, {30 * time.Minute, inTrouble}, {25 * time.Hour, inTrouble}} { // a sheet tells of no order in motion
		clock = monday.Add(c.after)
		if _, err := app.Engine.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		drafts := 0
		for _, e := range accountsOf(t, db) {
			rows, _, err := db.Rows(t.Context(), e.Account, "mail", store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				if !strings.Contains(string(r.Body), `"draft":"review"`) {
					t.Errorf("%s has a mail that is no draft: %s", e.Account, r.Body)
				}
				drafts++
			}
		}
		if mails.Load() != 0 || drafts != c.drafts {
			t.Errorf("after %s %d mails and %d drafts, want none and %d", c.after, mails.Load(), drafts, c.drafts)
		}
	}
	t.Logf("swept three times in %s", time.Since(began).Round(time.Millisecond))
}

// TestOnboardKeeps holds an import to what is stored already: whose name it is, and what was
// decided of a customer's mails.
func TestOnboardKeeps(t *testing.T) {
	data := t.TempDir()
	take := func(change func(*testSheet)) (int, string, string) {
		s := sheetOf(3, 1)
		change(s)
		return onboardSheet(t, data, s.csv(','))
	}
	policy := func(account string) string {
		db, err := sqlite.Open(filepath.Join(data, "seatmend.db"), func() time.Time { return monday })
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		l, err := db.Load(t.Context(), account, store.Want{})
		if err != nil {
			t.Fatal(err)
		}
		return l.State.MailPolicy()
	}
	if code, _, errs := take(func(s *testSheet) { s.rows[1]["mail"] = "on" }); code != 0 {
		t.Fatal(errs)
	}
	if a, b := policy("C-50000"), policy("C-50001"); a != "review" || b != "on" {
		t.Errorf("mail is %s and %s, want review and on", a, b)
	}
	// The sheet is corrected, and says nothing of mail any more: what was decided stays.
	if code, out, _ := take(func(s *testSheet) { s.rows[1]["name"] = "Kund Ett AB" }); code != 0 || !strings.Contains(out, "1 fact to write, 8 told before") {
		t.Errorf("exit %d: %s", code, out)
	}
	if got := policy("C-50001"); got != "on" {
		t.Errorf("mail is %s after a correction, want on", got)
	}
	// Another sheet claims an installation of a customer that it does not hold.
	s := sheetOf(1, 0)
	s.rows[0]["account"], s.rows[0]["serial"], s.rows[0]["billing_id"] = "C-9", "9", "cus_9"
	code, _, errs := onboardSheet(t, data, s.csv(','))
	want := `-:2: cust_id "cust50000": leads to C-50000, who is stored already: correct it, or tell C-50000 without it first`
	if code != 2 || !strings.HasPrefix(errs, want+"\n") {
		t.Errorf("exit %d:\n%swant\n%s", code, errs, want)
	}
	// Later an installation moves from one customer of the sheet to another.
	take = func(change func(*testSheet)) (int, string, string) {
		s := sheetOf(3, 1)
		change(s)
		return onboardSheet(t, data, s.csv(','), "-now", monday.Add(time.Hour).Format(time.RFC3339))
	}
	move := func(row int, no string) func(*testSheet) {
		return func(s *testSheet) {
			s.rows[row]["cust_id"], s.rows[row]["serial"], s.rows[row]["billing_id"] = "Cust"+no, "18000"+no, "cus_"+no
		}
	}
	if code, _, errs := take(func(s *testSheet) { move(0, "50001")(s); move(1, "60000")(s) }); code != 0 {
		t.Errorf("an installation that moves: exit %d: %s", code, errs)
	}
	// Two who exchange theirs would each have to be first.
	code, _, errs = take(func(s *testSheet) { move(0, "60000")(s); move(1, "50001")(s) })
	want = `-:2: account "C-50000": takes over what C-50001 has, and that one waits for others in turn: tell one of them without it first`
	if code != 2 || !strings.HasPrefix(errs, want+"\n") {
		t.Errorf("exit %d:\n%swant\n%s", code, errs, want)
	}
}

// TestOnboardCorrected: of sheets that name one day the later counts, whatever their ids are.
func TestOnboardCorrected(t *testing.T) {
	data := t.TempDir()
	for used := 1; used <= 6; used++ {
		s := sheetOf(1, 0)
		s.rows[0]["as_of"], s.rows[0]["in_use"] = "2026-11-22", fmt.Sprint(used)
		now := monday.Add(time.Duration(used) * time.Minute)
		if code, _, errs := onboardSheet(t, data, s.csv(','), "-now", now.Format(time.RFC3339)); code != 0 {
			t.Fatal(errs)
		}
		db, err := sqlite.Open(filepath.Join(data, "seatmend.db"), func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		l, err := db.Load(t.Context(), "C-50000", store.Want{})
		db.Close()
		if err != nil {
			t.Fatal(err)
		}
		report := l.State.Known.Inst("Cust50000").Report
		if got := report.Value.Plans[0].InUse; got != used {
			t.Errorf("in use %d, want %d", got, used)
		}
		if got := licence.DateOf(report.At.Add(time.Hour), time.UTC); got != "2026-11-22" {
			t.Errorf("the licence was read on %s", got)
		}
	}
}

// TestOnboardBesideARun takes customers in while the run has the same data open, by its clock.
// The run finds what is owed: search knows them, and their mails are drafts.
func TestOnboardBesideARun(t *testing.T) {
	data := t.TempDir()
	p := start(t, data, "-demo=false", "-now", monday.Format(time.RFC3339))
	const n = 20
	code, out, errs := run(t, sheetOf(n, 1).csv(','), "onboard", "-data", data, "-")
	if code != 0 || !strings.Contains(out, "On 23 November 2026 09:0") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	p.advance("25h")
	type entry struct{ Account, Summary string }
	if got := all[entry](p, "/accounts", "accounts"); len(got) != n {
		t.Errorf("%d accounts, want %d", len(got), n)
	}
	found := get[struct{ Accounts []entry }](p, "/accounts?q=cust50007")
	if len(found.Accounts) != 1 || found.Accounts[0].Account != "C-50007" {
		t.Errorf("search finds %+v", found.Accounts)
	}
	mails := get[struct{ Mails, Drafts []struct{ To string } }](p, "/accounts/C-50000/mails")
	if len(mails.Mails) != 0 || len(mails.Drafts) != 1 || mails.Drafts[0].To != "anna@kund50000.example" {
		t.Errorf("mails %+v", mails)
	}
	p.stop()
}
