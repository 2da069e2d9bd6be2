package page

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/outside"
	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/superoffice"
)

// A licenceServer is a customer's own server at which a new licence waits. It counts who activates it.
type licenceServer struct {
	mu     sync.Mutex
	active bool
	new    int
	used   int
	refuse string
	calls  int
}

func (s *licenceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; {
	case last == "GetLicenseFromLicenseServer":
		io.WriteString(w, s.licence())
	case last == "GetLicenseStatusFromLicenseServer":
		io.WriteString(w, `{"LicenseStatus":"Ok"}`)
	case last == "ActivateLicenseInfo" && string(body) != `{"NewLicense":null}`:
		s.calls++
		s.active = s.active || s.refuse == ""
		json.NewEncoder(w).Encode(map[string]any{"Succeeded": s.refuse == "", "Reason": s.refuse})
	case last == "ActivateLicenseInfo":
		w.WriteHeader(http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

func (s *licenceServer) licence() string {
	one := func(expires, sign string) string {
		return fmt.Sprintf(`{"SerialNr":"1801550193","CompanyName":"Fjord Foods AB","Signature":%q,"LicenseVersion":"12.2","NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"2027-12-31T00:00:00",
			"AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"%sT00:00:00","GraceDate":"2027-12-25T00:00:00","ModuleLicenses":[]}`, sign, expires)
	}
	const module = `{"ModuleName":"ten-sales","ModuleDescription":"Sales Premium","LicenseType":"UserLicense","ExtraFlags":1}`
	if s.active {
		return fmt.Sprintf(`{"CanBeActivated":false,"Current":%s,"New":null,"ExtendedModuleLicenses":[{"Current":%s,"NumberOfLicensesInUse":%d,"NumberOfLicensesTotal":%d}]}`,
			one("2027-12-13", "b"), module, s.used, s.new)
	}
	return fmt.Sprintf(`{"CanBeActivated":%v,"Current":%s,"New":%s,"ExtendedModuleLicenses":[{"Current":%s,"New":%s,"NumberOfLicensesInUse":%d,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":%d}]}`,
		s.used <= s.new, one("2026-12-13", "a"), one("2027-12-13", "b"), module, module, s.used, s.new)
}

// A counter is a page's reader and all that is behind the page.
type counter struct {
	*testing.T
	app           *Page
	licenceServer *licenceServer
	now           time.Time
	mu            sync.Mutex
	told          int
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{T: t, licenceServer: &licenceServer{new: 7, used: 7}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(c.licenceServer)
	t.Cleanup(server.Close)
	clock := func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "seatmend.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	operator := app.Invented
	operator.Mail = "on"
	secrets := app.Secrets{"link": {base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))}}
	base, err := app.NewApp(db, secrets, operator, "https://licens.fjordpartner.example", clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.app = of(base)
	outside.Connect(base, &superoffice.Client{HTTP: server.Client(), Login: server.URL, Now: clock, Onsite: func(string) (superoffice.Onsite, bool) {
		return superoffice.Onsite{URL: server.URL + "/SuperOffice", User: "seatmend", Password: "p"}, true
	}}, nil)
	c.tell(licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Timezone: "Europe/Stockholm", Model: "plans",
		Contacts: []licence.Contact{
			{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin},
			{ID: "kim", Name: "Kim Strand", Email: "kim@fjord.example", Role: licence.Admin},
			{ID: "bo", Name: "Bo Lind", Email: "bo@fjord.example", Role: licence.Billing},
		},
		Installations: []licence.Installation{{CustID: "Cust700", Serial: "1801550193", Kind: "production", Hosting: "onsite"}},
		Plans:         []licence.Plan{{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales"}},
	})
	c.tell(licence.InstallationReported{CustID: "Cust700", State: "running", Can: licence.Some([]string{"read-licence"})})
	c.check()
	if !casework.MayActivate(c.state(), "Cust700", c.offer(), c.now) {
		t.Fatal("nothing to activate")
	}
	return c
}

// tell says something a second later, and does what is owed for it.
func (c *counter) tell(p licence.Payload) {
	c.Helper()
	c.pass(time.Second)
	c.told++
	if _, err := c.app.Engine.Apply(c.Context(), app.FactOf("standard", fmt.Sprint(c.told), "C-1042", p, c.app.App)); err != nil {
		c.Fatal(err)
	}
	c.app.deliverNow(c.Context(), "C-1042")
}

func (c *counter) check() { c.tell(licence.CheckAsked{CustID: "Cust700", By: "Anna Berg"}) }

func (c *counter) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *counter) state() licence.State {
	c.Helper()
	l, err := c.app.Store.Load(c.Context(), "C-1042", store.Want{})
	if err != nil {
		c.Fatal(err)
	}
	return l.State
}

func (c *counter) inst() *licence.KnownInstallation { return c.state().Known.Inst("Cust700") }

func (c *counter) offer() string { return c.inst().Report.Value.Offer() }

// visit is somebody with the page open, as it is now.
func (c *counter) visit(contact string) Request {
	c.Helper()
	s := c.state()
	for _, x := range s.Known.Profile.Account.Value.Contacts {
		if x.ID == contact {
			v := c.app.RequestOf("", licence.Loaded{State: s})
			v.session, v.Link = true, effects.LinkRow{ID: "link-" + contact, Account: "C-1042", Role: x.Role, Contact: x.ID, Name: x.Name, Email: x.Email}
			return v
		}
	}
	c.Fatalf("no contact %q", contact)
	return Request{}
}

var sixDigits = regexp.MustCompile(`(?m)^ +([0-9]{6})$`)

// code asks for a code and reads it in the inbox.
func (c *counter) code(contact string) string {
	c.Helper()
	c.pass(time.Second)
	if err := c.app.askCode(c.Context(), c.visit(contact), "Cust700", ""); err != nil {
		c.Fatal(err)
	}
	codes := c.inbox(contact)
	if len(codes) == 0 {
		c.Fatal("no code has come")
	}
	return codes[len(codes)-1]
}

// inbox are the codes that a contact was sent, the newest last.
func (c *counter) inbox(contact string) (codes []string) {
	c.Helper()
	rows, _, err := c.app.Store.Rows(c.Context(), "C-1042", "mail", store.Page{Limit: 100})
	if err != nil {
		c.Fatal(err)
	}
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			c.Fatal(err)
		}
		if hit := sixDigits.FindStringSubmatch(m.Text); hit != nil && m.To == contact+"@fjord.example" {
			codes = append([]string{hit[1]}, codes...)
		}
	}
	return codes
}

// press sends the form of a page that was opened just now.
func (c *counter) press(contact, offer, code string) string {
	c.Helper()
	c.pass(time.Second)
	got, err := c.app.activate(c.Context(), c.visit(contact), "Cust700", offer, code)
	if err != nil {
		c.Fatal(err)
	}
	return got
}

func wrong(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestActivation(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(*counter) []string // what each press came to
		want  []string
		calls int
		tried string // what is told of it; "": nothing
	}{
		"the right code": {func(c *counter) []string {
			code := c.code("anna")
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"asked"}, 1, "true by Anna Berg"},
		"written in two halves": {func(c *counter) []string {
			code := c.code("anna")
			return []string{c.press("anna", c.offer(), " "+code[:3]+" "+code[3:])}
		}, []string{"asked"}, 1, "true by Anna Berg"},
		"wrong four times, then right": {func(c *counter) (out []string) {
			code := c.code("anna")
			for range 4 {
				out = append(out, c.press("anna", c.offer(), wrong(code)))
			}
			return append(out, c.press("anna", c.offer(), code))
		}, []string{"wrong-code", "wrong-code", "wrong-code", "wrong-code", "asked"}, 1, "true by Anna Berg"},
		"wrong five times, then right": {func(c *counter) (out []string) {
			code := c.code("anna")
			for range 5 {
				out = append(out, c.press("anna", c.offer(), wrong(code)))
			}
			return append(out, c.press("anna", c.offer(), code))
		}, []string{"wrong-code", "wrong-code", "wrong-code", "wrong-code", "wrong-code", "old-code"}, 0, ""},
		"nothing typed": {func(c *counter) []string {
			c.code("anna")
			return []string{c.press("anna", c.offer(), "")}
		}, []string{"wrong-code"}, 0, ""},
		"none asked for": {func(c *counter) []string {
			return []string{c.press("anna", c.offer(), "123456")}
		}, []string{"old-code"}, 0, ""},
		"old": {func(c *counter) []string {
			code := c.code("anna")
			c.pass(casework.CodeLife)
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"old-code"}, 0, ""},
		"the one before the newest": {func(c *counter) []string {
			code := c.code("anna")
			c.code("anna")
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"wrong-code"}, 0, ""},
		"a colleague's": {func(c *counter) []string {
			code := c.code("anna")
			first := c.press("kim", c.offer(), code)
			c.code("kim")
			return []string{first, c.press("kim", c.offer(), code)}
		}, []string{"old-code", "wrong-code"}, 0, ""},
		"by who has the invoices": {func(c *counter) []string {
			if err := c.app.askCode(c.Context(), c.visit("bo"), "Cust700", ""); err != nil || len(c.inbox("bo")) > 0 {
				c.Errorf("%v, inbox %v", err, c.inbox("bo"))
			}
			return []string{c.press("bo", c.offer(), "123456")}
		}, []string{"not-now"}, 0, ""},
		"for an offer of another time": {func(c *counter) []string {
			code := c.code("anna")
			return []string{c.press("anna", "0011223344556677", code), c.press("anna", "", code)}
		}, []string{"changed", "changed"}, 0, ""},
		"the offer changed between showing and pressing": {func(c *counter) []string {
			code, offer := c.code("anna"), c.offer()
			c.licenceServer.new = 8
			c.check()
			return []string{c.press("anna", offer, code), c.press("anna", c.offer(), code)}
		}, []string{"changed", "old-code"}, 0, ""},
		"the offer changed, and nobody has seen it": {func(c *counter) []string {
			code := c.code("anna")
			c.licenceServer.new = 8
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"asked"}, 0, "false by Anna Berg: changed"},
		"a seat was given between showing and pressing": {func(c *counter) []string {
			code := c.code("anna")
			c.licenceServer.used = 8
			c.check()
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"not-now"}, 0, ""},
		"a seat was given, and nobody has seen it": {func(c *counter) []string {
			code := c.code("anna")
			c.licenceServer.used = 8
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"asked"}, 0, "false by Anna Berg: not-now"},
		"the order says something else": {func(c *counter) []string {
			code := c.code("anna")
			c.tell(licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", Items: []licence.Item{{Plan: "sales-premium", Quantity: 10}}})
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"not-now"}, 0, ""},
		"it was active already": {func(c *counter) []string {
			code := c.code("anna")
			c.licenceServer.active = true
			return []string{c.press("anna", c.offer(), code)}
		}, []string{"asked"}, 0, "true by : already-active"},
		"refused": {func(c *counter) []string {
			code := c.code("anna")
			c.licenceServer.refuse = "E-17: a hidden module is over."
			return []string{c.press("anna", c.offer(), code), c.press("anna", c.offer(), code)}
		}, []string{"asked", "not-now"}, 1, "false by Anna Berg: E-17: a hidden module is over."},
		"pressed twice on a page as it was before": {func(c *counter) (out []string) {
			code, v := c.code("anna"), c.visit("anna")
			for range 2 {
				c.pass(time.Second)
				got, err := c.app.activate(c.Context(), v, "Cust700", v.state.Known.Inst("Cust700").Report.Value.Offer(), code)
				if err != nil {
					c.Error(err)
				}
				out = append(out, got)
			}
			return out
		}, []string{"asked", "asked"}, 1, "true by Anna Berg"},
		"pressed again, and in the other tab": {func(c *counter) []string {
			code, offer := c.code("anna"), c.offer()
			return []string{c.press("anna", offer, code), c.press("anna", offer, code), c.press("anna", offer, wrong(code))}
		}, []string{"asked", "asked", "asked"}, 1, "true by Anna Berg"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCounter(t)
			if got := c.do(s); !slices.Equal(got, c.want) {
				t.Errorf("came to %v, want %v", got, c.want)
			}
			tried := ""
			if in := s.inst(); in.Tried.Told() {
				tried = fmt.Sprintf("%v by %s", in.Tried.Value.OK, in.Tried.Value.By)
				if in.Tried.Value.Reason != "" {
					tried += ": " + in.Tried.Value.Reason
				}
			}
			if tried != c.tried || s.licenceServer.calls != c.calls {
				t.Errorf("%d calls, told %q; want %d, %q", s.licenceServer.calls, tried, c.calls, c.tried)
			}
			if s.licenceServer.active == s.inst().Report.Value.Offered {
				t.Errorf("active %v, and offered by what we know %v", s.licenceServer.active, s.inst().Report.Value.Offered)
			}
		})
	}
}

// Two administrators, each with a code of their own and two tabs, press at the same time.
func TestActivationAtOnce(t *testing.T) {
	c := newCounter(t)
	codes := map[string]string{"anna": c.code("anna"), "kim": c.code("kim")}
	offer := c.offer()
	var all sync.WaitGroup
	start := make(chan bool)
	for range 3 {
		for who, code := range codes {
			v := c.visit(who)
			all.Go(func() {
				<-start
				if got, err := c.app.activate(t.Context(), v, "Cust700", offer, code); err != nil || got != "asked" {
					t.Errorf("%s: %q, %v", who, got, err)
				}
			})
		}
	}
	close(start)
	all.Wait()
	c.pass(5 * time.Minute)
	if err := c.app.Engine.Tick(t.Context(), "C-1042"); err != nil {
		t.Fatal(err)
	}
	c.app.deliverNow(t.Context(), "C-1042")
	if in := c.inst(); c.licenceServer.calls != 1 || !in.Tried.Value.OK || in.Tried.Value.By == "" || in.Report.Value.Offered {
		t.Errorf("%d calls, tried %+v, offered %v", c.licenceServer.calls, in.Tried.Value, in.Report.Value.Offered)
	}
	for _, e := range c.state().History.Pending {
		if e.Kind == licence.Activate {
			t.Errorf("still owed: %+v", e)
		}
	}
}

// Many guesses at once have no more tries than one after the other.
func TestGuessesAtOnce(t *testing.T) {
	c := newCounter(t)
	code, offer := c.code("anna"), c.offer()
	var all sync.WaitGroup
	results := make(chan string, 40)
	for range 40 {
		v := c.visit("anna")
		all.Go(func() {
			got, err := c.app.activate(t.Context(), v, "Cust700", offer, wrong(code))
			if err != nil {
				t.Error(err)
			}
			results <- got
		})
	}
	all.Wait()
	close(results)
	n := map[string]int{}
	for got := range results {
		n[got]++
	}
	if n["wrong-code"] != triesPerCode || n["old-code"] != 40-triesPerCode || c.licenceServer.calls != 0 {
		t.Errorf("%v, %d calls", n, c.licenceServer.calls)
	}
}

func TestCodesAnHour(t *testing.T) {
	c := newCounter(t)
	ask := func(contact string) error {
		c.pass(time.Second)
		return c.app.askCode(t.Context(), c.visit(contact), "Cust700", "")
	}
	for n := range codesAnHour {
		if err := ask("anna"); err != nil {
			t.Fatalf("code %d: %v", n+1, err)
		}
	}
	var no *app.Refusal
	if err := ask("anna"); !errors.As(err, &no) || no.Status != http.StatusTooManyRequests {
		t.Errorf("the sixth: %v", err)
	}
	if got := c.inbox("anna"); len(got) != codesAnHour {
		t.Errorf("%d codes were mailed", len(got))
	}
	if err := ask("kim"); err != nil {
		t.Errorf("a colleague's first: %v", err)
	}
	c.pass(time.Hour)
	c.check()
	if err := ask("anna"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// Of several presses at once that wait for one mail, one code comes, and it is the one that opens.
func TestCodesAtOnce(t *testing.T) {
	c := newCounter(t)
	for i := range 4 {
		c.pass(time.Second)
		f := app.FactOf("page", fmt.Sprint("code/", i), "C-1042", licence.CodeAsked{Contact: "anna", For: c.offer()}, c.app.App)
		if _, err := c.app.Engine.Apply(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	c.app.deliverNow(t.Context(), "C-1042")
	codes := c.inbox("anna")
	if len(codes) != 1 {
		t.Fatalf("%d codes came: %v", len(codes), codes)
	}
	if got := c.press("anna", c.offer(), codes[0]); got != "asked" {
		t.Errorf("the code: %q", got)
	}
}

// A code is waited for as long as it would open something.
func TestCodeWaits(t *testing.T) {
	c := newCounter(t)
	waits := func(contact string) bool { return codeWaits(c.state(), contact, c.now) }
	if waits("anna") {
		t.Error("before it was asked for")
	}
	c.code("anna")
	if !waits("anna") || waits("kim") {
		t.Errorf("anna %v, kim %v", waits("anna"), waits("kim"))
	}
	c.pass(casework.CodeLife - time.Second)
	if !waits("anna") {
		t.Error("not a second before its end")
	}
	if c.pass(time.Second); waits("anna") {
		t.Error("after its end")
	}
	off := "off"
	c.code("anna")
	c.tell(licence.MailChanged{Mail: &off})
	if waits("anna") {
		t.Error("where no mail goes")
	}
	if err := c.app.askCode(t.Context(), c.visit("anna"), "Cust700", ""); err == nil {
		t.Error("a code was promised where no mail goes")
	}
}
