package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"seatmend/shared/aws"
	"seatmend/shared/engine"
	"seatmend/shared/link"
	"seatmend/shared/store"
)

// An App is what the handlers need. It is filled once: by boot.go on AWS, by infra/local on
// one machine.
type App struct {
	Engine   *engine.Engine
	Store    store.Store
	Secrets  *Safe
	Operator Operator
	BaseURL  string
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error // how a page waits for another hand: Sleep
	Log      *slog.Logger
	// LocalSignIn signs the first of them in by a button, on one machine.
	LocalSignIn bool
	// Gateway says that the API gateway has proved who calls the operator's routes.
	Gateway bool
	// Publish puts an event of a task on the bus; nil: there is none.
	Publish func(ctx context.Context, detailType string, detail []byte) error
	// BillingAt is where billing systems are asked in tests, by sender, in place of
	// their own addresses.
	BillingAt map[string]string
	// Stated proves that SuperOffice's login host has just signed a token that speaks of a tenant:
	// ErrUnproved, where it has not. Nil: nobody can tell here.
	Stated func(ctx context.Context, token, custID string) error
	// AWS is whom the functions call, and Environment what they are told; nil on one machine.
	AWS         *aws.Client
	Environment func(name string) string

	hears any // what Lambda calls, where that is no HTTP
}

// Sleep lets a while go by; the context's error where that ends first.
func Sleep(ctx context.Context, while time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(while):
		return nil
	}
}

// Hear makes a function one that Lambda calls by f, which is what lambda.Start takes, and not by HTTP.
func (a *App) Hear(f any) { a.hears = f }

// Rest is the pattern of what no other route takes: what API Gateway calls $default.
const Rest = "$default"

// A Route is one row of the table that the local run mounts and each function takes its part of.
type Route struct {
	Method, Pattern string
	Function        string
	Handler         func(*App) http.HandlerFunc
}

// Handler serves those of the routes that are one function's; "": all of them.
func (a *App) Handler(function string, routes []Route) http.Handler {
	mux, rest := http.NewServeMux(), http.Handler(nil)
	for _, r := range routes {
		switch {
		case function != "" && r.Function != function:
		case r.Pattern == Rest:
			rest = r.Handler(a)
		default:
			mux.Handle(r.Method+" "+r.Pattern, r.Handler(a))
		}
	}
	return a.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			tried := &answer{header: http.Header{}}
			switch mux.ServeHTTP(tried, r); {
			case rest != nil && tried.status == http.StatusNotFound:
				rest.ServeHTTP(w, r)
				return
			case tried.status == http.StatusMethodNotAllowed:
				allowed := tried.header.Get("Allow")
				w.Header().Set("Allow", allowed)
				a.Fail(w, r, &Refusal{tried.status, "method_not_allowed", r.Method + " is not taken here: use " + strings.ReplaceAll(allowed, ", ", " or "), nil})
				return
			}
		}
		mux.ServeHTTP(w, r)
	}), nil)
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
	return ok && a.Secrets.Proves(r.Context(), func(h *Held) bool {
		found := 0
		for _, t := range h.Secrets["operator"] {
			want := sha256.Sum256([]byte(t))
			if t != "" {
				found |= subtle.ConstantTimeCompare(sum[:], want[:])
			}
		}
		return found == 1
	})
}

// Links are the keys that sign links now.
func (a *App) Links() link.Keys { return a.Secrets.Held().Keys }

// OpenLink opens what Links has signed, in this process or in another.
func (a *App) OpenLink(ctx context.Context, token string) (l link.Link, err error) {
	a.Secrets.Proves(ctx, func(h *Held) bool {
		l, err = h.Keys.Open(token, a.Now())
		return !errors.Is(err, link.ErrForged)
	})
	return l, err
}
