package webhook

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"seatmend/shared/licence"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// examples are the bodies of the contract: each type with the fields that it must have.
var examples = map[string]string{
	"account.changed": `{"account":"C-1042","name":"Fjord Foods AB","locale":"sv","timezone":"Europe/Stockholm","model":"plans",
 "contacts":[{"id":"anna","name":"Anna Berg","email":"anna@fjord.example","role":"admin","locale":"sv"},
             {"id":"bo","name":"Bo Lind","email":"ap@fjord.example","role":"billing","locale":"sv"}],
 "installations":[{"cust_id":"Cust12345","serial":"1801550193","kind":"production","hosting":"online","url":"https://online2.superoffice.com/Cust12345"},
                  {"cust_id":"Cust9001","serial":"1801550010","kind":"trial","hosting":"online","url":"https://online.superoffice.com/Cust9001"}],
 "billing":[{"sender":"stripe","id":"cus_F10rd"}],
 "plans":[{"plan":"sales-premium","name":"Sales Premium","module":"ten-sales","prices":["price_sp","sales_premium"]}]}`,
	"subscription.changed": `{"account":"C-1042","subscription":"sub_1","plans":[{"plan":"sales-premium","seats":9}],
 "scheduled":[{"at":"2027-01-01T00:00:00Z","plans":[{"plan":"sales-premium","seats":7}]}],"renews_at":"2027-01-01T00:00:00Z"}`,
	"invoice.changed": `{"account":"C-1042","invoice":"INV-7","status":"open","due":"2026-11-01","paid_at":null,"amount":"12500.00","currency":"SEK","url":"https://pay.example/INV-7"}`,
	"seat.changed": `{"account":"C-1042","cust_id":"Cust12345","plan":"sales-premium","held":true,"open_requests":0,
 "user":{"id":"12","name":"Eva Holm","email":"eva@fjord.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":"2026-08-02T07:00:00Z"}}`,
	"seats.listed": `{"account":"C-1042","cust_id":"Cust12345","seats":[{"plan":"sales-premium","open_requests":0,
 "user":{"id":"12","name":"Eva Holm","email":"eva@fjord.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":"2026-08-02T07:00:00Z"}}]}`,
	"licence.reported": `{"account":"C-1042","cust_id":"Cust12345","serial":"1801550193","version":"12.2","licensed_version":"12.2","maintenance_until":"2026-12-31",
 "next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25",
 "offered":true,"can_activate":false,"markers":["online"],
 "plans":[{"plan":"sales-premium","module":"ten-sales","description":"Sales Premium","total":10,"new_total":7,"in_use":9,"unrestricted":false}]}`,
	"installation.reported": `{"account":"C-1042","cust_id":"Cust12345","state":"running"}`,
	"login.warned": `{"cust_id":"Cust9001","serial":"1801550010","url":"https://online.superoffice.com/Cust9001","version":"12.2","message":"...","days_left":12,
 "user":{"id":"12","name":"Eva Holm","email":"eva@fjord.example","locale":"sv"}}`,
	"source.checked":      `{"account":"C-1042","source":"licence","cust_id":"Cust12345"}`,
	"payment.claimed":     `{"account":"C-1042","invoice":"INV-7","paid_on":"2026-11-20","reference":"OCR 7","by":"bo"}`,
	"arrangement.changed": `{"account":"C-1042","until":"2027-01-15","note":"pays in January","by":"finance"}`,
	"activation.tried":    `{"account":"C-1042","cust_id":"Cust12345","ok":false,"reason":"signature","by":"anna"}`,
	"finding.answered":    `{"account":"C-1042","fingerprint":"1a2b3c4d5e6f7081","answer":"on-purpose","until":null,"by":"anna"}`,
	"licence.issued":      `{"account":"C-1042","cust_id":"Cust12345","expires":"2027-12-13"}`,
}

func body(kind, data string) []byte {
	return []byte(`{"type":"` + kind + `","timestamp":"2026-11-23T09:00:00Z","data":` + data + `}`)
}

func senderOf(kind string) Sender {
	if kind == loginWarned {
		return login
	}
	return standard
}

// read reads a body under an id, as after a good signature.
func read(s Sender, id string, body []byte) (Body, error) {
	h := http.Header{}
	h.Set("webhook-id", id)
	return s.Read(h, body, "", now)
}

func TestExamplesAreRead(t *testing.T) {
	for kind, data := range examples {
		b, err := read(senderOf(kind), "msg_1", body(kind, data))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if got, want := len(b.Facts), 1; got != want {
			t.Fatalf("%s: %d facts, want %d (ignored: %s)", kind, got, want, b.Ignored)
		}
		f := b.Facts[0]
		if got, want := f.Payload.Type(), kind; got != want {
			t.Errorf("payload %s, want %s", got, want)
		}
		if got, want := f.At, now.Add(-30*time.Minute); !got.Equal(want) {
			t.Errorf("%s: at %v, want %v", kind, got, want)
		}
		if kind != loginWarned {
			if got, want := f.To, []licence.Name{{Sender: "account", ID: "C-1042"}}; !reflect.DeepEqual(got, want) {
				t.Errorf("%s: to %v, want %v", kind, got, want)
			}
			if got, want := f.ID, "standard/msg_1"; got != want {
				t.Errorf("%s: id %s, want %s", kind, got, want)
			}
		}
		survives(t, f)
	}
}

// survives checks that a fact reads back as what was written.
func survives(t *testing.T, f licence.Fact) {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatalf("%s: %v", f.ID, err)
	}
	var back licence.Fact
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	if got, want := back.Hash(), f.Hash(); got != want {
		t.Errorf("%s: hash %s after writing and reading, before %s", b, got, want)
	}
}
