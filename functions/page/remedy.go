package page

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// sessionLife is how long names and choices are shown after somebody has asked for them.
const sessionLife = 30 * time.Minute

// cookie is the session's. Its prefix holds browsers to Secure, Path=/ and no Domain.
const cookie = "__Host-seatmend"

// A request is one to a page by whoever holds its link. The account is read once for it, and
// diagnosed once.
type Request struct {
	token     string
	Link      effects.LinkRow
	read      licence.Loaded
	state     licence.State
	session   bool
	diagnosis func() diagnosis.Diagnosis
}

// RequestOf is a request about what was read.
func (a *Page) RequestOf(token string, read licence.Loaded) Request {
	// What a person has said, the pages take for so at once; all else waits until it counts.
	s := casework.Supposed(read.State, a.Now())
	return Request{token: token, read: read, state: s, diagnosis: sync.OnceValue(func() diagnosis.Diagnosis {
		return diagnosis.Diagnose(s, a.Now(), a.Now())
	})}
}

// open proves the link, then reads its account, with the link's row and the choice that the request
// is about. What is not proved costs no read.
func (a *Page) open(r *http.Request) (Request, error) {
	v := Request{token: link.Tidy(r.PathValue("token"))}
	l, err := a.OpenLink(r.Context(), v.token)
	expired := errors.Is(err, link.ErrExpired)
	if err != nil && !expired || l.Purpose != link.Page {
		return v, app.ErrBroken
	}
	name := licence.Name{Sender: "link", ID: l.ID}
	account, err := a.Engine.AccountOf(r.Context(), name)
	if errors.Is(err, store.ErrNoAccount) {
		return v, app.ErrRevoked
	}
	if err != nil {
		return v, err
	}
	own := licence.RowKey{Kind: "link", ID: l.ID}
	want := store.Want{Rows: []licence.RowKey{own}}
	if fp := fingerprintOf(r); fp != "" {
		want.Rows = append(want.Rows, licence.RowKey{Kind: "choice", ID: fp}, licence.RowKey{Kind: "run", ID: fp})
	}
	read, err := a.Store.Load(r.Context(), account, want)
	if err != nil {
		return v, err
	}
	row, ok, err := effects.LinkIn(read.Rows[own])
	if err != nil {
		return v, err
	}
	if !ok || !row.Opens(l.Generation) {
		a.Engine.Forget(name)
		return v, app.ErrRevoked
	}
	v = a.RequestOf(v.token, read)
	v.Link = row
	reader, ok, err := a.readerOf(r.Context(), v.state, v.Link)
	if err != nil {
		return v, err
	}
	if !ok {
		return v, app.ErrRevoked
	}
	// The page is that of the role which the person has now, whatever it was when the link was given.
	v.Link.Role, v.Link.Name, v.Link.Lang = reader.Role, reader.Name, words.OfAccount(v.state, reader.Locale).Tag
	if expired {
		return v, app.ErrGone
	}
	if c, err := r.Cookie(cookie); err == nil {
		s, err := a.OpenLink(r.Context(), c.Value)
		v.session = err == nil && s.Purpose == link.Session && s.ID == l.ID && row.Opens(s.Generation)
	}
	return v, nil
}

// fingerprintOf is of the finding that a request is about, if it is about one.
func fingerprintOf(r *http.Request) string {
	below := r.PathValue("proxy")
	if r.Method == http.MethodPost {
		if fp := r.PostFormValue("fingerprint"); fp != "" {
			return fp
		}
		below = r.PostFormValue("from")
	}
	_, id, _ := strings.Cut(below, "/")
	return id
}

// readerOf is the contact whose link it is, as the account has that person now; false: one who has
// left, has another address, or was locked out of SuperOffice. Who just has no seat reads on: in the
// middle of an exchange of plans that may be whoever does it.
func (a *Page) readerOf(ctx context.Context, s licence.State, l effects.LinkRow) (licence.Contact, bool, error) {
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if c.ID == l.Contact && strings.EqualFold(c.Email, l.Email) {
			login, err := effects.LoginOf(ctx, a.Store, s, c, a.Now())
			return c, err == nil && login != effects.LockedOut && !LeftBy(s, c, a.Now()), err
		}
	}
	return licence.Contact{}, false, nil
}

// LeftBy tells whether a contact has left.
func LeftBy(s licence.State, c licence.Contact, now time.Time) bool {
	return c.HasLeft(app.ZoneOf(s), diagnosis.NewClock(now, now).Past)
}

// page shows what is wrong and what can be done. It changes nothing: mail scanners follow
// links, too.
func page(a *Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if "/r/"+r.PathValue("token") == stylePath {
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			w.Write(css)
			return
		}
		v, err := a.open(r)
		if err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		a.show(w, r, v)
	}
}

// below answers a GET below the page. Whoever has no session is led to the first page, where
// the button is that opens one.
func below(a *Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := a.open(r)
		if err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		kind, id, _ := strings.Cut(r.PathValue("proxy"), "/")
		switch {
		case !slices.Contains(cureKinds, kind) || v.Link.Role == licence.Billing:
			http.Redirect(w, r, "/r/"+v.token, http.StatusSeeOther)
		case !v.session:
			http.Redirect(w, r, "/r/"+v.token+"?session=over", http.StatusSeeOther)
		case kind == "screen":
			a.curePage(w, r, v, kind, id, a.asking(r, v, id))
		default:
			a.curePage(w, r, v, kind, id, func(p *Data) { a.told(r, v, p) })
		}
	}
}

// act does what a form of the page asks for. Everything but check and a new link needs the
// session.
func act(a *Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			a.Plain(w, r, http.StatusForbidden, "elsewhere", Request{token: r.PathValue("token")})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		unread := r.ParseForm()
		v, err := a.open(r)
		path := "/" + r.PathValue("proxy")
		if errors.Is(err, app.ErrGone) && path == newLinkPath {
			var page string
			if page, err = a.newLink(r.Context(), v); err == nil {
				a.Plain(w, r, http.StatusOK, page, v)
				return
			}
		}
		if err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		if unread != nil {
			a.Plain(w, r, http.StatusBadRequest, "unread", v)
			return
		}
		form, ok := forms[path]
		switch {
		case path == checkPath:
			a.check(w, r, v)
		case path == sessionPath:
			a.openSession(w, r, v)
		case !ok:
			a.FailedLink(w, r, v, app.ErrBroken)
		case !v.session:
			http.Redirect(w, r, "/r/"+v.token+"?session=over", http.StatusSeeOther)
		default:
			form(a, w, r, v)
		}
	}
}

// next are the pages to which opening a session may lead.
var next = regexp.MustCompile(`^(seats|steps|activate|screen)/[A-Za-z0-9_-]{1,128}$`)

// paidAt is the form of the page to which it may lead as well: that an invoice is paid.
var paidAt = regexp.MustCompile(`^say-paid-[A-Za-z0-9]{1,128}$`)

// openSession gives the browser a session: for half an hour it is shown names and choices.
func (a *Page) openSession(w http.ResponseWriter, r *http.Request, v Request) {
	token := a.Links().Sign(link.Link{ID: v.Link.ID, Purpose: link.Session, Generation: v.Link.Gen(), Expires: a.Now().Add(sessionLife)})
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife.Seconds())})
	to := "/r/" + v.token
	if page := r.PostFormValue("next"); next.MatchString(page) {
		to += "/" + page
	}
	if page := r.PostFormValue("next"); paidAt.MatchString(page) {
		to += "#" + page
	}
	if r.PostFormValue("next") == "exits" {
		to += "?open=exits"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
