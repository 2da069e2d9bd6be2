package dynamo

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// read gets the items that are there, a hundred a round trip; consistent is dearer, and sees
// every write that is over.
func (s *Store) read(ctx context.Context, op string, keys []key, consistent bool) (map[key]item, error) {
	found := map[key]item{}
	asked := map[key]bool{}
	var list []item
	for _, k := range keys {
		if !asked[k] {
			asked[k] = true
			list = append(list, k.item())
		}
	}
	for some := range slices.Chunk(list, 100) {
		for try := 0; len(some) > 0; try++ {
			if err := again(ctx, op, try); err != nil {
				return nil, err
			}
			items, rest, err := s.batchGet(ctx, op, types.KeysAndAttributes{Keys: some, ConsistentRead: &consistent})
			if err != nil {
				return nil, err
			}
			for _, it := range items {
				found[keyOf(it)] = it
			}
			some = rest
		}
	}
	return found, nil
}

// write puts and deletes, twenty-five a round trip, in no order: it is no transaction.
func (s *Store) write(ctx context.Context, op string, list []types.WriteRequest) error {
	for some := range slices.Chunk(list, 25) {
		for try := 0; len(some) > 0; try++ {
			if err := again(ctx, op, try); err != nil {
				return err
			}
			rest, err := s.batchWrite(ctx, op, some)
			if err != nil {
				return err
			}
			some = rest
		}
	}
	return nil
}

// again waits before all tries but the first: DynamoDB leaves undone what it has no capacity for.
func again(ctx context.Context, op string, try int) error {
	switch try {
	case 0:
		return nil
	case tries:
		return fmt.Errorf("store: %s: DynamoDB left some of it undone %d times", op, tries)
	}
	return pause(ctx, try-1)
}

// query gives item after item, in the order of the key, for as long as it is asked.
func (s *Store) query(ctx context.Context, op string, in *dynamodb.QueryInput) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		in := *in
		in.TableName = &s.Table
		for {
			out, err := s.ask(ctx, op, &in)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, it := range out.Items {
				if !yield(it, nil) {
					return
				}
			}
			if len(out.LastEvaluatedKey) == 0 {
				return
			}
			in.ExclusiveStartKey = out.LastEvaluatedKey
			// Where a filter leaves little of each round trip, the next may look at more.
			in.Limit = aws.Int32(min(2*max(aws.ToInt32(in.Limit), 100), 2000))
		}
	}
}

// prefix asks for the items of one partition whose sort key begins so.
func prefix(pk, begin string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :begin)"),
		ExpressionAttributeValues: item{":pk": str(pk), ":begin": str(begin)},
		ConsistentRead:            aws.Bool(true),
	}
}
