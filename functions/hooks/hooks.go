package hooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// hook receives webhooks on one of the routes.
func hook(route string) func(*Hooks) http.HandlerFunc {
	return func(a *Hooks) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			name := r.PathValue("sender")
			if r.PathValue("cust_id") != "" {
				name = "superoffice"
			}
			out, err := a.Receive(r, route, name)
			if err != nil {
				a.Fail(w, r, err)
				return
			}
			a.Reply(w, 200, out.Answer)
		}
	}
}

// Received is a body that was answered with 200.
type Received struct {
	Answer Answer
	Body   webhook.Body
}

// An Answer is what its sender is told.
type Answer struct {
	Outcome string `json:"outcome"`
	Account string `json:"account,omitempty"`
	Event   string `json:"event,omitempty"`
	Why     string `json:"why,omitempty"`
	// Unread are fields that nobody reads, each with the one that may be meant.
	Unread []string `json:"unread,omitempty"`
}

// mostUnread bounds the fields that an answer names.
const mostUnread = 20

// whyUnchanged is for who sent the same again, or mended a body under the timestamp that it had.
const whyUnchanged = "it is older than what is known, or was told before; of two of one timestamp the greater id counts: send what was mended with a newer timestamp"

// Receive takes a body in: size, proof, form, shape, in that order; then its facts are applied.
func (a *Hooks) Receive(r *http.Request, route, name string) (Received, error) {
	limit := webhook.MaxBody
	if route == "users" && name == "standard" {
		limit = webhook.MaxList
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	if err != nil {
		return Received{}, webhook.ErrCutShort
	}
	if len(raw) > limit {
		return Received{}, webhook.ErrTooLarge(limit)
	}
	sender, ok := webhook.Speaking(route, name)
	if !ok {
		return Received{}, webhook.ErrUnauthorized
	}
	now, mode := a.Now(), ""
	if !a.Secrets.Proves(r.Context(), func(h *app.Held) (proved bool) {
		mode, proved = sender.Proved(r.Header, raw, h.Secrets, now)
		return proved
	}) {
		return Received{}, webhook.ErrUnauthorized
	}
	ctx := r.Context()
	body, bad := sender.Read(r.Header, raw, r.PathValue("cust_id"), now)
	if mode != "" {
		body.Mode = mode
	}
	if body.Mode == "test" {
		for _, facts := range [][]licence.Fact{body.Facts, body.Doubts} {
			for i := range facts {
				facts[i].Payload = licence.InMode(facts[i].Payload, body.Mode)
			}
		}
	}
	out := Received{Answer{Event: body.ID}, body}
	if bad == nil && (body.Thin != "" || body.Ignored != "" && body.Hints != nil && a.Reads(name, body.Mode)) {
		return a.thin(ctx, name, out)
	}
	var read licence.Loaded
	if body.Ignored == "" {
		if read, out.Body.Ignored, err = a.Foreign(ctx, name, body, bad != nil); err != nil {
			return Received{}, err
		}
	}
	if out.Body.Ignored != "" {
		// What is ignored is counted by its type: a sender may call what we need by a new name.
		a.Log.Info("ignored", "sender", name, "type", body.Type, "why", out.Body.Ignored)
		out.Answer.Outcome, out.Answer.Why = "ignored", out.Body.Ignored
		return out, nil
	}
	if bad != nil {
		return a.bad(r, sender, raw, body, bad)
	}
	if len(raw) > webhook.MaxBody {
		if _, err := a.Store.Resolve(ctx, body.Facts[0].To...); errors.Is(err, store.ErrNoAccount) {
			return a.bad(r, sender, raw, body, &app.Refusal{Status: 422, Code: webhook.Invalid, Message: "data.account is not known yet, and the list is too large to keep until it is: tell the account first",
				Fields: []webhook.Field{{Field: "data.account", Problem: "is not known yet; tell the account first"}}})
		}
	}
	if a.Reads(name, body.Mode) && read.State.N > 0 && read.Seen == "" { // of a duplicate it is owed already
		if _, err := a.Engine.ReadBack(ctx, name, body.ToRead()...); err != nil {
			return Received{}, err
		}
	}
	outcomes, err := a.Engine.ApplyTo(ctx, read, body.Facts...)
	if err != nil {
		return a.bad(r, sender, raw, body, err)
	}
	out.Answer.Outcome = "unchanged"
	for _, o := range outcomes {
		out.Answer.Account = o.Account
		if rank(o.Result) > rank(out.Answer.Outcome) {
			out.Answer.Outcome = o.Result
		}
	}
	if out.Answer.Outcome == "unchanged" {
		out.Answer.Why = whyUnchanged
	}
	if sender.Mends && len(raw) <= webhook.MaxBody { // a longer one is a list of people, and each row costs
		out.Answer.Unread = webhook.Unknown(raw)
		out.Answer.Unread = out.Answer.Unread[:min(len(out.Answer.Unread), mostUnread)]
	}
	return out, nil
}

// thin takes in a body that says no more than that something changed: what it is now is read back.
// Without a key nobody can know it, and ops are told so.
func (a *Hooks) thin(ctx context.Context, name string, out Received) (Received, error) {
	if !a.Reads(name, out.Body.Mode) {
		out.Body.Ignored = out.Body.Thin
		out.Answer.Outcome, out.Answer.Why = "ignored", out.Body.Thin
		if out.Body.Mode == "test" && a.Reads(name, "live") {
			return out, nil // the trials of a provider whose customers are read in earnest are nobody's work
		}
		return out, a.Engine.Operations(ctx, licence.NoKey, licence.Subject{Kind: "source", ID: name})
	}
	account, err := a.Engine.ReadBack(ctx, name, out.Body.ToRead()...)
	if err != nil {
		return Received{}, err
	}
	if out.Answer.Outcome, out.Answer.Account = "applied", account; account == "" {
		out.Answer.Outcome = "parked"
	}
	return out, nil
}

// rank orders the outcomes of one body's facts. An id that was stored is a duplicate, even where
// this body tells more beside it; else what moved something is said.
func rank(outcome string) int {
	return slices.Index([]string{"unchanged", "parked", "applied", "duplicate"}, outcome)
}

// bad answers a verified body that cannot be used. A sender that can mend it is told; that of
// any other is kept whole for a person, since such senders resend for days or switch the hook
// off. A conflicting replay is kept in either case.
func (a *Hooks) bad(r *http.Request, s webhook.Sender, raw []byte, body webhook.Body, err error) (Received, error) {
	f := app.Refused(err)
	keep := f.Status == 400 || f.Status == 409 || f.Status == 422
	if f.Status != 409 && (s.Mends || !keep) {
		return Received{}, err
	}
	if kept := a.setAside(r, s, raw, body, f); kept != nil {
		if s.Mends && errors.Is(kept, store.ErrFull) {
			return Received{}, app.ErrNotKept // only a conflict comes here: it can be sent again under another id
		}
		if errors.Is(kept, store.ErrFull) {
			kept = errors.Join(app.ErrFullAside, kept)
		}
		return Received{}, kept
	}
	if s.Mends {
		return Received{}, err
	}
	// A person has the body: that its doubts do not fit is nothing that its sender can mend.
	if _, err := a.Engine.Apply(r.Context(), body.Doubts...); err != nil && app.Refused(err).Status >= 500 {
		return Received{}, err
	}
	return Received{Answer: Answer{Outcome: "set-aside", Event: body.ID, Why: f.Message}}, nil
}

// setAside keeps a body for a person, with a line at the customer that it seems to be about, and
// tells ops. Of a list of users, which who sent it can mend, the beginning is enough.
func (a *Hooks) setAside(r *http.Request, s webhook.Sender, raw []byte, body webhook.Body, f *app.Refusal) error {
	ctx, now := r.Context(), a.Now()
	sum := sha256.Sum256(append([]byte(s.Name+"\n"), raw...))
	x := store.Rejected{
		ID: hex.EncodeToString(sum[:12]), Sender: s.Name, Route: r.URL.Path, Header: map[string]string{},
		Body: raw[:min(len(raw), webhook.MaxBody)], Code: f.Code, Message: f.Message, At: now,
	}
	for _, h := range []string{"Content-Type", "Webhook-Id", "Svix-Id", "X-SuperOffice-Event", "X-SuperOffice-EventId"} {
		if v := r.Header.Get(h); v != "" {
			x.Header[h] = v
		}
	}
	names := webhook.About(s.Name, r.PathValue("cust_id"), x.Body)
	if len(body.Facts) > 0 {
		names = body.Facts[0].To
	} else if len(body.About) > 0 {
		names = body.About
	}
	account, err := a.Store.Resolve(ctx, names...)
	switch {
	case err == nil:
		x.Account = account
	case !errors.Is(err, store.ErrNoAccount):
		return err
	case len(names) > 0:
		x.Account = names[len(names)-1].String() // of whoever that is
	}
	return a.Engine.Reject(ctx, account, x)
}
