package casework

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/licence"
)

// A drawStore does with people's rows what store and engine do: it gives Fold the row that a
// fact speaks of, stages the rows of a list under its own id, and keeps what a commit wrote.
type drawStore struct {
	rows licence.Items
}

// given is the fact as the engine hands it to Step, and the rows that it loads for it.
func (d *drawStore) given(k licence.Known, f licence.Fact) (licence.Fact, licence.Items) {
	switch p := f.Payload.(type) {
	case licence.SeatChanged:
		key := k.SeatKey(p)
		if seat, ok := d.rows[key]; ok {
			return f, licence.Items{key: seat}
		}
	case licence.SeatsListed:
		list, rows, _ := licence.Stage(f, "", d.present(k, p.CustID))
		d.put(rows...)
		f.Payload = list
	}
	return f, nil
}

// present are the rows of an installation's roster.
func (d *drawStore) present(k licence.Known, custID string) []licence.Seat {
	i := k.Inst(custID)
	var out []licence.Seat
	for key, seat := range d.rows {
		if key.CustID == i.CustID && key.Roster == i.Roster.ID {
			out = append(out, seat)
		}
	}
	slices.SortFunc(out, func(a, b licence.Seat) int { return strings.Compare(a.User.Value.ID, b.User.Value.ID) })
	return out
}

func (d *drawStore) put(rows ...licence.Seat) {
	if d.rows == nil {
		d.rows = licence.Items{}
	}
	for _, r := range rows {
		d.rows[r.Key()] = r
	}
}

// fold folds a fact as Step would, and tells which parts moved.
func (d *drawStore) fold(k licence.Known, f licence.Fact) (licence.Known, []licence.Part) {
	f, seats := d.given(k, f)
	next, moved, parts := k.Fold(f, seats)
	if len(parts) == 0 {
		return k, nil
	}
	d.put(slices.Collect(maps.Values(moved))...)
	return next, parts
}

// A drawWalk is the whole system in small: facts come, time passes, effects are done or fail.
// What is committed goes through its stored form, and of Known only the parts that a change
// names are written. Check is called after every commit.
type drawWalk struct {
	drawStore
	t      *rapid.T
	s      licence.State
	now    time.Time
	due    time.Time
	outbox map[string]licence.Effect
	facts  []licence.Fact
	sent   []licence.Mailed // notices that went, or may have
	blind  bool             // no read succeeds
	luck   []string         // what becomes of a mail that is handed over
	check  func(was licence.State, c licence.Change)
}

// drawWalkFrom begins a walk with the directory.
func drawWalkFrom(t *rapid.T, a licence.AccountChanged, check func(w *drawWalk, was licence.State, c licence.Change)) *drawWalk {
	w := &drawWalk{t: t, s: licence.State{Account: "C-1042"}, now: drawStart, outbox: map[string]licence.Effect{}}
	w.luck = []string{"sent", "sent", "sent", "failed", "uncertain"}
	w.check = func(was licence.State, c licence.Change) { check(w, was, c) }
	w.tell(w.fact(a, w.now))
	return w
}

// drawNews are what a walk hears of, the more often the more often it stands here.
var drawNews = slices.Concat(slices.Sorted(maps.Keys(licence.Payloads)), []string{
	"licence.reported", "licence.reported", "licence.reported", "licence.reported", "subscription.changed", "subscription.changed",
	"invoice.changed", "invoice.changed", "seats.listed", "seat.changed", "login.warned", "finding.answered",
})

// step draws the next thing that happens, and mostly does what is owed then.
func (w *drawWalk) step() {
	switch drawOf(w.t, "next", "fact", "fact", "fact", "due", "due", "pass", "mend") {
	case "fact":
		ago := time.Duration(drawOf(w.t, "ago", 0, 0, 0, 1, 72)) * time.Hour
		w.tell(drawFact(w.t, fmt.Sprintf("f%03d", len(w.facts)), w.now.Add(-ago), drawNews...))
	case "due":
		if w.due.After(w.now) && w.due.Before(w.now.AddDate(0, 0, 60)) {
			w.now = w.due
		}
		w.tick()
	case "pass":
		w.now = w.now.Add(time.Duration(drawOf(w.t, "hours", 1, 7, 24, 150)) * time.Hour)
		w.tick()
	case "mend":
		w.tell(w.fact(w.mended(), w.now))
	}
	if rapid.IntRange(0, 4).Draw(w.t, "deliver") > 0 {
		w.deliver()
	}
}

// mended is news that things are well: the new licence is in force, or an invoice is paid.
func (w *drawWalk) mended() licence.Payload {
	for _, id := range slices.Sorted(maps.Keys(w.s.Known.Invoices.Licence)) {
		if in := w.s.Known.Invoices.Licence[id].Value; in.Status == "open" && rapid.Bool().Draw(w.t, "pay") {
			in.Status, in.PaidAt = "paid", licence.DateOf(w.now, time.UTC)
			return in
		}
	}
	p := w.s.Known.Inst(drawHome).Report.Value
	p.CustID, p.Plans = drawHome, slices.Clone(p.Plans)
	for i, l := range p.Plans {
		if l.NewTotal != nil {
			p.Plans[i].Total, p.Plans[i].InUse, p.Plans[i].NewTotal = *l.NewTotal, min(l.InUse, *l.NewTotal), nil
		}
	}
	ends := licence.DateOf(w.now, time.UTC).Add(365)
	p.Offered, p.NewExpires, p.NextCheck, p.AdminWarning, p.Expires, p.GraceUntil = false, "", ends.Add(-24), ends.Add(-28), ends, ends.Add(12)
	return p
}

func (w *drawWalk) fact(p licence.Payload, at time.Time) licence.Fact {
	return licence.Fact{ID: fmt.Sprintf("f%03d", len(w.facts)), At: at, Source: "standard", Payload: p}
}

func (w *drawWalk) tell(f licence.Fact) licence.Outcome {
	w.facts = append(w.facts, f)
	given, seats := w.given(w.s.Known, f)
	c, out, err := Step(w.s, seats, given, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if out.Result == "applied" {
		w.commit(c)
	}
	return out
}

func (w *drawWalk) tick() {
	c := Tick(w.s, w.now)
	w.commit(c)
}

func (w *drawWalk) commit(c licence.Change) {
	was := w.s
	next := licence.State{Account: c.Account, N: c.N + 1, Known: was.Known}
	for _, p := range c.Parts {
		var stored licence.Known
		b, err := c.Known.Encode(p)
		if err == nil {
			err = stored.Decode(p, b)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		reflect.ValueOf(next.Known.PartOf(p)).Elem().Set(reflect.ValueOf(stored.PartOf(p)).Elem())
	}
	b, err := c.History.Encode()
	if err == nil {
		err = next.History.Decode(b)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.put(c.Seats...)
	for _, e := range c.Add {
		w.outbox[e.ID] = e
	}
	for _, id := range c.Drop {
		delete(w.outbox, id)
	}
	w.s, w.due = next, c.Due
	w.check(was, c)
}

// ripe is the oldest effect that can be done now.
func (w *drawWalk) ripe() (licence.Effect, bool) {
	for _, id := range slices.Sorted(maps.Keys(w.outbox)) {
		if e := w.outbox[id]; !e.Ripe.After(w.now) {
			return e, true
		}
	}
	return licence.Effect{}, false
}

// deliver does what is ripe, well or badly.
func (w *drawWalk) deliver() {
	for range 10 {
		e, ok := w.ripe()
		if !ok {
			return
		}
		d := licence.Result{Effect: e, At: w.now, Outcome: "done"}
		switch e.Kind {
		case licence.Read:
			id, last := fmt.Sprintf("%sf%03d", licence.ReadPrefix, len(w.facts)), w.s.Known.Inst(e.CustID).Report
			p := last.Value
			if !last.Told() || rapid.IntRange(0, 3).Draw(w.t, "read differs") == 0 {
				p = drawLicence(w.t).(licence.LicenceReported)
				p.CustID = e.CustID
			}
			if w.blind || rapid.IntRange(0, 3).Draw(w.t, "read fails") == 0 {
				d.Outcome = "failed"
				w.tell(licence.Fact{ID: id, At: w.now, Source: "superoffice", Payload: licence.ReadFailed{CustID: e.CustID, Error: "403"}})
			} else {
				w.tell(licence.Fact{ID: id, At: w.now, Source: "superoffice", Payload: p})
			}
		case licence.Mail:
			w.send(&d)
		}
		if _, owed := w.outbox[e.ID]; owed {
			w.commit(Finish(w.s, d, w.now))
		}
	}
}

// send does with a mail what the account's policy and luck allow.
func (w *drawWalk) send(d *licence.Result) {
	e := d.Effect
	d.Mail, d.Address = "mail-"+e.ID, e.Address
	switch {
	case e.Why == "drop":
		d.Outcome = "dropped"
	case w.s.MailPolicy() == "review" && e.Draft == "":
		d.Outcome = "review"
	case w.s.MailPolicy() == "off" || w.s.MailPolicy() == "operator":
		d.Outcome = "nobody"
	default:
		e.Sending, d.Effect.Sending = w.now, w.now
		w.commit(Finish(w.s, licence.Result{Effect: e, At: w.now, Outcome: "sending"}, w.now))
		d.Outcome, d.Retry = drawOf(w.t, "luck", w.luck...), w.now.Add(time.Hour)
		for _, a := range e.About {
			if d.Outcome != "failed" && e.Why != "thanks" {
				w.sent = append(w.sent, licence.Mailed{Mail: d.Mail, Fingerprint: a.Fingerprint, To: a.To, Address: d.Address, At: w.now})
			}
		}
	}
}

// live lets so many days pass by way of every instant at which something is due. Each day the
// licence is asked for, and nothing is new.
func (w *drawWalk) live(days int) {
	end := w.now.AddDate(0, 0, days)
	for next := w.now; w.now.Before(end); {
		if !w.now.Before(next) {
			next = next.Add(licence.Day)
			w.tell(w.fact(licence.SourceChecked{Of: "licence", CustID: drawHome}, w.now))
		} else if !w.due.After(w.now) {
			w.tick()
		}
		w.deliver()
		if w.due.After(w.now) {
			w.now = licence.Earliest(w.due, next)
		} else {
			w.now = next
		}
	}
	w.tick()
	w.deliver()
}
