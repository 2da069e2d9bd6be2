// Package memory keeps accounts in memory, with the law of package store: for tests that need many
// stores, many processes over one, and nothing that depends on a disk or on another's scheduling.
package memory

import (
	"encoding/json"
	"sync"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A Store is one process's. What it holds is kept as bytes, so that nobody shares memory with it.
type Store struct {
	*data
	now   func() time.Time
	mu    sync.Mutex
	queue []*waiter // begun and not durable: they go with the process

	// Lags tells whether an index shows each account as it was before its latest commit, asked at each
	// read of Due, Accounts and Cases; nil: it never does.
	Lags func(index string) bool

	// Writes gives a stored part, or the history, as the version of this process writes it; nil: as this one does.
	Writes func(part []byte) []byte

	// Breaks is asked why so many commits that stand in a row cannot be kept, none of them; nil: they can.
	Breaks func(n int) error

	// Adds gives a fact, an effect, a row or a person's item so; nil: as this one does.
	Adds func(body []byte) []byte
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Beginner = (*Store)(nil)
	_ store.Eraser   = (*Store)(nil)
)

// New is an empty store. Now says what has come to its end.
func New(now func() time.Time) *Store {
	return &Store{now: now, data: &data{
		accounts: map[string]*account{}, names: map[licence.Name]string{}, parked: map[parkedKey]*fact{},
		told: map[string]told{}, asides: map[string]aside{}, counters: map[[2]string]int{},
	}}
}

// Process is the same store as another process has it open, which has a clock of its own.
func (s *Store) Process(now func() time.Time) *Store { return &Store{data: s.data, now: now} }

type data struct {
	lock     sync.Mutex
	accounts map[string]*account
	names    map[licence.Name]string
	parked   map[parkedKey]*fact
	told     map[string]told
	asides   map[string]aside
	counters map[[2]string]int
}

// An account is there from its first seat, term or commit on; n tells whether it was ever committed.
type account struct {
	n        int64
	history  []byte
	read     *licence.State // as it is read, once that was done: nobody changes what a store has given
	now, was head
	parts    map[licence.Part][]byte
	seats    map[licence.Key]seat
	facts    map[string]*fact
	effects  map[string][]byte
	rows     map[licence.RowKey]row
	terms    []string
}

// A head is what indexes show.
type head struct {
	entry []byte
	place string
	due   time.Time
}

type seat struct {
	rank  string // "" holds nothing
	holds []string
	body  []byte
}

type row struct {
	body json.RawMessage
	ends time.Time
}

type fact struct {
	n        int64
	hash     string
	body     []byte
	at, ends time.Time
}

type parkedKey struct {
	licence.Name
	fact string
}

type told struct {
	account, hash string // account "": it is parked
	ends          time.Time
}

type aside struct {
	body     []byte
	pile     [2]string
	at, ends time.Time
}

func (d *data) account(name string) *account {
	a := d.accounts[name]
	if a == nil {
		a = &account{parts: map[licence.Part][]byte{}, seats: map[licence.Key]seat{}, facts: map[string]*fact{}, effects: map[string][]byte{}, rows: map[licence.RowKey]row{}}
		d.accounts[name] = a
	}
	return a
}

// at is the account for who only reads.
func (d *data) at(name string) *account {
	if a := d.accounts[name]; a != nil {
		return a
	}
	return &account{}
}

func (r row) there(now time.Time) bool { return r.ends.IsZero() || r.ends.After(now) }

// body writes a value of ours down.
func body(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // unreachable: plain data
	}
	return b
}

// adds is what is stored of a body.
func (s *Store) adds(b []byte) []byte {
	if s.Adds != nil {
		return s.Adds(b)
	}
	return b
}

func decoded[T any](b []byte) (v T, err error) { return v, json.Unmarshal(b, &v) }
