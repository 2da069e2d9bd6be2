package engine

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// People find an account by scraps: part of a word, several words, with accents and without, a number as
// it is read out. What is looked for and what is found are folded alike.

const (
	mostTerms = 1500 // of an account: of what is beyond, contacts are found by fewest
	mostWords = 6    // of a search
	longWord  = 24   // characters of which every part is found
)

// plain are letters that are no other letter with a mark, as people type them without.
var plain = strings.NewReplacer("ø", "o", "æ", "ae", "ß", "ss", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "œ", "oe", "ı", "i")

// Folded is a text in small letters without marks.
func Folded(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return plain.Replace(text)
}

// bare is a folded text without all that is neither letter nor digit.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, Folded(text))
}

var (
	custID     = regexp.MustCompile(`\bcust\d+\b`)
	caseNumber = regexp.MustCompile(`\bs-?[0-9a-f]{8}\b`)
	digits     = regexp.MustCompile(`^\d+$`)
	readOut    = regexp.MustCompile(`\b(cust|s) ?-? ?((?:[0-9a-f]+ ?)+)`)
)

// searchedWords are what a search looks for: every word of what was typed. A number that was typed in groups is
// one word, and so is what begins it: "Cust 12 345", "1801 550 193", "s 1a2b 3c4d".
func searchedWords(typed string) []string {
	text := strings.Join(strings.Fields(Folded(typed)), " ")
	if m := readOut.FindStringSubmatch(text); m != nil && m[0] == text {
		return []string{bare(text)}
	}
	var out []string
	whole := true
	for _, w := range strings.Fields(text) {
		if w = bare(w); w != "" && !slices.Contains(out, w) {
			out, whole = append(out, w), whole && digits.MatchString(w)
		}
	}
	if whole && len(out) > 1 {
		return []string{bare(text)}
	}
	return out[:min(len(out), mostWords)]
}

// numbersInside are numbers that stand in the middle of what was pasted, such as an address of a page or a
// mail's subject: CustIDs, and case numbers.
func numbersInside(typed string) []string {
	text := Folded(typed)
	var out []string
	for _, n := range []string{custID.FindString(text), caseNumber.FindString(text)} {
		if n = bare(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// Terms are all by which an account is found: every word of its names and of those of its people and
// their addresses, with each part of it that a word may begin in; its numbers, whole and without what
// begins them; and the numbers of its cases.
func Terms(s licence.State) []string {
	t := terms{seen: map[string]bool{}}
	a := s.Known.Profile.Account.Value
	t.number(s.Account)
	t.name(a.Name)
	for _, i := range a.Installations {
		t.number(i.CustID)
		t.add(strings.TrimPrefix(bare(i.CustID), "cust"))
		for _, n := range append([]string{i.Serial}, i.Serials...) {
			t.number(n)
		}
		t.name(i.Company)
	}
	for _, number := range licence.CaseNumbers(s) {
		t.number(number)
	}
	for _, in := range s.Known.Invoices.Licence {
		t.number(in.Value.Number)
		t.number(in.Value.Invoice)
	}
	for _, c := range a.Contacts {
		_, domain, _ := strings.Cut(c.Email, "@")
		t.add(bare(c.Email))
		t.add(bare(domain))
		t.name(c.Name)
		t.name(strings.ReplaceAll(c.Email, "@", " "))
	}
	return t.list
}

type terms struct {
	seen map[string]bool
	list []string
}

func (t *terms) add(term string) {
	if term != "" && !t.seen[term] && len(t.list) < mostTerms {
		t.seen[term] = true
		t.list = append(t.list, term)
	}
}

// number adds a number whole, without its signs, and by the last of its digits.
func (t *terms) number(text string) {
	t.parts(bare(text))
	for _, w := range split(text) {
		t.add(w)
	}
}

// name adds each word, and each part of it.
func (t *terms) name(text string) {
	for _, w := range strings.Fields(text) {
		t.add(bare(w))
	}
	for _, w := range split(text) {
		t.parts(w)
	}
}

func (t *terms) parts(word string) {
	t.add(word)
	runes := []rune(word)
	if len(runes) > longWord {
		return
	}
	for i := 1; i+store.ShortWord <= len(runes); i++ {
		t.add(string(runes[i:]))
	}
}

// split are the runs of letters and digits of a text.
func split(text string) []string {
	return strings.FieldsFunc(Folded(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Find finds accounts by what a person typed or pasted, a page of them.
func (e *Engine) Find(ctx context.Context, typed string, p store.Page) ([]licence.Entry, store.Page, error) {
	list, next, err := e.found(ctx, searchedWords(typed), p)
	if err != nil || len(list) > 0 || p.Cursor != "" {
		return list, next, err
	}
	for _, n := range numbersInside(typed) {
		if list, next, err = e.found(ctx, []string{n}, p); err != nil || len(list) > 0 {
			return list, next, err
		}
	}
	return list, next, err
}

// found goes on where a page is empty and not the last: what has one word of several may lie far ahead.
func (e *Engine) found(ctx context.Context, words []string, p store.Page) (list []licence.Entry, next store.Page, err error) {
	for range 10 {
		if list, next, err = e.Store.Find(ctx, words, p); err != nil || len(list) > 0 || next.Cursor == "" {
			return list, next, err
		}
		p = next
	}
	return list, next, err
}

// Index writes the scraps by which people find an account: those of the state as it is once they are written, so that
// who is slower than another hand leaves no older ones, nor any of a customer who was erased meanwhile.
func (e *Engine) Index(ctx context.Context, s licence.State, f licence.Effect) ([]licence.Payload, licence.Result, error) {
	for range tries {
		var all []string
		if s.Known.Profile.Account.Told() {
			all = Terms(s)
		}
		if err := e.Store.Index(ctx, s.Account, all); err != nil {
			return nil, licence.Result{}, err
		}
		l, err := e.Store.Load(ctx, s.Account, store.Want{Have: s.N})
		if err != nil {
			return nil, licence.Result{}, err
		}
		if l.State.N == s.N {
			return nil, licence.Result{Outcome: "done"}, nil
		}
		s = l.State
	}
	return nil, licence.Result{}, errOvertaken
}
