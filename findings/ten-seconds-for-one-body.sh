#!/usr/bin/env bash
# go test -fuzz, as it is called: ten seconds on a body of 6 kB are a handful of tries, the rest goes into making one input smaller.
#
# One would guess: -fuzztime 10s tries new inputs for ten seconds, thousands of them, as the count of a small target suggests; more
# time is needed for a larger body only as it takes longer to read.
#
# Seen on 2026-11-30 with Go 1.26.8: the first input that covers new code is made smaller before anything else is tried, for up to
# -fuzzminimizetime, which is 60 s where nobody says otherwise and does not end with what -fuzztime leaves for trying. Of a JSON body of a
# hundred lines the ten seconds are fewer than a hundred tries (2 were counted), and the answer is PASS and ok. With -fuzzminimizetime 1x
# they are tens of thousands (88,869).
#
# Why it matters here: fuzz targets of webhooks pass in CI for weeks and have tried nothing. Whoever fuzzes long bodies for a short time says
# -fuzzminimizetime 1x, and looks at the count.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOCACHE=$work/cache GOFLAGS=-mod=mod GOTOOLCHAIN=local

cat >go.mod <<'END_OF_FILE'
module havtorn.example/fuzz

go 1.24
END_OF_FILE
cat >body_test.go <<'END_OF_FILE'
package fuzz

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// FuzzBody reads an order of a hundred lines, about 6 kB.
func FuzzBody(f *testing.F) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf(`{"price":"price_%03d","quantity":%d,"recurring":true}`, i, i))
	}
	f.Add([]byte(`{"id":"evt_1","items":[` + strings.Join(lines, ",") + `]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var order struct {
			ID    string
			Items []struct {
				Price     string
				Quantity  int
				Recurring bool
			}
		}
		_ = json.Unmarshal(body, &order)
	})
}
END_OF_FILE

go version
tries() { # the count of the last line, and that it passed
	rm -rf "$GOCACHE/fuzz"
	go test -run '^$' -fuzz '^FuzzBody$' -fuzztime 10s -parallel 1 "$@" . >seen
	grep -q '^ok' seen
	sed -n 's/.*execs: \([0-9]*\).*/\1/p' seen | tail -1
}
usual=$(tries)
named=$(tries -fuzzminimizetime 1x)
echo "tries in ten seconds, as it is called: $usual"
echo "tries in ten seconds, with -fuzzminimizetime 1x: $named"
[ "$usual" -lt 100 ] && [ "$named" -gt 1000 ] # fails when the behaviour is another
