package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// layout is that of the accounts which this build writes; 0 is the one before, in which each part, fact
// and effect was an item of its own. It reads every earlier one, and refuses a later one.
const layout = 1

// What lies in a head, by the name of its attribute. A part, an effect or a fact's id has its own, so
// that a commit writes what changed and leaves the rest alone.
const (
	historyIn = "h"
	partIn    = "p_" // and the part's name
	effectIn  = "e_" // and the effect's id
	factIn    = "f_" // and the version that the fact made: the fact's id
)

// What a head holds at most; what is more lies in items of its own, for a head is paid for whole by
// every commit. Parts that change often may be larger.
const (
	mostOfPart    = 1 << 10
	mostOfEffect  = 1 << 10
	mostEffects   = 20
	mostFactNames = 8 // before their ids go to a chunk
)

// A shape is how an account lies in the table at one version: what a commit on that version must know.
// It is never changed, so that it may be remembered.
type shape struct {
	n       int64
	layout  int64
	facts   map[int64]string       // ids that lie in the head, by the versions that they made
	effects map[string]bool        // those in the head
	outs    map[string]bool        // those in items of their own
	apart   map[licence.Part]int64 // parts in items of their own, and the version that wrote them last
	listed  int64                  // facts up to that version lie as layout 0 had them
	moved   int64                  // the version that wrote a row or a seat last
	redo    redo                   // what this very version wrote beside, which may lie in the head alone
	old     map[licence.Part][]byte
}

// ErrLayout is of an account that a later build has written in a way which this one does not know.
type ErrLayout struct {
	Account string
	Layout  int64
}

func (e *ErrLayout) Error() string {
	return fmt.Sprintf("store: account %s lies in the table by layout %d; this build knows layouts up to %d: deploy the build that wrote it, or a later one", e.Account, e.Layout, layout)
}

// shapeOf reads it from a head of the present layout.
func shapeOf(account string, head item) (*shape, error) {
	h := &shape{n: number(head, "n"), layout: number(head, "layout"), listed: number(head, "listed"), moved: number(head, "moved"),
		facts: map[int64]string{}, effects: map[string]bool{}, outs: map[string]bool{}}
	if h.layout > layout {
		return nil, &ErrLayout{account, h.layout}
	}
	for name := range head {
		if id, ok := strings.CutPrefix(name, effectIn); ok {
			h.effects[id] = true
		}
		if n, ok := strings.CutPrefix(name, factIn); ok {
			if n, err := strconv.ParseInt(n, 10, 64); err == nil {
				h.facts[n] = text(head, name)
			}
		}
	}
	if outs, ok := head["outs"].(*types.AttributeValueMemberSS); ok {
		for _, id := range outs.Value {
			h.outs[id] = true
		}
	}
	if head["redo"] != nil {
		var err error
		if h.redo, err = decodeAs[redo](head, "redo"); err != nil {
			return nil, err
		}
	}
	if apart := text(head, "apart"); apart != "" {
		if err := json.Unmarshal([]byte(apart), &h.apart); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// mostShapes is how many accounts' shapes are remembered.
const mostShapes = 2048

// shapes are the latest that this process has seen of each account.
type shapes struct {
	mu  sync.Mutex
	all map[string]*shape
}

func (s *shapes) get(account string) *shape {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[account]
}

func (s *shapes) put(account string, h *shape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*shape{}
	}
	if was := s.all[account]; was != nil && was.n > h.n {
		return
	}
	s.all[account] = h
	for other := range s.all {
		if len(s.all) <= mostShapes {
			break
		}
		delete(s.all, other)
	}
}

// shapeAt is that of the version on which a change was decided; ErrConflict where that is no longer,
// or not yet, the account's.
func (s *Store) shapeAt(ctx context.Context, account string, n int64) (*shape, error) {
	if n == 0 {
		return &shape{layout: layout}, nil
	}
	if h := s.shapes.get(account); h != nil && h.n == n {
		return h, nil
	}
	head, err := s.get(ctx, "Load", headKey(account))
	if err != nil {
		return nil, err
	}
	if number(head, "n") != n {
		return nil, store.ErrConflict
	}
	if number(head, "layout") == 0 {
		return s.oldShape(ctx, account, n)
	}
	return s.look(ctx, account, head)
}

// look is at a head that was read: what it has of people and rows is copied before anybody goes by it, and the
// shape is remembered.
func (s *Store) look(ctx context.Context, account string, head item) (*shape, error) {
	h, err := shapeOf(account, head)
	if err != nil {
		return nil, err
	}
	if known := s.shapes.get(account); h.redo.size() > 0 && (known == nil || known.n < h.n) {
		if err := s.redo(ctx, account, h.redo, h.n, true); err != nil {
			return nil, err
		}
	}
	h.redo = redo{}
	s.shapes.put(account, h)
	return h, nil
}

// after is the shape that a draft leaves.
func (h *shape) after(d *draft) *shape {
	next := *h
	next.n, next.layout, next.old, next.redo = d.c.N+1, layout, nil, redo{}
	next.facts, next.effects, next.outs, next.apart = d.facts, d.effects, d.outs, d.apart
	if d.moves {
		next.moved = next.n
	}
	if h.layout == 0 {
		next.listed = h.n
	}
	return &next
}

// An edit says what becomes of an item's attributes.
type edit struct {
	set    item
	remove []string
}

// write is the update of a head, if it is at version n; 0: if it is not there.
func (u edit) write(table string, k key, n int64) *types.Update {
	names, values := map[string]string{}, item{}
	var sets, removes []string
	for i, name := range slices.Sorted(maps.Keys(u.set)) {
		at := strconv.Itoa(i)
		names["#s"+at], values[":s"+at] = name, u.set[name]
		sets = append(sets, "#s"+at+" = :s"+at)
	}
	for i, name := range u.remove {
		at := strconv.Itoa(i)
		names["#r"+at] = name
		removes = append(removes, "#r"+at)
	}
	expression := "SET " + strings.Join(sets, ", ")
	if len(removes) > 0 {
		expression += " REMOVE " + strings.Join(removes, ", ")
	}
	condition := "attribute_not_exists(pk)"
	if n > 0 {
		condition, names["#n"], values[":n"] = "#n = :n", "n", num(n)
	}
	return &types.Update{TableName: &table, Key: k.item(), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
}
