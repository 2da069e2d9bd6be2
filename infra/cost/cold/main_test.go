package main

import (
	"bytes"
	"strings"
	"testing"
)

// Help and a mistake start no function.
func TestArguments(t *testing.T) {
	for args, want := range map[string]struct {
		functions, code int
		says            string
	}{
		"":               {functions: 10},
		"billing remedy": {functions: 2},
		"-h":             {says: "go run ./infra/cost/cold billing remedy"},
		"-version":       {says: "seatmend "},
		"-fast":          {code: 2, says: "-fast"},
		"biling":         {code: 2, says: "billing, userchange"},
	} {
		var said bytes.Buffer
		names, code := asked(strings.Fields(args), &said, &said)
		if len(names) != want.functions || code != want.code || !strings.Contains(said.String(), want.says) {
			t.Errorf("%q: %v, ends with %d, says %q", args, names, code, &said)
		}
	}
}
