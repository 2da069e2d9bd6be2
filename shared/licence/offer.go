package licence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Offer is a short name of the new licence that waits, by all that a page shows of it: what is
// confirmed is what was shown, and nothing else. It is "" where none waits.
func (l LicenceReported) Offer() string {
	if !l.Offered {
		return ""
	}
	sum := sha256.New()
	fmt.Fprintln(sum, l.Serial, l.NewExpires)
	lines := slices.Clone(l.Plans)
	slices.SortFunc(lines, func(a, b LicenceLine) int {
		return slices.Compare([]string{a.Plan, a.Module}, []string{b.Plan, b.Module})
	})
	for _, p := range lines {
		n := -1
		if p.NewTotal != nil {
			n = *p.NewTotal
		}
		fmt.Fprintln(sum, p.Plan, p.Module, p.Total, n)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// LineKey is what one line of a licence is known by: its module, else its plan.
func LineKey(l LicenceLine) string {
	return cmp.Or(l.Module, l.Plan)
}

// marked tells whether the licence bears one of the markers, however it is written.
func (l *LicenceReported) marked(names ...string) bool {
	return slices.ContainsFunc(l.Markers, func(m string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(m), n) })
	})
}

// Fits tells whether no more is in use of anything that people see than the new licence has.
func (l LicenceReported) Fits() bool {
	for _, p := range l.Plans {
		limit := 0
		if p.NewTotal != nil {
			limit = *p.NewTotal
		}
		if p.Kind != "hidden" && !p.Unrestricted && p.InUse > limit {
			return false
		}
	}
	return true
}
