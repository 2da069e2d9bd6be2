package licence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Subject is what a finding is about.
type Subject struct {
	Kind   string `json:"kind"` // plan, module, suite, price, pair, invoice, account, source, installation
	ID     string `json:"id"`
	CustID string `json:"cust_id,omitempty"`
}

// Fingerprint identifies a finding over its whole life: no number and no date is in it.
func Fingerprint(account string, code Code, s Subject) string {
	var text [256]byte
	b := text[:0]
	for i, part := range []string{account, string(code), s.Kind, s.ID, s.CustID} {
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Case is the number of a finding that people read.
func Case(fingerprint string) string { return "S-" + fingerprint[:8] }

// CaseNumbers are those of all that is remembered of an account: of what stands, of what has ended, and
// of the conversations by mail.
func CaseNumbers(s State) []string {
	all := map[string]bool{}
	for fp := range s.History.Findings {
		all[Case(fp)] = true
	}
	for fp := range s.History.Threads {
		all[Case(fp)] = true
	}
	for _, x := range s.History.Mailed {
		if x.Fingerprint != "" {
			all[Case(x.Fingerprint)] = true
		}
	}
	for _, ep := range s.History.Episodes {
		if ep.Case != "" {
			all[ep.Case] = true
		}
	}
	return SortedKeys(all)
}

// CaseOf is the number under which a person reads of a finding. In a conversation it does not change
// half-way: it is that of the first mail there.
func (h *History) CaseOf(fingerprint string, owner Role) string {
	own := ""
	for _, address := range SortedKeys(h.Episodes) {
		ep := h.Episodes[address]
		if ep.Case == "" {
			continue
		}
		if _, in := ep.Waits[fingerprint]; in {
			return ep.Case
		}
		if ep.To == owner && own == "" {
			own = ep.Case
		}
	}
	return cmp.Or(own, Case(fingerprint))
}

// Here tells whether what is said of the subject is said of the installation too.
func (s Subject) Here(custID string) bool {
	return s.CustID == "" || strings.EqualFold(s.CustID, custID)
}
