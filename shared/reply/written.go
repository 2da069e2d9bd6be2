package reply

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// written is what a person wrote on top of what was quoted: everything before the first sign of the
// earlier mail. Where nothing stands before it (who writes below the quotation, or between its lines),
// it is what is not quoted.
func written(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var lines, own []string
	cut := false
	all := strings.Split(text, "\n")
	for i, l := range all {
		next := ""
		if i+1 < len(all) {
			next = all[i+1]
		}
		l = strings.TrimRight(strings.Map(printable, l), " ")
		if !cut && quotes(l, next) {
			cut = true
			lines = own
		}
		if !strings.HasPrefix(strings.TrimSpace(l), ">") && !introduces(l, next) {
			own = append(own, l)
		}
	}
	if !cut {
		lines = own
	}
	out := strings.TrimSpace(strings.Join(lines, "\n"))
	if out == "" {
		out = strings.TrimSpace(strings.Join(own, "\n"))
	}
	out = blank.ReplaceAllString(out, "\n\n")
	if utf8.RuneCountInString(out) > mostText {
		out = string([]rune(out)[:mostText]) + " …"
	}
	return out
}

var (
	blank = regexp.MustCompile(`\n\s*\n\s*\n+`)
	// introduced is the line that mail programs write above what they quote, in the languages of our readers.
	introduced = regexp.MustCompile(`(?i)^\W*(on|den|am|op|le|på|tors|fre|mån|tis|ons|lör|sön|man|tir|tor|lør|søn|ma|di|wo|do|vr|za|zo)\b.{0,200}(wrote|skrev|schrieb|schreef|a écrit)\b.{0,120}:\s*$`)
	// divided is what Outlook and others draw above it.
	divided = regexp.MustCompile(`(?i)^\s*(-{3,}\s*(original message|ursprungligt meddelande|ursprungligt mejl|opprinnelig melding|oprindelig meddelelse|ursprüngliche nachricht|oorspronkelijk bericht|forwarded message).*|_{10,})\s*$`)
	// heads are the first two lines of such a block: who from, and when it was sent.
	from = regexp.MustCompile(`(?i)^\W*(from|från|fra|von|van)\W*:`)
	sent = regexp.MustCompile(`(?i)^\W*(sent|date|skickat|datum|sendt|dato|gesendet|verzonden|to|till|til|an|aan)\W*:`)
)

// quotes tells whether the earlier mail begins in a line.
func quotes(l, next string) bool {
	return strings.HasPrefix(strings.TrimSpace(l), ">") || introduces(l, next)
}

// introduces tells whether a line, alone or with the next one, says that a quotation follows.
func introduces(l, next string) bool {
	return divided.MatchString(l) || introduced.MatchString(l) || introduced.MatchString(l+" "+strings.TrimSpace(next)) && !introduced.MatchString(next) && strings.HasSuffix(strings.TrimSpace(next), ":") ||
		from.MatchString(l) && sent.MatchString(next)
}

var (
	unshown = regexp.MustCompile(`(?is)<(style|script|head|title)\b.*?</(style|script|head|title)\s*>|<!--.*?-->`)
	quoted  = regexp.MustCompile(`(?is)<blockquote\b.*|<div[^>]+(class="?gmail_quote|id="?(divRplyFwdMsg|appendonsend)).*`)
	breaks  = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h\d|hr)\b[^>]*>`)
	marks   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks  = regexp.MustCompile(`[ \t\n]+`)
)

// unmarked is the text of an HTML part.
func unmarked(page string) string {
	page = unshown.ReplaceAllString(page, " ")
	page = quoted.ReplaceAllString(page, "")
	page = blanks.ReplaceAllString(page, " ")
	page = breaks.ReplaceAllString(page, "\n")
	return html.UnescapeString(marks.ReplaceAllString(page, ""))
}
