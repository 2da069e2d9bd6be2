package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/infra/onboard"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/store/storetest"
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

func TestOnboardCells(t *testing.T) {
	dates := []struct{ cell, want string }{
		{"2026-11-20", "2026-11-20"}, {"2026/11/20", "2026-11-20"}, {"20261120", "2026-11-20"}, {"2026-11-20 00:00:00", "2026-11-20"},
		{"20.11.2026", "2026-11-20"}, {"5.11.2026", "2026-11-05"}, {"05.11.2026", "2026-11-05"}, // between dots the day is first
		{"20/11/2026", "2026-11-20"}, {"11/20/2026", "2026-11-20"}, {"20-11-2026", "2026-11-20"}, {"11/11/2026", "2026-11-11"},
		{"46346", "2026-11-20"}, {"46346.0", "2026-11-20"}, {"46346,00", "2026-11-20"},
		{"05/11/2026", "is 2026-11-05 or 2026-05-11: write the one that is meant"},
		{"5-11-2026", "is 2026-11-05 or 2026-05-11: write the one that is meant"},
		{"11.20.2026", "has no month 20: write 2026-11-20 if that is meant"},
		{"20.11.26", "the year has two digits: write a date such as 2026-11-20"},
		{"46346.5", "is Excel's number of a day with a time: format the column as a date, or write a date such as 2026-11-20"},
		{"########", "the column was too narrow in Excel: widen it and export again, or write a date such as 2026-11-20"},
		{"2026-02-30", "is no day of the calendar: write a date such as 2026-11-20"}, {"31/11/2026", "is no day of the calendar: write a date such as 2026-11-20"},
		{"9999-12-31", "9999-12-31"}, {"31.12.9999", "9999-12-31"}, // as SuperOffice writes that there is no end
		{"9998-12-31", "lies outside of 2000 to 2099: write the real date, or leave the cell empty where it is not known"},
		{"20 nov 2026", "is no date: write a date such as 2026-11-20"}, {"1234", "is no date: write a date such as 2026-11-20"}, {"99999", "is no date: write a date such as 2026-11-20"},
	}
	for _, c := range dates {
		day, problem := onboard.ReadDate(c.cell)
		if got := day + problem; got != c.want {
			t.Errorf("date %q: got %q, want %q", c.cell, got, c.want)
		}
	}
	for cell, want := range map[string]string{
		"10": "10 ", "0": "0 ", "10,0": "10 ", "10.00": "10 ",
		"1.000": "0 must be digits alone, so that nobody can read it otherwise: write 1000 if that is meant",
		"1 200": "0 must be digits alone, so that nobody can read it otherwise: write 1200 if that is meant",
		"-3":    "0 must be a whole number, 0 or more: write 10", "ten": "0 must be a whole number, 0 or more: write 10",
	} {
		n, problem := onboard.ReadCount(cell)
		if got := fmt.Sprintf("%d %s", n, problem); got != want {
			t.Errorf("count %q: got %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{
		"Björk": "", "São Paulo": "", "SÃO": "", "C#": "", "#1 Kompaniet": "", "a+b": "", "1.8": "",
		"MÃ¶bler":     `was saved in two encodings: write "Möbler", or export the original once more as CSV UTF-8`,
		"â‚¬":         `was saved in two encodings: write "€", or export the original once more as CSV UTF-8`,
		"Bj\ufffdrk":  "a letter was lost when the file was saved: write it again, and save as CSV UTF-8",
		"#REF!":       "is an error of a formula: mend it in the spreadsheet, or leave the cell empty",
		"#N/A":        "is an error of a formula: mend it in the spreadsheet, or leave the cell empty",
		"#VÄRDEFEL!":  "is an error of a formula: mend it in the spreadsheet, or leave the cell empty",
		"1,80155E+09": "Excel has shortened the number: format the column as text, write the number again, and export",
	} {
		if got := onboard.Damaged(cell); got != want {
			t.Errorf("cell %q: got %q, want %q", cell, got, want)
		}
	}
}

// TestOnboardBadSheets gives each bad sheet its list of line, column, value and cure, and
// nothing of it is written.
func TestOnboardBadSheets(t *testing.T) {
	set := func(row int, column, value string) func(*testSheet) {
		return func(s *testSheet) { s.rows[row][column] = value }
	}
	latin := func(s string) string {
		return strings.NewReplacer("ö", "\xf6", "å", "\xe5", "Å", "\xc5", "–", "\x96").Replace(s)
	}
	wide := func(s string, bom string) string {
		var b strings.Builder
		b.WriteString(bom)
		for _, u := range utf16.Encode([]rune(s)) {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
		return b.String()
	}
	plain := sheetOf(3, 1)
	sound := plain.csv(',')
	const again = `save it as "CSV UTF-8`
	for _, c := range []struct {
		name   string
		change func(*testSheet)
		file   func(string) string
		want   []string // lines of what is said, in order; a line that ends with ... is a beginning
	}{
		{name: "Windows-1252", change: set(1, "name", "Björk – Åkeri åå"), file: latin,
			want: []string{`-:3: name "Björk – Åkeri åå": the file is in Windows-1252, Excel's plain "CSV": ` + again + ` (comma delimited)"`}},
		{name: "UTF-16 with its mark", file: func(s string) string { return wide(s, "\xff\xfe") }, want: []string{`-:1: the file is UTF-16, Excel's "Unicode Text"; save it as UTF-8...`}},
		{name: "UTF-16 without", file: func(s string) string { return wide(s, "") }, want: []string{`-:1: the file is UTF-16...`}},
		{name: "a workbook", file: func(string) string { return "PK\x03\x04\x14\x00\x06" }, want: []string{"-:1: the file is a workbook; save the sheet as text..."}},
		{name: "nothing", file: func(string) string { return "\xef\xbb\xbf" }, want: []string{"-:1: the file is empty"}},
		{name: "only names", file: func(s string) string { return s[:strings.Index(s, "\n")+1] }, want: []string{"-:2: there is no row below the names of the columns"}},
		{name: "an old Mac", file: func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }, want: []string{"-:1: the lines end as on an old Mac..."}},
		{name: "no names", file: func(s string) string { return s[strings.Index(s, "\n")+1:] }, want: []string{"-:1: the first line names no column of the sheet: begin it with account,name,locale (-h lists all)"}},
		{name: "unknown columns", change: func(s *testSheet) { s.names = append(s.names, "custid2", "shoe size", "#remark", "") },
			want: []string{"-:1: custid2: is none of the columns: write cust_id, or begin its name with # to keep it as a remark",
				"-:1: shoe_size: is none of the columns (-h lists them): delete it, or begin its name with # to keep it as a remark"}},
		{name: "a column twice", change: func(s *testSheet) { s.names = append(s.names, "name") }, want: []string{"-:1: name: stands twice in the first line: delete one of them"}},
		{name: "columns are missing", change: func(s *testSheet) {
			s.names = []string{"account", "name", "locale", "timezone", "cust_id", "hosting", "plan", "plan_name", "module", "price", "admin_name", "admin_email", "billing_name"}
		}, want: []string{"-:1: billing_email: is missing in the first line: add the column; its cells may be empty", "-:1: serial: is missing in the first line: add the column"}},
		{name: "a doubled CustID", change: set(2, "cust_id", "CUST50000"), want: []string{`-:4: cust_id "cust50000": is that of C-50000 already (line 2): it can lead to one customer only`}},
		{name: "a doubled serial and billing id", change: func(s *testSheet) {
			s.rows[2]["serial"], s.rows[2]["billing_id"] = s.rows[0]["serial"], s.rows[1]["billing_id"]
		}, want: []string{`-:4: serial "1800050000": is that of C-50000 already (line 2): it can lead to one customer only`,
			`-:4: billing_id "cus_50001": is that of C-50001 already (line 3): it can lead to one customer only`}},
		{name: "a trial's CustID is another's", change: func(s *testSheet) { s.rows[2]["trial_cust_id"], s.rows[2]["trial_serial"] = "Cust50001", "77" },
			want: []string{`-:4: trial_cust_id "cust50001": is that of C-50001 already...`}},
		{name: "rows apart", change: set(2, "account", "C-50000"), want: []string{`-:4: account "C-50000": has rows at line 2 already: sort the sheet by account...`, "..."}},
		{name: "no account", change: set(1, "account", ""), want: []string{"-:3: account: is empty: write the customer's number on each of its rows"}},
		{name: "rows that differ", change: func(s *testSheet) { s.rows[1]["account"] = "C-50000"; s.rows[1]["plan"] = "other" },
			want: []string{`-:3: name "Kund 50001 AB": is "Kund 50000 AB" at line 2: write the same on all rows of the customer, or leave it empty after the first`, "..."}},
		{name: "a plan twice", change: func(s *testSheet) {
			s.rows[1] = map[string]string{"account": "C-50000", "plan": "sales-premium", "plan_name": "x", "module": "y", "total": "1", "in_use": "1", "new_total": "1"}
		},
			want: []string{`-:3: plan "sales-premium": stands at line 2 of the same customer: write one row for each plan`}},
		{name: "no plan named", change: set(1, "plan", ""), want: []string{"-:3: plan: is empty, and plan_name is not: write which plan it is about"}},
		{name: "a date that may be either", change: set(1, "expires", "05/09/2027"), want: []string{`-:3: expires "05/09/2027": is 2027-09-05 or 2027-05-09: write the one that is meant`}},
		{name: "dates out of order", change: set(1, "grace_until", "2027-01-13"), want: []string{`-:3: grace_until "2027-01-13": is 2027-01-13, before expires (2027-09-01): write the dates as the licence has them`}},
		{name: "every check of a webhook", change: func(s *testSheet) {
			for k, v := range map[string]string{"timezone": "Europe/Lund", "locale": "svenska!", "admin_email": "anna(at)kund", "hosting": "cloud", "url": "online.superoffice.com", "mail": "maybe", "billing_name": ""} {
				s.rows[1][k] = v
			}
			s.rows[2]["account"] = "fleet"
		}, want: []string{
			`-:3: locale "svenska!": must be a language such as sv`, `-:3: timezone "Europe/Lund": must be a time zone such as Europe/Stockholm`,
			`-:3: admin_email "anna(at)kund": must be an e-mail address`, `-:3: billing_name: is required`,
			`-:3: hosting "cloud": must be one of: online, onsite`, `-:3: url "online.superoffice.com": must be an address that begins with https:// or http://`,
			`-:3: mail "maybe": must be one of: on, review, operator, off`, `-:4: account "fleet": must not be fleet: that name is reserved`, "..."}},
		{name: "seats", change: func(s *testSheet) {
			s.rows[1]["total"], s.rows[1]["ordered"], s.rows[1]["in_use"] = "ten", "1.000", ""
		}, want: []string{
			`-:3: ordered "1.000": must be digits alone, so that nobody can read it otherwise: write 1000 if that is meant`,
			`-:3: in_use: is required where next_check is written...`, `-:3: total "ten": must be a whole number, 0 or more: write 10`}},
		{name: "an order without its id", change: set(1, "subscription", ""), want: []string{"-:3: subscription: is required where ordered is written..."}},
		{name: "an offer that may be either", change: set(0, "offered", ""), want: []string{"-:2: offered: is required where a new licence is written: write yes"}},
		{name: "no word of an offer", change: func(s *testSheet) {
			for _, k := range []string{"offered", "can_activate", "new_expires", "new_total"} {
				s.rows[0][k] = ""
			}
		}, want: []string{"-:2: offered: is required where next_check has passed: write yes if a new licence waits to be activated, else no"}},
		{name: "what Excel makes of it", change: func(s *testSheet) { s.rows[1]["serial"], s.rows[2]["name"] = "1,80005E+09", "#NAME?" },
			want: []string{`-:3: serial "1,80005E+09": Excel has shortened the number...`, `-:4: name "#NAME?": is an error of a formula...`}},
		{name: "read tomorrow", change: set(1, "as_of", "2026-11-24"), want: []string{`-:3: as_of "2026-11-24": lies ahead: write the day since which it is so`}},
		{name: "too many cells", file: func(s string) string { return strings.Replace(s, "Kund 50001 AB", "Kund, 50001 AB", 1) },
			want: []string{`-:3: has 43 cells, the first line has 42: put a cell that holds a ',' in quotation marks, and leave no cell out`}},
		{name: "a mark inside", file: func(s string) string { return strings.Replace(s, "Kund 50001 AB", `Kund "50001" AB`, 1) },
			want: []string{`-:3: a quotation mark stands inside of a cell...`}},
		{name: "a mark that stays open", file: func(s string) string { return strings.Replace(s, "Kund 50001 AB", `"Kund 50001 AB`, 1) },
			want: []string{`-:3: a quotation mark that opens here is not closed as it should be (line...`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sheetOf(3, 1)
			if c.change != nil {
				c.change(s)
			}
			text := s.csv(',')
			if c.file != nil {
				text = c.file(text)
			}
			data := filepath.Join(t.TempDir(), "data")
			code, out, errs := onboardSheet(t, data, text)
			if code != 2 || out != "" {
				t.Errorf("exit %d, printed %q", code, out)
			}
			if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
				t.Error("the folder was made")
			}
			lines := strings.Split(strings.TrimSpace(errs), "\n")
			if last := lines[len(lines)-1]; !strings.HasSuffix(last, "; nothing was written") {
				t.Errorf("it does not say that nothing was written: %q", last)
			}
			lines = lines[:len(lines)-1]
			for i, want := range c.want {
				if want == "..." {
					return
				}
				got := ""
				if i < len(lines) {
					got = lines[i]
				}
				if start, open := strings.CutSuffix(want, "..."); got != want && !(open && strings.HasPrefix(got, start)) {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
			if len(lines) > len(c.want) {
				t.Errorf("more: %s", strings.Join(lines[len(c.want):], "\n"))
			}
		})
	}
	if code, _, errs := onboardSheet(t, filepath.Join(t.TempDir(), "data"), sound); code != 0 {
		t.Errorf("the sheet that all these were made of: exit %d, %s", code, errs)
	}
}

// TestOnboardGoodSheets takes in what spreadsheets write that is odd and clear.
func TestOnboardGoodSheets(t *testing.T) {
	base := func(change ...func(*testSheet)) *testSheet {
		s := sheetOf(3, 1)
		for _, c := range change {
			c(s)
		}
		return s
	}
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	want := ""
	for _, c := range []struct{ name, file string }{
		{"plain", base().csv(',')},
		{"semicolons, BOM and Windows' lines", "\xef\xbb\xbf" + crlf(base().csv(';'))},
		{"tabs", base().csv('\t')},
		{"Excel is told its separator", "sep=;\r\n" + crlf(base().csv(';'))},
		{"names as people write them", strings.Replace(strings.Replace(base().csv(','), "cust_id", "Cust ID", 1), "account", " ACCOUNT", 1)},
		{"dates in three forms", base(func(s *testSheet) {
			s.rows[1]["expires"], s.rows[1]["grace_until"], s.rows[1]["next_check"] = "01.09.2027", "13/9/2027", "46609" // 2027-08-10
		}).csv(';')},
		{"repeated, spaced and empty", base(func(s *testSheet) {
			s.rows[1]["name"] = "  Kund 50001 AB "
			s.rows = append(s.rows, map[string]string{}, map[string]string{})
		}).csv(',')},
		{"a remark", base(func(s *testSheet) { s.names = append(s.names, "#our man"); s.rows[0]["#our man"] = "Nils" }).csv(',')},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			code, _, errs := onboardSheet(t, data, c.file)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, errs)
			}
			got := knownOf(t, data)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
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
		t.Skip("a hundred thousand rows")
	}
	const rows, plans = 100_000, 5
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
	if got, want := lines[len(lines)-2], "... and 9900 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := lines[len(lines)-1], "-: 10000 faults; nothing was written"; got != want {
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
	app.Connect(&superoffice.Client{}, func(context.Context, effects.Message) (string, error) { mails.Add(1); return "", nil })
	desk.SignIn(app)
	app.Engine.Do[licence.Read] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return nil, licence.Result{Outcome: "failed"}, nil
	}
	return app
}

// TestOnboardThousands is Q21: two thousand customers come in on the first day, and nobody is
// mailed. It is broken off on the way, and harmless twice.
func TestOnboardThousands(t *testing.T) {
	n, inTrouble := 500, 60
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
	}{{0, 0}, {30 * time.Minute, inTrouble / 2}, {25 * time.Hour, inTrouble}} { // an order that is new must stand for a day
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

// TestOnboardLines takes in bodies of the standard sender, and checks them as strictly.
func TestOnboardLines(t *testing.T) {
	at := monday.Add(-time.Hour)
	flat := func(body string) string { return strings.Join(strings.Fields(body), " ") }
	account := flat(strings.Replace(accountBody(1, at), `"mail":"on",`, "", 1))
	report := flat(reportBody(1, 9, at))
	sound := report + "\n" + account + "\n" + flat(seatBody(1, "u1", true, at)) + "\n" + flat(listBody(1, 0, 9, "Person", at)) + "\n"
	data := t.TempDir()
	code, out, errs := onboardSheet(t, data, sound)
	if code != 0 || !strings.Contains(out, "1 customer, 1 of them new; 4 facts to write") || !strings.Contains(out, "Mail: review 1.") || !strings.Contains(out, "surplus") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, errs = onboardSheet(t, data, sound); code != 0 || !strings.Contains(out, "0 of them new") || !strings.Contains(out, ", 0 facts written") {
		t.Errorf("the second time: exit %d: %s%s", code, out, errs)
	}
	for _, c := range []struct{ name, file, want string }{
		{"a wrong number", strings.Replace(sound, `"total":10`, `"total":"10"`, 1), `-:1: data.plans[0].total "10": must be a whole number`},
		{"an unknown type", account + "\n" + strings.Replace(report, "licence.reported", "license.reported", 1), `-:2: type "license.reported": is no type of the standard sender`},
		{"no JSON", account + "\n{,}\n", "-:2: malformed: the body is not JSON at line 2"},
		{"cut off", account + "\n" + report[:40], "-:2: malformed: the body is not JSON at line 2, column 41"},
		{"nobody's", strings.ReplaceAll(report, "C-1\"", "C-2\""), `-:1: data.account "C-2": is no customer that is known: add its account.changed to the file`},
		{"a doubled CustID", account + "\n" + strings.Replace(account, `"C-1"`, `"C-3"`, 1), `-:2: data.installations[0].serial "181": is that of C-1 already (line 1)`},
		{"an id twice", `{"id":"a",` + account[1:] + "\n" + `{"id":"a",` + report[1:], `-:2: id: is that of line 1, which says something else`},
	} {
		code, _, errs := onboardSheet(t, data, c.file)
		if code != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d: %swant %s", c.name, code, errs, c.want)
		}
	}
}

// TestOnboardSample reads the sheet that the documentation shows.
func TestOnboardSample(t *testing.T) {
	sheet, err := os.ReadFile("../../events/onboard/customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := onboardSheet(t, t.TempDir(), string(sheet), "-dry-run")
	if code != 0 || !strings.Contains(out, "C-4001   Granli Bygg AS      surplus") || !strings.Contains(out, "version-not-covered") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// TestOnboardTable takes customers in to DynamoDB.
func TestOnboardTable(t *testing.T) {
	client := storetest.Dynamo(t)
	name := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return monday }
	to := onboard.Target{Store: &dynamo.Store{Client: client, Table: name, Now: now}, Settings: licence.Settings{Mail: "on"}}
	const n = 50
	for _, want := range []int{3 * n, 0} {
		p, err := onboard.NewStaging()
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		var bad onboard.Faults
		if _, err := onboard.ReadOnboard(strings.NewReader(sheetOf(n, 5).csv(',')), monday, p, &bad); err != nil || bad.Count > 0 {
			t.Fatal(err, bad)
		}
		if err := p.Settle(func(...licence.Name) (string, error) { return "", nil }, &bad); err != nil {
			t.Fatal(err)
		}
		customers, facts, err := to.Write(t.Context(), p, now, io.Discard)
		if err != nil || customers != n || facts != want {
			t.Errorf("%d customers, %d facts, %v; want %d, %d", customers, facts, err, n, want)
		}
	}
	if got := len(accountsOf(t, to.Store)); got != n {
		t.Errorf("%d accounts", got)
	}
}
