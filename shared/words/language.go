package words

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// A Language is how one language says everything: data, and nothing else.
type Language struct {
	Tag       string   // of BCP 47, as in the lang attribute
	Also      []string // other tags of the same language: of Norwegian, nn and no
	Countries []string // whose customers read it where nobody has said what they read: it is what business is done in there, and the only one
	Months    [12]string
	Weekdays  [7]string // from Sunday
	Short     Short
	Day       string // day and month: "%d %s"
	OnDay     string // a day of the week and a date: "%s %s"
	Hour      string // a time of day, as package time lays it out: "15:04"
	Clock     string // a date and a time of day: "%s at %s"
	And       string
	Thousand  string
	Decimal   string
	Money     map[string]string // by currency, "%s kr"; "" for all others, which gets the code first and the amount second
	Today     string
	Here      string // by what one sees that a sentence sends its reader back to the page: "back here"
	By        string // "by %s": on that day at the latest
	Text      map[string]string
	Steps     map[string][]string // of a remedy
}

// Short are the names of months and of days of the week where there is little room.
type Short struct {
	Months   [12]string
	Weekdays [7]string // from Sunday
}

// Languages are those that we speak; the first one stands in for those that we do not.
var Languages = []*Language{
	&english,
	&swedish,
	&norwegian,
	&danish,
	&german,
	&dutch,
}

// Of is the language of a locale such as "sv-SE", or the one that stands in for it.
func Of(locale string) *Language {
	if l, ok := Find(locale); ok {
		return l
	}
	return Languages[0]
}

// Find is the language of a locale; false: we do not speak it.
func Find(locale string) (*Language, bool) {
	tag, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	for _, l := range Languages {
		if l.Tag == tag || slices.Contains(l.Also, tag) {
			return l, true
		}
	}
	return nil, false
}

// For is the language of the first of some locales that we speak, a contact's before its account's;
// else that of a country, or of a part of one such as GB-SCT; else the one that stands in.
func For(country string, locales ...string) *Language {
	for _, locale := range locales {
		if l, ok := Find(locale); ok {
			return l
		}
	}
	country, _, _ = strings.Cut(country, "-")
	for _, l := range Languages {
		if slices.Contains(l.Countries, country) {
			return l
		}
	}
	return Languages[0]
}

// OfAccount is the language of one of its people, by that person's locale, else by the account's,
// else by the country that it is in.
func OfAccount(s licence.State, locale string) *Language {
	return For(s.Calendar().Country, locale, s.Known.Profile.Account.Value.Locale)
}

// Preferred is the language that a browser likes best of those that we speak, by its header
// Accept-Language: what it weighs most comes first, and of equals what stands first.
func Preferred(accept string) *Language {
	var best *Language
	most := 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, weight, weighed := strings.Cut(part, ";")
		q := 1.0
		if weighed {
			_, number, _ := strings.Cut(weight, "=")
			q, _ = strconv.ParseFloat(strings.TrimSpace(number), 64)
		}
		if l, ok := Find(strings.TrimSpace(tag)); ok && q > most {
			best, most = l, q
		}
	}
	if best == nil {
		return Languages[0]
	}
	return best
}

// Tags are those of all languages that we speak, in one text.
func Tags() string {
	var tags []string
	for _, l := range Languages {
		tags = append(tags, l.Tag)
	}
	return strings.Join(tags, ", ")
}

// Args are the values of a sentence, by their places: int, string, []string, licence.Date,
// time.Time, money.
type Args map[string]any

// With is all of them and one more, in a copy.
func (a Args) With(name string, v any) Args {
	out := Args{name: v}
	for k, old := range a {
		if k != name {
			out[k] = old
		}
	}
	return out
}

// money is an amount as decimal text, and its currency.
type money struct{ Amount, Currency string }

// A Voice speaks a language to a reader, in a zone, at an instant.
type Voice struct {
	*Language
	zone *time.Location
	now  time.Time
}

// Voice speaks the language to a reader in a zone (none: UTC), at an instant.
func (l *Language) Voice(zone *time.Location, now time.Time) Voice {
	if zone == nil {
		zone = time.UTC
	}
	return Voice{l, zone, now}
}

// Sentences are all that it can say, with the names of days and months.
func (l *Language) Sentences() []string {
	out := slices.Concat(slices.Collect(maps.Values(l.Text)), l.Months[:], l.Weekdays[:], l.Short.Months[:], l.Short.Weekdays[:], []string{l.And, l.Clock, l.By, l.Today, l.OnDay})
	for _, steps := range l.Steps {
		out = append(out, steps...)
	}
	for _, how := range l.Money {
		out = append(out, how)
	}
	return out
}

// has tells whether there is such a sentence.
func (l *Language) has(key string) bool {
	_, ok := l.Text[key]
	return ok
}

// Say is the first sentence that exists, of keys that go from the particular to the general.
// A reader never sees a key: what is missing is said in the first language, or not at all.
func (v Voice) Say(a Args, keys ...string) string {
	for _, l := range []*Language{v.Language, Languages[0]} {
		for _, key := range keys {
			if text, ok := l.Text[key]; ok {
				out, _ := Voice{l, v.zone, v.now}.fill(text, a)
				return out
			}
		}
	}
	return ""
}

// Whole is a sentence that is of use only as a whole; false: one of its values is not known.
func (v Voice) Whole(a Args, key string) (string, bool) {
	text, ok := v.Text[key]
	if !ok {
		text = Languages[0].Text[key]
	}
	return v.fill(text, a)
}

// placed is a sentence about what is at a place, with that place, unless it is named already; "":
// there is no need to name it.
func (v Voice) placed(place, sentence string) string {
	if place == "" || sentence == "" || names(sentence, place) {
		return sentence
	}
	return v.Say(Args{"cust": place, "sentence": sentence}, "placed")
}

// names tells whether the sentence has the name as a word of its own: Cust501 does not name Cust50.
func names(sentence, name string) bool {
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for at := 0; ; at++ {
		i := strings.Index(sentence[at:], name)
		if i < 0 {
			return false
		}
		at += i
		last, _ := utf8.DecodeLastRuneInString(sentence[:at])
		next, _ := utf8.DecodeRuneInString(sentence[at+len(name):])
		if !part(last) && !part(next) {
			return true
		}
	}
}

// dated is a sentence that rests on facts of a day, which it names; "": they are new.
func (v Voice) dated(day licence.Date, sentence string) string {
	if day == "" || sentence == "" {
		return sentence
	}
	key := "dated"
	if strings.ContainsAny(sentence[len(sentence)-1:], ".?!") {
		key = "dated.whole"
	}
	return v.Say(Args{"day": day, "sentence": sentence}, key)
}

// joined names installations, a few of them where they are very many.
func (v Voice) joined(places []string) string {
	if more := len(places) - 3; more > 1 {
		return v.Say(Args{"custs": strings.Join(places[:3], ", "), "more": more}, "placed.many")
	}
	return v.list(places)
}

// fill puts the values into a sentence; false: one of them is not known.
func (v Voice) fill(text string, a Args) (string, bool) {
	var b strings.Builder
	all := true
	for text != "" {
		i := strings.IndexAny(text, "[{")
		if i < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		if strings.HasPrefix(text, "[[") {
			n := optional(text)
			if s, ok := v.fill(text[2:n-2], a); ok {
				b.WriteString(s)
			}
			text = text[n:]
			continue
		}
		if text[0] == '[' {
			b.WriteByte('[')
			text = text[1:]
			continue
		}
		place, rest, _ := strings.Cut(text[1:], "}")
		s, ok := v.place(place, a)
		all = all && ok
		b.WriteString(s)
		text = rest
	}
	return b.String(), all
}

// optional is the length of the part in double brackets that a text begins with.
func optional(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "[[":
			depth++
			i++
		case "]]":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// place is what stands in one place of a sentence.
func (v Voice) place(place string, a Args) (string, bool) {
	name, words, plural := strings.Cut(place, "|")
	name, form, _ := strings.Cut(name, ".")
	value := a[name]
	if plural {
		one, other, _ := strings.Cut(words, "|")
		n, ok := value.(int)
		if n == 1 {
			return one, ok
		}
		return other, ok
	}
	return v.write(value, form)
}

// write writes a value; false: there is none.
func (v Voice) write(value any, form string) (string, bool) {
	switch x := value.(type) {
	case int:
		return v.Number(x), true
	case string:
		return x, x != ""
	case []string:
		return v.list(x), len(x) > 0
	case money:
		return v.money(x), x.Amount != ""
	case licence.Date:
		if x == "" || x.Day(v.zone) == licence.Never {
			return "", false
		}
		if len(x) > len(time.DateOnly) && form == "time" {
			return v.time(x.Start(v.zone)), true
		}
		return v.day(x.Day(v.zone), form), true
	case time.Time:
		if x.IsZero() {
			return "", false
		}
		if form == "" {
			return v.time(x), true
		}
		return v.day(licence.DateOf(x, v.zone), form), true
	}
	return "", false
}

// Date writes a day.
func (v Voice) Date(d licence.Date) string { return v.day(d.Day(v.zone), "") }

// day is a day as people write it: with its year only where that is not plain.
func (v Voice) day(d licence.Date, form string) string {
	t := d.Start(time.UTC)
	s := fmt.Sprintf(v.Day, t.Day(), v.Months[t.Month()-1])
	if away := t.Sub(v.now); away > 200*24*time.Hour || away < -200*24*time.Hour {
		s += " " + strconv.Itoa(t.Year())
	}
	switch form {
	case "weekday":
		return fmt.Sprintf(v.OnDay, v.Weekdays[t.Weekday()], s)
	case "by":
		if d == licence.DateOf(v.now, v.zone) {
			return v.Today
		}
		return fmt.Sprintf(v.By, fmt.Sprintf(v.OnDay, v.Weekdays[t.Weekday()], s))
	}
	return s
}

func (v Voice) time(t time.Time) string {
	return fmt.Sprintf(v.Clock, v.day(licence.DateOf(t, v.zone), ""), v.TimeOfDay(t))
}

// TimeOfDay writes the hour and minute of an instant, where the reader is.
func (v Voice) TimeOfDay(t time.Time) string { return t.In(v.zone).Format(v.Hour) }

// ShortDay writes a day where there is little room, with its year: Mon 23 Nov 2026.
func (l *Language) ShortDay(t time.Time) string {
	return l.Short.Weekdays[t.Weekday()] + " " + fmt.Sprintf(l.Day, t.Day(), l.Short.Months[t.Month()-1]) + " " + strconv.Itoa(t.Year())
}

// list joins with commas and a last "and".
func (v Voice) list(items []string) string {
	n := len(items)
	if n < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:n-1], ", ") + " " + v.And + " " + items[n-1]
}

// Number writes a whole number.
func (v Voice) Number(n int) string { return v.grouped(strconv.Itoa(n)) }

// grouped groups the digits of a whole number.
func (v Voice) grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + v.Thousand + digits[i:]
	}
	return sign + digits
}

// thousandths are the currencies that have them (ISO 4217); all others have hundredths at the most.
const thousandths = "BHD IQD JOD KWD LYD OMR TND"

// money writes an amount: without its fraction where that is nothing, else with as many digits of it as its
// currency has, or one more where there are as many.
func (v Voice) money(m money) string {
	amount := m.Amount
	if r, ok := new(big.Rat).SetString(amount); ok {
		whole, rest, _ := strings.Cut(r.FloatString(3), ".")
		amount = v.grouped(whole)
		if m.Currency == "" || !strings.Contains(thousandths, m.Currency) {
			rest = strings.TrimSuffix(rest, "0")
		}
		if strings.Trim(rest, "0") != "" {
			amount += v.Decimal + rest
		}
	}
	if how, ok := v.Money[m.Currency]; ok {
		if minus, rest := strings.CutPrefix(amount, "-"); rest && !strings.HasPrefix(how, "%s") && !strings.Contains(how, "\u00a0") {
			return "-" + fmt.Sprintf(how, minus) // -£99, where a sign stands close to its number
		}
		return fmt.Sprintf(how, amount)
	}
	return strings.TrimSpace(fmt.Sprintf(v.Money[""], m.Currency, amount))
}
