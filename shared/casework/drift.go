package casework

import (
	"maps"
	"time"

	"seatmend/shared/licence"
)

// count judges one read against what was known before it.
func count(d licence.Drift, before *licence.KnownInstallation, p licence.LicenceReported, at time.Time) licence.Drift {
	if !before.Report.Told() {
		return d // the first: there was nothing to drift from
	}
	return drift(d, before.Report.Source, drifted(before, p), at)
}

// drift counts one read of what a source had told.
func drift(d licence.Drift, source string, found bool, at time.Time) licence.Drift {
	d.Reads++
	by := maps.Clone(d.By)
	if by == nil {
		by = map[string]licence.Against{}
	}
	from := by[source]
	from.Reads++
	if found {
		d.Found++
		from.Found++
		d.Last = at
	}
	by[source] = from
	d.By = by
	return d
}

func drifted(before *licence.KnownInstallation, p licence.LicenceReported) bool {
	old := before.Report.Value
	if old.Offered != p.Offered || old.Expires != p.Expires || len(old.Plans) != len(p.Plans) {
		return true
	}
	was := map[string]licence.LicenceLine{}
	for _, l := range old.Plans {
		was[licence.LineKey(l)] = l
	}
	for _, l := range p.Plans {
		w := was[licence.LineKey(l)]
		used := w.InUse
		if n, ok := before.Roster.Held[l.Plan]; ok && before.Roster.Told.After(before.Report.At) {
			used = n // the seat facts since are newer than the report
		}
		if used != l.InUse || w.Total != l.Total || (w.NewTotal == nil) != (l.NewTotal == nil) || l.NewTotal != nil && *w.NewTotal != *l.NewTotal {
			return true
		}
	}
	return false
}
