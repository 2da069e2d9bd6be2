package webhook

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// mostAbout is how many names are looked for in a body.
const mostAbout = 8

// About are names of whom a verified body seems to be about, though it cannot be used: for putting
// it where it is looked for, and for nothing else. It reads as far as the body is JSON.
func About(sender, custID string, body []byte) (names []licence.Name) {
	add := func(n licence.Name) {
		if n.ID != "" && checks["id"].ok(n.ID) && len(names) < mostAbout {
			names = append(names, n)
		}
	}
	add(licence.CustName(custID))
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		token, err := d.ReadToken()
		if err != nil || len(names) == mostAbout {
			return names
		}
		if token.Kind() != '"' {
			continue
		}
		value := token.String() // before the pointer is asked for: the token is good until the next read
		switch key := d.StackPointer().LastToken(); strings.ToLower(key) {
		case "account":
			add(licence.Name{Sender: "account", ID: value})
		case "cust_id", "contextidentifier":
			add(licence.CustName(value))
		case "serial":
			add(licence.Name{Sender: "serial", ID: value})
		case "customer", "customer_id", "subscription", "subscription_id":
			add(licence.Name{Sender: sender, ID: value})
		}
	}
}
