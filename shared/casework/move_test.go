package casework_test

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/casework"
)

// Whoever chooses another list is not rid of those whom the one before left without a plan.
func TestAnotherChoiceKeepsWhoIsWithoutAPlan(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	run := casework.Run{Choice: "first", Of: map[string]casework.Tried{
		"1": {State: "done", At: at}, "2": {State: "blocked", Why: "refused", Taken: true, At: at}, "3": {State: "skipped", At: at},
	}}
	row := run.Row("fp", at)
	for choice, want := range map[string]int{"first": 3, "second": 1} {
		got, err := casework.RunOf(row, choice)
		if err != nil || got.Choice != choice || len(got.Of) != want || !slices.Equal(got.Without(), []string{"2"}) {
			t.Errorf("of the %s: %+v, %v", choice, got, err)
		}
	}
}
