package app

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
)

// A MailEvent is what SES tells by EventBridge of a mail that it took, as far as it is read here.
// The tags are those that the mail was sent with (effects.SES).
type MailEvent struct {
	Source string
	Detail struct {
		EventType string
		Mail      struct{ Tags map[string][]string }
		Bounce    struct{ BounceType, BounceSubType string }
		Complaint struct{ ComplaintFeedbackType string }
	}
}

// MailEvents makes a function one that hears of mails.
func MailEvents(a *App) error {
	a.hears = a.MailCameBack
	return nil
}

// MailCameBack hears that a mail bounced for good, or that whoever got it complains. What passes by
// itself marks nobody: SES goes on trying. A mail that is not ours leads nowhere.
func (a *App) MailCameBack(ctx context.Context, e MailEvent) error {
	complained, said := false, ""
	switch d := e.Detail; {
	case e.Source != "aws.ses": // nobody but AWS may put events of such a name on the bus
		return nil
	case d.EventType == "Complaint":
		complained, said = true, strings.TrimSpace("complaint "+d.Complaint.ComplaintFeedbackType)
	case d.EventType == "Bounce" && d.Bounce.BounceType == "Permanent":
		said = strings.TrimSpace("bounced " + d.Bounce.BounceSubType)
	default:
		return nil
	}
	account, mail := tag(e, "account"), tag(e, "mail")
	if account == "" || mail == "" {
		a.Log.Warn("mail", "outcome", said, "note", "it bears no account of ours")
		return nil
	}
	marked, early := false, false
	err := a.Engine.Change(ctx, account, func(s licence.State) (c licence.Change, ok bool) {
		for _, e := range s.History.Pending {
			early = early || !e.Sending.IsZero() && (e.ID == mail || e.Draft == mail)
		}
		c, marked = casework.Returned(s, mail, complained, Short(said), a.Now())
		return c, marked
	})
	if early && !marked {
		return errors.New("a mail came back before it was written down that it went: Lambda asks again")
	}
	if err == nil {
		a.Log.Info("mail", "account", account, "id", mail, "outcome", said, "marked", marked)
	}
	return err
}

// tag reads a tag of the mail, in which any text can stand (effects.Tag).
func tag(e MailEvent, name string) string {
	if list := e.Detail.Mail.Tags[name]; len(list) == 1 {
		if text, err := base64.RawURLEncoding.DecodeString(list[0]); err == nil {
			return string(text)
		}
	}
	return ""
}
