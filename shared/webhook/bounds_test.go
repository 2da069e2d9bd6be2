package webhook

import (
	"reflect"
	"strings"
	"testing"
)

// TestEveryListHasABound holds that no list of a body is without one, but the list of seats, which
// is bounded by the size of its body.
func TestEveryListHasABound(t *testing.T) {
	n := 0
	for kind, empty := range types {
		seen := map[reflect.Type]bool{}
		var look func(reflect.Type, string)
		look = func(typ reflect.Type, path string) {
			for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
				typ = typ.Elem()
			}
			if typ.Kind() != reflect.Struct || typ.PkgPath() != reflect.TypeFor[seatsListed]().PkgPath() || seen[typ] {
				return
			}
			seen[typ] = true
			for i := range typ.NumField() {
				f := typ.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				inner := f.Type
				for inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				if inner.Kind() == reflect.Slice {
					n++
					if !strings.Contains(f.Tag.Get("validate"), "max=") && kind != "seats.listed" {
						t.Errorf("%s: %s%s has no bound", kind, path, name)
					}
				}
				look(f.Type, path+name+".")
			}
		}
		look(reflect.TypeOf(empty()), "")
	}
	if n < 15 {
		t.Errorf("%d lists were looked at", n)
	}
}
