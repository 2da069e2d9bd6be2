package functions_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"seatmend/functions"
	"seatmend/functions/api"
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/hooks"
	"seatmend/functions/login"
	"seatmend/functions/page"
)

// The table of routes, the template, the programs and the makefile's targets are one list, told
// four times.
func TestTheTemplateHasTheRoutes(t *testing.T) {
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Events map[string]struct {
					Type       string `yaml:"Type"`
					Properties struct {
						Method string `yaml:"Method"`
						Path   string `yaml:"Path"`
					} `yaml:"Properties"`
				} `yaml:"Events"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	var there, here, pages, heads []string
	built := map[string]string{} // program -> its name in the template
	for id, r := range template.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		built[strings.ToLower(id)] = id
		for _, e := range r.Properties.Events {
			if e.Type == "HttpApi" {
				p := e.Properties
				if p.Method == "" && p.Path == "" {
					p.Path = app.Rest
				}
				if p.Method == "HEAD" { // net/http takes it for a GET, and API Gateway does not
					heads = append(heads, p.Path+" "+id)
					continue
				}
				if p.Method == "GET" && (id == "Remedy" || id == "Support" || p.Path == "/help" || p.Path == "/healthz") {
					pages = append(pages, p.Path+" "+id)
				}
				there = append(there, p.Method+" "+strings.ReplaceAll(p.Path, "+}", "...}")+" "+strings.ToLower(id))
			}
		}
	}
	for _, r := range functions.Routes {
		here = append(here, r.Method+" "+r.Pattern+" "+r.Function)
		if r.Handler == nil {
			t.Errorf("%s %s has no handler", r.Method, r.Pattern)
		}
	}
	slices.Sort(pages)
	slices.Sort(heads)
	if !slices.Equal(pages, heads) || len(pages) == 0 {
		t.Errorf("pages are at %q, and HEAD is asked of them at %q", pages, heads)
	}
	slices.Sort(there)
	slices.Sort(here)
	for _, r := range here {
		if !slices.Contains(there, r) {
			t.Errorf("template.yaml lacks %s", r)
		}
	}
	for _, r := range there {
		if !slices.Contains(here, r) {
			t.Errorf("functions.Routes lacks %s", r)
		}
	}
	if len(here) != len(slices.Compact(slices.Clone(here))) || len(there) != len(here) {
		t.Errorf("%d routes here, %d in template.yaml, some twice", len(here), len(there))
	}

	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var programs []string
	for _, file := range mains {
		name := filepath.Dir(file)
		programs = append(programs, name)
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		run := regexp.MustCompile(`app\.Main\("` + name + `", (?:slices\.Concat\()?([\w.]+(?:, [\w.]+)*)`).FindSubmatch(source)
		if run == nil {
			t.Fatalf("%s runs something else than %s", file, name)
		}
		var tables []app.Route
		for _, table := range strings.Split(string(run[1]), ", ") {
			tables = append(tables, routesOf[table]...)
		}
		for _, r := range functions.Routes {
			own := slices.ContainsFunc(tables, func(o app.Route) bool { return o.Method == r.Method && o.Pattern == r.Pattern })
			if r.Function == name && !own {
				t.Errorf("%s does not serve %s %s: it has %s", file, r.Method, r.Pattern, run[1])
			}
		}
		target := regexp.MustCompile(`(?m)^build-` + built[name] + `:\n\t.*\./` + name + `$`)
		if built[name] == "" || !target.Match(makefile) {
			t.Errorf("%s is not built: in the template as %q", name, built[name])
		}
	}
	for name, id := range built {
		if !slices.Contains(programs, name) {
			t.Errorf("the template's %s has no %s/main.go", id, name)
		}
	}
	for _, r := range functions.Routes {
		if !slices.Contains(programs, r.Function) {
			t.Errorf("%s %s is of %s, which is no program", r.Method, r.Pattern, r.Function)
		}
	}
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		sources, _ := filepath.Glob(f.Name() + "/*.go")
		if len(sources) > 0 && !slices.Contains(programs, f.Name()) && !slices.Contains(slicesOf, f.Name()) {
			t.Errorf("the folder %s is no program and no slice", f.Name())
		}
	}
}

// slicesOf are the folders of functions that are no programs.
var slicesOf = []string{"app", "outside", "hooks", "login", "page", "desk", "api", "replies"}

// routesOf are the tables of which functions.Routes is made.
var routesOf = map[string][]app.Route{
	"hooks.Webhooks": hooks.Webhooks, "login.Routes": login.Routes, "page.Routes": page.Routes, "desk.Routes": desk.Routes, "api.Routes": api.Routes,
}

// A function serves its own routes and no other's.
func TestAFunctionHasItsPartOnly(t *testing.T) {
	w := newWorld(t, nil)
	own := slices.DeleteFunc(slices.Clone(functions.Routes), func(r app.Route) bool { return r.Pattern == app.Rest }) // see TestTheRest
	for _, r := range own {
		for _, of := range own {
			rec := httptest.NewRecorder()
			target := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(r.Pattern, "x")
			w.app.Handler(of.Function, own).ServeHTTP(rec, httptest.NewRequest(r.Method, target, nil))
			served := !strings.HasPrefix(rec.Body.String(), "404 page not found") && rec.Code != http.StatusMethodNotAllowed
			// {sender} takes the name, too, where the more exact route is another function's; a gateway asks that one.
			wide := r.Pattern == "/users/superoffice-state" && of.Function == "userchange"
			if got, want := served, of.Function == r.Function || wide; got != want {
				t.Errorf("%s %s in %s: served %v, want %v", r.Method, r.Pattern, of.Function, got, want)
			}
		}
	}
}
