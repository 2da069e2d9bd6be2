package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/store"
)

// Index is a sequence of writes, as there may be more terms than a transaction takes. First the account
// notes both the old terms and the new, so that whatever is written later can be found and
// deleted by a call that comes after a crash; in the end it notes just the new ones.
//
// What is there already is not written again. A list whose mark is missing was left by a crash, or by an
// earlier version: then all is written, and what that version had is deleted.
func (s *Store) Index(ctx context.Context, account string, terms []string) error {
	it, err := s.get(ctx, "Index", termsKey(account))
	if err != nil {
		return err
	}
	var old []string
	if len(it) > 0 {
		if old, err = decode[[]string](it); err != nil {
			return err
		}
	}
	terms = sortedSet(terms)
	both := sortedSet(slices.Concat(old, terms))
	version, whole := number(it, "n"), text(it, "whole") != ""
	if whole && slices.Equal(old, terms) {
		return nil
	}
	if err := s.noteTerms(ctx, account, both, version, false); err != nil {
		return err
	}
	var list []types.WriteRequest
	for _, term := range both {
		_, was := slices.BinarySearch(old, term)
		_, stays := slices.BinarySearch(terms, term)
		k := scrapKey(term, account)
		switch {
		case !stays:
			list = append(list, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k.item()}})
		case !was || !whole:
			found := k.item()
			found["account"], found["term"] = str(account), str(term)
			list = append(list, types.WriteRequest{PutRequest: &types.PutRequest{Item: found}})
		}
		if was && !whole {
			list = append(list, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: wholeKey(term, account).item()}})
		}
	}
	if err := s.write(ctx, "Index", list); err != nil {
		return err
	}
	return s.noteTerms(ctx, account, terms, version+1, true)
}

// noteTerms writes the account's terms, if they are still those of that version. Whole: all of them
// lie where they are found.
func (s *Store) noteTerms(ctx context.Context, account string, terms []string, version int64, whole bool) error {
	body, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	it := termsKey(account).item()
	it["n"], it["body"] = num(version+1), squeezed(body)
	if whole {
		it["whole"] = str("yes")
	}
	condition, values := "n = :n", item{":n": num(version)}
	if version == 0 {
		condition, values = "attribute_not_exists(pk)", nil
	}
	err = s.put(ctx, "Index", it, condition, values)
	var other *types.ConditionalCheckFailedException
	if errors.As(err, &other) {
		return store.ErrConflict
	}
	return err
}

func sortedSet(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
