package sim

import (
	"encoding/json"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// commit is which code is played; "": a copy without git.
func commit() string {
	out, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	return strings.TrimSpace(string(out))
}

// report shrinks what fails, and shows it.
func report(t *testing.T, p plan, b *bug) {
	t.Helper()
	t.Logf("again, at commit %q: go test ./infra/sim -run TestSeeds -sim.first %d -sim.seeds 1 -sim.trace", commit(), p.Seed)
	p, r := shrunk(t, p, b)
	what, _ := json.MarshalIndent(p, "", " ")
	t.Logf("shrunk to %d events and %d faults, and fails by: %s\n%s", len(p.Events), len(r.Fired), r.Failed, what)
	for _, key := range slices.Sorted(maps.Keys(r.Fired)) {
		t.Logf("fault: %s", key)
	}
	if *trace {
		t.Log(strings.Join(r.Trace, "\n"))
	}
}

// of is what kind of failure one is: its words, less those that name who and when.
func of(failed string) string {
	words := regexp.MustCompile(`[A-Za-z]{3,}`).FindAllString(named.ReplaceAllString(failed, " "), 7)
	return strings.Join(words, " ")
}

var named = regexp.MustCompile(`\S*[0-9/@#]\S*`)

// A shrinking is a plan that fails, and less and less of it.
type shrinking struct {
	plan
	result
	t *testing.T
	b *bug
}

// try keeps a smaller plan if it fails in the same way.
func (s *shrinking) try(less func(*plan)) bool {
	p := s.plan
	p.Rates, p.Spared, p.Events = maps.Clone(p.Rates), maps.Clone(p.Spared), slices.Clone(p.Events)
	less(&p)
	r := play(s.t, p, s.b, true)
	if r.Failed == "" || of(r.Failed) != of(s.Failed) {
		return false
	}
	s.plan, s.result = p, r
	return true
}

// shrunk is the plan without all that it can do without and still fails in the same way: kinds of faults, events,
// customers, copies, single faults, and what else is out of the ordinary.
func shrunk(t *testing.T, p plan, b *bug) (plan, result) {
	s := &shrinking{p, play(t, p, b, true), t, b}
	for again := true; again; {
		again = false
		for _, kind := range slices.Concat(faultKinds, moreKinds) {
			if s.Rates[kind] > 0 {
				again = s.try(func(p *plan) { delete(p.Rates, kind) }) || again
			}
		}
		for size := max(1, len(s.Events)/2); size > 0; size /= 2 {
			for i := 0; i+size <= len(s.Events); {
				if s.try(func(p *plan) { p.Events = slices.Delete(p.Events, i, i+size) }) {
					again = true
				} else {
					i += size
				}
			}
		}
		again = s.plainer() || again
	}
	for _, key := range slices.Sorted(maps.Keys(s.Fired)) {
		s.try(func(p *plan) { p.Spared[key] = true })
	}
	return s.plan, s.result
}

// plainer takes from the plan what is out of the ordinary.
func (s *shrinking) plainer() (did bool) {
	for i, e := range s.Events {
		if len(e.Copies) > 0 {
			did = s.try(func(p *plan) { p.Events[i].Copies = nil }) || did
		}
		if e.Late > 0 {
			did = s.try(func(p *plan) { p.Events[i].Late = 0 }) || did
		}
		if e.Skew != 0 {
			did = s.try(func(p *plan) { p.Events[i].Skew = 0 }) || did
		}
	}
	if last := len(s.Who) - 1; last > 0 && !slices.ContainsFunc(s.Events, func(e event) bool { return e.Of == last }) {
		did = s.try(func(p *plan) { p.Who = p.Who[:last] }) || did
	}
	for _, one := range []struct {
		has  bool
		less func(*plan)
	}{
		{s.Next, func(p *plan) { p.Next = false }},
		{s.Leaves, func(p *plan) { p.Leaves = false }},
		{s.ByRank, func(p *plan) { p.ByRank = false }},
		{s.Skew != [2]time.Duration{}, func(p *plan) { p.Skew = [2]time.Duration{} }},
		{s.Rows != [2]bool{}, func(p *plan) { p.Rows = [2]bool{} }},
	} {
		if one.has {
			did = s.try(one.less) || did
		}
	}
	return did
}

// TestShrunk: what fails is shown without what has nothing to do with it.
func TestShrunk(t *testing.T) {
	b := bugs[slices.IndexFunc(bugs, func(b bug) bool { return b.name == "test mode counts" })]
	p, r := shrunk(t, drawn(b.seed), &b)
	if !strings.Contains(r.Failed, b.by) || len(p.Events) > 1 || len(r.Fired) > 0 || p.Next || p.Skew != [2]time.Duration{} {
		what, _ := json.Marshal(p)
		t.Errorf("%s: %s, by %d faults", r.Failed, what, len(r.Fired))
	}
}
