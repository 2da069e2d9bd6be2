package functions

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
)

// errPanic is the fault of ours that a handler has panicked.
var errPanic = errors.New("a handler panicked")

// Guard answers 503 where a handler panics, here and behind the API gateway alike. What was
// written before is not sent: an answer goes as a whole or not at all. The stack goes to the log
// and is shown to nobody.
func (a *App) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := &answer{header: http.Header{}}
		func() {
			defer func() {
				if what := recover(); what != nil {
					a.Log.Error("panic", "route", r.Pattern, "what", fmt.Sprint(what), "stack", string(debug.Stack()))
					whole = &answer{header: http.Header{}}
					a.broken(whole, r)
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

// broken says that something of ours went wrong: to a person on a page, to a program in JSON.
func (a *App) broken(w http.ResponseWriter, r *http.Request) {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); first {
	case "r", "help":
		pageHeaders(w)
		a.plain(w, r, http.StatusServiceUnavailable, "fault", visit{token: r.PathValue("token")})
	case "support":
		(&deskVisit{App: a, w: w, r: r}).failed(errPanic)
	default:
		a.fail(w, r, errPanic)
	}
}
