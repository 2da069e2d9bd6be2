package lambda

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A Template is of template.yaml what a request, a record and the schedule meet.
type Template struct {
	Globals struct {
		Function struct {
			Timeout int `yaml:"Timeout"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Timeout int              `yaml:"Timeout"`
			Events  map[string]Event `yaml:"Events"`

			FilterPattern         string `yaml:"FilterPattern"`
			MetricTransformations []struct {
				MetricName string `yaml:"MetricName"`
			} `yaml:"MetricTransformations"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// An Event is what calls a function.
type Event struct {
	Type       string `yaml:"Type"`
	Properties struct {
		Method         string `yaml:"Method"`
		Path           string `yaml:"Path"`
		FilterCriteria struct {
			Filters []struct {
				Pattern string `yaml:"Pattern"`
			} `yaml:"Filters"`
		} `yaml:"FilterCriteria"`
	} `yaml:"Properties"`
}

// ReadTemplate reads template.yaml of the module at root.
func ReadTemplate(t testing.TB, root string) Template {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out Template
	if err := yaml.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Functions are the logical ids, in order.
func (t Template) Functions() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == "AWS::Serverless::Function" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Filters are the patterns of the log's filters, by the metric that each counts in.
func (t Template) Filters() map[string]string {
	out := map[string]string{}
	for _, r := range t.Resources {
		for _, m := range r.Properties.MetricTransformations {
			out[m.MetricName] = r.Properties.FilterPattern
		}
	}
	return out
}

// of are the events of one type, by function.
func (t Template) of(kind string) map[string][]Event {
	out := map[string][]Event{}
	for _, id := range t.Functions() {
		for _, name := range slices.Sorted(maps.Keys(t.Resources[id].Properties.Events)) {
			if e := t.Resources[id].Properties.Events[name]; e.Type == kind {
				out[id] = append(out[id], e)
			}
		}
	}
	return out
}

func (t Template) timeout(id string) int {
	if s := t.Resources[id].Properties.Timeout; s != 0 {
		return s
	}
	return t.Globals.Function.Timeout
}

// muxPattern is a route of the gateway as net/http spells it.
func muxPattern(method, path string) string {
	path = strings.ReplaceAll(path, "+}", "...}")
	if method == "ANY" || method == "*" {
		return path
	}
	return method + " " + path
}
