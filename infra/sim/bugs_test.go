package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

// A bug is one that is planted: what stands between the product and its world does something wrong, as the
// product would if it had the bug. So the product itself has no switch.
type bug struct {
	name    string
	seed    uint64 // the first that catches it, by TestHunt
	by      string // what a law says that is there for it, or one of several
	store   func(w *world, p *process, db store.Store) store.Store
	send    func(w *world, send effects.Sender) effects.Sender
	do      func(w *world, p *process, kind licence.Kind, do engine.Executor) engine.Executor
	engine  func(w *world, e *engine.Engine)
	door    func(w *world, p *process, h http.Handler) http.Handler
	secrets func(app.Secrets)
	writes  func(part []byte) []byte
}

type whole interface {
	store.Store
	store.Eraser
}

// A twist is a store that does some things in another way.
type twist struct {
	whole
	w      *world
	change func(ctx context.Context, c licence.Change) licence.Change
	ended  func(ctx context.Context, c licence.Change, err error) error
	alone  bool // a change does not name the one that it was decided on
	early  bool // it is answered before it is durable
	load   func(ctx context.Context, account string, want store.Want, l *licence.Loaded)
	outbox func(e *licence.Effect)
	row    func(r licence.Row) (licence.Row, bool)
	parked func(ctx context.Context, f licence.Fact)
	stage  func(ctx context.Context, account, custID string)
	count  bool // nothing is counted
	twice  bool // or all twice
	broken func(account string) bool
	refuse func(c licence.Change) error
}

func (t twist) Begin(ctx context.Context, c licence.Change, on *store.Mark) store.Begun {
	if t.refuse != nil {
		if err := t.refuse(c); err != nil {
			return store.Over(err)
		}
	}
	if t.change != nil {
		c = t.change(ctx, c)
	}
	if t.alone {
		on = nil
	}
	begun := store.Begin(ctx, t.whole, c, on)
	wait := begun.Wait
	begun.Wait = func() error {
		if t.early && c.Fact != nil && begun.Mark != nil {
			return nil
		}
		err := wait()
		if t.ended != nil {
			err = t.ended(ctx, c, err)
		}
		return err
	}
	return begun
}

func (t twist) Load(ctx context.Context, account string, want store.Want) (licence.Loaded, error) {
	l, err := t.whole.Load(ctx, account, want)
	if t.load != nil && err == nil {
		t.load(ctx, account, want, &l)
	}
	return l, err
}

func (t twist) Outbox(ctx context.Context, account string) ([]licence.Effect, error) {
	all, err := t.whole.Outbox(ctx, account)
	if t.broken != nil && t.broken(account) {
		return nil, err
	}
	for i := range all {
		if t.outbox != nil {
			t.outbox(&all[i])
		}
	}
	return all, err
}

func (t twist) Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error) {
	r, ok, err := t.whole.Row(ctx, account, kind, id)
	if t.row != nil && ok {
		r, ok = t.row(r)
	}
	return r, ok, err
}

func (t twist) UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]store.StoredFact, error) {
	all, err := t.whole.UnmatchedFor(ctx, name, limit)
	for _, f := range all {
		if t.parked != nil {
			t.parked(ctx, f.Fact)
		}
	}
	return all, err
}

func (t twist) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	if t.stage != nil {
		t.stage(ctx, account, custID)
	}
	return t.whole.StageRoster(ctx, account, custID, roster, rows)
}

func (t twist) Counter(ctx context.Context, key, hour string, add, limit int) (bool, error) {
	if t.twice && add > 0 {
		_, _ = t.whole.Counter(ctx, key, hour, add, limit)
	}
	ok, err := t.whole.Counter(ctx, key, hour, add, limit)
	return ok || t.count, err
}

// stores makes a bug of a twist.
func stores(plant func(w *world, p *process, t *twist)) func(*world, *process, store.Store) store.Store {
	return func(w *world, p *process, db store.Store) store.Store {
		t := &twist{whole: db.(whole), w: w}
		plant(w, p, t)
		return *t
	}
}

// onWhatIsThere writes a change that was refused as if it had been decided on what is stored now.
func onWhatIsThere(t *twist, only func(licence.Change) bool) {
	t.ended = func(ctx context.Context, c licence.Change, err error) error {
		if !errors.Is(err, store.ErrConflict) || !only(c) {
			return err
		}
		l, err := t.w.db.Load(context.Background(), c.Account, store.Want{})
		if err != nil {
			return err
		}
		c.N = l.State.N
		return t.whole.Commit(ctx, c)
	}
}

func sends(c licence.Change) bool {
	return slices.ContainsFunc(c.Add, func(e licence.Effect) bool { return !e.Sending.IsZero() })
}

// mailing makes a bug of the one who mails.
func mailing(twist func(w *world, s *licence.State, e *licence.Effect)) func(*world, *process, licence.Kind, engine.Executor) engine.Executor {
	return func(w *world, p *process, kind licence.Kind, do engine.Executor) engine.Executor {
		if kind != licence.Mail {
			return do
		}
		return func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
			twist(w, &s, &e)
			return do(ctx, s, e)
		}
	}
}

var bugs = []bug{
	{name: "no version is checked", seed: 7, by: "and its facts|counts|the outbox has|hold a seat|the model says|among the facts", store: stores(func(_ *world, _ *process, t *twist) {
		onWhatIsThere(t, func(c licence.Change) bool { return c.Fact != nil })
	})},
	{name: "a mail does not insist on its state", seed: 24, by: "N3|N5|N6|N7|N8|N10|the outbox has|was handed over 2 times", store: stores(func(_ *world, _ *process, t *twist) { onWhatIsThere(t, sends) })},
	{name: "what was decided on a refused change is kept", seed: 119, by: "the outbox has|and its facts|counts|hold a seat", store: stores(func(_ *world, _ *process, t *twist) { t.alone = true })},
	{name: "answered before it is durable", seed: 1, by: "is not stored", store: stores(func(_ *world, _ *process, t *twist) { t.early = true })},
	{name: "an id is looked at by nobody", seed: 16, by: "nobody told|two bodies of one id|the model says", store: stores(func(w *world, p *process, t *twist) {
		t.load = func(_ context.Context, _ string, _ store.Want, l *licence.Loaded) { l.Seen = "" }
		t.ended = func(ctx context.Context, c licence.Change, err error) error {
			if errors.Is(err, store.ErrSeen) {
				f := *c.Fact
				f.ID += "-" + p.app.Engine.Unique()
				c.Fact = &f
				return t.whole.Commit(ctx, c)
			}
			return err
		}
	})},
	{name: "unpark before fold", seed: 3, by: "is parked no more|among the facts|is not stored|the model says", store: stores(func(_ *world, _ *process, t *twist) {
		t.parked = func(ctx context.Context, f licence.Fact) { _ = t.whole.DropUnmatched(ctx, f) }
	})},
	{name: "an uncertain mail is sent again", seed: 24, by: "was handed over 2 times", store: stores(func(w *world, _ *process, t *twist) {
		again := func(e *licence.Effect) {
			if w.now().Sub(e.Sending) > licence.Uncertain {
				e.Sending = licence.Effect{}.Sending
			}
		}
		t.outbox = again
		t.load = func(_ context.Context, _ string, _ store.Want, l *licence.Loaded) {
			l.State.History.Pending = maps.Clone(l.State.History.Pending)
			for id, e := range l.State.History.Pending {
				again(&e)
				l.State.History.Pending[id] = e
			}
		}
	})},
	{name: "sent before it is written down", seed: 0, by: "nobody has written down", do: mailing(func(w *world, _ *licence.State, e *licence.Effect) {
		if e.Sending.IsZero() {
			e.Sending = w.now()
		}
	})},
	{name: "the SDK sends again by itself", seed: 24, by: "was handed over 2 times", send: func(_ *world, send effects.Sender) effects.Sender {
		return func(ctx context.Context, m effects.Message) (string, error) {
			id, err := send(ctx, m)
			if _, refused := errors.AsType[*effects.Refusal](err); err != nil && !refused {
				return send(ctx, m)
			}
			return id, err
		}
	}},
	{name: "people are written apart from the counters", seed: 7, by: "hold a seat|counts", store: stores(func(_ *world, _ *process, t *twist) {
		t.change = func(ctx context.Context, c licence.Change) licence.Change {
			for _, s := range c.Seats {
				_ = t.whole.StageRoster(ctx, c.Account, s.Key().CustID, s.Key().Roster, slices.Values([]licence.Seat{s}))
			}
			c.Seats = nil
			return c
		}
	})},
	{name: "a roster's id is used again", seed: 479, by: "hold a seat|counts", engine: func(_ *world, e *engine.Engine) { e.Unique = func() string { return "same" } }},
	{name: "settling has no bound", seed: 0, by: "never taken|is ripe since", store: stores(func(_ *world, _ *process, t *twist) {
		t.refuse = func(c licence.Change) error {
			if len(c.Add) > 2 {
				return store.ErrTooLarge
			}
			return nil
		}
	})},
	{name: "a revoked link is given again", seed: 472, by: "a link that was revoked opens", store: stores(func(_ *world, _ *process, t *twist) {
		t.row = func(r licence.Row) (licence.Row, bool) {
			if r.Kind == "link" && strings.Contains(string(r.Body), `"revoked"`) {
				return licence.Row{}, false
			}
			return r, true
		}
	})},
	{name: "test mode counts", seed: 6, by: "stripe is answered 200", door: func(w *world, _ *process, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/stripe") {
				body, _ := io.ReadAll(r.Body)
				body = bytes.Replace(body, []byte(`"livemode":false`), []byte(`"livemode":true`), 1)
				r.Body = io.NopCloser(bytes.NewReader(body))
				stripe, _ := webhook.Find("stripe")
				stripe.Sign(r.Header, body, "", "whsec_"+w.secret("stripe", 0), w.now())
			}
			h.ServeHTTP(rw, r)
		})
	}},
	{name: "a name that was given up leads on", seed: 29, by: "never taken|leads to", store: stores(func(_ *world, _ *process, t *twist) {
		t.change = func(_ context.Context, c licence.Change) licence.Change {
			c.Release = nil
			return c
		}
	})},
	{name: "what is due is forgotten", seed: 1, by: "is ripe since|its task is open|is nobody's task|is being sent since", store: stores(func(_ *world, _ *process, t *twist) {
		t.change = func(_ context.Context, c licence.Change) licence.Change {
			if c.Fact == nil && len(c.Drop) > 0 {
				c.Due = c.Due.AddDate(1, 0, 0)
			}
			return c
		}
	})},
	{name: "a GET acts", seed: 2, by: "is a GET, and writes", door: func(_ *world, p *process, h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				about := handOf(r.Context()).about
				_, _ = p.app.Engine.Apply(r.Context(), licence.Fact{ID: "page/" + p.app.Engine.Unique(), To: []licence.Name{{Sender: "account", ID: about}}, At: p.now(), Source: "page", Payload: licence.CheckAsked{CustID: "Cust771"}})
			}
			h.ServeHTTP(rw, r)
		})
	}},
	{name: "mails go though they were switched off", seed: 0, by: "N10", do: mailing(func(_ *world, s *licence.State, _ *licence.Effect) {
		on := "on"
		s.Known.Profile.Mail.Value = &on
	})},
	{name: "who has left is mailed", seed: 21, by: "N7", do: mailing(func(_ *world, s *licence.State, _ *licence.Effect) {
		all := slices.Clone(s.Known.Profile.Account.Value.Contacts)
		for i := range all {
			all[i].Left = ""
		}
		s.Known.Profile.Account.Value.Contacts = all
	})},
	{name: "who cannot log in is mailed", seed: 57, by: "N7", store: stores(func(_ *world, _ *process, t *twist) {
		t.load = func(_ context.Context, _ string, want store.Want, l *licence.Loaded) {
			if want.Have == store.Unread && want.Fact == "" {
				for k, s := range l.Seats {
					s.User.Value.CanLogin = true
					l.Seats[k] = s
				}
			}
		}
	})},
	{name: "the old list goes before the new one is named", seed: 7, by: "hold a seat|counts", store: stores(func(w *world, _ *process, t *twist) {
		t.stage = func(ctx context.Context, account, custID string) {
			l, _ := w.db.Load(context.Background(), account, store.Want{})
			_ = t.whole.PruneRoster(ctx, account, custID, l.State.Known.Inst(custID).Roster.ID)
		}
	})},
	{name: "a read is torn", seed: 2, by: "and its facts", store: stores(func(_ *world, _ *process, t *twist) {
		before := map[string]licence.State{}
		t.load = func(_ context.Context, account string, want store.Want, l *licence.Loaded) {
			if want.Have != 0 || l.State.N == 0 {
				return
			}
			was, ok := before[account]
			before[account] = l.State
			if ok {
				l.State.Known.Orders = was.Known.Orders // this part alone is of an instant before
			}
		}
	})},
	{name: "first mails are not counted", seed: 91, by: "N9", store: stores(func(_ *world, _ *process, t *twist) { t.count = true })},
	{name: "first mails are counted at each try", seed: 0, by: "is counted once more", store: stores(func(_ *world, _ *process, t *twist) { t.twice = true })},
	{name: "a time-out is taken for success", seed: 15, by: "is not stored", store: stores(func(_ *world, _ *process, t *twist) {
		t.ended = func(_ context.Context, _ licence.Change, err error) error {
			if errors.Is(err, errInjected) {
				return nil
			}
			return err
		}
	})},
	{name: "what the next version wrote is dropped", seed: 3, by: "had written is gone", writes: func(part []byte) []byte {
		body, ok := bytes.CutPrefix(part, []byte(`{"v":2,"least":1,"body":{`))
		if !ok {
			return part
		}
		body = bytes.Replace(bytes.Replace(body, []byte(`,"zz_next":1`), nil, 1), []byte(`"zz_next":1`), nil, 1)
		return append([]byte(`{"v":1,"body":{`), body...)
	}},
	{name: "one who cannot be delivered to holds up all", seed: 12, by: "is ripe since", store: stores(func(w *world, _ *process, t *twist) {
		t.broken = func(string) bool { return w.plan.Stuck > 0 && !w.freed }
	})},
	{name: "one slow server holds up all", seed: 24, by: "waits for another customer", do: func(_ *world, p *process, _ licence.Kind, do engine.Executor) engine.Executor {
		return func(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
			p.one <- true
			defer func() { <-p.one }()
			return do(ctx, s, e)
		}
	}},
	{name: "new keys alone open", seed: 61, by: "is answered 404", secrets: func(s app.Secrets) {
		for of, keys := range s {
			s[of] = keys[:1]
		}
	}},
}
