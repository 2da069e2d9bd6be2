#!/usr/bin/env bash
# A long subject written by go-mail is read by Python's email with a blank in front that nobody wrote.
#
# One would guess: a subject in encoded words comes out of a parser as it went into the writer, whatever its length; lines are
# folded between encoded words, where the blank belongs to the folding.
#
# Seen on 2026-11-30 with go-mail 0.8.1 and Python 3.11: a first encoded word that does not fit beside the header's name begins a
# line of its own ("Subject:", CRLF, blank, "=?UTF-8?q?..."). email.policy.default unfolds that to the subject with a blank in front; a short
# subject has none. With compat32 and decode_header the blank is not there.
#
# Why it matters here: ticket systems in Python thread by subject, and a test that compares subjects passes for short ones and fails for
# long ones. Whoever writes the first encoded word beside the name, short enough for the line, is read alike by all.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOCACHE=$work/cache GOMODCACHE=$work/modules GOFLAGS=-mod=mod GOTOOLCHAIN=local

cat >go.mod <<'END_OF_FILE'
module havtorn.example/mail

go 1.24

require github.com/wneessen/go-mail v0.8.1
END_OF_FILE
cat >main.go <<'END_OF_FILE'
package main

import (
	"log"
	"os"

	"github.com/wneessen/go-mail"
)

func main() {
	m := mail.NewMsg()
	if err := m.From("licens@havtorn.example"); err != nil {
		log.Fatal(err)
	}
	m.Subject(os.Args[1])
	m.SetBodyString(mail.TypeTextPlain, "Hej\n")
	if _, err := m.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
}
END_OF_FILE
go mod tidy >/dev/null 2>&1
go build -o write .
cat >read.py <<'END_OF_FILE'
import email, email.header, email.policy, sys
raw = sys.stdin.buffer.read()
old = email.header.decode_header(email.message_from_bytes(raw)["subject"])
print(repr(email.message_from_bytes(raw, policy=email.policy.default)["subject"]), repr("".join(b.decode(c) for b, c in old)))
END_OF_FILE

short='Två för många'
long='Åtgärd behövs före den 1 december: två platser för många i licensen'
one=$(./write "$short" | python3 read.py)
two=$(./write "$long" | python3 read.py)
printf 'short: %s\nlong:  %s\n' "$one" "$two"
[ "$one" = "'$short' '$short'" ] || { echo "the short one is read otherwise now"; exit 1; }
[ "$two" = "' $long' '$long'" ] || { echo "the long one is read otherwise now"; exit 1; }
echo "as described"
