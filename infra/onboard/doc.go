// Package onboard takes customers in from a sheet: parse (sheet.go, cells.go, columns.go), check
// (customer.go, judge.go), stage (staging.go), write (write.go) through the engine's own Apply. A bad
// sheet is refused whole, with each fault by line and column (faults.go); a good one is answered first
// with what would become a finding today (report.go).
package onboard
