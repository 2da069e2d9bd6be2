package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

// sometimes are rare states that a campaign must have reached: one that never did proves little.
var sometimes = []string{
	"applied", "duplicate", "parked", "unchanged", "ignored", "set aside", "a second body of one id was refused",
	"crash-before", "crash-after", "lost", "kept", "conflict", "stall", "stale-due", "stale-accounts", "stream-lost", "stream-twice", "answer-lost",
	"the next version has written", "a batch failed", "a batch failed in part", "a record was given up", "a dead letter was told anew", "cut off by a time limit", "keys were changed",
	"a clock is fast or slow", "what was so two days before was taken", "a month went by", "phase ok", "phase admin-warning", "phase grace", "a reminder went", "a solution was told", "a licence was read",
	"a customer was mailed", "a mail was taken and not answered", "mail-refused", "mail-busy", "crm answered", "crm-null", "crm-moved", "crm-busy",
	"a mail to sign in by was asked for", "people were proposed", "a scanner opened a link", "a session was opened", "a person /check", "a person /answer", "a person /choose", "a person /colleague", "a person /paid", "a person /activate", "a licence was activated",
	"a link was revoked", "drafts were sent", "drafts were dropped", "the desk looked at its lists", "the desk did with what was set aside: release", "the desk did with what was set aside: drop",
	"a mail came back: bounce", "a mail came back: complaint", "an answer was noted", "an answer was duplicate", "a customer was erased", "an erasing was begun again", "somebody was at a customer who was erased",
	"paddle was told", "chargebee was told", "recurly was told", "superoffice was told", "one customer could not be delivered to", "group-lost",
}

// rarer are those that take more than 300 seeds: the desk, at the very time at which a draft waits.
var rarer = map[string]uint64{"drafts were sent": 2000}

// A campaign is many seeds of one commit, and how far they came.
type campaign struct {
	Commit      string
	First, Next uint64 // all from first on that are less than next have passed
	Steps       int
	Seen        map[string]int
	Failed      string `json:",omitempty"`

	mu    sync.Mutex
	end   uint64
	take  uint64            // the next that nobody has begun
	ahead map[uint64]result // passed, and one before them has not yet
	said  time.Time
}

// begun is a campaign from its first seed on, or from where it was broken off.
func begun(t *testing.T, n uint64) *campaign {
	c := &campaign{First: *first, Next: *first, Seen: map[string]int{}, ahead: map[uint64]result{}, said: time.Now()}
	if *keep != "" {
		b, err := os.ReadFile(*keep)
		if err == nil {
			err = json.Unmarshal(b, c)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if c.Commit != "" && c.Commit != commit() {
			t.Fatalf("%s has what commit %s played, and this is %q: a campaign is of one commit; give another file", *keep, c.Commit, commit())
		}
		c.Failed = ""
	}
	c.Commit = commit()
	c.end, c.take = *first+n, c.Next
	return c
}

// seed is the next one to play; false: none is left, or one has failed.
func (c *campaign) seed() (uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.take++
	return c.take - 1, c.take <= c.end && c.Failed == ""
}

// played enters what became of a seed. Of those that passed, one counts when all before it have.
func (c *campaign) played(seed uint64, r result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Failed != "" {
		if c.Failed == "" {
			c.Failed = fmt.Sprintf("seed %d: %s", seed, r.Failed)
		}
		c.save()
		return
	}
	c.ahead[seed] = r
	for {
		r, ok := c.ahead[c.Next]
		if !ok {
			break
		}
		delete(c.ahead, c.Next)
		c.Next++
		c.Steps += r.Steps
		for what, n := range r.Seen {
			c.Seen[what] += n
		}
	}
	if *keep != "" && (time.Since(c.said) > 10*time.Second || c.Next == c.end) {
		c.said = time.Now()
		c.save()
		fmt.Printf("%d of %d have passed\n", c.Next-c.First, c.end-c.First)
	}
}

func (c *campaign) save() {
	if *keep == "" {
		return
	}
	b, err := json.MarshalIndent(c, "", " ")
	if err == nil {
		err = os.WriteFile(*keep+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(*keep+".new", *keep)
	}
	if err != nil {
		panic(err)
	}
}

// TestSeeds plays many plans. More than a change must pass: -sim.seeds, from -sim.first on, and with -sim.keep in
// parts: the same command goes on where it was broken off, and begins with a seed that failed.
func TestSeeds(t *testing.T) {
	n := *seeds
	switch {
	case n > 0:
	case raced:
		n = 300
	case testing.Short():
		n = 100
	default:
		n = 2000
	}
	c := begun(t, n)
	t.Run("", func(t *testing.T) {
		for part := range 4 {
			t.Run(fmt.Sprint("part", part), func(t *testing.T) {
				t.Parallel()
				for seed, ok := c.seed(); ok; seed, ok = c.seed() {
					r := play(t, drawn(seed), nil, false)
					if c.played(seed, r); r.Failed != "" {
						t.Errorf("seed %d: %s", seed, r.Failed)
						report(t, drawn(seed), nil)
					}
				}
			})
		}
	})
	t.Logf("%d seeds from %d on, %d steps", c.Next-c.First, c.First, c.Steps)
	for _, what := range slices.Sorted(maps.Keys(c.Seen)) {
		t.Logf("%8d %s", c.Seen[what], what)
	}
	for _, what := range sometimes {
		if least := rarer[what]; n >= max(300, least) && c.Failed == "" && c.Seen[what] == 0 {
			t.Errorf("%q was never reached", what)
		}
	}
}
