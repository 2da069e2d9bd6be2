package licence

import "time"

// A Hint says that something at a billing system may have changed. What it is now is read there.
type Hint struct {
	Kind string `json:"kind"` // subscription, schedule, invoice, ...: as its sender calls what it can decode
	ID   string `json:"id"`   // the sender's
	Mode string `json:"mode,omitempty"`
	Thin bool   `json:"thin,omitempty"` // the webhook named nothing else: see SubscriptionChanged.Thin
	// To are those whom it may be about, as the body names them: by these it is found who owes the
	// read. What is read names its customer itself.
	To []Name `json:"-"`
}

// Same tells whether both are about one thing.
func (h *Hint) Same(o *Hint) bool {
	return h != nil && o != nil && h.Kind == o.Kind && h.ID == o.ID && h.Mode == o.Mode
}

// MaxHints is how many things of one sender an account owes a read of at a time: where there are more,
// all is read at once. MaxFleetHints is how many are owed of customers whom nobody can name before.
const (
	MaxHints      = 40
	MaxFleetHints = 200
)

// A BilledState is how far the reading of a billing system has come, for an account.
type BilledState struct {
	Since time.Time `json:"since"`           // since when there is a key
	Done  time.Time `json:"done,omitzero"`   // begin of the latest pull that ended, well or not
	Good  time.Time `json:"good,omitzero"`   // begin of the latest that ended well
	Fails time.Time `json:"fails,omitzero"`  // since when no read has succeeded, of those that were tried
	Told  bool      `json:"told,omitempty"`  // the fleet was told that it cannot be read
	Found bool      `json:"found,omitempty"` // one that failed since has told what was otherwise
	Unfit bool      `json:"unfit,omitempty"` // the latest pull gave more than the account can hold
}
