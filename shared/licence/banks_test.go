package licence

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// differences are all between the table and the second source, 2024 to 2032, and why. What is
// closed here alone is named by month and day, or by its distance from Easter; what is closed
// there alone, by its name there.
var differences = []struct{ country, what, why string }{
	{"CH", "01-02", "the source has only what is a holiday in every canton; SIC, the banks' payment system, is closed"},
	{"CH", "Easter-2", "as 2 January"},
	{"CH", "Easter+1", "as 2 January"},
	{"CH", "05-01", "as 2 January"},
	{"CH", "Easter+50", "as 2 January"},
	{"CH", "12-26", "as 2 January"},
	{"DE", "12-24", "no public holiday, and no business day of the Bundesbank's"},
	{"DE", "12-31", "as 24 December"},
	{"DK", "Easter+40", "no public holiday; Danmarks Nationalbank has it as a banking holiday"},
	{"DK", "06-05", "as the day after Ascension"},
	{"DK", "12-24", "as the day after Ascension"},
	{"DK", "12-31", "as the day after Ascension"},
	{"FO", "Easter+40", "payments in kroner are Danmarks Nationalbank's"},
	{"FO", "06-05", "half a day by law; payments as in Denmark"},
	{"GL", "Easter+40", "payments in kroner are Danmarks Nationalbank's"},
	{"GL", "01-06", "optional in the source; Greenland's banks are closed"},
	{"GL", "06-05", "payments as in Denmark"},
	{"GL", "06-21", "optional in the source; the national day"},
	{"GL", "12-24", "payments as in Denmark"},
	{"GL", "12-31", "payments as in Denmark"},
	{"GR", "05-01", "moved beyond Easter for work in 2024, and closed for payments in euro all the same"},
	{"IE", "Easter-2", "no public holiday; the banks are closed"},
	{"IS", "12-24", "half a day in the source; the banks are closed"},
	{"IS", "12-31", "as 24 December"},
	{"LU", "New Year's Eve", "the central bank's own day off, not the banks'"},
	{"LV", "Day off (substituted", "the Cabinet's exchange of days binds the state's institutions"},
	{"NL", "Liberation Day", "a public holiday every five years; TARGET, by which Dutch banks go, is open"},
	{"NL", "05-01", "no public holiday; TARGET is closed"},
	{"NO", "12-24", "no public holiday; Norges Bank is closed"},
}

// TestBanksAgainstSecondSource holds the table against the public holidays of another library.
func TestBanksAgainstSecondSource(t *testing.T) {
	theirs := secondSource(t)
	if len(theirs) != len(Countries()) { // TARGET is one more of theirs, Great Britain as a whole one more of ours
		t.Fatalf("the source knows %d countries, the table %d", len(theirs), len(Countries()))
	}
	used := map[int]bool{}
	for _, country := range SortedKeys(theirs) {
		cal := Calendar{Zone: time.UTC, Country: country}
		for d := Date("2024-01-01"); d < "2033"; d = d.Add(1) {
			name, closed := theirs[country][d]
			if w := d.Start(time.UTC).Weekday(); w == time.Saturday || w == time.Sunday || cal.Banking(d) != closed {
				continue
			}
			n := slices.IndexFunc(differences, func(x struct{ country, what, why string }) bool {
				if closed {
					return x.country == country && strings.HasPrefix(name, x.what)
				}
				return x.country == country && (x.what == string(d[5:]) || x.what == fromEaster(d))
			})
			if n < 0 {
				t.Errorf("%s %s (%s): closed there %v, here %v (%s, %s)", country, d, name, closed, !closed, d[5:], fromEaster(d))
			}
			used[n] = true
		}
	}
	for i, x := range differences {
		if !used[i] {
			t.Errorf("%s %s is no difference any more", x.country, x.what)
		}
	}
}

// fromEaster is a day as a distance from the Easter Sunday of the west.
func fromEaster(d Date) string {
	sunday, _ := easter(0).Calc(d.Start(time.UTC).Year())
	return fmt.Sprintf("Easter%+d", DaysBetween(DateOf(sunday, time.UTC), d))
}

func secondSource(t *testing.T) map[string]map[Date]string {
	t.Helper()
	file, err := os.Open("testdata/banking/holidays.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := map[string]map[Date]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		cell := strings.SplitN(lines.Text(), ",", 4)
		if out[cell[0]] == nil {
			out[cell[0]] = map[Date]string{}
		}
		out[cell[0]][Date(cell[1])] = cell[3]
	}
	return out
}

// TestBanksOfEachCountry names for each kind of difference from public holidays a day that is
// in the banks' own lists.
func TestBanksOfEachCountry(t *testing.T) {
	for _, c := range []struct {
		country      string
		closed, open []Date
	}{
		{"SE", []Date{"2026-06-19", "2026-12-24", "2026-12-31", "2027-01-06", "2028-06-06"}, []Date{"2026-04-30", "2027-01-05", "2026-06-18"}},
		{"NO", []Date{"2026-12-24", "2027-03-25", "2027-05-17"}, []Date{"2026-12-31"}},
		{"DK", []Date{"2026-05-15", "2026-06-05", "2026-12-24", "2026-12-31"}, []Date{"2026-05-01", "2028-05-12"}},
		{"FI", []Date{"2026-06-19", "2027-12-06", "2026-12-24"}, []Date{"2026-12-31"}},
		{"NL", []Date{"2026-04-03", "2026-05-01", "2026-04-27"}, []Date{"2026-05-05"}},
		{"LU", []Date{"2029-05-09", "2026-06-23"}, []Date{"2026-07-23"}},
		{"IT", []Date{"2027-10-04"}, []Date{"2025-10-03", "2024-10-04"}},
		{"LV", []Date{"2026-11-18"}, []Date{"2026-01-02", "2026-06-22"}},
		{"SK", []Date{"2027-09-15"}, []Date{"2026-11-17", "2026-05-08", "2026-09-15"}},
		{"CH", []Date{"2026-01-01", "2026-01-02", "2026-04-03", "2026-05-01", "2026-05-14", "2026-05-25", "2028-08-01", "2026-12-25", "2028-12-26"},
			[]Date{"2026-03-19", "2026-06-04", "2026-12-08", "2026-12-24"}},
		{"GB", []Date{"2026-12-25", "2026-12-28", "2026-08-31", "2027-12-27", "2027-12-28", "2028-01-03"}, []Date{"2026-08-03", "2026-01-02", "2026-11-30"}},
		{"GB-SCT", []Date{"2026-01-02", "2026-08-03", "2026-11-30", "2027-01-04", "2028-01-03", "2028-01-04", "2026-12-28"}, []Date{"2026-04-06", "2026-08-31"}},
		{"GB-NIR", []Date{"2026-03-17", "2026-07-13", "2024-03-18", "2026-08-31", "2026-04-06"}, []Date{"2026-01-02"}},
		{"AX", []Date{"2026-06-09", "2026-06-19"}, nil},
		{"FO", []Date{"2026-07-29", "2026-06-05", "2027-04-23", "2026-05-15"}, []Date{"2026-04-24"}},
		{"GL", []Date{"2027-06-21", "2026-01-06", "2027-04-23"}, nil},
		{"LI", []Date{"2026-02-02", "2026-12-08", "2026-12-24"}, nil},
		{target, []Date{"2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25"}, []Date{"2026-05-14", "2026-12-24", "2026-12-31", "2027-01-06"}},
		{"US", []Date{"2026-12-25", "2027-01-01"}, []Date{"2026-07-03", "2026-11-26", "2026-12-24"}},
		{"", []Date{"2026-12-25", "2027-01-01"}, []Date{"2026-04-03", "2026-12-24"}},
	} {
		cal := Calendar{Zone: time.UTC, Country: c.country}
		for _, d := range c.closed {
			if cal.Banking(d) {
				t.Errorf("banks work on %s in %q", d, c.country)
			}
		}
		for _, d := range c.open {
			if !cal.Banking(d) {
				t.Errorf("banks do not work on %s in %q", d, c.country)
			}
		}
	}
}

func TestClosedDays(t *testing.T) {
	closed := map[string][]Date{"SE": {"2027-06-04"}, "GB": {"2027-06-07"}, "GB-SCT": {"2027-06-08"}}
	for _, c := range []struct {
		country string
		day     Date
		banking bool
	}{
		{"SE", "2027-06-04", false}, {"NO", "2027-06-04", true}, {"GB", "2027-06-07", false}, {"GB-SCT", "2027-06-07", false},
		{"GB-SCT", "2027-06-08", false}, {"GB", "2027-06-08", true}, {"", "2027-06-04", true},
	} {
		cal := NewCalendar("UTC", c.country).Closing(closed)
		if cal.Banking(c.day) != c.banking {
			t.Errorf("%s in %q: banking %v", c.day, c.country, !c.banking)
		}
	}
	se := NewCalendar("Europe/Stockholm", "").Closing(closed)
	if got := se.Before("2027-06-07", 0); got != "2027-06-03" {
		t.Errorf("the last banking day is %s", got)
	}
	if !se.Paying("EUR").Banking("2027-06-04") || se.Paying("SEK").Banking("2027-06-04") {
		t.Error("an invoice in euro goes by TARGET, another by the country")
	}
}

// TestZones holds that each time zone leads to a country whose days are known, and is one.
func TestZones(t *testing.T) {
	covered := map[string]bool{}
	for zone, country := range zones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Error(err)
		}
		cal := NewCalendar(zone, "")
		if !cal.Known() {
			t.Errorf("%s is in %s, of which nothing is known", zone, country)
		}
		covered[country] = true
	}
	for _, country := range Countries() {
		if !covered[country] && country != "GB-ENG" && country != "GB-SCT" && country != "GB-WLS" {
			t.Errorf("no time zone leads to %s", country)
		}
	}
	if cal := NewCalendar("America/Santiago", ""); cal.Known() {
		t.Error("Chile is known")
	}
}

// BenchmarkBanking is what one day costs, once the year is known.
func BenchmarkBanking(b *testing.B) {
	cal := NewCalendar("Europe/Stockholm", "")
	b.ReportAllocs()
	for b.Loop() {
		cal.Banking("2026-12-24")
	}
}

// BenchmarkClosedYear is what a country's year costs when it is first asked about.
func BenchmarkClosedYear(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		closedYears.Clear()
		closedIn("SE", 2026)
	}
}
