package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/shared/words/wordstest"
)

// TestPublishedTasks keeps what is published of tasks, the first of each kind, owner and code, where the
// patterns of the operator's guide are tried (infra/template).
func TestPublishedTasks(t *testing.T) {
	w := newWorld(t, nil)
	var kept bytes.Buffer
	seen := map[string]bool{}
	w.publish = func(_ context.Context, kind string, detail []byte) error {
		var d map[string]any
		if err := json.Unmarshal(detail, &d); err != nil {
			return err
		}
		if f, ok := d["finding"].(map[string]any); ok { // but its sentences, which are written anew now and then
			d["finding"] = map[string]any{"code": f["code"], "severity": f["severity"], "state": f["state"]}
		}
		text, err := json.Marshal(d)
		if key := fmt.Sprint(kind, d["owner"], d["code"]); !seen[key] {
			seen[key] = true
			fmt.Fprintf(&kept, "{\"detail-type\":%q,\"source\":\"seatmend\",\"detail\":%s}\n", kind, text)
		}
		return err
	}
	w.start()
	for _, customer := range []string{"fjord-foods", "solvik-hotell", "bjorkdal-bygg"} {
		files, err := fs.Glob(events.Files, "demo/"+customer+"/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", customer, len(files), err)
		}
		for _, f := range files {
			w.tell(f)
		}
	}
	contested := strings.NewReplacer(`"open"`, `"disputed"`, "2026-11-02T05", "2026-11-22T05").Replace(string(w.event("demo/bjorkdal-bygg/03-standard-invoice.json")))
	w.must(w.post("standard", "/billing/standard", "contested", []byte(contested)), "applied")
	w.must(w.post("stripe", "/billing/stripe", "evt_odd", []byte(`{"id":"evt_odd","type":"customer.subscription.updated","livemode":true,"data":{"object":7}}`)), "set-aside")
	w.advance(w.clock.Now().Add(9 * 24 * time.Hour))
	body := strings.NewReplacer("2026-12-", "2027-12-", "2026-11-", "2027-11-").Replace(string(w.event("demo/solvik-hotell/05-standard-licence.json")))
	var renewed struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(body), &renewed); err != nil {
		t.Fatal(err)
	}
	w.must(w.say("licence.reported", w.clock.Now(), string(renewed.Data)), "applied")
	w.advance(w.clock.Now().Add(24 * time.Hour))
	wordstest.Golden(t, "../../infra/template/testdata/tasks.jsonl", kept.String())
}
