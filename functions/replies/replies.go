// Package replies takes what customers answer by mail: the text of it becomes a note at the case whose
// mail was answered, and a copy goes to where the operator reads. Nothing of it is carried out.
package replies

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/reply"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// What becomes of a mail.
const (
	Noted     = "noted"     // it stands at the case, and a copy goes to the operator
	Forwarded = "forwarded" // it answers no mail of ours: a copy goes to the operator
	Duplicate = "duplicate" // it came before
	Ignored   = "ignored"   // a program wrote it, or one of ours
	Refused   = "refused"   // more have come within a day than anybody reads
)

// So many a day are taken for one customer, and of what answers no mail of ours.
const mostADay = 100

// Take takes a mail as it came over the wire.
func Take(ctx context.Context, a *app.App, raw []byte) (string, error) {
	r, err := reply.Read(raw)
	switch {
	case errors.Is(err, reply.ErrNoMail):
		return Ignored, nil
	case err != nil:
		return "", err
	case r.Auto != "", own(a.Operator, r.From):
		a.Log.Info("reply", "outcome", Ignored, "why", r.Auto)
		return Ignored, nil
	}
	account, posted, err := answered(ctx, a, r)
	if err != nil {
		return "", err
	}
	if r.Text, err = beside(ctx, a, account, posted, r); err != nil {
		return "", err
	}
	r.Text = link.Hide(r.Text) // who opens the link of a mail that was quoted acts in its reader's name
	id := app.ShortHash(r.ID)
	if r.ID == "" {
		id = app.ShortHash(r.From, r.Subject, r.Text)
	}
	if _, known, err := a.Store.Row(ctx, account, "reply", id); err != nil || known {
		return Duplicate, err
	}
	now := a.Now().UTC()
	if ok, err := a.Store.Counter(ctx, "replies "+app.ShortHash(account), now.Format(time.DateOnly), 1, mostADay); err != nil {
		return "", err
	} else if !ok {
		a.Log.Warn("reply", "outcome", Refused, "account", account)
		return Refused, tellOps(ctx, a)
	}
	became := Noted
	if account == store.Operations {
		became = Forwarded
	}
	if err := keep(ctx, a, account, id, r, posted, now); err != nil {
		return "", err
	}
	a.Log.Info("reply", "outcome", became, "account", account, "attached", r.Attached)
	if a.Engine.Wake != nil {
		a.Engine.Wake(account)
	}
	return became, nil
}

// PassOver looks at a mail that is not to be taken: where it answers one of ours, somebody may be waiting.
func PassOver(ctx context.Context, a *app.App, raw []byte) error {
	r, err := reply.Read(raw)
	if err != nil || r.Auto != "" || own(a.Operator, r.From) {
		return nil
	}
	account, _, err := answered(ctx, a, r)
	if err != nil || account == store.Operations {
		return err
	}
	return tellOps(ctx, a)
}

// tellOps says, once a day, that answers have come that nobody gets to read.
func tellOps(ctx context.Context, a *app.App) error {
	return a.Engine.Daily(ctx, licence.SetAside, licence.Subject{Kind: "source", ID: "reply"})
}

// beside is the text of an answer, without what the mail said that it answers; where nobody knows what that
// said, all of it: what it quotes may be what it is about.
func beside(ctx context.Context, a *app.App, account string, p effects.Posted, r reply.Reply) (string, error) {
	if p.Mail == "" {
		return r.Whole, nil
	}
	row, ok, err := a.Store.Row(ctx, account, "mail", p.Mail)
	if err != nil || !ok {
		return r.Whole, err
	}
	var m effects.MailRow
	if err := json.Unmarshal(row.Body, &m); err != nil {
		return "", err
	}
	return r.Beside(m.Subject + "\n" + m.Text), nil
}

// own tells whether an address is the operator's: an answer to oneself goes round for ever.
func own(o app.Operator, from string) bool {
	for _, address := range []string{o.From, o.ReplyTo, o.Inbound} {
		if bare := app.Bare(address); bare != "" && effects.IsFrom(from, bare) {
			return true
		}
	}
	return false
}

// answered is whose mail it answers, by the nearest of those that it names; the reserved account: nobody's.
func answered(ctx context.Context, a *app.App, r reply.Reply) (string, effects.Posted, error) {
	var p effects.Posted
	for _, id := range r.Threads {
		name := effects.PostedName(id)
		account, err := a.Engine.AccountOf(ctx, name)
		if errors.Is(err, store.ErrNoAccount) {
			continue
		}
		if err != nil {
			return "", p, err
		}
		row, ok, err := a.Store.Row(ctx, account, name.Sender, name.ID)
		if err != nil {
			return "", p, err
		}
		if ok {
			return account, p, json.Unmarshal(row.Body, &p)
		}
		a.Engine.Forget(name) // the account was erased, or it is too long ago
	}
	return store.Operations, p, nil
}

// keep writes the note, and owes the copy.
func keep(ctx context.Context, a *app.App, account, id string, r reply.Reply, p effects.Posted, now time.Time) error {
	by := r.From
	if r.Name != "" {
		by = r.Name + " <" + r.From + ">"
	}
	body, err := json.Marshal(effects.ReplyRow{At: now, From: r.From, By: by, Subject: r.Subject, Text: r.Text, Case: p.Case})
	if err != nil {
		return err
	}
	rows := []licence.Row{{Kind: "reply", ID: id, Body: body, Ends: now.Add(effects.ReplyLife)}}
	if account != store.Operations {
		note, err := effects.NoteRows(ctx, a.Store, account, now.Format("2006-01-02T15:04:05.000000000Z")+" "+id, effects.Note{At: now, By: by, Text: noted(a, r, p), Mail: true})
		if err != nil {
			return err
		}
		rows = append(rows, note...)
	}
	owed := []licence.Effect{{Kind: licence.Forward, Ripe: now, To: licence.Support, Code: id}}
	return a.Engine.Owe(ctx, account, func() ([]licence.Row, []licence.Effect, error) {
		if _, known, err := a.Store.Row(ctx, account, "reply", id); err != nil || known {
			return nil, nil, err // another process was told of it in the same moment
		}
		return rows, owed, nil
	})
}

// noted is the text of the note: what was written, and what a reader of it should know, in the operator's
// language.
func noted(a *app.App, r reply.Reply, p effects.Posted) string {
	voice, text := words.Of(a.Operator.Lang).Voice(nil, a.Now()), effects.NoteText(r.Text)
	if !effects.IsFrom(r.From, p.To) {
		text += "\n\n" + voice.Say(words.Args{"to": p.To}, "reply.to")
	}
	if r.Attached > 0 {
		text += "\n\n" + voice.Say(words.Args{"attached": r.Attached}, "reply.attached")
	}
	return strings.TrimSpace(text)
}
