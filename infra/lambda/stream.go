package lambda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A stream reads what the table's stream tells, from the beginning on.
type stream struct {
	endpoint, table, arn string
	iterators            map[string]string // by shard
}

// A record is one of the stream, as an event source mapping hands it over.
type record map[string]any

// next is what was written since it was last asked.
func (s *stream) next(t testing.TB) (all []record) {
	t.Helper()
	if s.iterators == nil {
		s.iterators = map[string]string{}
		var list struct {
			Streams []struct{ StreamArn, TableName string }
		}
		s.call(t, "ListStreams", map[string]any{"TableName": s.table}, &list)
		for _, one := range list.Streams {
			if one.TableName == s.table {
				s.arn = one.StreamArn
			}
		}
		var of struct {
			StreamDescription struct{ Shards []struct{ ShardId string } }
		}
		s.call(t, "DescribeStream", map[string]any{"StreamArn": s.arn}, &of)
		for _, shard := range of.StreamDescription.Shards {
			var at struct{ ShardIterator string }
			s.call(t, "GetShardIterator", map[string]any{"StreamArn": s.arn, "ShardId": shard.ShardId, "ShardIteratorType": "TRIM_HORIZON"}, &at)
			s.iterators[shard.ShardId] = at.ShardIterator
		}
	}
	for shard, at := range s.iterators {
		for at != "" {
			var got struct {
				Records           []record
				NextShardIterator string
			}
			s.call(t, "GetRecords", map[string]any{"ShardIterator": at, "Limit": 1000}, &got)
			at = got.NextShardIterator
			s.iterators[shard] = at
			if len(got.Records) == 0 {
				break
			}
			for _, r := range got.Records {
				all = append(all, s.handedOver(r))
			}
		}
	}
	return all
}

func (s *stream) call(t testing.TB, name string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+name)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261130/eu-north-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("X-Amz-Date", "20261130T000000Z")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", a.Status, text)
	}
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// wanted tells whether a pattern takes a record: objects, with lists of texts at the leaves. That
// AWS reads ours so too, infra/template shows with AWS's own engine.
func wanted(pattern string, r record) bool {
	var p map[string]any
	return json.Unmarshal([]byte(pattern), &p) == nil && within(p, r)
}

func within(pattern, r map[string]any) bool {
	for name, want := range pattern {
		switch want := want.(type) {
		case map[string]any:
			inner, ok := r[name].(map[string]any)
			if !ok || !within(want, inner) {
				return false
			}
		case []any:
			said := fmt.Sprint(r[name])
			var found bool
			for _, w := range want {
				found = found || fmt.Sprint(w) == said
			}
			if !found {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// keyOf is the account of a record's key, for what a test says of it.
func keyOf(r record) string {
	text, _ := json.Marshal(r["dynamodb"])
	_, key, _ := strings.Cut(string(text), `"pk":{"S":"`)
	key, _, _ = strings.Cut(key, `"`)
	return key
}
