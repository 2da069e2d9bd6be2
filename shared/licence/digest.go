package licence

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
)

// A Digest says in little what the latest list of an installation held, so that the next one is
// compared with it before anybody is read. It is cut where the ids of people say so: who comes or goes
// changes one piece and moves no other.
type Digest struct {
	Roster string  `json:"roster"` // whose rows it is about; of another roster it says nothing
	Pieces []Piece `json:"pieces"` // by id; the first begins before everybody
}

// A Piece is the people from one id on up to the next piece, and a hash of what the list said of them.
type Piece [2]string

func (p Piece) from() string { return p[0] }

// pieceOf is how many people a piece has, about.
const pieceOf = 64

// begins tells whether a piece begins with this person: for about one in pieceOf. The order of ids with
// the characters that it leaves out is another in some stores.
func begins(user string) bool {
	h := fnv.New32a()
	h.Write([]byte(user))
	return h.Sum32()%pieceOf == 0 && !strings.ContainsAny(user, "#$%")
}

// digest is that of a list's rows.
func digest(roster string, rows map[string]Seat) Digest {
	d := Digest{Roster: roster}
	from, sum := "", sha256.New()
	end := func() {
		d.Pieces = append(d.Pieces, Piece{from, base64.RawStdEncoding.EncodeToString(sum.Sum(nil)[:6])})
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if begins(id) {
			end()
			from = id
			sum.Reset()
		}
		sum.Write(said(rows[id]))
	}
	end()
	return d
}

// unsure marks the piece of a person of whom the roster keeps something that is newer than the list: it
// equals no other.
func (d *Digest) unsure(user string) {
	for i := len(d.Pieces) - 1; i >= 0; i-- {
		if d.Pieces[i].from() <= user {
			d.Pieces[i][1] = ""
			return
		}
	}
}

// said is what a list says of one person, whatever its time.
func said(s Seat) []byte {
	b, _ := json.Marshal(s.User.Value)
	for _, p := range slices.Sorted(maps.Keys(s.Plans)) {
		of, _ := json.Marshal([]any{p, s.Plans[p].Held, s.Plans[p].Requests})
		b = append(b, of...)
	}
	return append(b, '\n')
}

// A Span is people by their ids: from one on, and before another; "": to the end.
type Span struct{ From, To string }

// spans are where the list is another than the digest says: whoever is in none of them, and has not
// changed since, is as the list says.
func (d Digest) spans(is Digest) []Span {
	was, now := map[Piece]bool{}, map[Piece]bool{}
	for _, p := range d.Pieces {
		was[p] = p[1] != ""
	}
	for _, p := range is.Pieces {
		now[p] = true
	}
	var out []Span
	add := func(pieces []Piece, same map[Piece]bool) {
		for i, p := range pieces {
			if same[p] {
				continue
			}
			s := Span{From: p.from()}
			if i+1 < len(pieces) {
				s.To = pieces[i+1].from()
			}
			out = append(out, s)
		}
	}
	add(d.Pieces, now)
	add(is.Pieces, was)
	return joined(out)
}

// joined are spans in their order, with none that meets another.
func joined(all []Span) []Span {
	slices.SortFunc(all, func(a, b Span) int { return strings.Compare(a.From, b.From) })
	var out []Span
	for _, s := range all {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].To != "" && s.From > out[last].To:
			out = append(out, s)
		case out[last].To != "" && (s.To == "" || s.To > out[last].To):
			out[last].To = s.To
		}
	}
	return out
}

func within(spans []Span, user string) bool {
	for _, s := range spans {
		if user >= s.From && (s.To == "" || user < s.To) {
			return true
		}
	}
	return false
}

// A Comparison is a list that is taken in as a difference against the present roster.
type Comparison struct {
	Spans   []Span   // whose rows are to be read
	Changed []string // people beside them, who changed since the latest list: theirs too
	Digest  Digest   // of the list

	fact Fact
	rows map[string]Seat
	hash string
	was  Digest
}

// Compare begins to compare a list with a roster.
func Compare(f Fact, r Roster) Comparison {
	c := Comparison{fact: f, rows: listed(f, r.ID)}
	c.Digest, c.hash = digest(r.ID, c.rows), hashRows(c.rows)
	return c
}

// Same tells that the list says what the latest one said, and that nobody changed since.
func (c Comparison) Same(r Roster) bool { return r.Hash != "" && c.hash == r.Hash }

// Against finds out whose rows are to be read; false: everybody's may be, because too little is known
// of the latest list.
func (c *Comparison) Against(r Roster, was Digest) bool {
	if r.ID == "" || was.Roster != r.ID || len(was.Pieces) == 0 || len(r.Changed) >= maxMarks || !c.fact.Stamp().After(r.List) {
		return false
	}
	c.was, c.Spans = was, was.spans(c.Digest)
	seen := map[string]bool{}
	for _, m := range r.Changed {
		if m.User == "" {
			return false
		}
		if !seen[m.User] && !within(c.Spans, m.User) {
			c.Changed = append(c.Changed, m.User)
		}
		seen[m.User] = true
	}
	return true
}

// Another tells that the digest is not what it was.
func (c *Comparison) Another() bool {
	return len(c.was.Pieces) > 0 && !slices.Equal(c.was.Pieces, c.Digest.Pieces)
}

// Take makes of the present rows that were read the list as it is stored, with the rows that are to be
// written.
func (c *Comparison) Take(r Roster, present []Seat) SeatsListed {
	p := c.fact.Payload.(SeatsListed)
	s := c.fact.Stamp()
	is := Roster{ID: r.ID, List: s, Held: maps.Clone(r.Held), CanLogin: r.CanLogin, Employees: r.Employees, Hash: c.hash}
	if is.Held == nil {
		is.Held = map[string]int{}
	}
	before := map[string]Seat{}
	for _, old := range present {
		before[old.User.Value.ID] = old
	}
	users := map[string]bool{}
	for id := range before {
		users[id] = true
	}
	for id := range c.rows {
		if within(c.Spans, id) || slices.Contains(c.Changed, id) {
			users[id] = true
		}
	}
	var out []Seat
	for _, id := range slices.Sorted(maps.Keys(users)) {
		old, was := before[id]
		row, newer := newest(c.rows[id], old, s, r.ID)
		if newer {
			is.Hash = ""
			c.Digest.unsure(id)
		}
		if was && row.Plans != nil && string(said(row)) == string(said(old)) {
			continue
		}
		if was {
			old.Count(&is, -1)
		}
		switch {
		case row.Plans == nil && was:
			old.Gone = true
			out = append(out, old)
		case row.Plans != nil:
			row.Count(&is, +1)
			out = append(out, row)
		}
	}
	return SeatsListed{CustID: p.CustID, Roster: &is, Listed: c.fact.Hash(), Moved: out}
}
