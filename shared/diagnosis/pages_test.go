package diagnosis

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each rule has its page beside its code, and what a comment cites of the rules is there.
func TestRulesHaveTheirPages(t *testing.T) {
	var all strings.Builder
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) < 15 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		if _, err := os.Stat(strings.TrimSuffix(page, ".md") + ".go"); err != nil {
			t.Errorf("%s stands beside no code: %v", page, err)
		}
	}
	for _, rule := range Rules {
		if !regexp.MustCompile(`(?m)^# 3\.\d+ ` + "`" + string(rule.Code) + "`").MatchString(all.String()) {
			t.Errorf("%s has no page", rule.Code)
		}
	}
	cites := regexp.MustCompile(`(?m)//.*?\b([QFN]\d{1,2}|[1-6]\.[1-9]\d?)\b`)
	sources, err := filepath.Glob("../*/*.go")
	if err != nil || len(sources) < 100 {
		t.Fatalf("%d sources: %v", len(sources), err)
	}
	n := 0
	for _, file := range sources {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range cites.FindAllStringSubmatch(string(text), -1) {
			if n++; !regexp.MustCompile(`(^|[^\d.])` + regexp.QuoteMeta(m[1]) + `([^\d]|$)`).MatchString(all.String()) {
				t.Errorf("%s cites %s, which no page has: %s", file, m[1], strings.TrimSpace(m[0]))
			}
		}
	}
	if n < 10 {
		t.Errorf("%d citations: this test looks at the wrong place", n)
	}
}
