package words

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cldr is what Unicode's CLDR says of a language (testdata/cldr.py).
func cldr(t *testing.T, lang string) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/cldr.tsv")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); cells[0] == lang {
			out[cells[1]] = cells[2]
		}
	}
	if len(out) < 10 {
		t.Errorf("%s: CLDR's table has %d rows of it: add it to cldr.py", lang, len(out))
	}
	return out
}

// Names of days and months, dates, hours, numbers and a language's own money are written as CLDR
// says, and it has the two plurals that the engine knows: one, of 1 alone, and all others.
func TestCLDR(t *testing.T) {
	for _, l := range Languages {
		says := cldr(t, l.Tag)
		at := time.Date(2026, 12, 11, 9, 5, 0, 0, time.UTC)
		pattern := func(p string) string {
			return strings.NewReplacer("MMMM", l.Months[11], "HH", "09", "mm", "05", "E", l.Weekdays[5], "d", "11").Replace(p)
		}
		v := l.Voice(time.UTC, at)
		for what, got := range map[string]string{
			"months": strings.Join(l.Months[:], "|"), "weekdays": strings.Join(l.Weekdays[:], "|"),
			"short months": strings.Join(l.Short.Months[:], "|"), "short weekdays": strings.Join(l.Short.Weekdays[:], "|"),
			"decimal": l.Decimal, "group": l.Thousand,
		} {
			if got != says[what] {
				t.Errorf("%s: %s: %q, CLDR says %q", l.Tag, what, got, says[what])
			}
		}
		for what, got := range map[string]string{"day": fmt.Sprintf(l.Day, 11, l.Months[11]), "hour": v.TimeOfDay(at)} {
			if want := pattern(says[what]); got != want {
				t.Errorf("%s: %s: %q, CLDR says %q", l.Tag, what, got, want)
			}
		}
		// Of a day of the week CLDR's pattern is for tables; in a sentence Danish has its "den", and
		// in Norwegian the dot stays.
		loose := regexp.MustCompile(`\bden |\.`)
		day := fmt.Sprintf(l.OnDay, l.Weekdays[5], fmt.Sprintf(l.Day, 11, l.Months[11]))
		if got, want := loose.ReplaceAllString(day, ""), loose.ReplaceAllString(pattern(says["weekday and day"]), ""); got != want {
			t.Errorf("%s: %q, CLDR says %q", l.Tag, day, pattern(says["weekday and day"]))
		}
		if says["plurals"] != "one|other" {
			t.Errorf("%s has the plurals %s", l.Tag, says["plurals"])
		}
		for said := range strings.SplitSeq(says["money"], "|") {
			amount, rest, _ := strings.Cut(said, " ")
			currency, want, _ := strings.Cut(rest, " ")
			got := v.money(money{amount, currency})
			if blank := strings.NewReplacer(" ", "", "\u00a0", ""); got != want && (!strings.Contains(want, currency) || blank.Replace(got) != blank.Replace(want)) { // a code stands apart here
				t.Errorf("%s: %s %s is %q, CLDR says %q", l.Tag, amount, currency, got, want)
			}
		}
		for n := range 201 {
			one := slices.Contains(strings.Split(says["one"], "|"), strconv.Itoa(n))
			if got, _ := v.fill("{n|one|other}", Args{"n": n}); (got == "one") != one {
				t.Errorf("%s: of %d the engine takes %q", l.Tag, n, got)
			}
		}
	}
}
