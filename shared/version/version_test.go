package version_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"seatmend/shared/version"
)

func TestChangelogBeginsWithThisVersion(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## ([0-9.]+)`).FindSubmatch(text)
	if newest == nil || string(newest[1]) != version.Number {
		t.Errorf("CHANGELOG.md begins with %q, and this is %s", newest, version.Number)
	}
	if !strings.HasPrefix(version.String(), "seatmend "+version.Number) {
		t.Error(version.String())
	}
}
