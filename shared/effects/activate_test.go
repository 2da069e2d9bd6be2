package effects_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/superoffice"
	"seatmend/shared/words"
)

// A vendor is a customer's own server with a new licence that waits, and it can be unkind.
type vendor struct {
	*httptest.Server
	mu        sync.Mutex
	active    bool
	new, used int
	end       string                                              // of the new licence
	say       string                                              // "": it activates; else how it refuses
	after     func(w http.ResponseWriter, r *http.Request)        // instead of its answer to an activation
	broken    map[string]func(http.ResponseWriter, *http.Request) // calls that are answered otherwise, by their last word
	calls     int                                                 // to activate a licence; a probe is none
	altered   int                                                 // of these, with another licence than it gave
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{new: 7, used: 7, end: "2027-12-13", broken: map[string]func(http.ResponseWriter, *http.Request){}}
	v.Server = httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	last := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if do := v.broken[last]; do != nil {
		do(w, r)
		return
	}
	switch last {
	case "api":
		io.WriteString(w, `{"NetServerVersion":"12.2.2072.0"}`)
	case "GetLicenseFromLicenseServer":
		io.WriteString(w, v.licence())
	case "GetLicenseStatusFromLicenseServer":
		io.WriteString(w, `{"LicenseStatus":"Ok"}`)
	case "ActivateLicenseInfo":
		v.activate(w, r, string(body))
	default:
		w.WriteHeader(http.StatusForbidden)
	}
}

// licence is written in a way that no encoder would repeat: what comes back must be these bytes.
func (v *vendor) licence() string {
	one := func(total int, expires, sign string) string {
		return fmt.Sprintf(`{ "SerialNr":"1801550193","CompanyName":"Fjord \u0026 Foods","Signature":%q,"LicenseVersion":"12.2","NextCheckDate":"2026-11-20T00:00:00","MaintenanceDate":"2027-12-31T00:00:00",
 "AdminWarningDate":"2026-11-15T00:00:00","ExpiryDate":"%sT00:00:00","GraceDate":"2027-12-25T00:00:00","ModuleLicenses":[]}`, sign, expires)
	}
	module := func(n int) string {
		return fmt.Sprintf(`{"ModuleName":"ten-sales","ModuleDescription":"Sales <Premium>","LicenseType":"UserLicense","ExtraFlags":1,"NumberOfLicenses":%d}`, n)
	}
	if v.active {
		return fmt.Sprintf(`{"CanBeActivated":false,"Current":%s,"New":null,"ExtendedModuleLicenses":[{"Current":%s,"NumberOfLicensesInUse":%d,"NumberOfLicensesTotal":%d}]}`,
			one(v.new, v.end, "b"), module(v.new), v.used, v.new)
	}
	return fmt.Sprintf(`{"CanBeActivated":%v,"Current":%s,"New":%s,"ExtendedModuleLicenses":[{"Current":%s,"New":%s,"NumberOfLicensesInUse":%d,"NumberOfLicensesTotal":10,"NumberOfLicensesNewTotal":%d}]}`,
		v.used <= v.new, one(10, "2026-12-13", "a"), one(v.new, v.end, "b"), module(10), module(v.new), v.used, v.new)
}

func (v *vendor) activate(w http.ResponseWriter, r *http.Request, body string) {
	if body == `{"NewLicense":null}` {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	v.calls++
	if body != `{"NewLicense":`+v.licence()+`}` {
		v.altered++
	}
	reason := v.say
	if reason == "" && v.active {
		reason = "Your licence is up to date."
	}
	v.active = v.active || v.say == ""
	if v.after != nil {
		v.after(w, r)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"Succeeded": reason == "", "Reason": reason})
}

// A customerWithOffer is one to whom a new licence is offered, and the engine that looks after them.
type customerWithOffer struct {
	*testing.T
	now    time.Time
	vendor *vendor
	db     store.Store
	engine *engine.Engine
	act    effects.Activator
	told   int
}

func newCustomerWithOffer(t *testing.T) *customerWithOffer {
	t.Helper()
	s := &customerWithOffer{T: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), vendor: newVendor(t)}
	clock := func() time.Time { return s.now }
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "seatmend.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	keys, err := link.NewKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	client := &superoffice.Client{HTTP: &http.Client{Timeout: 2 * time.Second}, Login: s.vendor.URL, Now: clock, Onsite: func(string) (superoffice.Onsite, bool) {
		return superoffice.Onsite{URL: s.vendor.URL + "/SuperOffice", User: "seatmend", Password: "p"}, true
	}}
	s.db, s.act = db, effects.Activator{Client: client, Now: clock, Store: db}
	s.engine = &engine.Engine{Store: store.With(db, licence.Settings{Mail: "on"}), Now: clock, Unique: rand.Text, Log: slog.New(slog.DiscardHandler), Do: map[licence.Kind]engine.Executor{
		licence.Activate: s.act.Activate,
		licence.Read:     effects.Reader{Client: client, Now: clock}.Read,
		licence.Mail: effects.Mailer{
			Store: db, Links: func() link.Keys { return keys }, BaseURL: "https://licence.fjordpartner.example", Now: clock,
			Operator: words.Operator{Name: "Fjordpartner AS", Phone: "+47 21 00 00 00"},
		}.Mail,
	}}
	s.tell(licence.AccountChanged{
		Account: "C-1042", Name: "Fjord Foods AB", Timezone: "Europe/Stockholm", Model: "plans",
		Contacts:      []licence.Contact{{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin}},
		Installations: []licence.Installation{{CustID: "Cust700", Serial: "1801550193", Kind: "production", Hosting: "onsite"}},
		Plans:         []licence.Plan{{Plan: "sales-premium", Name: "Sales Premium", Module: "ten-sales"}},
	})
	s.tell(licence.InstallationReported{CustID: "Cust700", State: "running", Can: licence.Some([]string{"read-licence"})})
	s.now = s.now.Add(time.Second)
	s.tell(licence.CheckAsked{CustID: "Cust700", By: "Anna Berg"})
	s.deliver()
	if !casework.MayActivate(s.state(), "Cust700", s.offer(), s.now) {
		t.Fatalf("nothing to activate: %+v, can %v", s.inst().Report.Value, s.inst().Can.Value)
	}
	s.now = s.now.Add(time.Second)
	return s
}

func (s *customerWithOffer) tell(p licence.Payload) {
	s.Helper()
	s.told++
	f := licence.Fact{ID: fmt.Sprint("told/", s.told), To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: s.now, Source: "standard", Payload: p}
	if _, err := s.engine.Apply(s.Context(), f); err != nil {
		s.Fatal(err)
	}
}

// press asks for what the page shows.
func (s *customerWithOffer) press(by string) {
	s.Helper()
	s.tell(licence.ActivationAsked{CustID: "Cust700", Offer: s.offer(), By: by})
}

func (s *customerWithOffer) deliver() {
	s.Helper()
	if err := s.engine.Deliver(s.Context(), "C-1042"); err != nil {
		s.Fatal(err)
	}
}

// later lets time pass, and does what is ripe by then.
func (s *customerWithOffer) later(d time.Duration) {
	s.Helper()
	s.now = s.now.Add(d)
	if err := s.engine.Tick(s.Context(), "C-1042"); err != nil {
		s.Fatal(err)
	}
	s.deliver()
}

func (s *customerWithOffer) state() licence.State {
	s.Helper()
	l, err := s.db.Load(s.Context(), "C-1042", store.Want{})
	if err != nil {
		s.Fatal(err)
	}
	l.State.Mail = "on"
	return l.State
}

func (s *customerWithOffer) inst() *licence.KnownInstallation { return s.state().Known.Inst("Cust700") }

func (s *customerWithOffer) offer() string { return s.inst().Report.Value.Offer() }

// owed is the activation that lies in the outbox.
func (s *customerWithOffer) owed() (licence.Effect, bool) {
	s.Helper()
	for _, e := range s.state().History.Pending {
		if e.Kind == licence.Activate {
			return e, true
		}
	}
	return licence.Effect{}, false
}

// mails are the kinds of those that went.
func (s *customerWithOffer) mails() (why []string) {
	s.Helper()
	rows, _, err := s.db.Rows(s.Context(), "C-1042", "mail", store.Page{Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			s.Fatal(err)
		}
		why = append(why, m.Why)
	}
	slices.Sort(why)
	return why
}

// standing are the codes of what stands, of those named.
func (s *customerWithOffer) standing(codes ...licence.Code) (out []licence.Code) {
	for _, f := range diagnosis.Diagnose(s.state(), s.now, s.now).Findings {
		if slices.Contains(codes, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

func hangUp(w http.ResponseWriter, r *http.Request) { reset(w, r) }

func TestActivate(t *testing.T) {
	seven, ten := map[string]int{"sales-premium": 7}, map[string]int{"sales-premium": 10}
	for name, c := range map[string]struct {
		meanwhile func(*customerWithOffer) // between the button and the doing of it
		then      func(*customerWithOffer) // after it
		calls     int                      // of ActivateLicenseInfo
		want      licence.ActivationTried  // CustID aside
		offered   bool                     // by what is known afterwards
		owed      bool
	}{
		"it fits": {calls: 1, want: licence.ActivationTried{OK: true, By: "Anna Berg", Before: ten, After: seven}},
		"it activated itself": {
			meanwhile: func(s *customerWithOffer) { s.vendor.active = true },
			want:      licence.ActivationTried{OK: true, Reason: "already-active", Before: ten, After: seven},
		},
		"it activated itself, and a read saw that first": {
			meanwhile: func(s *customerWithOffer) {
				s.vendor.active = true
				s.tell(licence.CheckAsked{CustID: "Cust700", By: "Bo Lind"})
				do := s.engine.Do[licence.Activate]
				delete(s.engine.Do, licence.Activate)
				s.later(time.Second)
				s.engine.Do[licence.Activate] = do
				if s.inst().Report.Value.Offered {
					s.Fatal("the read did not come first")
				}
			},
			want: licence.ActivationTried{OK: true, Reason: "already-active", Before: ten, After: seven},
		},
		"another licence came into force": {
			meanwhile: func(s *customerWithOffer) { s.vendor.active, s.vendor.new = true, 9 },
			want:      licence.ActivationTried{Reason: "changed", By: "Anna Berg", Before: map[string]int{"sales-premium": 9}},
		},
		"one with another end came into force": {
			meanwhile: func(s *customerWithOffer) { s.vendor.active, s.vendor.end = true, "2027-06-30" },
			want:      licence.ActivationTried{Reason: "changed", By: "Anna Berg", Before: seven},
		},
		"somebody was faster": {
			meanwhile: func(s *customerWithOffer) {
				s.vendor.after = func(w http.ResponseWriter, r *http.Request) {
					io.WriteString(w, `{"Succeeded":false,"Reason":"Your licence is up to date."}`)
				}
			},
			calls: 1, want: licence.ActivationTried{OK: true, Reason: "already-active", Before: ten, After: seven},
		},
		"refused": {
			meanwhile: func(s *customerWithOffer) { s.vendor.say = `Hidden module "x" is over: <3>` },
			calls:     1, want: licence.ActivationTried{Reason: `Hidden module "x" is over: <3>`, By: "Anna Berg", Before: ten}, offered: true,
		},
		"other numbers wait": {
			meanwhile: func(s *customerWithOffer) { s.vendor.new = 8 },
			want:      licence.ActivationTried{Reason: "changed", By: "Anna Berg", Before: ten}, offered: true,
		},
		"somebody was given a seat": {
			meanwhile: func(s *customerWithOffer) { s.vendor.used = 8 },
			want:      licence.ActivationTried{Reason: "not-now", By: "Anna Berg", Before: ten}, offered: true,
		},
		"the order says something else": {
			meanwhile: func(s *customerWithOffer) {
				s.tell(licence.SubscriptionChanged{Subscription: "sub_1", Status: "active", Items: []licence.Item{{Plan: "sales-premium", Quantity: 10}}})
			},
			want: licence.ActivationTried{Reason: "not-now", By: "Anna Berg", Before: ten}, offered: true,
		},
		"not granted any more, as far as we know": {
			meanwhile: func(s *customerWithOffer) {
				s.tell(licence.InstallationReported{CustID: "Cust700", State: "running", Can: licence.Some([]string{"read-licence"})})
			},
			want: licence.ActivationTried{Reason: "not-now", By: "Anna Berg", Before: ten}, offered: true,
		},
		"not granted any more, as it says": {
			meanwhile: func(s *customerWithOffer) { s.vendor.broken["ActivateLicenseInfo"] = code(403, "") },
			then: func(s *customerWithOffer) {
				if can := *s.inst().Can.Value; slices.Contains(can, "activate") {
					s.Errorf("we still believe to be let in: %v", can)
				}
			},
			want: licence.ActivationTried{Reason: "not-now", By: "Anna Berg", Before: ten}, offered: true,
		},
		"activated, and the answer was lost": {
			meanwhile: func(s *customerWithOffer) { s.vendor.after = hangUp },
			calls:     1, want: licence.ActivationTried{OK: true, By: "Anna Berg", Before: ten, After: seven},
		},
		"activated, and nothing more could be read": {
			meanwhile: func(s *customerWithOffer) {
				s.vendor.after = func(w http.ResponseWriter, r *http.Request) {
					s.vendor.broken["GetLicenseFromLicenseServer"] = code(500, "")
					hangUp(w, r)
				}
			},
			then: func(s *customerWithOffer) {
				if _, owed := s.owed(); !owed || s.inst().Tried.Told() {
					s.Fatalf("owed %v, told %+v, though nobody knows", owed, s.inst().Tried)
				}
				delete(s.vendor.broken, "GetLicenseFromLicenseServer")
				s.later(61 * time.Second)
			},
			calls: 1, want: licence.ActivationTried{OK: true, By: "Anna Berg", Before: ten, After: seven},
		},
		"it says yes, and is seen later": {
			meanwhile: func(s *customerWithOffer) {
				s.vendor.after = func(w http.ResponseWriter, r *http.Request) {
					s.vendor.active = false
					io.WriteString(w, `{"Succeeded":true}`)
				}
			},
			then: func(s *customerWithOffer) {
				if s.inst().Tried.Told() {
					s.Fatalf("told %+v before any read says so", s.inst().Tried)
				}
				s.vendor.active = true
				s.later(61 * time.Second)
			},
			calls: 1, want: licence.ActivationTried{OK: true, By: "Anna Berg", Before: ten, After: seven},
		},
		"the licence server is down for an hour": {
			meanwhile: func(s *customerWithOffer) { s.vendor.broken["GetLicenseFromLicenseServer"] = code(500, "") },
			then: func(s *customerWithOffer) {
				for range 7 {
					s.later(10 * time.Minute)
				}
				delete(s.vendor.broken, "GetLicenseFromLicenseServer")
				s.later(time.Hour)
			},
			offered: true,
		},
		"it stays unknown whether anything waits": {
			meanwhile: func(s *customerWithOffer) {
				s.vendor.active = true
				s.vendor.broken["GetLicenseStatusFromLicenseServer"] = code(500, "")
			},
			offered: true, owed: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCustomerWithOffer(t)
			s.press("Anna Berg")
			if c.meanwhile != nil {
				c.meanwhile(s)
			}
			s.later(time.Second)
			if c.then != nil {
				c.then(s)
			}
			in := s.inst()
			got := in.Tried.Value
			if in.Tried.Told() {
				c.want.CustID = "Cust700"
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("told %+v, want %+v", got, c.want)
			}
			if s.vendor.calls != c.calls || s.vendor.altered != 0 {
				t.Errorf("%d calls, %d of them altered; want %d", s.vendor.calls, s.vendor.altered, c.calls)
			}
			if in.Report.Value.Offered != c.offered {
				t.Errorf("offered %v, want %v", in.Report.Value.Offered, c.offered)
			}
			if _, owed := s.owed(); owed != c.owed {
				t.Errorf("owed %v, want %v", owed, c.owed)
			}
		})
	}
}

// Cut off anywhere between the call and its commit, the next run finds one activation, tells
// both facts, and one mail says that it is over.
func TestActivateAfterACut(t *testing.T) {
	for name, kept := range map[string]int{"before anything was kept": 0, "after the first fact": 1, "after both": 2} {
		t.Run(name, func(t *testing.T) {
			s := newCustomerWithOffer(t)
			for range 2 { // noticed, then told: somebody waits for the end of it
				s.later(16 * time.Minute)
			}
			if got := s.mails(); len(got) != 1 || !strings.HasPrefix(got[0], "notice") {
				t.Fatalf("mails before: %v", got)
			}
			s.press("Anna Berg")
			e, _ := s.owed()
			before := s.state()
			payloads, done, err := s.act.Activate(s.Context(), before, e)
			if err != nil || len(payloads) != 2 {
				t.Fatalf("%v, %v", payloads, err)
			}
			for i, p := range payloads[:kept] {
				f := licence.Fact{ID: fmt.Sprint(licence.ReadPrefix, "cust700/", i), To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: done.At, Source: "superoffice", Payload: p}
				if _, err := s.engine.Apply(s.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			s.later(time.Minute)
			s.later(time.Minute)
			in := s.inst()
			if s.vendor.calls != 1 || !in.Tried.Value.OK || in.Tried.Value.By != "Anna Berg" || in.Tried.Value.Before["sales-premium"] != 10 || in.Report.Value.Offered || in.Report.Value.Expires != "2027-12-13" {
				t.Errorf("%d calls, tried %+v, licence until %s", s.vendor.calls, in.Tried.Value, in.Report.Value.Expires)
			}
			if _, owed := s.owed(); owed {
				t.Error("it is still owed")
			}
			if got := s.mails(); len(got) != 2 || !slices.ContainsFunc(got, func(why string) bool { return strings.HasPrefix(why, "solved") }) {
				t.Errorf("mails: %v", got)
			}
			// A hand that was slow, and began before all this, tells the same as the quick one.
			payloads, _, err = s.act.Activate(s.Context(), before, e)
			if p, ok := payloads[0].(licence.ActivationTried); err != nil || !ok || !p.OK || p.By != "Anna Berg" || s.vendor.calls != 1 {
				t.Errorf("the slow hand tells %+v, %v; %d calls", payloads[0], err, s.vendor.calls)
			}
		})
	}
}

// What was done and told a moment ago is not looked at again.
func TestActivateIsAnsweredOnce(t *testing.T) {
	s := newCustomerWithOffer(t)
	s.press("Anna Berg")
	e, _ := s.owed()
	s.later(time.Second)
	s.vendor.broken["GetLicenseFromLicenseServer"] = code(500, "")
	payloads, done, err := s.act.Activate(s.Context(), s.state(), e)
	if len(payloads) != 0 || done.Outcome != "done" || err != nil {
		t.Errorf("%+v, %s, %v", payloads, done.Outcome, err)
	}
}

// The page and the stream wake the delivery at the same time, and two administrators press.
func TestManyHandsActivateOnce(t *testing.T) {
	s := newCustomerWithOffer(t)
	s.press("Anna Berg")
	s.now = s.now.Add(time.Second)
	s.press("Bo Lind")
	// Nobody answers before all have come this far, or a second has passed.
	var reading sync.WaitGroup
	reading.Add(8)
	execute := s.engine.Do[licence.Activate]
	s.engine.Do[licence.Activate] = func(ctx context.Context, state licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
		reading.Done()
		reading.Wait()
		return execute(ctx, state, e)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.engine.Deliver(s.Context(), "C-1042"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.engine.Do[licence.Activate] = execute
	s.later(3 * time.Minute)
	in := s.inst()
	if s.vendor.calls != 1 || !in.Tried.Value.OK || in.Tried.Value.By != "Anna Berg" || in.Report.Value.Offered {
		t.Errorf("%d calls, tried %+v, offered %v", s.vendor.calls, in.Tried.Value, in.Report.Value.Offered)
	}
	if e, owed := s.owed(); owed {
		t.Errorf("still owed: %+v", e)
	}
}

// What a refusal leads to, the rules say, by the read that came with it.
func TestWhatFollowsARefusal(t *testing.T) {
	s := newCustomerWithOffer(t)
	s.press("Anna Berg")
	s.vendor.used = 8
	s.later(time.Second)
	if got := s.standing("surplus", "not-activated", "activation-refused"); len(got) != 1 || got[0] != "surplus" {
		t.Errorf("%v stand, want surplus", got)
	}
	if n := maps.Collect(maps.All(s.inst().Tried.Value.After)); len(n) != 0 {
		t.Errorf("totals afterwards, though nothing was activated: %v", n)
	}
}
