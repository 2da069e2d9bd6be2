package functions_test

import "testing"

func TestCasesArePlayed(t *testing.T) {
	p := play(t, "domain/pay-action", "2026-11-30T09:00:00Z")
	if d := p.diagnosis(p.account); d.Phase != "admin-warning" {
		t.Errorf("phase %s, want admin-warning", d.Phase)
	}
}
