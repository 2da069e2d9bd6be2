package webhook

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestASenderIsWhole: each is heard on some route, has a name of its own and a fuzz target, and one
// that speaks of billing stands in the description of the API.
func TestASenderIsWhole(t *testing.T) {
	targets, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	described, err := os.ReadFile("../../functions/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(described), "/billing/{sender}:\n    parameters: [{name: sender, in: path, required: true, schema: {enum: [")
	list, _, _ = strings.Cut(list, "]")
	if !ok {
		t.Fatal("the description has no list of senders of billing")
	}
	names, lists := []string{}, map[string]string{}
	for _, s := range Senders {
		if s.Name == "" || len(s.Routes) == 0 || s.Verify == nil || s.Read == nil || s.Sign == nil {
			t.Errorf("%q lacks a part", s.Name)
		}
		for _, route := range s.Routes {
			if !slices.Contains([]string{"billing", "users", "login"}, route) {
				t.Errorf("%s: there is no route %q", s.Name, route)
			}
			if _, ok := Speaking(route, s.Name); !ok {
				t.Errorf("%s is not heard on %s", s.Name, route)
			}
		}
		for _, list := range s.Lists() {
			if lists[list] != "" {
				t.Errorf("the list %s is of %s and of %s", list, lists[list], s.Name)
			}
			lists[list] = s.Name
		}
		if (s.Key != nil) != (ObjectOf(s.Name) != nil) {
			t.Errorf("%s is read back without a key, or has a key and is not read back", s.Name)
		}
		if !strings.Contains(strings.ToLower(string(targets)), "(f, "+s.Name+")") {
			t.Errorf("%s has no fuzz target", s.Name)
		}
		if !strings.Contains(strings.ToLower(string(targets)), "fuzzheader(f, "+s.Name+",") {
			t.Errorf("%s has no fuzz target of its header", s.Name)
		}
		if slices.Contains(s.Routes, "billing") {
			names = append(names, s.Name)
		}
	}
	told := strings.Split(list, ", ")
	slices.Sort(told)
	slices.Sort(names)
	if !slices.Equal(told, names) {
		t.Errorf("the API's description lists %v, and %v speak of billing", told, names)
	}
	if _, ok := Speaking("users", "stripe"); ok {
		t.Error("Stripe is heard of users")
	}
}
