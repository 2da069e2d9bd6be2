package template

import (
	"encoding/json"
	"fmt"
)

// matches reads an event pattern as Lambda does, as far as ours goes: objects, with lists of strings at the leaves.
func matches(pattern, record string) (bool, error) {
	var p, r map[string]any
	if err := json.Unmarshal([]byte(pattern), &p); err != nil {
		return false, err
	}
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		return false, err
	}
	return match(p, r)
}

// match is false, without an error, where the pattern is sound and the record another.
func match(pattern, record map[string]any) (bool, error) {
	if len(pattern) == 0 {
		return false, fmt.Errorf("nothing to match")
	}
	all := true
	for name, want := range pattern {
		switch want := want.(type) {
		case map[string]any:
			inner, _ := record[name].(map[string]any)
			ok, err := match(want, inner)
			if err != nil {
				return false, fmt.Errorf("%s: %w", name, err)
			}
			all = all && ok
		case []any:
			if len(want) == 0 {
				return false, fmt.Errorf("%s: an empty list matches nothing", name)
			}
			one := false
			for _, w := range want {
				if _, ok := w.(string); !ok {
					return false, fmt.Errorf("%s: %v is no string", name, w)
				}
				one = one || w == record[name]
			}
			all = all && one
		default:
			return false, fmt.Errorf("%s: a leaf must be a list", name)
		}
	}
	return all, nil
}
