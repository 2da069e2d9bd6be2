package functions_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// A walker is a person who counts what is pressed, and what there is to read from the mail on: each mail, with
// its foot and the values that it rests on, and of each page what shows in it, without what has to be
// opened first; the foot of the pages once, for it is the same everywhere.
type walker struct {
	*browser
	taps, words int
	trail       []string
}

var (
	aWord  = regexp.MustCompile(`\S*[\p{L}\p{N}]\S*`)
	number = regexp.MustCompile(`\d+(?: \d+)+`) // of a telephone: one thing to read
)

// counts adds what is read without a press.
func (w *walker) counts(what, shown string) {
	n := len(aWord.FindAllString(number.ReplaceAllString(shown, "0"), -1))
	w.words += n
	w.trail = append(w.trail, fmt.Sprintf("%s: %d", what, n))
}

// saw counts a page that a tap has led to.
func (w *walker) saw(what string) {
	if w.taps++; w.taps == 1 {
		w.counts("the foot", wordstest.Visible(w.shows.body[strings.Index(w.shows.body, "<footer"):]))
	}
	w.counts(what, wordstest.FirstScreen(w.shows.body))
}

func (w *walker) press(form, button string, typed url.Values) {
	w.Helper()
	w.submit(form, button, typed)
	w.saw(button)
}

// The whole cure of cause 1, from the mail to the active licence, in at most eight taps and six
// hundred words, the mail among them: where all is granted, and where nothing is, a day, three and ten
// after the last that was told of the licence. Where nobody can read it and that is older than 26
// hours, the page begins with what the screen says; and whatever the day, it ends with what the person
// says of it. The day is of no matter where the licence is read.
func TestTheCureInEightTaps(t *testing.T) {
	for _, l := range words.Languages {
		t.Run(l.Tag, func(t *testing.T) {
			t.Run("granted, day 10", func(t *testing.T) { cureInEightTaps(t, l, 10, true) })
			for _, day := range []int{1, 3, 10} {
				t.Run(fmt.Sprintf("nothing granted, day %d", day), func(t *testing.T) { cureInEightTaps(t, l, day, false) })
			}
		})
	}
	for _, day := range []int{1, 3} {
		t.Run(fmt.Sprintf("granted, day %d", day), func(t *testing.T) { cureInEightTaps(t, words.Of("sv"), day, true) })
	}
}

func cureInEightTaps(t *testing.T, l *words.Language, day int, granted bool) {
	const mostTaps, mostWords = 8, 600
	account, cust, folder, grants := "C-1093", "Cust62290", "demo/ekeby-tra", []string(nil)
	if granted {
		account, cust, folder, grants = "C-1042", "Cust12345", "demo/fjord-foods", []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate}
	}
	w := newWorld(t, nil)
	w.simulate(files([]string{folder})...)
	w.inSuperOffice(cust, func(c *crmsim.Tenant) { c.Grants = grants })
	for _, file := range files([]string{folder}) {
		w.locale = l.Tag
		if out := w.tell(file); out.status != 200 {
			t.Fatalf("%s: %v", file, out)
		}
	}
	w.advance(morning.Add(time.Hour))
	w.advance(morning.Add(time.Duration(day) * 24 * time.Hour))
	mail := w.inbox()[0]
	if mail.Lang != l.Tag {
		t.Fatalf("the mail is in %s", mail.Lang)
	}
	p := &walker{browser: &browser{world: w, base: path(t, mail.Link)}}
	p.counts("the mail", mail.Text)
	p.open("")
	p.saw("the link")
	button := func(key string) string { return l.Text["page."+key] }
	day2027 := l.Voice(time.UTC, morning).Date("2027-12-13")
	begins := func(key string) string { s, _, _ := strings.Cut(button(key), "{"); return s }
	if !granted && day > 1 {
		p.press("/session", button("open.ask"), nil)
		p.press("/screen", begins("answer.same"), nil)
		if day > 7 {
			p.press("/screen", button("ask.same.yes"), nil)
		}
	} else {
		p.press("/session", button("go.surplus"), nil)
	}
	p.press("/choose", begins("suggest.button"), nil)
	for _, u := range chosenOf(w, account) {
		w.take(cust, "ten-sales", u)
	}
	if granted {
		p.press("/check", button("do.check"), nil)
		p.press("/code", button("activate.send"), nil)
		p.counts("the mail with the code", w.inbox()[len(w.inbox())-1].Text)
		p.press("/activate", button("activate.button"), url.Values{"code": {w.code()}})
	} else {
		w.screen(cust, "activate", nil)
		p.press("/screen", begins("answer.active-until"), nil)
		p.press("/screen", button("ask.yes"), nil)
	}
	w.reads(p.open(""), strings.ReplaceAll(strings.ReplaceAll(begins("done.head"), "[[", ""), "]]", ""), day2027)
	t.Logf("%d taps, %d words: %s", p.taps, p.words, strings.Join(p.trail, "; "))
	if p.taps > mostTaps || p.words > mostWords {
		t.Errorf("%d taps and %d words, at most %d and %d", p.taps, p.words, mostTaps, mostWords)
	}
}

// chosenOf are the users who were chosen last.
func chosenOf(w *world, account string) (users []string) {
	w.Helper()
	chosen := w.said(account, "seats.chosen")
	if len(chosen) == 0 {
		w.Fatal("nobody was chosen")
	}
	for _, p := range chosen[0]["picks"].([]any) {
		users = append(users, p.(map[string]any)["user"].(string))
	}
	return users
}
