package functions

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
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
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
}

// pageHeaders keep a page from running, loading or leaking anything, and from being kept.
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

// callerOf is whose requests are counted together: an address, and of IPv6 the network of one line,
// whose owner has more addresses than can be counted.
func callerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() && !ip.Is4In6() {
		line, _ := ip.WithZone("").Prefix(64) // every such address has one
		return line.String()
	}
	return host
}

// A limit is how often within an hour something may be done that is counted under the key.
type limit struct {
	key string
	max int
}

// within counts something under each limit, and tells whether it is within them all. It stops at the
// first that is reached: who is beyond a limit of their own uses up none that others share.
func (a *App) within(ctx context.Context, limits ...limit) (bool, error) {
	hour := a.Now().UTC().Format("2006-01-02T15")
	for _, l := range limits {
		if ok, err := a.Store.Counter(ctx, l.key, hour, 1, l.max); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
