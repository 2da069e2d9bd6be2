package diagnosis

import (
	"slices"
	"time"

	"seatmend/shared/licence"
)

// Evidence is one value that a verdict rests on: what it is, who told it, and when.
type Evidence struct {
	Name   string    `json:"name"`
	Value  any       `json:"value"` // int, string, bool, Date, time.Time
	Source string    `json:"source,omitempty"`
	At     time.Time `json:"observed_at,omitzero"`
	Of     string    `json:"-"` // the counted thing, where its last change is remembered
}

// A Deadline is two dates: when acting still helps, and when something stops working.
type Deadline struct {
	ActBy       licence.Date `json:"act_by,omitempty"`
	At          licence.Date `json:"at,omitempty"`
	Late        bool         `json:"-"`                     // the day for acting before the licence ends has passed: act_by is before SuperOffice stops
	Lapses      bool         `json:"-"`                     // at that instant the licence ends; until when it works after that was not told
	Consequence string       `json:"consequence,omitempty"` // a code; package words makes the sentence
}

// A Remedy is one way to cure a finding.
type Remedy struct {
	ID         string        `json:"id"`
	Mode       string        `json:"mode"` // guided, direct
	Need       int           `json:"need,omitempty"`
	Candidates *int          `json:"candidates,omitempty"`
	Blocked    []BlockedUser `json:"blocked,omitempty"`
}

// A BlockedUser is a holder who cannot be freed yet, and why.
type BlockedUser struct {
	User  string `json:"user"`
	Code  string `json:"code"`
	Count int    `json:"count,omitempty"`
}

// A Finding is what a rule found.
type Finding struct {
	Code        licence.Code
	State       licence.FindingState // open, waiting, answered, snoozed, verifying, unknown
	WaitingFor  string
	Until       time.Time
	Severity    licence.Severity // low, medium, high, critical
	Fingerprint string
	Subject     licence.Subject
	Say         string         // which sentence of the code: "a", "upcoming", "question", ...
	Args        map[string]any // what the sentence prints, beside the evidence
	Need        int
	Explains    bool
	BlockedBy   []string // fingerprints of what must go first
	Cause       string   // a code of a sentence that says why
	Evidence    []Evidence
	Deadline    Deadline
	Owner       licence.Role
	Informed    []licence.Role
	Remedies    []Remedy
	FirstSeen   time.Time
	Ended       time.Time // when it had ended, before it came back; zero: it has not
	FAQ         int
	Starts      time.Time                // of what is upcoming
	Answer      *licence.FindingAnswered // the answer that stands
	Verify      string                   // kind of what ends it
	Sites       []string                 // of an account-wide one: the CustIDs of the production installations that it is about
	Disputes    bool                     // it says that the numbers that are offered may be wrong
	Error       bool
	Untold      []licence.Role // whom it is not to be told yet, be it beside something else
}

// A Diagnosis is the whole truth about an account at an instant, as far as it is known.
type Diagnosis struct {
	Account  string
	At, Now  time.Time
	Phase    licence.LapsePhase // expired, grace, admin-warning, unknown, ok
	Trial    bool               // no production installation: the phase is the trial's
	Several  bool               // there are several production installations: each sentence names its own
	Shut     bool               // every one of them is closed
	AsOf     []AsOf             // of which day the facts of installations are that nobody can read
	Summary  licence.Summary    // ok, needs-action, waiting, unknown
	Findings []Finding
	Upcoming []Finding
	Passed   []Finding
	Unknown  []Finding
	Left     []Left            // no findings: installations that a move may have left behind
	Besides  map[string]string // by CustID: what the latest warning there is about, where that is no lapse of the licence
}

// Disputed tells whether the numbers that are offered to an installation may be wrong, and nobody
// has said yet which are right: nobody is led to activate them.
func (d Diagnosis) Disputed(custID string) bool {
	return slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Disputes && f.Subject.Here(custID) })
}

// Leads tells whether the finding leads to activating: nobody doubts the new licence, and it was
// not tried already.
func (f Finding) Leads() bool {
	return slices.ContainsFunc(f.Remedies, func(r Remedy) bool { return r.ID == "activate" })
}
