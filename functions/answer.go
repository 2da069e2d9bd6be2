package functions

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
type refusal struct {
	Status  int             `json:"-"`
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Fields  []webhook.Field `json:"fields,omitempty"`
}

func (e *refusal) Error() string { return e.Code + ": " + e.Message }

// errNotKept is a conflicting replay of which no more are kept for a person.
var errNotKept = &refusal{409, "conflicting_replay", "a fact was stored under this id before, and it said something else; this one is not applied, and so many of them wait for a person that it is not kept either: if it is news, send it under an id of its own", nil}

// errFullAside is that nothing more can be set aside: ours to mend, and the sender's to send again.
var errFullAside = errors.New("no more is set aside of this sender and account")

var (
	errUnauthorized = &refusal{401, "unauthorized", "send the operator's token as Authorization: Bearer ...", nil}
	errNotFound     = &refusal{404, "not_found", "there is no such thing here", nil}
)

// refused turns an error into what a caller is told. It is the one place that does. What is
// our own fault says nothing of its cause: that goes to the log.
func refused(err error) *refusal {
	var r *refusal
	var hook *webhook.Error
	var taken *store.NameTaken
	var much *licence.TooMuch
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &hook):
		return &refusal{hook.Status, hook.Code, hook.Message, hook.Fields}
	case errors.As(err, &taken):
		problem := "leads to account " + taken.Account + " already; take it away there first"
		return &refusal{422, webhook.Invalid, taken.Name.ID + " " + problem, []webhook.Field{{Field: "data." + fieldOf(taken.Name), Problem: taken.Name.ID + " " + problem}}}
	case errors.As(err, &much):
		problem := fmt.Sprintf("is more than an account can hold: its %s would be %d bytes, and %d is the limit; %s", much.What, much.Bytes, licence.MaxPart, lessOf[much.What])
		return &refusal{422, webhook.Invalid, "data " + problem, []webhook.Field{{Field: "data", Problem: problem}}}
	case errors.Is(err, casework.ErrAhead):
		problem := "is more than five minutes ahead of our clock"
		return &refusal{422, webhook.Invalid, "timestamp " + problem, []webhook.Field{{Field: "timestamp", Problem: problem}}}
	case errors.Is(err, store.ErrConflictingReplay):
		return &refusal{409, "conflicting_replay", "a fact was stored under this id before, and it said something else; this one is kept for a person and not applied", nil}
	case errors.Is(err, errFullAside):
		return &refusal{503, "unavailable", "so much of this sender waits for a person here that no more is kept; send it again later", nil}
	case errors.Is(err, store.ErrFull):
		problem := "is not known yet, and so much waits for it that no more is kept: tell the account first"
		return &refusal{422, webhook.Invalid, "the account " + problem, []webhook.Field{{Field: "data.account", Problem: problem}}}
	case errors.Is(err, store.ErrCursor):
		return &refusal{400, "malformed", "cursor: not one of this list", nil}
	}
	return &refusal{503, "unavailable", "it could not be stored; send it again", nil}
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

// fail answers with an error.
func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := refused(err)
	if f.Status >= 500 {
		a.Log.Error("unavailable", "route", r.Pattern, "error", err.Error())
	}
	a.reply(w, f.Status, map[string]any{"error": f})
}

// reply writes an answer. What cannot be written down is a fault of ours, and no answer of 200.
func (a *App) reply(w http.ResponseWriter, status int, v any) {
	body, err := written(v)
	if err != nil {
		a.Log.Error("unavailable", "error", err.Error())
		f := refused(err)
		status, v = f.Status, map[string]any{"error": f}
		body, _ = written(v) // texts of ours
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// written is an answer as it goes out.
func written(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
