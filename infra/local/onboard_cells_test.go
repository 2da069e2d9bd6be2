package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"seatmend/infra/onboard"
	"seatmend/shared/licence"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

// What a sheet may hold, and what is said of each cell that cannot be used.

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
		"10 st": "0 must be digits alone, so that nobody can read it otherwise: write 10 if that is meant",
		"10,5":  "0 must be a whole number in digits, 0 or more", "10.25": "0 must be a whole number in digits, 0 or more", "9 of 12": "0 must be a whole number in digits, 0 or more",
		"-3": "0 must be a whole number in digits, 0 or more", "twelve": "0 must be a whole number in digits, 0 or more",
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
	const cure = `: save it as UTF-8: in Excel, Save As, "CSV UTF-8 (comma delimited)"; in LibreOffice, Text CSV with the character set Unicode (UTF-8); or give the workbook itself (.xlsx)`
	mac := func(s string) string {
		return strings.NewReplacer("ö", "\x9a", "å", "\x8c", "Å", "\x81", "ä", "\x8a").Replace(s)
	}
	for _, c := range []struct {
		name   string
		change func(*testSheet)
		file   func(string) string
		want   []string // lines of what is said, in order; a line that ends with ... is a beginning
	}{
		{name: "Windows-1252", change: set(1, "name", "Björk – Åkeri åå"), file: latin,
			want: []string{`-:3: name "Björk – Åkeri åå": the file is in Windows-1252, as Excel's plain "CSV" and LibreOffice's Western Europe are` + cure}},
		{name: "Mac Roman", change: set(1, "name", "Björk Åkeri"), file: mac, want: []string{`-:3: name "Björk Åkeri": the file is in the Mac's old code page, as "CSV (Macintosh)" is` + cure}},
		{name: "UTF-16 without its mark", file: func(s string) string { return wide(s, "") }, want: []string{`-:1: the file is UTF-16 and does not say so...`}},
		{name: "half a workbook", file: func(string) string { return "PK\x03\x04\x14\x00\x06" }, want: []string{"-:1: the workbook cannot be read: ..."}},
		{name: "an old workbook", file: func(string) string { return "\xd0\xcf\x11\xe0\xa1\xb1" }, want: []string{"-:1: the file is a workbook of before 2007 (.xls)..."}},
		{name: "LibreOffice's own", file: func(string) string {
			return "PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
		}, want: []string{"-:1: the file is a workbook of LibreOffice (.ods): save it as Excel 2007-365 (.xlsx)"}},
		{name: "a CustID without its letters", change: func(s *testSheet) {
			s.rows[1]["cust_id"] = "12345"
			s.rows[2]["trial_cust_id"], s.rows[2]["trial_serial"] = "777", "77"
		},
			want: []string{`-:3: cust_id "12345": is digits alone, and SuperOffice writes Cust before them: write Cust12345 if that is meant`,
				`-:4: trial_cust_id "777": is digits alone, and SuperOffice writes Cust before them: write Cust777 if that is meant`}},
		{name: "nothing", file: func(string) string { return "\xef\xbb\xbf" }, want: []string{"-:1: the file is empty"}},
		{name: "only names", file: func(s string) string { return s[:strings.Index(s, "\n")+1] }, want: []string{"-:2: there is no row below the names of the columns"}},
		{name: "an old Mac", file: func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }, want: []string{"-:1: the lines end as on an old Mac..."}},
		{name: "no names", file: func(s string) string { return s[strings.Index(s, "\n")+1:] }, want: []string{"-:1: the first line names no column of the sheet: begin it with account,name,locale (-h lists all)"}},
		{name: "unknown columns", change: func(s *testSheet) { s.names = append(s.names, "custid2", "shoe size", "#remark", "") },
			want: []string{"-:1: custid2: is none of the columns: write cust_id, or begin its name with # to keep it as a remark",
				"-:1: shoe_size: is none of the columns (-h lists them): delete it, or begin its name with # to keep it as a remark"}},
		{name: "columns in our languages", file: func(string) string {
			return "Kund;Företag;Språk;Tids-zon;Serienummer;Skonummer;i bruk\n1;2;3;4;5;6;7\n"
		}, want: []string{"-:1: kund: is none of the columns: write account, or...", "-:1: företag: is none of the columns: write name, or...", "-:1: språk: is none of the columns: write locale, or...",
			"-:1: tids-zon: is none of the columns: write timezone, or...", "-:1: serienummer: is none of the columns: write serial, or...",
			"-:1: skonummer: is none of the columns (-h lists them): if it is one of those that are missing, write that name; else delete it...", "-:1: i_bruk: is none of the columns: write in_use, or...", "..."}},
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
			`-:3: in_use: is required where next_check is written...`, `-:3: total "ten": must be a whole number in digits, 0 or more`}},
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
			want: []string{`-:3: has 44 cells, the first line has 43: put a cell that holds a ',' in quotation marks, and leave no cell out`}},
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
	if code, _, errs := onboardSheet(t, t.TempDir(), sound); code != 0 {
		t.Errorf("the sheet that all these were made of: exit %d, %s", code, errs)
	}
}

// TestOnboardGoodSheets takes in what spreadsheets write that is odd and clear.
func TestOnboardGoodSheets(t *testing.T) {
	wide := func(s string, order binary.ByteOrder) string {
		var b bytes.Buffer
		for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
			binary.Write(&b, order, u) // to memory
		}
		return b.String()
	}
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
		{"UTF-16 and tabs, Excel's Unicode Text", wide(crlf(base().csv('\t')), binary.LittleEndian)},
		{"UTF-16 the other way", wide(base().csv(';'), binary.BigEndian)},
		{"a title above", "Customers of Fjordpartner, 23 November\n;;\n" + base().csv(';')},
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
		if _, err := onboard.ReadOnboard(strings.NewReader(sheetOf(n, 5).csv(',')), "", monday, p, &bad); err != nil || bad.Count > 0 {
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

// TestOnboardDoubts: two columns that were mixed up pass every check of a cell, and are said all the same; a
// sound sheet raises no doubt. Flags are taken behind the file.
func TestOnboardDoubts(t *testing.T) {
	data := t.TempDir()
	if code, out, errs := onboardSheet(t, data, sheetOf(3, 1).csv(',')); code != 0 || strings.Contains(out, "Note: ") {
		t.Fatalf("a sound sheet: %d %s%s", code, out, errs)
	}
	for _, c := range []struct{ a, b, want string }{
		{"total", "in_use", "Note: in_use is larger than total on 3 rows and smaller on 0: if"},
		{"serial", "billing_id", "Note: serial is not of digits alone for 3 of 3 installations, the first cus_50000 at line 2: "},
		{"name", "plan_name", "Note: name is that of another customer for 2 of 3 customers, the first Sales Premium: if"},
		{"name", "plan_name", `Note: name differs from what is stored for 3 customers (C-50000 at line 2: "Kund 50000 AB" becomes "Sales Premium"): if`},
		{"plan", "module", "Note: plan is none of those that are stored for 3 customers (C-50000 at line 2: sales-premium becomes ten-sales): if"},
	} {
		s := sheetOf(3, 0)
		for _, r := range s.rows {
			r[c.a], r[c.b] = r[c.b], r[c.a]
		}
		code, out, errs := run(t, s.csv(','), "onboard", "-now", "2026-11-23T10:00:00Z", "-data", data, "-", "-dry-run")
		if code != 0 || !strings.Contains(out, "\n"+c.want) || strings.Contains(out, "taken in") {
			t.Errorf("%s and %s: %d %s%s\nwant %s", c.a, c.b, code, out, errs, c.want)
		}
	}
}
