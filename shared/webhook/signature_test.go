package webhook

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Who signs as the standard says is believed, and nobody else.

var invented = "whsec_" + base64.StdEncoding.EncodeToString([]byte("an invented secret of 32 bytes.."))

// sign is Standard Webhooks v1 once more, written apart from the code under test.
func sign(secret, id string, at int64, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerifyStandard(t *testing.T) {
	payload := []byte(`{"type":"x"}`)
	at := now.Unix()
	good := sign(invented, "msg_1", at, payload)
	public, private, err := ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	whpk := "whpk_" + base64.StdEncoding.EncodeToString(public)
	v1a := "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(private, fmt.Appendf(nil, "msg_1.%d.%s", at, payload)))
	bare := strings.TrimPrefix(invented, "whsec_")

	for _, c := range []struct {
		name      string
		id        string
		at        string
		signature string
		secrets   []string
		body      []byte
		ok        bool
	}{
		{name: "good", ok: true},
		{name: "second secret", secrets: []string{"whsec_b3RoZXI=", invented}, ok: true},
		{name: "second signature", signature: "v1,AAAA v2,xx " + good, ok: true},
		{name: "without whsec_", secrets: []string{bare}, ok: true},
		{name: "without padding", secrets: []string{strings.TrimRight(invented, "=")}, signature: strings.TrimRight(good, "="), ok: true},
		{name: "300 s old", at: strconv.FormatInt(at-300, 10), signature: sign(invented, "msg_1", at-300, payload), ok: true},
		{name: "300 s ahead", at: strconv.FormatInt(at+300, 10), signature: sign(invented, "msg_1", at+300, payload), ok: true},
		{name: "id with dots", id: "a.b", signature: sign(invented, "a.b", at, payload), ok: true},
		{name: "public key", secrets: []string{whpk}, signature: v1a, ok: true},
		{name: "public key beside a secret", secrets: []string{whpk, invented}, ok: true},

		{name: "301 s old", at: strconv.FormatInt(at-301, 10), signature: sign(invented, "msg_1", at-301, payload)},
		{name: "301 s ahead", at: strconv.FormatInt(at+301, 10), signature: sign(invented, "msg_1", at+301, payload)},
		{name: "other id", id: "msg_2"},
		{name: "other time", at: strconv.FormatInt(at+1, 10)},
		{name: "other body", body: []byte(`{"type":"y"}`)},
		{name: "no signature", signature: " "},
		{name: "no id", id: " "},
		{name: "no time", at: " "},
		{name: "time no number", at: "now"},
		{name: "time past all bounds", at: "99999999999999999999"},
		{name: "of another version", signature: "v2," + strings.TrimPrefix(good, "v1,")},
		{name: "no version", signature: strings.TrimPrefix(good, "v1,")},
		{name: "hex", signature: "v1,abcdef"},
		{name: "no secrets", secrets: []string{}},
		{name: "empty secret", secrets: []string{""}, signature: "v1," + empty(at, payload)},
		{name: "empty key", secrets: []string{"whsec_"}, signature: "v1," + empty(at, payload)},
		{name: "empty after padding", secrets: []string{"whsec_===="}, signature: "v1," + empty(at, payload)},
		{name: "secret no base64", secrets: []string{"whsec_***"}, signature: "v1," + empty(at, payload)},
		{name: "public key as secret", secrets: []string{whpk}, signature: sign("whsec_"+strings.TrimPrefix(whpk, "whpk_"), "msg_1", at, payload)},
		{name: "public key cut", secrets: []string{whpk[:20]}, signature: v1a},
		{name: "v1a of another body", secrets: []string{whpk}, signature: v1a, body: []byte(`{}`)},
		{name: "wrong secret", secrets: []string{"whsec_b3RoZXI="}},
	} {
		if c.id == "" {
			c.id = "msg_1"
		}
		if c.at == "" {
			c.at = strconv.FormatInt(at, 10)
		}
		if c.signature == "" {
			c.signature = good
		}
		if c.secrets == nil {
			c.secrets = []string{invented}
		}
		if c.body == nil {
			c.body = payload
		}
		h := http.Header{}
		h.Set("webhook-id", strings.TrimSpace(c.id))
		h.Set("webhook-timestamp", strings.TrimSpace(c.at))
		h.Set("webhook-signature", strings.TrimSpace(c.signature))
		err := standard.Verify(h, c.body, c.secrets, now)
		if c.ok && err != nil || !c.ok && err != error(ErrUnauthorized) {
			t.Errorf("%s: %v, want ok %v", c.name, err, c.ok)
		}
	}
}

func empty(at int64, body []byte) string {
	mac := hmac.New(sha256.New, nil)
	fmt.Fprintf(mac, "msg_1.%d.%s", at, body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// A vector that the Standard Webhooks libraries publish in their tests.
// The headers of Svix stand for ours, one by one; where both are there, they are the same.
func TestHeadersOfSvix(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	text := body("source.checked", examples["source.checked"])
	for _, s := range []Sender{standard, login} {
		for name, change := range map[string]struct {
			do   func(h http.Header, name, value string)
			want error
		}{
			"theirs alone": {func(h http.Header, name, value string) { h.Del("webhook-" + name); h.Set("svix-"+name, value) }, nil},
			"both":         {func(h http.Header, name, value string) { h.Set("svix-"+name, value) }, nil},
			"another":      {func(h http.Header, name, value string) { h.Set("svix-"+name, value+"0") }, ErrUnauthorized},
			"one more":     {func(h http.Header, name, value string) { h.Add("svix-"+name, value); h.Add("svix-"+name, value) }, ErrUnauthorized},
			"empty":        {func(h http.Header, name, value string) { h.Set("svix-"+name, "") }, ErrUnauthorized},
		} {
			whole := http.Header{}
			s.Sign(whole, text, "msg_1", secret, now)
			for _, header := range []string{"id", "timestamp", "signature"} {
				h := http.Header{}
				s.Sign(h, text, "msg_1", secret, now)
				change.do(h, header, h.Get("webhook-"+header))
				change.do(whole, header, whole.Get("webhook-"+header))
				if err := s.Verify(h, text, []string{secret}, now); !errors.Is(err, change.want) {
					t.Errorf("%s, %s of the %s: %v, want %v", s.Name, name, header, err, change.want)
				}
			}
			if err := s.Verify(whole, text, []string{secret}, now); !errors.Is(err, change.want) {
				t.Errorf("%s, %s of all three: %v, want %v", s.Name, name, err, change.want)
			}
		}
	}
	h := http.Header{"Svix-Id": {"msg_1"}}
	if b, err := standard.Read(h, text, "", now); err != nil || b.ID != "msg_1" {
		t.Errorf("the id is %q: %v", b.ID, err)
	}
}

func TestPublishedVector(t *testing.T) {
	h := http.Header{}
	h.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set("webhook-timestamp", "1614265330")
	h.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	body := []byte(`{"test": 2432232314}`)
	if err := standard.Verify(h, body, []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, time.Unix(1614265330, 0)); err != nil {
		t.Error(err)
	}
}

// Whatever signs, verifies; with another secret it does not.
func TestSignVerifies(t *testing.T) {
	for _, s := range Senders {
		secret := map[string]string{"standard": invented, "login": invented, "chargebee": "invented:secret"}[s.Name]
		if secret == "" {
			secret = "invented"
		}
		h := http.Header{}
		s.Sign(h, []byte("{}"), "msg_1", secret, now)
		if err := s.Verify(h, []byte("{}"), []string{secret}, now); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		// Chargebee signs nothing: its proof is a password.
		if err := s.Verify(h, []byte("{} "), []string{secret}, now); s.Name != "chargebee" && err != error(ErrUnauthorized) {
			t.Errorf("%s, other body: %v", s.Name, err)
		}
		if err := s.Verify(h, []byte("{}"), []string{"b3RoZXI=", ""}, now); err != error(ErrUnauthorized) {
			t.Errorf("%s, other secret: %v", s.Name, err)
		}
		if err := s.Verify(h, []byte("{}"), nil, now); err != error(ErrUnauthorized) {
			t.Errorf("%s, no secret: %v", s.Name, err)
		}
		if err := s.Verify(http.Header{}, []byte("{}"), []string{secret}, now); err != error(ErrUnauthorized) {
			t.Errorf("%s, unsigned: %v", s.Name, err)
		}
		h = http.Header{}
		s.Sign(h, []byte("{}"), "msg_1", "", now)
		if err := s.Verify(h, []byte("{}"), []string{""}, now); err != error(ErrUnauthorized) {
			t.Errorf("%s, empty secret: %v", s.Name, err)
		}
	}
}
