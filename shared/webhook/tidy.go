package webhook

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"seatmend/shared/licence"
)

// tidied are the tags of fields whose text a person wrote or pasted: it is cleaned before its shape
// is judged, so that one odd name refuses no list of thousands. Of an address the blanks at its
// ends do not count either. Ids are compared byte for byte, and stay as they are.
var tidied = map[string]func(string) string{
	"line": licence.Line, "note": licence.Line,
	"lang":   language,
	"mail":   func(s string) string { return strings.TrimSpace(licence.Line(s)) },
	"nomail": func(s string) string { return strings.TrimSpace(licence.Line(s)) },
}

// language is a locale as BCP 47 writes it: programs take theirs from the system, which has
// sv_SE.UTF-8 or sr_RS@latin. What is no such name stays as it is, and is refused.
func language(s string) string {
	if !strings.ContainsAny(s, "_.@") || !posix(s) {
		return s
	}
	s, _, _ = strings.Cut(s, "@")
	s, _, _ = strings.Cut(s, ".")
	return strings.ReplaceAll(s, "_", "-")
}

var posix = matching(localePattern)

// localePattern is what a locale may be: of BCP 47, or the name of one on a system.
const localePattern = `^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*(\.[A-Za-z0-9-]+)?(@[A-Za-z0-9]+)?$`

// tidy cleans the texts of a wire struct, and of all that it holds.
func tidy(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		tidy(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			tidy(v.Index(i))
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			if field := v.Field(f.index); f.clean == nil {
				tidy(field)
			} else {
				for field.Kind() == reflect.Pointer && !field.IsNil() {
					field = field.Elem()
				}
				if field.Kind() == reflect.String {
					field.SetString(f.clean(field.String()))
				}
			}
		}
	}
}

// A tidyField is a field of a wire struct that has something to clean; clean is nil where that
// lies further in.
type tidyField struct {
	index int
	clean func(string) string
}

var tidyFields sync.Map // reflect.Type -> []tidyField

func fieldsOf(t reflect.Type) []tidyField {
	if known, ok := tidyFields.Load(t); ok {
		return known.([]tidyField)
	}
	var list []tidyField
	for i := range t.NumField() {
		f := t.Field(i)
		tags := strings.Split(f.Tag.Get("validate"), ",")
		if n := slices.IndexFunc(tags, func(tag string) bool { return tidied[tag] != nil }); n >= 0 {
			list = append(list, tidyField{i, tidied[tags[n]]})
			continue
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner.PkgPath() == t.PkgPath() && len(fieldsOf(inner)) > 0 {
			list = append(list, tidyField{i, nil})
		}
	}
	tidyFields.Store(t, list)
	return list
}
