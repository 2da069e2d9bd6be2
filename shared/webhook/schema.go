package webhook

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"seatmend/shared/licence"
)

// A Shape is a JSON Schema, of draft 2020-12, or a part of one.
type Shape map[string]any

// Types are the types of which a Schema tells, sorted: all that the standard and the login sender may say.
func Types() []string {
	return slices.Sorted(maps.Keys(maps.Collect(func(yield func(string, bool) bool) {
		for kind := range types {
			if !yield(kind, true) {
				return
			}
		}
		yield(loginWarned, true)
	})))
}

// Schema says which bodies of a type are taken: it is made of the very structs and tags that read them.
// Nil: no such type. What no schema can say is taken by it and refused when it is posted: a time ahead of
// our clock, a day that is in no calendar, a time zone that is none, what stands twice in a list, more
// names than 80, texts that are too long in bytes and not in characters, and a number written as 9.0.
func Schema(kind string) Shape {
	source := standard.Name
	if kind == loginWarned {
		source = loginName
	}
	data := envelope{Type: kind}.wireFor(source)
	if data == nil {
		return nil
	}
	return Shape{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "urn:seatmend:webhook:" + kind,
		"title":       kind,
		"description": "A webhook body of the " + source + " sender. Fields that are not named here are ignored.",
		"type":        "object",
		"required":    []string{"type", "timestamp", "data"},
		"properties": Shape{
			"type":      Shape{"const": kind},
			"timestamp": shapeOf(timeType, nil),
			"data":      object(reflect.TypeOf(data).Elem()),
		},
	}
}

// A shaped wire struct says itself what its tags do not.
type shaped interface{ shape(Shape) }

func object(t reflect.Type) Shape {
	fields, required := Shape{}, []string{}
	out := Shape{"type": "object", "properties": fields}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		rules := rulesOf(f.Tag.Get("validate"))
		fields[name] = shapeOf(f.Type, rules)
		if slices.ContainsFunc(rules, func(r rule) bool { return r.tag == "required" }) {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if own, ok := reflect.New(t).Interface().(shaped); ok {
		own.shape(out)
	}
	return out
}

// shapeOf is that of a field: what form.value reads into its type, and form.judge lets through.
func shapeOf(t reflect.Type, rules []rule) Shape {
	pointers := 0
	for t.Kind() == reflect.Pointer {
		t, pointers = t.Elem(), pointers+1
	}
	var out Shape
	switch {
	case t == dateType:
		out = orNull(Shape{"type": "string", "pattern": datePattern, "description": notDate})
	case t == instantType:
		out = orNull(Shape{"type": "string", "pattern": licence.InstantPattern, "description": notInstant + ", or null where it is not known"})
	case t == timeType:
		out = Shape{"type": "string", "pattern": licence.InstantPattern, "description": notInstant}
	case t.Kind() == reflect.Struct:
		out = object(t)
	case t.Kind() == reflect.Slice:
		out = listShape(t, rules)
	case t.Kind() == reflect.Bool:
		out = Shape{"type": "boolean"}
	case t.Kind() == reflect.Int:
		out = numberShape(rules)
	default:
		out = textShape(rules, pointers)
	}
	if pointers == 2 {
		out = orNull(out)
	}
	return out
}

var datePattern = `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$|` + licence.InstantPattern

func orNull(s Shape) Shape {
	if one, ok := s["type"].(string); ok && s["enum"] == nil && s["const"] == nil && s["anyOf"] == nil {
		s = maps.Clone(s)
		s["type"] = []string{one, "null"}
		return s
	}
	return Shape{"anyOf": []Shape{s, {"type": "null"}}}
}

func listShape(t reflect.Type, rules []rule) Shape {
	out := Shape{"type": "array"}
	for i, r := range rules {
		switch r.tag {
		case "max":
			out["maxItems"] = r.number
		case "dive":
			out["items"] = shapeOf(t.Elem(), rules[i+1:])
			return out
		}
	}
	out["items"] = shapeOf(t.Elem(), nil)
	return out
}

func numberShape(rules []rule) Shape {
	out := Shape{"type": "integer", "minimum": int64(math.MinInt64), "maximum": int64(math.MaxInt64)}
	for _, r := range rules {
		switch r.tag {
		case "gte":
			out["minimum"] = r.number
		case "lte":
			out["maximum"] = r.number
		}
	}
	return out
}

// textShape is that of a text before it is cleaned. An empty one is as good as none where it is optional, unless a
// pointer tells the two apart.
func textShape(rules []rule, pointers int) Shape {
	all, empty := []Shape{}, false
	least := 0
	for _, r := range rules {
		switch s, known := patterns[r.tag]; {
		case r.tag == "omitempty":
			empty = pointers == 0
		case r.tag == "required" && pointers == 0:
			least = 1
		case r.tag == "oneof":
			all = append(all, Shape{"enum": r.words})
		case known:
			all = append(all, s())
		}
	}
	out := Shape{"type": "string"}
	if least > 0 {
		out["minLength"], out["pattern"] = 1, seen // of blanks alone nothing is left
	}
	for _, s := range all {
		if slices.ContainsFunc(slices.Collect(maps.Keys(s)), func(k string) bool { return k != "minLength" && out[k] != nil && out[k] != seen }) {
			also, _ := out["allOf"].([]Shape)
			out["allOf"] = append(also, s)
			continue
		}
		maps.Copy(out, s)
	}
	if empty {
		return Shape{"anyOf": []Shape{{"const": ""}, out}}
	}
	return out
}

// seen is a pattern of what has something to see. Engines differ in whether \s has the no-break space, and
// none has all that shows nothing: such a text is refused when it is posted.
const seen = "[^\\s\u00a0\u200b\u00ad]"

// printed is a pattern of what can be printed, as unicode.IsPrint has it.
const printed = `^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$`

// patterns are the checks as far as a schema can say them, before a text is cleaned.
var patterns = map[string]func() Shape{
	"id": func() Shape {
		return Shape{"minLength": 1, "maxLength": 256, "pattern": printed, "description": "1 to 256 bytes"}
	},
	"shortid": func() Shape {
		return Shape{"minLength": 1, "maxLength": 128, "pattern": printed, "description": "1 to 128 bytes"}
	},
	"line":    func() Shape { return Shape{"maxLength": 1000, "description": "one line of at most 1000 bytes"} },
	"note":    func() Shape { return Shape{} },
	"account": func() Shape { return Shape{"not": Shape{"const": "fleet"}} },
	"path":    func() Shape { return Shape{"not": Shape{"enum": []string{".", "..", "/"}}} },
	"biller":  func() Shape { return Shape{"not": Shape{"enum": licence.OurSenders()}} },
	"mail":    func() Shape { return Shape{"maxLength": 254, "pattern": mailPattern} },
	"nomail":  func() Shape { return Shape{"maxLength": 254, "pattern": "^[\\s\u00a0\u200b\u00ad]*$|" + mailPattern} },
	"country": func() Shape { return Shape{"enum": append(strings.Fields(countries), britain...)} },
	"iso4217": func() Shape { return Shape{"enum": strings.Fields(currencies)} },
	"web": func() Shape {
		return Shape{"maxLength": 2000, "pattern": `^$|^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+[^\s]*$`}
	},
	"zone": func() Shape {
		return Shape{"minLength": 1, "description": "a time zone of IANA's list, such as Europe/Stockholm"}
	},
	"lang": func() Shape {
		return Shape{"pattern": localePattern, "description": "a language, such as sv, sv-SE or sv_SE.UTF-8"}
	},
	"money": func() Shape {
		return Shape{"pattern": moneyPattern, "description": `an amount as text, such as "12500.00"`}
	},
}

const mailPattern = `^\s*[^\s@<>()\[\],;:\\"]+@[^\s@<>()\[\],;:\\".]+(\.[^\s@<>()\[\],;:\\".]+)+\s*$`

// What wire structs say beyond their tags.

func (*plan) shape(s Shape) {
	s["anyOf"] = []Shape{{"required": []string{"modules"}}, {"required": []string{"module"}, "properties": Shape{"module": Shape{"minLength": 1}}}}
}

func (*sourceChecked) shape(s Shape) {
	s["if"] = Shape{"properties": Shape{"source": Shape{"const": "billing"}}}
	s["else"] = Shape{"required": []string{"cust_id"}, "properties": Shape{"cust_id": Shape{"type": "string", "minLength": 1}}}
}

func (*loginWarning) shape(s Shape) {
	s["required"] = append(s["required"].([]string), "days_left") // null: not known
}
