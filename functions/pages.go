package functions

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"seatmend/shared/words"
)

// failedLink shows the page of a link that leads nowhere (any more).
func (a *App) failedLink(w http.ResponseWriter, r *http.Request, v visit, err error) {
	switch {
	case errors.Is(err, errGone):
		a.plain(w, r, http.StatusGone, "expired", v)
	case errors.Is(err, errRevoked):
		a.plain(w, r, http.StatusGone, "revoked", v)
	case errors.Is(err, errBroken):
		a.plain(w, r, http.StatusNotFound, "broken", v)
	default:
		a.Log.Error("page", "route", r.Pattern, "error", err.Error())
		a.plain(w, r, http.StatusServiceUnavailable, "fault", v)
	}
}

func (a *App) plain(w http.ResponseWriter, r *http.Request, status int, kind string, v visit) {
	lang := v.link.Lang
	if lang == "" {
		lang = browserLang(r)
	}
	a.write(w, r, status, lang, words.PageData{Kind: kind, Base: "/r/" + v.token, Operator: a.Operator.Words(), Now: a.Now(), Zone: time.UTC})
}

// help writes the entrance for whoever reads the warning.
func (a *App) help(w http.ResponseWriter, r *http.Request, h words.Help) {
	a.write(w, r, http.StatusOK, browserLang(r), words.PageData{Kind: "help", Operator: a.Operator.Words(), Now: a.Now(), Zone: time.UTC, Help: h})
}

func (a *App) write(w http.ResponseWriter, r *http.Request, status int, lang string, data words.PageData) {
	var b strings.Builder
	if err := words.Of(lang).Page(&b, data); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pageHeaders(w)
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
}

// pageHeaders keep a page from running, loading or leaking anything, and from being kept. What
// is answered below /r/ without a page, such as a redirect, has them too.
func pageHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
}

// browserLang is the first language that a browser prefers and we know the tag of.
func browserLang(r *http.Request) string {
	tag, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}

func callerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
