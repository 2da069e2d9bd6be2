package main

import (
	"cmp"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"sort"
	"strings"
	"time"

	"seatmend/functions/desk"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"css": func() template.CSS { return template.CSS(pageCSS) },
	"why": func(why string) string { return desk.Why("en", why) },
}).ParseFS(pageFiles, "pages/*.html"))

//go:embed pages/local.css
var pageCSS string

// A customer is a line of the start page.
type customer struct {
	Account, Name, Lang, Head string
	State                     string // the summary, in words
	Phase                     licence.LapsePhase
	Summary                   licence.Summary
	Mails                     int
	Link                      string // of the latest mail that leads to the page
	Connected                 []string
}

// start is the page at /: who suffers from what, in one sentence each.
func (r *Run) start(w http.ResponseWriter, q *http.Request) {
	list, _, err := r.DB.Accounts(q.Context(), store.Page{Limit: 100})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	lang := q.URL.Query().Get("lang")
	lang = cmp.Or(lang, "en")
	var rows []customer
	for _, e := range list {
		c, err := r.customer(q, e, lang)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		rows = append(rows, c)
	}
	rank := map[licence.Summary]int{licence.NeedsAction: 0, licence.NotKnown: 1, licence.AllWaiting: 2, licence.AllWell: 3}
	sort.SliceStable(rows, func(i, j int) bool { return rank[rows[i].Summary] < rank[rows[j].Summary] })
	r.show(w, "start.html", map[string]any{"Customers": rows, "Now": r.Clock.Now(), "CRM": r.CRM, "Lang": lang, "Operator": r.App.Operator.Name})
}

func (r *Run) customer(q *http.Request, e licence.Entry, lang string) (customer, error) {
	c := customer{Account: e.Account, Name: e.Name, Phase: e.Phase, Summary: e.Summary}
	l, err := r.DB.Load(q.Context(), e.Account, store.Want{})
	if err != nil {
		return c, err
	}
	now := r.Clock.Now()
	d := diagnosis.Diagnose(l.State, now, now)
	o, err := effects.Options(q.Context(), r.DB, l.State, d)
	if err != nil {
		return c, err
	}
	v := words.Of(lang).View(d, o)
	c.Head, c.State = sentence(v), v.Head
	c.Phase, c.Summary = d.Phase, d.Summary
	mails, err := r.mails(q, e.Account)
	c.Mails = len(mails)
	for _, m := range mails {
		if m.Link != "" {
			c.Link = strings.TrimPrefix(m.Link, r.App.BaseURL)
			break
		}
	}
	for _, i := range l.State.Known.Profile.Account.Value.Installations {
		if r.Sim != nil {
			if _, ok := r.Sim.Tenant(i.CustID); ok {
				c.Connected = append(c.Connected, i.CustID)
			}
		}
	}
	return c, err
}

// sentence says in one what the customer suffers from: what explains the warning first.
func sentence(v words.View) string {
	for _, f := range v.Findings {
		if len(f.Explains) > 0 {
			return f.Title
		}
	}
	for _, list := range [][]words.Finding{v.Findings, v.Upcoming} {
		if len(list) > 0 {
			return list[0].Title
		}
	}
	return v.Head
}

// mails are an account's, the latest first.
func (r *Run) mails(q *http.Request, account string) ([]effects.MailRow, error) {
	rows, _, err := r.DB.Rows(q.Context(), account, "mail", store.Page{Limit: 200})
	var out []effects.MailRow
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, err
}

// A letter is a line of the inbox.
type letter struct {
	Account, Name string
	effects.MailRow
	When time.Time
}

// Gone tells that whom it went to is erased: of such a mail it is kept that it went, and when.
func (l letter) Gone() bool { return l.ID == "" }

// inbox lists every mail that went, the latest first, and the drafts.
func (r *Run) inbox(w http.ResponseWriter, q *http.Request) {
	list, _, err := r.DB.Accounts(q.Context(), store.Page{Limit: 500})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	var sent, drafts []letter
	for _, e := range list {
		mails, err := r.mails(q, e.Account)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		for _, m := range mails {
			if only := q.URL.Query().Get("account"); only != "" && only != e.Account {
				continue
			}
			l := letter{Account: e.Account, Name: e.Name, MailRow: m}
			if m.SentAt == nil {
				drafts = append(drafts, l)
				continue
			}
			l.When = *m.SentAt
			sent = append(sent, l)
		}
	}
	ours, err := r.deskMails(q, append(list, licence.Entry{Account: store.Operations, Name: "all customers"}))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	sort.SliceStable(sent, func(i, j int) bool { return sent[i].When.After(sent[j].When) })
	r.show(w, "inbox.html", map[string]any{"Sent": sent, "Drafts": drafts, "Desk": ours, "Now": r.Clock.Now()})
}

// A note is a mail to one of the operator's desks, or to somebody of the staff.
type note struct {
	Name string
	effects.DeskMail
	Link string // of a sign-in
}

// deskMails are those to the operator's own people.
func (r *Run) deskMails(q *http.Request, list []licence.Entry) ([]note, error) {
	var out []note
	for _, e := range list {
		if only := q.URL.Query().Get("account"); only != "" && only != e.Account {
			continue
		}
		rows, _, err := r.DB.Rows(q.Context(), e.Account, "desk", store.Page{Limit: 100})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			n := note{Name: e.Name}
			if err := json.Unmarshal(row.Body, &n.DeskMail); err != nil {
				return nil, err
			}
			out = append(out, n)
		}
	}
	staff, err := r.mails(q, store.Operations)
	for _, m := range staff {
		if m.SentAt != nil && q.URL.Query().Get("account") == "" {
			out = append(out, note{Name: "the support desk", DeskMail: effects.DeskMail{ID: m.ID, To: m.To, Subject: m.Subject, Text: m.Text, SentAt: *m.SentAt, Why: m.Why}, Link: strings.TrimPrefix(m.Link, r.App.BaseURL)})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].SentAt.After(out[j].SentAt) })
	return out, err
}

// letter shows one mail, as its reader sees it.
func (r *Run) letter(w http.ResponseWriter, q *http.Request) {
	m, ok := r.one(w, q)
	if ok {
		r.show(w, "letter.html", map[string]any{"Mail": m, "Account": q.PathValue("account"), "Link": template.URL(strings.TrimPrefix(m.Link, r.App.BaseURL)),
			"Inbound": r.App.Operator.Inbound, "Answer": q.URL.Query().Get("answer")})
	}
}

// letterHTML is the HTML part alone, for the frame.
func (r *Run) letterHTML(w http.ResponseWriter, q *http.Request) {
	if m, ok := r.one(w, q); ok {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
		w.Write([]byte(m.HTML))
	}
}

func (r *Run) one(w http.ResponseWriter, q *http.Request) (effects.MailRow, bool) {
	var m effects.MailRow
	row, ok, err := r.DB.Row(q.Context(), q.PathValue("account"), "mail", q.PathValue("id"))
	if err == nil && ok {
		err = json.Unmarshal(row.Body, &m)
	}
	switch {
	case err != nil || !ok:
		http.NotFound(w, q)
	case letter{MailRow: m}.Gone():
		http.Error(w, "This mail is erased, as is whom it went to.", http.StatusGone)
	default:
		return m, true
	}
	return m, false
}

// report is the diagnosis as the command prints it.
func (r *Run) report(w http.ResponseWriter, q *http.Request) {
	l, err := r.DB.Load(q.Context(), q.PathValue("account"), store.Want{})
	if err != nil || l.State.N == 0 {
		http.NotFound(w, q)
		return
	}
	now := r.Clock.Now()
	d := diagnosis.Diagnose(l.State, now, now)
	o, err := effects.Options(q.Context(), r.DB, l.State, d)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	lang := words.Of("en")
	if t := q.URL.Query().Get("lang"); t != "" {
		lang = words.Of(t)
	}
	v := lang.View(d, o)
	pretty, _ := json.MarshalIndent(v, "", "  ")
	r.show(w, "report.html", map[string]any{"Account": l.State.Account, "Name": l.State.Known.Profile.Account.Value.Name, "Text": lang.Doctor(v, false), "JSON": string(pretty)})
}

// ownPolicy is that of the run's own pages, which bear their style and show a mail in a frame.
const ownPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (r *Run) show(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", ownPolicy)
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		r.App.Log.Error("page", "name", name, "error", err.Error())
	}
}
