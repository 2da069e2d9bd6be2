package wordstest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Asked are the keys that the package under test writes down whole, in its code and templates.
func Asked(t *testing.T) []string {
	t.Helper()
	var keys []string
	for path, pattern := range map[string]string{
		"*.go":   `(?:[^(]|[^T]\()"((?:head|mail|page|message|doctor|solved|button|subject|not-known|yes|no|told|this-plan|blocked)(?:\.[a-z.-]+[a-z])?)"`,
		"*.html": `T "([a-z.-]+)"`,
		"?*.go":  `T\("([a-z.-]+)"\)`,
	} {
		found, err := filepath.Glob(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if strings.HasSuffix(f, "_test.go") || len(f) == len("en.go") /* a language */ {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(b), -1) {
				key := m[1]
				if path != "*.go" {
					key = "page." + key
				}
				if key != "page" && key != "help" && key != "mail" && key != "solved" && !strings.HasSuffix(key, ".html") && key != "subject" && key != "message" && !strings.HasSuffix(key, ".txt") {
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}
