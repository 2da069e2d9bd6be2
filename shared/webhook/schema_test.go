package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"seatmend/events"
)

// compiled is the schema of a type, as a sender's program would read it.
func compiled(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(Schema(kind))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("urn:seatmend:webhook:"+kind, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:seatmend:webhook:" + kind)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return s
}

// unsaid are the problems of which no schema can tell.
var unsaid = []string{"twice", "ahead of our clock", "time zone", "must not claim more", "must not name more"}

// agree holds a body's schema to what is read: what the one takes the other takes. Of what a schema
// cannot say it knows nothing; it tells how often that was so.
func agree(t *testing.T, s *jsonschema.Schema, kind, what string, text []byte) (taken, beyond bool) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v in %s", what, err, text)
	}
	says := s.Validate(doc)
	_, err = read(senderOf(kind), "msg_1", text)
	var e *Error
	switch {
	case err == nil && says != nil:
		t.Errorf("%s, %s: it is taken, and the schema says %v\n%.600s", kind, what, says, text)
	case errors.As(err, &e) && says == nil:
		beyond = slices.ContainsFunc(e.Fields, func(f Field) bool {
			return slices.ContainsFunc(unsaid, func(u string) bool { return strings.Contains(f.Problem, u) })
		})
		if !beyond {
			t.Errorf("%s, %s: it is refused (%s), and the schema takes it\n%.600s", kind, what, e.Message, text)
		}
	}
	return err == nil, beyond
}

// whole is a value with every field that its wire struct has, each of them right.
func whole(t reflect.Type, rules []rule) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	tagged := func(tag string) bool {
		return slices.ContainsFunc(rules, func(r rule) bool { return r.tag == tag })
	}
	switch {
	case t == dateType:
		return "2026-11-20"
	case t == instantType || t == timeType:
		return "2026-11-20T09:14:00Z"
	case t.Kind() == reflect.Struct:
		out := map[string]any{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out[name] = whole(f.Type, rulesOf(f.Tag.Get("validate")))
		}
		return out
	case t.Kind() == reflect.Slice:
		at := slices.IndexFunc(rules, func(r rule) bool { return r.tag == "dive" })
		if at < 0 {
			return []any{whole(t.Elem(), nil)}
		}
		return []any{whole(t.Elem(), rules[at+1:])}
	case t.Kind() == reflect.Bool:
		return true
	case t.Kind() == reflect.Int:
		return 7
	}
	for tag, right := range map[string]string{"mail": "eva@fjord.example", "nomail": "eva@fjord.example", "country": "SE", "iso4217": "SEK", "web": "https://fjord.example/a?b", "zone": "Europe/Stockholm", "lang": "sv", "money": "12.50"} {
		if tagged(tag) {
			return right
		}
	}
	for _, r := range rules {
		if r.tag == "oneof" {
			return r.words[0]
		}
	}
	return "a1"
}

// oddities are values of which some are right in a field, and most wrong.
func oddities() []any {
	return []any{nil, true, 0, 7, -1, 366, 367, 1000000000, 1000000001, 1.5, json.Number("99999999999999999999"), "", " ", "\u00a0", "x", "a\tb", "a\u200bb", "9", "on", "fleet", ".", "..", "/", "SE", "GB-WLS", "SEK", "sek", "sv_SE.UTF-8", "C", "swedish",
		"eva@fjord.example", " eva@fjord.example ", "eva@fjord", "eva@.example", "eva fjord@x.example", "a@b@c.example", "eva@fjord..example", "https://fjord.example", "HTTP://fjord.example", "ftp://fjord.example", "https://", "https:///a", "javascript:alert(1)", "fjord.example",
		"2026-11-20", "20.11.2026", "2026-13-20", "2026-11-20T09:14:00Z", "2026-11-20t09:14z", "2026-11-20 09:14:00+0100", "2026-11-20T09:14:00", "2026-11-20T25:14:00Z", "0.5", "-12", "12,5", "1e4", "12345678901234567", "superoffice", "stripe", "Europe/Stockholm",
		strings.Repeat("y", 129), strings.Repeat("y", 257), strings.Repeat("y", 1001), strings.Repeat("y", 5000), []any{}, []any{"a1"}, []any{7}, []any{nil}, map[string]any{}, map[string]any{"an": "object"}}
}

// TestSchemasSayWhatIsRead: every body of events/, and every body of every type with every field that
// there is and one of them replaced by something odd, or left out, is taken by its schema as it is taken
// when it is posted.
func TestSchemasSayWhatIsRead(t *testing.T) {
	read, taken, beyond := 0, 0, 0
	count := func(ok, no bool) {
		read++
		if ok {
			taken++
		}
		if no {
			beyond++
		}
	}
	for _, kind := range Types() {
		s := compiled(t, kind)
		count(agree(t, s, kind, "the example", body(kind, examples[kind])))
		source := "standard"
		if kind == loginWarned {
			source = loginName
		}
		data := whole(reflect.TypeOf(envelope{Type: kind}.wireFor(source)), nil)
		write := func() []byte {
			text, err := json.Marshal(map[string]any{"type": kind, "timestamp": "2026-11-23T09:00:00Z", "data": data})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		if ok, _ := agree(t, s, kind, "with everything", write()); !ok {
			t.Errorf("%s: a body with every field is not taken: %s", kind, write())
		}
		each(data, "data", func(object map[string]any, name, field string) {
			was := object[name]
			defer func() { object[name] = was }()
			delete(object, name)
			count(agree(t, s, kind, field+" absent", write()))
			for _, v := range oddities() {
				object[name] = v
				count(agree(t, s, kind, fmt.Sprintf("%s as %.40v", field, v), write()))
			}
			list, ok := was.([]any)
			if !ok {
				return
			}
			for _, v := range oddities() {
				object[name] = []any{v}
				count(agree(t, s, kind, fmt.Sprintf("%s of %.40v", field, v), write()))
			}
			for _, n := range []int{20, 21, 80, 100, 101, 200, 201} {
				object[name] = slices.Repeat(list, n)
				count(agree(t, s, kind, fmt.Sprintf("%s, %d times", field, n), write()))
			}
		})
		for _, wrong := range []string{`{}`, `[]`, `{"type":"` + kind + `"}`, `{"type":"` + kind + `","timestamp":null,"data":{}}`, `{"type":"` + kind + `","timestamp":"2026-11-23T09:00:00Z","data":[]}`, `{"type":"` + kind + `","timestamp":"now","data":` + examples[kind] + `}`, `{"type":"` + kind + `","timestamp":"2026-11-23 09:00Z","data":` + examples[kind] + `,"more":1}`} {
			count(agree(t, s, kind, wrong, []byte(wrong)))
		}
	}
	if read < 10000 || taken < read/20 || beyond > read/20 {
		t.Errorf("%d bodies, %d taken, %d beyond what a schema says: this test compares nothing", read, taken, beyond)
	}
	t.Logf("%d bodies, %d taken, %d refused for what no schema says", read, taken, beyond)

	files := 0
	err := fs.WalkDir(events.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || events.Sender(path) != "standard" && events.Sender(path) != "login" {
			return err
		}
		text, err := events.Files.ReadFile(path)
		if err != nil {
			return err
		}
		var e struct{ Type string }
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		files++
		if ok, _ := agree(t, compiled(t, e.Type), e.Type, path, text); !ok {
			t.Errorf("%s is not taken", path)
		}
		return nil
	})
	if err != nil || files < 40 {
		t.Errorf("%d files, %v", files, err)
	}
	if Schema("weather.changed") != nil {
		t.Error("a schema of what nobody may tell")
	}
}
