#!/usr/bin/env bash
# golang.org/x/text: the tag that a Matcher returns is not one of those that were offered, and prints by another country's rules.
#
# One would guess: who offers en and sv and is asked for en-SE (an English browser in Sweden) gets back en, and what is printed
# with that tag looks like the English text around it.
#
# Seen on 2026-11-29 with v0.43.0: the tag is en-u-rg-sezzzz ("English, rules of the region Sweden"). It is equal to none of
# those offered, so a map of texts by tag has nothing for it, and message.NewPrinter writes 1 234 567,5 with hard blanks and a
# comma; for en-DK 1.234.567,5; but for en-NO, whose tag is of the same kind, 1,234,567.5 as in English. The index that Match
# returns beside the tag is right each time.
#
# Why it matters here: sums and counts of seats stand in sentences, and the two must be of one language. Use the index, never
# the tag.
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
	offered := []language.Tag{language.English, language.Swedish}
	texts := map[language.Tag]string{language.English: "English text", language.Swedish: "svensk text"}
	matcher := language.NewMatcher(offered)
	for _, asked := range []string{"en", "en-SE", "en-NO", "en-DK"} {
		tag, index, _ := matcher.Match(language.MustParse(asked))
		fmt.Printf("%s: tag %v, text %q, number %q; by index: %v, %q\n", asked, tag, texts[tag], message.NewPrinter(tag).Sprintf("%.1f", 1234567.5),
			offered[index], message.NewPrinter(offered[index]).Sprintf("%.1f", 1234567.5))
	}
}
END
cat >recorded <<'END'
en: tag en, text "English text", number "1,234,567.5"; by index: en, "1,234,567.5"
en-SE: tag en-u-rg-sezzzz, text "", number "1\u00a0234\u00a0567,5"; by index: en, "1,234,567.5"
en-NO: tag en-u-rg-nozzzz, text "", number "1,234,567.5"; by index: en, "1,234,567.5"
en-DK: tag en-u-rg-dkzzzz, text "", number "1.234.567,5"; by index: en, "1,234,567.5"
END
go mod init finding
go get golang.org/x/text/language@v0.43.0 golang.org/x/text/message@v0.43.0
go list -m golang.org/x/text
go run . | tee seen
diff -u recorded seen # fails when the behaviour is another
