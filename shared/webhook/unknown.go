package webhook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Unknown names the fields of a body of the standard or the login sender that nobody reads, each with the field that
// may be meant: "data.plans[0].new_totl (new_total?)". Such fields are ignored when they are posted, so a mistyped one is
// not known to be mistyped. Nil for a body or a type that is not ours.
func Unknown(body []byte) []string {
	var told map[string]any
	if json.Unmarshal(body, &told) != nil {
		return nil
	}
	kind, _ := told["type"].(string)
	shape := typed(kind)
	if shape == nil {
		return nil
	}
	return unknown("", told, shape)
}

var shapes sync.Map // of each type of ours, made once and never changed

func typed(kind string) Shape {
	if made, ok := shapes.Load(kind); ok {
		return made.(Shape)
	}
	shape := Schema(kind)
	if shape != nil {
		shape["properties"].(Shape)["id"] = Shape{} // files say it in the body
		shapes.Store(kind, shape)
	}
	return shape
}

func unknown(path string, value any, shape Shape) (found []string) {
	switch v := value.(type) {
	case map[string]any:
		fields, ok := shape["properties"].(Shape)
		if !ok {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if of, known := fields[name].(Shape); known {
				found = append(found, unknown(path+name+".", v[name], of)...)
				continue
			}
			said := path + name
			if near := Nearest(name, slices.Sorted(maps.Keys(fields))); near != "" {
				said += " (" + near + "?)"
			}
			found = append(found, said)
		}
	case []any:
		of, _ := shape["items"].(Shape)
		for i, one := range v {
			found = append(found, unknown(fmt.Sprintf("%s[%d].", strings.TrimSuffix(path, "."), i), one, of)...)
		}
	}
	return found
}

// Nearest is the word that differs from what was written by at most two letters; "": none does, or it is too short to say.
func Nearest(written string, words []string) string {
	best, least := "", min(3, len(written)/2)
	for _, w := range words {
		if n := distance(written, w); n < least {
			best, least = w, n
		}
	}
	return best
}

// distance is how many letters must be changed, added or left out to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
