package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/store"
)

// Counter is one conditional update.
func (s *Store) Counter(ctx context.Context, k, hour string, add, limit int) (bool, error) {
	if add > limit {
		return false, nil
	}
	ends := s.Now().Add(store.CounterLife)
	out, err := s.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           &s.Table,
		Key:                 counterKey(k, hour).item(),
		UpdateExpression:    aws.String("ADD n :add SET #ttl = :ttl"),
		ConditionExpression: aws.String("attribute_not_exists(n) OR n <= :room"),
		// ttl is a reserved word.
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":add": num(int64(add)), ":room": num(int64(limit - add)), ":ttl": num(ends.Unix())},
		ReturnConsumedCapacity: s.capacity(),
	})
	var full *types.ConditionalCheckFailedException
	if errors.As(err, &full) {
		s.meter("Counter")
		return false, nil
	}
	if err != nil {
		s.meter("Counter")
		return false, err
	}
	s.meterOne("Counter", out.ConsumedCapacity)
	return true, nil
}
