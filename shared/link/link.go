// Package link signs and opens the addresses that Seatmend mails, and the sessions behind them.
//
// Both ends are here, so that they cannot drift apart. A token is `<kid>.<payload>.<mac>`, some 84
// characters of A-Z a-z 0-9 _ - and the dot. It proves only that we made it, for what, and until
// when; whether it was revoked since is in the store, in the row that Link.ID names.
package link

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrForged is returned for whatever Sign did not make, which includes a link cut off while copying.
	ErrForged = errors.New("link: not one of ours")
	// ErrExpired is returned together with the link, so that its page can offer a new one.
	ErrExpired = errors.New("link: expired")
)

// A Purpose says what a token is good for. Whoever opens one must compare it: a mailed link is no session.
type Purpose string

const (
	Page    Purpose = "page"    // the link in a mail: shows, and can be asked to open a session
	Session Purpose = "session" // the cookie of somebody who pressed a button on that page
	Stop    Purpose = "stop"    // what a mail program posts to when its reader wants no more reminders
	Staff   Purpose = "staff"   // the operator's own people: the link in the mail that signs them in
	Desk    Purpose = "desk"    // the cookie of one of them who is signed in
)

// A Link is what a token says. ID is the key of its row in the store, at most 40 bytes and best 16
// characters that look random; Generation counts up when older links of the same row shall not work
// any more; Expires has whole seconds.
type Link struct {
	ID         string
	Purpose    Purpose
	Generation int
	Expires    time.Time
}

const (
	longest   = 128 // bytes of a token that Open looks at
	shortest  = 32  // bytes of a secret
	kidLength = 4   // characters of a key's name
)

// Keys sign and open tokens. The zero value opens none.
type Keys struct {
	keys  []key    // those of the first secret, which signs, come first
	codes [][]byte // one of each secret, in the same order
}

// A key serves one secret and one purpose, so that a token cannot be passed off for another purpose.
type key struct {
	kid     string // says which key, and nothing about it
	purpose Purpose
	secret  []byte
}

// NewKeys derives the keys from secrets of 32 random bytes or more. The first signs, any opens: put
// a new one in front, and take the old one out when the longest link that it signed has expired.
func NewKeys(secrets ...[]byte) (Keys, error) {
	if len(secrets) == 0 {
		return Keys{}, errors.New("link: no secret")
	}
	var k Keys
	for i, s := range secrets {
		if len(s) < shortest {
			return Keys{}, fmt.Errorf("link: secret %d has %d bytes, needs %d", i+1, len(s), shortest)
		}
		for _, p := range []Purpose{Page, Session, Stop, Staff, Desk} {
			derived, err := hkdf.Key(sha256.New, s, nil, "seatmend link "+string(p), sha256.Size)
			if err != nil {
				return Keys{}, fmt.Errorf("link: %w", err)
			}
			name := sha256.Sum256(derived)
			k.keys = append(k.keys, key{encode(name[:])[:kidLength], p, derived})
		}
		code, err := codeKey(s)
		if err != nil {
			return Keys{}, fmt.Errorf("link: %w", err)
		}
		k.codes = append(k.codes, code)
	}
	return k, nil
}

// Sign makes the token of l, always the same one. For an unknown purpose there is no key, and no token.
func (k Keys) Sign(l Link) string {
	for _, key := range k.keys {
		if key.purpose == l.Purpose {
			text := key.kid + "." + encode(pack(l))
			return text + "." + key.mac(text)
		}
	}
	return ""
}

// Open returns what Sign was given. It believes nothing of a token before its mac is right, and the
// mac is over the text of the token, so that no second spelling of one opens.
func (k Keys) Open(token string, now time.Time) (Link, error) {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 || len(token) > longest {
		return Link{}, ErrForged
	}
	text, mac := token[:dot], token[dot+1:]
	kid, payload, _ := strings.Cut(text, ".")
	for _, key := range k.keys {
		if key.kid != kid || !hmac.Equal([]byte(key.mac(text)), []byte(mac)) {
			continue
		}
		l, ok := unpack(payload)
		if !ok {
			return Link{}, ErrForged // unreachable unless a secret is also used by somebody else
		}
		l.Purpose = key.purpose
		if !now.Before(l.Expires) {
			return l, ErrExpired
		}
		return l, nil
	}
	return Link{}, ErrForged
}

func (k key) mac(text string) string {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte(text))
	return encode(h.Sum(nil))
}

// The payload is expiry, generation and id. The purpose is the key's. Changing this form invalidates
// every link that was mailed.
func pack(l Link) []byte {
	b := binary.AppendVarint(nil, l.Expires.Unix())
	b = binary.AppendVarint(b, int64(l.Generation))
	return append(b, l.ID...)
}

func unpack(payload string) (Link, bool) {
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return Link{}, false
	}
	expires, n := binary.Varint(b)
	if n <= 0 {
		return Link{}, false
	}
	generation, m := binary.Varint(b[n:])
	if m <= 0 {
		return Link{}, false
	}
	return Link{ID: string(b[n+m:]), Generation: int(generation), Expires: time.Unix(expires, 0).UTC()}, true
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
