package desk

import (
	"net/http"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/words"
)

// reads is the language of the pages that a browser asks for.
func reads(r *http.Request) tongue {
	return tongue(words.Preferred(r.Header.Get("Accept-Language")).Tag)
}

// tongue is in which language one of the operator's people is written to; nobody: a desk.
func (a *Desk) tongue(s app.Staff) tongue { return tongue(words.For("", s.Lang, a.Operator.Lang).Tag) }

// from is who a mail in a language is from.
func (a *Desk) from(g tongue) string {
	return effects.Writes(words.Operator(a.Operator.Signature()), string(g))
}

// language is how dates and hours are written in it.
func (g tongue) language() *words.Language { return words.Of(string(g)) }

// day is a date as people write it where there is little room.
func (g tongue) day(t time.Time) string { return g.language().ShortDay(t) }
