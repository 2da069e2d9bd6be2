package webhook

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The tags of wire structs mean what they mean to go-playground/validator, to which a test compares
// them. That module is linked by no function: its tables take longer to fill than all that is ours.

// A rule is one tag of a field.
type rule struct {
	tag, param string
	number     int64    // of gte, lte and max
	words      []string // of oneof
}

// A ruled field is one that something is to hold of, or of what lies in it.
type ruledField struct {
	index int
	name  string
	rules []rule
}

var ruledFields sync.Map // reflect.Type -> []ruledField

func ruled(t reflect.Type) []ruledField {
	if known, ok := ruledFields.Load(t); ok {
		return known.([]ruledField)
	}
	var list []ruledField
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		rules := rulesOf(f.Tag.Get("validate"))
		if len(rules) > 0 || nested(inner) && len(ruled(inner)) > 0 {
			list = append(list, ruledField{i, name, rules})
		}
	}
	ruledFields.Store(t, list)
	return list
}

func rulesOf(tags string) (rules []rule) {
	for tag := range strings.SplitSeq(tags, ",") {
		if tag == "" {
			continue
		}
		name, param, _ := strings.Cut(tag, "=")
		r := rule{tag: name, param: param, words: strings.Fields(param)}
		r.number, _ = strconv.ParseInt(param, 10, 64)
		rules = append(rules, r)
	}
	return rules
}

var timeOf = reflect.TypeFor[time.Time]()

func nested(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != timeOf }

// check says what is wrong with the shape of a wire struct.
func (f *form) check(v any) { f.inside(f.root, reflect.ValueOf(v).Elem()) }

func (f *form) inside(at string, v reflect.Value) {
	for _, r := range ruled(v.Type()) {
		name := r.name
		if at != "" {
			name = at + "." + name
		}
		f.judge(name, v, v.Field(r.index), r.rules)
	}
}

// judge says what is wrong with one field: the first rule that does not hold, else what is wrong inside.
func (f *form) judge(at string, parent, v reflect.Value, rules []rule) {
	told := false // behind a pointer nothing is as good as something
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v, told = v.Elem(), true
	}
	there := present(v) || told && v.Kind() != reflect.Pointer && v.Kind() != reflect.Slice
	for i, r := range rules {
		holds := true
		switch r.tag {
		case "omitempty":
			if !there {
				return
			}
		case "required":
			holds = there
		case "required_with":
			holds = there || !present(parent.FieldByName(r.param))
		case "required_without":
			holds = there || present(parent.FieldByName(r.param))
		case "dive":
			for n := range v.Len() {
				f.judge(at+"["+strconv.Itoa(n)+"]", parent, v.Index(n), rules[i+1:])
			}
			return
		default:
			holds = v.Kind() != reflect.Pointer && r.holds(v)
		}
		if !holds {
			f.say(at, strings.Replace(checks[r.tag].problem, "$", strings.ReplaceAll(r.param, " ", ", "), 1))
			return
		}
	}
	if nested(v.Type()) {
		f.inside(at, v)
	}
}

// holds tells whether a rule holds of a value for itself.
func (r rule) holds(v reflect.Value) bool {
	switch r.tag {
	case "max":
		return int64(v.Len()) <= r.number
	case "gte":
		return v.Int() >= r.number
	case "lte":
		return v.Int() <= r.number
	case "oneof":
		return slices.Contains(r.words, v.String())
	}
	return checks[r.tag].ok(v.String())
}

// present tells whether a field was told, as far as its value shows it.
func present(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Pointer:
		return !v.IsNil()
	}
	return !v.IsZero()
}
