package casework

import (
	"time"

	"seatmend/shared/licence"
)

// LinksADay is how many links a person is mailed on one civil day because somebody asked for them,
// whoever it was.
const LinksADay = 3

// LinksAsked counts the mails with a link that somebody asked for, and that went to the address, or
// became drafts for it, on the civil day of an instant; "": to any address, drafts aside.
func LinksAsked(s licence.State, address string, now time.Time) (n int) {
	today := licence.DateOf(now, s.Calendar().Zone)
	for _, m := range s.History.Mailed {
		if m.Why == "link" && m.Day == today && (m.Address == address || address == "" && m.Draft == "") {
			n++
		}
	}
	return n
}
