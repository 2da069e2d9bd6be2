package functions

import (
	"testing"

	"seatmend/functions/login"
	"seatmend/shared/licence"
)

// That the administrator has been told is said of what stands: a *solved* of the time before, or a
// link, told nobody of it.
func TestAdministratorIsToldOfWhatStands(t *testing.T) {
	for _, c := range []struct {
		mailed licence.Mailed
		want   bool
	}{
		{licence.Mailed{Fingerprint: "f1", To: licence.Admin}, true},
		{licence.Mailed{Fingerprint: "f1", To: licence.Admin, Over: true}, false},
		{licence.Mailed{Fingerprint: "f1", To: licence.Admin, Draft: "review"}, false},
		{licence.Mailed{To: licence.Admin, Why: "solved"}, false},
		{licence.Mailed{To: licence.Admin, Why: "link"}, false},
	} {
		if got := login.AdminTold(licence.State{History: licence.History{Mailed: []licence.Mailed{c.mailed}}}); got != c.want {
			t.Errorf("%+v: told %v", c.mailed, got)
		}
	}
}
