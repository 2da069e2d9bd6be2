package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

const late = "2026-11-30T09:00:00Z"

// TestClosedDays: a day that the operator's settings close is no banking day of that country's
// customers, wherever a deadline is read.
func TestClosedDays(t *testing.T) {
	settings := `{"name":"P","from":"P <p@p.example>","reply_to":"p@p.example","phone":"1","hours":"8","desks":{"support":"a@p.example","finance":"a@p.example","sales":"a@p.example","ops":"a@p.example"},"closed_days":%s}`
	for _, c := range []struct{ days, wrong string }{
		{`{"SE":["2027-06-04"],"GB-SCT":["2026-12-01"]}`, ""},
		{`{"Sweden":["2027-06-04"]}`, `closed_days: "Sweden" is no country`},
		{`{"SE":["4 June"]}`, `closed_days.SE[0]: "4 June" is no day such as 2027-06-04`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days.NO[1]: "2027-06-31" is no day`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days.DK[0]`},
		{`{"se":[],"NO":["2027-06-04","2027-06-31"],"DK":["2027-06-04T00:00:00Z"]}`, `closed_days: "se" is no country`},
	} {
		_, err := functions.ReadOperator(fmt.Appendf(nil, settings, c.days))
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v, want %q", c.days, err, c.wrong)
		}
	}

	for _, c := range []struct {
		closed map[string][]string
		actBy  licence.Date
	}{{nil, "2026-12-11"}, {map[string][]string{"SE": {"2026-12-11"}}, "2026-12-10"}, {map[string][]string{"NO": {"2026-12-11"}}, "2026-12-11"}} {
		w := newWorld(t, nil)
		w.closed = c.closed
		w.start()
		p := w.playCase("domain/two-prod-titles", late, nil)
		var v words.View
		p.ask("/accounts/"+p.account+"/diagnosis", &v)
		if len(v.Findings) == 0 {
			t.Fatal("nothing is found")
		}
		for _, f := range v.Findings {
			if f.Code == "surplus" && *f.Deadline.ActBy != c.actBy {
				t.Errorf("with %v: act by %s, want %s", c.closed, *f.Deadline.ActBy, c.actBy)
			}
		}
	}
}

// TestCountryNotKnown: of a country whose banking days are not known ops have one task, however
// many customers are there, until the last of them is told to be elsewhere.
func TestCountryNotKnown(t *testing.T) {
	w := newWorld(t, nil)
	customer := func(id, zone, country string) {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"%s","name":"%s Inc","locale":"en","timezone":"%s","country":%s,"model":"plans",
			"contacts":[],"installations":[],"billing":[],"plans":[]}`, id, id, zone, country)), "applied")
		w.advance(w.clock.Now().Add(time.Minute))
	}
	tasks := func() string {
		var a struct {
			Tasks []struct {
				Code, State string
				Subject     licence.Subject
				Count       int
			}
		}
		w.ask("/accounts/"+store.Fleet+"/tasks", &a)
		var out []string
		for _, t := range a.Tasks {
			out = append(out, fmt.Sprintf("%s %s %s %s %d", t.Code, t.Subject.Kind, t.Subject.ID, t.State, t.Count))
		}
		slices.Sort(out)
		return strings.Join(out, "; ")
	}
	customer("A-1", "America/New_York", `"US"`)
	customer("A-2", "America/Chicago", `"US"`)
	customer("A-3", "America/Santiago", "null")
	customer("A-4", "Europe/Stockholm", "null")
	customer("A-5", "Europe/London", `"GB-SCT"`)
	if got, want := tasks(), "directory country America/Santiago open 1; directory country US open 2"; got != want {
		t.Errorf("tasks: %s\nwant:  %s", got, want)
	}
	customer("A-1", "Europe/Oslo", `"NO"`)
	customer("A-2", "America/Chicago", `"US"`)
	customer("A-3", "America/Santiago", `"CL"`)
	if got, want := tasks(), "directory country America/Santiago closed 0; directory country CL open 1; directory country US open 1"; got != want {
		t.Errorf("tasks: %s\nwant:  %s", got, want)
	}
}
