package page

import (
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// A Cure is what the pages below the first one show: whom to free for a finding, the steps in
// SuperOffice, the activation, or the list of who had what.
type Cure struct {
	Fingerprint string
	CustID      string
	Address     string // of the customer's SuperOffice
	Plan        string // the plan that is to go, as people call it
	To          string // of a swap: the plan that comes instead
	Way         string // of a swap: move-now or free-activate-give
	Need        int    // how many are to go
	Seats       int    // how many there are of a swap to choose from: all of them go where that is Need
	Suite       bool   // one plan for everybody who can log in
	SCIM        bool   // users come from a directory outside, which gives back what is taken by hand
	Unseen      bool   // nobody told which of them have open requests
	Reads       bool   // the licence can be read: "Check again"; else a person says what the screen shows
	There       bool   // activating is done in SuperOffice, as the last of the steps
	Chosen      *Chosen
	People      []Holder // the best to free first
	Apart       []Holder // who should keep it
	Suggest     []Holder // as many as are still to go, whom nothing speaks for keeping; none: there are not so many
	Then        []string // and what there would be to do then
	Query       string   // what was searched for
	Next        string   // the address of the next page; "": this is the last
	Progress    [2]int   // how many of all who were chosen are done; zero: count those given
	Moves       []Move
	After       []Bar    // each plan as it would be
	Remains     []string // what would remain to be done, or to be waited for
	Fits        bool     // nobody else would have to go
	Active      bool     // everybody on the list works with it
	Direct      *Direct  // nil: it is done in SuperOffice by hand
	Screen      *Screen
	Asks        *Asks
	Offer       *Offer
}

// Asks is one question about the Licences screen, with what was answered before.
type Asks struct {
	Step  string // offer, same, expires, in-use, confirm
	Said  licence.LicenceStated
	Takes bool     // the new licence that waited is the one in force by it
	Notes []Note   // what speaks against it
	Goes  []string // what would be over
	Comes []string // what would be found
}

// A Note is a sentence by its key, and what it prints.
type Note struct {
	Key  string
	Args words.Args
}

// Chosen are the people whom somebody chose, and how far it is.
type Chosen struct {
	By    string
	At    time.Time
	Mine  bool // the reader did
	Picks []Picked
}

// A Picked is one of them. State is todo, done, back, taken, unknown or skipped; and where we did it
// also refused or kept.
type Picked struct {
	User, Name, To, State string
	Held                  bool // the old plan, still
	Requests              int
	Why, Said             string // of what was refused or kept: a code, and SuperOffice's words
}

// far is how many of the chosen are done, of how many: who needs no new plan is none of them once the old
// one is removed.
func far(picks []Picked) (done, of int) {
	for _, p := range picks {
		switch {
		case p.State == "done":
			done, of = done+1, of+1
		case p.State != "skipped" || p.Held:
			of++
		}
	}
	return done, of
}

// Direct is what we may do in SuperOffice ourselves, as it is confirmed.
type Direct struct {
	Choice   string // id of the list that is shown
	N        int
	Names    []string
	Exchange bool // the old plan is taken, the new licence activated, and the new plan given
	Needs    bool // a code
	Waits    bool // a code is on its way
	CodeTo   string
	CodeAlso string
}

// A Move is a plan with free seats in the licence in force.
type Move struct {
	Plan, Name string
	Free       int
}

// An Offer is a new licence beside the present one.
type Offer struct {
	ID         string // of what is shown: that is confirmed, and nothing else
	Lines      []OfferLine
	Until, New licence.Date
	Here       bool // it can be activated from the page
	Code       bool // a code is on its way to the reader
	CodeTo     string
	CodeAlso   string            // the other contact whom it went to
	Others     []licence.Contact // whom it could go to as well
	Disputed   bool              // somebody doubts its numbers
}

// An OfferLine is one plan: in use, now, and in the new licence.
type OfferLine struct {
	Name            string
	InUse, Now, New *int
}

// Done is a licence that was made to renew: what changed, and by whom.
type Done struct {
	Until   licence.Date
	Next    licence.Date // when SuperOffice asks again
	By      string       // who activated it; "": by itself, or somebody in SuperOffice
	At      time.Time
	Stated  string // whose word it is, where we cannot read
	Changed []Moved
	People  []Picked // who gave up a plan; only in a session
	ByWhom  string   // who chose them
}
