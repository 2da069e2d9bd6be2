package webhook

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// Codes of an Error. They are part of the contract.
const (
	TooLarge             = "too_large"
	Unauthorized         = "unauthorized"
	UnsupportedMediaType = "unsupported_media_type"
	Malformed            = "malformed"
	Invalid              = "invalid"
)

// An Error is a body that is refused. Its message is for whoever sent it: it names the place
// and the cure, and nothing of ours.
type Error struct {
	Status  int     `json:"-"`
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Fields  []Field `json:"fields,omitempty"`
}

// A Field is one place in a body and what is wrong there.
type Field struct {
	Field   string `json:"field"`
	Problem string `json:"problem"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrUnauthorized is the one answer to every body that is not proved: which part failed would
// help only a forger.
var ErrUnauthorized = &Error{
	Status:  http.StatusUnauthorized,
	Code:    Unauthorized,
	Message: "not signed by a known sender, or signed more than five minutes from our clock; check the sender in the address, that all headers of its signature are there, the secret, the time in seconds (the Date of this answer is our clock), and that the raw body is what is signed",
}

// ErrCutShort is a body that ended before its end.
var ErrCutShort = &Error{Status: http.StatusBadRequest, Code: Malformed, Message: "the body could not be read to its end"}

// ErrTooLarge is a body beyond the limit of its route.
func ErrTooLarge(limit int) *Error {
	return &Error{
		Status:  http.StatusRequestEntityTooLarge,
		Code:    TooLarge,
		Message: fmt.Sprintf("the body is larger than %d KiB; send less at once", limit>>10),
	}
}

// invalid is a body of the wrong shape. The message repeats the fields, for those who log
// only messages.
func invalid(fields []Field) *Error {
	var said []string
	for _, f := range fields {
		said = append(said, f.Field+" "+f.Problem)
	}
	return &Error{
		Status:  http.StatusUnprocessableEntity,
		Code:    Invalid,
		Message: strings.Join(said, "; "),
		Fields:  fields,
	}
}

// mediaType refuses what says that it is something other than JSON. Who says nothing is
// taken to send JSON.
func mediaType(h http.Header) error {
	said := h.Get("Content-Type")
	if said == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(said)
	if err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")) {
		return nil
	}
	return &Error{
		Status:  http.StatusUnsupportedMediaType,
		Code:    UnsupportedMediaType,
		Message: "the Content-Type is not JSON; send application/json",
	}
}
