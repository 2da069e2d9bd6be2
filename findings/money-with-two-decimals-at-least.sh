#!/usr/bin/env bash
# github.com/go-playground/locales writes money with two decimals where none are asked for, and misplaces CLDR's blank.
#
# One would guess: FmtCurrency(number, v, currency), documented as "the currency representation of 'num' with digits/precision of
# 'v'", writes 0 decimals when asked for 0, as yen and Icelandic krona need; and Norwegian krona in Norwegian looks as CLDR has it.
#
# Seen on 2026-11-29 with v0.14.2: 1234 yen with 0 decimals are "1,234.00", and kronor too. In nb the hard blank that parts sign
# and number comes before both: " kr1 234,50". Babel 2.19.0, from a newer CLDR, writes "1 234,50 kr", and yen without decimals.
#
# Why it matters here: a sum in a mail is compared with the invoice's. This module comes with go-playground/validator, so it
# lies at hand; it is not used for money.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'END'
package main

import (
	"fmt"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/currency"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/sv"
)

func main() {
	for _, l := range []locales.Translator{en.New(), sv.New(), nb.New()} {
		fmt.Printf("locales %s: %+q %+q %+q\n", l.Locale(), l.FmtCurrency(1234.5, 2, currency.NOK), l.FmtCurrency(1234, 0, currency.NOK), l.FmtCurrency(1234, 0, currency.JPY))
	}
}
END
cat >main.py <<'END'
import json

from babel.numbers import format_currency

for locale in "en", "sv", "nb":
    print(f"Babel {locale}:", json.dumps(format_currency(1234.5, "NOK", locale=locale)), json.dumps(format_currency(1234, "JPY", locale=locale)))
END
cat >recorded <<'END'
locales en: "NOK1,234.50" "NOK1,234.00" "\u00a51,234.00"
locales sv: "1\u00a0234,50\u00a0Nkr" "1\u00a0234,00\u00a0Nkr" "1\u00a0234,00\u00a0JPY"
locales nb: "\u00a0kr1\u00a0234,50" "\u00a0kr1\u00a0234,00" "\u00a0JPY1\u00a0234,00"
Babel en: "NOK1,234.50" "\u00a51,234"
Babel sv: "1\u00a0234,50\u00a0Nkr" "1\u00a0234\u00a0JPY"
Babel nb: "1\u00a0234,50\u00a0kr" "1\u00a0234\u00a0JPY"
END
go mod init finding
go get github.com/go-playground/locales@v0.14.2
go list -m github.com/go-playground/locales
python3 -m venv python
python/bin/pip install --quiet Babel==2.19.0
python/bin/pip list | grep -i babel
{
	go run .
	python/bin/python main.py
} | tee seen
diff -u recorded seen # fails when the behaviour is another
