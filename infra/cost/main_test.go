package main

import (
	"bytes"
	"strings"
	"testing"
)

// What is asked for is found before anything is measured: help and a mistake measure nothing.
func TestArguments(t *testing.T) {
	for args, want := range map[string]struct {
		does bool
		code int
		says string
	}{
		"":                  {does: true},
		"-run":              {does: true},
		"-against HEAD~1":   {does: true},
		"-goals":            {does: true},
		"-goals -counted":   {does: true},
		"-goals a press on": {does: true},
		"-h":                {says: "go run ./infra/cost > infra/decisions/cost.md"},
		"--help":            {says: "-against COMMIT"},
		"-version":          {says: "seatmend "},
		"-growht":           {code: 2, says: "-growht"},
		"-against":          {code: 2, says: "-against"},
		"goals":             {code: 2, says: "belong to -goals"},
		"-counted":          {code: 2, says: "belong to -goals"},
		"-run -warm":        {code: 2, says: "one measure at a time"},
	} {
		var said bytes.Buffer
		do, code := wanted(strings.Fields(args), &said, &said)
		if (do != nil) != want.does || code != want.code || !strings.Contains(said.String(), want.says) || want.does && said.Len() > 0 {
			t.Errorf("%q: does something %v, ends with %d, says %q", args, do != nil, code, &said)
		}
	}
}
