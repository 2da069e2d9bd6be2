// Package onboard reads an operator's workbook: parse, check, stage, write.
package onboard
