package onboard

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/licence"
)

var (
	yearFirst = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$`)
	packed    = regexp.MustCompile(`^(\d{4})(\d\d)(\d\d)$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})(?: 00:00(?::00)?)?$`)
	shortYear = regexp.MustCompile(`^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$`)
	dayNumber = regexp.MustCompile(`^(\d{5})(?:[.,]0+)?$`)
	timeOfDay = regexp.MustCompile(`^\d{5}[.,]\d*[1-9]\d*$`)
	shortened = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+\d+$`)
	formula   = regexp.MustCompile(`^#([\p{Lu}/0]+[!?]|N/A)$`)
	wholeNum  = regexp.MustCompile(`^(\d+)(?:[.,]0{1,2})?$`)
	oneNumber = regexp.MustCompile(`^[^\d]*(\d+|\d{1,3}(?:[ .,'’\x{a0}\x{2009}\x{202f}]\d{3})+)(?:[.,]0{1,2})?[^\d]*$`) // thousands set apart, something beside it
)

const writeDate = "write a date such as 2026-11-20"

// ReadDate reads a civil date in the forms that spreadsheets write, as long as it is clear which
// day is meant. The problem says what to write instead.
func ReadDate(s string) (day, problem string) {
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return civilDate(m[1], m[2], m[3])
	}
	if m := packed.FindStringSubmatch(s); m != nil {
		return civilDate(m[1], m[2], m[3])
	}
	if m := yearLast.FindStringSubmatch(s); m != nil {
		return dayAndMonth(m[1], m[3], m[4], m[2])
	}
	if day, ok := excelDay(s); ok {
		return day, ""
	}
	switch {
	case shortYear.MatchString(s):
		return "", "the year has two digits: " + writeDate
	case timeOfDay.MatchString(s):
		return "", "is Excel's number of a day with a time: format the column as a date, or " + writeDate
	case strings.Trim(s, "#") == "":
		return "", "the column was too narrow in Excel: widen it and export again, or " + writeDate
	}
	return "", "is no date: " + writeDate
}

// dayAndMonth decides which of two numbers is the day. Between dots it is the first, as everybody
// who writes dots means it. With other marks half of the world means the other one.
func dayAndMonth(a, b, year, mark string) (string, string) {
	first, _ := strconv.Atoi(a)
	second, _ := strconv.Atoi(b)
	dayFirst, bad := civilDate(year, b, a)
	monthFirst, worse := civilDate(year, a, b)
	switch {
	case bad == "" && (mark == "." || first == second || worse != ""):
		return dayFirst, ""
	case bad != "" && worse == "" && mark != ".":
		return monthFirst, ""
	case bad == "" && worse == "":
		return "", fmt.Sprintf("is %s or %s: write the one that is meant", dayFirst, monthFirst)
	case worse == "":
		return "", fmt.Sprintf("has no month %d: write %s if that is meant", second, monthFirst)
	}
	return "", bad
}

func civilDate(year, month, day string) (string, string) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return "", "is no day of the calendar: " + writeDate
	}
	if day := licence.Date(t.Format(time.DateOnly)); day == licence.Never {
		return string(day), ""
	}
	if y < 2000 || y > 2099 {
		return "", "lies outside of 2000 to 2099: write the real date, or leave the cell empty where it is not known"
	}
	return t.Format(time.DateOnly), ""
}

// excelDay reads the number by which Excel counts days: 46346 is 2026-11-20. Outside of this
// century it is taken for something else.
func excelDay(s string) (string, bool) {
	m := dayNumber.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	n, _ := strconv.Atoi(m[1])
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
	return t.Format(time.DateOnly), 2000 <= t.Year() && t.Year() <= 2099
}

// ReadCount reads a number of seats.
func ReadCount(s string) (int, string) {
	m := wholeNum.FindStringSubmatch(s)
	if m == nil || len(m[1]) > 9 {
		one := oneNumber.FindStringSubmatch(s)
		if one == nil || strings.HasPrefix(s, "-") {
			return 0, "must be a whole number in digits, 0 or more"
		}
		digits := strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return r
			}
			return -1
		}, one[1])
		if len(digits) > 9 {
			return 0, "must be a whole number in digits, 0 or more"
		}
		return 0, "must be digits alone, so that nobody can read it otherwise: write " + digits + " if that is meant"
	}
	n, _ := strconv.Atoi(m[1])
	return n, ""
}

// readYes reads yes or no, in the words that spreadsheets put there.
func readYes(s string) (bool, string) {
	switch strings.ToLower(s) {
	case "yes", "true", "1", "ja", "sant", "sann", "wahr":
		return true, ""
	case "no", "false", "0", "nej", "nei", "nein", "falskt", "usann", "falsch":
		return false, ""
	}
	return false, "write yes or no"
}
