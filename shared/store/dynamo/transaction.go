package dynamo

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// transaction is all that a prepared change writes. The order of its actions is that of the
// reasons when DynamoDB refuses: head, fact, its id, claims, releases, and then what cannot be refused.
func transaction(table string, c licence.Change, now time.Time) ([]types.TransactWriteItem, error) {
	t := actions{table: table}
	t.head(c)
	if c.Fact != nil {
		t.fact(c, now)
		if c.Fact.Sent() {
			t.told(*c.Fact, c.Account, store.FactHash(c), now)
		}
	}
	mine := item{":account": str(c.Account)}
	for _, n := range c.Claim {
		it := nameKey(n).item()
		it["account"] = str(c.Account)
		t.put(it, "attribute_not_exists(pk) OR account = :account", mine)
	}
	for _, n := range c.Release {
		t.remove(nameKey(n), "attribute_not_exists(pk) OR account = :account", mine)
	}
	for _, p := range c.Parts {
		body, err := c.Known.Encode(p)
		t.fail(err)
		it := partKey(c.Account, p).item()
		it["body"] = str(string(body))
		t.put(it, "", nil)
	}
	for _, s := range c.Seats {
		if s.Gone {
			t.remove(seatKey(c.Account, s.Key()), "", nil)
			continue
		}
		it, err := seatItem(c.Account, s)
		t.fail(err)
		t.put(it, "", nil)
	}
	for _, e := range c.Add {
		it := effectKey(c.Account, e.ID).item()
		it["body"] = t.json(e)
		t.put(it, "", nil)
	}
	for _, id := range c.Drop {
		t.remove(effectKey(c.Account, id), "", nil)
	}
	for _, r := range c.Rows {
		t.row(c.Account, r)
	}
	return t.list, t.err
}

// actions collects a transaction. It keeps the first error.
type actions struct {
	table string
	list  []types.TransactWriteItem
	err   error
}

func (t *actions) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *actions) json(v any) types.AttributeValue {
	body, err := licence.JSON(v)
	t.fail(err)
	return str(string(body))
}

// put writes an item if the condition holds; else the item that is there comes back with the reason.
func (t *actions) put(it item, condition string, values item) {
	put := &types.Put{TableName: &t.table, Item: it}
	if condition != "" {
		put.ConditionExpression, put.ExpressionAttributeValues = &condition, values
		put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	t.list = append(t.list, types.TransactWriteItem{Put: put})
}

func (t *actions) remove(k key, condition string, values item) {
	del := &types.Delete{TableName: &t.table, Key: k.item()}
	if condition != "" {
		del.ConditionExpression, del.ExpressionAttributeValues = &condition, values
	}
	t.list = append(t.list, types.TransactWriteItem{Delete: del})
}

func (t *actions) head(c licence.Change) {
	history, err := c.History.Encode()
	t.fail(err)
	it := headKey(c.Account).item()
	it["n"], it["body"], it["entry"] = num(c.N+1), str(string(history)), t.json(c.Entry)
	if c.Account != store.Operations {
		it["listkey"], it["listsort"] = str("accounts"), str(c.Account)
		if place := c.Entry.Place(); place != "" {
			it["casekey"], it["place"] = str("cases"), str(place)
		}
	}
	if !c.Due.IsZero() {
		it["duebucket"], it["due"] = str(dueBucket(c.Account)), str(stamp(c.Due))
	}
	if c.N == 0 {
		t.put(it, "attribute_not_exists(pk)", nil)
		return
	}
	t.put(it, "n = :n", item{":n": num(c.N)})
}

func (t *actions) fact(c licence.Change, now time.Time) {
	it := factKey(c.Account, c.Fact.ID).item()
	it["n"], it["hash"], it["body"] = num(c.N+1), str(store.FactHash(c)), t.json(c.Fact)
	it["listkey"], it["listsort"] = str(join("facts", c.Account)), str(fmt.Sprintf("%012d", c.N+1))
	keep(it, now)
	it["entry"] = size(it) // of the index, for pages that end by bytes
	t.put(it, absent, item{":now": str(stamp(now))})
}

// told notes whose the id of a fact is that a sender gave; "": it waits for its account. Of one that
// waits, the very fact may come to be an account's.
func (t *actions) told(f licence.Fact, account, hash string, now time.Time) {
	it := toldKey(f.ID).item()
	it["said"] = str(hash)
	keep(it, now)
	condition, values := absent+" OR (attribute_not_exists(account) AND said = :said)", item{":now": str(stamp(now)), ":said": str(hash)}
	if account != "" {
		it["account"] = str(account)
		condition, values[":account"] = condition+" OR account = :account", str(account)
	}
	t.put(it, condition, values)
}

// count adds one of so many bytes to what waits there, unless that is as much as may.
func (t *actions) count(k key, bytes int, now time.Time) {
	ends := now.Add(store.FactLife)
	values := item{":one": num(1), ":size": num(int64(bytes)), ":most": num(store.MostWaiting), ":room": num(int64(store.MostWaitingBytes - bytes)), ":ttl": num(ends.Unix())}
	t.list = append(t.list, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.table, Key: k.item(),
		UpdateExpression:          aws.String("ADD n :one, waits :size SET #ttl = :ttl"),
		ConditionExpression:       aws.String("attribute_not_exists(n) OR (n < :most AND waits <= :room)"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"}, // a reserved word
		ExpressionAttributeValues: values,
	}})
}

// discount takes one of so many bytes from what waits there.
func (t *actions) discount(k key, bytes int) {
	t.list = append(t.list, types.TransactWriteItem{Update: &types.Update{
		TableName: &t.table, Key: k.item(),
		UpdateExpression:          aws.String("ADD n :one, waits :size"),
		ExpressionAttributeValues: item{":one": num(-1), ":size": num(int64(-bytes))},
	}})
}

// size is how much of a page an item takes.
func size(it item) types.AttributeValue { return num(int64(len(text(it, "body")))) }

func (t *actions) row(account string, r licence.Row) {
	k := rowKey(account, r.Kind, r.ID)
	if r.Gone {
		t.remove(k, "", nil)
		return
	}
	it := k.item()
	it["kind"], it["id"], it["body"] = str(r.Kind), str(r.ID), str(string(r.Body))
	if !r.Ends.IsZero() {
		end(it, r.Ends)
	}
	t.put(it, "", nil)
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

func seatItem(account string, s licence.Seat) (item, error) {
	body, err := licence.JSON(s)
	if err != nil {
		return nil, err
	}
	k := s.Key()
	it := seatKey(account, k).item()
	it["body"] = str(string(body))
	if plans := store.Holds(s); len(plans) > 0 {
		it["plans"] = &types.AttributeValueMemberSS{Value: plans}
		it["rosterkey"], it["rank"] = str(rosterKey(account, k.CustID, k.Roster)), str(seats.StoredRank(s)+"#"+k.User)
	}
	return it, nil
}
