package outside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/billing"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
	"seatmend/shared/words"
)

// OnAWS lets a function reach outside from there, and gives what else sends mails its sender.
func OnAWS(more ...func(*app.App, effects.Sender)) func(*app.App) error {
	return func(a *app.App) error {
		login := cmp.Or(a.Environment("SEATMEND_CRM"), OnlineCRM)
		if err := LoginHost(login); err != nil {
			return fmt.Errorf("SEATMEND_CRM: %w", err)
		}
		a.Secrets.Read = ReadSecrets
		a.Publish = effects.EventBridge(a.AWS, a.Environment("SEATMEND_EVENT_BUS"))
		c := &client{login: login, http: &http.Client{Timeout: 20 * time.Second}}
		connect(a, c.of(a), effects.SES(a.AWS), more)
		return nil
	}
}

// A client of SuperOffice is made of the secrets, and of others when they are others.
type client struct {
	login string
	http  *http.Client
	mu    sync.Mutex
	held  *app.Held
	made  *superoffice.Client
}

func (c *client) of(a *app.App) func() *superoffice.Client {
	return func() *superoffice.Client {
		c.mu.Lock()
		defer c.mu.Unlock()
		if held := a.Secrets.Held(); c.held != held {
			c.held = held
			c.made, _ = CRM(held.Secrets, c.login, c.http, a.Now) // what is wrong with them was said when they were read
		}
		return c.made
	}
}

// Connect gives the engine its executors: reading SuperOffice, activating there, reading billing systems,
// and mail. No
// send: mail lies in the inbox alone.
func Connect(a *app.App, client *superoffice.Client, send effects.Sender, more ...func(*app.App, effects.Sender)) {
	connect(a, func() *superoffice.Client { return client }, send, more)
}

func connect(a *app.App, client func() *superoffice.Client, send effects.Sender, more []func(*app.App, effects.Sender)) {
	send = effects.Discreet(effects.Punycode(send))
	hooks := hooksOf(a)
	a.Engine.Do[licence.Read] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return effects.Reader{Client: client(), Now: a.Now, Hooks: hooks, Store: a.Store}.Read(ctx, s, e)
	}
	a.Engine.Do[licence.Activate] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return effects.Activator{Client: client(), Now: a.Now, Store: a.Store}.Activate(ctx, s, e)
	}
	a.Engine.Do[licence.Move] = func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		return effects.Mover{Client: client(), Now: a.Now, Store: a.Store}.Move(ctx, s, e)
	}
	a.Stated = func(ctx context.Context, token, custID string) error {
		err := client().Stated(ctx, token, custID)
		if errors.Is(err, superoffice.ErrToken) {
			return app.ErrUnproved
		}
		return err
	}
	reading := billing.New(func(sender string) []string { return a.Secrets.Held().APIKeys(sender) }, a.Now)
	reading.Base = a.BillingAt
	a.Engine.Do[licence.ReadBack] = effects.Biller{Client: reading, Store: a.Store, Apply: a.Engine.Apply, GiveUp: a.Engine.GiveUp, Now: a.Now}.ReadBack
	operator := words.Operator(a.Operator.Signature())
	list := func(ctx context.Context, code string) error { return a.Engine.List(ctx, code, a.Operator.Timezone) }
	a.Engine.Do[licence.Mail] = effects.Mailer{
		Store: a.Store, Links: a.Links, BaseURL: a.BaseURL, Operator: operator, Send: send, Now: a.Now, Inbound: a.Operator.Inbound,
		Fleet: a.Engine.Operations, PerHour: a.Operator.FirstMailsPerHour,
		Waits: func(ctx context.Context) error { return list(ctx, licence.ListDrafts) },
	}.Mail
	a.Engine.Do[licence.TaskSent] = effects.Tasker{
		Store: a.Store, Operator: operator, Desks: a.Operator.Desks, Lang: a.Operator.Lang, BaseURL: a.BaseURL, Send: send, Publish: a.Publish, Now: a.Now, List: list,
	}.Task
	a.Engine.Do[licence.Forward] = effects.Forwarder{Store: a.Store, Operator: operator, Lang: a.Operator.Lang, BaseURL: a.BaseURL, Send: send, Now: a.Now}.Forward
	for _, m := range more {
		m(a, send)
	}
}

// ReadSecrets reads the secrets' JSON as package app does, and looks at those of SuperOffice and at the
// keys of billing systems.
func ReadSecrets(b []byte) (app.Secrets, error) {
	s, err := app.ReadSecrets(b)
	if s != nil {
		_, odd := CRM(s, OnlineCRM, nil, nil)
		err = errors.Join(err, odd)
		for _, sender := range billing.Senders() {
			err = errors.Join(err, billing.Check(sender, (&app.Held{Secrets: s}).APIKeys(sender)))
		}
	}
	return s, err
}

// hooksOf is where SuperOffice posts to us: to an address that it can reach, which it takes over https alone.
func hooksOf(a *app.App) *effects.Hooks {
	return &effects.Hooks{
		Target: func(cust string, onsite bool) string {
			switch {
			case !strings.HasPrefix(a.BaseURL, "https://"):
				return ""
			case onsite:
				return a.BaseURL + "/users/superoffice/" + url.PathEscape(cust) // it does not know its own name
			}
			return a.BaseURL + "/users/superoffice"
		},
		Secret: func() string {
			for _, secret := range a.Secrets.Held().Secrets["superoffice"] {
				return secret
			}
			return ""
		},
		Failed: func(cust string, err error) {
			a.Log.Warn("webhook of SuperOffice", "cust_id", cust, "error", err.Error())
		},
	}
}
