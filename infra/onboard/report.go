package onboard

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"seatmend/shared/licence"
)

// mostNear is how many customers the report names.
const mostNear = 20

// report says what would become a finding today, before anything is written and any mail exists.
func report(w io.Writer, now time.Time, batches []*batch, judged []judgement, notes []string) {
	type counts struct {
		open, other int
		first       licence.Date
	}
	codes, summaries, policies := map[licence.Code]*counts{}, map[licence.Summary]int{}, map[string]int{}
	fresh, facts, told, nobody := 0, 0, 0, 0
	var near []int
	for i, j := range judged {
		summaries[j.summary]++
		policies[j.policy]++
		facts, told = facts+j.facts, told+j.told
		if j.isNew {
			fresh++
		}
		if j.nobody {
			nobody++
		}
		for code, state := range j.states {
			if codes[code] == nil {
				codes[code] = &counts{}
			}
			if state != licence.Open {
				codes[code].other++
				continue
			}
			codes[code].open++
			if first := codes[code].first; j.actBy != "" && (first == "" || j.actBy < first) {
				codes[code].first = j.actBy
			}
		}
		if j.actBy != "" {
			near = append(near, i)
		}
	}
	fmt.Fprintf(w, "%s, %d of them new; %s to write, %d told before.\n", counted(len(judged), "customer"), fresh, counted(facts, "fact"), told)
	var said []string
	for _, policy := range slices.Sorted(maps.Keys(policies)) {
		said = append(said, fmt.Sprintf("%s %d", policy, policies[policy]))
	}
	fmt.Fprintf(w, "Mail: %s. Nobody is mailed by taking them in; where it is review, mails wait as drafts.\n", strings.Join(said, ", "))
	if nobody > 0 {
		fmt.Fprintf(w, "Note: %s no administrator to write to.\n", have(nobody, "customer"))
	}
	for _, note := range notes {
		fmt.Fprintf(w, "Note: %s.\n", note)
	}
	fmt.Fprintf(w, "\nOn %s, by these figures: needs-action %d, waiting %d, unknown %d, ok %d.\n",
		now.UTC().Format("2 January 2006 15:04 UTC"), summaries[licence.NeedsAction], summaries[licence.AllWaiting], summaries[licence.NotKnown], summaries[licence.AllWell])
	if len(codes) > 0 {
		fmt.Fprintln(w)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "  finding\topen\twaiting\tnearest act by")
		names := slices.SortedFunc(maps.Keys(codes), func(a, b licence.Code) int {
			return cmp.Or(cmp.Compare(codes[b].open, codes[a].open), cmp.Compare(codes[b].other, codes[a].other), cmp.Compare(a, b))
		})
		for _, code := range names {
			fmt.Fprintf(t, "  %s\t%d\t%d\t%s\n", code, codes[code].open, codes[code].other, codes[code].first)
		}
		t.Flush()
	}
	if len(near) == 0 {
		return
	}
	slices.SortFunc(near, func(a, b int) int {
		return cmp.Or(cmp.Compare(judged[a].actBy, judged[b].actBy), cmp.Compare(batches[a].account, batches[b].account))
	})
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  act by\taccount\tcustomer\topen")
	for _, i := range near[:min(len(near), mostNear)] {
		var open []string
		for _, code := range slices.Sorted(maps.Keys(judged[i].states)) {
			if judged[i].states[code] == licence.Open {
				open = append(open, string(code))
			}
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", judged[i].actBy, batches[i].account, clip(judged[i].name, 40), strings.Join(open, ", "))
	}
	t.Flush()
	if more := len(near) - mostNear; more > 0 {
		fmt.Fprintf(w, "  ... and %d more\n", more)
	}
}

// have is a number, its noun and the verb.
func have(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " has"
	}
	return counted(n, noun) + " have"
}
