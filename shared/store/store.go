// Package store says what Seatmend needs of a database, and how it must behave.
//
// Three stores do it: [seatmend/shared/store/sqlite] on one machine, [seatmend/shared/store/dynamo] on
// AWS, and [seatmend/shared/store/memory] in tests. They are packages of their own, so that a Lambda does not
// carry SQLite. Package storetest holds each to the law below, and has a wrapper that fails on purpose.
package store

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// Operations is the account of what is about no customer. It is an account like any other, but no
// list of customers shows it.
const Operations = "fleet"

// A Store keeps accounts, and what leads to them. This is the law:
//
//   - The commits of one account are serializable, each on the state that it was decided on.
//     Accounts owe each other nothing, except that a name leads to one of them only.
//   - A commit is there whole or not at all: state, fact, seats, names, effects and rows. It is
//     durable when Commit returns, and every Load, Resolve, Outbox, Row, Rows and Seats that
//     begins later sees it, in any process. Load sees one instant.
//   - Due, Candidates, Accounts, Cases, Find, Facts, Unmatched and Rejections are read from indexes, which may
//     lag by a moment. They are for people and for the sweep, and decide nothing.
//   - An error that is none of those named in this package does not tell whether the write was
//     kept. Every write may be made again: a Commit that was kept then conflicts, and a new Load
//     shows its fact; all others come to the same.
//   - Any method may be called from anywhere at any time. Keys are compared byte for byte, and
//     no character in them has a meaning: ("a#b", "c") is not ("a", "b#c").
//
// What has come to its end (a fact after 400 days, a row at its Ends) is not there any more,
// whenever its bytes go.
type Store interface {
	// Resolve gives the account of the first name that leads anywhere; ErrNoAccount if none does.
	Resolve(ctx context.Context, names ...licence.Name) (account string, err error)
	// Load reads, in one round trip, the state, and what is there of all that is wanted. Of an account
	// that was never written only its name is there. More than MaxSeats seats and rows are ErrTooLarge; but
	// where nothing but seats is wanted (Have Unread, no fact, no row), any number is read, each MaxSeats of one instant.
	Load(ctx context.Context, account string, w Want) (licence.Loaded, error)
	// Commit writes a change that was decided on version c.N. In this order it fails with
	// ErrTooLarge, ErrConflict, ErrSeen, ErrConflictingReplay (the fact's sender gave its id to a fact
	// of another account, or to another one that is parked), or *NameTaken. A released name is deleted if it leads here
	// and else left alone; what is both claimed and released is claimed, and what is both added
	// and dropped is added. Added effects without an id get
	// licence.EffectID(c.N+1, place in c.Add); one with an id replaces the effect of that id.
	Commit(ctx context.Context, c licence.Change) error

	// KeepUnmatched keeps a fact, under its last name, until an account is known for it. It is ErrKnown if
	// one of its names leads somewhere by now; if its id is stored already, parked or of an account,
	// it is ErrSeen where the hashes agree, and ErrConflictingReplay where they do not; and it is
	// ErrFull if as much as MostWaiting waits under that name.
	KeepUnmatched(ctx context.Context, f licence.Fact, hash string) error
	// Unmatched lists all facts whose account is not known, parked, newest first. A page of it, of Rejections and of Facts ends by its
	// bytes, too.
	Unmatched(ctx context.Context, p Page) ([]StoredFact, Page, error)
	// UnmatchedFor gives up to limit facts that were parked under the name, in any order.
	UnmatchedFor(ctx context.Context, name licence.Name, limit int) ([]StoredFact, error)
	// DropUnmatched forgets a parked fact, once it is folded.
	DropUnmatched(ctx context.Context, f licence.Fact) error

	// Reject keeps a body that a person must look at; of one id the first is kept. It is ErrFull if
	// as much as MostWaiting lies there of the same sender and account.
	Reject(ctx context.Context, a Rejected) error
	// Rejections lists what was set aside, newest first.
	Rejections(ctx context.Context, p Page) ([]Rejected, Page, error)
	// Rejection is one of them; false: it is not there any more.
	Rejection(ctx context.Context, id string) (Rejected, bool, error)
	DropRejection(ctx context.Context, id string) error

	// Outbox gives what is owed outside, the oldest first.
	Outbox(ctx context.Context, account string) ([]licence.Effect, error)
	// Due gives the accounts that are to be looked at by then, in any order. The accounts may be
	// written while it runs. It ends with the first error.
	Due(ctx context.Context, by time.Time) iter.Seq2[string, error]

	// Rows lists the rows of a kind, the greatest id first: the newest, where ids begin with that
	// of an effect or a time.
	Rows(ctx context.Context, account, kind string, p Page) ([]licence.Row, Page, error)
	Row(ctx context.Context, account, kind, id string) (licence.Row, bool, error)
	// Facts lists the account's facts, the latest committed first.
	Facts(ctx context.Context, account string, p Page) ([]StoredFact, Page, error)

	// Seats lists a roster by user id. A cursor of one roster is none of another's, so that nobody
	// who pages sees half of each.
	Seats(ctx context.Context, account, custID, roster string, p Page) ([]licence.Seat, Page, error)
	// Between gives the rows of a roster whose user ids lie in the span, as durable as Load does. Ids
	// are ordered by their bytes; the span begins and ends with none of the characters #, $ and %.
	Between(ctx context.Context, account, custID, roster string, span licence.Span) ([]licence.Seat, error)
	// Candidates lists who holds the plan ("": any plan), the best to free first: by rank, then
	// user id.
	Candidates(ctx context.Context, account, custID, roster, plan string, p Page) ([]licence.Seat, Page, error)
	// StageRoster writes the rows of a roster that no commit names yet, so that nobody sees them.
	// Each is filed under that installation and roster, whatever it says itself.
	StageRoster(ctx context.Context, account, custID, roster string, rows iter.Seq[licence.Seat]) error
	// PruneRoster deletes the rows of a roster that no commit names any more.
	PruneRoster(ctx context.Context, account, custID, roster string) error

	// Accounts lists all accounts but Operations, by name.
	Accounts(ctx context.Context, p Page) ([]licence.Entry, Page, error)
	// Cases lists the accounts that have a place among the cases, by it.
	Cases(ctx context.Context, p Page) ([]licence.Entry, Page, error)
	// Find lists the accounts that have, for each of these words, a term that begins with it, by the first
	// term that begins with the longest word: what is just that word comes first. A word of fewer than
	// ShortWord characters is a whole term. A page may be shorter than its limit, and is never the last for that.
	Find(ctx context.Context, words []string, p Page) ([]licence.Entry, Page, error)
	// Index replaces the terms under which the account is found. It is ErrConflict if another call
	// does the same meanwhile.
	Index(ctx context.Context, account string, terms []string) error

	// Counter adds to what is counted under the key in that hour, unless the sum would be above
	// the limit, and tells whether it did. What did not come about is taken back by a negative one.
	// Counts are kept for two days.
	Counter(ctx context.Context, key, hour string, add, limit int) (bool, error)
}

// ShortWord is how many characters a word has at least of which a part is looked for.
const ShortWord = 3

// Matches tells whether a term is found by a word.
func Matches(term, word string) bool {
	return term == word || utf8.RuneCountInString(word) >= ShortWord && strings.HasPrefix(term, word)
}

// Longest puts the longest of the words first: fewest have it.
func Longest(words []string) []string {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// A Want is what Load reads beside the state: any of it, or nothing.
type Want struct {
	Fact  string // an id: the hash of that fact, if it is stored
	Seats []licence.Key
	Rows  []licence.RowKey
	// Have is the version of a state that the caller has: where it is still the version, a store may
	// leave Known and History empty. Unread: it may in any case. 0: the caller has none.
	Have int64
}

// Unread says that no state is wanted.
const Unread = -1

// FactLife is how long facts, parked facts and bodies set aside are kept.
const FactLife = 400 * 24 * time.Hour

// MostWaiting and MostWaitingBytes bound what is parked under one name, and what is set aside of one
// sender and account: a flood of one of them leaves all others alone.
const (
	MostWaiting      = 1000
	MostWaitingBytes = 48 << 20
)

// CounterLife is how long a count is kept.
const CounterLife = 48 * time.Hour

// A StoredFact is a fact as it is kept: parked, or committed as the account's version N.
type StoredFact struct {
	Fact licence.Fact
	Hash string
	N    int64 // 0 while parked
	At   time.Time
}

// A Rejected is a body that was verified but could not be used, kept whole for a person.
type Rejected struct {
	ID      string            `json:"id"`
	Sender  string            `json:"sender"`
	Account string            `json:"account,omitempty"` // that it speaks of, where that is known
	Route   string            `json:"route"`
	Header  map[string]string `json:"header,omitempty"` // those that matter
	Body    []byte            `json:"body"`
	Code    string            `json:"code"`
	Message string            `json:"message"`
	At      time.Time         `json:"at"`
}
