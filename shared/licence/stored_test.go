package licence

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
)

// Every earlier version of the stored form must load, and lose nothing.
func TestStoredVersion1Loads(t *testing.T) {
	var k Known
	var h History
	load := map[string]func([]byte) error{"history": h.Decode}
	store := map[string]func() ([]byte, error){"history": h.Encode}
	for _, p := range Parts {
		load[string(p)] = func(b []byte) error { return k.Decode(p, b) }
		store[string(p)] = func() ([]byte, error) { return k.Encode(p) }
	}
	for _, name := range slices.Sorted(maps.Keys(load)) {
		stored, err := os.ReadFile("testdata/stored-v1/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := load[name](stored); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b, err := store[name]()
		if err != nil {
			t.Fatal(err)
		}
		var was, is struct{ Body any }
		if err := errors.Join(json.Unmarshal(stored, &was), json.Unmarshal(b, &is)); err != nil {
			t.Fatal(err)
		}
		if lost := lawLost(name, was.Body, is.Body); lost != "" {
			t.Errorf("%s is stored, and was lost in loading", lost)
		}
		if err := load[name]([]byte(`{"v":2,"body":{}}`)); err == nil {
			t.Errorf("%s of a version to come was loaded", name)
		}
	}
	if got, want := len(k.Profile.Account.Value.Contacts), 3; got != want {
		t.Errorf("%d contacts, want %d", got, want)
	}
	if len(h.Findings) == 0 || len(h.Mailed) == 0 || len(h.Episodes) == 0 || len(h.Reads) == 0 || len(h.Numbers) == 0 {
		t.Errorf("the fixture's history is too poor to show anything")
	}
}

// A stored fact of a kind that only a later version knows is listed, and written again as it was.
func TestLaterFactIsKept(t *testing.T) {
	stored := `{"id":"read/x/1","to":[{"sender":"account","id":"C-1"}],"at":"2026-11-30T12:00:00Z","source":"superoffice","type":"moon.rose","data":{"over":[1,"a<b"]}}`
	var f Fact
	if err := json.Unmarshal([]byte(stored), &f); err != nil {
		t.Fatal(err)
	}
	b, err := JSON(f)
	if err != nil || string(b) != stored || f.Payload.Type() != "moon.rose" {
		t.Errorf("%s, written again %s: %v", f.Payload.Type(), b, err)
	}
}

// lawLost is the place of a value that was and is no more, "" when all still are.
func lawLost(at string, was, is any) string {
	switch was := was.(type) {
	case map[string]any:
		is, _ := is.(map[string]any)
		for key, v := range was {
			if lost := lawLost(at+"."+key, v, is[key]); lost != "" {
				return lost
			}
		}
	case []any:
		is, _ := is.([]any)
		for i, v := range was {
			if i >= len(is) {
				return fmt.Sprint(at, ".", i)
			}
			if lost := lawLost(fmt.Sprint(at, ".", i), v, is[i]); lost != "" {
				return lost
			}
		}
	default:
		if !reflect.DeepEqual(was, is) {
			return fmt.Sprint(at, " ", was)
		}
	}
	return ""
}
