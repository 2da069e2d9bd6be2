package app

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
)

// ErrPanic is the fault of ours that a handler has panicked.
var ErrPanic = errors.New("a handler panicked")

// Guard answers 503 where a handler panics, here and behind the API gateway alike. What was
// written before is not sent: an answer goes as a whole or not at all. The stack goes to the log
// and is shown to nobody. Who broke says so in its own way; nil: in JSON.
func (a *App) Guard(next http.Handler, broken http.HandlerFunc) http.Handler {
	if broken == nil {
		broken = a.Fault
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := answerTo(r)
		func() {
			defer func() {
				if what := recover(); what != nil {
					a.Log.Error("panic", "route", r.Pattern, "what", fmt.Sprint(what), "stack", string(debug.Stack()))
					whole = answerTo(r)
					broken(whole, r)
				}
			}()
			next.ServeHTTP(whole, r)
		}()
		whole.WriteHeader(http.StatusOK)
		for name, values := range whole.sent {
			w.Header()[name] = values
		}
		w.WriteHeader(whole.status)
		_, _ = w.Write(whole.body.Bytes()) // the caller has gone: nothing is left to say
	})
}

// answerTo is an empty answer. To what people open it has a page's headers from the beginning, whoever
// answers: a redirect or a refusal of the router's own is as private as the page. To a program it has those that
// keep a browser from making a page of what is none.
func answerTo(r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	a.header.Set("Strict-Transport-Security", transport)
	a.header.Set("X-Content-Type-Options", "nosniff")
	a.header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if ForPeople(r) {
		pageHeaders(a)
	}
	return a
}

// ForPeople tells whether a person reads the answer: by where it was asked, or by what is asked for.
func ForPeople(r *http.Request) bool {
	switch areaOf(r) {
	case "r", "help", "support":
		return true
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// areaOf is the first part of the path that a request means.
func areaOf(r *http.Request) string {
	part, _, _ := strings.Cut(strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/"), "/")
	return part
}

// Fault says to a program that something of ours went wrong.
func (a *App) Fault(w http.ResponseWriter, r *http.Request) { a.Fail(w, r, ErrPanic) }
