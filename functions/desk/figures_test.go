package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

// Figures are sums over the index; time with the customer is counted apart from ours.
func TestFigures(t *testing.T) {
	all := []licence.Entry{
		{Account: "C-1", Found: []licence.Found{
			{Code: "surplus", Owner: licence.Admin, From: "2026-11-02", To: "2026-11-12", Mailed: "2026-11-04", Seats: 3},
			{Code: "paid-not-extended", Owner: licence.Finance, From: "2026-11-09", To: "2026-11-13", Warned: true},
		}, Mails: []licence.MailCount{{Week: "2026-11-02", Sent: 2, Cured: 1, Dropped: 1}}, Drift: licence.Drift{By: map[string]licence.Against{"standard": {Reads: 5, Found: 1}}}},
		{Account: "C-2", Found: []licence.Found{
			{Code: "surplus", Owner: licence.Admin, From: "2026-11-16", Seats: 2},
			{Code: "surplus", Owner: licence.Admin, From: "2026-11-10", To: "2026-11-30", Mailed: "2026-11-10", Warned: true, Seats: 1},
			{Code: "not-activated", Owner: licence.Admin, From: "2026-11-16", To: "2026-11-18"}, {Code: "invoice-overdue", Owner: licence.Billing, From: "2026-11-16", To: "2026-11-19"}, // a customer is counted once
			{Code: "surplus", Owner: licence.Admin, From: "2020-01-01", To: "2020-02-01", Seats: 90}, // long ago
		}, Mails: []licence.MailCount{{Week: "2026-11-02", Sent: 1, Waiting: 1}}, Drift: licence.Drift{By: map[string]licence.Against{"standard": {Reads: 5}}}},
	}
	got := map[string][][]string{}
	for _, f := range figuresOf(english, all, "2026-11-30") {
		got[f.ID] = f.Rows
		if len(f.Bars) != len(f.Rows) || f.Title == "" || f.Text == "" {
			t.Errorf("%s: %d bars of %d rows", f.ID, len(f.Bars), len(f.Rows))
		}
		for _, b := range f.Bars {
			for _, p := range b.Parts {
				if p.X+p.Width > figureWide+0.2 {
					t.Errorf("%s: a bar of %v beyond its ground", f.ID, p)
				}
			}
		}
		for _, row := range f.Rows {
			if len(row) != len(f.Head) {
				t.Errorf("%s: %q under %q", f.ID, row, f.Head)
			}
		}
	}
	row := func(id, label string) string {
		i := slices.IndexFunc(got[id], func(r []string) bool { return strings.HasPrefix(r[0], label) })
		if i < 0 {
			return fmt.Sprint("none of ", got[id])
		}
		return strings.Join(got[id][i][1:], " ")
	}
	if weeks := got["trend"]; !strings.Contains(weeks[0][0], "Week 49") {
		t.Errorf("the newest week is not the first: %s", weeks[0][0])
	}
	for _, c := range []struct{ id, label, want string }{
		{"trend", "Week 45", "1 0"}, {"trend", "Week 46", "2 0"}, {"trend", "Week 47", "2 1"},
		{"time-causes", "Too many seats", "1 14 15 20 2"}, // 10 days of which 8 with the customer, and 20 of 20
		{"time-causes", "Paid, not extended", "4 0 4 4 1"},
		{"time-owners", "Administrator", "1.3 9.3 10.7 20 3"},
		{"warned", "Week 46", "0 1"}, {"warned", "Week 47", "1 0"}, {"warned", "Week 49", "0 1"},
		{"seats", "Week 45", "3 0"}, {"seats", "Week 47", "0 2"},
		{"mails", "Week 45", "1 2 0 1 1"},
		{"drift", "Standard sender", "9 1"},
	} {
		if is := row(c.id, c.label); is != c.want {
			t.Errorf("%s of %s: %s, want %s", c.id, c.label, is, c.want)
		}
	}
}

// A table that a bound cut says so in its last row; a whole one does not.
func TestATableThatIsCutSaysSo(t *testing.T) {
	v := &deskVisit{g: english}
	rows := [][]string{{"a", "b"}}
	if got := v.cutAt(rows, true); len(got) != 1 {
		t.Errorf("a whole table ends with %q", got)
	}
	if got := v.cutAt(rows, false); len(got) != 2 || got[1][0] != deskTexts["export.cut"] || got[1][0] == "" {
		t.Errorf("a cut table ends with %q", got)
	}
	if whole, cut := figuresName(mostNeeded), figuresName(mostNeeded+1); whole != "figures-needed" || cut != "figures-needed-first-500-of-501" {
		t.Errorf("the sheets of figures are named %s and %s", whole, cut)
	}
}
