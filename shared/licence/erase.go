package licence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Person is somebody to be taken out of what is stored: all that the person was ever called by.
type Person struct {
	Contacts []string // ids among the account's contacts
	Users    []string // ids of the person in its installations
	Names    []string // as people read them
	Emails   []string
	As       string // what stands in their place from then on
}

// Learn adds by what a stored body calls the person, who is known by an id: of a contact, or of a user.
func (p *Person) Learn(body []byte) error {
	v, err := tree(body)
	if err == nil {
		p.learn(v, "")
	}
	return err
}

func (p *Person) learn(v any, in string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			p.learn(one, in)
		}
	case map[string]any:
		id, _ := v["id"].(string)
		own := in == "contacts" && slices.Contains(p.Contacts, id) || in == "user" && slices.Contains(p.Users, id)
		for key, inner := range v {
			text, _ := inner.(string)
			switch {
			case own && key == "name":
				p.Names = also(p.Names, strings.TrimSpace(text))
			case own && key == "email":
				p.Emails = also(p.Emails, strings.ToLower(strings.TrimSpace(text)))
			case own && key == "user" && in == "contacts":
				p.Users = also(p.Users, text)
			}
			if key == "v" { // a register is what it holds
				key = in
			}
			p.learn(inner, key)
		}
	}
}

func also(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Out takes the person out of a stored body; false: nothing of it was about the person.
func (p *Person) Out(body []byte) ([]byte, bool, error) {
	v, err := tree(body)
	if err != nil {
		return nil, false, err
	}
	was, err := JSON(v)
	if err != nil {
		return nil, false, err
	}
	out, err := JSON(p.out(v, "", ""))
	if err != nil || bytes.Equal(was, out) {
		return body, false, err
	}
	return out, true, nil
}

// ofContacts are members that hold ids of contacts, ofUsers those with ids of users; byPerson are maps
// whose keys are contacts, users or addresses. Keys of no other are touched: they are names of members.
var (
	ofContacts = []string{"by", "to", "contact", "contacts"}
	ofUsers    = []string{"user", "users", "changed", "people"}
	byPerson   = []string{"links", "reminders", "coded", "linked", "skipped", "codes", "episodes", "unsent"}
)

// coded are, beside those that are kept, members whose text is out of a list, or an id: what reads there
// like somebody's name is none.
var coded = []string{"abroad", "action", "activity", "beside", "billing", "code", "codes", "company", "country", "draft", "event", "family", "hash", "lang", "level",
	"listed", "locale", "not_seats", "numbers", "on", "owners", "phase", "plans", "prices", "roster", "say", "serials", "severity", "src", "sync", "timezone", "told", "verified"}

// out is a value without the person. It stands under a key, in what stands under another.
func (p *Person) out(v any, key, above string) any {
	switch v := v.(type) {
	case string:
		return p.text(v, key, above)
	case []any:
		for i := range v {
			v[i] = p.out(v[i], key, above)
		}
	case map[string]any:
		if key == "v" {
			key = above
		}
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[p.key(name, key)] = p.out(inner, name, key)
		}
		return out
	}
	return v
}

// key is the name of a member, or a key of a map that stands under a member.
func (p *Person) key(s, in string) string {
	if !slices.Contains(byPerson, in) {
		return s
	}
	if id := strings.TrimPrefix(s, "contact "); slices.Contains(p.Contacts, id) {
		return strings.TrimSuffix(s, id) + p.As
	}
	if slices.ContainsFunc(p.Emails, func(m string) bool { return strings.EqualFold(m, s) }) {
		return p.As
	}
	return s
}

func (p *Person) text(s, key, above string) string {
	whose := key
	if key == "id" || key == "v" {
		whose = above
	}
	r := Role(s)
	aRole := whose == "to" && (r.Customer() || r.Operator() || r == EndUser || r == Nobody)
	if slices.Contains(ofContacts, whose) && !aRole {
		if id := strings.TrimPrefix(s, "contact "); slices.Contains(p.Contacts, id) {
			return strings.TrimSuffix(s, id) + p.As
		}
	}
	if slices.Contains(ofUsers, whose) && slices.Contains(p.Users, s) {
		return p.As
	}
	for _, mail := range p.Emails {
		if strings.Contains(mail, "@") {
			s = replaceWord(s, mail, p.As, ofAddress)
		}
	}
	// A plan is called by a name, or chosen for somebody, and a customer has one: these are no people.
	no := key == "id" || aRole || key == "to" && above == "picks" || (key == "name" || key == "description") && slices.Contains([]string{"plans", "account", "data"}, above)
	if no || slices.Contains(kept, whose) || slices.Contains(coded, whose) {
		return s
	}
	for _, name := range p.Names {
		s = replaceWord(s, name, p.As, ofWord)
	}
	return s
}

// replaceWord replaces a word, or several in a row, in whatever case they are written, but where what
// stands around makes it a part of another.
func replaceWord(s, word, by string, part func(before, after string) bool) string {
	if utf8.RuneCountInString(word) < 2 {
		return s
	}
	var out strings.Builder
	for done := 0; ; {
		at, end := indexFold(s[done:], word)
		if at < 0 {
			return out.String() + s[done:]
		}
		at, end = at+done, end+done
		out.WriteString(s[done:at])
		if part(s[:at], s[end:]) {
			out.WriteString(s[at:end])
		} else {
			out.WriteString(by)
		}
		done = end
	}
}

// ofWord tells whether a letter or a digit stands next to it.
func ofWord(before, after string) bool {
	b, _ := utf8.DecodeLastRuneInString(before)
	a, _ := utf8.DecodeRuneInString(after)
	return wordly(b) || wordly(a)
}

// ofAddress tells whether an address goes on to the left or to the right. A sign that may stand in one
// ends a sentence, or begins a list, where nothing stands beyond.
func ofAddress(before, after string) bool {
	const signs = ".-_+@"
	return ofWord(strings.TrimRight(before, signs), strings.TrimLeft(after, signs))
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// indexFold is where a word begins and ends in a text, in whatever case; -1: it does not stand there.
func indexFold(s, word string) (at, end int) {
	n := utf8.RuneCountInString(word)
	for at = range s {
		end, ok := at, true
		for range n {
			_, size := utf8.DecodeRuneInString(s[end:])
			if ok = size > 0; !ok {
				break
			}
			end += size
		}
		if ok && strings.EqualFold(s[at:end], word) {
			return at, end
		}
	}
	return -1, -1
}

// Bare is a fact of which is kept what was decided and when: kinds, states, numbers, dates, and by
// which of their ids installations, plans and invoices are known. Texts and people are gone.
func (f Fact) Bare() (Fact, error) {
	data, err := JSON(f.Payload)
	if err != nil {
		return f, err
	}
	v, err := tree(data)
	if err != nil {
		return f, err
	}
	if data, err = JSON(bare(v, "")); err != nil {
		return f, err
	}
	read, ok := Payloads[f.Payload.Type()]
	if !ok {
		return f, fmt.Errorf("fact %s: unknown type %q", f.ID, f.Payload.Type())
	}
	if f.Payload, err = read(data); err != nil {
		return f, err
	}
	f.To = slices.DeleteFunc(slices.Clone(f.To), func(n Name) bool { return n.Sender != "account" && n.Sender != "superoffice" })
	return f, nil
}

// Bare is a stored body of which is kept what is kept of a fact.
func Bare(body []byte) ([]byte, error) {
	v, err := tree(body)
	if err != nil {
		return nil, err
	}
	return JSON(bare(v, ""))
}

// people are members that hold people and nothing else.
var people = []string{"contacts", "user", "users", "picks", "was", "rows", "changed", "warned", "people"}

// kept are members whose text is a code, or the id of what is no person.
var kept = []string{"account", "answer", "collection", "counted", "currency", "cust_id", "did", "dispute", "finding", "fingerprint", "fp", "fetch", "for", "hosting", "invoice",
	"kind", "mail", "mode", "model", "module", "offer", "owner", "payment", "plan", "role", "sender", "serial", "source", "state", "status", "subscription", "to_plan", "type", "way", "why", "about",
	"modules", "markers", "amount", "remaining", "version", "licensed_version", "can", "of"}

func bare(v any, key string) any {
	switch v := v.(type) {
	case string:
		_, err := time.Parse(time.RFC3339Nano, v)
		_, bad := ParseDate(v)
		if err == nil || bad == nil || slices.Contains(kept, key) && !strings.Contains(v, "@") {
			return v
		}
		return ""
	case json.Number:
		return v
	case []any:
		for i := range v {
			v[i] = bare(v[i], key)
		}
	case map[string]any:
		for name, inner := range v {
			if slices.Contains(people, name) {
				delete(v, name)
				continue
			}
			v[name] = bare(inner, name)
		}
	}
	return v
}

// Bare is a history of which is kept what was found and when, which tasks there were, and when mails
// went to which role. What was open is over.
func (h History) Bare(now time.Time) History {
	h = h.Clone()
	out := History{Findings: h.Findings, Drift: h.Drift}
	for _, p := range out.Findings {
		p.Numbers = ""
		if p.Open {
			p.Open, p.Gone = false, now
		}
		if p.Task.Open() {
			p.Task.ClosedAt = now
		}
	}
	for _, m := range h.Mailed {
		m.Address, m.Solved, m.Over = "", nil, true
		out.Mailed = append(out.Mailed, m)
	}
	return out
}
