package reply

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// written is what a person wrote: on top of what is quoted, below it, and between its lines where each of
// them is marked. Below is what follows a sign of the earlier mail whose lines are not marked: the earlier
// mail, and whatever was written into it. Whole is all of it.
func written(text string) (whole, own, below string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = strings.TrimRight(strings.Map(printable, all[i]), " ")
	}
	whole = tidied(all)
	var lines []string
	for len(all) > 0 {
		n := sign(all)
		switch {
		case marked(all[0]):
			all = all[1:]
		case n == 0:
			lines, all = append(lines, all[0]), all[1:]
		case markedNext(all[n:]):
			all = all[n:] // the sign alone is no person's
		default:
			below, all = tidied(all[n:]), nil
		}
	}
	return whole, tidied(lines), below
}

// Beside is what was written, where it is known what the earlier mail said: also what was written into it,
// below its sign, where its lines are not marked.
func (r Reply) Beside(earlier string) string {
	inside := between(r.Below, earlier)
	switch {
	case inside == "" || r.Below == "":
		return r.Text
	case r.Text == r.Below:
		return inside
	}
	return tidied([]string{r.Text, "", inside})
}

// between is what stands below the sign of an earlier mail, without what that mail said, and without what that
// mail itself quotes, which a second sign begins. Where what stands between the two is no word of that mail, it
// is another's: an answer to it, quoted with it. It is marked as such.
func between(below, earlier string) string {
	known := strings.Split(earlier, "\n")
	for i := range known {
		known[i] = plain(known[i])
	}
	var hosts []string
	for _, m := range hosted.FindAllStringSubmatch(earlier, -1) {
		hosts = append(hosts, m[1]) // filters of mail leave them readable in what they rewrite
	}
	whole := " " + strings.Join(known, " ") + " "
	var lines []string
	began, said, all := false, false, strings.Split(below, "\n")
	for len(all) > 0 {
		n := sign(all)
		if n > 0 && began {
			if !said {
				lines = quoted(lines)
			}
			break
		}
		l, p := all[0], plain(all[0])
		all = all[max(n, 1):]
		switch {
		case n > 0: // the first sign goes on
		case p == "" && (l == "" || l == "--"):
			lines = append(lines, "")
			continue
		case p == "" && slices.ContainsFunc(hosts, func(h string) bool { return strings.Contains(l, h) }):
		case p != "" && slices.Contains(known, p), len(strings.Fields(p)) > 3 && strings.Contains(whole, " "+p+" "): // as it stood, or broken into lines anew
			said = said || len(strings.Fields(p)) > 3 // a greeting is everybody's
		case marked(l):
		default:
			lines = append(lines, l)
		}
		began = began || n == 0
	}
	return tidied(lines)
}

// quoted are lines, each marked.
func quoted(lines []string) (out []string) {
	for _, l := range strings.FieldsFunc(tidied(lines), func(r rune) bool { return r == '\n' }) {
		out = append(out, "> "+l)
	}
	return out
}

// plain is a line by its words: without the address that a mail program writes behind a button.
func plain(line string) string {
	return strings.Join(strings.Fields(strings.Trim(addresses.ReplaceAllString(line, " "), " *-•·:_|")), " ")
}

// tidied are lines as one text, of so many characters.
func tidied(lines []string) string {
	out := blank.ReplaceAllString(strings.TrimSpace(strings.Join(lines, "\n")), "\n\n")
	if utf8.RuneCountInString(out) > mostText {
		out = string([]rune(out)[:mostText]) + " …"
	}
	return out
}

var (
	addresses = regexp.MustCompile(`<?https?://[^\s>]*>?|\[[^\]]*\]`)
	hosted    = regexp.MustCompile(`https?://([^\s/>]+)`)
	blank     = regexp.MustCompile(`\n\s*\n\s*\n+`)
	// introduced is the line that mail programs write above what they quote, in the languages of our readers.
	introduced = regexp.MustCompile(`(?i)^\W*(on|den|am|op|le|på|tors|fre|mån|tis|ons|lör|sön|man|tir|tor|lør|søn|ma|di|wo|do|vr|za|zo|\d{1,2})\b.{0,200}(wrote|skrev|schrieb|schreef|a écrit)\b.{0,120}:\s*$`)
	// dated is the same in any other language: it names a year, a time or an address, and marked lines follow.
	dated = regexp.MustCompile(`\b(19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|@`)
	// divided is what Outlook and others draw above it.
	divided = regexp.MustCompile(`(?i)^\s*(-{3,}\s*(original message|ursprungligt meddelande|ursprungligt mejl|opprinnelig melding|oprindelig meddelelse|ursprüngliche nachricht|oorspronkelijk bericht|forwarded message).*|_{10,})\s*$`)
	// heads are the lines of such a block, in the languages of our readers; in any other, a name that an address follows.
	heads = regexp.MustCompile(`(?i)^\W*(from|från|fra|von|van|sent|date|skickat|datum|sendt|dato|gesendet|verzonden|to|till|til|an|aan|cc|kopia|kopi|subject|ämne|emne|betreff|onderwerp)\s?\W*:`)
	from  = regexp.MustCompile(`(?i)^\W*(from|från|fra|von|van)\s?\W*:`)
	field = regexp.MustCompile(`^\W*\p{L}[\p{L} ]{1,20}\W{0,3}:`)
)

func marked(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), ">") }

// markedNext tells whether what follows is quoted line by line.
func markedNext(lines []string) bool {
	for _, l := range lines {
		if l != "" {
			return marked(l)
		}
	}
	return false
}

// sign is how many lines say that the earlier mail follows; 0: the first of them does not begin to say so.
func sign(lines []string) int {
	l, next, third := lines[0], "", ""
	if len(lines) > 1 {
		next = strings.TrimSpace(lines[1])
	}
	if len(lines) > 2 {
		third = lines[2]
	}
	switch {
	case l == "":
		return 0
	case divided.MatchString(l):
		return 1 + fields(lines[1:])
	case introduces(l):
		return 1
	case strings.HasSuffix(next, ":") && introduces(l+" "+next) && !introduced.MatchString(next):
		return 2
	case from.MatchString(l) && heads.MatchString(next), field.MatchString(l) && strings.Contains(l, "@") && field.MatchString(next) && field.MatchString(third):
		return fields(lines)
	case strings.HasSuffix(l, ":") && dated.MatchString(l) && markedNext(lines[1:]):
		return 1
	case strings.HasSuffix(next, ":") && dated.MatchString(l) && markedNext(lines[2:]):
		return 2
	}
	return 0
}

// introduces tells whether a program wrote the line, which names when or by whom: people, too, write what their
// colleague wrote.
func introduces(l string) bool { return introduced.MatchString(l) && dated.MatchString(l) }

// fields is how many lines of a block name the earlier mail's sender, day and subject.
func fields(lines []string) int {
	for i, l := range lines {
		if !field.MatchString(l) {
			return i
		}
	}
	return len(lines)
}

var (
	// Each is a pattern of its own: as one, an element that never ends is looked for anew behind each comment.
	comments = regexp.MustCompile(`(?s)<!--.*?-->`)
	unshown  = regexp.MustCompile(`(?is)<(style|script|head|title)\b.*?</(style|script|head|title)\s*>`)
	// introducing is what programs put around the line that introduces a quotation, in whatever language.
	introducing = regexp.MustCompile(`(?is)<div[^>]+class="?[^">]*(gmail_attr|moz-cite-prefix)\b.*?</div>`)
	// quoting is where a quotation begins that no element holds together.
	quoting = regexp.MustCompile(`(?is)<div[^>]+(id="?(divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)|class="?yahoo_quoted)[^>]*>`)
	block   = regexp.MustCompile(`(?is)<(/?)blockquote\b[^>]*>`)
	breaks  = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h\d|hr)\b[^>]*>`)
	marks   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks  = regexp.MustCompile(`[ \t\r\n]+`)
)

// unmarked is the text of an HTML part, its quotations marked line by line.
func unmarked(page string) string {
	page = strings.Map(func(r rune) rune {
		if r == opens || r == shuts {
			return ' '
		}
		return r
	}, page)
	page = unshown.ReplaceAllString(comments.ReplaceAllString(page, " "), " ")
	page = introducing.ReplaceAllString(page, "<br>")
	page = quoting.ReplaceAllString(page, "<br>"+strings.Repeat("_", 32)+"<br>")
	page = blanks.ReplaceAllString(page, " ")
	page = block.ReplaceAllStringFunc(page, func(tag string) string {
		if tag[1] == '/' {
			return "\n" + string(shuts) + "\n"
		}
		return "\n" + string(opens) + "\n"
	})
	page = breaks.ReplaceAllString(page, "\n")
	deep, out := 0, strings.Builder{}
	for l := range strings.SplitSeq(html.UnescapeString(marks.ReplaceAllString(page, "")), "\n") {
		switch strings.TrimSpace(l) {
		case string(opens):
			deep++
			continue
		case string(shuts):
			deep = max(0, deep-1)
			continue
		}
		if deep > 0 {
			out.WriteString("> ")
		}
		out.WriteString(l + "\n")
	}
	return out.String()
}

// opens and shuts stand for the ends of a quotation while the marks of HTML are taken out.
const opens, shuts = '\x0e', '\x0f'
