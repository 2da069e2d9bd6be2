package functions_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/infra/billingsim"
	"seatmend/infra/crmsim"
	"seatmend/infra/lambda"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/memory"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/store/storetest"
	"seatmend/shared/superoffice"
	"seatmend/shared/webhook"
)

// morning is when all tests begin: the day of the bodies in events/, 08:30 in Stockholm.
var morning = events.Base.Add(7*time.Hour + 30*time.Minute)

// canary stands in every secret, so that a log which shows one is found out.
const canary = "canary-b1rd-"

func secret(name string) string {
	b := []byte(canary + name + strings.Repeat("-", 32))
	return base64.StdEncoding.EncodeToString(b[:32])
}

// testSecrets are one secret of each sender, and all that a run needs beside.
var testSecrets = func() app.Secrets {
	all := app.Secrets{"link": {secret("link")}, "operator": {secret("operator")}}
	for _, s := range webhook.Senders {
		all[s.Name] = []string{s.NewSecret(secret(s.Name))}
		if s.Unmarked {
			all[s.Name+"_test"] = []string{s.NewSecret(secret(s.Name + "-test"))}
		}
	}
	return all
}()

type clock struct {
	mu   sync.Mutex
	now  time.Time
	tick time.Duration   // by which each look moves it on; 0: it stands still
	tell func(time.Time) // who else is to know what it shows; nil: nobody
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(c.tick)
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
	if c.tell != nil {
		c.tell(t)
	}
}

// A world is the whole system over one store, with a simulated SuperOffice beside it, and a
// clock that stands still until a test moves it.
type world struct {
	*testing.T
	app     *app.App
	handler http.Handler
	clock   *clock
	db      *ledger // below every fault
	sim     *crmsim.Sim
	crm     *httptest.Server
	logs    *bytes.Buffer
	mail    effects.Sender      // nil: mails lie in the inbox alone
	locale  string              // of all customers, where a test reads their mails
	closed  map[string][]string // days on which banks are closed besides; read at the start

	publish func(ctx context.Context, detailType string, detail []byte) error // nil: there is no bus
	aws     *lambda.Stack                                                     // nil: the handlers run in this process

	keys      app.Secrets       // to read back with; nil: none
	billing   *billingsim.Sim   // the billing systems, where there are keys
	billingAt map[string]string // where they are

	plan    func(storetest.Call) storetest.Fault
	oneHand bool // no other hand delivers, and no page waits for one; read at the start
	asleep  bool // nothing is delivered
	dead    bool // a fault has killed the process: no call of the store is answered any more
	woken   []string

	restarted bool
	ids       int
}

// newWorld starts over a store; nil: a new one in memory.
func newWorld(t *testing.T, open func(t *testing.T, now func() time.Time) store.Store) *world {
	t.Helper()
	beside(t)
	if open == nil {
		open = inMemory
	}
	w := &world{T: t, clock: &clock{now: morning}, logs: &bytes.Buffer{}, locale: "en"}
	w.db = newLedger(open(t, w.clock.Now))
	w.sim = crmsim.New(w.clock.Now)
	w.crm = httptest.NewServer(w.sim.Handler())
	t.Cleanup(w.crm.Close)
	t.Cleanup(func() {
		for line := range strings.Lines(w.logs.String()) {
			if t.Failed() && strings.Contains(line, `error`) {
				t.Log(strings.TrimSpace(line)) // what went wrong inside, which answers do not tell
			}
		}
	})
	w.start()
	return w
}

func inMemory(_ *testing.T, now func() time.Time) store.Store { return memory.New(now) }

var begun sync.Map

// beside lets a test run beside others: each has a world of its own.
func beside(t *testing.T) {
	if _, again := begun.LoadOrStore(t, true); !again && !strings.Contains(t.Name(), "/") {
		t.Parallel()
	}
}

// alone lets a test run beside no other: it changes what all of them see.
func alone(t *testing.T) { begun.Store(t, true) }

func onSQLite(t *testing.T, now func() time.Time) store.Store {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "seatmend.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func onDynamo(t *testing.T, now func() time.Time) store.Store {
	t.Helper()
	client := storetest.Dynamo(t)
	table := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	return &dynamo.Store{Client: client, Table: table, Now: now}
}

// start makes the process: nothing of one before is left but the store.
func (w *world) start() {
	w.Helper()
	w.dead, w.woken = false, nil
	db := storetest.Faulty(w.db, func(c storetest.Call) storetest.Fault {
		if w.dead {
			return storetest.Lost
		}
		if w.plan == nil {
			return storetest.None
		}
		fault := w.plan(c)
		w.dead = fault != storetest.None
		return fault
	})
	operator := app.Invented
	operator.Mail, operator.ClosedDays = "on", w.closed
	log := slog.New(slog.NewJSONHandler(w.logs, nil))
	secrets := maps.Clone(testSecrets)
	maps.Copy(secrets, w.keys)
	app, err := app.NewApp(db, secrets, operator, "https://licens.fjordpartner.example", w.clock.Now, log)
	if err != nil {
		w.Fatal(err)
	}
	secret, key := w.sim.App()
	client := &superoffice.Client{HTTP: w.crm.Client(), Login: w.crm.URL, Now: w.clock.Now, App: superoffice.App{Secret: secret, Key: key}, System: w.sim.SystemToken}
	client.Onsite = func(cust string) (superoffice.Onsite, bool) {
		t, ok := w.sim.Tenant(cust)
		return superoffice.Onsite{URL: w.crm.URL + "/" + t.CustID, User: t.User, Password: t.Password}, ok && t.Hosting == crmsim.Onsite
	}
	client.MayCall = func(host string) bool { return host == strings.TrimPrefix(w.crm.URL, "http://") }
	app.Publish, app.BillingAt = w.publish, w.billingAt
	if w.oneHand {
		app.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	outside.Connect(app, client, w.mail, desk.Mails)
	app.Engine.Wake = func(account string) { w.woken = append(w.woken, account) }
	w.app, w.handler = app, app.Handler("", functions.Routes)
}

// revive starts anew after a kill, and tells whether there was one.
func (w *world) revive() bool {
	w.Helper()
	if !w.dead {
		return false
	}
	w.start()
	w.restarted = true
	return true
}

// An answer is what a caller gets.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// outcome is that of a webhook's answer, or the code of its error.
func (r reply) outcome() string {
	var v struct {
		Outcome string
		Error   struct{ Code string }
	}
	if json.Unmarshal([]byte(r.body), &v) != nil {
		return ""
	}
	return cmp.Or(v.Outcome, v.Error.Code)
}

// do sends a request to the handlers as they are mounted.
func (w *world) do(r *http.Request) reply {
	w.Helper()
	rec := httptest.NewRecorder()
	handler := w.handler
	if w.aws != nil {
		handler = w.aws
	}
	handler.ServeHTTP(rec, r)
	return reply{rec.Code, rec.Result().Header, rec.Body.String()}
}

// route is where a sender speaks.
func route(sender, file string) string {
	switch {
	case sender == "login":
		return "/login-warnings"
	case sender == "superoffice":
		return "/users/superoffice"
	case sender == "standard" && (strings.Contains(file, "seats") || strings.Contains(file, "licence")):
		return "/users/standard"
	}
	return "/billing/" + sender
}

// signed is a request as the sender would make it now.
func (w *world) signed(sender, path, id string, body []byte) *http.Request {
	w.Helper()
	s, ok := webhook.Find(sender)
	if !ok {
		w.Fatalf("no sender %q", sender)
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	s.Sign(r.Header, body, id, testSecrets[sender][0], w.clock.Now())
	return r
}

// post tells a body under an id, and lets the stream wake the delivery.
func (w *world) post(sender, path, id string, body []byte) reply {
	w.Helper()
	out := w.do(w.signed(sender, path, id, body))
	w.deliver()
	return out
}

// say tells news of the standard sender, on the route where it belongs.
func (w *world) say(kind string, at time.Time, data string) reply {
	w.Helper()
	w.ids++
	body := fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":%s}`, kind, at.UTC().Format(time.RFC3339), data)
	return w.post("standard", "/users/standard", "said-"+strconv.Itoa(w.ids), []byte(body))
}

var localeField = regexp.MustCompile(`"locale": ?"\w+"`)

// event is a body of events/, of a customer who speaks the world's language.
func (w *world) event(file string) []byte {
	w.Helper()
	body, err := events.Files.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	if events.Sender(file) == "standard" || events.Sender(file) == "login" {
		body = localeField.ReplaceAll(body, []byte(`"locale": "`+w.locale+`"`))
	}
	return body
}

// tell posts a body of events/ as its sender would.
func (w *world) tell(file string) reply {
	w.Helper()
	sender := events.Sender(file)
	return w.post(sender, route(sender, file), strings.NewReplacer("/", "-", ".json", "").Replace(file), w.event(file))
}

// must tell a body that is taken.
func (w *world) must(r reply, outcome string) {
	w.Helper()
	if r.status != 200 || r.outcome() != outcome {
		w.Fatalf("answered %v, want 200 %s", r, outcome)
	}
}

// deliver plays the stream: it says which accounts were written, and says so again where the
// delivery failed.
func (w *world) deliver() {
	w.Helper()
	if w.asleep {
		return
	}
	w.follow()
	for fails := 0; len(w.woken) > 0 && !w.dead; {
		err := w.app.Engine.Deliver(w.Context(), w.woken[0])
		if err != nil && !w.dead {
			if fails++; fails < 3 {
				continue
			}
			w.Errorf("deliver %s: %v", w.woken[0], err)
		}
		w.woken, fails = w.woken[1:], 0
	}
}

// sweep plays the schedule, and starts the process anew if it died.
func (w *world) sweep() {
	w.Helper()
	if w.aws != nil {
		if err := w.aws.Sweep(); err != nil {
			w.Errorf("sweep: %v", err)
		}
		w.follow()
		return
	}
	if err := w.app.Sweep(w.Context()); err != nil && !w.dead {
		w.Errorf("sweep: %v", err)
	}
	w.revive()
}

// advance lives through every instant at which something falls due.
func (w *world) advance(to time.Time) {
	w.Helper()
	stuck := 0
	for {
		w.sweep()
		next := w.db.next()
		if next.IsZero() || next.After(to) {
			break
		}
		if next.After(w.clock.Now()) {
			w.clock.set(next)
			stuck = 0
			continue
		}
		// Due, and not done: the clock runs on, as it does between two sweeps.
		if stuck++; stuck > 60 {
			w.Fatalf("%s: something is due since %s, and the sweep does not end it", w.clock.Now(), next)
		}
		if w.clock.set(w.clock.Now().Add(time.Duration(min(stuck, 2)-1) * time.Minute)); w.clock.Now().After(to) {
			break
		}
	}
	if to.After(w.clock.Now()) {
		w.clock.set(to)
	}
	w.sweep()
}

// inbox is every mail that was sent, the earliest first.
func (w *world) inbox() []effects.MailRow {
	w.Helper()
	var all []effects.MailRow
	for _, row := range w.mailRows() {
		if row.SentAt != nil {
			all = append(all, row)
		}
	}
	slices.SortStableFunc(all, func(a, b effects.MailRow) int {
		return cmp.Or(a.SentAt.Compare(*b.SentAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func (w *world) mailRows() []effects.MailRow {
	w.Helper()
	list, _, err := w.db.Accounts(w.Context(), store.Page{Limit: 500})
	if err != nil {
		w.Fatal(err)
	}
	var all []effects.MailRow
	for _, e := range list {
		rows, _, err := w.db.Rows(w.Context(), e.Account, "mail", store.Page{Limit: 500})
		if err != nil {
			w.Fatal(err)
		}
		for _, row := range rows {
			var m effects.MailRow
			if err := json.Unmarshal(row.Body, &m); err != nil {
				w.Fatal(err)
			}
			all = append(all, m)
		}
	}
	return all
}

// ask reads an operator's route into v.
func (w *world) ask(path string, v any) {
	w.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+testSecrets["operator"][0])
	out := w.do(r)
	if out.status != 200 {
		w.Fatalf("GET %s: %v", path, out)
	}
	if err := json.Unmarshal([]byte(out.body), v); err != nil {
		w.Fatalf("GET %s: %v", path, err)
	}
}

// A found is a finding as the outside sees it.
type found struct {
	Code, State, Severity, Title, Fingerprint, Owner string
	Need, FAQ                                        int
	Subject                                          licence.Subject
}

// A diagnosed is a diagnosis as the outside sees it.
type diagnosed struct {
	Phase, Summary                      string
	Findings, Upcoming, Passed, Unknown []found
}

func (w *world) diagnosis(account string) (d diagnosed) {
	w.Helper()
	w.ask("/accounts/"+url.PathEscape(account)+"/diagnosis?lang="+w.locale, &d)
	return d
}

// finding is the first of that code that stands.
func (w *world) finding(account, code string) found {
	w.Helper()
	for _, f := range w.diagnosis(account).Findings {
		if f.Code == code {
			return f
		}
	}
	return found{}
}

// press sends a form of a page, as a browser would from that page. Nobody clicks twice within a
// second.
func (w *world) press(path string, fields url.Values, cookies ...*http.Cookie) reply {
	w.Helper()
	w.clock.set(w.clock.Now().Add(time.Second))
	r := httptest.NewRequest("POST", path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	out := w.do(r)
	w.deliver()
	return out
}

// get opens a page.
func (w *world) get(path string, cookies ...*http.Cookie) reply {
	w.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return w.do(r)
}

// path is where a mailed link leads.
func path(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(u.Path, "/r/") {
		t.Fatalf("%q is no link to a page: %v", link, err)
	}
	return u.Path
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is what a person reads of a page.
func text(page string) string {
	page = tags.ReplaceAllString(strings.ReplaceAll(page[max(0, strings.Index(page, "<main")):], "<wbr>", ""), " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}
