package dynamo

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Every round trip is made here, and counted.

func (s *Store) capacity() types.ReturnConsumedCapacity {
	if s.Meter == nil {
		return types.ReturnConsumedCapacityNone
	}
	return types.ReturnConsumedCapacityTotal
}

func (s *Store) meter(op string, used ...types.ConsumedCapacity) {
	if s.Meter == nil {
		return
	}
	units := 0.0
	for _, c := range used {
		if c.CapacityUnits != nil {
			units += *c.CapacityUnits
		}
	}
	s.Meter(op, units)
}

func (s *Store) meterOne(op string, used *types.ConsumedCapacity) {
	if used == nil {
		s.meter(op)
		return
	}
	s.meter(op, *used)
}

// transact is safe to be repeated by the client: it sends a token with which DynamoDB knows that
// it is the same again. What was refused for want of capacity is not written, and is tried again.
func (s *Store) transact(ctx context.Context, op string, list []types.TransactWriteItem) error {
	for try := 0; ; try++ {
		token := rand.Text()
		out, err := s.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems: list, ClientRequestToken: &token, ReturnConsumedCapacity: s.capacity()})
		if err == nil {
			s.meter(op, out.ConsumedCapacity...)
			return nil
		}
		s.meter(op)
		if why, _ := reasons(err); !why.throttled() || why.any(contention) || try == tries {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (s *Store) transactGet(ctx context.Context, op string, list []types.TransactGetItem) ([]item, error) {
	out, err := s.Client.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{
		TransactItems: list, ReturnConsumedCapacity: s.capacity()})
	if err != nil {
		s.meter(op)
		return nil, err
	}
	s.meter(op, out.ConsumedCapacity...)
	items := make([]item, len(out.Responses))
	for i, r := range out.Responses {
		items[i] = r.Item
	}
	return items, nil
}

func (s *Store) batchGet(ctx context.Context, op string, keys types.KeysAndAttributes) (items, rest []item, _ error) {
	out, err := s.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{s.Table: keys}, ReturnConsumedCapacity: s.capacity()})
	if err != nil {
		s.meter(op)
		return nil, nil, err
	}
	s.meter(op, out.ConsumedCapacity...)
	return out.Responses[s.Table], out.UnprocessedKeys[s.Table].Keys, nil
}

func (s *Store) batchWrite(ctx context.Context, op string, list []types.WriteRequest) (rest []types.WriteRequest, _ error) {
	out, err := s.Client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{s.Table: list}, ReturnConsumedCapacity: s.capacity()})
	if err != nil {
		s.meter(op)
		return nil, err
	}
	s.meter(op, out.ConsumedCapacity...)
	return out.UnprocessedItems[s.Table], nil
}

func (s *Store) ask(ctx context.Context, op string, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = s.capacity()
	out, err := s.Client.Query(ctx, in)
	if err != nil {
		s.meter(op)
		return nil, err
	}
	s.meterOne(op, out.ConsumedCapacity)
	return out, nil
}

func (s *Store) get(ctx context.Context, op string, k key) (item, error) {
	consistent := true
	out, err := s.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.Table, Key: k.item(), ConsistentRead: &consistent, ReturnConsumedCapacity: s.capacity()})
	if err != nil {
		s.meter(op)
		return nil, err
	}
	s.meterOne(op, out.ConsumedCapacity)
	return out.Item, nil
}

func (s *Store) put(ctx context.Context, op string, it item, condition string, values item) error {
	in := &dynamodb.PutItemInput{TableName: &s.Table, Item: it, ReturnConsumedCapacity: s.capacity()}
	if condition != "" {
		in.ConditionExpression, in.ExpressionAttributeValues = &condition, values
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return s.patient(ctx, op, func() (*types.ConsumedCapacity, error) {
		out, err := s.Client.PutItem(ctx, in)
		if err != nil {
			return nil, err
		}
		return out.ConsumedCapacity, nil
	})
}

// update writes some attributes of one item, and is no transaction, which would cost twice.
func (s *Store) update(ctx context.Context, op string, u *types.Update) error {
	in := &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: u.ReturnValuesOnConditionCheckFailure, ReturnConsumedCapacity: s.capacity()}
	return s.patient(ctx, op, func() (*types.ConsumedCapacity, error) {
		out, err := s.Client.UpdateItem(ctx, in)
		if err != nil {
			return nil, err
		}
		return out.ConsumedCapacity, nil
	})
}

// patient makes one write, and makes it again where there was no capacity for it, or a transaction was at the
// item just then.
func (s *Store) patient(ctx context.Context, op string, write func() (*types.ConsumedCapacity, error)) error {
	for try := 0; ; try++ {
		used, err := write()
		if s.meterOne(op, used); !throttled(err) && !errors.As(err, new(*types.TransactionConflictException)) || try == tries {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func throttled(err error) bool {
	return errors.As(err, new(*types.ProvisionedThroughputExceededException)) || errors.As(err, new(*types.ThrottlingException)) ||
		errors.As(err, new(*types.RequestLimitExceeded))
}
