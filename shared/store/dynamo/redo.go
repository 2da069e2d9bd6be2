package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// A commit that writes one or two people and else just the head has them in the head, as what is to be done,
// and copies them to where they are read before it is over. Where a crash comes between, whoever reads the
// head next copies them before going on; and whoever has not read the head cannot know of the commit. The
// next commit takes them out of the head. Each item of a person bears the version that wrote it, so that a
// copy that comes late changes nothing.

// mostRedo is how many people go that way.
const mostRedo = 2

// goneFor is how long an item says that somebody is gone, so that a late copy finds it there.
const goneFor = 24 * time.Hour

// redo copies people of version n from the head to where they are read. Look first: it may have been done.
func (s *Store) redo(ctx context.Context, account string, people []licence.Seat, n int64, look bool) error {
	found := map[key]item{}
	if look {
		var keys []key
		for _, p := range people {
			keys = append(keys, seatKey(account, p.Key()))
		}
		var err error
		if found, err = s.read(ctx, "Load", keys, true); err != nil {
			return err
		}
	}
	for _, p := range people {
		if number(found[seatKey(account, p.Key())], "n") >= n {
			continue
		}
		it, err := seatItem(account, p, n)
		if err != nil {
			return err
		}
		err = s.put(ctx, "Commit", it, "attribute_not_exists(n) OR n < :n", item{":n": num(n)})
		if err != nil && !errors.As(err, new(*types.ConditionalCheckFailedException)) {
			return err
		}
	}
	return nil
}

// seatItem is a person as version n wrote it; 0: no commit did.
func seatItem(account string, s licence.Seat, n int64) (item, error) {
	body, err := licence.JSON(s)
	if err != nil {
		return nil, err
	}
	k := s.Key()
	it := seatKey(account, k).item()
	it["body"] = squeezed(body)
	if n > 0 {
		it["n"] = num(n)
	}
	if plans := store.Holds(s); len(plans) > 0 {
		it["plans"] = &types.AttributeValueMemberSS{Value: plans}
		it["rosterkey"], it["rank"] = str(rosterKey(account, k.CustID, k.Roster)), str(seats.StoredRank(s)+"#"+k.User)
	}
	return it, nil
}

// goneItem says that somebody is gone, for a while.
func goneItem(account string, s licence.Seat, n int64, now time.Time) item {
	it := seatKey(account, s.Key()).item()
	it["n"], it["ends"], it["ttl"] = num(n), str(stamp(now)), num(now.Add(goneFor).Unix())
	return it
}
