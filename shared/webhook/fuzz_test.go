package webhook

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

func FuzzStandard(f *testing.F) { fuzz(f, standard) }
func FuzzLogin(f *testing.F)    { fuzz(f, login) }
func FuzzStripe(f *testing.F) {
	for _, body := range []string{subscriptionBasil, schedule, invoiceBasil} {
		f.Add([]byte(body))
	}
	fuzz(f, stripe)
}
func FuzzSuperOffice(f *testing.F) { fuzz(f, superoffice) }
func FuzzPaddle(f *testing.F)      { fuzz(f, paddle) }
func FuzzChargebee(f *testing.F)   { fuzz(f, chargebee) }
func FuzzRecurly(f *testing.F)     { fuzz(f, recurly) }

func FuzzStandardHeader(f *testing.F) {
	fuzzHeader(f, standard, "Webhook-Signature", "Webhook-Timestamp")
}

// Svix's names of the same headers, and those of the logins.
func FuzzSvixHeader(f *testing.F) {
	of := standard
	of.Sign = func(h http.Header, body []byte, id, secret string, at time.Time) {
		standard.Sign(h, body, id, secret, at)
		for _, name := range []string{"Id", "Timestamp", "Signature"} {
			h.Set("Svix-"+name, h.Get("Webhook-"+name))
			h.Del("Webhook-" + name)
		}
	}
	fuzzHeader(f, of, "Svix-Signature", "Svix-Timestamp", "Svix-Id")
}
func FuzzLoginHeader(f *testing.F)       { fuzzHeader(f, login, "Webhook-Signature", "Webhook-Timestamp") }
func FuzzStripeHeader(f *testing.F)      { fuzzHeader(f, stripe, "Stripe-Signature") }
func FuzzSuperOfficeHeader(f *testing.F) { fuzzHeader(f, superoffice, superOfficeSignature) }
func FuzzPaddleHeader(f *testing.F)      { fuzzHeader(f, paddle, "Paddle-Signature") }
func FuzzRecurlyHeader(f *testing.F)     { fuzzHeader(f, recurly, "Recurly-Signature") }
func FuzzChargebeeHeader(f *testing.F)   { fuzzHeader(f, chargebee, "Authorization") }

// fuzzHeader proves a body by any header: it never panics, refuses in one way, and what proves one
// body by one secret proves no other by none. Of Chargebee the body is not signed.
func fuzzHeader(f *testing.F, s Sender, name string, more ...string) {
	secret := s.NewSecret("c2VjcmV0IHRoYXQgaXMgaW52ZW50ZWQ=")
	h := http.Header{}
	s.Sign(h, []byte("{}"), "msg_1", secret, now)
	rest := ""
	if len(more) > 0 {
		rest = h.Get(more[0])
	}
	f.Add(h.Get(name), rest)
	for _, odd := range []string{"", ";", "ts=;h1=", "t=,v1=", "v1,", "Basic ", "Basic Og==", h.Get(name) + h.Get(name), h.Get(name) + ";", "ts=99999999999999999999;h1=00", h.Get(name)[:len(h.Get(name))-1]} {
		f.Add(odd, rest)
	}
	f.Fuzz(func(t *testing.T, value, rest string) {
		h := http.Header{"Webhook-Id": {"msg_1"}}
		h.Set(name, value)
		if len(more) > 0 {
			h.Set(more[0], rest)
		}
		for _, m := range more[min(1, len(more)):] { // an id in place of the other's
			h.Del("Webhook-Id")
			h.Set(m, "msg_1")
		}
		switch err := s.Verify(h, []byte("{}"), []string{secret}, now); err {
		case nil:
			if s.Name != "chargebee" && s.Verify(h, []byte("{} "), []string{secret}, now) == nil {
				t.Fatalf("%q proves two bodies", value)
			}
		case error(ErrUnauthorized):
		default:
			t.Fatalf("%q is refused with %v", value, err)
		}
		for _, none := range [][]string{nil, {""}, {s.NewSecret("b3RoZXI=")}} {
			if s.Verify(h, []byte("{}"), none, now) == nil {
				t.Fatalf("%q is proved by %q", value, none)
			}
		}
	})
}

// doubted tells whether a fact is told of what cannot be read: it has no number, and no end.
func doubted(f licence.Fact) bool {
	switch p := f.Payload.(type) {
	case licence.SubscriptionChanged:
		return strings.Contains(f.ID, "doubt/") && p.Uncounted && p.Status != "ended" && len(p.Items) == 0
	case licence.ScheduleChanged:
		return strings.Contains(f.ID, "doubt/") && !p.Final && len(p.Phases) == 1 && p.Phases[0].Uncounted
	}
	return false
}

// FuzzRead decodes any object: it never panics, and every fact reads back as it was written.
func FuzzRead(f *testing.F) {
	for _, s := range Senders {
		for _, o := range []string{`{"id":"a","customer":"c","status":"active"}`, `{"id":"a","account":{"code":"c"},"state":"active","plan":{"code":"p"},"quantity":3,"pending_change":{"quantity":1}}`,
			`{"id":"a","customer_id":"c","status":"active","has_scheduled_changes":true,"seatmend_scheduled":{"id":"a"}}`, invoiceBasil, schedule} {
			f.Add(s.Name, "subscription", []byte(o))
			f.Add(s.Name, "invoice", []byte(o))
		}
	}
	f.Fuzz(func(t *testing.T, name, kind string, object []byte) {
		read := ObjectOf(name)
		if read == nil {
			return
		}
		facts, err := read(kind, object, now)
		for _, fact := range facts {
			if survives(t, fact); (err != nil) != doubted(fact) || !fact.At.Equal(now) || fact.Source != name {
				t.Fatalf("%+v, %v", fact, err)
			}
		}
	})
}

// fuzz reads any body: it never panics, every refusal is an Error that can be answered, and
// every fact reads back as it was written and is addressed to somebody.
func fuzz(f *testing.F, s Sender) {
	walk(f, now, func(_ string, of Sender, body []byte) {
		if of.Name == s.Name {
			f.Add(body)
		}
	})
	for kind, data := range examples {
		if senderOf(kind).Name == s.Name {
			f.Add(body(kind, data))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := s.Read(http.Header{"Webhook-Id": {"msg_1"}}, body, "", now)
		for _, fact := range b.Doubts {
			if survives(t, fact); err == nil || !doubted(fact) || len(fact.To) == 0 {
				t.Fatalf("%+v in doubt, %v", fact, err)
			}
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Status < 400 || e.Status > 422 || e.Message == "" || (e.Status == 422) != (len(e.Fields) > 0) {
				t.Fatalf("%#v", err)
			}
			for _, field := range e.Fields {
				if field.Field == "" || field.Problem == "" {
					t.Fatalf("%+v", e.Fields)
				}
			}
			return
		}
		if (b.Ignored == "" && b.Thin == "") != (len(b.Facts) > 0) || (b.Thin != "") && len(b.Hints) == 0 {
			t.Fatalf("%+v: facts, or what is to be read, or why there are none", b)
		}
		for _, fact := range b.Facts {
			survives(t, fact)
			if len(fact.To) == 0 || fact.To[0].ID == "" || fact.At.IsZero() {
				t.Fatalf("%+v is about nobody, or was never", fact)
			}
		}
	})
}
