package webhook

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"seatmend/events"
)

// BenchmarkBody is the whole border: a signature, and a body read to facts.
func BenchmarkBody(b *testing.B) {
	list := examples["seats.listed"]
	row := strings.TrimSuffix(list[strings.Index(list, `{"plan"`):], "]}")
	var rows []string
	for i := range 10000 {
		rows = append(rows, strings.Replace(row, `"id":"12"`, fmt.Sprintf(`"id":"%d"`, i), 1))
	}
	for _, c := range []struct {
		name   string
		sender Sender
		body   []byte
	}{
		{"invoice", standard, body("invoice.changed", examples["invoice.changed"])},
		{"seat", standard, body("seat.changed", examples["seat.changed"])},
		{"licence", standard, body("licence.reported", examples["licence.reported"])},
		{"account", standard, body("account.changed", examples["account.changed"])},
		{"login", login, body(loginWarned, examples[loginWarned])},
		{"stripe", stripe, file(b, "demo/fjord-foods/03-stripe-reduction.json")},
		{"superoffice", superoffice, file(b, "samples/01-superoffice-associate.json")},
		{"10000seats", standard, body("seats.listed", list[:strings.Index(list, `{"plan"`)]+strings.Join(rows, ",")+"]}")},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := http.Header{}
			c.sender.Sign(h, c.body, "msg_1", invented, now)
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := c.sender.Verify(h, c.body, []string{invented}, now); err != nil {
					b.Fatal(err)
				}
				if _, err := c.sender.Read(h, c.body, "", now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func file(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := events.Files.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Clone(body)
}
