package dynamo

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
)

func (s *Store) AllRows(ctx context.Context, account string) iter.Seq2[licence.Row, error] {
	in := prefix(of(account), "")
	in.KeyConditionExpression = new("pk = :pk")
	delete(in.ExpressionAttributeValues, ":begin")
	return func(yield func(licence.Row, error) bool) {
		for it, err := range s.query(ctx, "AllRows", in) {
			var r licence.Row
			if err == nil && text(it, "kind") == "" {
				continue // no row
			}
			if err == nil {
				r, err = decodeRow(it)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// Amend writes over a fact where it lies: under its id, or where layout 0 had it.
func (s *Store) Amend(ctx context.Context, account string, f licence.Fact) error {
	body, err := licence.JSON(f)
	if err != nil {
		return err
	}
	it, err := s.get(ctx, "Amend", toldKey(account, f))
	if err != nil {
		return err
	}
	if it["body"] != nil && text(it, "account") == account {
		it["body"] = squeezed(body)
		return s.put(ctx, "Amend", it, "account = :account", item{":account": str(account)})
	}
	if it, err = s.get(ctx, "Amend", oldFactKey(account, f.ID)); err != nil || len(it) == 0 {
		return err
	}
	it["body"] = squeezed(body)
	return s.put(ctx, "Amend", it, "attribute_exists(pk)", nil)
}

func (s *Store) Rosters(ctx context.Context, account string) ([]licence.Key, error) {
	in := prefix(of(account), join("seat", ""))
	in.ProjectionExpression = aws.String("pk, sk")
	var all []licence.Key
	for it, err := range s.query(ctx, "Rosters", in) {
		if err != nil {
			return nil, err
		}
		parts := strings.Split(keyOf(it).sk, "#")
		for i := range parts {
			if parts[i], err = url.PathUnescape(parts[i]); err != nil {
				return nil, err
			}
		}
		if k := (licence.Key{CustID: parts[1], Roster: parts[2]}); len(all) == 0 || all[len(all)-1] != k {
			all = append(all, k)
		}
	}
	return all, nil
}

// Sweep deletes the dead claims of an account: facts written ahead of a head that went another way. Nothing
// leads to them but their ids, so the whole table is looked through, which is for an erasure alone. What
// else was deleted DynamoDB keeps in backups, which end after 35 days.
func (s *Store) Sweep(ctx context.Context, account string) error {
	head, err := s.get(ctx, "Sweep", headKey(account))
	if err != nil {
		return err
	}
	in := &dynamodb.ScanInput{TableName: &s.Table, ConsistentRead: new(true), ReturnConsumedCapacity: s.capacity(),
		FilterExpression: new("account = :account AND attribute_exists(n) AND attribute_exists(said)"), ExpressionAttributeValues: item{":account": str(account)}}
	for {
		out, err := s.Client.Scan(ctx, in)
		if err != nil {
			return err
		}
		s.meterOne("Sweep", out.ConsumedCapacity)
		for _, it := range out.Items {
			if err := s.bury(ctx, it, head); err != nil {
				return err
			}
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return nil
		}
	}
}

// bury deletes a claim that is dead.
func (s *Store) bury(ctx context.Context, it, head item) error {
	f, err := decode[licence.Fact](it)
	if err != nil {
		return err
	}
	c := claimOf(f.ID, it)
	if _, over, err := s.came(ctx, c, head); err != nil || !over {
		return err
	}
	is, values := c.is()
	_, err = s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Table, Key: keyOf(it).item(), ConditionExpression: &is, ExpressionAttributeValues: values})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		return nil // another fact has the id by now
	}
	return err
}
