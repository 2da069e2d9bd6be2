package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// tell has a sender post a message at an instant.
func (w *world) tell(m *message, at time.Time, name string) {
	place := int(w.draw("place", name) % 2)
	w.later(job{at, name, place, w.plan.Who[m.Of].account(), func(ctx context.Context, h *hand) { w.post(ctx, h, m) }})
}

// patience is after how long a sender tells again what was not answered with 200.
var patience = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour}

func (w *world) resend(m *message) {
	m.tries++
	after := patience[min(m.tries, len(patience))-1]
	if w.calm {
		after = time.Second
	}
	if m.tries > 40 {
		w.fail("%s of %s is told %d times, and never taken", m.Name, m.kind, m.tries)
		return
	}
	m.open = true
	w.tell(m, w.now().Add(after), fmt.Sprintf("%s/again%d", m.Name, m.tries))
}

// post is one post of a message, and what its sender makes of the answer.
func (w *world) post(ctx context.Context, h *hand, m *message) {
	r := httptest.NewRequest("POST", m.path, bytes.NewReader(m.body)).WithContext(ctx)
	sender, _ := webhook.Find(m.sender)
	sender.Sign(r.Header, m.body, m.id, w.key(m.sender), w.now().Add(m.Skew))
	rec := httptest.NewRecorder()
	h.p.handler.ServeHTTP(rec, r)
	w.turn(ctx, fmt.Sprintf("hears %d", rec.Code))
	m.open = false
	if h.p.dead.Load() || w.happens("answer-lost", h.name, 1) {
		if !m.accepted && !m.refused {
			w.resend(m)
		}
		return
	}
	var said struct{ Outcome string }
	_ = json.Unmarshal(rec.Body.Bytes(), &said)
	w.answered(m, rec.Code, said.Outcome, rec.Body.String())
}

// answered holds an answer to what it says.
func (w *world) answered(m *message, status int, outcome, body string) {
	if status == 200 {
		w.saw(m.sender + " was told")
	}
	switch {
	case status == 200 && outcome == "ignored" && (m.ignored || m.poison):
		m.accepted = true
		w.saw("ignored")
	case status == 200 && outcome == "set-aside" && m.poison:
		m.accepted, m.aside = true, true
		w.saw("set aside")
	case status == 200 && !m.ignored && !m.poison && outcome != "ignored" && outcome != "set-aside":
		if m.rival != nil && outcome != "unchanged" && (m.rival.accepted && !m.rival.stale || m.refused) {
			w.fail("%s: two bodies of one id are taken: %s", m.Name, outcome)
		}
		if m.accepted = true; w.now().Sub(m.at) > 48*time.Hour {
			w.saw("what was so two days before was taken")
		}
		w.saw(outcome)
		if outcome == "unchanged" { // older than what is known: then it is not kept
			if m.stale = true; !w.newer(m) {
				w.fail("%s %s is said to change nothing, and nothing newer was told", m.Name, m.kind)
			}
		}
		w.lawStored(m)
	case status == 409 && m.rival != nil && !m.accepted:
		m.refused = true
		w.saw("a second body of one id was refused")
	case status == 503 || status == 401:
		if !m.accepted && !m.refused {
			w.resend(m)
		}
	default:
		w.fail("%s %s is answered %d %s", m.Name, m.kind, status, body)
	}
}

// tenant makes the simulated SuperOffice's server of a customer.
func (w *world) tenant(c customer, bits, total int) {
	if !c.Connected {
		return
	}
	t := crmsim.Tenant{CustID: c.cust(), Serial: fmt.Sprintf("77%d", c.N), Company: c.name(), Kind: "production", Version: "12.2", Hosting: crmsim.Onsite, User: "reader", Password: "simulated",
		NextCheck: "2026-11-20", AdminWarning: "2026-11-15", Expires: "2026-12-13", GraceUntil: "2026-12-25", MaintenanceUntil: "2027-12-31", Grants: []string{crmsim.ReadLicence, crmsim.ReadUsers},
		Modules: []crmsim.Module{{Name: "m", Description: "P", Kind: crmsim.Plan, Total: 4 + total%6, NewTotal: 2 + total%5}},
		Offer:   &crmsim.Offer{Expires: "2027-12-13", NextCheck: "2027-11-20", AdminWarning: "2027-11-15", GraceUntil: "2027-12-25"}}
	for i := range most {
		u := crmsim.User{ID: i + 1, Name: fmt.Sprintf("Bruker %d av %d", i+1, c.N), Email: c.address(i + 1), Admin: i == 0, CanLogin: i == 0 || bits>>(i+3)&1 == 1, LastLogin: w.start.AddDate(0, 0, -i)}
		if bits>>i&1 == 1 {
			u.Plans = []string{"m"}
		}
		t.Users = append(t.Users, u)
	}
	if w.plan.Activates {
		t.Grants = append(t.Grants, crmsim.Activate)
	}
	if err := w.crm.Put(t); err != nil {
		panic(err)
	}
	if w.totals[c.N] == nil {
		w.totals[c.N] = map[int]bool{}
	}
	w.totals[c.N][4+total%6] = true
	if w.plan.Activates {
		w.totals[c.N][2+total%5] = true
	}
}

var links = regexp.MustCompile(`https://licens\.fjordpartner\.example(/r/[^\s"<]+)`)

func linkIn(text string) string {
	if m := links.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// ask sends a request of a browser.
func (w *world) ask(ctx context.Context, h *hand, method, path string, fields url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode())).WithContext(ctx)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	revoked := w.revoked[path]
	rec := httptest.NewRecorder()
	h.quiet = method == "GET"
	h.p.handler.ServeHTTP(rec, r)
	h.quiet = false
	w.turn(ctx, fmt.Sprintf("sees %d", rec.Code))
	if strings.HasPrefix(path, "/r/") {
		w.lawNames(h.about, "a page", rec.Body.String())
	}
	if revoked && rec.Code == 200 && !h.p.dead.Load() {
		w.fail("%s: a link that was revoked opens", h.name)
	}
	return rec
}

// findings are those that stand open, by fingerprint.
func (w *world) findings(account string) (fps []string) {
	l, _ := w.db.Load(context.Background(), account, store.Want{})
	for fp, p := range l.State.History.Findings {
		if p.Open {
			fps = append(fps, fp)
		}
	}
	slices.Sort(fps)
	return fps
}

// visit is a mail scanner that opens a link, and then the person whom the mail was for.
func (w *world) visit(ctx context.Context, h *hand, e event) {
	w.turn(ctx, "looks for a mail")
	account, link, reader := h.about, "", ""
	for i := range w.mails {
		m := w.mails[(i+e.X)%len(w.mails)]
		if m.account == account && linkIn(m.Text) != "" && (e.Kind != "pays" || m.To == w.plan.Who[e.Of].address(3)) {
			link, reader = linkIn(m.Text), m.To
			break
		}
	}
	if link == "" {
		return
	}
	fps := w.findings(account)
	for range e.Y % 2 {
		w.ask(ctx, h, "GET", link, nil)
		w.saw("a scanner opened a link")
	}
	opened := w.ask(ctx, h, "POST", link+"/session", url.Values{})
	cookies := opened.Result().Cookies()
	if len(cookies) == 0 || h.p.dead.Load() {
		return
	}
	w.saw("a session was opened")
	if page := w.ask(ctx, h, "GET", link, nil, cookies...); page.Code == 200 {
		w.lawProposed(h, page.Body.String(), reader)
	}
	switch e.Kind {
	case "pays":
		w.pays(ctx, h, link, cookies)
		return
	case "activates":
		w.activates(ctx, h, w.plan.Who[e.Of], link, reader, cookies)
		return
	}
	fields := url.Values{}
	if len(fps) > 0 {
		fields.Set("fingerprint", fps[e.Y%len(fps)])
	}
	form := []string{"/check", "/answer", "/choose", "/colleague", "/paid", "/answer"}[e.X%6]
	fields.Set("answer", []string{"handled", "on-purpose", "numbers-wrong"}[e.Y%3])
	fields.Set("contact", fmt.Sprintf("w%d", 1+e.Y%3))
	fields.Add("user", fmt.Sprint(1+e.Y%most))
	if rec := w.ask(ctx, h, "POST", link+form, fields, cookies...); rec.Code < 400 {
		w.saw("a person " + form)
	}
}

// desk is one of the operator's people.
func (w *world) desk(ctx context.Context, h *hand, e event) {
	if e.X%5 == 0 {
		w.ask(ctx, h, "POST", "/support/sign-in", url.Values{"address": {"nora@fjordpartner.example"}})
		w.saw("a mail to sign in by was asked for")
	}
	in := w.ask(ctx, h, "POST", "/support/local-sign-in", url.Values{})
	cookies := in.Result().Cookies()
	if len(cookies) == 0 || h.p.dead.Load() {
		return
	}
	base, account := "/support/accounts/"+h.about+"/", h.about
	post := func(form string, fields url.Values) bool {
		rec := w.ask(ctx, h, "POST", base+form, fields, cookies...)
		return rec.Code == http.StatusSeeOther && !h.p.dead.Load()
	}
	switch w.draw("desk", e.Name) % 3 {
	case 0:
		for _, page := range []string{"/support", "/support?state=ok", "/support?q=kund"} {
			w.ask(ctx, h, "GET", page, nil, cookies...)
		}
		w.saw("the desk looked at its lists")
	case 1:
		w.aside(ctx, h, e, cookies)
	}
	switch e.X % 4 {
	case 0:
		post("mail", url.Values{"mail": {[]string{"on", "off", "review", "on"}[e.Y%4]}})
	case 1:
		w.drafts(ctx, h, "drop", cookies)
	default:
		w.revoke(account, e.Y, post)
		w.drafts(ctx, h, "send", cookies)
	}
}

// hidden are the fields that a page sends on.
var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// drafts has the desk send or drop, at the customer's case, all mails that wait there; what is dropped is shown first.
func (w *world) drafts(ctx context.Context, h *hand, do string, cookies []*http.Cookie) {
	fields := url.Values{"do": {do}}
	kept, _, _ := w.db.Rows(context.Background(), h.about, "mail", store.Page{})
	for _, r := range kept {
		var m effects.MailRow
		if json.Unmarshal(r.Body, &m) == nil && m.SentAt == nil {
			fields.Add("id", m.ID)
		}
	}
	if !fields.Has("id") {
		return
	}
	rec := w.ask(ctx, h, "POST", "/support/accounts/"+h.about+"/drafts", fields, cookies...)
	if rec.Code == http.StatusOK {
		fields = url.Values{"go": {"yes"}}
		for _, m := range hidden.FindAllStringSubmatch(rec.Body.String(), -1) {
			fields.Add(m[1], html.UnescapeString(m[2]))
		}
		rec = w.ask(ctx, h, "POST", "/support/selected", fields, cookies...)
	}
	to, err := url.Parse(rec.Header().Get("Location"))
	if err != nil || h.p.dead.Load() {
		return
	}
	for fate, became := range map[string]string{"sent": "sent", "later": "sent", "dropped": "dropped"} { // later: it is on its way
		if to.Query().Has(fate) {
			w.saw("drafts were " + became)
		}
	}
}

// aside has the desk try a body again that was set aside, or drop it.
func (w *world) aside(ctx context.Context, h *hand, e event, cookies []*http.Cookie) {
	all, _, _ := w.db.Rejections(context.Background(), store.Page{Limit: 100})
	all = slices.DeleteFunc(all, func(x store.Rejected) bool { return x.Account != h.about })
	if len(all) == 0 {
		return
	}
	x := all[e.Y%len(all)]
	do := []string{"release", "drop"}[e.Y%2]
	if do == "drop" {
		w.dropped[string(x.Body)] = true
	}
	if rec := w.ask(ctx, h, "POST", "/support/aside", url.Values{"id": {x.ID}, "do": {do}}, cookies...); rec.Code == http.StatusSeeOther && !h.p.dead.Load() {
		w.saw("the desk did with what was set aside: " + do)
	}
}

// revoke ends one of the customer's links: none of the tokens that were given under it opens again.
func (w *world) revoke(account string, which int, post func(string, url.Values) bool) {
	rows, _, _ := w.db.Rows(context.Background(), account, "link", store.Page{})
	if len(rows) == 0 {
		return
	}
	id := rows[which%len(rows)].ID
	var tokens []string
	given := func(path string) {
		l, err := w.running[0].app.OpenLink(context.Background(), strings.TrimPrefix(path, "/r/"))
		if path != "" && err == nil && l.ID == id {
			tokens = append(tokens, path)
		}
	}
	for _, m := range w.mails {
		given(linkIn(m.Text))
	}
	kept, _, _ := w.db.Rows(context.Background(), account, "mail", store.Page{})
	for _, r := range kept {
		var m effects.MailRow
		if json.Unmarshal(r.Body, &m) == nil {
			given(linkIn(m.Link))
		}
	}
	if post("revoke", url.Values{"id": {id}}) {
		w.saw("a link was revoked")
		for _, path := range tokens {
			w.revoked[path] = true
		}
	}
}
