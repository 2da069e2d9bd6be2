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

// Sweep does nothing: DynamoDB keeps what was deleted in backups alone, which end after 35 days.
func (s *Store) Sweep(context.Context) error { return nil }
