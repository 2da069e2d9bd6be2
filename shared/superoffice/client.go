package superoffice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answerLimit bounds what is read of one answer; a page of a thousand users is far below it.
const answerLimit = 16 << 20

// A Client calls one SuperOffice environment. It keeps no state and may be used
// by many goroutines at once.
type Client struct {
	// HTTP carries the calls; its Timeout is the caller's choice. Redirects are never followed.
	HTTP *http.Client
	// Login is the login host, such as https://online.superoffice.com.
	Login string
	// Token gives the ticket and the application's secret for a tenant. Nil: calls go unsigned.
	Token func(ctx context.Context, custID string) (ticket, appToken string, err error)
	// MayCall says which hosts beside the login host a tenant may live at.
	// Nil: those under superoffice.com.
	MayCall func(host string) bool
}

// call asks a tenant. A tenant that has moved is looked up again, once: status 421
// means that nothing was done at the old address.
func (c *Client) call(ctx context.Context, t Tenant, method, path string, body []byte) (json.RawMessage, error) {
	answer, err := c.callAt(ctx, t, method, path, body)
	if !errors.Is(err, ErrMoved) {
		return answer, err
	}
	now, lookup := c.State(ctx, t.CustID)
	if lookup != nil {
		return nil, lookup
	}
	if now.endpoint == t.endpoint {
		return nil, err
	}
	return c.callAt(ctx, now, method, path, body)
}

func (c *Client) callAt(ctx context.Context, t Tenant, method, path string, body []byte) (json.RawMessage, error) {
	if t.endpoint == "" {
		return nil, fmt.Errorf("%w: a tenant comes from State", ErrHost)
	}
	if !t.Callable() {
		return nil, fmt.Errorf("%w: %s", ErrNotRunning, t.State)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != nil {
		ticket, appToken, err := c.Token(ctx, t.CustID)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "SOTicket "+ticket)
		req.Header.Set("SO-AppToken", appToken)
	}
	// Without a language, names come back as keys of SuperOffice's own string table.
	req.Header.Set("SO-Language", "en")
	return c.do(req)
}

// do sends a request and returns the JSON of a true success; everything else is an error.
func (c *Client) do(req *http.Request) (json.RawMessage, error) {
	req.Header.Set("Accept", "application/json")
	// A redirect would carry the ticket to a host that nobody checked.
	var plain http.Client
	if c.HTTP != nil {
		plain = *c.HTTP
	}
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := plain.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	if err != nil {
		return nil, err
	}
	if len(body) > answerLimit {
		return nil, garbled("more than %d bytes", answerLimit)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if err := refusal(resp, body); err != nil {
		return nil, err
	}
	return success(body)
}

// refusal turns a status other than 200 into the error that says what to do about it.
func refusal(resp *http.Response, body []byte) error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %s", ErrTicket, inWords(body))
	case status == http.StatusForbidden:
		return fmt.Errorf("%w: %s", ErrDenied, inWords(body))
	case status == http.StatusMisdirectedRequest:
		return fmt.Errorf("%w: %s", ErrMoved, inWords(body))
	case status == http.StatusTooManyRequests,
		status == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
		return &Busy{RetryAfter: retryAfter(resp.Header)}
	default:
		return &Fault{Status: status, Text: inWords(body)}
	}
}

// success refuses what status 200 may also hold: nothing, no JSON, an error object.
func success(body []byte) (json.RawMessage, error) {
	switch {
	case string(body) == "null" || len(body) == 0:
		return nil, ErrNothing
	case !json.Valid(body):
		return nil, garbled("not JSON: %s", inWords(body))
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil && isError(fields) {
		return nil, &Fault{Status: http.StatusOK, Text: inWords(body)}
	}
	return body, nil
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

// inWords is what an error says, short enough for a log line.
func inWords(body []byte) string {
	var e struct{ ErrorMessage, Message, MessageDetail string }
	if json.Unmarshal(body, &e) == nil {
		if s := strings.TrimSpace(e.ErrorMessage + e.Message + " " + e.MessageDetail); s != "" {
			return shorten(s)
		}
	}
	return shorten(string(body))
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

// endpoint checks an address that the state API named, and returns it without a slash at its end.
func (c *Client) endpoint(raw string) (string, error) {
	login, err := url.Parse(c.Login)
	if err != nil {
		return "", fmt.Errorf("%w: login %q", ErrHost, c.Login)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: %q", ErrHost, raw)
	}
	if u.Scheme == login.Scheme && u.Host == login.Host {
		return strings.TrimRight(u.String(), "/"), nil
	}
	if u.Scheme != "https" || !c.mayCall(u.Host) {
		return "", fmt.Errorf("%w: %q", ErrHost, raw)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func (c *Client) mayCall(host string) bool {
	if c.MayCall != nil {
		return c.MayCall(host)
	}
	// The dot belongs to the rule: notsuperoffice.com is somebody else.
	return strings.HasSuffix(strings.ToLower(host), ".superoffice.com")
}
