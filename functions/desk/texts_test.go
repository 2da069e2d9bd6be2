package desk

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// verb is where a text of the desk has a value, which it may name by its number.
var verb = regexp.MustCompile(`%(?:\[(\d)\])?([a-z])`)

// TestEveryTextHasAGolden: each text of the desk in each language stands in a file as it is read, on one line, its
// values by their numbers. So no sentence changes unseen.
func TestEveryTextHasAGolden(t *testing.T) {
	for _, l := range words.Languages {
		texts := tongues[tongue(l.Tag)]
		if len(texts) < 500 {
			t.Fatalf("%s: %d texts", l.Tag, len(texts))
		}
		var out strings.Builder
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			read := fmt.Sprintf(texts[key], samples(texts[key])...)
			if strings.Contains(read, "%!") {
				t.Errorf("%s %s: %q", l.Tag, key, read)
			}
			fmt.Fprintf(&out, "%s: %s\n", key, strings.ReplaceAll(read, "\n", `\n`))
		}
		wordstest.Golden(t, "texts."+l.Tag+".txt", out.String())
	}
}

// samples are values for all places of a text: the second is 2 or V2.
func samples(text string) []any {
	var all []any
	for i, m := range verb.FindAllStringSubmatch(text, -1) {
		n := i + 1
		if m[1] != "" {
			n, _ = strconv.Atoi(m[1])
		}
		for len(all) < n {
			all = append(all, "")
		}
		all[n-1] = fmt.Sprintf("V%d", n)
		if m[2] == "d" {
			all[n-1] = n
		}
	}
	return all
}
