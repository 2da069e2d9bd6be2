package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

func TestLoginIsAddressedByInstallation(t *testing.T) {
	b, err := read(login, "msg_1", body(loginWarned, examples[loginWarned]))
	if err != nil {
		t.Fatal(err)
	}
	f := b.Facts[0]
	if got, want := f.To, []licence.Name{{Sender: "superoffice", ID: "cust9001"}, {Sender: "serial", ID: "1801550010"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("to %v, want %v", got, want)
	}
	if got, want := f.Payload.(licence.LoginWarned).CustID, "Cust9001"; got != want {
		t.Errorf("cust_id %s, want %s as it was told", got, want)
	}
}

func TestTypesStayWithTheirSender(t *testing.T) {
	for _, c := range []struct {
		sender Sender
		kind   string
	}{{standard, loginWarned}, {login, "invoice.changed"}, {standard, "weather.changed"}, {login, "weather.changed"}} {
		b, err := read(c.sender, "msg_1", body(c.kind, `{"a":1}`))
		if err != nil || b.Ignored == "" || len(b.Facts) != 0 || b.ID != "msg_1" {
			t.Errorf("%s of %s: %+v, %v; want it ignored", c.kind, c.sender.Name, b, err)
		}
	}
}

// Required fields are refused when they are missing and when they are null, optional ones
// may be missing, and null stands only for a date, or where it takes back.
func TestEachFieldAbsentAndNull(t *testing.T) {
	optional := map[string]bool{"scheduled": true, "renews_at": true, "cust_id source.checked": false,
		"paid_on": true, "reference": true, "by": true, "until": true, "note": true, "reason activation.tried": true,
		"new_total": true}
	nullable := map[string]bool{"renews_at": true, "due": true, "paid_at": true, "last_active": true, "maintenance_until": true,
		"next_check": true, "admin_warning": true, "expires": true, "grace_until": true, "days_left": true,
		"paid_on": true, "reference": true, "by": true, "until": true, "note": true, "reason activation.tried": true}
	for kind, data := range examples {
		var whole any
		if err := json.Unmarshal([]byte(data), &whole); err != nil {
			t.Fatal(err)
		}
		each(whole, "data", func(object map[string]any, name, field string) {
			was := object[name]
			defer func() { object[name] = was }()
			may := func(set map[string]bool) bool { return set[name] || set[name+" "+kind] }

			delete(object, name)
			expect(t, kind, whole, field, "absent", !may(optional))
			object[name] = nil
			expect(t, kind, whole, field, "null", !may(nullable))
			object[name] = map[string]any{"an": "object"}
			if _, is := was.(map[string]any); !is {
				expect(t, kind, whole, field, "of the wrong type", true)
			}
			object[name] = 1.5
			expect(t, kind, whole, field, "of the wrong type", true)
		})
	}
}

// each calls do for every member of every object.
func each(v any, at string, do func(object map[string]any, name, field string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			do(v, name, at+"."+name)
			each(inner, at+"."+name, do)
		}
	case []any:
		for i, inner := range v {
			each(inner, at+"["+strconv.Itoa(i)+"]", do)
		}
	}
}

func expect(t *testing.T, kind string, data any, field, how string, refused bool) {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = read(senderOf(kind), "msg_1", body(kind, string(text)))
	var e *Error
	if !refused {
		if err != nil {
			t.Errorf("%s, %s %s: %v, want it read", kind, field, how, err)
		}
		return
	}
	if !errors.As(err, &e) || e.Status != 422 || e.Code != Invalid || len(e.Fields) != 1 || e.Fields[0].Field != field || e.Fields[0].Problem == "" {
		t.Errorf("%s, %s %s: %v, want 422 of that field alone", kind, field, how, err)
	}
}

func TestBadBodies(t *testing.T) {
	with := func(kind, old, new string) []byte {
		b := body(kind, examples[kind])
		c := bytes.Replace(b, []byte(old), []byte(new), 1)
		if bytes.Equal(b, c) {
			t.Fatalf("%s has no %s", kind, old)
		}
		return c
	}
	long := strings.Repeat("x", 257)
	many := strings.Repeat(`{"cust_id":"A","serial":"B","kind":"trial","hosting":"online","url":""},`, 1)
	for i := range 40 {
		many += fmt.Sprintf(`{"cust_id":"T%d","serial":"S%d","kind":"trial","hosting":"online","url":""},`, i, i)
	}
	for _, c := range []struct {
		name   string
		body   []byte
		status int
		field  string
	}{
		{"empty", nil, 400, ""},
		{"blank", []byte(" \n"), 400, ""},
		{"cut", []byte("{"), 400, ""},
		{"no JSON", []byte("type=x"), 400, ""},
		{"single quotes", []byte("{'type':1}"), 400, ""},
		{"name twice", []byte(`{"type":"a","type":"b","timestamp":"x","data":{}}`), 400, ""},
		{"name twice, deep in what is ignored", []byte(`{"type":"weather.changed","extra":[{"a":{"b":1,"b":1}}]}`), 400, ""},
		{"name twice by escape", []byte(`{"type":"x","\u0074ype":"y"}`), 400, ""},
		{"trailing object", append(body("invoice.changed", examples["invoice.changed"]), "{}"...), 400, ""},
		{"trailing word", append(body("invoice.changed", examples["invoice.changed"]), " x"...), 400, ""},
		{"invalid UTF-8", body("weather.changed", "{\"a\":\"\xff\"}"), 400, ""},
		{"half a surrogate", body("weather.changed", `{"a":"\ud800"}`), 400, ""},
		{"array", []byte(`[]`), 422, "body"},
		{"text", []byte(`"x"`), 422, "body"},
		{"null", []byte(`null`), 422, "body"},
		{"no type", []byte(`{"timestamp":"2026-11-23T09:00:00Z","data":{}}`), 422, "type"},
		{"type of another case", []byte(`{"Type":"invoice.changed","timestamp":"2026-11-23T09:00:00Z","data":{}}`), 422, "type"},
		{"type a number", []byte(`{"type":7,"timestamp":"2026-11-23T09:00:00Z","data":{}}`), 422, "type"},
		{"no timestamp", []byte(`{"type":"installation.reported","data":` + examples["installation.reported"] + `}`), 422, "timestamp"},
		{"timestamp null", with("installation.reported", `"2026-11-23T09:00:00Z"`, `null`), 422, "timestamp"},
		{"timestamp malformed", with("installation.reported", `"2026-11-23T09:00:00Z"`, `"yesterday"`), 422, "timestamp"},
		{"timestamp without zone", with("installation.reported", `"2026-11-23T09:00:00Z"`, `"2026-11-23T09:00:00"`), 422, "timestamp"},
		{"timestamp of year 1", with("installation.reported", `"2026-11-23T09:00:00Z"`, `"0001-01-01T00:00:00Z"`), 422, "timestamp"},
		{"timestamp ahead", with("installation.reported", `"2026-11-23T09:00:00Z"`, `"2026-11-23T09:35:01Z"`), 422, "timestamp"},
		{"no data", []byte(`{"type":"installation.reported","timestamp":"2026-11-23T09:00:00Z"}`), 422, "data"},
		{"data null", body("installation.reported", `null`), 422, "data"},
		{"data a list", body("installation.reported", `[]`), 422, "data"},

		{"seats below 0", with("subscription.changed", `"seats":9`, `"seats":-1`), 422, "data.plans[0].seats"},
		{"seats as text", with("subscription.changed", `"seats":9`, `"seats":"seven"`), 422, "data.plans[0].seats"},
		{"seats a fraction", with("subscription.changed", `"seats":9`, `"seats":9.0`), 422, "data.plans[0].seats"},
		{"seats past all bounds", with("subscription.changed", `"seats":9`, `"seats":99999999999999999999`), 422, "data.plans[0].seats"},
		{"scheduled without an instant", with("subscription.changed", `"at":"2027-01-01T00:00:00Z"`, `"at":null`), 422, "data.scheduled[0].at"},
		{"scheduled seats", with("subscription.changed", `"seats":7`, `"seats":-7`), 422, "data.scheduled[0].plans[0].seats"},
		{"status", with("subscription.changed", `"subscription"`, `"status":"cancelled","subscription"`), 422, "data.status"},
		{"status null", with("subscription.changed", `"subscription"`, `"status":null,"subscription"`), 422, "data.status"},
		{"unmapped", with("subscription.changed", `"subscription"`, `"unmapped":[{"price":"x"}],"subscription"`), 422, "data.unmapped[0].seats"},

		{"account fleet", with("invoice.changed", `"C-1042"`, `"fleet"`), 422, "data.account"},
		{"account too long", with("invoice.changed", `"C-1042"`, `"`+long+`"`), 422, "data.account"},
		{"account empty", with("invoice.changed", `"C-1042"`, `""`), 422, "data.account"},
		{"account not printable", with("invoice.changed", `"C-1042"`, `"C\n1042"`), 422, "data.account"},
		{"invoice too long in bytes", with("invoice.changed", `"INV-7"`, `"`+strings.Repeat("å", 129)+`"`), 422, "data.invoice"},
		{"invoice status", with("invoice.changed", `"open"`, `"odd"`), 422, "data.status"},
		{"due", with("invoice.changed", `"2026-11-01"`, `"2026-02-30"`), 422, "data.due"},
		{"due of year 1", with("invoice.changed", `"2026-11-01"`, `"0001-01-01"`), 422, "data.due"},
		{"active past the last year that can be written", with("seat.changed", `"2026-08-02T07:00:00Z"`, `"9999-12-31T23:59:59-05:00"`), 422, "data.user.last_active"},
		{"due empty", with("invoice.changed", `"2026-11-01"`, `""`), 422, "data.due"},
		{"amount a number", with("invoice.changed", `"12500.00"`, `12500.00`), 422, "data.amount"},
		{"amount with comma", with("invoice.changed", `"12500.00"`, `"12500,00"`), 422, "data.amount"},
		{"amount in powers", with("invoice.changed", `"12500.00"`, `"1e4"`), 422, "data.amount"},
		{"currency", with("invoice.changed", `"SEK"`, `"kronor"`), 422, "data.currency"},
		{"link that runs", with("invoice.changed", `"https://pay.example/INV-7"`, `"javascript:alert(1)"`), 422, "data.url"},
		{"period", with("invoice.changed", `"due"`, `"period":{"from":"2026-01-01"},"due"`), 422, "data.period.to"},
		{"payment", with("invoice.changed", `"due"`, `"payment":"lost","due"`), 422, "data.payment"},
		{"covers", with("invoice.changed", `"due"`, `"covers":["a",""],"due"`), 422, "data.covers[1]"},

		{"zone", with("account.changed", `Europe/Stockholm`, `Europe/Stokholm`), 422, "data.timezone"},
		{"zone of the machine", with("account.changed", `Europe/Stockholm`, `Local`), 422, "data.timezone"},
		{"locale", with("account.changed", `"locale":"sv","timezone"`, `"locale":"svenska","timezone"`), 422, "data.locale"},
		{"model", with("account.changed", `"model":"plans"`, `"model":"plan"`), 422, "data.model"},
		{"role", with("account.changed", `"role":"billing"`, `"role":"boss"`), 422, "data.contacts[1].role"},
		{"e-mail", with("account.changed", `ap@fjord.example`, `ap.fjord.example`), 422, "data.contacts[1].email"},
		{"e-mail of two lines", with("account.changed", `ap@fjord.example`, `ap@fjord.example\nBcc: x@y.example`), 422, "data.contacts[1].email"},
		{"contact twice", with("account.changed", `"id":"bo"`, `"id":"anna"`), 422, "data.contacts[1].id"},
		{"kind", with("account.changed", `"kind":"trial"`, `"kind":"demo"`), 422, "data.installations[1].kind"},
		{"cust_id too long", with("account.changed", `"Cust9001"`, `"`+strings.Repeat("9", 129)+`"`), 422, "data.installations[1].cust_id"},
		{"cust_id twice", with("account.changed", `"Cust9001"`, `"CUST12345"`), 422, "data.installations[1].cust_id"},
		{"address", with("account.changed", `https://online.superoffice.com`, `online.superoffice.com`), 422, "data.installations[1].url"},
		{"former serials", with("account.changed", `"serial":"1801550010"`, `"serials":[7],"serial":"1801550010"`), 422, "data.installations[1].serials[0]"},
		{"names of ours", with("account.changed", `"sender":"stripe"`, `"sender":"superoffice"`), 422, "data.billing[0].sender"},
		{"mode", with("account.changed", `"id":"cus_F10rd"`, `"id":"cus_F10rd","mode":"prod"`), 422, "data.billing[0].mode"},
		{"plan twice", with("account.changed", `"plans":[`, `"plans":[{"plan":"sales-premium","name":"x","module":"m","prices":[]},`), 422, "data.plans[1].plan"},
		{"plan without module", with("account.changed", `"module":"ten-sales",`, ``), 422, "data.plans[0].module"},
		{"mail", with("account.changed", `"model"`, `"mail":"yes","model"`), 422, "data.mail"},
		{"country", with("account.changed", `"model"`, `"country":"Sweden","model"`), 422, "data.country"},
		{"extend", with("account.changed", `"model"`, `"extend":{"on":"never"},"model"`), 422, "data.extend.on"},
		{"not_seats", with("account.changed", `"model"`, `"not_seats":"price_fee","model"`), 422, "data.not_seats"},
		{"too many names", with("account.changed", `"installations":[`, `"installations":[`+many), 422, "data"},

		{"user too long", with("seat.changed", `"id":"12"`, `"id":"`+strings.Repeat("1", 129)+`"`), 422, "data.user.id"},
		{"requests below 0", with("seat.changed", `"open_requests":0`, `"open_requests":-1`), 422, "data.open_requests"},
		{"blocker", with("seat.changed", `"admin"`, `"blockers":[{"code":"lazy"}],"admin"`), 422, "data.user.blockers[0].code"},
		{"row", with("seats.listed", `"open_requests":0`, `"open_requests":"0"`), 422, "data.seats[0].open_requests"},
		{"seat twice", bytes.Replace(body("seats.listed", examples["seats.listed"]), []byte(`"seats":[`), append([]byte(`"seats":[`), append(bytes.TrimSuffix([]byte(strings.SplitN(examples["seats.listed"], `"seats":[`, 2)[1]), []byte("]}")), ',')...), 1), 422, "data.seats[1]"},
		{"total", with("licence.reported", `"total":10`, `"total":-10`), 422, "data.plans[0].total"},
		{"new_total null", with("licence.reported", `"new_total":7`, `"new_total":null`), 422, "data.plans[0].new_total"},
		{"expires", with("licence.reported", `"2026-12-13"`, `"13.12.2026"`), 422, "data.expires"},
		{"checked ahead", with("licence.reported", `"markers"`, `"checked_at":"2027-11-23T09:00:00Z","markers"`), 422, "data.checked_at"},
		{"state", with("installation.reported", `"running"`, `"paused"`), 422, "data.state"},
		{"can", with("installation.reported", `"state"`, `"can":["fly"],"state"`), 422, "data.can[0]"},
		{"fetch", with("installation.reported", `"state"`, `"last_fetch":{"ok":true},"state"`), 422, "data.last_fetch.at"},
		{"days_left", with("login.warned", `12,`, `"12",`), 422, "data.days_left"},
		{"days_left in seconds", with("login.warned", `12,`, `1728000,`), 422, "data.days_left"},
		{"a period that ends before it begins", with("invoice.changed", `"due"`, `"period":{"from":"2026-12-01","to":"2026-01-01"},"due"`), 422, "data.period.to"},
		{"source", with("source.checked", `"licence"`, `"moon"`), 422, "data.source"},
		{"answer", with("finding.answered", `"on-purpose"`, `"maybe"`), 422, "data.answer"},
	} {
		sender := standard
		if bytes.Contains(c.body, []byte(loginWarned)) {
			sender = login
		}
		_, err := read(sender, "msg_1", c.body)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want %d", c.name, err, c.status)
			continue
		}
		code := map[int]string{400: Malformed, 422: Invalid}[c.status]
		if e.Status != c.status || e.Code != code || e.Message == "" {
			t.Errorf("%s: %d %v, want %d %s", c.name, e.Status, e, c.status, code)
		}
		if c.field != "" && (len(e.Fields) == 0 || e.Fields[0].Field != c.field || e.Fields[0].Problem == "" || !strings.Contains(e.Message, c.field)) {
			t.Errorf("%s: fields %v, message %q; want %s", c.name, e.Fields, e.Message, c.field)
		}
	}
}

func TestAllProblemsAreNamedAtOnce(t *testing.T) {
	_, err := read(standard, "msg_1", body("subscription.changed", `{"account":7,"plans":[{"plan":"p","seats":-1},{"seats":"seven"}],"status":"odd"}`))
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := []Field{
		{"data.account", "must be text"},
		{"data.plans[1].seats", "must be a whole number"},
		{"data.subscription", "is required"},
		{"data.plans[0].seats", "must be 0 or more"},
		{"data.plans[1].plan", "is required"},
		{"data.status", "must be one of: active, trialing, past_due, unpaid, paused, incomplete, ended"},
	}
	if got := e.Fields; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestOptionalFieldsAreToldTakenBackOrLeft(t *testing.T) {
	changed := func(more string) licence.AccountChanged {
		t.Helper()
		b, err := read(standard, "m", body("account.changed", strings.Replace(examples["account.changed"], "{", "{"+more, 1)))
		if err != nil {
			t.Fatal(err)
		}
		survives(t, b.Facts[0])
		return b.Facts[0].Payload.(licence.AccountChanged)
	}
	if a := changed(""); a.Mail.Told || a.Country.Told || a.Payer.Told || a.Extend.Told || a.NotSeats.Told {
		t.Errorf("absent fields are told: %+v", a)
	}
	a := changed(`"mail":null,"country":null,"payer":null,"extend":null,"not_seats":null,`)
	if !a.Mail.Told || a.Mail.Value != nil || !a.Country.Told || !a.Payer.Told || !a.Extend.Told || a.Extend.Value != nil || !a.NotSeats.Told || a.NotSeats.Value != nil {
		t.Errorf("null does not take back: %+v", a)
	}
	a = changed(`"mail":"on","country":"SE","payer":"C-1","extend":{"on":"issued"},"not_seats":["price_fee"],`)
	if *a.Mail.Value != "on" || *a.Country.Value != "SE" || *a.Payer.Value != "C-1" || *a.Extend.Value != (licence.Extend{On: "issued", WithinDays: 3}) || (*a.NotSeats.Value)[0] != "price_fee" {
		t.Errorf("values are lost: %+v", a)
	}

	b, err := read(standard, "m", body("installation.reported", `{"account":"C-1042","cust_id":"c","state":"running","version":null,"released":null,"last_fetch":{"at":"2026-11-20T02:00:00Z","ok":true,"error":null},"can":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := b.Facts[0].Payload.(licence.InstallationReported)
	if !r.Version.Told || r.Version.Value != nil || !r.Released.Told || r.Released.Value != nil || r.Company.Told || !r.LastFetch.Value.OK || len(*r.Can.Value) != 0 {
		t.Errorf("%+v", r)
	}
}

// The five minutes of grace belong to clocks that are a little off.
func TestLittleAheadIsRead(t *testing.T) {
	b := bytes.Replace(body("installation.reported", examples["installation.reported"]), []byte("09:00:00Z"), []byte("10:35:00+01:00"), 1)
	if _, err := read(standard, "msg_1", b); err != nil {
		t.Error(err)
	}
}

func TestMediaType(t *testing.T) {
	for said, good := range map[string]bool{"": true, "application/json": true, "Application/JSON; charset=utf-8": true,
		"application/cloudevents+json": true, "text/plain": false, "application/x-www-form-urlencoded": false, "application/jsonp": false, "json": false, ";": false} {
		for _, s := range Senders {
			h := http.Header{"Webhook-Id": {"m"}}
			h.Set("Content-Type", said)
			_, err := s.Read(h, []byte("{"), "", now) // malformed as well: that is said second
			var e *Error
			if !errors.As(err, &e) || (e.Status == 415) == good {
				t.Errorf("%s, %q: %v", s.Name, said, err)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	good := body("installation.reported", examples["installation.reported"])
	for id, ok := range map[string]bool{"msg_1": true, "a.b/c d#é": true, strings.Repeat("x", 256): true,
		strings.Repeat("x", 257): false, "a\tb": false, "a\xffb": false} {
		_, err := read(standard, id, good)
		var e *Error
		if ok != (err == nil) || !ok && (!errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != "webhook-id") {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// The hash of a fact is of what it says, not of how that is written.
func TestOtherBytesSameFact(t *testing.T) {
	a := body("invoice.changed", examples["invoice.changed"])
	b := []byte("\n" + `{"data":{"new field":[1,2],` + strings.TrimSpace(examples["invoice.changed"])[1:] + `, "timestamp":"2026-11-23T10:00:00+01:00", "type":"invoice.changed"}`)
	one, err := read(standard, "m", a)
	if err != nil {
		t.Fatal(err)
	}
	two, err := read(standard, "m", b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := two.Facts[0].Hash(), one.Facts[0].Hash(); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	other, err := read(standard, "m", bytes.Replace(a, []byte("12500.00"), []byte("12500.01"), 1))
	if err != nil {
		t.Fatal(err)
	}
	if other.Facts[0].Hash() == one.Facts[0].Hash() {
		t.Error("another amount has the same hash")
	}
}
