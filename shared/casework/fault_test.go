package casework

import (
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// TestARuleThatBreaksSaysUnknown holds that a rule that panics fails nobody: it answers unknown, the
// others answer as ever, and the change that was decided carries where it broke.
func TestARuleThatBreaksSaysUnknown(t *testing.T) {
	whole := diagnosis.Rules
	defer func() { diagnosis.Rules = whole }()
	diagnosis.Rules = append([]diagnosis.Rule{{Code: "surplus", FAQ: 1, Owner: licence.Admin, Check: func(r *diagnosis.Reading, _ []diagnosis.Verdict) []diagnosis.Verdict { return r.Found[len(r.Found)+1:] }}}, whole[2:]...)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f := licence.Fact{ID: "t/1", To: []licence.Name{{Sender: "account", ID: "A"}}, At: now, Source: "t", Payload: licence.AccountChanged{Account: "A", Timezone: "Europe/Stockholm",
		Installations: []licence.Installation{{CustID: "Cust1", Serial: "1", Kind: "production", Hosting: "online"}}}}
	c, _, err := Step(licence.State{Account: "A"}, nil, f, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Faults) == 0 || c.Faults[0].Rule != "surplus" || !strings.Contains(c.Faults[0].Stack, "fault_test.go") {
		t.Errorf("faults %v", c.Faults)
	}
	d := diagnosis.Diagnose(licence.State{Account: "A", N: 1, Known: c.Known, History: c.History}, now, now)
	unknown := map[licence.Code]bool{}
	for _, f := range d.Unknown {
		unknown[f.Code] = f.Error
	}
	if !unknown["surplus"] || len(d.Passed)+len(d.Unknown) < 5 {
		t.Errorf("unknown %v, %d passed", unknown, len(d.Passed))
	}
}
