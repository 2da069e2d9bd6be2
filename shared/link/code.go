package link

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// CodeLength is how many digits a code has.
const CodeLength = 6

// codeKey derives the key that makes codes of a secret. It is none of those that sign tokens.
func codeKey(secret []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "seatmend code", sha256.Size)
}

// Code is the short number that proves a mailbox: six digits, for a contact, for a purpose, for
// the instant at which it was asked for. It follows from these and a secret, so nothing of it is
// stored, and it is always the same one. How long it counts, how often it may be tried and that
// it counts once is for the caller to see to: six digits are guessed by who may try a million
// times. Without keys there is no code.
func (k Keys) Code(contact, purpose string, asked time.Time) string {
	if len(k.codes) == 0 {
		return ""
	}
	return digits(k.codes[0], contact, purpose, asked)
}

// OpenCode tells whether the digits are the code that was made then, with any of the keys: one
// that was mailed before a key was put in front of the others opens as well.
func (k Keys) OpenCode(code, contact, purpose string, asked time.Time) bool {
	right := false
	for _, key := range k.codes {
		// Every key is tried, so that the time it takes tells nothing of which one was right.
		if hmac.Equal([]byte(digits(key, contact, purpose, asked)), []byte(code)) {
			right = true
		}
	}
	return right
}

func digits(key []byte, contact, purpose string, asked time.Time) string {
	h := hmac.New(sha256.New, key)
	// Quoted, so that no two pairs of texts read as one.
	fmt.Fprintln(h, strconv.Quote(contact), strconv.Quote(purpose), asked.UTC().Format(time.RFC3339Nano))
	return fmt.Sprintf("%0*d", CodeLength, binary.BigEndian.Uint64(h.Sum(nil))%1_000_000)
}
