package shared

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// level1 are the requirements of ASVS 5.0 that are of level 1, below their chapter and section.
const level1 = `1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2 6.1.1 6.2.1-8 6.3.1-2 6.4.1-2
	7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1 12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1`

// TestASVS: SECURITY.md answers each requirement of level 1, and each test that it names exists.
func TestASVS(t *testing.T) {
	b, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	answers, n := map[string]bool{}, 0
	for _, id := range regexp.MustCompile(`V\d+\.\d+\.\d+`).FindAllString(string(b), -1) {
		answers[id] = true
	}
	for _, span := range strings.Fields(level1) {
		below, last, _ := strings.Cut(span, "-")
		section, first := below[:strings.LastIndex(below, ".")+1], below[strings.LastIndex(below, ".")+1:]
		for d := first[0]; d <= max(first[0], (last + "0")[0]); d++ {
			if n++; !answers["V"+section+string(d)] {
				t.Errorf("V%s%c is of level 1, and nothing is said of it", section, d)
			}
		}
	}
	if n != 70 {
		t.Errorf("%d requirements are of level 1, want 70", n)
	}
	tests := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.functions() {
			tests[d] = s.test || tests[d]
		}
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(b), -1)
	for _, m := range named {
		if !tests[m[1]] {
			t.Errorf("%s is named, and is no test", m[1])
		}
	}
	if len(named) < 100 {
		t.Errorf("%d tests are named only", len(named))
	}
}
