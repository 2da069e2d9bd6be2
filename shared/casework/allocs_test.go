//go:build !race

// The race detector drops what a pool keeps, so that a step allocates more under it.

package casework

import (
	"runtime"
	"testing"

	"seatmend/shared/diagnosis"
)

// What a step allocates is counted, since a time says something on one machine alone.
func TestAStepAllocatesLittle(t *testing.T) {
	for _, event := range benchEvents {
		step := benchStep(t, event.name, event.Payload)
		step() // what is kept between steps is made by the first
		var before, after runtime.MemStats
		const runs = 100
		runtime.ReadMemStats(&before)
		for range runs {
			step()
		}
		runtime.ReadMemStats(&after)
		allocations, bytes := float64(after.Mallocs-before.Mallocs)/runs, float64(after.TotalAlloc-before.TotalAlloc)/runs
		t.Logf("%s: %.0f allocations, %.0f bytes", event.name, allocations, bytes)
		if allocations > event.allocations || bytes > event.bytes {
			t.Errorf("%s: %.0f allocations of %.0f bytes, the bounds are %.0f and %.0f", event.name, allocations, bytes, event.allocations, event.bytes)
		}
	}
}

func BenchmarkTick(b *testing.B) {
	s, _, now := benchState(b)
	b.ReportAllocs()
	for b.Loop() {
		Tick(s, now)
	}
}

func BenchmarkDiagnose(b *testing.B) {
	s, _, now := benchState(b)
	b.ReportAllocs()
	for b.Loop() {
		if d := diagnosis.Diagnose(s, now, now); len(d.Findings) == 0 {
			b.Fatal("nothing is found")
		}
	}
}
