#!/usr/bin/env bash
# github.com/xuri/excelize/v2 gives one row of a sheet with four cells as they are stored, and with three as they are shown.
#
# One would guess: GetRows, and Rows with Columns, give a row as many cells with RawCellValue as without, so that a program may read
# what a cell holds beside what it shows, cell by cell.
#
# Seen on 2026-11-30 with v2.11.1: a last cell whose number format shows nothing (;;; as people hide a key or a helper column)
# stands in the row as it is stored, and is left out of the row as it is shown; one in the middle is an empty text in both.
#
# Why it matters here: onboard reads each row both ways, since no day can be told by what is shown, and no leading zero by what is
# stored (one-day-four-faces). Two such rows are not as long as each other.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'END'
package main

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

func main() {
	f := excelize.NewFile()
	hidden := ";;;"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &hidden})
	if err != nil {
		panic(err)
	}
	for i, row := range [][]any{{1, 2, 3, 4}, {1, 2, 3, 4}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			panic(err)
		}
	}
	for _, cell := range []string{"B1", "D2"} { // one in the middle, one at the end
		if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
			panic(err)
		}
	}
	stored, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		panic(err)
	}
	shown, err := f.GetRows("Sheet1")
	if err != nil {
		panic(err)
	}
	for i := range stored {
		fmt.Printf("row %d: stored %q, shown %q\n", i+1, stored[i], shown[i])
	}
}
END
cat >recorded <<'END'
row 1: stored ["1" "2" "3" "4"], shown ["1" "" "3" "4"]
row 2: stored ["1" "2" "3" "4"], shown ["1" "2" "3"]
END
go mod init finding
go get github.com/xuri/excelize/v2@v2.11.1
go list -m github.com/xuri/excelize/v2
go run . | tee seen
diff -u recorded seen # fails when the behaviour is another
