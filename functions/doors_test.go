package functions_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/storetest"
	"seatmend/shared/webhook"
)

// senderDoors are all routes on which senders speak.
var senderDoors = []struct{ path, sender string }{
	{"/billing/standard", "standard"},
	{"/billing/stripe", "stripe"},
	{"/users/standard", "standard"},
	{"/users/superoffice", "superoffice"},
	{"/users/superoffice/KVARN-1", "superoffice"},
	{"/login-warnings", "login"},
}

// limit is the largest body of a route.
func limit(path string) int {
	if path == "/users/standard" {
		return 4 << 20
	}
	return 256 << 10
}

// Whatever else is wrong, the first of 413, 401, 415, 400 and 422 is said. From who cannot mend
// a body, a verified one is taken and set aside.
func TestWhatIsWrongIsSaidInOrder(t *testing.T) {
	w := newWorld(t, nil)
	for _, h := range senderDoors {
		sender, _ := webhook.Find(h.sender)
		bad := func(status int) (int, string) {
			if sender.Mends {
				return status, map[int]string{400: "malformed", 422: "invalid"}[status]
			}
			return 200, "set-aside"
		}
		badJSON, badJSONSays := bad(400)
		badShape, badShapeSays := bad(422)
		big := append(bytes.Repeat([]byte(" "), limit(h.path)), "{}"...)
		for _, c := range []struct {
			name     string
			body     []byte
			unsigned bool
			mediaXML bool
			status   int
			says     string
		}{
			{"too large, unsigned, XML, no JSON", big, true, true, 413, "too_large"},
			{"unsigned, XML, no JSON", []byte("<a/>"), true, true, 401, "unauthorized"},
			{"unsigned, fine", []byte(`{}`), true, false, 401, "unauthorized"},
			{"signed XML", []byte("<a/>"), false, true, 415, "unsupported_media_type"},
			{"no JSON", []byte("{"), false, false, badJSON, badJSONSays},
			{"two values", []byte("{}{}"), false, false, badJSON, badJSONSays},
			{"duplicate keys", []byte(`{"type":"a","type":"b"}`), false, false, badJSON, badJSONSays},
			{"wrong shape", []byte(`{"type":7,"Event":7,"timestamp":"x"}`), false, false, badShape, badShapeSays},
			{"an array", []byte(`[]`), false, false, badShape, badShapeSays},
		} {
			t.Run(h.path+" "+c.name, func(t *testing.T) {
				r := w.signed(h.sender, h.path, "msg_"+c.name, c.body)
				if c.unsigned {
					r.Header = http.Header{}
				}
				if c.mediaXML {
					r.Header.Set("Content-Type", "application/xml")
				}
				out := w.do(r)
				if c.name == "an array" && sender.Mends && out.status == 400 {
					return // an array is JSON of no shape that we know; either is said of it
				}
				if out.status != c.status || out.outcome() != c.says {
					t.Errorf("answered %v, want %d %s", out, c.status, c.says)
				}
				if got, want := out.header.Get("Content-Type"), "application/json; charset=utf-8"; got != want {
					t.Errorf("the answer is %q, want %q", got, want)
				}
			})
		}
	}
}

// Whatever is wrong with a signature, the answer is the same, and nothing is stored.
func TestUnsignedBodiesLookTheSame(t *testing.T) {
	w := newWorld(t, nil)
	body := w.event("first/01-standard-account.json")
	answers := map[string]bool{}
	for _, h := range append(senderDoors, []struct{ path, sender string }{
		{"/billing/nobody", "standard"}, {"/billing/login", "login"}, {"/billing/superoffice", "superoffice"}, {"/users/stripe", "stripe"},
		{"/billing/chargebee", "standard"}, {"/billing/paddle", "standard"}, {"/billing/recurly", "standard"},
	}...) {
		sender, _ := webhook.Find(h.sender)
		for name, sign := range map[string]func(*http.Request){
			"nothing":       func(*http.Request) {},
			"another key":   func(r *http.Request) { sender.Sign(r.Header, body, "m", "whsec_"+secret("other"), w.clock.Now()) },
			"another body":  func(r *http.Request) { sender.Sign(r.Header, body[1:], "m", testSecrets[h.sender][0], w.clock.Now()) },
			"an empty key":  func(r *http.Request) { sender.Sign(r.Header, body, "m", "", w.clock.Now()) },
			"too old":       func(r *http.Request) { old(sender, r, body, w.clock.Now().Add(-301*time.Second)) },
			"too far ahead": func(r *http.Request) { old(sender, r, body, w.clock.Now().Add(301*time.Second)) },
		} {
			r := httptest.NewRequest("POST", h.path, bytes.NewReader(body))
			sign(r)
			out := w.do(r)
			if out.status != 401 {
				t.Errorf("%s, signed with %s: %v, want 401", h.path, name, out)
			}
			answers[out.body] = true
		}
	}
	// A sender who is known is so on its own routes alone.
	for path, sender := range map[string]string{"/billing/login": "login", "/billing/superoffice": "superoffice", "/users/stripe": "stripe", "/users/login": "login", "/users/superoffice/standard": "standard", "/login-warnings": "standard"} {
		out := w.do(w.signed(sender, path, "m", body))
		if out.status != 401 {
			t.Errorf("%s, well signed by %s: %v, want 401", path, sender, out)
		}
		answers[out.body] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	if got := w.db.written(); len(got) != 0 {
		t.Errorf("unsigned bodies wrote %v", got)
	}
}

// old signs at another time; SuperOffice signs none, and with it nothing is old but wrong.
func old(s webhook.Sender, r *http.Request, body []byte, at time.Time) {
	key := testSecrets[s.Name][0]
	if s.Name == "superoffice" {
		key = secret("other")
	}
	s.Sign(r.Header, body, "m", key, at)
}

const invoice7 = `{"account":"C-1","invoice":"INV-7","status":"open","due":"2026-11-01","paid_at":null,"amount":"%s","currency":"SEK","url":"https://pay.example/INV-7"}`

func invoice(at, amount string) []byte {
	return []byte(`{"type":"invoice.changed","timestamp":"` + at + `","data":` + fmt.Sprintf(invoice7, amount) + `}`)
}

// A thousand tellings of one fact are one effect, and cost nothing to store. So do those that
// are late, that say nothing new, and that are not used here.
func TestOnlyNewsIsWritten(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	news := invoice("2026-11-20T08:00:00Z", "12500.00")
	w.must(w.post("standard", "/billing/standard", "msg_0", invoice("2026-11-18T08:00:00Z", "12000.00")), "applied")
	w.must(w.post("standard", "/billing/standard", "msg_1", news), "applied")
	w.must(w.post("stripe", "/billing/stripe", "", w.event("samples/03-stripe-thin.json")), "ignored") // ops have a task
	w.sweep()
	before := len(w.db.written())
	for range 1000 {
		w.must(w.do(w.signed("standard", "/billing/standard", "msg_1", news)), "duplicate")
	}
	// Providers count their tries in the body.
	w.must(w.post("standard", "/users/standard", "msg_1", bytes.Replace(news, []byte(`{"type"`), []byte(`{"attempt":7,"type"`), 1)), "duplicate")
	w.must(w.post("standard", "/billing/standard", "msg_late", invoice("2026-11-19T08:00:00Z", "13000.00")), "unchanged")
	w.must(w.post("standard", "/billing/standard", "msg_type", []byte(`{"type":"weather.changed","timestamp":"2026-11-20T08:00:00Z","data":{"a":1}}`)), "ignored")
	w.must(w.post("login", "/login-warnings", "msg_other", news), "ignored")
	w.must(w.post("superoffice", "/users/superoffice", "", w.event("samples/02-superoffice-test.json")), "ignored")
	w.must(w.post("stripe", "/billing/stripe", "", w.event("samples/03-stripe-thin.json")), "ignored")
	if got := w.db.written()[before:]; len(got) != 0 {
		t.Errorf("no news wrote %v", got)
	}
	var facts struct{ Facts []struct{ ID string } }
	w.ask("/accounts/C-1/facts", &facts)
	if got, want := len(facts.Facts), 3; got < want || count(facts.Facts, "standard/msg_1") != 1 {
		t.Errorf("facts are %+v", facts.Facts)
	}
}

func count(facts []struct{ ID string }, id string) (n int) {
	for _, f := range facts {
		if f.ID == id {
			n++
		}
	}
	return n
}

// asides are the codes of what was set aside.
func (w *world) asides() (codes []string) {
	w.Helper()
	var v struct {
		Aside []struct{ Code, Sender, Body string }
	}
	w.ask("/aside", &v)
	for _, a := range v.Aside {
		codes = append(codes, a.Sender+" "+a.Code)
	}
	return codes
}

func TestAnIdThatSaysSomethingElse(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	w.must(w.post("standard", "/billing/standard", "msg_1", invoice("2026-11-20T08:00:00Z", "12500.00")), "applied")
	out := w.post("standard", "/billing/standard", "msg_1", invoice("2026-11-20T08:00:00Z", "99.00"))
	if out.status != 409 || out.outcome() != "conflicting_replay" {
		t.Errorf("answered %v, want 409 conflicting_replay", out)
	}
	// One that was parked counts as stored.
	elsewhere := func(amount string) []byte {
		return bytes.ReplaceAll(invoice("2026-11-20T08:00:00Z", amount), []byte("C-1"), []byte("C-9"))
	}
	w.must(w.post("standard", "/billing/standard", "msg_2", elsewhere("1.00")), "parked")
	w.must(w.post("standard", "/billing/standard", "msg_2", elsewhere("1.00")), "duplicate")
	if out := w.post("standard", "/billing/standard", "msg_2", elsewhere("2.00")); out.status != 409 {
		t.Errorf("parked: answered %v, want 409", out)
	}
	if got, want := fmt.Sprint(w.asides()), "[standard conflicting_replay standard conflicting_replay]"; got != want {
		t.Errorf("set aside are %s, want %s", got, want)
	}
	var facts struct {
		Facts []struct {
			ID   string
			Data struct{ Amount string }
		}
	}
	w.ask("/accounts/C-1/facts", &facts)
	for _, f := range facts.Facts {
		if f.ID == "standard/msg_1" && f.Data.Amount != "12500.00" {
			t.Errorf("the second telling was applied: %+v", f)
		}
	}
}

// Whoever cannot mend a body is answered 200, the body is kept whole, and ops get one task.
func TestSetAside(t *testing.T) {
	w := newWorld(t, nil)
	bad := []byte(`{"id":"evt_1","object":"event","type":"invoice.paid","created":"soon"}`)
	w.must(w.post("stripe", "/billing/stripe", "", bad), "set-aside")
	w.must(w.post("stripe", "/billing/stripe", "", bad), "set-aside")
	w.must(w.post("stripe", "/billing/stripe", "", []byte(`{"id":"evt_2"`)), "set-aside")
	w.must(w.post("superoffice", "/users/superoffice", "", []byte(`{"EventId":5}`)), "set-aside")
	if got, want := len(w.asides()), 3; got != want {
		t.Errorf("%d bodies are set aside, want %d: %v", got, want, w.asides())
	}
	var v struct{ Aside []struct{ Body string } }
	w.ask("/aside", &v)
	whole := false
	for _, a := range v.Aside {
		whole = whole || a.Body == string(bad)
	}
	if !whole {
		t.Errorf("the body is not kept whole: %+v", v)
	}
	var tasks struct {
		Tasks []struct{ Code, Owner, State string }
	}
	w.ask("/accounts/"+store.Operations+"/tasks", &tasks)
	n := 0
	for _, task := range tasks.Tasks {
		if task.Code == "set-aside" && task.Owner == "ops" && task.State == "open" {
			n++
		}
	}
	if n == 0 {
		t.Errorf("ops have no task: %+v", tasks)
	}
}

func TestAFutureStampIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	before := len(w.db.written())
	at := w.clock.Now()
	out := w.post("standard", "/billing/standard", "msg_f", invoice(at.Add(5*time.Minute+time.Second).Format(time.RFC3339), "1.00"))
	if out.status != 422 || !strings.Contains(out.body, `"field":"timestamp"`) {
		t.Errorf("answered %v, want 422 naming the timestamp", out)
	}
	if got := w.db.written()[before:]; len(got) != 0 {
		t.Errorf("it wrote %v", got)
	}
	w.must(w.post("standard", "/billing/standard", "msg_n", invoice(at.Add(5*time.Minute).Format(time.RFC3339), "1.00")), "applied")
}

// parkedNow are the facts whose account is not known.
func (w *world) parkedNow() int {
	w.Helper()
	var v struct{ Parked []json.RawMessage }
	w.ask("/parked?limit=500", &v)
	return len(v.Parked)
}

// What is told of an account too early waits for it: the first fifty are folded before the
// account's own news is answered, the others right after.
func TestParked(t *testing.T) {
	w := newWorld(t, nil)
	const n = 63
	for i := range n {
		body := bytes.ReplaceAll(invoice("2026-11-20T08:00:00Z", "12500.00"), []byte("INV-7"), fmt.Appendf(nil, "INV-%d", i))
		w.must(w.post("standard", "/billing/standard", fmt.Sprintf("msg_%d", i), body), "parked")
	}
	warned := w.tell("first/03-login-warned.json")
	w.must(warned, "parked")
	if !strings.Contains(warned.body, `"message"`) || strings.Contains(warned.body, `"link"`) {
		t.Errorf("whoever is warned at an unknown installation is answered %s", warned.body)
	}
	if got, want := w.parkedNow(), n+1; got != want {
		t.Fatalf("%d are parked, want %d", got, want)
	}
	file := "first/01-standard-account.json"
	w.must(w.do(w.signed("standard", "/billing/standard", "account", w.event(file))), "applied")
	if got, want := w.parkedNow(), n+1-50; got != want {
		t.Errorf("%d are parked when the account is answered, want %d", got, want)
	}
	w.deliver()
	w.sweep()
	if got := w.parkedNow(); got != 0 {
		t.Errorf("%d are parked in the end", got)
	}
	if w.finding("C-1", "invoice-overdue").Code == "" {
		t.Errorf("what was parked is not known: %+v", w.diagnosis("C-1"))
	}
}

func listOf(account string, people int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":"seats.listed","timestamp":"2026-11-23T06:00:00Z","data":{"account":%q,"cust_id":"Cust10001","seats":[`, account)
	for i := range people {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"plan":"sales-premium","open_requests":0,"user":{"id":"%d","name":"Person %d","email":"p%d@storvik.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":"2026-11-20T08:00:00Z"}}`, 1000+i, i, i)
	}
	b.WriteString("]}}")
	return b.Bytes()
}

func TestLongLists(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	long := listOf("C-1", 1500)
	if len(long) < 256<<10 {
		t.Fatalf("the list has %d bytes only", len(long))
	}
	w.must(w.post("standard", "/users/standard", "list", long), "applied")
	w.must(w.post("standard", "/users/standard", "list", long), "duplicate")
	if out := w.post("standard", "/billing/standard", "list2", long); out.status != 413 {
		t.Errorf("on the route of billing: %d, want 413", out.status)
	}
	before := len(w.db.written())
	out := w.post("standard", "/users/standard", "list3", listOf("C-9", 1500))
	if out.status != 422 || !strings.Contains(out.body, "tell the account first") {
		t.Errorf("of an unknown account: %v, want 422", out)
	}
	if got := w.db.written()[before:]; len(got) != 0 {
		t.Errorf("the refused list wrote %v", got)
	}
	if out := w.post("standard", "/users/standard", "list4", listOf("C-1", 20000)); out.status != 413 {
		t.Errorf("above 4 MiB: %d, want 413", out.status)
	}
	w.must(w.post("standard", "/users/standard", "list5", listOf("C-9", 3)), "parked")
}

// The provider's test mode is for customers who are mapped so, and for nobody else.
func TestStripeModes(t *testing.T) {
	w := newWorld(t, nil)
	created := w.event("demo/fjord-foods/02-stripe-subscription.json")
	trial := bytes.ReplaceAll(bytes.ReplaceAll(created, []byte(`"livemode": true`), []byte(`"livemode": false`)), []byte("evt_FjordCreated"), []byte("evt_Test"))
	w.must(w.post("stripe", "/billing/stripe", "", trial), "ignored")
	w.must(w.post("stripe", "/billing/stripe", "", created), "parked")
	account := w.event("demo/fjord-foods/01-standard-account.json")
	w.must(w.post("standard", "/billing/standard", "a1", account), "applied")
	w.must(w.post("stripe", "/billing/stripe", "", created), "duplicate")
	w.must(w.post("stripe", "/billing/stripe", "", trial), "ignored")
	mapped := bytes.Replace(account, []byte(`"id": "cus_F10rdFoods"`), []byte(`"id": "cus_F10rdFoods", "mode": "test"`), 1)
	mapped = bytes.Replace(mapped, []byte("2025-12-13T06"), []byte("2025-12-13T07"), 1)
	w.must(w.post("standard", "/billing/standard", "a2", mapped), "applied")
	w.must(w.post("stripe", "/billing/stripe", "", bytes.ReplaceAll(trial, []byte("1765612800"), []byte("1765612900"))), "applied")
	live := bytes.ReplaceAll(w.event("demo/fjord-foods/03-stripe-reduction.json"), []byte("evt_FjordReduced"), []byte("evt_Live"))
	w.must(w.post("stripe", "/billing/stripe", "", live), "ignored")
}

// twin is another account's news that lists something of C-1's.
func twin(at, part, with string) []byte {
	body := `{"type":"account.changed","timestamp":"` + at + `","data":{"account":"C-2","name":"Tvilling AB","locale":"en","timezone":"Europe/Stockholm","model":"plans",
		"contacts":[],"installations":[{"cust_id":"Cust20001","serial":"2801000117","kind":"production","hosting":"online","url":"https://online2.superoffice.com/Cust20001"}],
		"billing":[{"sender":"stripe","id":"cus_Twin"}],"plans":[]}}`
	return []byte(strings.Replace(body, part, with, 1))
}

func TestNamesLeadToOneAccount(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.post("standard", "/billing/standard", "a", bytes.Replace(w.event("first/01-standard-account.json"), []byte(`"billing": []`), []byte(`"billing":[{"sender":"stripe","id":"cus_Storvik"}]`), 1)), "applied")
	for i, c := range []struct{ part, with, field string }{
		{"Cust20001", "Cust10001", "data.installations"},
		{"Cust20001", "CUST10001", "data.installations"},
		{"2801000117", "1801000117", "data.installations"},
		{"cus_Twin", "cus_Storvik", "data.billing"},
	} {
		out := w.post("standard", "/billing/standard", fmt.Sprint("taken", i), twin("2026-11-23T07:00:00Z", c.part, c.with))
		if out.status != 422 || out.outcome() != "invalid" || !strings.Contains(strings.ToLower(out.body), strings.ToLower(c.with)) || !strings.Contains(out.body, "C-1") || !strings.Contains(out.body, c.field) {
			t.Errorf("%s: answered %v, want 422 that names it, C-1 and %s", c.with, out, c.field)
		}
	}
	// The first account gives one up: then it may be taken, and leads to the other from then on.
	given := bytes.ReplaceAll(w.event("first/01-standard-account.json"), []byte("2026-10-24T06"), []byte("2026-10-24T07"))
	w.must(w.post("standard", "/billing/standard", "a2", bytes.ReplaceAll(given, []byte("Cust10001"), []byte("Cust10009"))), "applied")
	w.must(w.post("standard", "/billing/standard", "b", twin("2026-11-23T07:00:00Z", "Cust20001", "Cust10001")), "applied")
	out := w.post("login", "/login-warnings", "l", bytes.ReplaceAll(w.event("first/03-login-warned.json"), []byte("1801000117"), []byte("2801000117")))
	w.must(out, "applied")
	if !strings.Contains(out.body, `"account":"C-2"`) {
		t.Errorf("the installation leads to %s", out.body)
	}
}

// warned is what the answer to a login warning tells beside its outcome.
type warned struct {
	Outcome, Message, Link string
	Findings               []struct{ Code, Severity, State, Owner string }
}

func (w *world) warn(cust, user, email string) (v warned) {
	w.Helper()
	w.ids++
	body := fmt.Sprintf(`{"type":"login.warned","timestamp":"2026-11-23T07:20:00Z","data":{"cust_id":%q,"serial":"1804052218","url":"https://online2.superoffice.com/Cust40522",
		"version":"12.2","message":"...","days_left":20,"user":{"id":%q,"name":"X Y","email":%q,"locale":"en"}}}`, cust, user, email)
	out := w.post("login", "/login-warnings", fmt.Sprint("warn-", w.ids), []byte(body))
	if out.status != 200 {
		w.Fatalf("answered %v", out)
	}
	if err := json.Unmarshal([]byte(out.body), &v); err != nil {
		w.Fatal(err)
	}
	return v
}

func (v warned) codes() string {
	var codes []string
	for _, f := range v.Findings {
		codes = append(codes, f.Code)
	}
	return strings.Join(codes, " ")
}

func TestWhoIsWarnedIsToldWhatIsTheirs(t *testing.T) {
	w := newWorld(t, nil)
	for _, file := range files([]string{"demo/bjorkdal-bygg"})[:5] {
		if err := outcome(w.tell(file), ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, cust, user, email string }{
		{"a colleague", "Cust40522", "13", "britt.sjodin@bjorkdal.example"},
		{"the admin, who cannot pay", "Cust40522", "7", "ulla.noren@bjorkdal.example"},
		{"nobody's address", "Cust40522", "99", ""},
	} {
		v := w.warn(c.cust, c.user, c.email)
		if strings.Contains(v.codes(), "invoice") || v.Link != "" || v.Message == "" {
			t.Errorf("%s: %+v", c.name, v)
		}
		for _, word := range []string{"invoice", "paid", "payment", "82"} {
			if strings.Contains(strings.ToLower(v.Message), word) {
				t.Errorf("%s reads %q", c.name, v.Message)
			}
		}
	}
	v := w.warn("cust40522", "200", "EKONOMI@bjorkdal.example")
	if !strings.Contains(v.codes(), "invoice-overdue") || v.Link == "" {
		t.Fatalf("the billing contact: %+v", v)
	}
	if r := w.get(path(t, v.Link)); r.status != 200 || !strings.Contains(text(r.body), "20417") {
		t.Errorf("the link shows %d %s", r.status, text(r.body))
	}

	// A surplus is the admin's, who is known by address, or by user at the first production.
	w = newWorld(t, nil)
	for _, file := range files([]string{"demo/fjord-foods"})[:6] {
		if err := outcome(w.tell(file), ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, cust, user, email string
		link                    bool
	}{
		{"the admin by address", "Cust12345", "500", "anna.berg@fjordfoods.example", true},
		{"the admin by user", "Cust12345", "12", "", true},
		{"the same user number elsewhere", "Cust9001", "12", "", false},
		{"a colleague", "Cust12345", "16", "maja.oberg@fjordfoods.example", false},
		{"billing, whose it is not", "Cust12345", "501", "ap@fjordfoods.example", false},
	} {
		if v := w.warn(c.cust, c.user, c.email); (v.Link != "") != c.link || v.Message == "" {
			t.Errorf("%s: %+v, a link: want %v", c.name, v, c.link)
		}
	}
}

// The entrance for whoever reads the warning says one calm line, never shows a link, and mails
// the one who can act at most once a day, however often it is asked.
func TestHelp(t *testing.T) {
	w := newWorld(t, nil)
	if err := outcome(w.tell("first/01-standard-account.json"), ""); err != nil {
		t.Fatal(err)
	}
	if err := outcome(w.tell("first/02-standard-licence.json"), ""); err != nil {
		t.Fatal(err)
	}
	w.advance(morning.Add(time.Hour))
	mailed := len(w.inbox())
	if r := w.get("/help"); r.status != 200 || !strings.Contains(r.body, "<form") {
		t.Errorf("the form is %v", r)
	}
	ask := func(value string) reply { return w.press("/help", url.Values{"value": {value}}) }
	for _, value := range []string{"Cust10001", "https://online2.superoffice.com/Cust10001/default.aspx", "cust10001"} {
		r := ask(value)
		if r.status != 200 || strings.Contains(r.body, "/r/S") || strings.Contains(r.body, "anna") || strings.Contains(r.body, "Storvik") {
			t.Errorf("%s: %d %s", value, r.status, text(r.body))
		}
	}
	known := text(ask("Cust10001").body)
	for _, value := range []string{"", "Cust99999", "<script>alert(1)</script>", strings.Repeat("x", 5000)} {
		r := ask(value)
		if r.status != 200 || strings.Contains(r.body, "<script>") || text(r.body) == known {
			t.Errorf("%.30q: %d %s", value, r.status, text(r.body))
		}
	}
	before := len(w.db.written())
	for range 100 {
		if r := ask("Cust10001"); r.status != 200 {
			t.Fatalf("answered %v", r)
		}
	}
	for _, op := range w.db.written()[before:] {
		if !strings.HasPrefix(op, "Counter ") {
			t.Errorf("asking again wrote %s", op)
		}
	}
	w.advance(w.clock.Now().Add(time.Hour))
	if got := len(w.inbox()) - mailed; got > 1 {
		t.Errorf("%d mails for one curious person", got)
	}
	r := httptest.NewRequest("POST", "/help", strings.NewReader("value=Cust10001"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if out := w.do(r); out.status != 403 {
		t.Errorf("from another site: %d, want 403", out.status)
	}
}

// What could not be stored is to be sent again; why is our own affair.
func TestUnavailable(t *testing.T) {
	w := newWorld(t, nil)
	w.must(w.tell("first/01-standard-account.json"), "applied")
	for _, h := range senderDoors {
		body, id := w.event("first/03-login-warned.json"), "x"
		switch h.sender {
		case "standard":
			body = invoice("2026-11-20T08:00:00Z", "12500.00")
		case "stripe":
			body = w.event("demo/fjord-foods/02-stripe-subscription.json")
		case "superoffice":
			body = w.event("samples/01-superoffice-associate.json")
		}
		w.plan = func(storetest.Call) storetest.Fault { return storetest.Lost }
		out := w.do(w.signed(h.sender, h.path, id, body))
		if out.status != 503 || out.outcome() != "unavailable" || strings.Contains(out.body, "storetest") {
			t.Errorf("%s: %v, want 503 that says nothing of why", h.path, out)
		}
		w.plan, w.dead = nil, false
	}
	if got := licence.Ahead; got != 5*time.Minute {
		t.Errorf("the clocks may differ by %v", got)
	}
}
