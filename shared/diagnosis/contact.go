package diagnosis

import (
	"sort"
	"strings"

	"seatmend/shared/licence"
)

// Recipient is the one contact of a role to whom a mail goes: the lowest rank first, then the
// order of the list; skipped are those who left or are away, those whose mail server refuses
// them, and those whom skip names, such as a contact whose CRM user cannot log in. None: the
// partner's contact.
func (r *Reading) Recipient(role licence.Role, skip func(licence.Contact) bool) (licence.Contact, bool) {
	for _, want := range []licence.Role{role, licence.Partner} {
		var list []licence.Contact
		for _, c := range r.A.Contacts {
			if c.Role == want {
				list = append(list, c)
			}
		}
		sort.SliceStable(list, func(i, j int) bool { return list[i].Rank < list[j].Rank })
		for _, c := range list {
			if r.There(c) && (skip == nil || !skip(c)) {
				return c, true
			}
		}
	}
	return licence.Contact{}, false
}

// There tells whether a contact can be written to: has neither left nor is away, and whose
// address takes mail.
func (r *Reading) There(c licence.Contact) bool {
	away := c.AwayUntil != "" && !r.C.Past(c.AwayUntil.Day(r.Cal.Zone).Add(1).Start(r.Cal.Zone))
	refused := r.h.Unsent[strings.ToLower(c.Email)].Bars(r.C.now)
	return !c.HasLeft(r.Cal.Zone, r.C.Past) && !away && !refused
}
