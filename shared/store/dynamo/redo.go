package dynamo

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
)

// A commit that writes a few people and small rows, and else just the head, has them in the head, as what is to
// be done, and copies them to where they are read before it is over. Where a crash comes between, whoever
// reads the head next copies them before going on; and whoever has not read the head cannot know of the
// commit. The next commit takes them out of the head. Each item of a person, and each row, bears the version
// that wrote it, so that a copy that comes late changes nothing.

// mostRedo is how many items go that way.
const mostRedo = 3

// goneFor is how long an item says that somebody is gone, so that a late copy finds it there.
const goneFor = 24 * time.Hour

// A redo is what a head has to be copied.
type redo struct {
	People []licence.Seat `json:"people,omitempty"`
	Rows   []redoRow      `json:"rows,omitempty"`
}

// A redoRow is a row, whose body stays byte for byte as it is.
type redoRow struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	Body string    `json:"body"`
	Ends time.Time `json:"ends,omitzero"`
}

// redoOf is that of a change; false: it is no case for it.
func redoOf(c licence.Change) (r redo, ok bool) {
	r.People = c.Seats
	for _, row := range c.Rows {
		r.Rows = append(r.Rows, redoRow{row.Kind, row.ID, string(row.Body), row.Ends})
	}
	gone := slices.ContainsFunc(c.Seats, func(s licence.Seat) bool { return s.Gone }) || slices.ContainsFunc(c.Rows, func(r licence.Row) bool { return r.Gone })
	// A page waits for its rows: a transaction is dearer, and over at once.
	page := len(c.Rows) > 0 && c.Fact != nil && !c.Fact.Sent()
	return r, !gone && !page && r.size() <= mostRedo
}

func (r redo) size() int { return len(r.People) + len(r.Rows) }

// items are what is copied of version n.
func (r redo) items(account string, n int64) (list []item, err error) {
	for _, p := range r.People {
		it, fault := seatItem(account, p, n)
		list, err = append(list, it), errors.Join(err, fault)
	}
	for _, row := range r.Rows {
		list = append(list, rowItem(account, licence.Row{Kind: row.Kind, ID: row.ID, Body: []byte(row.Body), Ends: row.Ends}, n))
	}
	return list, err
}

// redo copies what version n has in the head to where it is read. Look first: it may have been done.
func (s *Store) redo(ctx context.Context, account string, r redo, n int64, look bool) error {
	list, err := r.items(account, n)
	if err != nil || len(list) == 0 {
		return err
	}
	found := map[key]item{}
	if look {
		var keys []key
		for _, it := range list {
			keys = append(keys, keyOf(it))
		}
		if found, err = s.read(ctx, "Load", keys, true); err != nil {
			return err
		}
	}
	for _, it := range list {
		if number(found[keyOf(it)], "n") >= n {
			continue
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

// rowItem is a row as version n wrote it.
func rowItem(account string, r licence.Row, n int64) item {
	it := rowKey(account, r.Kind, r.ID).item()
	it["kind"], it["id"], it["body"], it["n"] = str(r.Kind), str(r.ID), squeezed(r.Body), num(n)
	if !r.Ends.IsZero() {
		end(it, r.Ends)
	}
	return it
}

// goneItem says that what lay there is gone, for a while.
func goneItem(k key, n int64, now time.Time) item {
	it := k.item()
	it["n"], it["ends"], it["ttl"] = num(n), str(stamp(now)), num(now.Add(goneFor).Unix())
	return it
}
