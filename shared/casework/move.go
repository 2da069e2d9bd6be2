package casework

import (
	"encoding/json"
	"slices"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// WithoutCode is how many people's seats may be moved by the link and its session alone: by one wish, or by
// several that follow each other within a day.
const WithoutCode = 10

// Bare is how many people were asked for lately without a code, at an installation.
func Bare(s licence.State, custID string, now time.Time) int {
	if m := s.Known.Inst(custID).Moving; m.Told() && now.Before(m.At.Add(24*time.Hour)) {
		return m.Value.Bare
	}
	return 0
}

// MayMove tells whether seats of an installation may be moved through us: it was found to be granted,
// and the users are SuperOffice's own, not those of a directory that would give back what was taken.
func MayMove(s licence.State, custID string) bool {
	in := s.Known.Inst(custID)
	return in.Can.Value != nil && slices.Contains(*in.Can.Value, "free") && !in.FromDirectory()
}

// MovesOf is a finding whose choice may be done, by what is known; false: it does not stand, waits for
// somebody, or somebody doubts its numbers.
func MovesOf(d diagnosis.Diagnosis, fp string) (diagnosis.Finding, bool) {
	for _, f := range d.Findings {
		if f.Fingerprint == fp && (f.Code == licence.Surplus || f.Code == licence.PlanSwap) && f.State == licence.Open && f.Subject.Kind != "suite" {
			return f, !d.Disputed(f.Subject.CustID)
		}
	}
	return diagnosis.Finding{}, false
}

// A Tried is what came of one person.
type Tried struct {
	State string    `json:"state"`         // done, blocked or skipped
	Why   string    `json:"why,omitempty"` // a code
	Said  string    `json:"said,omitempty"`
	Taken bool      `json:"taken,omitempty"` // in an exchange: gave up the old plan, and has nothing for it yet
	At    time.Time `json:"at"`
}

// A Run is what has come of a choice, by user. It lies in a row of its own beside the choice.
type Run struct {
	Choice string           `json:"choice"`
	Wish   string           `json:"wish,omitempty"` // the id of the latest wish that it be done
	Step   RunStep          `json:"step,omitempty"`
	Of     map[string]Tried `json:"of"`
}

// A RunStep is how far an exchange is, beyond its taking.
type RunStep string

// The steps of an exchange after its taking.
const (
	Asked  RunStep = "activate" // all is taken, and the new licence is to be activated: once
	Giving RunStep = "give"     // it is active, and the new plan is given
	Back   RunStep = "back"     // it cannot be finished, and who gave something up gets it again
)

// Begin says which wish a run is for: a new one begins anew with whom the one before left out.
func (r *Run) Begin(wish string) {
	if r.Wish != wish {
		r.Wish, r.Step = wish, ""
	}
}

// Without are those who gave up a plan in an exchange, and have neither the new one nor the old one again.
func (r Run) Without() (users []string) {
	for user, was := range r.Of {
		if was.Taken {
			users = append(users, user)
		}
	}
	return users
}

// RunOf reads a run out of its row; of another choice than the one given it has only who is without a plan still.
func RunOf(row licence.Row, choice string) (Run, error) {
	r := Run{Choice: choice, Of: map[string]Tried{}}
	if len(row.Body) == 0 {
		return r, nil
	}
	var kept Run
	if err := json.Unmarshal(row.Body, &kept); err != nil {
		return r, err
	}
	if kept.Choice == choice && kept.Of != nil {
		return kept, nil
	}
	for _, user := range kept.Without() {
		r.Of[user] = Tried{Taken: true}
	}
	return r, nil
}

// Row keeps a run as long as its choice.
func (r Run) Row(fp string, at time.Time) licence.Row {
	body, err := json.Marshal(r)
	if err != nil {
		panic(err) // unreachable: a run is plain data
	}
	return licence.Row{Kind: "run", ID: fp, Body: body, Ends: at.AddDate(0, 0, 400)}
}

// moves owes that a choice be done: each wish once, and one at a time. What is left of a long list
// follows, and after the activation in its middle comes the rest of an exchange.
func (m *settling) moves() {
	for _, s := range m.r.Production() {
		id := s.KnownInstallation.CustID
		wish := s.Moving
		from, moved := wish.Stamp, s.Moved
		since := wish.At.Add(-time.Second) // what is learned is told as of just before it was
		halfway := false
		if moved.Value.Choice == wish.Value.Choice && moved.At.After(since) {
			// Whatever came of the activation in its middle, an exchange goes on: who gave up a plan gets
			// the new one, or their own again.
			halfway = moved.Value.Next == "activate" && !s.Wanted.After(m.h.Wanted[id])
			if moved.Value.Left == 0 && !halfway {
				continue // it is answered
			}
			from = moved.Stamp
		}
		busy := m.pends(func(e licence.Effect) bool {
			return e.CustID == id && (e.Kind == licence.Move || e.Kind == licence.Activate)
		})
		if !wish.Told() || busy || from == m.h.Moving[id] {
			continue
		}
		before := m.h.Moving[id]
		put(m, &m.h.Moving, id, from)
		if !halfway && m.now.Sub(from.At) > time.Hour || !MayMove(m.s, id) {
			continue // nobody waits for it any more, or it is not granted any more
		}
		if !m.add(licence.Effect{Kind: licence.Move, Ripe: m.now, CustID: id, Code: wish.Value.Fingerprint, By: wish.Value.By}) {
			put(m, &m.h.Moving, id, before)
		}
	}
}
