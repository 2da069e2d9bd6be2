package webhook

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	npm "seatmend/infra/peer"
)

// declared are the names of the fields that an SDK's types declare, by what a body calls the object.
type declared map[string]map[string]bool

var (
	aField = regexp.MustCompile(`(?m)(?:^|\*/)\s+(\w+)\??:`)
	anID   = regexp.MustCompile(`(?m)^\s+object: '([\w.]+)';`) // how Stripe's types say which object they are
	upper  = regexp.MustCompile(`(.)([A-Z])`)
)

// add adds the fields that a folder's or a file's types declare to the objects that of names.
func (d declared) add(t *testing.T, sdk, path string, of func(file, text string) []string) {
	t.Helper()
	root := filepath.Join(npm.Modules(t, sdk, sdks[sdk]), sdk, path)
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".d.ts") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, object := range of(file, string(text)) {
			if d[object] == nil {
				d[object] = map[string]bool{}
			}
			for _, f := range aField.FindAllSubmatch(text, -1) {
				d[object][string(f[1])] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// undeclared are the fields of a value that the types of its object have not.
func (d declared) undeclared(v any, object, at string) (all []string) {
	switch v := v.(type) {
	case []any:
		for _, v := range v {
			all = append(all, d.undeclared(v, object, at)...)
		}
	case map[string]any:
		outer := object
		if kind, _ := v["object"].(string); d[kind] != nil {
			object = kind
		} else if _, list := v["data"].([]any); list && d["list"] != nil {
			object = "list" // which former values do not say
		}
		for name, inner := range v {
			if !d[object][name] && !d[outer][name] { // Chargebee's subscription declares those of its add-ons
				all = append(all, object+": "+at+"."+name)
			}
			switch name {
			case "metadata", "custom_data": // each customer's own
			case "previous_attributes": // of that object which stands beside
				beside, _ := v["object"].(map[string]any)
				kind, _ := beside["object"].(string)
				all = append(all, d.undeclared(inner, kind, at+"."+name)...)
			default:
				all = append(all, d.undeclared(inner, object, at+"."+name)...)
			}
		}
	}
	return all
}

// recurlyDocuments are the fields of the hooks that Recurly's documentation shows, each with the types of the events
// that have it: no SDK of Recurly's declares its hooks. See testdata/bodies.
func recurlyDocuments(t *testing.T) declared {
	raw, err := os.ReadFile("testdata/bodies/recurly.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	d := declared{}
	for line := range strings.Lines(string(raw)) {
		var one struct {
			Name string         `json:"name"`
			Body map[string]any `json:"body"`
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(one.Name, "api-") {
			continue // an answer of its API
		}
		kind, _ := one.Body["object_type"].(string)
		if d[kind] == nil {
			d[kind] = map[string]bool{}
		}
		for name := range one.Body {
			d[kind][name] = true
		}
	}
	d["pending_change"] = d["subscription"] // the guide names its event and shows no body
	return d
}

// Every field of our bodies in events is one that the sender's own SDK declares; of Recurly's, which none declares,
// one that a documented hook about such an object has.
func TestFieldsOfEventsAreDeclared(t *testing.T) {
	of := map[string]declared{"stripe": {}, "paddle": {}, "chargebee": {}}
	of["stripe"].add(t, "stripe", "cjs/resources", func(_, text string) (all []string) {
		for _, m := range anID.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
		return all
	})
	of["stripe"]["list"] = map[string]bool{"object": true, "data": true, "has_more": true, "url": true, "total_count": true}
	of["paddle"].add(t, "@paddle/paddle-node-sdk", "dist/types/types/events/events-response.d.ts", func(string, string) []string { return []string{"event"} })
	of["paddle"].add(t, "@paddle/paddle-node-sdk", "dist/types/notifications/types", func(file, _ string) []string {
		if kind := filepath.Base(filepath.Dir(file)); slices.Contains([]string{"subscription", "transaction", "adjustment"}, kind) {
			return []string{kind}
		}
		return []string{"subscription", "transaction", "adjustment"}
	})
	of["chargebee"].add(t, "chargebee", "types/resources", func(file, _ string) []string {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		return []string{strings.ToLower(upper.ReplaceAllString(name, "${1}_$2"))}
	})
	for _, names := range of["chargebee"] {
		names["object"] = true // every body says it, and no type
	}
	of["chargebee"]["invoice"]["base_currency_code"] = true // so does Chargebee's documentation
	of["recurly"] = recurlyDocuments(t)
	read := map[string]int{}
	walk(t, now, func(file string, s Sender, body []byte) {
		d := of[s.Name]
		if d == nil {
			if s.Key != nil {
				t.Errorf("%s: nothing declares what %s sends", file, s.Name)
			}
			return // a sender whose form is ours, or SuperOffice's: infra/crmsim holds that to its client
		}
		var whole map[string]any
		if err := json.Unmarshal(body, &whole); err != nil {
			t.Fatal(err)
		}
		var all []string
		switch s.Name {
		case "stripe":
			all = d.undeclared(whole, "event", "")
		case "paddle":
			kind, _, _ := strings.Cut(whole["event_type"].(string), ".")
			all = d.undeclared(whole["data"], kind, "data")
			whole["data"] = nil
			all = append(all, d.undeclared(whole, "event", "")...)
		case "recurly":
			kind, _ := whole["object_type"].(string)
			all = d.undeclared(whole, kind, "")
		case "chargebee":
			for name, v := range whole["content"].(map[string]any) {
				if _, list := v.([]any); !d["content"][name] && !list {
					t.Errorf("%s: content.%s is not declared", file, name)
				}
				all = append(all, d.undeclared(v, strings.TrimSuffix(name, "s"), name)...)
			}
			whole["content"] = nil
			all = append(all, d.undeclared(whole, "event", "")...)
		}
		if len(all) > 0 {
			t.Errorf("%s has what %s does not declare: %q", file, s.Name, all)
		}
		read[s.Name]++
	})
	if read["stripe"] < 8 || read["paddle"] < 9 || read["chargebee"] < 9 || read["recurly"] < 9 || len(of["stripe"]) < 60 || !of["stripe"]["invoice"]["amount_due"] || of["stripe"]["invoice"]["quantity_in_decimal"] {
		t.Errorf("read %v against %d objects of Stripe's", read, len(of["stripe"]))
	}
}
