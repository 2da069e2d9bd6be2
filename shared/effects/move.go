package effects

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// lastPatience is how long we try to finish an exchange in which somebody gave up a plan already.
const lastPatience = 72 * time.Hour

// atATime is how many people one run changes: then it tells how far it is, and the next follows.
const atATime = 10

// Why somebody was not asked to give up a seat, where SuperOffice itself gave no reason.
const (
	NotNeeded = "not-needed" // enough are free by now
	NoSeat    = "no-seat"    // the new plan has none free
	Nobody    = "gone"       // SuperOffice does not know this user any more
	Halted    = "halted"     // the exchange cannot be finished: nothing is taken, or it was given back
)

// errUnmoved means that SuperOffice said yes, and a read says no.
var errUnmoved = errors.New("effects: a user was saved, and holds what was taken")

// A Mover takes seats from people, and gives them, as a person has chosen and confirmed.
type Mover struct {
	Client *superoffice.Client
	Now    func() time.Time
	Store  store.Store
}

// A move is one run of one wish. Each person is read before anything is done, and the licence before
// each seat that goes: what another hand has done meanwhile, or a run before this one of which no
// answer came, is found and not done again, and no seat goes that is not too many.
type move struct {
	m       Mover
	s       licence.State
	e       licence.Effect
	v       reading
	chosen  casework.Chosen
	run     casework.Run
	now     licence.LicenceReported // as it was read last
	goes    func() (bool, error)    // whether one more may go
	admins  map[string]bool
	learned []licence.Payload
	done    licence.Result
	changed int
	need    int // so many were too many when the licence was read, less those who gave it up since
	lang    string
}

// Move does what was chosen, as far as it is still too many.
func (m Mover) Move(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	done := licence.Result{Effect: e, At: m.instant(), Outcome: "done"}
	site, ok := installation(s, e.CustID)
	wish := s.Known.Inst(e.CustID).Moving.Value
	if !ok || wish.Fingerprint != e.Code {
		return nil, done, nil
	}
	t := &move{m: m, s: s, e: e, done: done, lang: s.Known.Profile.Account.Value.Locale, v: reading{site: site}}
	if err := t.load(ctx); err != nil {
		return nil, retry(done, err), err
	}
	waited := m.Now().Sub(t.from())
	next, err := "", error(nil)
	switch {
	case t.chosen.ID != wish.Choice:
		next = "changed" // what was confirmed is not what stands there now
	case waited > patience && !t.owes(), waited > lastPatience:
		next = "late"
	default:
		if err := t.reach(ctx, site); err != nil {
			return nil, retry(done, err), err
		}
		next, err = t.do(ctx)
	}
	t.done.At = t.after()
	t.done.Rows = []licence.Row{t.run.Row(e.Code, m.Now())}
	if err == nil || t.changed > 0 {
		t.learned = append(t.learned, t.progress(wish, next))
	}
	return t.learned, retry(t.done, err), err
}

// reach finds where the installation lives, and whether it can be called.
func (t *move) reach(ctx context.Context, site licence.Installation) error {
	r := Reader{Client: t.m.Client, Now: t.m.Now}
	tenant, err := r.tenant(ctx, site)
	if err == nil && !tenant.Callable() {
		err = superoffice.ErrNotRunning
	}
	if err != nil {
		return err
	}
	t.v = reading{r: r, s: t.s, site: site, tenant: tenant, at: t.done.At, can: slices.Clone(grantsOf(t.s, site))}
	t.v.state = licence.InstallationReported{CustID: site.CustID, State: "running"}
	t.admins, err = Administrators(ctx, t.m.Store, t.s, t.e.CustID)
	return err
}

// owes tells whether somebody of the list gave up a plan in an exchange, and has neither the new one nor the old one.
func (t *move) owes() bool {
	return t.exchanges() && slices.ContainsFunc(t.chosen.Picks, func(p licence.Pick) bool { return t.run.Of[p.User].Taken })
}

// instant is just before now, and before that of an activation, which may follow at the same tick of a
// coarse clock.
func (m Mover) instant() time.Time { return m.Now().Add(-time.Microsecond) }

// after is when it is told: after what was told of it before, whatever two clocks say.
func (t *move) after() time.Time {
	in := t.s.Known.Inst(t.e.CustID)
	return licence.Latest(t.m.instant(), in.Moved.At.Add(time.Nanosecond), in.Report.At.Add(time.Nanosecond))
}

// from is since when somebody waits for this run.
func (t *move) from() time.Time {
	in := t.s.Known.Inst(t.e.CustID)
	return licence.Latest(in.Moving.At, t.s.History.Moving[in.CustID].At)
}

func (t *move) load(ctx context.Context) error {
	keys := []licence.RowKey{{Kind: "choice", ID: t.e.Code}, {Kind: "run", ID: t.e.Code}}
	l, err := t.m.Store.Load(ctx, t.s.Account, store.Want{Rows: keys, Have: store.Unread})
	if err != nil {
		return err
	}
	if row, ok := l.Rows[keys[0]]; ok {
		if err := json.Unmarshal(row.Body, &t.chosen); err != nil {
			return err
		}
	}
	t.run, err = casework.RunOf(l.Rows[keys[1]], t.chosen.ID)
	t.run.Begin(t.s.Known.Inst(t.e.CustID).Moving.ID)
	return err
}

// do takes what is too many; an exchange is a longer story.
func (t *move) do(ctx context.Context) (next string, err error) {
	stands, err := t.look(ctx)
	switch {
	case err != nil:
		return "", err
	case t.exchanges():
		return t.swap(ctx, stands)
	case stands:
		if err := t.each(ctx, t.take); err != nil || t.left() > 0 {
			return t.refused(err)
		}
	}
	t.rest(NotNeeded)
	return "", nil
}

// refused ends a run that we are not let do any more: nobody is offered it again.
func (t *move) refused(err error) (string, error) {
	if denied(err) {
		t.v.lose("free")
		t.learned = append(t.learned, t.v.said()...)
		return "denied", nil
	}
	return "", err
}

// look reads the licence anew, and asks the rules how many are too many by it. False: none are, or
// somebody doubts the numbers.
func (t *move) look(ctx context.Context) (stands bool, err error) {
	x, err := t.m.Client.Licence(ctx, t.v.tenant)
	if err != nil {
		return false, err
	}
	l := x.Licence("")
	if !t.v.reportable(x.Said, l) {
		return false, errOffer // that nothing waits any more nobody said
	}
	t.now = licenceOf(t.s, t.v.site, l)
	t.now.Version = t.s.Known.Inst(t.e.CustID).Report.Value.Version
	t.now.Status, t.now.Message = x.Said.LicenseStatus, x.Said.Message
	s := t.s
	at := t.m.Now()
	s.Known, _, _ = s.Known.Fold(licence.Fact{ID: licence.ReadPrefix + t.e.ID + "/" + at.UTC().Format(time.RFC3339Nano), At: at, Source: "superoffice", Payload: t.now}, nil)
	f, stands := casework.MovesOf(diagnosis.Diagnose(s, at, at), t.e.Code)
	t.need = f.Need
	if !stands {
		return false, nil
	}
	keep := t.inUse(t.now) - f.Need
	for _, ev := range f.Evidence {
		if n, ok := ev.Value.(int); ok && ev.Name == "assigned" {
			keep = n - f.Need
		}
	}
	t.goes = func() (bool, error) {
		x, err := t.m.Client.StoredLicence(ctx, t.v.tenant)
		if err != nil {
			return false, err
		}
		return t.inUse(licenceOf(t.s, t.v.site, x.Licence(""))) > keep, nil
	}
	return true, nil
}

// inUse is how many hold what is to go, by the licence.
func (t *move) inUse(l licence.LicenceReported) (n int) {
	plans := map[string]bool{}
	for _, p := range t.chosen.Picks {
		plans[p.Plan] = true
	}
	for _, line := range l.Plans {
		if plans[line.Plan] && line.Kind != "hidden" {
			n += line.InUse
		}
	}
	return n
}

// each does something for those whose turn it is, at most so many at a time.
func (t *move) each(ctx context.Context, do func(context.Context, licence.Pick) error) error {
	for _, p := range t.chosen.Picks {
		if t.settled(p) || t.changed >= atATime || t.hopeless() {
			continue
		}
		if err := do(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// settled tells whether somebody's turn is over, by this wish: who was refused is asked for again by
// the next one.
func (t *move) settled(p licence.Pick) bool {
	was, ok := t.run.Of[p.User]
	return p.Skip || ok && (was.State == "done" || !was.At.Before(t.s.Known.Inst(t.e.CustID).Moving.At))
}

func (t *move) left() (n int) {
	for _, p := range t.chosen.Picks {
		if !t.settled(p) {
			n++
		}
	}
	return n
}

// rest says of all whose turn did not come why it never will.
func (t *move) rest(why string) {
	for _, p := range t.chosen.Picks {
		if !t.settled(p) {
			t.note(p, "skipped", why, "")
		}
	}
}

func (t *move) note(p licence.Pick, state, why, said string) {
	t.run.Of[p.User] = casework.Tried{State: state, Why: why, Said: clip(licence.Line(said)), At: t.m.Now(), Taken: t.run.Of[p.User].Taken}
}

// progress is how far the wish is.
func (t *move) progress(wish licence.SeatsAsked, next string) licence.SeatsTried {
	p := licence.SeatsTried{Fingerprint: wish.Fingerprint, CustID: t.v.site.CustID, Choice: wish.Choice, Next: next, By: t.e.By}
	for _, pick := range t.chosen.Picks {
		switch was := t.run.Of[pick.User]; {
		case pick.Skip || was.State == "skipped":
			p.Skipped++
		case was.State == "blocked":
			p.Blocked++
		case was.State == "done" && (t.run.Step != casework.Back || !was.Taken):
			p.Done++
		case next == "" && t.changed > 0:
			p.Left++
		}
	}
	before := t.s.Known.Inst(t.e.CustID).Moved.Value
	if p.Without = len(t.run.Without()); p.Without > 0 {
		p.Of = wish.Fingerprint
	} else if before.Of != wish.Fingerprint {
		p.Without, p.Of = before.Without, before.Of // of another list
	}
	return p
}

// activates tells whether the new licence may be activated through us, on what was just read, once those
// given have given up their plan.
func (t *move) activates(gone ...licence.Pick) bool {
	s := t.s
	at := t.m.Now()
	s.Known, _, _ = s.Known.Fold(licence.Fact{ID: licence.ReadPrefix + t.e.ID + "/activates", At: at, Source: "superoffice", Payload: t.now}, nil)
	if len(gone) > 0 {
		return casework.MayExchange(s, t.e.CustID, gone, at)
	}
	return casework.MayActivate(s, t.e.CustID, t.now.Offer(), at)
}
