package licence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// loaded is what is known, and remembered, in testdata.
func loaded(t *testing.T) (k Known, h History) {
	t.Helper()
	for _, p := range append([]Part{"history"}, Parts...) {
		b, err := os.ReadFile("testdata/stored-v1/" + string(p) + ".json")
		if err == nil && p == "history" {
			err = h.Decode(b)
		} else if err == nil {
			err = k.Decode(p, b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return k, h
}

// What is stored is byte for byte what encoding/json writes, so that every build reads it.
func TestStoredAsEncodingJSONWritesIt(t *testing.T) {
	k, h := loaded(t)
	k.Profile.Account.Value.Name = "R&D <\u2028> \x01"
	for _, v := range []any{&h, &k.Profile, &k.Orders, &k.Invoices, &k.Licences, Sub{}, Invoice{}, History{}} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		if got, err := JSON(v); err != nil || string(got) != strings.TrimSuffix(want.String(), "\n") {
			t.Errorf("%T is stored as\n%s\nand was\n%s (%v)", v, got, want.String(), err)
		}
	}
}

// No size that is only estimated is too small: neither that of plain data nor that of a part that
// grew by a fact.
func TestAnEstimateIsNeverTooSmall(t *testing.T) {
	k, h := loaded(t)
	worst := strings.Repeat("\x01", 200)
	facts := []Payload{
		AccountChanged{Account: worst, Contacts: []Contact{{ID: worst}}, Mail: Some(worst)}, FindingAnswered{Fingerprint: worst, Note: worst}, LinkAsked{To: worst}, CodeAsked{Contact: worst},
		ArrangementChanged{Note: worst}, SubscriptionChanged{Subscription: worst, Items: []Item{{Plan: worst}}}, SubscriptionChanged{Subscription: worst, Coarse: true},
		ScheduleChanged{Subscription: worst}, InvoiceChanged{Invoice: worst, Lines: []InvoiceLine{{Prices: []string{worst}}}}, InvoiceChanged{Invoice: worst, Coarse: true, Payment: "action"},
		InvoiceChanged{Invoice: worst, Coarse: true, First: true}, PaymentChanged{ID: worst, Payments: []string{worst}}, PaymentClaimed{Invoice: worst}, PaymentAsked{For: worst},
		LoginWarned{CustID: worst, URL: worst, User: LoginUser{ID: worst}}, LicenceReported{CustID: worst, Plans: []LicenceLine{{Plan: worst}}, Markers: []string{worst}},
		InstallationReported{CustID: worst, Version: Some(worst), Can: Some([]string{worst})}, SourceChecked{CustID: worst, Of: "users"}, ReadFailed{CustID: worst, Error: worst},
		SeatChanged{CustID: worst, Plan: worst, User: User{ID: worst}}, ActivationTried{CustID: worst, Reason: worst}, LicenceIssued{CustID: worst},
	}
	for _, v := range []any{&h, &k.Profile, &k.Orders, &k.Invoices, &k.Licences} {
		if n, size := atMost(reflect.ValueOf(v)), Size(v); n < size {
			t.Errorf("%T has %d bytes, estimated are %d", v, size, n)
		}
	}
	for i := range 3 * len(facts) {
		f := Fact{ID: fmt.Sprint(worst, i), At: time.Date(2030, 1, 1, 0, 0, i/len(facts)/2, 0, time.UTC), Source: worst, Payload: facts[i%len(facts)]}
		if n, size := atMost(reflect.ValueOf(f)), Size(f); n < size {
			t.Errorf("%T has %d bytes, estimated are %d", f.Payload, size, n)
		}
		var parts []Part
		k, _, parts = k.Fold(f, nil)
		for _, p := range parts {
			b, err := k.Encode(p)
			if err != nil {
				t.Fatal(err)
			}
			for at, part := range Parts {
				if part == p && 0 < k.most[at] && k.most[at] < len(b) {
					t.Errorf("%T: %s has %d bytes, estimated are %d", f.Payload, p, len(b), k.most[at])
				}
			}
			if err := k.Fit(p, func(string) int { return 0 }); err != nil {
				t.Fatal(err)
			}
		}
	}
}
