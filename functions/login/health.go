package login

import (
	"context"
	"net/http"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/store"
	"seatmend/shared/version"
)

// health tells whoever watches that a function answers, and the store too. It says nothing of anybody.
func health(a *Login) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		w.Header().Set("Cache-Control", "no-store")
		if _, _, err := a.Store.Accounts(ctx, store.Page{Limit: 1}); err != nil {
			a.Log.Error("health", "error", err.Error())
			a.Reply(w, http.StatusServiceUnavailable, map[string]any{"error": &app.Refusal{Code: "unavailable", Message: "the store does not answer"}})
			return
		}
		a.Reply(w, http.StatusOK, map[string]any{"ok": true, "version": version.Number})
	}
}
