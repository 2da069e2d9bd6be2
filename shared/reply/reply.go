// Package reply reads what comes back by mail: an answer to a mail of ours, or what a program sent.
//
// It is text for a person to read, and nothing else: nothing of it is carried out, no address in it is
// opened, and what is attached is not kept. Read is pure.
package reply

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Reply is a mail that somebody wrote to us.
type Reply struct {
	ID       string   // its Message-ID, without brackets; "": it has none
	From     string   // the bare address, in small letters, as the mail says and nobody has proved
	Name     string   // as the mail says; "": it does not
	Subject  string   // one line
	Threads  []string // Message-IDs of what it answers, without brackets, the nearest first; 32 at most
	Text     string   // what was written, without what is quoted where that can be told; 8,000 characters at most
	Below    string   // the earlier mail, where its lines are not marked, with what may have been written into it; as long
	Whole    string   // all of it, with what is quoted; as long
	Attached int      // how many files came with it, which are not kept
	Auto     string   // why it is no person's answer: an automatic reply, a bounce, a list; "": it is one
}

const (
	// MostBytes is how much of a mail is read: what lies behind is attached to it.
	MostBytes   = 1 << 20
	mostText    = 8000
	mostThreads = 32
	mostParts   = 40
	mostDepth   = 6
)

// ErrNoMail is returned for what has no header of a mail.
var ErrNoMail = errors.New("reply: no mail")

// Read reads a mail as it came over the wire, or the beginning of one. A body that is cut or broken is
// read as far as it goes.
func Read(raw []byte) (Reply, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw[:min(len(raw), MostBytes)]))
	if err != nil {
		return Reply{}, fmt.Errorf("%w: %w", ErrNoMail, err)
	}
	r := Reply{Subject: line(decoded(m.Header.Get("Subject")), 200)}
	if ids := messageIDs(m.Header.Get("Message-Id")); len(ids) > 0 {
		r.ID = ids[0]
	}
	r.From, r.Name = author(strings.Join(m.Header["From"], ", "))
	refs := messageIDs(m.Header.Get("References"))
	r.Threads = messageIDs(m.Header.Get("In-Reply-To"))
	for i := len(refs) - 1; i >= 0; i-- {
		r.Threads = append(r.Threads, refs[i])
	}
	r.Threads = r.Threads[:min(len(r.Threads), mostThreads)]
	r.Auto = automatic(m.Header, r.From)
	b := body{}
	text, _ := b.read(m.Header.Get, m.Body, 0)
	r.Whole, r.Text, r.Below = written(text)
	if r.Text == "" {
		r.Text = r.Below
	}
	r.Attached = b.attached
	return r, nil
}

// author is who a mail says to be from. Several, or an address beyond ASCII, are given as they stand, which is
// nobody's address: the filter before us may have judged another one of them.
func author(header string) (address, name string) {
	from, err := addressed.Parse(header)
	if at := angled.FindString(header); err != nil && strings.Count(header, "@") == 1 && at != "" { // a name in a charset that is not read is none
		from, err = mail.ParseAddress(at)
	}
	switch {
	case err == nil && isASCII(from.Address):
		return strings.ToLower(line(from.Address, 254)), line(from.Name, 100)
	case strings.Contains(header, "@"):
		return line(header, 254), ""
	}
	return "", ""
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }

var addressed = mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset}}

// decoded is a header's text; of what cannot be decoded, as it stands.
func decoded(s string) string {
	if text, err := addressed.WordDecoder.DecodeHeader(s); err == nil {
		return text
	}
	return s
}

var angled = regexp.MustCompile(`<[^<>]+>\s*$`)

var identified = regexp.MustCompile(`<([^<>\s]{1,250})>`)

func messageIDs(s string) (ids []string) {
	for _, m := range identified.FindAllStringSubmatch(s, mostThreads) {
		ids = append(ids, m[1])
	}
	return ids
}

// automatic is why no person answered (RFC 3834, and what programs did before it).
func automatic(h mail.Header, from string) string {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	local, _, _ := strings.Cut(from, "@")
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	_, returned := h["Return-Path"]
	switch auto, _, _ := strings.Cut(strings.ToLower(h.Get("Auto-Submitted")), ";"); {
	case strings.TrimSpace(auto) != "" && strings.TrimSpace(auto) != "no":
		return "auto-submitted"
	case kind == "multipart/report", local == "mailer-daemon", local == "postmaster":
		return "bounce"
	case returned && strings.TrimSpace(h.Get("Return-Path")) == "<>":
		return "bounce"
	case h.Get("X-Autoreply") != "", h.Get("X-Autorespond") != "", h.Get("X-Auto-Response-Suppress") != "" && h.Get("In-Reply-To") == "":
		return "auto-reply"
	case precedence == "bulk", precedence == "junk", precedence == "auto_reply", precedence == "list", h.Get("List-Id") != "":
		return "list"
	case from == "":
		return "nobody"
	}
	return ""
}

// A body is what is found in the parts of a mail.
type body struct{ attached, parts int }

// read is the text of a part, and whether it was plain there. Of several forms of the same text it is the first
// that is plain and says anything; of parts that follow each other it is all of them, one below the other.
func (b *body) read(header func(string) string, from io.Reader, depth int) (text string, plain bool) {
	if b.parts++; b.parts > mostParts || depth > mostDepth {
		return "", false
	}
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	disposition, named, _ := mime.ParseMediaType(header("Content-Disposition"))
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		parts := multipart.NewReader(from, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return text, plain
			}
			switch more, isPlain := b.read(p.Header.Get, p, depth+1); {
			case strings.TrimSpace(more) == "":
			case strings.TrimSpace(text) == "", kind == "multipart/alternative" && isPlain && !plain:
				text, plain = more, isPlain
			case kind != "multipart/alternative":
				text += "\n" + more
			}
		}
	case disposition == "attachment", disposition != "" && named["filename"] != "", kind != "text/plain" && kind != "text/html":
		b.attached++
		return "", false
	}
	text, plain = readable(from, header("Content-Transfer-Encoding"), params["charset"]), kind == "text/plain"
	if !plain {
		text = unmarked(text)
	}
	return text, plain
}

// readable is the text of a part, as far as it can be read.
func readable(from io.Reader, encoding, set string) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		from = quotedprintable.NewReader(from)
	case "base64":
		from = base64.NewDecoder(base64.StdEncoding, from)
	}
	if in, err := charset(strings.ToLower(set), from); err == nil {
		from = in
	}
	b, _ := io.ReadAll(io.LimitReader(from, 8*mostText)) // what is broken ends there
	return strings.ToValidUTF8(string(b), "�")
}

// charset reads those in which mail programs write western languages.
func charset(name string, from io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii":
		return from, nil
	case "iso-8859-1", "latin1", "windows-1252", "cp1252": // the second is the first and more
		return charmap.Windows1252.NewDecoder().Reader(from), nil
	case "iso-8859-15":
		return charmap.ISO8859_15.NewDecoder().Reader(from), nil
	}
	return nil, fmt.Errorf("reply: charset %q is not read", name)
}

// line is a text on one line, of so many characters.
func line(s string, most int) string {
	s = strings.Join(strings.Fields(strings.Map(printable, s)), " ")
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most])
	}
	return s
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
		return ' '
	}
	return r
}
