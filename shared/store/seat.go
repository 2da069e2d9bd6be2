package store

import (
	"maps"
	"slices"

	"seatmend/shared/licence"
)

// Holds gives the plans that a seat holds, sorted. Who holds none is no candidate for removal.
func Holds(s licence.Seat) []string {
	var plans []string
	for _, plan := range slices.Sorted(maps.Keys(s.Plans)) {
		if s.Plans[plan].Held {
			plans = append(plans, plan)
		}
	}
	return plans
}
