package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"seatmend/shared/link"
)

// A Safe holds the secrets as they were read last. On AWS they are read while the function starts,
// beside its first call for work, and again while it lives: what was taken out ends, and what was
// put in begins, in every process.
type Safe struct {
	// Read reads the secrets' JSON; ReadSecrets, where a function has not more to say of them.
	Read func([]byte) (Secrets, error)

	fetch func(context.Context) ([]byte, error) // nil: they stay as they are
	now   func() time.Time
	log   *slog.Logger
	held  atomic.Pointer[Held]

	mu        sync.Mutex // guards the following, and is held while they are read: one reads for all
	raw       []byte
	at, tried time.Time
}

// Held are secrets, and the keys of links that are made of them. They do not change: what is read
// later is held by another.
type Held struct {
	Secrets Secrets
	Keys    link.Keys
	Reads   []string // what there is a key for: see licence.Settings
}

const (
	// stale is after how long secrets are read again before anything is done with them.
	stale = 5 * time.Minute
	// apart is how long lies between two readings, however much is forged meanwhile.
	apart = 30 * time.Second
	// readLimit bounds one reading.
	readLimit = 8 * time.Second
)

// hold is a safe with secrets that stay as they are.
func hold(s Secrets) (*Safe, error) {
	keys, err := s.Keys()
	safe := &Safe{}
	safe.held.Store(&Held{s, keys, s.reads()})
	return safe, err
}

// Held is what was read last; before that, nothing, which proves and opens nothing.
func (s *Safe) Held() *Held {
	if h := s.held.Load(); h != nil {
		return h
	}
	return &Held{}
}

// Ready waits for the first reading, and reads again what is stale. Where that fails, what is held
// goes on.
func (s *Safe) Ready(ctx context.Context) error {
	if s.fetch == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first, now := s.held.Load() == nil, s.now()
	if !first && (now.Sub(s.at) < stale || now.Sub(s.tried) < apart) {
		return nil
	}
	if err := s.again(ctx, slog.LevelError); first {
		return err
	}
	return nil
}

// early reads the secrets before anybody waits for them. Lambda may freeze a process meanwhile, and the
// call is lost: nobody was refused for that, and the first who is there reads them.
func (s *Safe) early(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held.Load() == nil {
		_ = s.again(ctx, slog.LevelWarn)
	}
}

// Proves asks whether the secrets prove something. Where they do not, they are read again, as often
// as may be, and asked once more: they may have been changed since.
func (s *Safe) Proves(ctx context.Context, proves func(*Held) bool) bool {
	asked := s.Held()
	return proves(asked) || s.newer(ctx, asked) && proves(s.Held())
}

// newer tells whether other secrets are held than those.
func (s *Safe) newer(ctx context.Context, than *Held) bool {
	if s.fetch == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Held() == than && s.now().Sub(s.tried) >= apart {
		_ = s.again(ctx, slog.LevelError) // it is logged, and what is held goes on
	}
	return s.Held() != than
}

// again reads the secrets, and logs at that level that they cannot be read.
func (s *Safe) again(ctx context.Context, level slog.Level) error {
	s.tried = s.now()
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	raw, err := s.fetch(ctx)
	if err != nil {
		err = fmt.Errorf("SEATMEND_SECRETS_ARN: %w", err)
	} else if !bytes.Equal(raw, s.raw) {
		err = s.take(raw)
	}
	if err != nil {
		s.log.Log(ctx, level, "secrets", "error", err.Error(), "note", "those that were read before stay in use")
		return err
	}
	s.at = s.tried
	return nil
}

// take holds other secrets than before.
func (s *Safe) take(raw []byte) error {
	secrets, err := s.Read(raw)
	if err != nil {
		return err
	}
	keys, err := secrets.Keys()
	if err != nil {
		return err
	}
	if padded := PaddedSecrets(raw); len(padded) > 0 {
		s.log.Warn("secrets", "entries", padded, "note", "white space at their ends does not count")
	}
	s.raw = raw
	s.held.Store(&Held{secrets, keys, secrets.reads()})
	return nil
}
