package dynamo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
)

// A wire answers what is sent to DynamoDB: op is the operation.
type wire func(op string, req *http.Request) (*http.Response, error)

func (w wire) Do(req *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	return w(op, req)
}

// faked is a store on a wire.
func faked(w wire) *Store {
	return &Store{Table: "table", Now: func() time.Time { return noon }, Client: dynamodb.New(dynamodb.Options{
		Region: "eu-north-1", HTTPClient: w, DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
	})}
}

func answer(status int, v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(bytes.NewReader(body))}, err
}

type object = map[string]any

// cancelled refuses a transaction of so many actions, one of them for the code.
func cancelled(actions, place int, code string) (*http.Response, error) {
	list := make([]object, actions)
	for i := range list {
		list[i] = object{"Code": "None"}
	}
	list[place] = object{"Code": code}
	return answer(400, object{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "cancelled", "CancellationReasons": list})
}

// TestThrottled: a transaction that finds no capacity is tried again, whichever of its actions it is that found none.
func TestThrottled(t *testing.T) {
	c := licence.Change{Account: "C-1042", Parts: licence.Parts, Rows: []licence.Row{{Kind: "task", ID: "1", Gone: true}},
		Fact: &licence.Fact{ID: "standard:1", At: noon, Source: "standard", Payload: licence.SourceChecked{Of: "licence"}}}
	fact := licence.Fact{ID: "stripe:1", Source: "stripe", To: []licence.Name{{Sender: "stripe", ID: "a"}}, Payload: licence.SourceChecked{Of: "licence"}}
	for name, do := range map[string]func(*Store) error{
		"Load": func(s *Store) error {
			_, err := s.Load(t.Context(), "C-1042", store.Want{Rows: []licence.RowKey{{Kind: "task", ID: "1"}}})
			return err
		},
		"Commit":        func(s *Store) error { return s.Commit(t.Context(), c) },
		"KeepUnmatched": func(s *Store) error { return s.KeepUnmatched(t.Context(), fact, "h") },
		"Reject":        func(s *Store) error { return s.Reject(t.Context(), store.Rejected{ID: "x"}) },
		"Counter":       func(s *Store) error { _, err := s.Counter(t.Context(), "k", "h", 1, 2); return err },
	} {
		for _, code := range []string{"ThrottlingError", "ProvisionedThroughputExceeded"} { // as DynamoDB spells them
			for place := range 8 {
				actions, asked := 1, 0
				err := do(faked(func(op string, req *http.Request) (*http.Response, error) {
					var in struct{ TransactItems []any }
					if body, _ := io.ReadAll(req.Body); op == "BatchGetItem" {
						head := object{"n": object{"N": "1"}}
						for name, v := range headKey("C-1042").item() {
							head[name] = object{"S": v.(*types.AttributeValueMemberS).Value}
						}
						return answer(200, object{"Responses": object{"table": []object{head}}})
					} else if !strings.HasPrefix(op, "Transact") {
						return answer(200, object{})
					} else if err := json.Unmarshal(body, &in); err != nil {
						return nil, err
					}
					actions = len(in.TransactItems)
					if asked++; asked < 3 {
						return cancelled(actions, place%actions, code)
					}
					return answer(200, object{"Responses": make([]object, actions)})
				}))
				if err != nil || asked != 3 {
					t.Errorf("%s, %s of action %d: %v after %d times, want none after 3", name, code, place%actions, err, asked)
				}
				if place >= actions-1 {
					break
				}
			}
		}
	}
}

// TestThrottledFor: who is refused for longer hears of it, and nobody waits beyond its context.
func TestThrottledFor(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	asked := 0
	s := faked(func(string, *http.Request) (*http.Response, error) {
		if asked++; asked == 2 {
			stop()
		}
		return cancelled(1, 0, "ThrottlingError")
	})
	rows := []licence.Row{{Kind: "task", ID: "1", Gone: true}}
	if err := s.Commit(ctx, licence.Change{Account: "C-1042", Rows: rows}); !errors.Is(err, context.Canceled) || asked != 2 {
		t.Errorf("got %v after %d times", err, asked)
	}
	// A condition that fails keeps its meaning, whatever else is throttled.
	s = faked(func(string, *http.Request) (*http.Response, error) {
		return answer(400, object{"__type": "TransactionCanceledException", "CancellationReasons": []object{{"Code": failed}, {"Code": "ThrottlingError"}}})
	})
	if err := s.Commit(t.Context(), licence.Change{Account: "C-1042", Rows: rows}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
}

// TestThrottledPlainly: a write that is no transaction is asked for again beyond what the client does by itself,
// and where a transaction is at the item.
func TestThrottledPlainly(t *testing.T) {
	for _, fault := range []string{"ProvisionedThroughputExceededException", "TransactionConflictException"} {
		asked := map[string]int{}
		s := faked(func(op string, _ *http.Request) (*http.Response, error) {
			if asked[op]++; asked[op] < 5 {
				return answer(400, object{"__type": "com.amazonaws.dynamodb.v20120810#" + fault})
			}
			return answer(200, object{})
		})
		fact := licence.Fact{ID: "standard:1", At: noon, Source: "standard", Payload: licence.SourceChecked{Of: "licence"}}
		if err := s.Commit(t.Context(), licence.Change{Account: "C-1042", Fact: &fact}); err != nil || asked["PutItem"] != 5 || asked["UpdateItem"] != 5 {
			t.Errorf("%s: got %v after %v", fault, err, asked)
		}
	}
	// Who is refused for longer was overtaken.
	s := faked(func(string, *http.Request) (*http.Response, error) {
		return answer(400, object{"__type": "TransactionConflictException"})
	})
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := s.Commit(ctx, licence.Change{Account: "C-1042"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
}

// TestLostAnswer: each write whose answer is lost is asked for again, and made once.
func TestLostAnswer(t *testing.T) {
	real := storetest.Dynamo(t)
	table := storetest.TableName(t, real)
	if err := CreateTable(t.Context(), real, table); err != nil {
		t.Fatal(err)
	}
	lost := 0
	options := real.Options()
	inner := options.HTTPClient
	options.HTTPClient = wire(func(op string, req *http.Request) (*http.Response, error) {
		res, err := inner.Do(req)
		if lost++; err == nil && lost%2 == 1 {
			res.Body.Close()
			return nil, io.ErrUnexpectedEOF
		}
		return res, err
	})
	s := &Store{Client: dynamodb.New(options), Table: table, Now: func() time.Time { return noon }}
	for i := range 3 {
		if ok, err := s.Counter(t.Context(), "mails", "09", 1, 3); err != nil || !ok {
			t.Errorf("%d: %v, %v", i, ok, err)
		}
	}
	if ok, err := s.Counter(t.Context(), "mails", "09", 1, 3); err != nil || ok {
		t.Errorf("counted a fourth: %v, %v", ok, err)
	}
	if ok, err := s.Counter(t.Context(), "mails", "09", -1, 3); err != nil || !ok {
		t.Errorf("took none back: %v, %v", ok, err)
	}
	if it, err := s.get(t.Context(), "Counter", counterKey("mails", "09")); err != nil || number(it, "n") != 2 {
		t.Errorf("got %d, %v, want 2", number(it, "n"), err)
	}
	for n, c := range []licence.Change{{}, {Fact: checked("stripe/1")}, {Fact: checked("page/1")}, {Rows: []licence.Row{{Kind: "task", ID: "1"}}}, {Fact: checked("page/2"), Rows: []licence.Row{{Kind: "task", ID: "2"}}}} {
		c.Account, c.N = "C-1042", int64(n)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Errorf("a commit whose answer was lost: %v", err)
		}
	}
	if lost < 10 {
		t.Errorf("%d answers: none was lost", lost)
	}
}
