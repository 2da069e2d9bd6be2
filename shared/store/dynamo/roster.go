package dynamo

import (
	"context"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// seatsOf begins the keys of a roster's seats.
func seatsOf(account, custID, roster string) *dynamodb.QueryInput {
	k := seatKey(account, licence.Key{CustID: custID, Roster: roster})
	return prefix(k.pk, k.sk)
}

func (s *Store) Seats(ctx context.Context, account, custID, roster string, p store.Page) ([]licence.Seat, store.Page, error) {
	return paged(ctx, s, "Seats", seatsOf(account, custID, roster), p, decode[licence.Seat])
}

// Between asks by keys, in which # and % are written as others: a span that begins with neither, nor with
// the one character between them, is the same span there.
func (s *Store) Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error) {
	in := seatsOf(account, custID, roster)
	first := seatKey(account, licence.Key{CustID: custID, Roster: roster, User: span.From})
	in.KeyConditionExpression = aws.String("pk = :pk AND sk BETWEEN :from AND :to")
	in.ExpressionAttributeValues = item{":pk": str(first.pk), ":from": str(first.sk), ":to": str(last(seatKey(account, licence.Key{CustID: custID, Roster: roster}).sk))}
	if span.To != "" {
		in.ExpressionAttributeValues[":to"] = str(seatKey(account, licence.Key{CustID: custID, Roster: roster, User: span.To}).sk)
	}
	in.ConsistentRead = aws.Bool(true)
	var all []licence.Seat
	for it, err := range s.query(ctx, "Between", in) {
		if err != nil {
			return nil, err
		}
		if ended(it, s.Now()) {
			continue
		}
		seat, err := decode[licence.Seat](it)
		if err != nil {
			return nil, err
		}
		if span.To == "" || seat.User.Value.ID < span.To {
			all = append(all, seat)
		}
	}
	return all, nil
}

// last comes after all keys that begin like this.
func last(prefix string) string { return prefix + "\U0010ffff" }

func (s *Store) Candidates(ctx context.Context, account, custID, roster, plan string, p store.Page) ([]licence.Seat, store.Page, error) {
	in := &dynamodb.QueryInput{
		IndexName:                 aws.String("rank"),
		KeyConditionExpression:    aws.String("rosterkey = :key"),
		ExpressionAttributeValues: item{":key": str(rosterKey(account, custID, roster))},
	}
	if plan != "" {
		in.FilterExpression = aws.String("contains(plans, :plan)")
		in.ExpressionAttributeValues[":plan"] = str(plan)
	}
	if after, err := p.After(3); err == nil && after != nil {
		if k := seatKey(account, licence.Key{CustID: custID, Roster: roster}); after[0] != k.pk || !strings.HasPrefix(after[1], k.sk) {
			return nil, store.Page{}, store.ErrCursor
		}
	}
	return paged(ctx, s, "Candidates", in, p, decode[licence.Seat])
}

func (s *Store) StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error {
	var list []types.WriteRequest
	place := map[string]int{} // in list, by user: DynamoDB refuses one item twice
	flush := func() error {
		err := s.write(ctx, "StageRoster", list)
		list, place = nil, map[string]int{}
		return err
	}
	for seat := range rows {
		seat.CustID, seat.Roster = custID, roster
		it, err := seatItem(account, seat, 0)
		if err != nil {
			return err
		}
		put := types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}
		user := seat.Key().User
		if i, twice := place[user]; twice {
			list[i] = put
			continue
		}
		place[user] = len(list)
		list = append(list, put)
		if len(list) == 25 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (s *Store) PruneRoster(ctx context.Context, account, custID, roster string) error {
	in := seatsOf(account, custID, roster)
	in.ProjectionExpression = aws.String("pk, sk")
	return s.clear(ctx, "PruneRoster", in)
}

// clear deletes all that a query gives. It may be broken off and begun again.
func (s *Store) clear(ctx context.Context, op string, in *dynamodb.QueryInput) error {
	var list []types.WriteRequest
	for it, err := range s.query(ctx, op, in) {
		if err != nil {
			return err
		}
		list = append(list, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyOf(it).item()}})
		if len(list) == 25 {
			if err := s.write(ctx, op, list); err != nil {
				return err
			}
			list = nil
		}
	}
	return s.write(ctx, op, list)
}
