package webhook

import (
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Each customer of the demo has what it is there to show, and nothing else is wrong.
func TestDemoShowsWhatItIsThereFor(t *testing.T) {
	want := map[string]struct {
		phase    licence.LapsePhase
		summary  licence.Summary
		codes    []licence.Code
		explains []licence.Code
	}{
		"fjord-foods":       {"admin-warning", "needs-action", []licence.Code{"surplus"}, []licence.Code{"surplus"}},
		"nordlys-shipping":  {"admin-warning", "needs-action", []licence.Code{"plan-swap"}, []licence.Code{"plan-swap"}},
		"havn-og-hal":       {"ok", "needs-action", []licence.Code{"wrong-installation"}, []licence.Code{"wrong-installation"}},
		"bjorkdal-bygg":     {"admin-warning", "needs-action", []licence.Code{"invoice-overdue"}, []licence.Code{"invoice-overdue"}},
		"solvik-hotell":     {"admin-warning", "needs-action", []licence.Code{"paid-not-extended"}, []licence.Code{"paid-not-extended"}},
		"kvarnbacka":        {"admin-warning", "needs-action", []licence.Code{"version-not-covered"}, []licence.Code{"version-not-covered"}},
		"ekeby-tra":         {"admin-warning", "needs-action", []licence.Code{"invoice-overdue", "surplus"}, []licence.Code{"surplus"}},
		"kattegat-robotics": {"admin-warning", "waiting", []licence.Code{"paid-not-extended"}, []licence.Code{"paid-not-extended"}},
		"mjolner-kjokken":   {"admin-warning", "waiting", []licence.Code{"paid-not-extended"}, nil},
		"norrsken-media":    {"ok", "ok", nil, nil},
	}
	// A day, and how many days on the next banking day is: the demo is seeded again only then.
	for day, next := range map[string]int{"2026-11-20": 3, "2026-11-23": 1, "2026-12-23": 5, "2027-03-24": 6, "2027-06-24": 4} {
		base, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		at := base.Add(8 * time.Hour)
		known := map[string]licence.Known{}
		accounts := map[string]string{}
		walk(t, base, func(file string, s Sender, body []byte) {
			folder, demo := strings.CutPrefix(path.Dir(file), "demo/")
			if !demo {
				return
			}
			b, err := s.Read(http.Header{"Webhook-Id": {path.Base(file)}}, body, "", at)
			if err != nil {
				t.Fatal(err)
			}
			f := b.Facts[0]
			if a, ok := f.Payload.(licence.AccountChanged); ok {
				accounts[folder] = a.Account
			}
			if _, ok := f.Payload.(licence.SeatsListed); ok {
				f.Payload, _, _ = licence.Stage(f, "", nil)
			}
			known[folder], _, _ = known[folder].Fold(f, licence.Items{})
		})
		for folder, w := range want {
			d := diagnosis.Diagnose(licence.State{Account: accounts[folder], Known: known[folder]}, at, at)
			var codes, explains []licence.Code
			for _, f := range d.Findings {
				codes = append(codes, f.Code)
				if f.Explains {
					explains = append(explains, f.Code)
				}
			}
			slices.Sort(codes)
			if d.Phase != w.phase || d.Summary != w.summary || !reflect.DeepEqual(codes, w.codes) || !reflect.DeepEqual(explains, w.explains) {
				t.Errorf("%s, %s: %s, %s, %v explained by %v; want %+v", day, folder, d.Phase, d.Summary, codes, explains, w)
			}
			// Who is fine stays fine until the next banking day, over a week-end and over Easter.
			if w.phase != "ok" && w.summary == "waiting" {
				later := at.AddDate(0, 0, next).Add(2 * time.Hour)
				if d := diagnosis.Diagnose(licence.State{Account: accounts[folder], Known: known[folder]}, later, later); d.Phase != w.phase || d.Summary != w.summary {
					t.Errorf("%s, %s, on %v: %s, %s", day, folder, later, d.Phase, d.Summary)
				}
			}
			if folder == "norrsken-media" && (len(d.Upcoming) != 1 || d.Upcoming[0].Code != "surplus") {
				t.Errorf("%s, %s: upcoming %+v", day, folder, d.Upcoming)
			}
		}
		if got, expected := len(known), len(want); got != expected {
			t.Errorf("%d customers, %d expected", got, expected)
		}
	}
}
