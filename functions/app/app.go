package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/link"
	"seatmend/shared/store"
)

// An App is what the handlers need. It is filled once: by boot.go on AWS, by infra/local on
// one machine.
type App struct {
	Engine   *engine.Engine
	Store    store.Store
	Secrets  Secrets
	Operator Operator
	Links    link.Keys
	BaseURL  string
	Now      func() time.Time
	Log      *slog.Logger
	// Send hands over the mails that sign the operator's people in; nil: they lie in the inbox.
	Send effects.Sender
	// LocalSignIn signs the first of them in by a button, on one machine.
	LocalSignIn bool
	// Gateway says that the API gateway has proved who calls the operator's routes.
	Gateway bool
	// Publish puts an event of a task on the bus; nil: there is none.
	Publish func(ctx context.Context, detailType string, detail []byte) error

	conf aws.Config // of the environment
}

// A Route is one row of the table that the local run mounts and each function takes its part of.
type Route struct {
	Method, Pattern string
	Function        string
	Handler         func(*App) http.HandlerFunc
}

// Handler serves those of the routes that are one function's; "": all of them.
func (a *App) Handler(function string, routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		if function == "" || r.Function == function {
			mux.Handle(r.Method+" "+r.Pattern, r.Handler(a))
		}
	}
	return a.Guard(mux, nil)
}

// OnlyOperator lets only the operator through: 401 without a token or with a wrong one.
func OnlyOperator(h func(*App) http.HandlerFunc) func(*App) http.HandlerFunc {
	return func(a *App) http.HandlerFunc {
		next := h(a)
		return func(w http.ResponseWriter, r *http.Request) {
			if !a.Gateway && !a.IsOperator(r) {
				w.Header().Set("WWW-Authenticate", "Bearer")
				a.Fail(w, r, errUnauthorized)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			next(w, r)
		}
	}
}

// IsOperator compares the token of a request with every token, in constant time; an empty one proves nothing.
func (a *App) IsOperator(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	sum := sha256.Sum256([]byte(token))
	found := 0
	for _, t := range a.Secrets["operator"] {
		want := sha256.Sum256([]byte(t))
		if t != "" {
			found |= subtle.ConstantTimeCompare(sum[:], want[:])
		}
	}
	return ok && found == 1
}
