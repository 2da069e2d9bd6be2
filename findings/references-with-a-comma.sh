#!/usr/bin/env bash
# github.com/wneessen/go-mail writes a References header that github.com/emersion/go-message reads as one message id.
#
# One would guess: SetGenHeader takes several values, so References with two message ids is written as RFC 5322 (3.6.4) has it:
# ids parted by white space.
#
# Seen on 2026-11-29 with go-mail v0.8.1 and go-message v0.18.2: the values are joined by a comma and a blank, which is right for
# Keywords and for lists of addresses, not here. go-message gives the first id and an error; who splits at white space
# gets "<first@mail.example>," with the comma, which is the id of no mail. One value that holds both ids, parted by a blank, is
# read as two.
#
# Why it matters here: the mails of one case lie in one thread, by References. It is given as one value, always.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'END'
package main

import (
	"bytes"
	"fmt"
	stdmail "net/mail"
	"strings"

	"github.com/emersion/go-message/mail"
	gomail "github.com/wneessen/go-mail"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	for _, references := range [][]string{{"<first@mail.example>", "<second@mail.example>"}, {"<first@mail.example> <second@mail.example>"}} {
		m := gomail.NewMsg()
		must(m.From("desk@mail.example"))
		must(m.To("ada@customer.example"))
		m.SetGenHeader(gomail.HeaderReferences, references...)
		m.SetBodyString(gomail.TypeTextPlain, "Two seats too many.")
		var written bytes.Buffer
		_, err := m.WriteTo(&written)
		must(err)

		parsed, err := stdmail.ReadMessage(bytes.NewReader(written.Bytes()))
		must(err)
		fmt.Printf("%d value(s) written as: %s\n", len(references), parsed.Header.Get("References"))
		fmt.Printf("  parted at white space: %q\n", strings.Fields(parsed.Header.Get("References")))
		reader, err := mail.CreateReader(&written)
		must(err)
		ids, err := reader.Header.MsgIDList("References")
		fmt.Printf("  go-message reads: %q, error: %v\n", ids, err)
	}
}
END
cat >recorded <<'END'
2 value(s) written as: <first@mail.example>, <second@mail.example>
  parted at white space: ["<first@mail.example>," "<second@mail.example>"]
  go-message reads: ["first@mail.example"], error: mail: missing '<' in msg-id
1 value(s) written as: <first@mail.example> <second@mail.example>
  parted at white space: ["<first@mail.example>" "<second@mail.example>"]
  go-message reads: ["first@mail.example" "second@mail.example"], error: <nil>
END
go mod init finding
go get github.com/wneessen/go-mail@v0.8.1 github.com/emersion/go-message/mail@v0.18.2
go list -m github.com/wneessen/go-mail github.com/emersion/go-message
go run . | tee seen
diff -u recorded seen # fails when the behaviour is another
