package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"seatmend/shared/casework"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// A refusal is an error that a caller is told.
type Refusal struct {
	Status  int             `json:"-"`
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Fields  []webhook.Field `json:"fields,omitempty"`
}

func (e *Refusal) Error() string { return e.Code + ": " + e.Message }

// ErrNotKept is a conflicting replay of which no more are kept for a person.
var ErrNotKept = &Refusal{409, "conflicting_replay", "a fact was stored under this id before, and it said something else; this one is not applied, and so many of them wait for a person that it is not kept either: if it is news, send it under an id of its own", nil}

// ErrFullAside is that nothing more can be set aside: ours to mend, and the sender's to send again.
var ErrFullAside = errors.New("no more is set aside of this sender and account")

var (
	errUnauthorized = &Refusal{401, "unauthorized", "send the operator's token as Authorization: Bearer ...", nil}
	ErrNotFound     = &Refusal{404, "not_found", "there is no such thing here", nil}
)

// Refused turns an error into what a program is told: status, code, words and fields. Each answer in JSON goes
// by it. A page says in its reader's language what failed, and by itself (package page's FailedLink, the desk's
// signInFailed). What is our own fault says nothing of its cause: that goes to the log.
func Refused(err error) *Refusal {
	var r *Refusal
	var hook *webhook.Error
	var taken *store.NameTaken
	var much *licence.TooMuch
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &hook):
		return &Refusal{hook.Status, hook.Code, hook.Message, hook.Fields}
	case errors.As(err, &taken):
		problem := "leads to account " + taken.Account + " already; take it away there first"
		return &Refusal{422, webhook.Invalid, taken.Name.ID + " " + problem, []webhook.Field{{Field: "data." + fieldOf(taken.Name), Problem: taken.Name.ID + " " + problem}}}
	case errors.As(err, &much):
		problem := fmt.Sprintf("is more than an account can hold: its %s would be %d bytes, and %d is the limit; %s", much.What, much.Bytes, licence.MaxPart, lessOf[much.What])
		return &Refusal{422, webhook.Invalid, "data " + problem, []webhook.Field{{Field: "data", Problem: problem}}}
	case errors.Is(err, casework.ErrAhead):
		problem := "is more than five minutes ahead of our clock"
		return &Refusal{422, webhook.Invalid, "timestamp " + problem, []webhook.Field{{Field: "timestamp", Problem: problem}}}
	case errors.Is(err, store.ErrConflictingReplay):
		return &Refusal{409, "conflicting_replay", "a fact was stored under this id before, and it said something else; this one is kept for a person and not applied: if both are meant, send this one under another id", nil}
	case errors.Is(err, ErrFullAside):
		return &Refusal{503, "unavailable", "so much of this sender waits for a person here that no more is kept; send it again later", nil}
	case errors.Is(err, store.ErrFull):
		problem := "is not known yet, and so much waits for it that no more is kept: tell the account first"
		return &Refusal{422, webhook.Invalid, "the account " + problem, []webhook.Field{{Field: "data.account", Problem: problem}}}
	case errors.Is(err, store.ErrCursor):
		return &Refusal{400, "malformed", "cursor: not one of this list", nil}
	}
	return &Refusal{503, "unavailable", "it could not be stored; send it again", nil}
}

// lessOf says what to do about a part of an account that has become too large.
var lessOf = map[string]string{
	"profile":  "list fewer contacts, plans or prices",
	"orders":   "end subscriptions that are over, or use fewer lines in each",
	"invoices": "name fewer subscriptions in covers",
	"licences": "take installations that are no longer used out of account.changed, or shorten the texts of this licence's plans",
	"fact":     "send less in one body",
}

// fieldOf is where in an account.changed a name stands.
func fieldOf(n licence.Name) string {
	switch n.Sender {
	case "superoffice":
		return "installations.cust_id"
	case "serial":
		return "installations.serial"
	case "account":
		return "account"
	}
	return "billing.id"
}

// ErrUnproved is a token that proves nothing.
var ErrUnproved = errors.New("app: the token proves nothing")

// Fail answers with an error.
func (a *App) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f := Refused(err)
	if f.Status >= 500 {
		a.Log.Error("unavailable", "route", r.Pattern, "error", err.Error())
	}
	a.Reply(w, f.Status, map[string]any{"error": f})
}

// Reply writes an answer. What cannot be written down is a fault of ours, and no answer of 200.
func (a *App) Reply(w http.ResponseWriter, status int, v any) {
	body, err := Written(v)
	if err != nil {
		a.Log.Error("unavailable", "error", err.Error())
		f := Refused(err)
		status, v = f.Status, map[string]any{"error": f}
		body, _ = Written(v) // texts of ours
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// Written is an answer as it goes out.
func Written(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// ErrGone, ErrRevoked and ErrBroken are the ways in which a link can fail; each has its page.
var (
	ErrGone    = errors.New("the link has expired")
	ErrRevoked = errors.New("the link was revoked")
	ErrBroken  = errors.New("the link is not one of ours, or was cut")
)
