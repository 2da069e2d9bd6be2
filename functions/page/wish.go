package page

import (
	"context"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What became of the wish that a link be mailed to somebody.
const (
	linkSent  = "sent"
	linkHeld  = "held"  // it lies as a draft until a person of ours sends it
	linkLater = "later" // it has not gone yet: the mail server does not take it, or another hand has it
	linkMany  = "many"  // as many as a day allows have gone
	linkNone  = "none"  // no mail goes to this customer, or to this person
)

const (
	linksADay  = 3  // that a link may ask for, be it for its own reader or a colleague
	checksADay = 60 // that a link may ask for, and its reader by all links together
)

// mailLink has a link mailed to a contact, as whoever holds another one wishes.
func (a *Page) mailLink(ctx context.Context, v Request, to licence.Contact, what string) (string, error) {
	asked := a.Now()
	if !mailed(v.state) {
		return linkNone, nil
	}
	if casework.LinksAsked(v.state, to.Email, asked) >= casework.LinksADay {
		return linkMany, nil
	}
	if ok, err := a.Store.Counter(ctx, counted("link wish", v.state.Account, v.Link.ID), a.today(v), 1, linksADay); err != nil || !ok {
		return linkMany, err
	}
	if err := a.say(ctx, v, what+"/"+to.ID, licence.LinkAsked{To: to.ID, Steps: what == "steps"}); err != nil {
		return "", err
	}
	for waited := time.Duration(0); ; waited += glance {
		a.deliverNow(ctx, v.state.Account)
		l, err := a.Store.Load(ctx, v.state.Account, store.Want{})
		if err != nil {
			return "", err
		}
		wish, elsewhere := wishOf(l.State, to, asked)
		if wish == linkNone && casework.LinksAsked(l.State, to.Email, asked) >= casework.LinksADay {
			wish = linkMany // others have asked for links to this person meanwhile
		}
		if !elsewhere || waited >= patience {
			return wish, nil
		}
		if err := a.Sleep(ctx, glance); err != nil {
			return "", err
		}
	}
}

// wishOf is what became of a link that was asked for; elsewhere: another hand is sending it.
func wishOf(s licence.State, to licence.Contact, asked time.Time) (wish string, elsewhere bool) {
	wish = linkNone
	for _, m := range s.History.Mailed {
		switch {
		case m.Why != "link" || m.Address != to.Email || m.At.Before(asked):
		case m.Draft == "":
			return linkSent, false
		default:
			wish = linkHeld
		}
	}
	for _, e := range s.History.Pending {
		if e.Kind == licence.Mail && e.Why == "link" && e.Named() == to.ID {
			return linkLater, !e.Sending.IsZero()
		}
	}
	return wish, false
}

// mayCheck counts a wish that the installations be read, by its link and by who reads it.
func (a *Page) mayCheck(ctx context.Context, v Request) (bool, error) {
	for _, key := range []string{counted("check by link", v.state.Account, v.Link.ID), counted("check by", v.state.Account, v.Link.Contact)} {
		if ok, err := a.Store.Counter(ctx, key, a.today(v), 1, checksADay); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// today is the civil day at the customer's, by which wishes are counted.
func (a *Page) today(v Request) string { return string(licence.DateOf(a.Now(), app.ZoneOf(v.state))) }
