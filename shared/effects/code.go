package effects

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/words"
)

// A CodeWish is a contact's wish for a code that is still good: for the new licence that waits
// at an installation, as it was shown, or for doing what was chosen there.
type CodeWish struct {
	Account, CustID, Offer, Contact string // Offer is what it is for
	Asked                           time.Time
}

// CodeWishOf gives the latest wish of a contact. False: there is none, it was asked for more
// than casework.CodeLife ago, or what it was for does not wait any more.
func CodeWishOf(s licence.State, contact string, now time.Time) (CodeWish, bool) {
	wish, ok := s.Known.Profile.Codes[contact]
	if !ok || wish.Value.For == "" || now.Sub(wish.At) >= casework.CodeLife {
		return CodeWish{}, false
	}
	for _, choice := range s.Known.Profile.Choices {
		if wish.Value.For == licence.ForSeats(choice.ID) {
			return CodeWish{s.Account, choice.Value.CustID, wish.Value.For, contact, wish.At}, true
		}
	}
	for _, i := range s.Production(now) {
		if s.Known.Inst(i.CustID).Report.Value.Offer() == wish.Value.For {
			return CodeWish{s.Account, i.CustID, wish.Value.For, contact, wish.At}, true
		}
	}
	return CodeWish{}, false
}

// Until is when the code ends.
func (w CodeWish) Until() time.Time { return w.Asked.Add(casework.CodeLife) }

// Code is the code that is mailed for the wish.
func (w CodeWish) Code(k link.Keys) string { return k.Code(w.Contact, w.purpose(), w.Asked) }

// Opens tells whether the digits are the code of the wish.
func (w CodeWish) Opens(k link.Keys, digits string) bool {
	return k.OpenCode(digits, w.Contact, w.purpose(), w.Asked)
}

// purpose binds a code to what was shown: the account, the installation and the numbers.
func (w CodeWish) purpose() string {
	return strconv.Quote(w.Account) + " " + strconv.Quote(strings.ToLower(w.CustID)) + " " + w.Offer
}

// codeOf is what a mail with a code says, made anew of the wish. False: nothing of it is good
// any more.
func (m Mailer) codeOf(s licence.State, e licence.Effect, now time.Time) (words.Code, bool) {
	asks := cmp.Or(e.By, e.Named())
	wish, ok := CodeWishOf(s, asks, now)
	if !ok || e.By != "" && s.Known.Profile.Codes[asks].Value.Also != e.Named() {
		return words.Code{}, false
	}
	code := words.Code{Seats: strings.HasPrefix(wish.Offer, licence.ForSeats("")), Digits: wish.Code(m.Links()), CustID: wish.CustID, Until: wish.Until()}
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if e.By != "" && c.ID == e.By {
			code.By = c.Name
		}
	}
	return code, true
}

// hidden stands in a kept mail where the digits were, once they lie in a mailbox.
var hidden = strings.Repeat("•", link.CodeLength)
