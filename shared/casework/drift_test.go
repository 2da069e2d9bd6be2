package casework

import (
	"fmt"
	"testing"
	"time"

	"seatmend/shared/licence"
)

func TestDrift(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	told := func(used int) licence.LicenceReported {
		return licence.LicenceReported{CustID: "Cust1", Expires: "2026-12-13", Plans: []licence.LicenceLine{{Plan: "sp", Module: "m", Total: 10, InUse: used}}}
	}
	for _, c := range []struct {
		name  string
		inst  licence.KnownInstallation
		read  licence.LicenceReported
		found int
		reads int
	}{
		{"the first read", licence.KnownInstallation{}, told(9), 0, 0},
		{"as told", licence.KnownInstallation{Report: licence.Reg[licence.LicenceReported]{Stamp: licence.Stamp{At: at}, Value: told(9)}}, told(9), 0, 1},
		{"a seat changed unheard", licence.KnownInstallation{Report: licence.Reg[licence.LicenceReported]{Stamp: licence.Stamp{At: at}, Value: told(9)}}, told(8), 1, 1},
		{"a seat changed, and was told", licence.KnownInstallation{
			Report: licence.Reg[licence.LicenceReported]{Stamp: licence.Stamp{At: at}, Value: told(9)}, Roster: licence.Roster{Held: map[string]int{"sp": 8}, Told: at.Add(time.Minute)},
		}, told(8), 0, 1},
		{"a hook told what is not so", licence.KnownInstallation{
			Report: licence.Reg[licence.LicenceReported]{Stamp: licence.Stamp{At: at}, Value: told(9)}, Roster: licence.Roster{Held: map[string]int{"sp": 8}, Told: at.Add(time.Minute)},
		}, told(9), 1, 1},
	} {
		if d := count((licence.Drift{}), &c.inst, c.read, at); d.Found != c.found || d.Reads != c.reads {
			t.Errorf("%s: %+v, want %d of %d", c.name, d, c.found, c.reads)
		}
	}
}

// The accounts are read at times of the day that are their own, as many in one hour as in another.
func TestPullsAreSpread(t *testing.T) {
	from := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var hours [24]int
	const n = 2400
	for i := range n {
		at := slot(fmt.Sprint("C-", i, " stripe"), from)
		if !at.After(from) || at.After(from.Add(licence.Day)) || !slot(fmt.Sprint("C-", i, " stripe"), at).Equal(at.Add(licence.Day)) {
			t.Fatalf("C-%d at %s", i, at)
		}
		hours[at.Hour()]++
	}
	for hour, got := range hours {
		if got < n/24/2 || got > n/24*2 {
			t.Errorf("%d of %d at %d o'clock", got, n, hour)
		}
	}
}
