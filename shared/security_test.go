package shared

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// level1 are the requirements of ASVS 5.0 that are of level 1, below their chapter and section.
const level1 = `1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2 6.1.1 6.2.1-8 6.3.1-2 6.4.1-2
	7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1 12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1`

// level2 are those of level 2 about who somebody is, sessions, tokens and mail.
const level2 = `1.3.11 6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2 9.2.2-4
	10.1.1-2 10.2.1-2 10.3.1-4 10.4.6-11 10.5.1-5 10.6.1-2 10.7.1-3`

// TestASVS: SECURITY.md answers each requirement of those, and each test that it names exists.
func TestASVS(t *testing.T) {
	b, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	answers, n := map[string]bool{}, 0
	for _, id := range regexp.MustCompile(`V\d+\.\d+\.\d+`).FindAllString(string(b), -1) {
		answers[id] = true
	}
	for _, span := range strings.Fields(level1 + " " + level2) {
		below, to, _ := strings.Cut(span, "-")
		section := below[:strings.LastIndex(below, ".")+1]
		first, err := strconv.Atoi(below[len(section):])
		last, _ := strconv.Atoi(to)
		for d := first; d <= max(first, last); d++ {
			if n++; !answers[fmt.Sprint("V", section, d)] || err != nil {
				t.Errorf("nothing is said of V%s%d: %v", section, d, err)
			}
		}
	}
	if n != 70+62 {
		t.Errorf("%d requirements, want 70 of level 1 and 62 of level 2", n)
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
