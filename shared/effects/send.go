package effects

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	gomail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"seatmend/shared/aws"
	"seatmend/shared/licence"
)

// A Message is a mail on its way.
type Message struct {
	From, To, ID        string
	ReplyTo             string // "": answers go to From
	Account, Row        string // whose it is, and its id there: by these what becomes of it leads back
	Thread              string // Message-ID of the first mail of the conversation, in its brackets; "": this is the first
	Subject, Text, HTML string
	Stop                string // where a POST ends reminders to the reader (RFC 8058); "": the mail is none that comes again
}

// headers are those of a message beside who, whom, what and when. Programs that answer by themselves
// are told that none of us reads it.
func headers(m Message) []named {
	out := []named{{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "OOF, AutoReply"}}
	if m.Thread != "" {
		out = append(out, named{"In-Reply-To", m.Thread}, named{"References", m.Thread})
	}
	if m.Stop != "" {
		out = append(out, named{"List-Unsubscribe", "<" + m.Stop + ">"}, named{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	return out
}

type named struct{ Name, Value string }

// A Sender hands a message over, and gives the Message-ID that it bears, in its brackets. A
// *Refusal says that it has not gone; any other error does not tell whether it has.
type Sender func(ctx context.Context, m Message) (id string, err error)

// A Refusal is why a message has not gone: a mail server did not take it, or was not reached.
type Refusal struct {
	Err   error
	Final bool // the server said no for good: what SMTP says with a 5xx
	Ours  bool // it is about us, or our own mail server, and not about whom the mail is for
}

func (r *Refusal) Error() string { return r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }

// HandOver sends a message and notes in done what became of it. An error is a refusal: it has
// not gone. Unsure is why nobody knows whether it has.
func HandOver(ctx context.Context, send Sender, m Message, done *licence.Result) (unsure, err error) {
	done.MessageID, err = send(ctx, m)
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		said := err.Error()
		done.Refused = &licence.Refused{Final: refusal.Final, Ours: refusal.Ours, Said: strings.ToValidUTF8(said[:min(len(said), saidLimit)], "")}
		return nil, err
	}
	if err != nil {
		done.Outcome = "uncertain"
	}
	return err, nil
}

// saidLimit bounds, in bytes, what is kept of a mail server's words.
const saidLimit = 300

// messageID makes an id that no other message has, of what the message is about and when it goes.
func messageID(kind, account, id string, at time.Time) string {
	sum := sha256.Sum256([]byte(account + "\n" + id + "\n" + at.UTC().Format(time.RFC3339Nano)))
	return kind + "-" + hex.EncodeToString(sum[:12])
}

// Discreet keeps from the errors of a sender the addresses that mail servers repeat in theirs:
// errors are logged, and addresses are not. Nil for no sender.
func Discreet(send Sender) Sender {
	if send == nil {
		return nil
	}
	return func(ctx context.Context, m Message) (string, error) {
		id, err := send(ctx, m)
		if err != nil {
			err = discreet{err}
		}
		return id, err
	}
}

type discreet struct{ err error }

var address = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

func (e discreet) Error() string { return address.ReplaceAllString(e.err.Error(), "(address)") }

func (e discreet) Unwrap() error { return e.err }

// Punycode writes the domains of a message's addresses in ASCII, as mail servers know them: a
// domain such as örn.example goes out as xn--rn-eka.example. One that is none stays as it is: the
// server that is asked to send says what is wrong with it. Nil for no sender.
func Punycode(send Sender) Sender {
	if send == nil {
		return nil
	}
	return func(ctx context.Context, m Message) (string, error) {
		m.From, m.ReplyTo, m.To = asciiDomain(m.From), asciiDomain(m.ReplyTo), asciiDomain(m.To)
		return send(ctx, m)
	}
}

// asciiDomain is an address, bare or as "Name <address>", with its domain in ASCII.
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@') + 1
	domain, rest := address[at:], ""
	if end := strings.IndexByte(domain, '>'); end >= 0 {
		domain, rest = domain[:end], domain[end:]
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if at == 0 || err != nil {
		return address
	}
	return address[:at] + ascii + rest
}

// IsFrom tells whether a mail that came is from an address that we know, whose domain may be written in its own
// letters: a mail's head has it in ASCII.
func IsFrom(head, known string) bool {
	return head == strings.ToLower(asciiDomain(known))
}

// SES sends through Amazon SES. The configuration set is that of the identity, where it has one.
func SES(client *aws.Client) Sender {
	host := client.Region
	if host == "us-east-1" {
		host = "email"
	}
	type content struct{ Data, Charset string }
	utf8 := func(s string) *content { return &content{s, "UTF-8"} }
	return func(ctx context.Context, m Message) (string, error) {
		body := map[string]*content{"Text": utf8(m.Text)}
		if m.HTML != "" {
			body["Html"] = utf8(m.HTML)
		}
		in := map[string]any{
			"FromEmailAddress": inASCII(m.From), "Destination": map[string]any{"ToAddresses": []string{inASCII(m.To)}},
			"Content": map[string]any{"Simple": map[string]any{"Subject": utf8(m.Subject), "Body": body, "Headers": headers(m)}},
		}
		tags := []named{{"seatmend", m.ID}}
		for name, value := range map[string]string{"account": Tag(m.Account), "mail": Tag(m.Row)} {
			if value != "" {
				tags = append(tags, named{name, value})
			}
		}
		in["EmailTags"] = tags
		if m.ReplyTo != "" {
			in["ReplyToAddresses"] = []string{inASCII(m.ReplyTo)}
		}
		var out struct{ MessageId string }
		// Once: a mail whose answer was lost may have gone.
		if err := client.Call(ctx, aws.Request{Service: aws.SES, Path: "v2/email/outbound-emails", Body: in}, &out); err != nil {
			return "", refusedBySES(err)
		}
		// This is the Message-ID that the mail has: SES gives each one of its own.
		return "<" + out.MessageId + "@" + host + ".amazonses.com>", nil
	}
}

// Tag writes a text as a tag of SES, which takes 256 letters, digits, _ and -; "" for a longer one.
func Tag(text string) string {
	if tag := base64.RawURLEncoding.EncodeToString([]byte(text)); len(tag) <= 256 {
		return tag
	}
	return ""
}

// inASCII is an address whose name is written as mail carries it: SES does not encode one. What is
// no address stays as it is, and SES says what is wrong with it.
func inASCII(address string) string {
	a, err := gomail.ParseAddress(address)
	if err != nil || a.Name == "" {
		return address
	}
	return a.String()
}

// refusedBySES judges an error of a call: an answer of 4xx, and a call that was never made, are
// refusals. An answer that was lost, or one of 5xx, does not tell.
func refusedBySES(err error) error {
	said, ok := errors.AsType[*aws.Error](err)
	switch {
	case !ok && (errors.Is(err, aws.ErrUnsent) || undialled(err)):
		return &Refusal{Err: err, Ours: true}
	case !ok || said.Status < 400 || said.Status >= 500:
		return err
	}
	r := &Refusal{Err: err, Ours: true}
	switch said.Code {
	case "MessageRejected": // also a sender that is not verified, an account that is paused, a mail that it does not like
		r.Final, r.Ours = true, !barred.MatchString(said.Message)
	case "BadRequestException": // also our headers and tags
		r.Final, r.Ours = true, !misspelt.MatchString(said.Message)
	case "MailFromDomainNotVerifiedException", "NotFoundException", "AccessDeniedException", "AccountSuspendedException":
		r.Final = true // that does not pass by itself
	}
	return r
}

// What SES says of whom a mail is for, under codes that it uses for faults of ours too. (From and
// Reply-To were looked at before the deployment.)
var (
	barred   = regexp.MustCompile(`(?i)blacklist|suppression list`)
	misspelt = regexp.MustCompile(`(?i)\b(address|domain|user name)\b`)
)

// undialled tells that there was no connection over which anything could have gone.
func undialled(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// smtpLimit bounds each of the two parts of a talk with a mail server: until it greets, and
// until it has taken the mail.
const smtpLimit = 20 * time.Second

// SMTP sends through a mail server; nil for no address: mail lies in the inbox alone.
func SMTP(addr string) Sender {
	if addr == "" {
		return nil
	}
	return func(ctx context.Context, m Message) (string, error) {
		msg, id, err := compose(m)
		if err != nil {
			return "", err
		}
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return "", &Refusal{Err: err, Final: true, Ours: true}
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return "", &Refusal{Err: err, Final: true, Ours: true}
		}
		client, err := mail.NewClient(host, mail.WithPort(n), mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithTimeout(smtpLimit))
		if err == nil {
			err = client.DialWithContext(ctx)
		}
		if err != nil {
			return "", &Refusal{Err: err, Ours: true}
		}
		defer client.Close()
		return id, refusedBySMTP(client.Send(msg))
	}
}

// compose makes the mail as it goes over the wire, and its Message-ID.
func compose(m Message) (*mail.Msg, string, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	from, err := gomail.ParseAddress(m.From)
	if err == nil {
		err = msg.From(m.From)
	}
	if err == nil && m.ReplyTo != "" {
		err = msg.ReplyTo(m.ReplyTo)
	}
	if err != nil {
		return nil, "", &Refusal{Err: err, Final: true, Ours: true}
	}
	if err := msg.To(m.To); err != nil {
		return nil, "", &Refusal{Err: err, Final: true}
	}
	id := m.ID + from.Address[strings.LastIndex(from.Address, "@"):]
	msg.SetMessageIDWithValue(id)
	id = "<" + id + ">"
	msg.SetGenHeaderPreformatted(mail.HeaderSubject, encodedWords(strings.Join(strings.Fields(m.Subject), " ")))
	for _, h := range headers(m) {
		msg.SetGenHeader(mail.Header(h.Name), h.Value)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return msg, id, nil
}

// encodedWords writes a subject as mail carries it. The first word stands beside the header's name:
// one that is so long as to begin a line of its own is read with a blank in front (by Python's email).
func encodedWords(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return text
	}
	var out, word strings.Builder
	end := func() {
		if out.Len() > 0 {
			out.WriteString("\r\n ")
		}
		out.WriteString("=?utf-8?q?" + word.String() + "?=")
		word.Reset()
	}
	for _, r := range text {
		letter := ""
		switch {
		case r == ' ':
			letter = "_"
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			letter = string(r)
		default:
			letter = fmt.Sprintf("% X", string(r))
			letter = "=" + strings.ReplaceAll(letter, " ", "=")
		}
		if word.Len()+len(letter) > 54 {
			end()
		}
		word.WriteString(letter)
	}
	end()
	return out.String()
}

// refusedBySMTP judges how a talk with a mail server ended. Only where it was cut off between the
// end of the mail and the answer does nobody know.
func refusedBySMTP(err error) error {
	cut, ok := errors.AsType[*mail.SendError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return &Refusal{Err: err, Ours: true}
	case cut.Reason == mail.ErrSMTPReset:
		return nil // the mail was taken before that
	case cut.Reason == mail.ErrSMTPDataClose && cut.ErrorCode() == 0:
		return err
	}
	code := cut.ErrorCode()
	// Before it hears for whom the mail is, a server speaks of us, and with 421 of itself.
	about := cut.Reason == mail.ErrSMTPRcptTo || cut.Reason == mail.ErrSMTPData || cut.Reason == mail.ErrSMTPDataClose
	return &Refusal{Err: err, Final: code >= 500, Ours: !about || code == 0 || code == 421}
}
