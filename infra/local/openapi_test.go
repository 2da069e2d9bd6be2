package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"seatmend/functions"
	"seatmend/functions/api"
	"seatmend/functions/app"
	"seatmend/shared/version"
	"seatmend/shared/webhook"
)

// A contract is openapi.yaml, as a program reads it.
type contract struct {
	t        *testing.T
	doc      map[string]any
	compiler *jsonschema.Compiler
}

const contractAt = "https://seatmend.example/openapi.yaml"

func readContract(t *testing.T, text []byte) contract {
	t.Helper()
	c := contract{t, map[string]any{}, jsonschema.NewCompiler()}
	if err := yaml.Unmarshal(text, &c.doc); err != nil {
		t.Fatal(err)
	}
	add := func(at string, v any) {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err == nil {
			err = c.compiler.AddResource(at, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add(contractAt, c.doc)
	for _, kind := range webhook.Types() {
		add("https://seatmend.example/schemas/"+kind+".json", webhook.Schema(kind))
	}
	return c
}

// at follows names and references into the document; false: there is nothing.
func (c contract) at(path ...string) (where []string, ok bool) {
	var v any = c.doc
	for _, name := range path {
		m, is := v.(map[string]any)
		if !is {
			return nil, false
		}
		if v, is = m[name]; !is {
			return nil, false
		}
		where = append(where, name)
		if m, is := v.(map[string]any); is {
			if ref, is := m["$ref"].(string); is && strings.HasPrefix(ref, "#/") {
				return c.at(append(strings.Split(ref[2:], "/"), path[len(where):]...)...)
			}
		}
	}
	return where, true
}

// holds tells what is wrong with an answer of a route.
func (c contract) holds(method, pattern, status, kind, body string) {
	c.t.Helper()
	where, ok := c.at("paths", pattern, strings.ToLower(method), "responses", status, "content", kind, "schema")
	if !ok {
		c.t.Errorf("%s %s: no answer %s of %s is described: %.300s", method, pattern, status, kind, body)
		return
	}
	pointer := ""
	for _, name := range where {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	s, err := c.compiler.Compile(contractAt + "#" + pointer)
	if err != nil {
		c.t.Fatalf("%s: %v", pointer, err)
	}
	if kind == "application/yaml" {
		return
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err == nil {
		err = s.Validate(doc)
	}
	if err != nil {
		c.t.Errorf("%s %s %s: %v\n%.1500s", method, pattern, status, err, body)
	}
}

// TestContractHasTheRoutes: openapi.yaml describes every route of programs, no other, and this version.
func TestContractHasTheRoutes(t *testing.T) {
	c := readContract(t, api.OpenAPI)
	if got := c.doc["info"].(map[string]any)["version"]; got != version.Number {
		t.Errorf("it is of version %v, want %s", got, version.Number)
	}
	var want []string
	for _, r := range functions.Routes {
		forPeople := r.Function == "remedy" && !strings.HasPrefix(r.Pattern, "/users/") || r.Function == "support" || r.Pattern == "/help" || r.Pattern == app.Rest
		if !forPeople {
			want = append(want, r.Method+" "+r.Pattern)
		}
	}
	var got, names []string
	for path, item := range c.doc["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			if method == "parameters" {
				continue
			}
			got = append(got, strings.ToUpper(method)+" "+path)
			o := operation.(map[string]any)
			id, _ := o["operationId"].(string)
			if names = append(names, id); id == "" || o["summary"] == nil || o["responses"] == nil {
				t.Errorf("%s %s is not described", method, path)
			}
			open := o["security"] != nil
			if route := slices.IndexFunc(functions.Routes, func(r app.Route) bool { return r.Pattern == path }); route >= 0 && open == (functions.Routes[route].Function == "accounts" && !strings.HasPrefix(path, "/openapi") && !strings.HasPrefix(path, "/schemas")) {
				t.Errorf("%s %s: whether the operator's token is asked for is not said right", method, path)
			}
			for _, in := range strings.Split(path, "/") {
				if name, is := strings.CutPrefix(in, "{"); is && !bytes.Contains(mustJSON(t, item), []byte(strings.TrimSuffix(name, "}"))) {
					t.Errorf("%s: %s is not described", path, name)
				}
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("described are\n%q, routes are\n%q", got, want)
	}
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("operations are called %q, some twice", names)
	}
	var refs func(v any)
	refs = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				refs(one)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && strings.HasPrefix(ref, "#/") {
				if _, there := c.at(strings.Split(ref[2:], "/")...); !there {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, one := range v {
				refs(one)
			}
		}
	}
	refs(c.doc)
	for _, kind := range webhook.Types() {
		if _, err := c.compiler.Compile("https://seatmend.example/schemas/" + kind + ".json"); err != nil || !bytes.Contains(api.OpenAPI, []byte("{$ref: /schemas/"+kind+".json}")) {
			t.Errorf("the schema of %s is not referred to, or is none: %v", kind, err)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestContractHolds: what the routes answer is as openapi.yaml says, for every customer of the demo, and for
// whoever asks wrongly.
func TestContractHolds(t *testing.T) {
	p := start(t, t.TempDir())
	status, text := p.ask("GET", "/openapi.yaml", "", "Authorization", "")
	if status != 200 || text != string(api.OpenAPI) {
		t.Fatalf("/openapi.yaml: %d", status)
	}
	c := readContract(t, []byte(text))
	ask := func(method, pattern, path, body string, header ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, p.address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.secrets["operator"][0])
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(resp.Body); err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
		c.holds(method, pattern, resp.Status[:3], kind, b.String())
	}
	p.advance("24h")
	list := all[struct{ Account string }](p, "/accounts", "accounts")
	if len(list) < 9 {
		t.Fatalf("%d customers", len(list))
	}
	lists := []string{"/facts", "/mails", "/tasks", "/seats"}
	for _, customer := range list {
		for _, below := range append([]string{"", "/diagnosis"}, lists...) {
			ask("GET", "/accounts/{account}"+below, "/accounts/"+customer.Account+below, "")
		}
		ask("GET", "/accounts/{account}/diagnosis", "/accounts/"+customer.Account+"/diagnosis?lang=en&at=2027-03-01", "")
	}
	for _, below := range append([]string{"", "/diagnosis"}, lists...) {
		ask("GET", "/accounts/{account}"+below, "/accounts/C-none"+below, "")
		ask("GET", "/accounts/{account}"+below, "/accounts/C-1042"+below, "", "Authorization", "Bearer no")
	}
	for _, below := range lists {
		ask("GET", "/accounts/{account}"+below, "/accounts/C-1042"+below+"?cursor=no", "")
	}
	for _, path := range []string{"/accounts", "/parked", "/aside"} {
		ask("GET", path, path+"?limit=2", "")
		ask("GET", path, path+"?cursor=no", "")
		ask("GET", path, path, "", "Authorization", "")
	}
	ask("GET", "/accounts", "/accounts?q=fjord", "")
	ask("GET", "/accounts/{account}/tasks", "/accounts/fleet/tasks", "")
	for _, body := range []string{`{"send":false,"account":"C-1042"}`, `{"send":true}`, `{}`, `{`, `{"send":true,"id":"a"}`, `{"send":true,"account":"C-none"}`, `{"send":true,"more":1}`, strings.Repeat(" ", 5000)} {
		ask("POST", "/drafts", "/drafts", body)
	}
	ask("POST", "/drafts", "/drafts", `{"send":true}`, "Authorization", "")
	for _, path := range []string{"/healthz", "/schemas", "/openapi.yaml"} {
		ask("GET", path, path, "", "Authorization", "")
	}
	kinds := get[struct{ Schemas map[string]string }](p, "/schemas").Schemas
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, webhook.Types()) {
		t.Errorf("schemas of %q", got)
	}
	for kind, path := range kinds {
		if status, body := p.ask("GET", path, "", "Authorization", ""); status != 200 || strings.TrimSpace(body) != strings.TrimSpace(string(mustWritten(t, webhook.Schema(kind)))) {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
		ask("GET", "/schemas/{file}", path, "", "Authorization", "")
	}
	ask("GET", "/schemas/{file}", "/schemas/weather.changed.json", "")
	for _, pattern := range []string{"/billing/{sender}", "/users/{sender}", "/users/superoffice/{cust_id}", "/users/superoffice-state", "/login-warnings"} {
		path := strings.NewReplacer("{sender}", "standard", "{cust_id}", "Cust1").Replace(pattern)
		ask("POST", pattern, path, `{}`)
		ask("POST", pattern, path, strings.Repeat(" ", 5<<20))
	}
	now := p.clock()
	for id, body := range map[string]string{"a1": accountBody(1, now), "a2": `{"type":"account.changed","timestamp":"2026-11-23T06:00:00Z","data":{}}`, "a3": `{`, "a4": seatBody(99, "1", true, now), "a5": `{"type":"weather.changed","timestamp":"2026-11-23T06:00:00Z","data":{}}`} {
		sender, _ := webhook.Find("standard")
		h := http.Header{}
		sender.Sign(h, []byte(body), id, p.secrets["standard"][0], p.clock())
		ask("POST", "/billing/{sender}", "/billing/standard", body, "webhook-id", h.Get("webhook-id"), "webhook-timestamp", h.Get("webhook-timestamp"), "webhook-signature", h.Get("webhook-signature"))
	}
	warned := told("login.warned", now, `{"cust_id":"Cust12345","serial":"1801550193","url":"","version":"12.2","message":"","days_left":12,"user":{"id":"12","name":"Anna","email":"anna.berg@fjordfoods.example","locale":"sv_SE"}}`)
	sender, _ := webhook.Find("login")
	h := http.Header{}
	sender.Sign(h, []byte(warned), "w1", p.secrets["login"][0], p.clock())
	ask("POST", "/login-warnings", "/login-warnings", warned, "webhook-id", h.Get("webhook-id"), "webhook-timestamp", h.Get("webhook-timestamp"), "webhook-signature", h.Get("webhook-signature"))
}

func mustWritten(t *testing.T, v any) []byte {
	t.Helper()
	b, err := app.Written(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
