package dynamo

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A key is where an item lies.
type key struct{ pk, sk string }

var escape = strings.NewReplacer("%", "%25", "#", "%23")

// join makes a key of several parts: a separator within one of them is escaped.
func join(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = escape.Replace(part)
	}
	return strings.Join(escaped, "#")
}

// Account is the account whose items have this partition key, as a record of the table's
// stream names it.
func Account(pk string) (string, bool) {
	account, ok := strings.CutPrefix(pk, "acct#")
	if !ok {
		return "", false
	}
	account, err := url.PathUnescape(account)
	return account, err == nil
}

func of(account string) string { return join("acct", account) }

func headKey(account string) key { return key{of(account), "head"} }

// apartKey is that of a part which lies beside its head, oldPartKey where layout 0 had it.
func apartKey(account string, p licence.Part) key { return key{of(account), join("head", string(p))} }

func oldPartKey(account string, p licence.Part) key { return key{of(account), string(p)} }

func termsKey(account string) key { return key{of(account), "terms"} }

// oldFactKey is where layout 0 had a fact.
func oldFactKey(account, id string) key { return key{of(account), join("fact", id)} }

// chunkKey is that of a list of facts' ids, by the first and the last version that they made.
func chunkKey(account string, first, last int64) key {
	return key{of(account), chunksFrom(first) + fmt.Sprintf("-%012d", last)}
}

func chunksFrom(first int64) string { return fmt.Sprintf("facts#%012d", first) }

func effectKey(account, id string) key { return key{of(account), join("out", id)} }

func rowKey(account, kind, id string) key { return key{of(account), join(kind, id)} }

func nameKey(n licence.Name) key { return key{join("name", n.Sender, n.ID), "account"} }

func parkedKey(last licence.Name, fact string) key {
	return key{join("parked", last.Sender, last.ID), join("fact", fact)}
}

func parkedCount(last licence.Name) key { return key{join("parked", last.Sender, last.ID), "count"} }

func asideCount(a store.Rejected) key { return key{join("asides", a.Sender, a.Account), "count"} }

// toldKey is where a fact lies, for whatever account; one of ours is its account's alone.
func toldKey(account string, f licence.Fact) key {
	if !f.Sent() {
		return key{of(account), join("told", f.ID)}
	}
	return key{join("told", f.ID), "told"}
}

func asideKey(id string) key { return key{join("aside", id), "aside"} }

// scrapKey is where a term of an account lies: under its first characters, in the order of the terms.
func scrapKey(term, account string) key {
	return key{join("scrap", firstOf(term)), join(term, account)}
}

// firstOf are the characters by which terms lie together: those of the shortest part that is looked for.
func firstOf(term string) string {
	runes := []rune(term)
	return string(runes[:min(len(runes), store.ShortWord)])
}

// wholeKey is where an earlier version had a term, which it found as a whole alone.
func wholeKey(term, account string) key { return key{join("find", term), join(account)} }

func counterKey(k, hour string) key { return key{join("fleet", "counter", k), join(hour)} }

func seatKey(account string, k licence.Key) key {
	return key{of(account), join("seat", k.CustID, k.Roster, k.User)}
}

// rosterKey is under which the index rank has the seats of a roster.
func rosterKey(account, custID, roster string) string { return join("roster", account, custID, roster) }

// buckets is how many keys the index due is spread over. Changing it needs every head written anew.
const buckets = 16

func dueBucket(account string) string {
	h := fnv.New32a()
	h.Write([]byte(account))
	return bucket(int(h.Sum32() % buckets))
}

func bucket(i int) string { return "due#" + strconv.Itoa(i) }

// stampLayout has a fixed width, so that stamps sort.
const stampLayout = "2006-01-02T15:04:05.000000000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

func parseStamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(stampLayout, s)
}

// An item is what DynamoDB holds under a key.
type item = map[string]types.AttributeValue

func (k key) item() item { return item{"pk": str(k.pk), "sk": str(k.sk)} }

func keyOf(it item) key { return key{text(it, "pk"), text(it, "sk")} }

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// text and number are "" and 0 where the item has no such attribute.
func text(it item, name string) string {
	v, _ := it[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

func number(it item, name string) int64 {
	v, _ := it[name].(*types.AttributeValueMemberN)
	if v == nil {
		return 0
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64)
	return n
}
