package dynamo

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// cut is a store that is killed, it seems, before it copies a person from the head.
func cut(s *Store) *Store {
	options := s.Client.Options()
	inner := options.HTTPClient
	options.HTTPClient = wire(func(op string, req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if req.Body = io.NopCloser(bytes.NewReader(body)); op == "PutItem" && (bytes.Contains(body, []byte(`seat#`)) || bytes.Contains(body, []byte(`task#`))) {
			return answer(400, object{"__type": "ValidationException", "message": "killed"})
		}
		return inner.Do(req)
	})
	return &Store{Client: dynamodb.New(options), Table: s.Table, Now: s.Now}
}

// TestRedo: a person whom a commit had in the head alone when it was cut is seen by everybody who has seen
// that commit, in whatever way; and nothing old comes back.
func TestRedo(t *testing.T) {
	now := noon
	fresh := opened(t, &now)
	who := licence.Key{CustID: "cust1", User: "12"}
	person := func(name string) licence.Seat {
		return licence.Seat{CustID: "cust1", User: licence.Reg[licence.User]{Value: licence.User{ID: "12", Name: name}}, Plans: map[string]licence.Held{"sales": {Held: true}}}
	}
	task := func(name string) []licence.Row {
		return []licence.Row{{Kind: "task", ID: "1", Body: []byte(`"` + name + `"`)}}
	}
	late := []redoRow{{Kind: "task", ID: "1", Body: `"late"`}}
	rows := []licence.RowKey{{Kind: "task", ID: "1"}}
	must(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", Seats: []licence.Seat{person("0")}, Rows: []licence.Row{{Kind: "task", ID: "1", Body: []byte(`"0"`)}}}))
	n := int64(1)
	is := func(what string, s *Store, want string) {
		t.Helper()
		for try := range 2 {
			var got []string
			some, _, err := s.Seats(t.Context(), "C-1", "cust1", "", store.Page{})
			must(t, err)
			between, err := s.Between(t.Context(), "C-1", "cust1", "", licence.Span{From: "1"})
			must(t, err)
			best, _, err := s.Candidates(t.Context(), "C-1", "cust1", "", "sales", store.Page{})
			must(t, err)
			row, there, err := s.Row(t.Context(), "C-1", "task", "1")
			must(t, err)
			listed, _, err := s.Rows(t.Context(), "C-1", "task", store.Page{})
			must(t, err)
			every := 0
			for r, err := range s.AllRows(t.Context(), "C-1") {
				must(t, err)
				every++
				listed = append(listed, r)
			}
			if there != (want != "") || len(listed) != 2*min(1, len(want)) || every != min(1, len(want)) {
				t.Fatalf("%s: there %v, %d rows, %d of all", what, there, len(listed), every)
			}
			for _, r := range append(listed, row) {
				got = append(got, strings.Trim(string(r.Body), `"`))
			}
			for _, list := range [][]licence.Seat{some, between, best} {
				for _, p := range list {
					got = append(got, p.User.Value.Name)
				}
				if len(list) != min(1, len(want)) {
					t.Fatalf("%s: %d people, want %q", what, len(list), want)
				}
			}
			for _, name := range got {
				if name != want {
					t.Fatalf("%s, try %d: got %q, want %q", what, try, got, want)
				}
			}
		}
	}
	load := func(w store.Want) func(*Store) {
		return func(s *Store) {
			l, err := s.Load(t.Context(), "C-1", w)
			must(t, err)
			if row, asked := l.Rows[rows[0]]; len(w.Rows) > 0 && (!asked || string(row.Body) != `"`+string(rune('0'+n-1))+`"`) {
				t.Fatalf("%+v gave %s at version %d", w, row.Body, n)
			}
			if got := l.Seats[who].User.Value.Name; l.State.N != n || len(w.Seats) > 0 && got != string(rune('0'+n-1)) {
				t.Fatalf("%+v gave %q at version %d", w, got, l.State.N)
			}
		}
	}
	knows := fresh()
	load(store.Want{})(knows)
	for what, see := range map[string]func(*Store){
		"a load":                 load(store.Want{}),
		"a load of the person":   load(store.Want{Seats: []licence.Key{who}}),
		"a load with a row":      load(store.Want{Seats: []licence.Key{who}, Rows: rows}),
		"a load without a state": load(store.Want{Seats: []licence.Key{who}, Have: store.Unread}),
		"the outbox":             func(s *Store) { _, err := s.Outbox(t.Context(), "C-1"); must(t, err) },
		"the facts":              func(s *Store) { _, _, err := s.Facts(t.Context(), "C-1", store.Page{}); must(t, err) },
		"another commit": func(s *Store) {
			must(t, s.Commit(t.Context(), licence.Change{Account: "C-1", N: n}))
			n++
		},
	} {
		for _, s := range []*Store{fresh(), knows} {
			name := string(rune('0' + n))
			if err := cut(fresh()).Commit(t.Context(), licence.Change{Account: "C-1", N: n, Seats: []licence.Seat{person(name)}, Rows: task(name)}); err == nil {
				t.Fatal("nothing was cut")
			}
			n++
			see(s)
			is(what, fresh(), name)
		}
	}
	// A copy that comes late changes nothing, be there a later one or nobody any more.
	s := fresh()
	must(t, s.redo(t.Context(), "C-1", redo{People: []licence.Seat{person("late")}, Rows: late}, 2, false))
	must(t, s.Commit(t.Context(), licence.Change{Account: "C-1", N: n, Seats: []licence.Seat{person("new")}, Rows: task("new")}))
	n++
	must(t, s.redo(t.Context(), "C-1", redo{People: []licence.Seat{person("late")}, Rows: late}, n-1, false))
	is("a late copy", fresh(), "new")
	gone := person("new")
	gone.Gone = true
	must(t, s.Commit(t.Context(), licence.Change{Account: "C-1", N: n, Seats: []licence.Seat{gone}, Rows: []licence.Row{{Kind: "task", ID: "1", Gone: true}}}))
	must(t, s.redo(t.Context(), "C-1", redo{People: []licence.Seat{person("late")}, Rows: late}, n, false))
	is("who is gone", fresh(), "")
	l, err := fresh().Load(t.Context(), "C-1", store.Want{Seats: []licence.Key{who}})
	must(t, err)
	if len(l.Seats) != 0 {
		t.Errorf("who is gone is loaded: %+v", l.Seats)
	}
	must(t, fresh().Commit(t.Context(), licence.Change{Account: "C-1", N: n + 1, Seats: []licence.Seat{person("back")}, Rows: task("back")}))
	is("who comes back", fresh(), "back")
}
