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
