package licence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// version is that of the stored form of parts and history. This program reads every earlier
// version, and each later one that says that it may: what it does not know of that one it keeps.
// A fixture of every earlier version must load.
const version = 1

// An envelope is a part or a history as it is stored.
type envelope struct {
	V     int             `json:"v"`
	Least int             `json:"least,omitempty"` // the least version that may read it; absent: V
	Body  json.RawMessage `json:"body"`
}

// A later is what a program of a later version stored: its version, the body as it was, and what
// this program made of that body.
type later struct {
	v           int
	body, known any
}

// JSON is v as it is stored: as encoding/json writes it, but with <, > and & as they are, which
// would take six bytes each.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// seal is the stored form of v. What a later version said of it beside, was, goes in again.
func seal(v any, was *later) ([]byte, error) {
	body, err := JSON(v)
	if err != nil || was == nil {
		return sealed(version, 0, body, err)
	}
	ours, err := tree(body)
	if err != nil {
		return nil, err
	}
	body, err = JSON(keep(was.body, was.known, ours))
	return sealed(was.v, version, body, err)
}

func sealed(v, least int, body []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if v == version && least == 0 {
		return append(append(sealOf, body...), '}'), nil // as below, but the body is not read again
	}
	return JSON(envelope{v, least, body})
}

// sealOf is how each envelope of this version begins. Nothing is ever appended in its place.
var sealOf = slices.Clip(fmt.Appendf(nil, `{"v":%d,"body":`, version))

// open reads what seal wrote, here or in a program of another version.
func open(b []byte, v any) (*later, error) {
	if body, ok := bytes.CutPrefix(b, sealOf); ok && bytes.HasSuffix(body, []byte("}")) {
		return nil, json.Unmarshal(body[:len(body)-1], v)
	}
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, err
	}
	if e.V > version && (e.Least == 0 || e.Least > version) {
		return nil, fmt.Errorf("stored with version %d, this program knows %d", e.V, version)
	}
	if err := json.Unmarshal(e.Body, v); err != nil || e.V <= version {
		return nil, err
	}
	known, err := JSON(v)
	if err != nil {
		return nil, err
	}
	l := &later{v: e.V}
	if l.body, err = tree(e.Body); err == nil {
		l.known, err = tree(known)
	}
	return l, err
}

// tree is JSON as maps, lists and values, with every number as it was written.
func tree(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// keep gives ours, with the members that stood in was and that known, which is was as this program
// understands it, does not have. They stay as long as the object that they stand in: not in what
// is gone, not in a register whose value was replaced, not in an entry of a list that is another.
func keep(was, known, ours any) any {
	switch o := ours.(type) {
	case map[string]any:
		w, isObject := was.(map[string]any)
		k, _ := known.(map[string]any)
		if !isObject {
			return ours
		}
		replaced := !reflect.DeepEqual(k["id"], o["id"]) || !reflect.DeepEqual(k["at"], o["at"])
		for name, value := range w {
			mine, have := o[name]
			before, understood := k[name]
			switch {
			case have && name == "v" && replaced && !reflect.DeepEqual(before, mine): // a register, told otherwise
			case have && understood:
				o[name] = keep(value, before, mine)
			case !have && !understood:
				o[name] = value
			}
		}
	case []any:
		w, _ := was.([]any)
		k, _ := known.([]any)
		taken := map[int]bool{}
		for i := range o {
			for j := range min(len(w), len(k)) {
				if !taken[j] && reflect.DeepEqual(k[j], o[i]) {
					o[i], taken[j] = keep(w[j], k[j], o[i]), true
					break
				}
			}
		}
	}
	return ours
}
