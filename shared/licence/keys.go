package licence

import "sort"

// SortedKeys are a map's keys in the order of their bytes, so that what is made of them is the same each time.
func SortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
