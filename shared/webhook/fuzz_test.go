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
		if (b.Ignored == "") != (len(b.Facts) > 0) {
			t.Fatalf("%+v: facts, or why there are none", b)
		}
		for _, fact := range b.Facts {
			survives(t, fact)
			if len(fact.To) == 0 || fact.To[0].ID == "" || fact.At.IsZero() {
				t.Fatalf("%+v is about nobody, or was never", fact)
			}
		}
	})
}
