#!/usr/bin/env bash
# github.com/xuri/excelize/v2 gives one day of a sheet as four texts, one of which most readers take for another day.
#
# One would guess: GetRows, which gives cells as a spreadsheet shows them, gives a column of dates of one day as one text, or at
# least as one day.
#
# Seen on 2026-11-29 with v2.11.1, on a sheet by openpyxl 3.1.5: 1 February 2026 comes as 2026-02-01, 02-01-26, 01/02/26 and
# 1.2.2026, as each cell is formatted. 02-01-26 is the built-in format 14, the short date, which spreadsheets show by the reader's
# country, in Sweden as 2026-02-01. excelize shows month, day, year, with hyphens, which a Swede reads as 26 January 2002.
# ShortDatePattern mends format 14 alone. RawCellValue gives 46054 for all four, but takes the leading zeros off a number that is
# formatted with them, so no one mode suits all columns.
#
# Why it matters here: customers are taken in from a sheet. Whoever makes that CSV by program reads dates raw and serial numbers
# as shown.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >write.py <<'END'
import datetime

import openpyxl

book = openpyxl.Workbook()
for shown in "yyyy-mm-dd", "mm-dd-yy", "dd/mm/yy", "d.m.yyyy":  # the second is openpyxl's name of the built-in format 14
    book.active.append([datetime.date(2026, 2, 1)])
    book.active.cell(book.active.max_row, 1).number_format = shown
book.active.append([1770501])
book.active.cell(book.active.max_row, 1).number_format = "0000000000"
book.save("desk.xlsx")
END
cat >main.go <<'END'
package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

func main() {
	for _, o := range []excelize.Options{{}, {ShortDatePattern: "yyyy-mm-dd"}, {RawCellValue: true}} {
		book, err := excelize.OpenFile("desk.xlsx", o)
		if err != nil {
			panic(err)
		}
		rows, err := book.GetRows("Sheet")
		fmt.Println(rows, err)
	}
}
END
cat >recorded <<'END'
[[2026-02-01] [02-01-26] [01/02/26] [1.2.2026] [0001770501]] <nil>
[[2026-02-01] [2026-02-01] [01/02/26] [1.2.2026] [0001770501]] <nil>
[[46054] [46054] [46054] [46054] [1770501]] <nil>
END
go mod init finding
go get github.com/xuri/excelize/v2@v2.11.1
go list -m github.com/xuri/excelize/v2
python3 -m venv python
python/bin/pip install --quiet openpyxl==3.1.5
python/bin/pip list | grep openpyxl
python/bin/python write.py
go run . | tee seen
diff -u recorded seen # fails when the behaviour is another
