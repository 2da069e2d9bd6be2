package effects

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// A Mailer writes mails, with a link to the page, and sends them.
type Mailer struct {
	Store    store.Store
	Links    func() link.Keys // those that sign now
	BaseURL  string
	Operator words.Operator
	Inbound  string // where answers come back to us; "": they go to the operator's own address
	Send     Sender // nil: the mail lies in the inbox alone, written by the commit that marks it sent
	Now      func() time.Time
	Fleet    func(ctx context.Context, code licence.Code, s licence.Subject) error // tells ops
	PerHour  int                                                                   // first mails in a clock hour over the whole fleet
	Waits    func(ctx context.Context) error                                       // a draft comes to wait for a person; nil: nobody is told
}

// A MailRow is a mail as it is kept: sent, or a draft.
type MailRow struct {
	ID      string       `json:"id"`
	To      string       `json:"to"`
	Lang    string       `json:"lang"`
	Subject string       `json:"subject"`
	Text    string       `json:"text"`
	HTML    string       `json:"html"`
	Link    string       `json:"link,omitempty"`
	SentAt  *time.Time   `json:"sent_at,omitempty"`
	Why     string       `json:"why"`
	About   []string     `json:"about,omitempty"` // fingerprints
	Role    licence.Role `json:"role"`
	Draft   string       `json:"draft,omitempty"` // why it waits for a person
	Case    string       `json:"-"`               // its number, as its text has it
}

// A LinkRow is a link that was given to somebody. Without its row a link opens nothing. One that was
// revoked keeps its row, so that what is given later under the same id is of another generation.
type LinkRow struct {
	ID      string       `json:"id"`
	Account string       `json:"account"`
	Role    licence.Role `json:"role"`
	Contact string       `json:"contact"`
	Name    string       `json:"name"`
	Email   string       `json:"email"`
	Lang    string       `json:"lang"`
	Expires time.Time    `json:"expires"`

	Generation int       `json:"generation,omitempty"` // see Gen
	Revoked    time.Time `json:"revoked,omitzero"`
}

// Mail does one mail: it decides anew, on the state that it is given, to whom it goes and
// whether it still may.
func (m Mailer) Mail(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	now := m.Now()
	done := licence.Result{Effect: e, At: now, Mail: e.ID}
	if e.Draft != "" {
		done.Mail = e.Draft
	}
	if e.Why == "drop" {
		done.Outcome = "dropped"
		done.Rows = []licence.Row{{Kind: "mail", ID: e.Draft, Gone: true}}
		return nil, done, nil
	}
	if policy := s.MailPolicy(); policy == "off" || policy == "operator" {
		// It was owed, or a person sent it, while mails still went to this customer.
		done.Outcome = "mail-" + policy
		if e.Draft != "" {
			done.Rows = []licence.Row{{Kind: "mail", ID: e.Draft, Gone: true}}
		}
		return nil, done, nil
	}
	code, good := m.codeOf(s, e, now)
	if e.Why == "code" && !good {
		done.Outcome = "nobody" // who waited for it has asked for another one, or has gone
		return nil, done, nil
	}
	to, ok, err := m.recipient(ctx, s, &done, now)
	if err != nil {
		return nil, done, err
	}
	if at := casework.Resting(s, now); e.Why == "draft" && !at.IsZero() && e.Sending.IsZero() {
		done.Outcome, done.Retry = "failed", at
		return nil, done, nil
	}
	d := diagnosis.Diagnose(s, now, now)
	if !ok || e.Why == "draft" && !stands(s, d, e) {
		// Nobody to tell, or a draft whose matter has ended meanwhile.
		done.Outcome = "nobody"
		if e.Draft != "" {
			done.Rows = []licence.Row{{Kind: "mail", ID: e.Draft, Gone: true}}
		}
		return nil, done, nil
	}
	if e.Why == "link" && e.Draft == "" && e.Sending.IsZero() && casework.LinksAsked(s, to.Email, now) >= casework.LinksADay {
		done.Outcome = "nobody" // whoever asks, by whatever link: this person has had enough today
		return nil, done, nil
	}
	done.Address, done.Role = to.Email, to.Role
	if e.Why == "code" {
		done.Address = "" // by the address the one mail a day is counted, and this is none
	}
	draft := held(s, e)
	if draft == "" && m.Send != nil && e.Sending.IsZero() {
		// First it is written down that it is about to go: from here on it is never sent twice.
		e.Sending = now
		done.Effect, done.Outcome = e, "sending"
		return nil, done, nil
	}
	if draft == "" {
		// It is ours alone by now, so that it is counted once, whoever else was at it.
		if draft, err = m.flood(ctx, s, e, to, now); err != nil {
			return nil, done, err
		}
	}
	row, link, mail, err := m.write(ctx, s, e, d, to, code, done.Mail, now)
	if err != nil {
		if draft == "" {
			_, _ = m.count(ctx, s, e, to, now, -1)
		}
		return nil, done, err
	}
	done.Outcome = "sent"
	row.SentAt = &now
	if draft != "" {
		if m.Waits != nil {
			if err := m.Waits(ctx); err != nil {
				return nil, done, err // first it is owed that the desk hears of it
			}
		}
		done.Outcome, row.Draft, row.SentAt = draft, draft, nil
	} else if m.Send != nil {
		message := Message{From: Writes(m.Operator, row.Lang), ReplyTo: cmp.Or(m.Inbound, m.Operator.ReplyTo), To: to.Email, ID: messageID("mail", s.Account, row.ID, now), Account: s.Account, Row: row.ID, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML, Thread: e.Thread, Stop: m.stop(e, link)}
		if ep := s.History.Episodes[to.Email]; ep != nil && len(e.About) > 0 {
			message.Thread = ep.Mails.First
		}
		unsure, err := HandOver(ctx, m.Send, message, &done)
		if err != nil {
			_, _ = m.count(ctx, s, e, to, now, -1)
			return nil, done, err
		}
		if unsure != nil {
			row.Why += ", uncertain: " + unsure.Error()
		}
	}
	if draft == "" && m.Inbound != "" {
		if err := post(&done, Posted{To: to.Email, Case: row.Case, Mail: row.ID}, cmp.Or(done.MessageID, row.MessageID(s.Account)), now); err != nil {
			return nil, done, err
		}
	}
	body, err := json.Marshal(row)
	if err != nil {
		return nil, done, err
	}
	done.Rows = append(done.Rows, licence.Row{Kind: "mail", ID: row.ID, Body: body})
	if link != nil {
		done.Rows = append(done.Rows, *link)
		done.Claim = append(done.Claim, licence.Name{Sender: "link", ID: link.ID})
	}
	return nil, done, nil
}

// stands tells whether something that a draft is about is still so, and open.
func stands(s licence.State, d diagnosis.Diagnosis, e licence.Effect) bool {
	if asksFigures(s, e) {
		return true
	}
	for _, f := range append(d.Findings, d.Upcoming...) {
		for _, a := range e.About {
			if f.Fingerprint == a.Fingerprint && f.State == licence.Open {
				return true
			}
		}
	}
	return false
}

// asksFigures tells whether a mail asks for figures that are needed still.
func asksFigures(s licence.State, e licence.Effect) bool {
	fp := casework.Figures(s.Account)
	k := s.History.Desks[fp]
	return k.Code != "" && k.Task.ClosedAt.IsZero() && slices.ContainsFunc(e.About, func(a licence.About) bool { return a.Fingerprint == fp })
}

// recipient is who gets the mail, read when it is sent: nobody who left, is away, or whose
// CRM user cannot log in.
func (m Mailer) recipient(ctx context.Context, s licence.State, done *licence.Result, now time.Time) (licence.Contact, bool, error) {
	r := diagnosis.NewReading(s, now, now)
	e := done.Effect
	id := e.Named()
	if e.Why != "notice" && e.Why != "draft" && (e.Why != "link" || e.Address != "" || id != "") {
		// To the address that was mailed before, or to the contact who is named, if still there.
		for _, c := range s.Known.Profile.Account.Value.Contacts {
			if e.Address != "" && !strings.EqualFold(c.Email, e.Address) || e.Address == "" && c.ID != id {
				continue
			}
			gone, err := CannotLogIn(ctx, m.Store, s, c, now)
			if err != nil || !gone && !c.HasLeft(r.Cal.Zone, r.C.Past) {
				return c, err == nil, err
			}
		}
		return licence.Contact{}, false, nil
	}
	var fault error
	reminds := casework.Reminds(s, e)
	c, ok := r.Recipient(e.To, func(c licence.Contact) bool {
		gone, err := CannotLogIn(ctx, m.Store, s, c, now)
		if err != nil {
			fault = err
		}
		if done.Looked = append(done.Looked, c.ID); gone {
			done.Skipped = append(done.Skipped, c.ID)
		}
		return gone || reminds && casework.Stopped(s, c)
	})
	return c, ok, fault
}

// held tells why a mail becomes a draft: the account's mails wait for a person.
func held(s licence.State, e licence.Effect) string {
	if e.Draft != "" || e.Why == "code" || !e.Sending.IsZero() || s.MailPolicy() == "on" {
		return ""
	}
	return "review"
}

// flood tells why a mail becomes a draft: too many first mails have gone in this hour.
func (m Mailer) flood(ctx context.Context, s licence.State, e licence.Effect, to licence.Contact, now time.Time) (string, error) {
	ok, err := m.count(ctx, s, e, to, now, 1)
	if err != nil || ok {
		return "", err
	}
	if m.Fleet != nil {
		err = m.Fleet(ctx, licence.MailsHeld, licence.Subject{Kind: "source", ID: "mail"})
	}
	return "flood", err
}

// count counts a first mail in the hour in which it was written down that it is about to go; false: so many have gone in
// it. One that did not go after all, and is owed still, is taken out by -1, and holds up no other one; where that
// fails, one fewer goes in that hour.
func (m Mailer) count(ctx context.Context, s licence.State, e licence.Effect, to licence.Contact, now time.Time, by int) (bool, error) {
	if e.Draft != "" || e.Why != "notice" || s.History.Episodes[to.Email] != nil || m.PerHour == 0 {
		return true, nil
	}
	if !e.Sending.IsZero() {
		now = e.Sending
	}
	return m.Store.Counter(ctx, "first-mails", now.UTC().Format("2006-01-02T15"), by, m.PerHour)
}

// write writes the mail and its link. What is kept of a mail with a code that goes to a mailbox
// is the mail without the code.
func (m Mailer) write(ctx context.Context, s licence.State, e licence.Effect, d diagnosis.Diagnosis, to licence.Contact, code words.Code, id string, now time.Time) (MailRow, *licence.Row, words.Mail, error) {
	var about []string
	for _, a := range e.About {
		about = append(about, a.Fingerprint)
	}
	url, row, until, err := m.Link(ctx, s, d, to, id, about, now)
	if err != nil {
		return MailRow{}, nil, words.Mail{}, err
	}
	in := words.MailInput{
		Kind: kindOf(e.Why), Operator: m.Operator, To: words.Person{Name: to.Name, Role: to.Role}, Options: Names(s, d), Diagnosis: d,
		About: about, Link: url, LinkUntil: until, Solved: m.ended(s, e), Code: code,
	}
	switch ep := s.History.Episodes[to.Email]; {
	case ep != nil && ep.Case != "":
		in.Case = ep.Case // it is one conversation
	case e.Why == "solved":
		in.Case = e.Code
	case len(e.About) > 0:
		in.Case = licence.Case(e.About[0].Fingerprint)
	}
	for _, v := range e.Solved {
		in.Stated = s.Known.Inst(v.CustID).Report.Value.StatedBy
	}
	if asksFigures(s, e) {
		needed := diagnosis.NewReading(s, now, now).Figures()
		in.Figures = &words.Figures{Ends: needed.By}
		for _, site := range needed.Sites {
			in.Figures.Places = append(in.Figures.Places, diagnosis.Places(s, licence.Subject{CustID: site.Installation.CustID}, now)...)
		}
		if len(about) == 1 {
			in.Case = licence.Case(about[0])
		}
	}
	if wish := s.Known.Profile.LinkFor(to.ID); e.Why == "link" && wish.Steps {
		in.Steps = true
		for _, f := range d.Findings {
			if n := s.Known.Profile.Choices[f.Fingerprint].Value.Count; in.Chosen == 0 {
				in.Chosen = n
			}
		}
	}
	lang := words.OfAccount(s, to.Locale)
	mail := lang.Mail(in)
	kept := mail
	if e.Why == "code" && m.Send != nil {
		in.Code.Digits = hidden
		kept = lang.Mail(in)
	}
	out := MailRow{ID: id, To: to.Email, Lang: lang.Tag, Subject: kept.Subject, Text: kept.Text, HTML: kept.HTML, Link: url, Why: why(s, e, d), About: about, Role: to.Role, Case: in.Case}
	if !strings.Contains(mail.Text, url) {
		out.Link, row = "", nil // a mail that leads nowhere, such as *solved*
	}
	return out, row, mail, nil
}

// Writes is who a mail is from, by the name that its reader's language has for it.
func Writes(o words.Operator, lang string) string {
	from, err := mail.ParseAddress(o.From)
	name := o.FromNames[lang]
	if err != nil || name == "" {
		return o.From
	}
	from.Name = name
	return from.String()
}

// stop is where a mail program says that its reader wants no reminders; "": of such a mail none come.
func (m Mailer) stop(e licence.Effect, page *licence.Row) string {
	if kindOf(e.Why) != "notice" || page == nil {
		return ""
	}
	return m.BaseURL + "/unsubscribe/" + m.Links().Sign(link.Link{ID: page.ID, Purpose: link.Stop, Generation: 1, Expires: page.Ends})
}

func kindOf(why string) string {
	if why == "draft" {
		return "notice"
	}
	return why
}

// why says in a few codes why the mail went: for the support desk.
func why(s licence.State, e licence.Effect, d diagnosis.Diagnosis) string {
	parts := []string{e.Why}
	if asksFigures(s, e) {
		parts = append(parts, string(diagnosis.FiguresNeeded))
	}
	for _, f := range append(d.Findings, d.Upcoming...) {
		for _, a := range e.About {
			if a.Fingerprint == f.Fingerprint {
				parts = append(parts, string(f.Code))
			}
		}
	}
	return strings.Join(parts, " ")
}

// ended tells what of the matters of a *solved* mail was seen.
func (m Mailer) ended(s licence.State, e licence.Effect) []words.Solved {
	var out []words.Solved
	for _, v := range e.Solved {
		l := s.Known.Inst(v.CustID).Report.Value
		x := words.Solved{Kind: v.Kind, CustID: v.CustID, Before: v.Expires, Until: l.Expires}
		if x.Places = diagnosis.Places(s, licence.Subject{CustID: v.CustID}, m.Now()); e.Why == "thanks" {
			x.Places = diagnosis.Places(s, licence.Subject{Kind: "invoice", ID: v.Invoice}, m.Now())
		}
		if v.Kind == "asked" {
			x.Account = s.Known.Invoices.Asked[v.Invoice].Value.Name
		}
		if v.Kind == "activated" {
			for _, p := range l.Plans {
				if p.Kind != "hidden" && !p.Unrestricted {
					x.Numbers = append(x.Numbers, words.Number{Plan: name(s, p), Total: p.Total})
				}
			}
		}
		if t := s.Known.Inst(v.CustID).Tried; t.Told() && t.Value.OK {
			x.By = t.Value.By
		}
		for _, p := range s.History.Findings {
			if p.Subject.CustID == v.CustID && p.Code != "" && x.Code == "" {
				x.Code = p.Code
			}
		}
		if twice(out, x) {
			continue
		}
		out = append(out, x)
	}
	return out
}

func twice(list []words.Solved, x words.Solved) bool {
	return slices.ContainsFunc(list, func(o words.Solved) bool { return o.Kind == x.Kind && o.CustID == x.CustID })
}

func name(s licence.State, line licence.LicenceLine) string {
	for _, p := range s.Known.Profile.Account.Value.Plans {
		if p.Plan == line.Plan {
			return p.Name
		}
	}
	return line.Description
}

// Link signs the address of the page for a contact. It lives until the matter's last day, and
// at least 14 days; its row makes it revocable.
func (m Mailer) Link(ctx context.Context, s licence.State, d diagnosis.Diagnosis, to licence.Contact, seed string, about []string, now time.Time) (string, *licence.Row, time.Time, error) {
	expires := now.Add(14 * 24 * time.Hour)
	zone := licence.NewCalendar(s.Known.Profile.Account.Value.Timezone, "").Zone
	for _, f := range append(d.Findings, d.Upcoming...) {
		for _, fp := range about {
			if end := f.Deadline.ActBy.Add(1).Start(zone); f.Fingerprint == fp && end.After(expires) {
				expires = end
			}
		}
	}
	expires = expires.Truncate(time.Second)
	sum := sha256.Sum256([]byte(s.Account + "\n" + seed + "\n" + to.Email))
	id := base64.RawURLEncoding.EncodeToString(sum[:12])
	was, _, err := linkOf(ctx, m.Store, s.Account, id)
	if err != nil {
		return "", nil, expires, err
	}
	row := LinkRow{Generation: was.Next(), ID: id, Account: s.Account, Role: to.Role, Contact: to.ID, Name: to.Name, Email: to.Email, Lang: words.OfAccount(s, to.Locale).Tag, Expires: expires}
	body, err := json.Marshal(row)
	if err != nil {
		return "", nil, expires, err
	}
	token := m.Links().Sign(link.Link{ID: id, Purpose: link.Page, Generation: row.Generation, Expires: expires})
	return m.BaseURL + "/r/" + token, &licence.Row{Kind: "link", ID: id, Body: body, Ends: expires.AddDate(0, 0, 90)}, expires, nil
}
