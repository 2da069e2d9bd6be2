package casework

import (
	"slices"

	"seatmend/shared/licence"
)

// indexForm is that of the terms by which people find an account. Where it is another than that by which
// an account was indexed, it is indexed anew the next time that it is looked at.
const indexForm = 2

// index owes that the account is found by what is new of it, once, whatever asks for it.
func (m *settling) index() {
	owed := func(e licence.Effect) bool { return e.Kind == licence.Index }
	for _, e := range m.c.Add {
		if owed(e) {
			m.h.Indexed = indexForm
			return
		}
	}
	if m.indexed || !m.s.Known.Profile.Account.Told() {
		return
	}
	for _, e := range m.h.Pending {
		if owed(e) && !slices.Contains(m.c.Drop, e.ID) {
			m.h.Indexed = indexForm // it reads the account when it is done
			return
		}
	}
	if m.add(licence.Effect{Kind: licence.Index, Ripe: m.now}) {
		m.h.Indexed = indexForm
	}
}
