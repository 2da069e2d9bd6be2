package crmsim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A delivery is one event on its way to one hook.
type delivery struct {
	cust  string
	hook  int
	event string
	id    string
	body  []byte
	tries int
}

// A Post is one try of a delivery.
type Post struct {
	At     time.Time
	Hook   string
	Event  string
	ID     string
	Retry  int
	Status int // 0: no answer
	Error  string
}

// waits are those between the tries of one cycle. After it the event goes to the end of the
// queue, where that many tries have failed in a row, the hook is switched off.
var waits = [...]time.Duration{0, time.Second, 4 * time.Second}

const failuresAllowed = 9

func (s *Sim) ring() {
	select {
	case s.rang <- struct{}{}:
	default:
	}
}

// Run sends webhooks until the context ends.
func (s *Sim) Run(ctx context.Context) {
	for {
		s.Deliver(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.rang:
		}
	}
}

// Deliver sends what is in the queue, to its end.
func (s *Sim) Deliver(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		if again := s.cycle(ctx, &d); again {
			s.mu.Lock()
			s.queue = append(s.queue, d)
			s.mu.Unlock()
		}
	}
}

// cycle tries a delivery three times, and tells whether it should come again.
func (s *Sim) cycle(ctx context.Context, d *delivery) (again bool) {
	for _, wait := range waits {
		if wait > 0 && s.Sleep(ctx, wait) != nil {
			return false
		}
		t, ok := s.Tenant(d.cust)
		h := t.hook(d.hook)
		if !ok || h == nil || h.State != Active {
			return false // switched off, or gone: the event is lost
		}
		status, why := s.post(ctx, t, *h, d, http.Header{})
		d.tries++
		err := s.change(d.cust, func(t *Tenant) error {
			if h := t.hook(d.hook); h != nil {
				h.count(t, status, why)
			}
			return nil
		})
		if status == http.StatusOK || err != nil {
			return false
		}
	}
	return d.tries < failuresAllowed
}

// count keeps a hook's account of a try, and switches it off where there have been too many
// that failed, or where the target is gone for good.
func (h *Hook) count(t *Tenant, status int, why string) {
	h.TotalCalls++
	if status == http.StatusOK {
		h.ConsecutiveErrors = 0
		return
	}
	h.TotalErrors, h.ConsecutiveErrors, h.LastError = h.TotalErrors+1, h.ConsecutiveErrors+1, why
	switch {
	case h.State != Active:
	case status == http.StatusGone:
		h.State = Stopped
		t.raise("webhook"+strconv.Itoa(h.ID)+".errors", h.ID, "state")
	case h.ConsecutiveErrors >= failuresAllowed:
		h.State = TooManyErrors
		t.raise("webhook"+strconv.Itoa(h.ID)+".errors", h.ID, "state")
	}
}

// test sends the event that saving a hook sends, and says what is wrong with the answer.
func (s *Sim) test(ctx context.Context, t Tenant, h Hook) string {
	s.mu.Lock()
	e := s.event(&t, news{event: "test", changes: []string{}})
	s.mu.Unlock()
	e.WebhookName, e.FieldValues = h.Name, nil
	d := delivery{cust: t.CustID, hook: h.ID, event: "test", id: e.EventId, body: body(e, h.Properties, VariantNone)}
	_, why := s.post(ctx, t, h, &d, http.Header{"X-Hook-Test": {"true"}})
	return why
}

// post makes one try. Why is "" where the answer was 200.
func (s *Sim) post(ctx context.Context, t Tenant, h Hook, d *delivery, header http.Header) (status int, why string) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		key := strings.ToLower(d.cust)
		all := append(s.posts[key], Post{s.now(), h.Name, d.event, d.id, d.tries, status, why})
		s.posts[key] = all[max(0, len(all)-remembered):]
	}()
	if !loopback(h.TargetURL) {
		return 0, "the simulator sends to this machine alone"
	}
	raw := d.body
	// In the body, events of a hook itself do not name it.
	if strings.HasPrefix(d.event, "webhook") {
		raw = unnamed(raw, d.event)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.TargetURL, bytes.NewReader(raw))
	if err != nil {
		return 0, err.Error()
	}
	req.Header = header
	for name, value := range h.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "NetServer-Webhook/"+t.Version)
	req.Header.Set("X-SuperOffice-Event", d.event)
	req.Header.Set("X-SuperOffice-EventId", d.id)
	req.Header.Set("X-SuperOffice-Retry", strconv.Itoa(d.tries))
	if signature := sigil(h.Secret, raw, t.Variant); signature != "" {
		req.Header.Set("X-SuperOffice-Signature", signature)
	}
	client := *s.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, fmt.Sprintf("status %d", resp.StatusCode)
	}
	return resp.StatusCode, ""
}

// sigil signs the very bytes that are sent; "" is no signature.
func sigil(secret string, body []byte, v Variant) string {
	if secret == "" || v == VariantUnsigned {
		return ""
	}
	if v == VariantBadSignature {
		secret += "x"
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// unnamed writes webhook.errors for webhook7.errors.
func unnamed(body []byte, event string) []byte {
	_, verb, _ := strings.Cut(event, ".")
	quoted, _ := json.Marshal(event) // a string has a form
	return bytes.Replace(body, append([]byte(`"Event":`), quoted...), []byte(`"Event":"webhook.`+verb+`"`), 1)
}

// Posts lists the last webhooks of a tenant, the latest first.
func (s *Sim) Posts(cust string) []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.posts[strings.ToLower(cust)])
	slices.Reverse(all)
	return all
}
