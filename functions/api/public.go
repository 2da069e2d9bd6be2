package api

import (
	_ "embed"
	"net/http"
	"strings"

	"seatmend/functions/app"
	"seatmend/shared/webhook"
)

// What anybody may read: they say how one speaks with Seatmend, and nothing of anybody.

// OpenAPI describes the routes of programs, as OpenAPI 3.1. A test holds it to the routes and to their answers.
//
//go:embed openapi.yaml
var OpenAPI []byte

func openAPI(*API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		public(w, "application/yaml")
		w.Write(OpenAPI)
	}
}

// schemas tells where the schema of each type is.
func schemas(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := map[string]string{}
		for _, kind := range webhook.Types() {
			at[kind] = "/schemas/" + kind + ".json"
		}
		public(w, "application/json")
		a.Reply(w, http.StatusOK, map[string]any{"schemas": at})
	}
}

func schema(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kind, ok := strings.CutSuffix(r.PathValue("file"), ".json")
		s := webhook.Schema(kind)
		if !ok || s == nil {
			a.Fail(w, r, app.ErrNotFound)
			return
		}
		body, err := app.Written(s)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		public(w, "application/schema+json")
		w.Write(body)
	}
}

func public(w http.ResponseWriter, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Access-Control-Allow-Origin", "*") // tools in browsers read them
}
