#!/usr/bin/env bash
# pgregory.net/rapid passes over a kept failing draw whose file has another name than the one that it would give itself.
#
# One would guess: rapid says "to reproduce, specify -rapid.failfile" and writes the draw to testdata/rapid/TestX/; a file that is
# kept there, under a name that says what it is about, is drawn again at each run, as the documentation of Go's own fuzz corpus has it.
#
# Seen on 2026-11-30 with rapid v1.3.0: only files are drawn that are called testdata/rapid/TestX/TestX-*.fail. One by any other name
# is passed over without a word, and the test passes; the very same file under the name that rapid gave it fails the test at once.
#
# Why it matters here: failing draws are kept as regressions, and one that is renamed to something that reads better holds nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >draw_test.go <<'END'
package draw

import (
	"testing"

	"pgregory.net/rapid"
)

// TestX fails from 765,432 on. The first draw of seed 1 is less.
func TestX(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 999_999).Draw(t, "n")
		if n >= 765_432 {
			t.Fatalf("%d is too much", n)
		}
	})
}
END
go mod init finding
go get pgregory.net/rapid@v1.3.0
go list -m pgregory.net/rapid
go mod tidy

go test -rapid.seed=1 . >failed 2>&1 && exit 1
kept=$(ls testdata/rapid/TestX/TestX-*.fail)
cat >recorded <<'END'
under the name that rapid gave it: the test fails
under a name that says what it is about: the test passes
END
again() {
	if go test -count=1 -rapid.seed=1 -rapid.checks=1 . >run 2>&1; then echo "$1: the test passes"; else echo "$1: the test fails"; fi
	cat run >&2
}
{
	again "under the name that rapid gave it"
	rm -f testdata/rapid/TestX/*.log
	mv "$kept" testdata/rapid/TestX/too-much.fail
	again "under a name that says what it is about"
} | tee seen
diff -u recorded seen # fails when the behaviour is another
