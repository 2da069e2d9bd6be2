package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// A process is one run of the program: its app with its engine and its lanes. When it dies another
// takes its place.
type process struct {
	w       *world
	name    string
	skew    time.Duration
	dead    atomic.Bool
	app     *app.App
	handler http.Handler
	ids     atomic.Int64
	one     chan bool // see "one slow server holds up all"
}

func (p *process) now() time.Time { return p.w.now().Add(p.skew) }

const baseURL = "https://licens.fjordpartner.example"

// boot starts a process, by what the plan says of its place.
func (w *world) boot(place int) *process {
	w.boots++
	p := &process{w: w, name: fmt.Sprintf("p%d.%d", place, w.boots), skew: w.plan.Skew[place], one: make(chan bool, 1)}
	inner := w.db.Process(p.now)
	inner.Lags = func(index string) bool {
		if index == "due" {
			return w.happens("stale-due", p.name, w.steps)
		}
		return w.happens("stale-accounts", p.name+" "+index, w.steps)
	}
	inner.Breaks = func(n int) error {
		if n == 0 || !w.happens("group-lost", p.name, w.steps) {
			return nil
		}
		return errInjected
	}
	if w.plan.Next && place == 1 {
		inner.Writes, inner.Adds = nextVersion, nextBody
	} else if w.bug != nil {
		inner.Writes = w.bug.writes
	}
	at := &port{w, p, inner}
	var db store.Store = at
	if w.plan.Rows[place] {
		db = row{at}
	}
	if w.bug != nil && w.bug.store != nil {
		db = w.bug.store(w, p, db)
	}
	operator := app.Invented
	operator.Mail, operator.FirstMailsPerHour = "on", firstMails
	if w.plan.More {
		operator.Inbound = inbound
	}
	w.rules = operator.Rules()
	if p.skew != 0 {
		w.saw("a clock is fast or slow")
	}
	secrets := w.secrets()
	if w.bug != nil && w.bug.secrets != nil {
		w.bug.secrets(secrets)
	}
	a, err := app.NewApp(db, secrets, operator, baseURL, p.now, slog.New(watch{w}))
	if err != nil {
		panic(err)
	}
	client := &superoffice.Client{HTTP: &http.Client{Transport: wire{w, p}}, Login: crmURL, Now: p.now}
	client.Onsite = func(cust string) (superoffice.Onsite, bool) {
		t, ok := w.crm.Tenant(cust)
		return superoffice.Onsite{URL: crmURL + "/" + t.CustID, User: t.User, Password: t.Password}, ok
	}
	client.MayCall = func(string) bool { return true }
	var send effects.Sender = func(ctx context.Context, m effects.Message) (string, error) { return w.send(ctx, p, m) }
	if w.bug != nil && w.bug.send != nil {
		send = w.bug.send(w, send)
	}
	outside.Connect(a, client, send, desk.Mails)
	for kind, do := range a.Engine.Do {
		if w.bug != nil && w.bug.do != nil {
			do = w.bug.do(w, p, kind, do)
		}
		a.Engine.Do[kind] = scoped(do)
	}
	a.Engine.Hands, a.LocalSignIn = 3, true
	a.Engine.Unique = func() string { return fmt.Sprintf("%s-%d", p.name, p.ids.Add(1)) }
	if w.bug != nil && w.bug.engine != nil {
		w.bug.engine(w, a.Engine)
	}
	p.app, p.handler = a, a.Handler("", functions.Routes)
	if w.bug != nil && w.bug.door != nil {
		p.handler = w.bug.door(w, p, p.handler)
	}
	w.processes = append(w.processes, p)
	w.running[place] = p
	return p
}

// nextVersion is a stored part as the next version of this program would write it: it says more, and says
// that this one may read it.
func nextVersion(part []byte) []byte {
	body, ours := bytes.CutPrefix(part, []byte(`{"v":1,"body":{`))
	switch {
	case !ours:
		return part // it was the next version's before
	case string(body) == "}}":
		return []byte(`{"v":2,"least":1,"body":{"zz_next":1}}`)
	}
	return append([]byte(`{"v":2,"least":1,"body":{"zz_next":1,`), body...)
}

// nextBody is a fact, an effect, a row or a person as the next version would write it.
func nextBody(body []byte) []byte {
	if bytes.Equal(body, []byte("{}")) {
		return []byte(`{"zz_next":1}`)
	}
	if rest, ok := bytes.CutPrefix(body, []byte("{")); ok && !bytes.HasPrefix(rest, []byte(`"S-`)) && !bytes.HasPrefix(rest, []byte(`"fleet"`)) { // or it is a map by account
		return append([]byte(`{"zz_next":1,`), rest...)
	}
	return body
}

// scoped tells what is called within an effect whose it is.
func scoped(do engine.Executor) engine.Executor {
	return func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return do(context.WithValue(ctx, scopeKey{}, scope{s.Account, e.ID}), s, e)
	}
}

// die ends a process, and another takes its place.
func (w *world) die(p *process) {
	for place, running := range w.running {
		if running == p {
			p.dead.Store(true)
			w.note("%s dies", p.name)
			w.boot(place)
		}
	}
}

// watch hears the log: what says that our own code broke breaks a law.
type watch struct{ w *world }

func (watch) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (h watch) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "panic" || r.Message == "a rule broke" {
		text := r.Message
		r.Attrs(func(a slog.Attr) bool {
			text += " " + a.String()
			return true
		})
		h.w.fail("%s", text)
	}
	return nil
}

func (h watch) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h watch) WithGroup(string) slog.Handler      { return h }

const crmURL = "http://127.0.0.1:1"

// A wire leads to the simulated SuperOffice.
type wire struct {
	w *world
	p *process
}

func (x wire) RoundTrip(r *http.Request) (*http.Response, error) {
	c := x.w.park(r.Context(), x.p, "", "crm "+r.URL.Path, "lost", "kept", "crm-null", "crm-moved", "crm-busy", "crash-before", "crash-after")
	if c.fault == dead || c.fault == lost || c.fault == crashBefore {
		return nil, errInjected
	}
	rec := httptest.NewRecorder()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	x.w.crmDoor.ServeHTTP(rec, r)
	if c.fault == crashAfter {
		x.w.die(x.p)
	}
	if c.fault == kept || c.fault == crashAfter {
		return nil, errInjected
	}
	x.w.saw("crm answered")
	out := rec.Result()
	said := map[string]struct {
		status int
		body   string
	}{"crm-null": {200, "null"}, "crm-moved": {421, ""}, "crm-busy": {429, ""}}
	for _, kind := range c.kinds { // in their order: two may happen at one call
		if answer, ok := said[kind]; ok && x.w.met(kind, c) {
			out = &http.Response{StatusCode: answer.status, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {"30"}}, Body: io.NopCloser(strings.NewReader(answer.body))}
			break
		}
	}
	out.Request = r
	return out, nil
}

// A mailed is a mail that the server has taken.
type mailed struct {
	effects.Message
	account, effect string
	at              time.Time
}

// send is the mail server: it takes a mail, refuses it, takes it without an answer, or is not there.
func (w *world) send(ctx context.Context, p *process, m effects.Message) (string, error) {
	c := w.park(ctx, p, m.Account, "mail to "+m.To, "lost", "kept", "mail-refused", "mail-busy", "crash-before", "crash-after")
	switch {
	case c.fault == dead || c.fault == crashBefore:
		return "", errDead
	case c.fault == lost:
		return "", &effects.Refusal{Err: errInjected, Ours: true}
	case w.met("mail-refused", c):
		return "", &effects.Refusal{Err: errInjected, Final: true}
	case w.met("mail-busy", c):
		return "", &effects.Refusal{Err: errInjected}
	}
	s, _ := ctx.Value(scopeKey{}).(scope)
	x := mailed{m, s.account, s.effect, w.now()}
	w.lawMailed(x)
	w.mails = append(w.mails, x)
	if c.fault == crashAfter {
		w.die(p)
	}
	if c.fault != none {
		w.saw("a mail was taken and not answered")
		return "", errors.New("sim: the answer was lost")
	}
	return "<" + m.ID + "@sim.example>", nil
}
