package page

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// What a press has brought is shown by a page that is opened by GET: whoever goes back or loads it again sends
// nothing twice, and is asked nothing by the browser. What is short stands in the address, and is believed
// where the account knows it; what a reading has changed stands in a cookie for a few minutes.

// checkedCookie holds what "Check again" has brought.
const checkedCookie = "__Host-seatmend-checked"

// A brought is its value: by which link it was asked for, and what it brought.
type brought struct {
	Link    string
	Checked *Checked
}

// checkedPage leads to the page that shows what a reading has changed. Where no session is open the answer is that page
// itself: the token alone is enough to ask, also for who keeps no cookies, and asking twice does no harm.
func (a *Page) checkedPage(w http.ResponseWriter, r *http.Request, v Request, page string, checked *Checked) {
	if !v.session {
		a.showWith(w, r, v, http.StatusOK, func(p *Data) { p.Checked = checked })
		return
	}
	checked.Plans = checked.Plans[:min(len(checked.Plans), atOnce)]
	body, err := json.Marshal(brought{v.Link.ID, checked})
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: checkedCookie, Value: base64.RawURLEncoding.EncodeToString(body), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(licence.Quarter.Seconds())})
	a.back(w, r, v, page+"?checked=yes")
}

// brings is what the latest "Check again" has brought, where the address says that it is the answer to it.
func brings(r *http.Request, v Request) *Checked {
	c, err := r.Cookie(checkedCookie)
	if err != nil || r.URL.Query().Get("checked") == "" {
		return nil
	}
	body, err := base64.RawURLEncoding.DecodeString(c.Value)
	var b brought
	if err != nil || json.Unmarshal(body, &b) != nil || b.Link != v.Link.ID {
		return nil
	}
	return b.Checked
}

// answers are what the end of an address may say that its reader has just said.
var answers = []string{"handled", "not-right", "numbers-right", "numbers-wrong", licence.OrderMore, "paid", "code"}

// receipt is the line that says what came of the last press; "": the address alone says so.
func (a *Page) receipt(v Request, said string) string {
	if !slices.Contains(answers, said) || !v.session {
		return ""
	}
	lately := func(by string, at time.Time) bool { return by == v.Link.Name && a.Now().Sub(at) < licence.Quarter }
	is := false
	for _, reg := range v.state.Known.Profile.Answers {
		is = is || lately(reg.Value.By, reg.At) && (reg.Value.Answer == said || reg.Value.Note == said)
	}
	switch said {
	case "paid":
		for _, reg := range v.state.Known.Invoices.Claims {
			is = is || lately(reg.Value.By, reg.At) && !reg.Value.Back
		}
	case "code":
		_, is = effects.CodeWishOf(v.state, v.Link.Contact, a.Now())
	}
	if !is {
		return ""
	}
	return "notice.said." + said
}

// told adds to a page what its address says of the last press: what came of it, or what was wrong with it.
func (a *Page) told(r *http.Request, v Request, p *Data) {
	q := r.URL.Query()
	p.Checked = brings(r, v)
	if !v.session {
		return
	}
	p.Notice, p.Opened = a.receipt(v, q.Get("said")), q.Get("open") == "exits"
	switch fault := q.Get("fault"); {
	case fault == "note":
		p.Opened, p.Faults = true, []Fault{{Field: "note-" + q.Get("about"), Key: fault}}
	case p.Cure != nil && (p.Kind == "steps" || p.Kind == "activate") && slices.Contains(codeFaults, fault):
		p.Faults = []Fault{{Field: "code", Key: fault}}
	}
}

// codeFaults are what can be wrong with a code, or with what it is for.
var codeFaults = []string{"code", "old-code", "changed", "not-now", "many", "no-mail", "moved"}

// wrongPage leads back to a page with what was wrong.
func (a *Page) wrongPage(w http.ResponseWriter, r *http.Request, v Request, page, fault string) {
	a.back(w, r, v, page+"?fault="+url.QueryEscape(fault))
}
