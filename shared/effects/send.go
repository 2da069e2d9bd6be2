package effects

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

// A Message is a mail on its way.
type Message struct {
	From, ReplyTo, To, ID string
	Thread                string // mails of one thread say so; "": none
	Subject, Text, HTML   string
}

// ErrNotSent says that a message was not even begun to be handed over: it may be tried again.
var ErrNotSent = errors.New("not sent")

// A Sender hands a message over. An error that is not ErrNotSent does not tell that it was
// not sent.
type Sender func(ctx context.Context, m Message) error

// Discreet keeps from the errors of a sender the addresses that mail servers repeat in theirs:
// errors are logged, and addresses are not. Of no sender it is nil.
func Discreet(send Sender) Sender {
	if send == nil {
		return nil
	}
	return func(ctx context.Context, m Message) error {
		if err := send(ctx, m); err != nil {
			return discreet{err}
		}
		return nil
	}
}

type discreet struct{ err error }

var address = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

func (e discreet) Error() string { return address.ReplaceAllString(e.err.Error(), "(address)") }
func (e discreet) Unwrap() error { return e.err }

// Punycode writes the domains of a message's addresses in ASCII, as mail servers know them: a
// domain such as örn.example goes out as xn--rn-eka.example. One that is none stays as it is: the
// server that is asked to send says what is wrong with it. Of no sender it is nil.
func Punycode(send Sender) Sender {
	if send == nil {
		return nil
	}
	return func(ctx context.Context, m Message) error {
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

// SES sends through Amazon SES.
func SES(client *sesv2.Client) Sender {
	return func(ctx context.Context, m Message) error {
		headers := []types.MessageHeader{{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")}}
		if m.Thread != "" {
			headers = append(headers, types.MessageHeader{Name: aws.String("References"), Value: aws.String("<" + m.Thread + "@seatmend>")})
		}
		utf8 := func(s string) *types.Content {
			return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
		}
		body := &types.Body{Text: utf8(m.Text)}
		if m.HTML != "" {
			body.Html = utf8(m.HTML)
		}
		_, err := client.SendEmail(ctx, &sesv2.SendEmailInput{
			FromEmailAddress: aws.String(m.From), ReplyToAddresses: []string{m.ReplyTo},
			Destination: &types.Destination{ToAddresses: []string{m.To}},
			Content: &types.EmailContent{Simple: &types.Message{
				Subject: utf8(m.Subject), Body: body, Headers: headers,
			}},
			EmailTags: []types.MessageTag{{Name: aws.String("seatmend"), Value: aws.String(m.ID)}},
		})
		var refused smithy.APIError
		if errors.As(err, &refused) {
			return errors.Join(ErrNotSent, err) // it answered, and said no
		}
		return err
	}
}

// SMTP sends through a mail server; of no address it is nil: mail lies in the inbox alone.
func SMTP(addr string) Sender {
	if addr == "" {
		return nil
	}
	return func(ctx context.Context, m Message) error {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return err
		}
		client, err := mail.NewClient(host, mail.WithPort(n), mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithTimeout(20*time.Second))
		if err != nil {
			return err
		}
		msg := mail.NewMsg()
		if err := msg.From(m.From); err != nil {
			return err
		}
		if err := msg.ReplyTo(m.ReplyTo); err != nil {
			return err
		}
		if err := msg.To(m.To); err != nil {
			return err
		}
		msg.Subject(strings.Join(strings.Fields(m.Subject), " "))
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
		if m.Thread != "" {
			msg.SetGenHeader(mail.HeaderReferences, "<"+m.Thread+"@seatmend>")
		}
		msg.SetBodyString(mail.TypeTextPlain, m.Text)
		if m.HTML != "" {
			msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
		}
		if err := client.DialWithContext(ctx); err != nil {
			return errors.Join(ErrNotSent, err)
		}
		defer client.Close()
		return client.Send(msg)
	}
}
