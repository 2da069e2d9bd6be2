package page

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/words"
)

// FailedLink shows the page of a link that leads nowhere (any more).
func (a *Page) FailedLink(w http.ResponseWriter, r *http.Request, v Request, err error) {
	switch {
	case errors.Is(err, app.ErrGone):
		a.Plain(w, r, http.StatusGone, "expired", v)
	case errors.Is(err, app.ErrRevoked):
		a.Plain(w, r, http.StatusGone, "revoked", v)
	case errors.Is(err, app.ErrBroken):
		a.Plain(w, r, http.StatusNotFound, "broken", v)
	default:
		a.Log.Error("page", "route", r.Pattern, "error", err.Error())
		a.Plain(w, r, http.StatusServiceUnavailable, "fault", v)
	}
}

func (a *Page) Plain(w http.ResponseWriter, r *http.Request, status int, kind string, v Request) {
	lang, ok := words.Find(v.Link.Lang)
	if !ok {
		lang = browser(r)
	}
	a.write(w, r, status, lang, Data{Kind: kind, Base: "/r/" + v.token, Operator: words.Operator(a.Operator.Signature()), Now: a.Now(), Zone: time.UTC})
}

// Help writes the entrance for whoever reads the warning.
func (a *Page) Help(w http.ResponseWriter, r *http.Request, h Help) {
	a.write(w, r, http.StatusOK, browser(r), Data{Kind: "help", Operator: words.Operator(a.Operator.Signature()), Now: a.Now(), Zone: time.UTC, Help: h})
}

// browser is the language that somebody reads of whom nothing is known but the browser.
func browser(r *http.Request) *words.Language {
	return words.Preferred(r.Header.Get("Accept-Language"))
}

func (a *Page) write(w http.ResponseWriter, r *http.Request, status int, lang *words.Language, data Data) {
	var b strings.Builder
	if err := Render(lang, &b, data); err != nil {
		a.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
}

// A limit is how often within an hour something may be done that is counted under the key.
type Limit struct {
	Key string
	Max int
}

// Within counts something under each limit, and tells whether it is within them all. It stops at the
// first that is reached: who is beyond a limit of their own uses up none that others share.
func (a *Page) Within(ctx context.Context, limits ...Limit) (bool, error) {
	hour := a.Now().UTC().Format("2006-01-02T15")
	for _, l := range limits {
		if ok, err := a.Store.Counter(ctx, l.Key, hour, 1, l.Max); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
