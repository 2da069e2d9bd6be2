// Package billing asks billing systems what is so there: one object, or all that a customer has. It
// speaks plain HTTP, each system in a version of its API that is pinned here, and gives objects as they
// came; package webhook decodes them.
package billing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/webhook"
)

// A Client asks with the keys that it is given.
type Client struct {
	// Keys are those of a sender, as they stand in the secrets file.
	Keys func(sender string) []string
	// Base is where a sender is asked in tests and on one machine, in place of its own address.
	Base map[string]string
	// HTTP sends; New makes one that follows no redirect.
	HTTP *http.Client
	Now  func() time.Time
}

// Bounds of one answer, and of one list.
const (
	MaxAnswer = 8 << 20 // bytes
	MaxPages  = 60
	wait      = 20 * time.Second
	patience  = time.Hour // at most, of what an answer says of when to ask again
)

// New is a client of the systems' own addresses. A redirect is an answer that is not understood: where
// it leads to, a key has no business.
func New(keys func(sender string) []string, now func() time.Time) *Client {
	return &Client{Keys: keys, Now: now, HTTP: &http.Client{
		Timeout:       wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

var (
	// ErrNone is that there is no such thing, as far as the key can see.
	ErrNone = errors.New("billing: there is none")
	// ErrKey is that the key is not taken, or may not read this.
	ErrKey = errors.New("billing: the key is refused")
	// ErrNoKey is that no key is given for that mode.
	ErrNoKey = errors.New("billing: there is no key for that mode")
	// ErrTorn is an answer that cannot be all of what was asked for.
	ErrTorn = errors.New("billing: the answer is not whole")
	// errRefused is that the system does not answer that.
	errRefused = errors.New("billing: it is not answered")
	// ErrMany is a list of more than MaxPages pages.
	ErrMany = fmt.Errorf("%w: there are more than %d pages", ErrTorn, MaxPages)
)

// Busy is that the system asks to be asked later.
type Busy struct{ RetryAfter time.Duration } // 0: it does not say when

func (b *Busy) Error() string {
	return fmt.Sprintf("billing: too many calls; again in %s", b.RetryAfter)
}

// A Site is a billing system as one key sees it.
type Site struct {
	c   *Client
	api api
	key key
}

// Sites are what the keys for a mode can see, the first key's before all others. Mode "": of any.
func (c *Client) Sites(sender, mode string) (sites []Site, err error) {
	a, ok := apis[sender]
	speaks, known := webhook.Find(sender)
	if !ok || !known || speaks.Key == nil {
		return nil, fmt.Errorf("billing: %q is not read", sender)
	}
	for i, text := range c.Keys(sender) {
		if text == "" {
			continue
		}
		k, ok := a.parse(text)
		if !ok {
			return nil, fmt.Errorf("billing: %s_api[%d] is not %s", sender, i, a.form)
		}
		k.mode = speaks.Key(text)
		if base := c.Base[sender]; base != "" {
			k.base = base
		}
		if mode == "" || k.mode == mode {
			sites = append(sites, Site{c, a, k})
		}
	}
	if len(sites) == 0 {
		return nil, fmt.Errorf("%w (%s, %s)", ErrNoKey, sender, cmp.Or(mode, "live"))
	}
	return sites, nil
}

// Mode is that of the key: live or test.
func (s Site) Mode() string { return s.key.mode }

// One is an object by its id: subscription, schedule, invoice, customer, or what else the sender calls
// a kind. It is ErrNone where there is none.
func (s Site) One(ctx context.Context, kind, id string) ([]byte, error) {
	path := s.api.one(kind, url.PathEscape(id))
	if path == "" || strings.Trim(id, ".") == "" {
		return nil, ErrNone
	}
	body, err := s.get(ctx, path)
	if err != nil {
		return nil, err
	}
	object, err := s.api.object(kind, body)
	if err != nil {
		return nil, err
	}
	if got := ID(object); got != id && !s.api.also(kind, object, id) {
		return nil, fmt.Errorf("%w: asked for another %s", ErrTorn, kind)
	}
	if s.api.more == nil {
		return object, nil
	}
	return s.api.more(ctx, s, kind, object)
}

// Find is One at the first of the sites that has it and where it is the one that is meant (nil: any is), else at the
// first that has it. What a site answers that does not know the object is heard only where none has it: a key that
// is refused then counts for more than one that sees nothing.
func Find(ctx context.Context, sites []Site, kind, id string, meant func(object []byte) bool) (site Site, object []byte, err error) {
	refused := ErrNone
	for _, s := range sites {
		found, err := s.One(ctx, kind, id)
		switch {
		case err == nil && (meant == nil || len(sites) == 1 || meant(found)):
			return s, found, nil
		case err == nil && object == nil:
			site, object = s, found
		case errors.Is(err, ErrKey):
			refused = err
		case err != nil && !errors.Is(err, ErrNone):
			return s, nil, err
		}
	}
	if object != nil && errors.Is(refused, ErrNone) {
		return site, object, nil
	}
	return Site{}, nil, refused
}

// An Owner is whose objects are listed: a customer's, those of one subscription alone, or an invoice's lines.
type Owner struct{ Customer, Subscription, Invoice string }

// All lists an owner's objects of a kind: subscription, schedule or invoice. Invoices are those since an
// instant. What was changed while it was listed may be missing, or old: nothing follows from that an
// object is not there. With an error it gives nothing.
func (s Site) All(ctx context.Context, kind string, of Owner, since time.Time) (objects [][]byte, err error) {
	path := s.api.list(kind, of, since)
	seen, last := map[string]int{}, ""
	for page := 0; path != ""; page++ {
		if page == MaxPages {
			return nil, fmt.Errorf("%w of %ss", ErrMany, kind)
		}
		body, err := s.get(ctx, path)
		if err != nil {
			return nil, err
		}
		list, next, err := s.api.page(kind, path, body)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			id := ID(o)
			if id == "" {
				return nil, fmt.Errorf("%w: a %s has no id", ErrTorn, kind)
			}
			if i, twice := seen[id]; twice { // it has moved to a later page meanwhile
				objects[i] = o
				continue
			}
			seen[id] = len(objects)
			objects = append(objects, o)
		}
		if next, err = s.inside(next); err != nil {
			return nil, err
		}
		if next != "" && (next == path || next == last) {
			return nil, fmt.Errorf("%w: a page leads to itself", ErrTorn)
		}
		last, path = path, next
	}
	return objects, nil
}

// More is the whole of an object of a list, of which the list gives a part; itself, where it is whole.
func (s Site) More(ctx context.Context, kind string, object []byte) ([]byte, error) {
	if s.api.more == nil {
		return object, nil
	}
	return s.api.more(ctx, s, kind, object)
}

// inside is the address of a next page as a path. One at another host is refused: it would be given
// the key.
func (s Site) inside(next string) (string, error) {
	if next == "" || strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") {
		return next, nil
	}
	u, err := url.Parse(next)
	base, _ := url.Parse(s.key.base)
	if err != nil || u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil {
		return "", fmt.Errorf("%w: its next page is at another address", ErrTorn)
	}
	return u.RequestURI(), nil
}

func (s Site) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", s.key.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("billing: %s cannot be asked for that", s.api.name)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Seatmend")
	s.api.head(r, s.key.secret)
	answer, err := s.c.HTTP.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address names a customer
		}
		return nil, fmt.Errorf("billing: %s: %w", s.api.name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, MaxAnswer+1))
	switch {
	case answer.StatusCode == http.StatusTooManyRequests:
		return nil, &Busy{s.after(answer.Header)}
	case answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
		return nil, &Busy{s.after(answer.Header)}
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return nil, fmt.Errorf("%w: %s answered %d", ErrKey, s.api.name, answer.StatusCode)
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusGone, missing(answer.StatusCode, body):
		return nil, ErrNone
	case answer.StatusCode == http.StatusBadRequest:
		return nil, fmt.Errorf("%w: %s answered 400", errRefused, s.api.name)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("billing: %s answered %d", s.api.name, answer.StatusCode)
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrTorn, s.api.name, err)
	case len(body) > MaxAnswer:
		return nil, fmt.Errorf("%w: %s answered more than %d bytes", ErrTorn, s.api.name, MaxAnswer)
	}
	return body, nil
}

// missing tells whether an answer of 400 says that there is no such thing, as Stripe's lists do.
func missing(status int, body []byte) bool {
	var v struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	return status == http.StatusBadRequest && json.Unmarshal(body, &v) == nil && v.Error.Code == "resource_missing"
}

// after is when to ask again: Retry-After in seconds or as a date, else Recurly's X-RateLimit-Reset in
// unix seconds.
func (s Site) after(h http.Header) time.Duration {
	now := s.c.Now()
	d := time.Duration(0)
	if text := h.Get("Retry-After"); text != "" {
		if seconds, err := strconv.Atoi(text); err == nil {
			d = time.Duration(min(seconds, int(patience/time.Second))) * time.Second
		} else if at, err := http.ParseTime(text); err == nil {
			d = at.Sub(now)
		}
	} else if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		d = time.Unix(reset, 0).Sub(now)
	}
	return min(max(d, 0), patience)
}

// ID is an object's id; "": it has none that is a text.
func ID(object []byte) string {
	var v struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(object, &v)
	return v.ID
}

// Senders are those that can be read, in order.
func Senders() []string {
	var all []string
	for name := range apis {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Check says what is wrong with the keys of a sender; nil: nothing. It quotes no key.
func Check(sender string, keys []string) error {
	c := &Client{Keys: func(string) []string { return keys }}
	if _, err := c.Sites(sender, ""); err != nil && !errors.Is(err, ErrNoKey) {
		return err
	}
	return nil
}
