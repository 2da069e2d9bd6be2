package words

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"seatmend/shared/words/wordstest"
)

// TestEveryTextHasAGolden: each text of each language stands in a file as it is read, on one line, with something
// in each of its places; one that counts stands there of one and of two. So no sentence changes unseen.
func TestEveryTextHasAGolden(t *testing.T) {
	longest := ""
	most := 0
	for _, l := range Languages {
		texts := maps.Clone(l.Text)
		for id, steps := range l.Steps {
			for i, step := range steps {
				texts[fmt.Sprintf("steps.%s.%d", id, i+1)] = step
			}
		}
		if len(texts) < 1000 {
			t.Fatalf("%s: %d texts", l.Tag, len(texts))
		}
		v := l.Voice(wordstest.Zone(t), wordstest.Now)
		var out strings.Builder
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			before := ""
			for _, n := range []int{2, 1} {
				a := Args{}
				for _, m := range placeIn.FindAllStringSubmatch(texts[key], -1) {
					a[m[1]] = sample(texts[key], m[1], n)
				}
				read, whole := v.fill(texts[key], a)
				if !whole {
					t.Errorf("%s %s has a place that nothing fills: %q", l.Tag, key, read)
				}
				if read != before {
					fmt.Fprintf(&out, "%s: %s\n", key, strings.ReplaceAll(read, "\n", `\n`))
				}
				before = read
			}
		}
		wordstest.Golden(t, "texts."+l.Tag+".txt", out.String())
		if n := utf8.RuneCountInString(out.String()); n > most {
			longest, most = l.Tag, n
		}
	}
	if longest != "de" {
		t.Errorf("%s is the longest language: infra/browser/walk.mjs looks at German on a phone", longest)
	}
}
