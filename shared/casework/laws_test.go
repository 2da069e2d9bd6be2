package casework

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// What the laws have in common.

// lawKnown is what is known, as it is stored, less what are only addresses: the id of a roster
// and the marks of whom a lost race must stage again.
func lawKnown(t *rapid.T, k licence.Known) map[licence.Part]string {
	t.Helper()
	k = k.Clone()
	for _, i := range k.Licences.By {
		i.Roster.ID, i.Roster.Changed = "", nil
	}
	out := map[licence.Part]string{}
	for _, p := range licence.Parts {
		b, err := k.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p] = string(b)
	}
	return out
}

// lawPeople is who holds what, as a reader of the present rosters sees it.
func lawPeople(k licence.Known, d *drawStore) map[string]string {
	out := map[string]string{}
	for cust := range k.Licences.By {
		for _, seat := range d.present(k, cust) {
			held := map[string]int{}
			for plan, h := range seat.Plans {
				if h.Held {
					held[plan] = h.Requests + 1
				}
			}
			b, _ := json.Marshal([]any{seat.User.Value, held})
			out[cust+"/"+seat.User.Value.ID] = string(b)
		}
	}
	return out
}

// lawTold folds facts one by one into nothing.
func lawTold(facts []licence.Fact) (licence.Known, *drawStore) {
	k, d := licence.Known{}, &drawStore{}
	for _, f := range facts {
		k, _ = d.fold(k, f)
	}
	return k, d
}

func lawEqual[T any](t *rapid.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		a, b := strings.Split(string(g), "\n"), strings.Split(string(w), "\n")
		at := 0
		for at < min(len(a), len(b))-1 && a[at] == b[at] {
			at++
		}
		t.Fatalf("%s: they part in line %d\n%s\nwant\n%s", what, at, strings.Join(a[max(0, at-9):], "\n"), strings.Join(b[max(0, at-9):], "\n"))
	}
}

// lawMarked tells of a fact whose news may lie in a person's row alone.
func lawMarked(f licence.Fact) bool {
	_, ok := f.Payload.(licence.SeatChanged)
	return ok
}

func lawRows(seats licence.Items) string {
	b, _ := json.Marshal(slices.Collect(maps.Values(seats)))
	return string(b)
}

func lawJSON(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lawDiagnosis is what of a diagnosis may not change by itself: act_by may be "today", a source
// is silent for so many days, and what is to come comes nearer.
func lawDiagnosis(s licence.State, now time.Time) diagnosis.Diagnosis {
	d := diagnosis.Diagnose(s, now, now)
	d.At, d.Now, d.Upcoming = time.Time{}, time.Time{}, nil
	for i := range d.Findings {
		d.Findings[i].Deadline.ActBy = ""
		if d.Findings[i].Code == "source-stale" {
			delete(d.Findings[i].Args, "days")
		}
	}
	for i := range d.Unknown {
		d.Unknown[i].Deadline.ActBy = ""
	}
	return d
}
