package licence

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// entries are the members that hold one entry for each key, not the fields of one thing.
var entries = strings.Fields("answers choices codes subs licence other claims by checked held logins findings numbers episodes waits pending reads nobody desks skipped coded wanted totals")

// grown is JSON as a program of the next version may store it: each thing has a field more.
func grown(name string, v any, n *int) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = grown(k, v[k], n)
		}
		if !slices.Contains(entries, name) {
			*n++
			v[fmt.Sprint("next-", *n)] = map[string]any{"told": json.Number("1")}
		}
	case []any:
		for i := range v {
			v[i] = grown("", v[i], n)
		}
	}
	return v
}

// laterStored is what is stored in testdata, as the next version would store it, and how many
// members this version does not know.
func laterStored(t *testing.T, file string) (stored []byte, unknown int) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	body, err := tree(e.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := JSON(grown("", body, &unknown))
	if err != nil {
		t.Fatal(err)
	}
	stored, err = sealed(version+1, version, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stored, unknown
}

// TestANewerVersionIsReadWithoutLoss holds that two versions of the program may run on one table:
// what the newer one stores, the older one reads, and writes again with all that it does not know.
func TestANewerVersionIsReadWithoutLoss(t *testing.T) {
	for _, p := range append([]Part{"history"}, Parts...) {
		t.Run(string(p), func(t *testing.T) {
			file := filepath.Join("testdata", "stored-v1", string(p)+".json")
			stored, unknown := laterStored(t, file)
			var k Known
			var h History
			var again []byte
			var err error
			if p == "history" {
				if err = h.Decode(stored); err == nil {
					h = h.Clone()
					again, err = h.Encode()
				}
			} else if err = k.Decode(p, stored); err == nil {
				k = k.Clone()
				again, err = k.Encode(p)
			}
			if err != nil {
				t.Fatal(err)
			}
			var is, was envelope
			json.Unmarshal(again, &is)
			json.Unmarshal(stored, &was)
			if is.V != version+1 || is.Least != version {
				t.Errorf("it says version %d, least %d", is.V, is.Least)
			}
			if n := strings.Count(string(again), `"next-`); n != unknown || unknown == 0 {
				t.Errorf("%d of %d unknown members are there", n, unknown)
			}
			a, _ := tree(is.Body)
			b, _ := tree(was.Body)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("it is\n%.2000s\nand was\n%.2000s", is.Body, was.Body)
			}
		})
	}
}

// TestWhatIsReplacedIsNotKept holds that a value that was told anew has nothing left of the old one.
func TestWhatIsReplacedIsNotKept(t *testing.T) {
	parse := func(s string) any {
		v, err := tree([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, c := range map[string]struct{ was, known, ours, want string }{
		"untouched":          {`{"a":1,"new":2}`, `{"a":1}`, `{"a":1}`, `{"a":1,"new":2}`},
		"beside a change":    {`{"a":1,"new":2}`, `{"a":1}`, `{"a":9}`, `{"a":9,"new":2}`},
		"given up by us":     {`{"a":1,"b":2}`, `{"a":1,"b":2}`, `{"a":1}`, `{"a":1}`},
		"a register renewed": {`{"at":"1","id":"x","v":{"n":1,"new":2},"beside":3}`, `{"at":"1","id":"x","v":{"n":1}}`, `{"at":"2","id":"y","v":{"n":7}}`, `{"at":"2","id":"y","v":{"n":7},"beside":3}`},
		"one confirmed":      {`{"at":"1","id":"x","v":{"n":1,"new":2}}`, `{"at":"1","id":"x","v":{"n":1}}`, `{"at":"2","id":"y","v":{"n":1}}`, `{"at":"2","id":"y","v":{"n":1,"new":2}}`},
		"a list":             {`{"l":[{"n":1,"new":1},{"n":2,"new":2}]}`, `{"l":[{"n":1},{"n":2}]}`, `{"l":[{"n":2},{"n":3}]}`, `{"l":[{"n":2,"new":2},{"n":3}]}`},
		"a member gone":      {`{"m":{"x":{"n":1,"new":1},"y":{"n":2,"new":2}}}`, `{"m":{"x":{"n":1},"y":{"n":2}}}`, `{"m":{"y":{"n":2}}}`, `{"m":{"y":{"n":2,"new":2}}}`},
	} {
		if got := keep(parse(c.was), parse(c.known), parse(c.ours)); !reflect.DeepEqual(got, parse(c.want)) {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

// TestAVersionThatMayNotBeRead holds that a later version can forbid it.
func TestAVersionThatMayNotBeRead(t *testing.T) {
	var k Known
	for _, stored := range []string{`{"v":2,"body":{}}`, `{"v":3,"least":2,"body":{}}`} {
		if err := k.Decode("orders", []byte(stored)); err == nil || !strings.Contains(err.Error(), "version") {
			t.Errorf("%s: %v", stored, err)
		}
	}
}
