package store

import (
	"encoding/base64"
	"encoding/json"
)

// A Page is a place in a list, and how much of it is wanted. The page that a list gives back is
// where it goes on; it is over when that has no cursor. A page may hold fewer than wanted.
type Page struct {
	Cursor string // opaque; "" is the beginning
	Limit  int    // 0: 100; at most 500
	Bytes  int    // of what is stored of them together, of a list that goes by it; 0: no bound; one is shown whatever its size
}

// Room counts the bytes of a page as it is filled. It is for stores.
type Room struct{ left, bound int }

// Room is that of an empty page.
func (p Page) Room() *Room { return &Room{p.Bytes, p.Bytes} }

// Takes tells whether one more of that size belongs on the page.
func (r *Room) Takes(size int) bool {
	first := r.left == r.bound
	r.left -= max(size, 1)
	return r.bound == 0 || first || r.left >= 0
}

// Size is the limit within its bounds.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return 100
	}
	return min(p.Limit, 500)
}

// After opens the cursor: the key of the last that was shown, which has so many parts. It is nil
// at the beginning. It is for stores.
func (p Page) After(parts int) ([]string, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil {
		return nil, ErrCursor
	}
	var key []string
	if err := json.Unmarshal(text, &key); err != nil || len(key) != parts {
		return nil, ErrCursor
	}
	return key, nil
}

// CutAt is Cut of a list of which only so many belong on the page, by their bytes.
func CutAt[T any](p Page, list []T, most int, key func(T) []string) ([]T, Page) {
	limit := p.Limit
	if most < len(list) {
		p.Limit = min(most, p.Size())
	}
	list, next := Cut(p, list, key)
	next.Limit, next.Bytes = limit, p.Bytes
	return list, next
}

// Cut takes from a list that was read one further than the page what belongs on it, and says
// where to go on. Key names the last one shown. It is for stores.
func Cut[T any](p Page, list []T, key func(T) []string) ([]T, Page) {
	if len(list) <= p.Size() {
		return list, Page{Limit: p.Limit, Bytes: p.Bytes}
	}
	list = list[:p.Size()]
	text, err := json.Marshal(key(list[len(list)-1]))
	if err != nil {
		panic(err) // unreachable: strings
	}
	return list, Page{base64.RawURLEncoding.EncodeToString(text), p.Limit, p.Bytes}
}
