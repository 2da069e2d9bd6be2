package dynamo

import (
	"context"
	"iter"

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

func (s *Store) Amend(ctx context.Context, account string, f licence.Fact) error {
	body, err := licence.JSON(f)
	if err != nil {
		return err
	}
	it, err := s.get(ctx, "Amend", toldKey(account, f))
	if err != nil {
		return err
	}
	if text(it, "account") == account && it["n"] != nil {
		it["body"] = squeezed(body)
		return s.put(ctx, "Amend", it, "account = :account AND n = :n", item{":account": str(account), ":n": it["n"]})
	}
	if it, err = s.get(ctx, "Amend", oldFactKey(account, f.ID)); err != nil || len(it) == 0 {
		return err
	}
	it["body"] = str(string(body))
	it["entry"] = size(it)
	return s.put(ctx, "Amend", it, "attribute_exists(pk)", nil)
}

// Sweep does nothing: DynamoDB keeps what was deleted in backups alone, which end after 35 days.
func (s *Store) Sweep(context.Context) error { return nil }
