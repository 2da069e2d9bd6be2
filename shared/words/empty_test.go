package words

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/licence"
	"seatmend/shared/words/wordstest"
)

// mayLack are the values that a sentence may have to do without: dates that nobody told, and what
// a sender or an operator need not say.
var mayLack = []string{
	"act_by", "stops", "due", "expires", "end", "since", "issued", "licence_read", "until", "next_check", "paid", "starts", "released", "maintenance",
	"licensed", "version", "serial", "known", "company", "owner", "phone", "hours", "person", "before", "by", "reference", "url", "at", "heard", "left",
	"billing", "unknown", "reason", "address", "days", "from", "to",
}

// given are the values that are there whenever the sentence is said, by the beginning of its key,
// and why that is so.
var given = []struct{ key, names, why string }{
	{"when.", "stops act_by", "chosen only where the deadline has both dates"},
	{"waits.", "until", "such a wait ends on a day"},
	{"subject.", "act_by starts end from to", "a subject that is not complete is not chosen"},
	{"head.subscription-ended", "end", "an end that was told, else the day on which it was"},
	{"title.subscription-ended", "end", "as its heading"},
	{"head.surplus.upcoming", "starts", "a reduction to come begins on a day"},
	{"title.surplus.holds.upcoming", "starts", "as its heading"},
	{"why.surplus.upcoming", "starts", "as its heading"},
	{"page.badge.ahead", "starts", "as its heading"},
	{"title.version-not-covered.", "version", "without one the rule is unknown"},
	{"title.version-not-covered.holds.version", "licensed", "compared"},
	{"title.version-not-covered.unknown.label", "licensed", "not comparable"},
	{"title.version-not-covered.holds.released", "released maintenance", "compared"},
	{"title.version-not-covered.holds.offered", "licensed", "compared"},
	{"title.version-not-covered.holds.dated", "released maintenance", "compared"},
	{"title.identity-differs.holds.company", "company owner", "compared"},
	{"title.identity-differs.holds.serial", "serial known", "compared"},
	{"title.paid-not-extended.", "paid days next_check expires", "only of an invoice that is told paid and a licence with an end; next_check chooses"},
	{"title.paid-not-extended.holds.invoiced", "issued", "only of an invoice that is issued, else first told"},
	{"title.paid-not-extended.unknown.unread-invoiced", "issued", "as above"},
	{"title.paid-not-extended.unknown.failed-invoiced", "issued", "as above"},
	{"title.payment-awaited.holds.beyond", "until", "agreed or under way until a day"},
	{"title.invoice-overdue.fails.paid", "paid", "it is told paid"},
	{"title.suspended.", "since", "the state was told"},
	{"title.not-activated.holds.a-checks", "next_check", "it chooses the sentence"},
	{"head.waiting.not-activated.a-checks", "next_check", "it chooses the sentence"},
	{"title.not-activated.holds.earlier", "expires", "compared"},
	{"title.order-differs.holds.g", "left", "an ended subscription's seats, which are why it holds"},
	{"title.surplus.holds.left", "left", "as order-differs g"},
	{"title.trial-ending.holds.a-past", "expires", "it chooses the sentence"},
	{"title.not-invoiced.fails.invoiced", "to", "an invoice with a period"},
	{"title.plan-swap.", "from to", "the pair"},
	{"why.plan-swap", "from to", "the pair"},
	{"cause.reduced", "from to", "the numbers before and after"},
	{"evidence.", "from to", "the pair"},
	{"title.source-stale.", "heard", "heard once, else the rule does not hold"},
	{"message.working", "stops", "it chooses the sentence"},
	{"message.stopped", "stops", "it chooses the sentence"},
	{"message.trial", "stops", "it chooses the sentence"},
	{"title.invoice-overdue.holds.a-", "due act_by until", "chosen by them"},
	{"title.payment-awaited.holds.", "due act_by expires", "chosen by them"},
	{"page.", "from to at by before since until days left ended unknown", "pages ask for each before they say it"},
	{"reason.", "since", "chosen by it"},
	{"doctor.", "at owner unknown", "the instant asked about, and counts"},
	{"solved.by", "by", "said only where it is known"},
	{"told", "at", "the instant"},
	{"reply.", "to by", "who wrote the mail that came, and to whom ours went"},
	{"tasks.", "owner url", "a task has a desk, and lies somewhere"},
}

var (
	placeIn  = regexp.MustCompile(`\{([a-z_]+)`)
	unsound  = regexp.MustCompile(`  | [.,;:!?)](?:\s|$)|\( |\(\)|“”|””|""|[{}]|\[\[|\]\]|<nil>|\bNone\b(?:[^ ]| [^o])|%!|\b0001\b|: *\.|(?:^|\s)[,;.]`)
	dangling = regexp.MustCompile(`(?i)\b(until|since|by|from|at|on|of|for|till|to|and|sedan|från|senast|av|med|för|och|siden|fra|senest|til|og|af|seit|bis|am|von|mit|für|und|ab|zum|sinds|tot|op|van|met|voor|en)\s*\[\[`)
)

// sound says what is wrong with a sentence that had to do without something; "": nothing.
func sound(s string) string {
	if bad := unsound.FindString(s); bad != "" {
		return fmt.Sprintf("has %q", bad)
	}
	if s != strings.TrimSpace(s) {
		return "begins or ends with a blank"
	}
	return ""
}

// sample is what stands in a place of a text: n of what is counted, else something of the kind that belongs there.
func sample(text, name string, n int) any {
	switch name {
	case "need":
		return n
	case "right":
		return []string{"https://a.example"}
	case "amount":
		return money{"12500.00", "SEK"}
	case "numbers":
		return []string{"7 Sales Premium"}
	case "names":
		return []string{"Eva Holm"}
	case "act_by", "stops", "due", "expires", "end", "since", "until", "next_check", "paid", "starts", "released", "maintenance", "ended":
		return licence.Date("2026-12-13")
	}
	if strings.Contains(text, "{"+name+"|") {
		return n
	}
	return "Xyz"
}

// TestNoEmptyPlace renders every text of every language without any value that it may lack.
func TestNoEmptyPlace(t *testing.T) {
	used := map[int]bool{}
	for _, l := range Languages {
		v := l.Voice(wordstest.Zone(t), wordstest.Now)
		for key, text := range l.Text {
			a := Args{}
			for _, m := range placeIn.FindAllStringSubmatch(text, -1) {
				name := m[1]
				n := slices.IndexFunc(given, func(g struct{ key, names, why string }) bool {
					return strings.HasPrefix(key, g.key) && slices.Contains(strings.Fields(g.names), name)
				})
				if slices.Contains(mayLack, name) && n < 0 {
					continue
				}
				used[n] = true
				a[name] = sample(text, name, 2)
			}
			out, whole := v.fill(text, a)
			if bad := sound(out); bad != "" || !whole {
				t.Errorf("%s %s prints an empty place, and %q: %q", l.Tag, key, bad, out)
			}
			if bad := dangling.FindString(text); bad != "" {
				t.Errorf("%s %s may end in the air after %q", l.Tag, key, bad)
			}
		}
	}
	for i, g := range given {
		if !used[i] {
			t.Errorf("no text needs to be given %s at %s", g.names, g.key)
		}
	}
}

// TestNothingIsSaidOfWhatNobodyTold takes from each story one fact's optional value after the
// other, and all of its dates, and reads what is then said.
func TestNothingIsSaidOfWhatNobodyTold(t *testing.T) {
	read := map[string]bool{} // most sentences are said again and again
	for name, s := range wordstest.Stories() {
		whole := s.Diagnosis(t)
		for i := range s.Facts {
			for field, facts := range without(s.Facts, i) {
				short := *s
				short.Facts = facts
				d := short.Diagnosis(t)
				if reflect.DeepEqual(d, whole) {
					continue // nothing was made of it
				}
				for _, l := range Languages {
					where := fmt.Sprintf("%s of %s without %s", l.Tag, name, field)
					for _, role := range []licence.Role{"", licence.Admin, licence.Billing, licence.EndUser} {
						texts := sentences(l.View(d, options(t, role)))
						if role == licence.Admin || role == licence.Billing {
							m := l.Mail(mailOf(t, d, role))
							texts = append(texts, m.Subject)
							for line := range strings.Lines(m.Text) {
								texts = append(texts, strings.TrimLeft(strings.TrimSpace(line), "*-> "))
							}
						}
						if role == licence.EndUser {
							texts = append(texts, l.Message(d, MessageInput{Zone: wordstest.Zone(t), CustID: "Cust12345"}))
						}
						for _, text := range texts {
							if read[text] {
								continue
							}
							read[text] = true
							if bad := sound(text); bad != "" {
								t.Errorf("%s, %s: %s: %q", where, role, bad, text)
							}
						}
					}
				}
			}
		}
	}
}

// sentences are all that a diagnosis says.
func sentences(v View) (out []string) {
	for _, f := range append(slices.Clone(v.Findings), v.Upcoming...) {
		out = append(out, f.Title, f.Cause, f.Verify, f.Deadline.Consequence, f.Status, f.OwnerText)
		for _, r := range f.Remedies {
			out = append(append(out, r.Name), r.Steps...)
		}
		for _, e := range f.Evidence {
			out = append(out, e.Label, e.Text)
		}
	}
	for _, x := range append(slices.Clone(v.Passed), v.Unknown...) {
		out = append(out, x.Title)
	}
	return append(out, v.Head)
}

// without are the facts with one value of the n-th left out, by its name; and with all its dates.
func without(facts []licence.Payload, n int) map[string][]licence.Payload {
	out := map[string][]licence.Payload{}
	value := reflect.ValueOf(facts[n])
	var dates []int
	leave := func(name string, fields ...int) {
		c := reflect.New(value.Type()).Elem()
		c.Set(value)
		for _, f := range fields {
			c.Field(f).SetZero()
		}
		other := slices.Clone(facts)
		other[n] = c.Interface().(licence.Payload)
		out[name] = other
	}
	needed := []string{"CustID", "Account", "Invoice", "Subscription", "Amount", "Currency", "Status", "State", "Version", "Items", "Plans", "User", "Of", "Fingerprint", "Answer"}
	for i := range value.NumField() {
		f := value.Type().Field(i)
		if value.Field(i).IsZero() || slices.Contains(needed, f.Name) {
			continue
		}
		leave(f.Name, i)
		if _, date := value.Field(i).Interface().(licence.Date); date {
			dates = append(dates, i)
		}
	}
	if len(dates) > 1 {
		leave("any date", dates...)
	}
	return out
}

// TestGraceNotKnown: where nobody told until when SuperOffice works, nothing says that it
// stopped, that it goes on until a day, or that one can go on.
func TestGraceNotKnown(t *testing.T) {
	for _, expires := range []licence.Date{"2026-11-20", "2026-12-13", ""} {
		d := wordstest.Reported(func(r *licence.LicenceReported) { r.Expires, r.GraceUntil = expires, "" }).Diagnosis(t)
		for _, l := range Languages {
			said := l.Message(d, MessageInput{Zone: wordstest.Zone(t), CustID: "Cust12345"})
			if !strings.Contains(said, l.Text["message.undated"]) {
				t.Errorf("%q: %s", expires, said)
			}
			for _, s := range append(sentences(l.View(d, options(t, ""))), said) {
				for _, never := range []string{"SuperOffice stopped", "SuperOffice stannade", "goes on working until", "fungerar till", l.Text["message.working-on"]} {
					if strings.Contains(s, never) {
						t.Errorf("%q: %s", expires, s)
					}
				}
			}
		}
	}
}
