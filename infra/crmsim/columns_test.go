package crmsim_test

import (
	"slices"
	"testing"

	"seatmend/infra/crmsim"
)

// A plan without a column does not cost the list of people, also where the refusal names no column.
func TestPeopleAreListedWithoutTheColumnsThatAreMissing(t *testing.T) {
	tenant := fjord()
	tenant.Fault = crmsim.FaultColumns
	tenant.Modules = append(tenant.Modules, crmsim.Module{Name: "system-user-cal", Description: "System user", Kind: crmsim.System, Total: 5, NewTotal: 5, Used: 1})
	s := newStage(t, tenant)
	users, unlisted, err := s.client.Users(t.Context(), s.tenant(t), "system-user-cal", "ten-sales")
	if err != nil || len(users) != 9 || !slices.Equal(unlisted, []string{"system-user-cal"}) || !slices.Equal(users[0].Plans, []string{"ten-sales"}) {
		t.Errorf("%d users, without %v, %v", len(users), unlisted, err)
	}
}
