package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
)

const (
	signInLife = 15 * time.Minute // of the link in the mail, which opens one session
	deskLife   = 8 * time.Hour    // of a session: a working day
)

// deskCookie is the session's of the operator's people; deskTo remembers where somebody was going who had to sign in
// first, for as long as a link to sign in is good and a while; deskNoKeys is there where keys.js is switched off.
const (
	deskCookie = "__Host-seatmend-staff"
	deskTo     = "__Host-seatmend-to"
	deskNoKeys = "__Host-seatmend-keys"
	toLife     = 1800 // seconds
)

// goal is the page that was asked for, or on which the button was that was pressed.
func (v *deskVisit) goal() string {
	account := v.r.PathValue("account")
	switch {
	case v.r.Method != http.MethodPost:
		return v.r.URL.RequestURI()
	case account != "":
		return deskBase(account)
	case v.r.URL.Path == "/support/drafts" || v.r.URL.Path == "/support/aside":
		return v.r.URL.Path
	}
	return "/support"
}

// ours tells whether an address is that of a page of this screen, and leads nowhere else.
func ours(address string) bool {
	path, _, _ := strings.Cut(address, "?")
	path, _, _ = strings.Cut(path, "#")
	return (path == "/support" || strings.HasPrefix(path, "/support/")) && !strings.ContainsAny(address, "\\\r\n") && !strings.Contains(path, "//") && !strings.Contains(strings.ReplaceAll(strings.ToLower(path), "%2e", "."), "..")
}

// onward is where somebody was going who has now signed in, or "".
func (v *deskVisit) onward() string {
	c, err := v.r.Cookie(deskTo)
	if err != nil {
		return ""
	}
	v.cookie(deskTo, "", -1)
	to, err := url.QueryUnescape(c.Value)
	if err != nil || !ours(to) || len(to) > 500 || to == "/support" {
		return ""
	}
	return to
}

// A staffRow is a link that signs in, or a session, of one of the operator's people. Without
// its row it is revoked.
type staffRow struct {
	Email   string    `json:"email"`
	Expires time.Time `json:"expires"`
}

const (
	signInRow  = "staff-link"
	sessionRow = "staff-session"
)

// colleague is whoever of the operator's people has the address.
func colleague(o app.Operator, address string) (app.Staff, bool) {
	for _, s := range o.Staff {
		if strings.EqualFold(s.Email, strings.TrimSpace(address)) {
			return s, true
		}
	}
	return app.Staff{}, false
}

// session proves the cookie: ours, not expired, not revoked, of somebody who is still there. It gives whose it
// is, and its id; "" of none.
func (v *deskVisit) session() (app.Staff, string, error) {
	c, err := v.r.Cookie(deskCookie)
	if err != nil {
		return app.Staff{}, "", nil
	}
	l, err := v.OpenLink(v.r.Context(), c.Value)
	if err != nil || l.Purpose != link.Desk {
		return app.Staff{}, "", nil
	}
	s, ok, err := v.staffOf(v.r.Context(), sessionRow, l.ID)
	if !ok {
		return app.Staff{}, "", err
	}
	return s, l.ID, err
}

// staffOf is whose the row is; false: it was revoked, or the person has gone.
func (a *Desk) staffOf(ctx context.Context, kind, id string) (app.Staff, bool, error) {
	row, ok, err := a.Store.Row(ctx, store.Operations, kind, id)
	if err != nil || !ok {
		return app.Staff{}, false, err
	}
	var r staffRow
	if err := json.Unmarshal(row.Body, &r); err != nil {
		return app.Staff{}, false, err
	}
	if !a.Now().Before(r.Expires) {
		return app.Staff{}, false, nil
	}
	s, ok := colleague(a.Operator, r.Email)
	return s, ok, nil
}

func signInForm(v *deskVisit) error {
	return v.show(http.StatusOK, "sign-in", v.g.say("sign-in"), time.UTC, map[string]any{"Asked": false, "Local": v.local()})
}

// signIn has a link mailed to an address of the operator's people. For any address the answer is
// the same, and so is all that is done before it: the mail is owed, and sent by the delivery, so
// that not even the time tells who belongs to the operator. Nobody can have many sent, and nobody who
// asks for an address of another keeps that person from asking.
func signIn(v *deskVisit) error {
	ctx, caller, typed := v.r.Context(), app.CallerOf(v.r), strings.ToLower(app.Short(v.r.PostFormValue("address")))
	ok, err := (&page.Page{App: v.App}).Within(ctx, page.Limit{Key: "staff-from " + caller, Max: 20}, page.Limit{Key: "staff-by " + app.ShortHash(caller, typed), Max: 5}, page.Limit{Key: "staff-for " + app.ShortHash(typed), Max: 50})
	if err == nil && ok {
		s, _ := colleague(v.Operator, typed) // of a stranger the address stays empty
		err = v.Engine.Owe(ctx, store.Operations, func() ([]licence.Row, []licence.Effect, error) {
			return nil, []licence.Effect{{Kind: licence.SignIn, Ripe: v.Now(), Address: s.Email}}, nil
		})
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "sign-in", v.g.say("sign-in.asked"), time.UTC, map[string]any{"Asked": true})
}

// A mailer mails the operator's people. No send: it lies in the inbox.
type mailer struct {
	*Desk
	send effects.Sender
}

// mailSignIn writes a link down with the claim to mail it, then mails it. A cut in between leaves a
// link that nobody has: whoever waits for it asks again.
func (a mailer) mailSignIn(ctx context.Context, _ licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	s, ok := colleague(a.Operator, e.Address)
	if !ok {
		return nil, licence.Result{Outcome: "nobody"}, nil
	}
	now := e.Sending // when the link was written down
	if now.IsZero() {
		now = a.Now()
	}
	g := a.tongue(s)
	expires := now.Add(signInLife).Truncate(time.Second)
	id := app.ShortHash(signInRow, s.Email, now.UTC().Format(time.RFC3339Nano))
	address := a.BaseURL + "/support/in/" + a.Links().Sign(link.Link{ID: id, Purpose: link.Staff, Generation: 1, Expires: expires})
	mail := effects.MailRow{
		ID: timed(now, id), To: s.Email, Lang: string(g), Subject: g.say("mail.subject", a.Operator.Name), Why: "sign-in", Role: licence.Support, SentAt: &now,
		Text: g.say("mail.text", s.Name, a.Operator.Name, address),
	}
	mail.HTML = g.say("mail.html", template.HTMLEscapeString(s.Name), template.HTMLEscapeString(a.Operator.Name), template.HTMLEscapeString(address))
	m := effects.Message{From: a.from(g), ReplyTo: a.Operator.ReplyTo, To: s.Email, ID: id, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}
	if mail.Link = address; a.send != nil {
		mail.Link, mail.Text, mail.HTML = "", "", "" // it lies in that person's mailbox, and nowhere else
	}
	letter, err := json.Marshal(mail)
	if err != nil {
		return nil, licence.Result{}, err
	}
	row, err := json.Marshal(staffRow{s.Email, expires})
	if err != nil {
		return nil, licence.Result{}, err
	}
	rows := []licence.Row{
		{Kind: signInRow, ID: id, Body: row, Ends: expires},
		{Kind: "mail", ID: mail.ID, Body: letter, Ends: now.Add(24 * time.Hour)},
	}
	if a.send == nil {
		return nil, licence.Result{Outcome: "done", Rows: rows}, nil
	}
	if e.Sending.IsZero() {
		e.Sending = now
		return nil, licence.Result{Effect: e, Outcome: "sending", Rows: rows}, nil
	}
	if _, err := a.send(ctx, m); err != nil {
		// Whoever asked is told the same, and asks again. What a mail server says may name the person.
		_, refused := errors.AsType[*effects.Refusal](err)
		a.Log.Error("sign-in", "error", "the mail was not taken", "sure", refused)
	}
	return nil, licence.Result{Outcome: "done"}, nil
}

// opened is whose the link in the path is.
func (v *deskVisit) opened() (app.Staff, string, error) {
	l, err := v.OpenLink(v.r.Context(), link.Tidy(v.r.PathValue("token")))
	if errors.Is(err, link.ErrExpired) && l.Purpose == link.Staff {
		return app.Staff{}, "", errGoneSignIn
	}
	if err != nil || l.Purpose != link.Staff {
		return app.Staff{}, "", app.ErrBroken
	}
	s, ok, err := v.staffOf(v.r.Context(), signInRow, l.ID)
	if err == nil && !ok {
		err = errGoneSignIn
	}
	return s, l.ID, err
}

// signInButton is where the mailed link leads. Scanners of mail follow links: it uses nothing up.
func signInButton(v *deskVisit) error {
	s, _, err := v.opened()
	if err != nil {
		return v.signInFailed(err)
	}
	return v.show(http.StatusOK, "in", v.g.say("in"), time.UTC, map[string]string{"Name": s.Name, "Path": v.r.URL.Path})
}

func (v *deskVisit) signInFailed(err error) error {
	status := http.StatusNotFound
	switch {
	case errors.Is(err, errGoneSignIn):
		status = http.StatusGone
	case !errors.Is(err, app.ErrBroken):
		return err
	}
	return v.show(status, "sign-in", v.g.say("in.gone"), time.UTC, map[string]any{"Asked": false, "Gone": true, "Local": v.local()})
}

// signedIn uses the link up and opens a session.
func signedIn(v *deskVisit) error {
	s, id, err := v.opened()
	if err != nil {
		return v.signInFailed(err)
	}
	err = v.openSession(s, func() ([]licence.Row, error) {
		if _, ok, err := v.staffOf(v.r.Context(), signInRow, id); err != nil || !ok {
			return nil, errors.Join(err, errGoneSignIn) // somebody else was faster
		}
		return []licence.Row{{Kind: signInRow, ID: id, Gone: true}}, nil
	})
	if errors.Is(err, errGoneSignIn) {
		return v.signInFailed(errGoneSignIn)
	}
	return err
}

// local is whom a button signs in, in the local run alone; "": nobody.
func (v *deskVisit) local() string {
	if !v.LocalSignIn || len(v.Operator.Staff) == 0 {
		return ""
	}
	return v.Operator.Staff[0].Name
}

// localSignIn is that button, here and on the start page.
func localSignIn(v *deskVisit) error {
	if v.local() == "" {
		return app.ErrNotFound
	}
	return v.openSession(v.Operator.Staff[0], func() ([]licence.Row, error) { return nil, nil })
}

func (v *deskVisit) openSession(s app.Staff, proof func() ([]licence.Row, error)) error {
	now := v.Now()
	expires := now.Add(deskLife).Truncate(time.Second)
	id := app.ShortHash(sessionRow, s.Email, now.UTC().Format(time.RFC3339Nano))
	body, err := json.Marshal(staffRow{s.Email, expires})
	if err != nil {
		return err
	}
	_, before, err := v.session() // who signs in anew in the same browser has one session, the new one
	if err != nil {
		return err
	}
	err = v.fleet(v.r.Context(), func() ([]licence.Row, error) {
		rows, err := proof()
		if before != "" {
			rows = append(rows, licence.Row{Kind: sessionRow, ID: before, Gone: true})
		}
		return append(rows, licence.Row{Kind: sessionRow, ID: id, Body: body, Ends: expires}, audit(now, s.Name, "signed-in", s.Email)), err
	})
	if err != nil {
		return err
	}
	v.cookie(deskCookie, v.Links().Sign(link.Link{ID: id, Purpose: link.Desk, Generation: 1, Expires: expires}), int(deskLife.Seconds()))
	http.Redirect(v.w, v.r, cmp.Or(v.onward(), home(s)), http.StatusSeeOther)
	return nil
}

func (v *deskVisit) cookie(name, value string, age int) {
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: age})
}

// signOut ends the session, wherever its cookie lies.
func signOut(v *deskVisit) error {
	err := v.fleet(v.r.Context(), func() ([]licence.Row, error) {
		return []licence.Row{{Kind: sessionRow, ID: v.id, Gone: true}, audit(v.Now(), v.staff.Name, "signed-out", v.staff.Email)}, nil
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	v.cookie(deskCookie, "", -1)
	v.w.Header().Set("Clear-Site-Data", `"cache"`) // what a browser kept against our wish
	http.Redirect(v.w, v.r, "/support/sign-in", http.StatusSeeOther)
	return nil
}
