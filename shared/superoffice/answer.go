package superoffice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// answerLimit bounds what is read of one answer; a page of a thousand users is far below it.
const answerLimit = 16 << 20

// do sends a request and returns the JSON of a true success; everything else is an error, and
// what hide lists stands in none of them, even if the answer repeats it.
func (c *Client) do(req *http.Request, hide []string) (json.RawMessage, error) {
	req.Header.Set("Accept", "application/json")
	var sent atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}))
	// A redirect would carry the ticket to a host that nobody checked.
	var plain http.Client
	if c.HTTP != nil {
		plain = *c.HTTP
	}
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := plain.Do(req)
	if err != nil {
		return nil, &silence{err, sent.Load()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	if err != nil {
		return nil, &silence{err, true}
	}
	if len(body) > answerLimit {
		return nil, garbled("more than %d bytes", answerLimit)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if resp.StatusCode == http.StatusNoContent {
		return nil, ErrNothing
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(resp, inWords(body, hide))
	}
	if err := empty(body, hide); err != nil {
		return nil, err
	}
	return body, nil
}

// A silence is a call that nobody answered. Once it was sent, it may have been done all the same.
type silence struct {
	error
	sent bool
}

func (s *silence) Unwrap() error { return s.error }

// refusal turns a status other than 200 into the error that says what to do about it.
func refusal(resp *http.Response, text string) error {
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", ErrTicket, text)
	case status == http.StatusForbidden, restricted(text):
		return fmt.Errorf("%w: %s", ErrDenied, text)
	case status == http.StatusMisdirectedRequest:
		return fmt.Errorf("%w: %s", ErrMoved, text)
	case status == http.StatusTooManyRequests,
		status == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		return &Busy{Status: status, RetryAfter: retryAfter(resp.Header)}
	default:
		return &Fault{Status: status, Text: text}
	}
}

// restricted knows the errors of agents that an application was not given. With which status
// they come is not documented.
func restricted(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "online restricted") || strings.Contains(text, "restricted agent") || strings.Contains(text, "is restricted")
}

// empty refuses what status 200 may also hold: nothing, no JSON, an error object.
func empty(body []byte, hide []string) error {
	switch {
	case string(body) == "null" || len(body) == 0:
		return ErrNothing
	case !json.Valid(body):
		return garbled("not JSON: %s", inWords(body, hide))
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || !isError(fields) {
		return nil
	}
	text := inWords(body, hide)
	if restricted(text) {
		return fmt.Errorf("%w: %s", ErrDenied, text)
	}
	return &Fault{Status: http.StatusOK, Text: text}
}

// isError knows the two shapes of SuperOffice's errors. Message alone does not make
// one: the licence status has a Message too.
func isError(fields map[string]json.RawMessage) bool {
	if string(fields["Error"]) == "true" || fields["ErrorMessage"] != nil && fields["ErrorType"] != nil {
		return true
	}
	if fields["Message"] == nil {
		return false
	}
	for name := range fields {
		switch name {
		case "Message", "MessageDetail", "ExceptionMessage", "ExceptionType", "StackTrace", "InnerException":
		default:
			return false
		}
	}
	return true
}

// inWords is what an error says, short enough for a log line, without what hide lists.
func inWords(body []byte, hide []string) string {
	text := string(body)
	var e struct{ ErrorMessage, Message, MessageDetail string }
	if json.Unmarshal(body, &e) == nil {
		if s := strings.TrimSpace(e.ErrorMessage + e.Message + " " + e.MessageDetail); s != "" {
			text = s
		}
	}
	// Before it is cut, or half a secret would be left.
	for _, secret := range hide {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return shorten(text)
}

func shorten(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// retryAfter reads both forms of the header. A date is measured against the
// answer's own Date, so that no clock of ours is needed.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, at.Sub(sent))
}
