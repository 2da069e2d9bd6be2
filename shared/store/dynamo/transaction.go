package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// actions collects a transaction.
type actions struct {
	table string
	list  []types.TransactWriteItem
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

// waits notes that a sender gave a fact its id which waits for its account: only the very fact may take it over.
func (t *actions) waits(f licence.Fact, hash string, now time.Time) {
	it := toldKey("", f).item()
	it["said"] = str(hash)
	keep(it, now)
	t.put(it, absent+" OR (attribute_not_exists(account) AND said = :said)", item{":now": str(stamp(now)), ":said": str(hash)})
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
func size(it item) types.AttributeValue { return num(int64(sizeIn(it, "body"))) }
