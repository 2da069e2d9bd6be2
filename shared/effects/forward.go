package effects

import (
	"context"
	"encoding/json"
	"fmt"
	gomail "net/mail"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// A Posted is kept of each mail that can be answered to us, under the Message-ID that it bears, without
// brackets: by it an answer leads back to the account.
type Posted struct {
	To   string `json:"to"`
	Case string `json:"case,omitempty"`
	Mail string `json:"mail,omitempty"` // id of its row
}

// postedLife is how long an answer leads back.
const postedLife = 400 * licence.Day

// PostedName is the name under which a mail is found by its Message-ID.
func PostedName(messageID string) licence.Name {
	return licence.Name{Sender: "posted", ID: strings.Trim(messageID, "<>")}
}

// MessageID is by what a mail is answered that lies in the inbox of one machine, where no server gave it an
// id: its row's own is another mail's too, of another account. "": it is a draft.
func (m MailRow) MessageID(account string) string {
	if m.SentAt == nil {
		return ""
	}
	return messageID("inbox", account, m.ID, *m.SentAt)
}

// post adds to a result that a mail can be answered.
func post(done *licence.Result, p Posted, messageID string, now time.Time) error {
	name := PostedName(messageID)
	if name.ID == "" {
		return nil
	}
	body, err := json.Marshal(p)
	done.Rows = append(done.Rows, licence.Row{Kind: name.Sender, ID: name.ID, Body: body, Ends: now.Add(postedLife)})
	done.Claim = append(done.Claim, name)
	return err
}

// A ReplyRow is a mail that came back to us, for as long as a copy of it is owed to where the operator
// reads; then it is empty, and says that it came.
type ReplyRow struct {
	At      time.Time `json:"at"`
	From    string    `json:"from,omitempty"`
	By      string    `json:"by,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Text    string    `json:"text,omitempty"`
	Case    string    `json:"case,omitempty"`
}

// ReplyLife is how long it is known that a mail came, so that one that is told twice is taken once.
const ReplyLife = 30 * licence.Day

// A Forwarder copies what came back by mail to where the operator reads answers.
type Forwarder struct {
	Store    store.Store
	Operator words.Operator
	Lang     string // in which the operator reads
	BaseURL  string
	Send     Sender // nil: the inbox alone
	Now      func() time.Time
}

// bracketed is a case number as ticket systems take it from a subject.
func bracketed(number string) string {
	if number == "" {
		return ""
	}
	return "[" + number + "]"
}

// answerable is a bare address as a header has it; "": nobody can be written to there, and an answer to the
// copy goes to whoever sends it.
func answerable(bare string) string {
	a := gomail.Address{Address: bare}
	if _, err := gomail.ParseAddress(a.String()); err != nil {
		return ""
	}
	return a.String()
}

// Forward sends one copy; e.Code is the id of its row. An answer to it goes to whoever wrote.
func (f Forwarder) Forward(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	now := f.Now()
	done := licence.Result{Effect: e, At: now, Outcome: "done"}
	row, ok, err := f.Store.Row(ctx, s.Account, "reply", e.Code)
	var r ReplyRow
	if err == nil && ok {
		err = json.Unmarshal(row.Body, &r)
	}
	if err != nil || !ok || r.From == "" {
		return nil, done, err
	}
	if f.Send != nil && e.Sending.IsZero() {
		e.Sending = now // first it is written down that it is about to go, as with every mail
		done.Effect, done.Outcome = e, "sending"
		return nil, done, nil
	}
	m := DeskMail{ID: e.ID, To: f.Operator.ReplyTo, SentAt: now, Why: "reply", Subject: r.Subject}
	voice, by, whole := words.Of(f.Lang).Voice(nil, now), "reply.by.nobody", ""
	if name := s.Known.Profile.Account.Value.Name; name != "" {
		m.Subject = strings.TrimSpace(fmt.Sprintf("%s %s: %s", bracketed(r.Case), name, r.Subject))
		by, whole = "reply.by", voice.Say(words.Args{"url": f.BaseURL + "/support/accounts/" + s.Account}, "tasks.whole")+"\n"
	}
	m.Text = voice.Say(words.Args{"by": r.By}, by) + "\n\n" + r.Text + "\n\n--\n" + whole + voice.Say(nil, "reply.copy") + "\n"
	if f.Send != nil {
		message := Message{From: Writes(f.Operator, voice.Tag), ReplyTo: answerable(r.From), To: m.To, ID: messageID("reply", s.Account, e.Code, e.Sending), Subject: m.Subject, Text: m.Text}
		unsure, err := HandOver(ctx, f.Send, message, &done)
		if err != nil {
			return nil, done, err
		}
		if unsure != nil {
			m.Why += ", uncertain: " + unsure.Error()
		}
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, done, err
	}
	row.Body = json.RawMessage(`{}`)
	done.Rows = []licence.Row{row, {Kind: "desk", ID: e.ID, Body: body, Ends: now.Add(store.FactLife)}}
	return nil, done, nil
}
