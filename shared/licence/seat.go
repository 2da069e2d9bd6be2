package licence

import (
	"reflect"
	"time"
)

// A Key addresses one person's item: who, in which roster of which installation.
type Key struct {
	CustID string
	Roster string // "" before the first list
	User   string
}

// A Seat is a person in an installation, and each plan that the person holds or gave up.
type Seat struct {
	CustID string          `json:"cust_id"`
	Roster string          `json:"roster,omitempty"`
	User   Reg[User]       `json:"user"`
	Plans  map[string]Held `json:"plans"`
	Gone   bool            `json:"-"` // in a change: the row is deleted
}

// Held is a register: whether a person holds a plan. A seat given up stays as not held until
// the next list, so that a late fact cannot bring it back.
type Held struct {
	Stamp
	Held     bool `json:"held"`
	Requests int  `json:"open_requests,omitempty"`
}

// Unseen is the number of open requests of whom we may not see any: that is not none.
const Unseen = -1

// Key is where the seat is kept.
func (s Seat) Key() Key { return Key{s.CustID, s.Roster, s.User.Value.ID} }

// Items are the seats that a step was given, and gives back.
type Items map[Key]Seat

// A Roster is the present list of an installation's people, and its counts, which equal a
// recount of its rows, always. List is the list's own stamp; zero: no list was ever told.
type Roster struct {
	ID        string         `json:"id,omitempty"`
	List      Stamp          `json:"list,omitzero"`
	Hash      string         `json:"hash,omitempty"` // of the list's content; "": somebody changed since
	Held      map[string]int `json:"held,omitempty"` // holders per plan
	CanLogin  int            `json:"can_login"`
	Employees int            `json:"employees"` // who can log in and are employees
	// Told is the latest instant that any seat fact or list speaks of; Changed the latest seat
	// facts since the list, so that a list that lost a race stages only these again.
	Told    time.Time  `json:"told,omitzero"`
	Changed []SeatMark `json:"changed,omitempty"`
}

// A SeatMark remembers that a person's item was written in a commit.
type SeatMark struct {
	User string `json:"user"`
	N    int64  `json:"n"`
}

// Reg is a register: the latest that was told of one thing.
type Reg[T any] struct {
	Stamp
	Value T `json:"v"`
}

// Told tells whether the register was ever written.
func (r Reg[T]) Told() bool { return !r.At.IsZero() }

// Put keeps v if its stamp wins, and tells whether it did. A register that only confirms
// moves its time: else a late fact in between would win.
func (r *Reg[T]) Put(s Stamp, v T) bool {
	if !s.After(r.Stamp) {
		return false
	}
	r.Stamp, r.Value = s, v
	return true
}

// Count adds the seat to a roster's counts, or with sign -1 takes it out.
func (s Seat) Count(r *Roster, sign int) {
	for plan, h := range s.Plans {
		if h.Held {
			r.Held[plan] += sign
			if r.Held[plan] == 0 {
				delete(r.Held, plan)
			}
		}
	}
	if u := s.User.Value; u.CanLogin {
		r.CanLogin += sign
		if u.Kind == "" || u.Kind == "employee" {
			r.Employees += sign
		}
	}
}

// Same tells whether two items of a person say the same.
func (s Seat) Same(o Seat) bool { return reflect.DeepEqual(s, o) }
