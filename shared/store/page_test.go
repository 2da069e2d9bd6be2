package store

import (
	"errors"
	"testing"
)

func TestPage(t *testing.T) {
	for _, test := range []struct{ limit, size int }{{-1, 100}, {0, 100}, {1, 1}, {500, 500}, {501, 500}} {
		if got := (Page{Limit: test.limit}).Size(); got != test.size {
			t.Errorf("limit %d: got size %d, want %d", test.limit, got, test.size)
		}
	}
	key := func(s string) []string { return []string{s, "x"} }
	shown, next := Cut(Page{Limit: 2}, []string{"a", "b\"#", "c"}, key)
	if len(shown) != 2 || next.Limit != 2 {
		t.Errorf("got %q and %+v", shown, next)
	}
	after, err := next.After(2)
	if err != nil || after[0] != "b\"#" {
		t.Errorf("the next page is after %q, error %v", after, err)
	}
	if _, err := next.After(3); !errors.Is(err, ErrCursor) {
		t.Errorf("got %v of another list's cursor", err)
	}
	if _, next := Cut(Page{Limit: 2}, []string{"a", "b"}, key); next.Cursor != "" {
		t.Errorf("a list that is over goes on at %q", next.Cursor)
	}
}
