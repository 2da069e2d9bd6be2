package desk

import (
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"seatmend/functions/app"
)

var matched = language.NewMatcher([]language.Tag{language.English, language.Swedish})

// reads is the language of the pages that a browser asks for.
func reads(r *http.Request) tongue {
	tags, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if _, at, _ := matched.Match(tags...); at == 1 {
		return "sv"
	}
	return english
}

// tongue is in which language one of the operator's people is written to; nobody: a desk.
func (a *Desk) tongue(s app.Staff) tongue {
	for _, tag := range []string{s.Lang, a.Operator.Lang} {
		if _, ok := tongues[tongue(tag)]; ok {
			return tongue(tag)
		}
	}
	return english
}

// day is a date as people write it.
func (g tongue) day(t time.Time) string {
	text := t.Format("Mon 2 Jan 2006")
	if g == "sv" {
		text = swedish.Replace(strings.ToLower(text))
	}
	return text
}

var swedish = strings.NewReplacer("mon ", "mån ", "tue ", "tis ", "wed ", "ons ", "thu ", "tor ", "fri ", "fre ", "sat ", "lör ", "sun ", "sön ", " may ", " maj ", " oct ", " okt ")
