package functions

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

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

// A visit is a request to a page by whoever holds its link.
type visit struct {
	token   string
	link    effects.LinkRow
	state   licence.State
	session bool
}

// errGone and errBroken are the ways in which a link can fail; each has its page.
var (
	errGone    = errors.New("the link has expired")
	errRevoked = errors.New("the link was revoked")
	errBroken  = errors.New("the link is not one of ours, or was cut")
)

// open proves the link, then looks up its row. What is not proved costs no read.
func (a *App) open(r *http.Request) (visit, error) {
	v := visit{token: r.PathValue("token")}
	l, err := a.Links.Open(v.token, a.Now())
	expired := errors.Is(err, link.ErrExpired)
	if err != nil && !expired || l.Purpose != link.Page {
		return v, errBroken
	}
	account, err := a.Store.Resolve(r.Context(), licence.Name{Sender: "link", ID: l.ID})
	if errors.Is(err, store.ErrNoAccount) {
		return v, errRevoked
	}
	if err != nil {
		return v, err
	}
	row, ok, err := a.Store.Row(r.Context(), account, "link", l.ID)
	if err != nil {
		return v, err
	}
	if !ok {
		return v, errRevoked
	}
	if err := json.Unmarshal(row.Body, &v.link); err != nil {
		return v, err
	}
	loaded, err := a.Store.Load(r.Context(), account, "")
	if err != nil {
		return v, err
	}
	v.state = loaded.State
	v.state.Mail = a.Operator.Mail
	if !stillThere(v.state, v.link, a.Now()) {
		return v, errRevoked
	}
	if expired {
		return v, errGone
	}
	if c, err := r.Cookie(cookie); err == nil {
		s, err := a.Links.Open(c.Value, a.Now())
		v.session = err == nil && s.Purpose == link.Session && s.ID == l.ID
	}
	return v, nil
}

// stillThere tells whether the link's person is still a contact of the account.
func stillThere(s licence.State, l effects.LinkRow, now time.Time) bool {
	zone := zoneOf(s)
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if c.ID == l.Contact && strings.EqualFold(c.Email, l.Email) {
			return c.Left == "" || c.Left.Start(zone).After(now)
		}
	}
	return false
}

func zoneOf(s licence.State) *time.Location {
	return licence.NewCalendar(s.Known.Profile.Account.Value.Timezone, "").Zone
}

// page shows what is wrong and what can be done. It changes nothing: mail scanners follow
// links, too.
func page(a *App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pageHeaders(w)
		if "/r/"+r.PathValue("token") == words.StylePath {
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			w.Write(words.CSS())
			return
		}
		v, err := a.open(r)
		if err != nil {
			a.failedLink(w, r, v, err)
			return
		}
		a.show(w, r, v, nil)
	}
}

// below answers a GET below the page. Whoever has no session is led to the first page, where
// the button is that opens one.
func below(a *App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pageHeaders(w)
		v, err := a.open(r)
		if err != nil {
			a.failedLink(w, r, v, err)
			return
		}
		kind, id, _ := strings.Cut(r.PathValue("proxy"), "/")
		switch {
		case !slices.Contains(cureKinds, kind) || v.link.Role == licence.Billing:
			http.Redirect(w, r, "/r/"+v.token, http.StatusSeeOther)
		case !v.session:
			http.Redirect(w, r, "/r/"+v.token+"?session=over", http.StatusSeeOther)
		default:
			a.curePage(w, r, v, kind, id, nil)
		}
	}
}

// act does what a form of the page asks for. Everything but check and a new link needs the
// session.
func act(a *App) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pageHeaders(w)
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			a.fail(w, r, &refusal{403, "forbidden", "the form was sent from another site", nil})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		v, err := a.open(r)
		path := "/" + r.PathValue("proxy")
		if errors.Is(err, errGone) && path == words.NewLinkPath {
			err = a.newLink(r.Context(), v)
			if err == nil {
				a.plain(w, r, http.StatusOK, "new-link", v)
				return
			}
		}
		if err != nil {
			a.failedLink(w, r, v, err)
			return
		}
		if err := r.ParseForm(); err != nil {
			a.fail(w, r, &refusal{400, "malformed", "the form could not be read: " + err.Error(), nil})
			return
		}
		form, ok := forms[path]
		switch {
		case path == words.CheckPath:
			a.check(w, r, v)
		case path == words.SessionPath:
			a.openSession(w, r, v)
		case !ok:
			a.failedLink(w, r, v, errBroken)
		case !v.session:
			http.Redirect(w, r, "/r/"+v.token+"?session=over", http.StatusSeeOther)
		default:
			form(a, w, r, v)
		}
	}
}

// next are the pages to which opening a session may lead.
var next = regexp.MustCompile(`^(seats|steps|activate)/[A-Za-z0-9_-]{1,128}$`)

// openSession gives the browser a session: for half an hour it is shown names and choices.
func (a *App) openSession(w http.ResponseWriter, r *http.Request, v visit) {
	token := a.Links.Sign(link.Link{ID: v.link.ID, Purpose: link.Session, Generation: 1, Expires: a.Now().Add(sessionLife)})
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife.Seconds())})
	to := "/r/" + v.token
	if page := r.PostFormValue("next"); next.MatchString(page) {
		to += "/" + page
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// show writes the page for a visit.
func (a *App) show(w http.ResponseWriter, r *http.Request, v visit, checked *words.Checked) {
	data, err := a.pageData(r.Context(), v)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	data.Checked = checked
	if !v.session && r.URL.Query().Get("session") == "over" {
		data.Notice = "notice.session"
	}
	a.write(w, r, http.StatusOK, v.link.Lang, data)
}

func (a *App) pageData(ctx context.Context, v visit) (words.PageData, error) {
	s, now := v.state, a.Now()
	d := licence.Diagnose(s, now, now)
	o, err := effects.Options(ctx, a.Store, s, d)
	if err != nil {
		return words.PageData{}, err
	}
	o.Reader = v.link.Role
	if !v.session {
		o.Billing = "" // names wait for the session
	}
	data := words.PageData{
		Base: "/r/" + v.token, Operator: a.Operator.Words(), Account: o.Account, Zone: o.Zone, Now: now,
		View: words.Of(v.link.Lang).View(d, o),
	}
	for _, site := range licence.Sites(s, now, now) {
		if site.Kind != "production" {
			continue
		}
		if site.ReadAt.At.After(data.ReadAt) {
			data.ReadAt = site.ReadAt.At
		}
		in := s.Known.Inst(site.CustID)
		if by := in.Report.Value.StatedBy; by != "" {
			data.StatedBy = by
		}
		data.Reads = data.Reads || granted(s, site.CustID, "read-licence")
		for _, p := range site.Plans {
			data.Bars = append(data.Bars, bar(site.CustID, p))
		}
	}
	if v.session {
		if data.Session, err = a.session(ctx, v, d, data.Reads); err != nil {
			return data, err
		}
	}
	return data, a.progress(ctx, v, d, &data)
}

func bar(cust string, p licence.PlanNumbers) words.Bar {
	b := words.Bar{Subject: licence.Subject{Kind: "plan", ID: p.Plan, CustID: cust}, Name: p.Name}
	for to, e := range map[**int]*licence.Evidence{&b.Assigned: p.Assigned, &b.Offered: p.Offered, &b.Ordered: p.Ordered, &b.Total: p.Total} {
		if n, ok := number(e); ok {
			*to = &n
		}
	}
	return b
}

// shown is how many holders the first page shows of one plan.
const shown = 25

// session gathers names, choices and actions: only for who asked for them.
func (a *App) session(ctx context.Context, v visit, d licence.Diagnosis, connected bool) (*words.Session, error) {
	s, now := v.state, a.Now()
	out := &words.Session{}
	for _, f := range d.Findings {
		if (f.Code != "surplus" && f.Code != "plan-swap") || v.link.Role == licence.Billing {
			continue
		}
		plan := f.Subject.ID
		if f.Code == "plan-swap" {
			plan, _, _ = strings.Cut(plan, ">")
		}
		in := s.Known.Inst(f.Subject.CustID)
		seats, next, err := a.Store.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, store.Page{Limit: 200})
		if err != nil {
			return nil, err
		}
		list := words.Seats{Fingerprint: f.Fingerprint}
		admins := effects.Admins(seats)
		for _, seat := range seats {
			if len(list.Holders) == shown {
				list.More = max(f.Need, len(seats)-shown)
				break
			}
			blockers := effects.Blocked(s, seat, plan, admins, now)
			if reader(blockers) {
				continue // nobody is asked to free a seat of their own
			}
			list.Holders = append(list.Holders, words.Holder{User: seat.User.Value, Blockers: blockers})
		}
		if next.Cursor != "" && list.More == 0 {
			list.More = 1
		}
		if len(list.Holders) > 0 {
			out.Seats = append(out.Seats, list)
		}
	}
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if c.ID != v.link.Contact && c.Left == "" && c.Role == v.link.Role {
			out.Colleagues = append(out.Colleagues, c)
		}
	}
	if !connected && v.link.Role != licence.Billing {
		for _, site := range licence.Sites(s, now, now) {
			if site.Kind == "production" {
				out.Screen = screenOf(s, site.CustID)
				break
			}
		}
	}
	return out, nil
}

func reader(bs []licence.Blocker) bool {
	for _, b := range bs {
		if b.Code == "reader" {
			return true
		}
	}
	return false
}

// failedLink shows the page of a link that leads nowhere (any more).
func (a *App) failedLink(w http.ResponseWriter, r *http.Request, v visit, err error) {
	switch {
	case errors.Is(err, errGone):
		a.plain(w, r, http.StatusGone, "expired", v)
	case errors.Is(err, errRevoked):
		a.plain(w, r, http.StatusGone, "revoked", v)
	case errors.Is(err, errBroken):
		a.plain(w, r, http.StatusNotFound, "broken", v)
	default:
		a.Log.Error("page", "route", r.Pattern, "error", err.Error())
		a.plain(w, r, http.StatusServiceUnavailable, "fault", v)
	}
}

func (a *App) plain(w http.ResponseWriter, r *http.Request, status int, kind string, v visit) {
	lang := v.link.Lang
	if lang == "" {
		lang = browserLang(r)
	}
	a.write(w, r, status, lang, words.PageData{Kind: kind, Base: "/r/" + v.token, Operator: a.Operator.Words(), Now: a.Now(), Zone: time.UTC})
}

// help writes the entrance for whoever reads the warning.
func (a *App) help(w http.ResponseWriter, r *http.Request, h words.Help) {
	a.write(w, r, http.StatusOK, browserLang(r), words.PageData{Kind: "help", Operator: a.Operator.Words(), Now: a.Now(), Zone: time.UTC, Help: h})
}

func (a *App) write(w http.ResponseWriter, r *http.Request, status int, lang string, data words.PageData) {
	var b strings.Builder
	if err := words.Of(lang).Page(&b, data); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pageHeaders(w)
	w.WriteHeader(status)
	w.Write([]byte(b.String()))
}

// pageHeaders keep a page from running, loading or leaking anything, and from being kept. What
// is answered below /r/ without a page, such as a redirect, has them too.
func pageHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
}

// browserLang is the first language that a browser prefers and we know the tag of.
func browserLang(r *http.Request) string {
	tag, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ = strings.Cut(tag, ";")
	return tag
}

func callerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
