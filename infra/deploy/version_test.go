package main

import (
	"strings"
	"testing"

	"seatmend/shared/version"
)

func TestVersion(t *testing.T) {
	if code, said := command(t, "-version"); code != 0 || !strings.HasPrefix(said, "seatmend "+version.Number+" ") || strings.Count(said, "\n") != 1 {
		t.Errorf("ended with %d, said %q", code, said)
	}
}

// Help is no mistake, and a flag that there is not is one.
func TestHelp(t *testing.T) {
	for args, want := range map[string]int{"-h": 0, "--help": 0, "verify -h": 0, "": 2, "-fast": 2, "verify -fast": 2} {
		code, said := command(t, strings.Fields(args)...)
		if code != want || !strings.Contains(strings.ToLower(said), "usage") {
			t.Errorf("%q: ended with %d, said %q", args, code, said)
		}
	}
}
