#!/usr/bin/env bash
# golang.org/x/text/language: an application that speaks "no" answers a Norwegian in Danish.
#
# One would guess: "no" (Norwegian) is the natural name of the language in a list {en, da, no}, and a browser that asks for
# nb-NO, as those in Norway do, gets it. And a number printed for "no" looks as one printed for "nb".
#
# Seen on 2026-11-29 with v0.43.0: nb and nb-NO are matched to Danish, with confidence High; only "no" and nn find "no". With
# "nb" in the list instead, all four find it. The printer has no numbers for "no" and writes 1,234.5 as in English; for "nb"
# it writes 1 234,5 with a hard blank.
#
# Why it matters here: mails and pages are chosen by the reader's language, and most readers of this product are Nordic.
# A list of languages must name Norwegian "nb".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'END'
package main

import (
	"fmt"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

func main() {
	for _, norwegian := range []string{"no", "nb"} {
		spoken := []string{"en", "da", norwegian}
		var tags []language.Tag
		for _, s := range spoken {
			tags = append(tags, language.MustParse(s))
		}
		matcher := language.NewMatcher(tags)
		for _, asked := range []string{"no", "nb", "nb-NO", "nn-NO"} {
			_, index, confidence := matcher.Match(language.MustParse(asked))
			fmt.Printf("%v: %s gets %s (%v)\n", spoken, asked, spoken[index], confidence)
		}
		fmt.Printf("%s writes %q\n", norwegian, message.NewPrinter(tags[2]).Sprintf("%.1f", 1234.5))
	}
}
END
cat >recorded <<'END'
[en da no]: no gets no (Exact)
[en da no]: nb gets da (High)
[en da no]: nb-NO gets da (High)
[en da no]: nn-NO gets no (High)
no writes "1,234.5"
[en da nb]: no gets nb (Exact)
[en da nb]: nb gets nb (Exact)
[en da nb]: nb-NO gets nb (Exact)
[en da nb]: nn-NO gets nb (High)
nb writes "1\u00a0234,5"
END
go mod init finding
go get golang.org/x/text/language@v0.43.0 golang.org/x/text/message@v0.43.0
go list -m golang.org/x/text
go run . | tee seen
diff -u recorded seen # fails when the behaviour is another
