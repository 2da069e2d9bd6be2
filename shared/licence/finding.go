package licence

import (
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
func Fingerprint(account, code string, s Subject) string {
	var text [256]byte
	b := text[:0]
	for i, part := range []string{account, code, s.Kind, s.ID, s.CustID} {
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

// Here tells whether what is said of the subject is said of the installation too.
func (s Subject) Here(custID string) bool {
	return s.CustID == "" || strings.EqualFold(s.CustID, custID)
}
