package onboard

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"seatmend/shared/licence"
)

// A pile is what a file tells, by customer, once each line of it was checked. It lies in a
// temporary file: what is written later is what was checked, whatever becomes of the sheet.
type Staging struct {
	file    *os.File
	out     *bufio.Writer
	end     int64
	batches []*batch
	of      map[string]*batch
	claims  map[licence.Name]claim
	ids     map[string]claim // of facts that brought their own: what each says, and where
	loose   []looseFact
}

// A batch is what the file tells of one customer.
type batch struct {
	account string
	line    int
	spans   []span
	sheet   bool
}

// A span is a place in the temporary file.
type span struct{ at, size int64 }

// A claim is who has a name, and the line that says so.
type claim struct {
	by   string
	line int
}

// A looseFact is about whoever has its names: it does not know the customer's number.
type looseFact struct {
	names []licence.Name
	span  span
	line  int
}

type pileLine struct {
	Line    int          `json:"line"`
	Again   bool         `json:"again,omitempty"`
	Figures bool         `json:"figures,omitempty"`
	Fact    licence.Fact `json:"fact"`
}

func NewStaging() (*Staging, error) {
	file, err := os.CreateTemp("", "seatmend-onboard-*")
	if err != nil {
		return nil, err
	}
	return &Staging{file: file, out: bufio.NewWriterSize(file, 1<<20), of: map[string]*batch{}, claims: map[licence.Name]claim{}, ids: map[string]claim{}}, nil
}

func (p *Staging) Close() {
	p.file.Close()
	os.Remove(p.file.Name())
}

// add puts a fact on the pile. What another customer of the file has already is a fault.
func (p *Staging) add(f placedFact, bad *Faults, sheet bool) error {
	if !f.again {
		hash := f.fact.Hash()
		if was, twice := p.ids[f.fact.ID]; twice {
			if was.by != hash {
				bad.add(f.line, "id", "", fmt.Sprintf("is that of line %d, which says something else: give each body an id of its own, or none", was.line))
			}
			return nil
		}
		p.ids[f.fact.ID] = claim{hash, f.line}
	}
	body, err := json.Marshal(pileLine{f.line, f.again, f.figures, f.fact})
	if err != nil {
		return err
	}
	if _, err := p.out.Write(body); err != nil {
		return err
	}
	at := span{p.end, int64(len(body))}
	p.end += at.size
	if f.fact.To[0].Sender != "account" {
		p.loose = append(p.loose, looseFact{f.fact.To, at, f.line})
		return nil
	}
	account := f.fact.To[0].ID
	b := p.of[account]
	if b == nil {
		b = &batch{account: account, line: f.line, sheet: sheet}
		p.of[account] = b
		p.batches = append(p.batches, b)
	}
	if a, ok := f.fact.Payload.(licence.AccountChanged); ok {
		p.claim(a, f.line, bad, sheet)
	}
	b.spans = append(b.spans, at)
	return nil
}

func (p *Staging) claim(a licence.AccountChanged, line int, f *Faults, sheet bool) {
	for _, n := range licence.Names(a) {
		was, taken := p.claims[n]
		if taken && was.by != a.Account {
			f.add(line, placeOf(a, n, sheet), n.ID, fmt.Sprintf("is that of %s already (line %d): it can lead to one customer only", was.by, was.line))
			continue
		}
		p.claims[n] = claim{a.Account, line}
	}
}

// placeOf is where a customer is given a name: the column of the sheet, or the field of the body.
func placeOf(a licence.AccountChanged, n licence.Name, sheet bool) string {
	for i, in := range a.Installations {
		prefix := fmt.Sprintf("data.installations[%d].", i)
		if sheet {
			prefix = ""
			if i > 0 {
				prefix = "trial_"
			}
		}
		if licence.CustName(in.CustID) == n {
			return prefix + "cust_id"
		}
		if n.Sender == "serial" && n.ID == in.Serial {
			return prefix + "serial"
		}
	}
	switch {
	case n.Sender == "account" && sheet:
		return "account"
	case n.Sender == "account":
		return "data.account"
	case sheet:
		return "billing_id"
	case n.Sender == "serial":
		return "data.installations"
	}
	return "data.billing"
}

// Settle ends the writing, and gives the facts that know no customer's number to whom their
// names lead: in the file, else in what is stored.
func (p *Staging) Settle(resolve func(...licence.Name) (string, error), f *Faults) error {
	for _, l := range p.loose {
		account := ""
		for _, n := range l.names {
			if c, ok := p.claims[n]; ok && account == "" {
				account = c.by
			}
		}
		if account == "" {
			var err error
			if account, err = resolve(l.names...); err != nil {
				return err
			}
		}
		if account == "" {
			f.add(l.line, "data.cust_id", l.names[0].ID, "is no installation of the customers that are known: add the account.changed that lists it")
			continue
		}
		if p.of[account] == nil {
			p.of[account] = &batch{account: account, line: l.line}
			p.batches = append(p.batches, p.of[account])
		}
		p.of[account].spans = append(p.of[account].spans, l.span)
	}
	p.loose = nil
	return p.out.Flush()
}

// read gives what is told of a customer, who it is first.
func (p *Staging) read(b *batch) ([]placedFact, error) {
	var who, rest []placedFact
	for _, s := range b.spans {
		var l pileLine
		if err := json.NewDecoder(io.NewSectionReader(p.file, s.at, s.size)).Decode(&l); err != nil {
			return nil, err
		}
		f := placedFact{l.Line, l.Fact, l.Again, l.Figures}
		if _, ok := l.Fact.Payload.(licence.AccountChanged); ok {
			who = append(who, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(who, rest...), nil
}
