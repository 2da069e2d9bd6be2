package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	invoice := body("invoice.changed", examples["invoice.changed"])
	b, err := ReadFile(invoice, now)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := ReadFile(bytes.Clone(invoice), now)
	other, _ := ReadFile(body("invoice.changed", strings.Replace(examples["invoice.changed"], "12500", "12501", 1)), now)
	if b.ID == "" || b.ID != again.ID || b.ID == other.ID {
		t.Errorf("ids %s, %s, %s: want the hash of the body", b.ID, again.ID, other.ID)
	}
	b, err = ReadFile(bytes.Replace(invoice, []byte("{"), []byte(`{"id":"one",`), 1), now)
	if err != nil || b.Facts[0].ID != "standard/one" {
		t.Errorf("%+v, %v", b, err)
	}
	b, err = ReadFile(body(loginWarned, examples[loginWarned]), now)
	if err != nil || b.Facts[0].Source != "login" {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err = ReadFile([]byte("{"), now); err == nil {
		t.Error("a cut body is read")
	}
	if _, err = ReadFile(bytes.Replace(invoice, []byte("{"), []byte(`{"id":7,`), 1), now); err == nil {
		t.Error("an id that is no text is read")
	}
	// An id beside the type of a signed body is not its id: the header's is signed.
	b, err = read(standard, "msg_1", bytes.Replace(invoice, []byte("{"), []byte(`{"id":"one",`), 1))
	if err != nil || b.ID != "msg_1" {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestBodies(t *testing.T) {
	for _, c := range []struct {
		in    string
		want  string // line:body of each
		fault string
	}{
		{"{\"a\":1}\n", `1:{"a":1}`, ""},
		{"\n\n{\"a\":\n1}\n{\"b\":2}{\"c\":3}\n", "3:{\"a\":\n1} 5:{\"b\":2} 5:{\"c\":3}", ""},
		{"[\n {\"a\":1},\n\n {\"b\":2}\n]\n", `2:{"a":1} 4:{"b":2}`, ""},
		{"[]", ``, ""},
		{"", ``, "empty"},
		{"{\"a\":1}\n{\"b\"\n", `1:{"a":1}`, "line 3"},
		{"{\"a\":1}\n{\"b\" 2}\n", `1:{"a":1}`, "line 2, column 6"},
		{"[{\"a\":1}", `1:{"a":1}`, "line 1"},
		{"[{\"a\":1}]]", `1:{"a":1}`, "line 1, column 10"},
		{"{\"a\":1,\n\"a\":2}", ``, "twice"},
	} {
		var got []string
		var fault string
		for raw, err := range Bodies(strings.NewReader(c.in)) {
			if err != nil {
				fault = err.Error()
				break
			}
			if !json.Valid(raw.Body) {
				t.Errorf("%q: %q is no JSON", c.in, raw.Body)
			}
			got = append(got, fmt.Sprintf("%d:%s", raw.Line, raw.Body))
		}
		if strings.Join(got, " ") != c.want || (fault == "") != (c.fault == "") || !strings.Contains(fault, c.fault) {
			t.Errorf("%q: %q, fault %q; want %q, %q", c.in, got, fault, c.want, c.fault)
		}
	}
}

// In a signed body what stands beside the type is an unknown field.
func TestIDBesideTypeOfSignedBody(t *testing.T) {
	b, err := read(standard, "msg_1", bytes.Replace(body("installation.reported", examples["installation.reported"]), []byte("{"), []byte(`{"id":7,`), 1))
	if err != nil || b.ID != "msg_1" {
		t.Errorf("%+v, %v", b, err)
	}
}
