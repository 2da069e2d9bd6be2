package effects_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"seatmend/shared/aws"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
)

var letter = effects.Message{
	From: "Fjordpartner licens <licens@fjordpartner.example>", ReplyTo: "support@fjordpartner.example", To: "anna@fjord.example",
	ID: "mail-1", Thread: "<mail-0@fjordpartner.example>", Subject: "Nine have it,\n seven may", Text: "Free two.\n.\n..", HTML: "<p>Free two.</p>",
}

// judged is how a Sender says that a message ended.
func judged(err error) string {
	refusal, ok := errors.AsType[*effects.Refusal](err)
	switch {
	case err == nil:
		return "sent"
	case !ok:
		return "uncertain"
	}
	out := "put off"
	if refusal.Final {
		out = "refused"
	}
	if refusal.Ours {
		out += ", ours"
	}
	return out
}

// TestSMTP: only a connection that is lost between the end of the mail and the answer leaves it
// open whether a mail went.
func TestSMTP(t *testing.T) {
	for _, c := range []struct{ step, says, want string }{
		{"", "", "sent"},
		{mailtest.Greeting, "421 busy", "put off, ours"},
		{mailtest.Greeting, "554 not here", "put off, ours"},
		{mailtest.Greeting, mailtest.Cut, "put off, ours"},
		{mailtest.Hello, "550 who are you", "put off, ours"},
		{mailtest.From, "451 later", "put off, ours"},
		{mailtest.From, "550 not from you", "refused, ours"},
		{mailtest.From, mailtest.Cut, "put off, ours"},
		{mailtest.To, "450 4.2.0 greylisted", "put off"},
		{mailtest.To, "421 closing", "put off, ours"},
		{mailtest.To, "550 5.1.1 no such user", "refused"},
		{mailtest.To, mailtest.Cut, "put off, ours"},
		{mailtest.Data, "452 full", "put off"},
		{mailtest.Data, "554 no", "refused"},
		{mailtest.Data, mailtest.Cut, "put off, ours"},
		{mailtest.Taken, "451 4.7.1 later", "put off"},
		{mailtest.Taken, "552 too much", "refused"},
		{mailtest.Taken, mailtest.Cut, "uncertain"},
		{mailtest.Reset, mailtest.Cut, "sent"},
		{mailtest.Reset, "421 closing", "sent"},
	} {
		t.Run(fmt.Sprint(c.step, " ", c.says), func(t *testing.T) {
			server := mailtest.Listen(t, func(step, _ string) string {
				if step == c.step {
					return c.says
				}
				return ""
			})
			id, err := effects.SMTP(server.Addr)(t.Context(), letter)
			if got := judged(err); got != c.want {
				t.Errorf("judged as %s, want %s: %v", got, c.want, err)
			}
			if c.want == "sent" && (len(server.Mails()) != 1 || id != "<mail-1@fjordpartner.example>") {
				t.Errorf("%d mails came, of id %s", len(server.Mails()), id)
			}
		})
	}
	t.Run("no server", func(t *testing.T) {
		_, err := effects.SMTP(nobody(t))(t.Context(), letter)
		if got := judged(err); got != "put off, ours" {
			t.Errorf("judged as %s: %v", got, err)
		}
	})
	for name, change := range map[string]func(*effects.Message){"refused, ours": func(m *effects.Message) { m.From = "" }, "refused": func(m *effects.Message) { m.To = "anna" }} {
		t.Run("address "+name, func(t *testing.T) {
			m := letter
			change(&m)
			if _, err := effects.SMTP(nobody(t))(t.Context(), m); judged(err) != name {
				t.Errorf("judged as %s: %v", judged(err), err)
			}
		})
	}
}

// nobody is an address of this machine at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return l.Addr().String()
}

// TestSMTPHeaders: a mail names itself, and the first of its conversation, as other mail programs read it.
func TestSMTPHeaders(t *testing.T) {
	server := mailtest.Listen(t, nil)
	if _, err := effects.SMTP(server.Addr)(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(server.Mails()[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<mail-1@fjordpartner.example>", "In-Reply-To": letter.Thread, "References": letter.Thread,
		"Reply-To": "<support@fjordpartner.example>", "To": "<anna@fjord.example>", "Subject": "Nine have it, seven may", "Auto-Submitted": "auto-generated",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	first := letter
	first.Thread, first.ReplyTo = "", ""
	if _, err := effects.SMTP(server.Addr)(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if m, err = mail.ReadMessage(strings.NewReader(server.Mails()[1].Text)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"In-Reply-To", "References", "Reply-To"} {
		if got := m.Header.Get(name); got != "" {
			t.Errorf("the first mail says %s: %s", name, got)
		}
	}
}

// TestSES: a mail is handed over once, whatever becomes of the answer; what was answered is told
// from what was lost.
func TestSES(t *testing.T) {
	for _, c := range []struct {
		status           int // 0: it hangs up
		code, said, want string
	}{
		{200, "", "", "sent"},
		{400, "MessageRejected", "Email address is not verified. The following identities failed the check in region EU-NORTH-1: licens@fjordpartner.example", "refused, ours"},
		{400, "MessageRejected", "Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.", "refused, ours"},
		{400, "MessageRejected", "Email contains a virus", "refused, ours"},
		{400, "MessageRejected", "Address blacklisted.", "refused"},
		{400, "BadRequestException", "Invalid email address anna@@fjord.example.", "refused"},
		{400, "BadRequestException", "Domain contains illegal character", "refused"},
		{400, "BadRequestException", "Missing final '@domain'", "refused"},
		{400, "BadRequestException", "Invalid tag value <C 1>: only alphanumeric ASCII characters, '_', and '-' are allowed.", "refused, ours"},
		{400, "BadRequestException", "Empty header names are illegal.", "refused, ours"},
		{400, "MailFromDomainNotVerifiedException", "", "refused, ours"},
		{403, "AccessDeniedException", "", "refused, ours"},
		{403, "ExpiredTokenException", "", "put off, ours"},
		{429, "TooManyRequestsException", "", "put off, ours"},
		{400, "LimitExceededException", "", "put off, ours"},
		{400, "SendingPausedException", "", "put off, ours"},
		{500, "InternalFailure", "", "uncertain"},
		{503, "ServiceUnavailable", "", "uncertain"},
		{0, "", "", "uncertain"},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.code, " ", c.said), func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if c.status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("X-Amzn-ErrorType", c.code)
				w.WriteHeader(c.status)
				_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": "0110-1", "message": c.said})
			}))
			defer server.Close()
			id, err := ses(server.URL)(t.Context(), letter)
			if got := judged(err); got != c.want {
				t.Errorf("judged as %s, want %s: %v", got, c.want, err)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("it was handed over %d times", n)
			}
			if c.status == 200 && id != "<0110-1@eu-north-1.amazonses.com>" {
				t.Errorf("its id is %s", id)
			}
		})
	}
	t.Run("no server", func(t *testing.T) {
		if _, err := ses("http://"+nobody(t))(t.Context(), letter); judged(err) != "put off, ours" {
			t.Errorf("judged as %s: %v", judged(err), err)
		}
	})
	t.Run("no credentials", func(t *testing.T) {
		client := client("http://" + nobody(t))
		client.Credentials = sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{}, errors.New("none today")
		})
		if _, err := effects.SES(client)(t.Context(), letter); judged(err) != "put off, ours" {
			t.Errorf("judged as %s: %v", judged(err), err)
		}
	})
	t.Run("while it waits for the answer, it is stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan bool)
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel(); <-over }))
		defer server.Close()
		defer close(over)
		if _, err := ses(server.URL)(ctx, letter); judged(err) != "uncertain" {
			t.Errorf("judged as %s: %v", judged(err), err)
		}
	})
}

// TestSESHasNamesInASCII: SES encodes no name, and takes one beyond ASCII for none.
func TestSESHasNamesInASCII(t *testing.T) {
	var in struct {
		FromEmailAddress     string
		ReplyToAddresses     []string
		Destination          struct{ ToAddresses []string }
		ConfigurationSetName *string
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"MessageId":"0110-1"}`)
	}))
	defer server.Close()
	m := letter
	m.ReplyTo, m.To = "Kundstöd <support@fjordpartner.example>", "Anna Sjö <anna@fjord.example>"
	m.From = `"Åsa Bråten, Fjordpartner" <licens@fjordpartner.example>`
	if _, err := ses(server.URL)(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{in.FromEmailAddress: m.From, in.ReplyToAddresses[0]: m.ReplyTo, in.Destination.ToAddresses[0]: m.To} {
		if strings.ContainsFunc(got, func(r rune) bool { return r > 127 }) {
			t.Errorf("sent as %s", got)
		}
		a, err := mail.ParseAddress(got)
		b, _ := mail.ParseAddress(want)
		if err != nil || *a != *b {
			t.Errorf("%s reads as %v, want %v: %v", got, a, b, err)
		}
	}
	if in.ConfigurationSetName != nil {
		t.Error("a configuration set is named: that of the identity counts")
	}
}

// What a mail says does not depend on who sends it: over SES it has each part and each line of its head that
// it has over SMTP, but for those that the carrier itself writes.
func TestSESSaysWhatSMTPSays(t *testing.T) {
	m := letter
	m.ReplyTo, m.To, m.Subject = "support@fjordpartner.example", "Anna Sjö <anna@fjord.example>", "Frigör 2 Sales Premium-platser, så kan licensen förnyas"
	m.Text, m.HTML, m.Thread, m.Stop = "Hej Åsa,\n\ntvå är för många.\n", "<p>Hej Åsa,</p>\n<p>två är för många.</p>\n", "<first@fjordpartner.example>", "https://licens.fjordpartner.example/unsubscribe/abc"
	type content struct{ Data, Charset string }
	var in struct {
		FromEmailAddress string
		ReplyToAddresses []string
		Destination      struct{ ToAddresses []string }
		Content          struct {
			Simple struct {
				Subject content
				Body    map[string]content
				Headers []struct{ Name, Value string }
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `{"MessageId":"0110-1"}`)
	}))
	defer server.Close()
	if _, err := ses(server.URL)(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	post := mailtest.Listen(t, nil)
	if _, err := effects.SMTP(post.Addr)(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(strings.NewReader(post.Mails()[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	over := in.Content.Simple
	said := map[string]string{"From": in.FromEmailAddress, "To": in.Destination.ToAddresses[0], "Reply-To": in.ReplyToAddresses[0], "Subject": over.Subject.Data}
	for _, h := range over.Headers {
		said[textproto.CanonicalMIMEHeaderKey(h.Name)] = h.Value
	}
	var dec mime.WordDecoder
	same := func(field, a, b string) bool {
		if x, err := mail.ParseAddress(a); err == nil && strings.Contains("From To Reply-To", field) {
			y, err := mail.ParseAddress(b)
			return err == nil && *x == *y
		}
		d, err := dec.DecodeHeader(a)
		return err == nil && strings.Join(strings.Fields(d), " ") == b
	}
	for field, values := range msg.Header {
		if slices.Contains([]string{"Date", "Message-Id", "Mime-Version", "Content-Type"}, field) {
			continue // the carrier's
		}
		if !same(field, values[0], said[field]) {
			t.Errorf("%s is %q over SMTP and %q over SES", field, values[0], said[field])
		}
		delete(said, field)
	}
	if len(said) > 0 {
		t.Errorf("over SES alone: %v", said)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, name := range []string{"Text", "Html"} {
		p, err := parts.NextPart() // as it was written
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if got := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")); err != nil || got != strings.TrimSpace(over.Body[name].Data) || over.Body[name].Charset != "UTF-8" {
			t.Errorf("%s is %q over SMTP and %v over SES; %v", name, got, over.Body[name], err)
		}
	}
	if len(over.Body) != 2 || over.Subject.Charset != "UTF-8" {
		t.Errorf("%+v", over)
	}
}

func ses(url string) effects.Sender { return effects.SES(client(url)) }

func client(url string) *aws.Client {
	return &aws.Client{Region: "eu-north-1", HTTP: http.DefaultClient, Now: time.Now, Endpoint: func(string) string { return url },
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		})}
}
