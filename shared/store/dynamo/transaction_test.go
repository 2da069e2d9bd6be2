package dynamo

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/licence"
	"seatmend/shared/store"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// changes are a first change and a later one, which have one of each action between them.
func changes() []licence.Change {
	at := licence.Stamp{At: noon, ID: "standard:1"}
	holds := licence.Seat{CustID: "cust12345", Roster: "r1", Plans: map[string]licence.Held{"sales": {Stamp: at, Held: true}}}
	holds.User.Value = licence.User{ID: "12", CanLogin: true, Activity: "known", LastActive: noon.AddDate(0, 0, -90)}
	gave := licence.Seat{CustID: "cust12345", Roster: "r1", Plans: map[string]licence.Held{"sales": {Stamp: at}}}
	gave.User.Value = licence.User{ID: "13#a"}
	fact := licence.Fact{ID: "standard:1", At: noon, Source: "standard", Payload: licence.SourceChecked{Of: "licence"}}
	return []licence.Change{{
		Account: "C#1042", Fact: &fact,
		Parts:   []licence.Part{"profile"},
		Claim:   []licence.Name{{Sender: "stripe", ID: "cus_F10rd"}},
		Add:     []licence.Effect{{Kind: licence.Mail, Ripe: noon}},
		Rows:    []licence.Row{{Kind: "task", ID: "t1", Body: []byte(`{"case":"S-1"}`)}, {Kind: "link", ID: "x1", Body: []byte(`{}`), Ends: noon.Add(time.Hour)}},
		Due:     noon.Add(time.Hour),
		Entry:   licence.Entry{Name: "Fjord", Phase: "ok"},
		History: licence.History{Codes: []string{"surplus"}},
	}, {
		Account: store.Operations, N: 7,
		Release: []licence.Name{{Sender: "stripe", ID: "cus_F10rd"}},
		Seats:   []licence.Seat{holds, gave},
		Drop:    []string{licence.EffectID(3, 0)},
		Rows:    []licence.Row{{Kind: "mail", ID: "m1", Gone: true}},
	}}
}

func TestTransaction(t *testing.T) {
	var b strings.Builder
	for _, c := range changes() {
		c, err := store.Prepare(c)
		if err != nil {
			t.Fatal(err)
		}
		h := &shape{layout: layout, n: c.N}
		if c.N > 0 {
			h.effects = map[string]bool{licence.EffectID(3, 0): true}
			h.facts = map[int64]string{5: "standard:0"}
		}
		d, err := drafted("table", c, h, "by", noon)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "# %s at version %d\n", c.Account, c.N)
		if c.Fact != nil {
			it, condition, values, err := claimed(c, noon, nil)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(line("put", it, &condition, values))
		}
		for _, action := range append([]types.TransactWriteItem{{Update: d.head.write("table", headKey(c.Account), c.N)}}, append(d.claims, d.beside...)...) {
			b.WriteString(describe(action))
		}
	}
	golden(t, "transaction.txt", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update rewrites it):\n%s", file, got)
	}
}

// describe writes an action for people: what it does where, if what, and with which attributes.
func describe(a types.TransactWriteItem) string {
	if a.Put != nil {
		return line("put", a.Put.Item, a.Put.ConditionExpression, a.Put.ExpressionAttributeValues)
	}
	if u := a.Update; u != nil {
		set := u.Key
		for name, value := range u.ExpressionAttributeValues {
			if i, ok := strings.CutPrefix(name, ":s"); ok {
				set[u.ExpressionAttributeNames["#s"+i]] = value
			}
		}
		text := line("update", set, u.ConditionExpression, item{":n": u.ExpressionAttributeValues[":n"]})
		for _, name := range slices.Sorted(maps.Keys(u.ExpressionAttributeNames)) {
			if strings.HasPrefix(name, "#r") {
				text += "\tno " + u.ExpressionAttributeNames[name] + "\n"
			}
		}
		return text
	}
	return line("delete", a.Delete.Key, a.Delete.ConditionExpression, a.Delete.ExpressionAttributeValues)
}

func line(verb string, it item, condition *string, values item) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s | %s\n", verb, text(it, "pk"), text(it, "sk"))
	if condition != nil {
		fmt.Fprintf(&b, "\tif %s", *condition)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			fmt.Fprintf(&b, ", %s is %s", name, shown(values[name]))
		}
		b.WriteString("\n")
	}
	for _, name := range slices.Sorted(maps.Keys(it)) {
		if name != "pk" && name != "sk" {
			fmt.Fprintf(&b, "\t%s = %s\n", name, shown(it[name]))
		}
	}
	return b.String()
}

// shown is a value for people. How a body is encoded is package licence's business.
func shown(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if strings.HasPrefix(v.Value, "{") && len(v.Value) > 40 {
			return v.Value[:40] + "..."
		}
		return v.Value
	case *types.AttributeValueMemberB:
		body, err := unsqueezed(v)
		if err != nil {
			return err.Error()
		}
		return shown(str(string(body))) + " (squeezed)"
	case *types.AttributeValueMemberN:
		return "number " + v.Value
	case *types.AttributeValueMemberSS:
		return "set " + strings.Join(v.Value, ", ")
	}
	return fmt.Sprintf("%T", v)
}

// TestOutcome: what a refused commit means follows from the place of the reason.
func TestOutcome(t *testing.T) {
	names := []licence.Name{{Sender: "stripe", ID: "a"}, {Sender: "stripe", ID: "b"}}
	c := licence.Change{Account: "C-1042", Fact: &licence.Fact{}, Claim: names, Release: []licence.Name{{Sender: "stripe", ID: "c"}}}
	const f, busy = failed, contention
	for _, test := range []struct {
		change licence.Change
		codes  string
		want   error
		frees  int // released names that lead elsewhere
	}{
		// head, two claims, a release, a part
		{c, "None None None None None", errOther, 0},
		{c, f + " None None None None", store.ErrConflict, 0},
		{c, f + " " + f + " None None None", store.ErrConflict, 0},
		{c, "None None " + f + " None None", &store.NameTaken{Name: names[1], Account: "C-2000"}, 0},
		{c, "None None None " + f + " None", nil, 1},
		{c, "None None " + busy + " None None", store.ErrConflict, 0},
		{c, busy + " None None None None", store.ErrConflict, 0},
		{c, "None None None None " + busy, store.ErrConflict, 0},
		{c, "None None None " + f + " " + busy, store.ErrConflict, 0},
		{c, "None None None None ThrottlingError", errOther, 0},
		{c, "None None None " + f + " ThrottlingError", nil, 1},
		{c, "ThrottlingError " + f + " None None None", &store.NameTaken{Name: names[0], Account: "C-2000"}, 0},
		{c, "None None None None ItemCollectionSizeLimitExceeded", errOther, 0},
	} {
		cancelled := &types.TransactionCanceledException{}
		for _, code := range strings.Fields(test.codes) {
			cancelled.CancellationReasons = append(cancelled.CancellationReasons,
				types.CancellationReason{Code: aws.String(code), Item: item{"account": str("C-2000")}})
		}
		foreign, err := outcome(fmt.Errorf("operation error: %w", cancelled), test.change, false)
		if got, want := len(foreign), test.frees; got != want {
			t.Errorf("%s: %d foreign names, want %d", test.codes, got, want)
		}
		var taken, wantTaken *store.NameTaken
		switch {
		case errors.As(test.want, &wantTaken):
			if !errors.As(err, &taken) || *taken != *wantTaken {
				t.Errorf("%s: got %v, want %v", test.codes, err, test.want)
			}
		case test.want == errOther:
			if !errors.Is(err, cancelled) && !strings.Contains(fmt.Sprint(err), "nothing was written") {
				t.Errorf("%s: got %v, want an error without a name", test.codes, err)
			}
		case !errors.Is(err, test.want):
			t.Errorf("%s: got %v, want %v", test.codes, err, test.want)
		}
	}
	if _, err := outcome(errOther, c, false); err != errOther {
		t.Errorf("got %v of an error that is no refusal", err)
	}
}

var errOther = errors.New("another error")

func TestAccount(t *testing.T) {
	for _, account := range []string{"C-1042", "a#b", "100%", "%23"} {
		if got, ok := Account(headKey(account).pk); !ok || got != account {
			t.Errorf("got %q, %v, want %q", got, ok, account)
		}
	}
	for _, pk := range []string{"", nameKey(licence.Name{Sender: "acct", ID: "x"}).pk, "fleet#counter#x"} {
		if got, ok := Account(pk); ok {
			t.Errorf("%q is account %q", pk, got)
		}
	}
}

// TestBuckets: the buckets are all used, and an account stays in its own.
func TestBuckets(t *testing.T) {
	used := map[string]int{}
	for i := range 1600 {
		used[dueBucket(fmt.Sprintf("C-%d", i))]++
	}
	least := slices.MinFunc(slices.Collect(maps.Values(used)), cmp.Compare[int])
	if len(used) != buckets || least < 50 {
		t.Errorf("1600 accounts lie in buckets as %v", used)
	}
	if got, want := dueBucket("C-1042"), "due#14"; got != want {
		t.Errorf("C-1042 lies in %s, not in %s as before: heads that are stored would not be found", got, want)
	}
}
