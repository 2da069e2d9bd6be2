package link_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"seatmend/shared/link"
)

const forOffer = "C-1042 cust12345 0011223344556677"

func ExampleKeys_Code() {
	k, _ := link.NewKeys(secret("a"))
	code := k.Code("anna", "C-1042 cust12345 0011223344556677", now)
	fmt.Println(len(code), k.OpenCode(code, "anna", "C-1042 cust12345 0011223344556677", now))
	// Output: 6 true
}

func TestCodeOpensOnlyWhatItWasMadeFor(t *testing.T) {
	k := keys(t, secret("a"), secret("b"))
	code := k.Code("anna", forOffer, now)
	for _, c := range []struct {
		name                   string
		keys                   link.Keys
		code, contact, purpose string
		asked                  time.Time
		want                   bool
	}{
		{"itself", k, code, "anna", forOffer, now, true},
		{"told in another zone", k, code, "anna", forOffer, now.In(time.FixedZone("", 3600)), true},
		{"after a new key was put in front", keys(t, secret("c"), secret("a")), code, "anna", forOffer, now, true},
		{"after its key was taken out", keys(t, secret("b"), secret("c")), code, "anna", forOffer, now, false},
		{"without keys", link.Keys{}, code, "anna", forOffer, now, false},
		{"nothing typed, without keys", link.Keys{}, "", "anna", forOffer, now, false},
		{"nothing typed", k, "", "anna", forOffer, now, false},
		{"a digit more", k, code + "0", "anna", forOffer, now, false},
		{"a digit less", k, code[1:], "anna", forOffer, now, false},
		{"another contact", k, code, "bo", forOffer, now, false},
		{"another purpose", k, code, "anna", "C-1042 cust12345 7766554433221100", now, false},
		{"the border between the two moved", k, code, "anna C-1042", "cust12345 0011223344556677", now, false},
		{"asked for a nanosecond later", k, code, "anna", forOffer, now.Add(1), false},
	} {
		if got := c.keys.OpenCode(c.code, c.contact, c.purpose, c.asked); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if code := (link.Keys{}).Code("anna", forOffer, now); code != "" {
		t.Errorf("a code without keys: %q", code)
	}
}

// Codes are six digits each, those with leading zeros too, and no contact's tells another's.
func TestCodesLookLikeChance(t *testing.T) {
	k := keys(t, secret("a"))
	form, seen, zeros := regexp.MustCompile(`^[0-9]{6}$`), map[string]bool{}, 0
	for n := range 2000 {
		code := k.Code("anna", forOffer, now.Add(time.Duration(n)))
		if !form.MatchString(code) {
			t.Fatalf("%q", code)
		}
		if code[0] == '0' {
			zeros++
		}
		seen[code] = true
	}
	// Of 2,000 of a million about two are alike, and 200 begin with a zero.
	if len(seen) < 1980 || zeros < 130 || zeros > 270 {
		t.Errorf("%d different, %d begin with a zero", len(seen), zeros)
	}
}
