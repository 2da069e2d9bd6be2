package functions_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/words/wordstest"
)

// A walker is a person who counts what is pressed and ticked, and what there is to read once the mail
// is left: of each page what shows in it, without what has to be opened first.
type walker struct {
	*browser
	taps, words int
	trail       []string
}

// saw counts a page that a tap has led to.
func (w *walker) saw(what string) {
	w.taps++
	n := len(strings.Fields(wordstest.FirstScreen(w.shows.body)))
	w.words += n
	w.trail = append(w.trail, fmt.Sprintf("%s: %d", what, n))
}

func (w *walker) press(form, button string, typed url.Values) {
	w.Helper()
	w.submit(form, button, typed)
	w.saw(button)
}

// The whole cure of cause 1, from the mail to the active licence, in at most eight taps and six
// hundred words: where all is granted, and where nothing is, a day, three and ten after the last that
// was told of the licence. Where nobody can read it and that is older than 26 hours, the page begins
// with what the screen says; and whatever the day, it ends with what the person says of it.
func TestTheCureInEightTaps(t *testing.T) {
	const mostTaps, mostWords = 8, 600
	for _, lang := range []string{"sv", "en"} {
		for _, day := range []int{1, 3, 10} {
			for _, granted := range []bool{true, false} {
				name, account, cust, folder := "nothing granted", "C-1093", "Cust62290", "demo/ekeby-tra"
				if granted {
					name, account, cust, folder = "granted", "C-1042", "Cust12345", "demo/fjord-foods"
				}
				t.Run(fmt.Sprintf("%s, day %d, %s", name, day, lang), func(t *testing.T) {
					w := newWorld(t, nil)
					w.simulate(files([]string{folder})...)
					w.inSuperOffice(cust, func(c *crmsim.Tenant) {
						c.Grants = nil
						if granted {
							c.Grants = []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate}
						}
					})
					for _, file := range files([]string{folder}) {
						w.locale = lang
						if out := w.tell(file); out.status != 200 {
							t.Fatalf("%s: %v", file, out)
						}
					}
					w.advance(morning.Add(time.Hour))
					w.advance(morning.Add(time.Duration(day) * 24 * time.Hour))
					mail := w.inbox()[0]
					p := &walker{browser: &browser{world: w, base: path(t, mail.Link)}}
					p.open("")
					p.saw("the link")
					say := map[string]map[string]string{
						"en": {"choose": "Choose who gives up a seat", "ask": "Tell us what it says today", "waits": "A new licence waits", "all": "Yes, all of it", "these": "Choose ", "active": "The new licence is activated",
							"day": "13 December 2027", "yes": "Yes, that is what it says", "check": "I have done it: check again", "look": "Look at the new licence", "code": "send me a code", "activate": "Activate the new licence", "done": "Done: the new licence is active until 13 December 2027"},
						"sv": {"choose": "Välj vem som lämnar sin plats", "ask": "Säg vad den visar i dag", "waits": "En ny licens väntar", "all": "Ja, allt", "these": "Välj ", "active": "Den nya licensen är aktiverad",
							"day": "13 december 2027", "yes": "Ja, så står det", "check": "Jag har gjort det: kontrollera igen", "look": "Se den nya licensen", "code": "skicka mig en kod", "activate": "Aktivera den nya licensen", "done": "Klart: den nya licensen är aktiv till 13 december 2027"},
					}[mail.Lang]
					if !granted && day > 1 {
						p.press("/session", say["ask"], nil)
						p.press("/screen", say["waits"], nil)
						p.press("/screen", say["all"], nil)
					} else {
						p.press("/session", say["choose"], nil)
					}
					p.press("/choose", say["these"], nil)
					for _, u := range chosenOf(w, account) {
						w.take(cust, "ten-sales", u)
					}
					if granted {
						p.press("/check", say["check"], nil)
						link := regexp.MustCompile(`href="[^"]*(/activate/[^"]*)"`).FindStringSubmatch(p.shows.body)
						if link == nil {
							t.Fatalf("nothing leads to the new licence: %s", text(p.shows.body))
						}
						p.open(link[1])
						p.saw(say["look"])
						p.press("/code", say["code"], nil)
						p.press("/activate", say["activate"], url.Values{"code": {w.code()}})
					} else {
						w.screen(cust, "activate", nil)
						p.press("/screen", say["active"], nil)
						p.press("/screen", say["day"], nil)
						p.press("/screen", say["yes"], nil)
					}
					w.reads(p.open(""), say["done"])
					t.Logf("%d taps, %d words: %s (the mail: %d)", p.taps, p.words, strings.Join(p.trail, "; "), len(strings.Fields(mail.Text)))
					if p.taps > mostTaps || p.words > mostWords {
						t.Errorf("%d taps and %d words, at most %d and %d", p.taps, p.words, mostTaps, mostWords)
					}
				})
			}
		}
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
