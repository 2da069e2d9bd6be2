package webhook

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestProvidersBodies reads the 98 bodies of testdata/bodies, which pass the types of the providers' own SDKs:
// what each of them comes to stands in read.txt, a line each.
func TestProvidersBodies(t *testing.T) {
	var out bytes.Buffer
	n, read := 0, time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC)
	for _, s := range []Sender{paddle, chargebee, recurly} {
		raw, err := os.ReadFile("testdata/bodies/" + s.Name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		lines.Buffer(nil, 1<<20)
		for ; lines.Scan(); n++ {
			var one struct {
				Name string
				Body json.RawMessage
			}
			if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s %s:", s.Name, one.Name)
			for _, object := range apiObjects(s.Name, one.Name, one.Body) {
				facts, err := ObjectOf(s.Name)(object.kind, object.body, read)
				say(t, &out, facts, err, "nothing to tell", nil)
			}
			if !strings.HasPrefix(one.Name, "api-") {
				b, err := s.Read(http.Header{}, one.Body, "", later)
				say(t, &out, b.Facts, err, b.Ignored, b.Hints)
			}
			out.WriteByte('\n')
		}
	}
	if n != 98 {
		t.Errorf("%d bodies", n)
	}
	const golden = "testdata/bodies/read.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wants := strings.Split(out.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(got), len(wants)) {
		if got[i] != wants[i] {
			t.Errorf("got  %s\nwant %s", got[i], wants[i])
		}
	}
	if len(got) != len(wants) {
		t.Errorf("%d lines, want %d", len(got), len(wants))
	}
}

type apiObject struct {
	kind string
	body []byte
}

// apiObjects are the objects in an answer of a provider's API; none: it is the body of a webhook.
func apiObjects(sender, name string, body []byte) (all []apiObject) {
	if !strings.HasPrefix(name, "api-") {
		return nil
	}
	kind := "subscription"
	for _, other := range []string{"invoice", "transaction", "adjustment"} {
		if strings.Contains(name, other) {
			kind = map[string]string{"transaction": "invoice"}[other] + strings.TrimPrefix(other, "transaction")
		}
	}
	var v struct {
		Data         json.RawMessage              `json:"data"`
		List         []map[string]json.RawMessage `json:"list"`
		Subscription json.RawMessage              `json:"subscription"`
	}
	json.Unmarshal(body, &v)
	var list []json.RawMessage
	switch {
	case v.List != nil:
		for _, entry := range v.List {
			list = append(list, entry[kind])
		}
	case v.Subscription != nil && sender == "chargebee":
		list = append(list, v.Subscription)
	case json.Unmarshal(v.Data, &list) == nil && len(list) > 0:
	case v.Data != nil:
		list = append(list, v.Data)
	default:
		list = append(list, body)
	}
	for _, one := range list {
		all = append(all, apiObject{kind, one})
	}
	return all
}

// say writes what was read, in as few words as tell one from another.
func say(t *testing.T, out *bytes.Buffer, facts []licence.Fact, err error, ignored string, hints []licence.Hint) {
	for _, f := range facts {
		survives(t, f)
		switch p := f.Payload.(type) {
		case licence.SubscriptionChanged:
			fmt.Fprintf(out, " [%s %v%s", p.Status, seats(p), when(" renews ", p.RenewsAt)+when(" ends ", p.EndsAt))
			if p.Uncounted {
				out.WriteString(" uncounted")
			}
			phases(out, p.Scheduled)
		case licence.ScheduleChanged:
			out.WriteString(" [to come")
			phases(out, p.Phases)
		case licence.InvoiceChanged:
			fmt.Fprintf(out, " [%s %s %s, left %s%s %s", p.Status, p.Amount, p.Currency, p.Remaining, when(", due ", p.Due)+when(", paid ", p.PaidAt)+when(", from ", p.From)+when(", to ", p.To), p.Payment)
		case licence.PaymentChanged:
			fmt.Fprintf(out, " [%s %s%s", p.Kind, p.Amount, map[bool]string{true: "open"}[p.Open]+when(", due ", p.Due))
		default:
			t.Errorf("%T", p)
		}
		out.WriteString("]")
	}
	for _, h := range hints {
		fmt.Fprintf(out, " [read %s %s]", h.Kind, h.ID)
	}
	if err != nil {
		fmt.Fprintf(out, " [%v]", err)
	} else if len(facts)+len(hints) == 0 {
		fmt.Fprintf(out, " [%s]", ignored)
	}
}

func when(name string, d licence.Date) string {
	if d == "" {
		return ""
	}
	return name + string(d)
}

func phases(out *bytes.Buffer, all []licence.Phase) {
	for _, p := range all {
		fmt.Fprintf(out, ", from %s %v", p.At.Format("2006-01-02"), seats(licence.SubscriptionChanged{Items: p.Items}))
		if p.Uncounted {
			out.WriteString(" uncounted")
		}
	}
}
