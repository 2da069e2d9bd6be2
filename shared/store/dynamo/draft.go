package dynamo

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A draft is what a change writes of an account of that shape: the head, what the change must find so
// beside it, and what is written beside it. Where that is nothing, the head is one plain write.
type draft struct {
	c       licence.Change
	head    edit
	fact    []types.TransactWriteItem // where it goes with them
	claims  []types.TransactWriteItem // of the names, in the order of c.Claim and c.Release
	beside  []types.TransactWriteItem // what cannot be refused
	left    []types.WriteRequest      // what is deleted after that, for want of room
	facts   map[int64]string
	effects map[string]bool
	outs    map[string]bool
	apart   map[licence.Part]int64
	moves   bool // a row or a seat is written
	redo    redo
	table   string
	err     error
}

// drafted is the draft of a prepared change. By marks whose write it is.
func drafted(table string, c licence.Change, h *shape, by string, now time.Time) (*draft, error) {
	d := &draft{c: c, table: table, head: edit{set: item{}}, facts: maps.Clone(h.facts), effects: maps.Clone(h.effects), outs: maps.Clone(h.outs), apart: maps.Clone(h.apart)}
	for _, m := range []*map[string]bool{&d.effects, &d.outs} {
		if *m == nil {
			*m = map[string]bool{}
		}
	}
	if d.facts == nil {
		d.facts = map[int64]string{}
	}
	if d.apart == nil {
		d.apart = map[licence.Part]int64{}
	}
	d.index()
	d.head.set["by"], d.head.set["n"], d.head.set["layout"] = str(by), num(c.N+1), num(layout)
	history, err := c.History.Encode()
	d.fail(err)
	d.head.set[historyIn] = squeezed(history)
	d.parts(h)
	d.owed(h)
	d.names()
	d.moved(now)
	if c.Fact != nil {
		d.head.set[factIn+strconv.FormatInt(c.N+1, 10)] = str(c.Fact.ID)
		d.facts[c.N+1] = c.Fact.ID
	}
	if h.layout == 0 {
		d.renew(h)
	}
	return d, d.err
}

// plain tells whether the head is all that is written.
func (d *draft) plain() bool { return len(d.claims) == 0 && len(d.beside) == 0 }

// claim has the fact go with the head.
func (d *draft) claim(now time.Time, over *claim) error {
	it, condition, values, err := claimed(d.c, now, over)
	d.fact = []types.TransactWriteItem{{Put: &types.Put{TableName: &d.table, Item: it, ConditionExpression: &condition, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}}
	return err
}

func (d *draft) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// json is a body.
func (d *draft) json(v any) *types.AttributeValueMemberB {
	body, err := licence.JSON(v)
	d.fail(err)
	return squeezed(body)
}

// put and remove write beside the head.
func (d *draft) put(it item) {
	d.beside = append(d.beside, types.TransactWriteItem{Put: &types.Put{TableName: &d.table, Item: it}})
}

func (d *draft) remove(k key) {
	d.beside = append(d.beside, types.TransactWriteItem{Delete: &types.Delete{TableName: &d.table, Key: k.item()}})
}

// indexed are the attributes by which the indexes have a head.
var indexed = []string{"listkey", "listsort", "casekey", "place", "duebucket", "due"}

// index puts the head where lists find it, and takes it from where they do not.
func (d *draft) index() {
	entry, err := licence.JSON(d.c.Entry)
	d.fail(err)
	d.head.set["entry"] = squeezed(entry)
	if d.c.Account != store.Operations {
		d.head.set["listkey"], d.head.set["listsort"] = str("accounts"), str(d.c.Account)
		if place := d.c.Entry.Place(); place != "" {
			d.head.set["casekey"], d.head.set["place"] = str("cases"), str(place)
		}
	}
	if !d.c.Due.IsZero() {
		d.head.set["duebucket"], d.head.set["due"] = str(dueBucket(d.c.Account)), str(stamp(d.c.Due))
	}
	for _, name := range indexed {
		if d.head.set[name] == nil && d.c.N > 0 {
			d.head.remove = append(d.head.remove, name)
		}
	}
}

// parts writes those that changed: into the head where they are small, else beside it.
func (d *draft) parts(h *shape) {
	for _, p := range licence.Parts {
		body, changed := h.old[p], slices.Contains(d.c.Parts, p)
		if changed {
			var err error
			body, err = d.c.Known.Encode(p)
			d.fail(err)
		}
		if body == nil {
			continue
		}
		b := squeezed(body)
		_, was := d.apart[p]
		switch {
		case len(b.Value) <= mostOfPart:
			d.head.set[partIn+string(p)] = b
			if was {
				delete(d.apart, p)
				d.remove(apartKey(d.c.Account, p))
			}
		default:
			if d.c.N > 0 && !was {
				d.head.remove = append(d.head.remove, partIn+string(p))
			}
			d.apart[p] = d.c.N + 1
			it := apartKey(d.c.Account, p).item()
			it["n"], it["body"] = num(d.c.N+1), b
			d.put(it)
		}
	}
	if maps.Equal(d.apart, h.apart) {
		return
	}
	apart, err := json.Marshal(d.apart)
	d.fail(err)
	d.head.set["apart"] = str(string(apart))
}

// owed puts effects into the head where there is room, and takes out what was done.
func (d *draft) owed(h *shape) {
	for _, id := range d.c.Drop {
		if d.effects[id] {
			delete(d.effects, id)
			d.head.remove = append(d.head.remove, effectIn+id)
		}
		if d.outs[id] {
			delete(d.outs, id)
			d.remove(effectKey(d.c.Account, id))
		}
	}
	for _, e := range d.c.Add {
		body := d.json(e)
		if !d.outs[e.ID] && len(body.Value) <= mostOfEffect && (d.effects[e.ID] || len(d.effects) < mostEffects) {
			d.head.set[effectIn+e.ID] = body
			d.effects[e.ID] = true
			continue
		}
		if d.effects[e.ID] {
			delete(d.effects, e.ID)
			d.head.remove = append(d.head.remove, effectIn+e.ID)
		}
		it := effectKey(d.c.Account, e.ID).item()
		it["body"] = body
		d.outs[e.ID] = true
		d.put(it)
	}
	switch {
	case maps.Equal(d.outs, h.outs) && h.layout > 0:
	case len(d.outs) > 0:
		d.head.set["outs"] = &types.AttributeValueMemberSS{Value: slices.Sorted(maps.Keys(d.outs))}
	case len(h.outs) > 0 && h.layout > 0:
		d.head.remove = append(d.head.remove, "outs")
	}
}

// names are claimed where they lead nowhere or here, and released where they lead here.
func (d *draft) names() {
	condition, mine := "attribute_not_exists(pk) OR account = :account", item{":account": str(d.c.Account)}
	for _, n := range d.c.Claim {
		it := nameKey(n).item()
		it["account"] = str(d.c.Account)
		d.claims = append(d.claims, types.TransactWriteItem{Put: &types.Put{TableName: &d.table, Item: it, ConditionExpression: &condition, ExpressionAttributeValues: mine,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}})
	}
	for _, n := range d.c.Release {
		d.claims = append(d.claims, types.TransactWriteItem{Delete: &types.Delete{TableName: &d.table, Key: nameKey(n).item(),
			ConditionExpression: &condition, ExpressionAttributeValues: mine}})
	}
}

// moved writes people and rows. A few small ones, where all else is in the head, go into it too: that makes
// the commit whole, and they are copied to where they are read before anybody who has read the head goes on
// (redo.go). Else they are in the transaction.
func (d *draft) moved(now time.Time) {
	if d.moves = len(d.c.Seats)+len(d.c.Rows) > 0; !d.moves {
		if d.c.N > 0 {
			d.head.remove = append(d.head.remove, "redo")
		}
		return
	}
	d.head.set["moved"] = num(d.c.N + 1)
	if r, ok := redoOf(d.c); ok && d.plain() {
		if body := d.json(r); len(body.Value) <= mostOfEffect {
			d.redo, d.head.set["redo"] = r, body
			return
		}
	}
	if d.c.N > 0 {
		d.head.remove = append(d.head.remove, "redo")
	}
	for _, s := range d.c.Seats {
		it, err := seatItem(d.c.Account, s, d.c.N+1)
		if d.fail(err); s.Gone {
			it = goneItem(keyOf(it), d.c.N+1, now)
		}
		d.put(it)
	}
	for _, r := range d.c.Rows {
		it := rowItem(d.c.Account, r, d.c.N+1)
		if r.Gone {
			it = goneItem(keyOf(it), d.c.N+1, now)
		}
		d.put(it)
	}
}

// renew takes away what layout 0 had of the account that lies in the head by now.
func (d *draft) renew(h *shape) {
	d.head.set["listed"] = num(h.n)
	d.head.remove = append(d.head.remove, "body")
	for p := range h.old {
		if k := oldPartKey(d.c.Account, p); len(d.claims)+len(d.beside)+2 < store.MaxActions {
			d.remove(k)
		} else {
			d.left = append(d.left, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.item()}})
		}
	}
}

// spill takes the ids of facts out of the head that lie in a chunk by now.
func (d *draft) spill(facts map[int64]string) {
	for _, n := range slices.Sorted(maps.Keys(facts)) {
		delete(d.facts, n)
		d.head.remove = append(d.head.remove, factIn+strconv.FormatInt(n, 10))
	}
}

// absent is the condition that an item is not there, or that its time is over.
const absent = "attribute_not_exists(pk) OR ends <= :now"

// keep notes when the item is stored, and when its time is over.
func keep(it item, now time.Time) {
	it["stored"] = str(stamp(now))
	end(it, now.Add(store.FactLife))
}

// end notes when the item's time is over: ends is what we go by, and ttl what DynamoDB deletes
// by, some days later.
func end(it item, at time.Time) {
	it["ends"], it["ttl"] = str(stamp(at)), num(at.Unix())
}

func ended(it item, now time.Time) bool {
	ends := text(it, "ends")
	return ends != "" && ends <= stamp(now)
}
