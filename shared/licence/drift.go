package licence

import "time"

// Drift counts how often a read of ours, of a licence or of all that is billed, found other numbers
// than what had been told: hooks that were lost, and changes that raise none.
type Drift struct {
	Reads int       `json:"reads"`
	Found int       `json:"found"`
	Last  time.Time `json:"last,omitzero"` // when it was last found

	By map[string]Against `json:"by,omitempty"` // by who had told what the read was held against
}

// An Against counts readings of ours, and those that found other numbers.
type Against struct {
	Reads int `json:"r"`
	Found int `json:"f,omitempty"`
}
