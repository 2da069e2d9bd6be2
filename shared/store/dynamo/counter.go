package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/store"
)

// Counter is one conditional update. It is a transaction, as that bears a token: where an answer is
// lost and the client asks again, an update alone would count twice.
func (s *Store) Counter(ctx context.Context, k, hour string, add, limit int) (bool, error) {
	if add > limit {
		return false, nil
	}
	ends := s.Now().Add(store.CounterLife)
	list := []types.TransactWriteItem{{Update: &types.Update{
		TableName:           &s.Table,
		Key:                 counterKey(k, hour).item(),
		UpdateExpression:    aws.String("ADD n :add SET #ttl = :ttl"),
		ConditionExpression: aws.String("attribute_not_exists(n) OR n <= :room"),
		// ttl is a reserved word.
		ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":add": num(int64(add)), ":room": num(int64(limit - add)), ":ttl": num(ends.Unix())},
	}}}
	for try := 0; ; try++ {
		err := s.transact(ctx, "Counter", list)
		why, refused := reasons(err)
		switch {
		case !refused:
			return err == nil, err
		case why.any(failed):
			return false, nil
		case !why.any(contention) || try == tries:
			return false, err
		}
		if err := pause(ctx, try); err != nil {
			return false, err
		}
	}
}
