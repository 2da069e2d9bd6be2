package page

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A link alone activates nothing: it may have been passed on, or opened by a machine. Who
// presses proves with a code that the mailbox is theirs, for the very numbers that were shown.

const (
	codesAnHour  = 5 // that a contact may ask for
	triesPerCode = 5 // after which a code is dead, even if the next would be right
)

var (
	errManyCodes = &app.Refusal{Status: http.StatusTooManyRequests, Code: "too_many_codes", Message: "five codes were sent within an hour; wait until the next hour, or call us", Fields: nil}
	errNoMail    = &app.Refusal{Status: http.StatusConflict, Code: "no_mail", Message: "no mail goes to this customer now, and so no code; call us", Fields: nil}
)

// others are the account's other contacts, to whom the code may go as well: where a mailbox is shared,
// the one who acts names who reads it.
func (a *Page) others(v Request) (list []licence.Contact) {
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID != v.Link.Contact && !strings.EqualFold(c.Email, v.Link.Email) && !LeftBy(v.state, c, a.Now()) {
			list = append(list, c)
		}
	}
	return list
}

// askCode mails the reader a code, and another contact whom the reader names, for the new licence that waits at an installation. Where
// none waits that could be activated from here, the page was an old one, and nothing is sent.
func (a *Page) askCode(ctx context.Context, v Request, cust, also string) error {
	now := a.Now()
	offer := v.state.Known.Inst(cust).Report.Value.Offer()
	if v.Link.Role == licence.Billing || !casework.MayActivate(v.state, cust, offer, now) {
		return nil
	}
	return a.mailCode(ctx, v, offer, also)
}

// mailCode mails the reader a code for what was shown, within the bounds.
func (a *Page) mailCode(ctx context.Context, v Request, what, also string) error {
	if !mailed(v.state) {
		return errNoMail
	}
	if !slices.ContainsFunc(a.others(v), func(c licence.Contact) bool { return c.ID == also }) {
		also = ""
	}
	limits := []Limit{{counted("code for", v.state.Account, v.Link.Contact), codesAnHour}}
	if also != "" {
		limits = append(limits, Limit{counted("code to", v.state.Account, also), codesAnHour})
	}
	if ok, err := a.Within(ctx, limits...); err != nil {
		return err
	} else if !ok {
		return errManyCodes
	}
	if err := a.say(ctx, v, "code", licence.CodeAsked{Contact: v.Link.Contact, For: what, Also: also}); err != nil {
		return err
	}
	a.deliverNow(ctx, v.state.Account)
	return nil
}

// mailed tells whether anything is mailed to the customer at all.
func mailed(s licence.State) bool {
	policy := s.MailPolicy()
	return policy != "off" && policy != "operator"
}

// deliverNow does what is owed while the reader waits. What fails stays owed: the sweep finds it.
func (a *Page) deliverNow(ctx context.Context, account string) {
	if err := a.Engine.Deliver(ctx, account); err != nil {
		a.Log.Error("deliver", "account", account, "error", err.Error())
	}
}

// codeWaits tells whether the contact has asked for a code that is still good.
func codeWaits(s licence.State, contact string, now time.Time) bool {
	_, ok := effects.CodeWishOf(s, contact, now)
	return ok && mailed(s)
}

// activate has the new licence activated that was shown, for who has the code. It tells
// "asked": it was, and what came of it is in the state now; "wrong-code"; "old-code": it has
// expired, was used, or was tried too often; "changed": not that licence waits; "not-now": it
// does not fit any more, or somebody doubts its numbers.
func (a *Page) activate(ctx context.Context, v Request, cust, offer, code string) (string, error) {
	s, now := v.state, a.Now()
	in := s.Known.Inst(cust)
	wish, good := effects.CodeWishOf(s, v.Link.Contact, now)
	used := in.Wanted.Told() && in.Wanted.ID == factOf(s.Account, v.Link.Contact, s.Known.Profile.Codes[v.Link.Contact].At)
	switch {
	case v.Link.Role == licence.Billing:
		return effects.NotNow, nil
	case used && in.Wanted.Value.Offer == offer && (in.Report.Value.Offer() != offer || activating(s, in.CustID)):
		// The second click, or the other tab: it has been done, or is being done.
		a.deliverNow(ctx, s.Account)
		return "asked", nil
	case offer == "" || in.Report.Value.Offer() != offer:
		return effects.Changed, nil
	case !casework.MayActivate(s, cust, offer, now):
		return effects.NotNow, nil
	case !good || used || wish.Offer != offer || !strings.EqualFold(wish.CustID, cust):
		return "old-code", nil
	}
	if wrong, err := a.opens(ctx, v, wish, code); err != nil || wrong != "" {
		return wrong, err
	}
	// The fact has the code's name, so that a code counts once, whoever is at it at the same time.
	f := licence.Fact{
		ID: factOf(s.Account, v.Link.Contact, wish.Asked), To: []licence.Name{{Sender: "account", ID: s.Account}}, At: now, Source: "page",
		Payload: licence.ActivationAsked{CustID: wish.CustID, Offer: offer, By: v.Link.Name},
	}
	if _, err := a.Engine.Apply(ctx, f); err != nil && !errors.Is(err, store.ErrConflictingReplay) {
		return "", err
	}
	a.deliverNow(ctx, s.Account)
	return "asked", nil
}

// opens says what is wrong with a code; "": it is the right one. Each try is counted before it is looked
// at: whoever sends many at once has no more of them.
func (a *Page) opens(ctx context.Context, v Request, wish effects.CodeWish, code string) (wrong string, err error) {
	ok, err := a.Store.Counter(ctx, counted("code try", v.state.Account, v.Link.Contact, instant(wish.Asked)), wish.Asked.UTC().Format("2006-01-02T15"), 1, triesPerCode)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "old-code", nil
	case !wish.Opens(a.Links(), strings.Join(strings.Fields(code), "")):
		return "wrong-code", nil
	}
	return "", nil
}

// activating tells whether an activation of the installation is owed.
func activating(s licence.State, custID string) bool {
	for _, e := range s.History.Pending {
		if e.Kind == licence.Activate && e.CustID == custID {
			return true
		}
	}
	return false
}

// factOf is the id of the wish to activate that a code brings.
func factOf(account, contact string, asked time.Time) string {
	return "page/" + app.ShortHash("activate", account, contact, instant(asked))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// counted is a key under which something is counted. Its parts are quoted: no two lists of
// them are one key.
func counted(what string, parts ...string) string {
	for _, p := range parts {
		what += " " + strconv.Quote(p)
	}
	return what
}
