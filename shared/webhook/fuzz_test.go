package webhook

import (
	"errors"
	"net/http"
	"testing"
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

func FuzzRecurly(f *testing.F) { fuzz(f, recurly) }

// FuzzRecurlyHeader proves nothing by any header that was not signed.
func FuzzRecurlyHeader(f *testing.F) {
	f.Add("1795424400000,abcdef")
	f.Add("1795424400000,")
	f.Fuzz(func(t *testing.T, header string) {
		if err := recurly.Verify(http.Header{"Recurly-Signature": {header}}, []byte("{}"), []string{"a secret", ""}, now); err != error(ErrUnauthorized) {
			t.Fatalf("%q is believed: %v", header, err)
		}
	})
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
		s, ok := Find(name)
		if !ok || s.Object == nil {
			return
		}
		facts, err := s.Object(kind, object, now)
		for _, fact := range facts {
			if survives(t, fact); err != nil || !fact.At.Equal(now) || fact.Source != name {
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
