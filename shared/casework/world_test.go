package casework

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// A world is one customer, its outbox and its clock, with executors of a few lines: mail is
// sent the moment it is ripe, a read gives what the closure gives, and all else is done.
type world struct {
	t     testing.TB
	now   time.Time
	s     licence.State
	seats map[licence.Key]licence.Seat
	due   time.Time
	entry licence.Entry                         // as the board has it
	reads func(custID string) []licence.Payload // by CustID in lower case; nil or nothing: the read fails
	read  int                                   // how many were tried
	payer func(licence.PaymentAsked) bool       // whether somebody is there who pays, in place of the account that is asked; nil: nobody
	mails []worldMail
	n     int // of facts
}

// A worldMail is one mail that went, or lies as a draft.
type worldMail struct {
	At      time.Time
	Why     string
	To      licence.Role
	Address string
	Codes   []string
	Draft   bool
}

func (m worldMail) String() string {
	return fmt.Sprintf("%s %s to %s <%s> about %s", m.At.In(stockholmZone).Format("2006-01-02 15:04"), m.Why, m.To, m.Address, strings.Join(m.Codes, ","))
}

// newWorld begins at an instant with the customer told.
func newWorld(t testing.TB, now string, a licence.AccountChanged) *world {
	w := &world{t: t, now: stockholm(now), s: licence.State{Account: "C-1042"}, seats: map[licence.Key]licence.Seat{}}
	w.told(stockholm("2026-01-02 08:00"), "account", a)
	return w
}

// tell says something that is so now; told says now what was so at an instant.
func (w *world) tell(p ...licence.Payload) {
	w.t.Helper()
	for _, p := range p {
		w.n++
		w.told(w.now, fmt.Sprintf("t%04d", w.n), p)
	}
}

func (w *world) told(at time.Time, id string, p licence.Payload) {
	w.t.Helper()
	f := licence.Fact{ID: id, To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: at, Source: "standard", Payload: p}
	items := licence.Items{}
	switch p := p.(type) {
	case licence.SeatChanged:
		if seat, ok := w.seats[w.s.Known.SeatKey(p)]; ok {
			items[seat.Key()] = seat
		}
	case licence.SeatsListed:
		staged, rows, _ := licence.Stage(f, "", w.present(p.CustID))
		for _, seat := range rows {
			w.seats[seat.Key()] = seat
		}
		f.Payload = staged
	}
	c, _, err := Step(w.s, items, f, w.now)
	if err != nil {
		w.t.Fatalf("step: %v", err)
	}
	if c.Account == "" {
		return // unchanged
	}
	w.commit(c)
}

// present are the rows of an installation's roster.
func (w *world) present(custID string) []licence.Seat {
	i := w.s.Known.Inst(custID)
	var out []licence.Seat
	for k, seat := range w.seats {
		if k.CustID == i.CustID && k.Roster == i.Roster.ID {
			out = append(out, seat)
		}
	}
	return out
}

func (w *world) commit(c licence.Change) {
	w.s.Known, w.s.History, w.s.N = c.Known, c.History, c.N+1
	for _, seat := range c.Seats {
		w.seats[seat.Key()] = seat
	}
	w.due, w.entry = c.Due, c.Entry
}

// until lives through every instant at which something becomes due.
func (w *world) until(t time.Time) {
	w.t.Helper()
	for steps := 0; ; steps++ {
		if steps > 5000 {
			w.t.Fatalf("the world does not come to rest at %s", w.now)
		}
		if e, ok := w.ripe(); ok {
			w.deliver(e)
			continue
		}
		next := w.due
		if next.IsZero() || next.After(t) {
			break
		}
		if next.After(w.now) {
			w.now = next
		}
		c := Tick(w.s, w.now)
		w.commit(c)
	}
	w.now = t
	c := Tick(w.s, w.now)
	w.commit(c)
	for e, ok := w.ripe(); ok; e, ok = w.ripe() {
		w.deliver(e)
	}
}

func (w *world) ripe() (licence.Effect, bool) {
	for _, id := range slices.Sorted(maps.Keys(w.s.History.Pending)) {
		if e := w.s.History.Pending[id]; !e.Ripe.After(w.now) {
			e.ID = id
			return e, true
		}
	}
	return licence.Effect{}, false
}

// deliver does one effect in the simplest way.
func (w *world) deliver(e licence.Effect) {
	d := licence.Result{Effect: e, At: w.now, Outcome: "done"}
	switch e.Kind {
	case licence.Mail:
		w.mail(&d)
	case licence.AskPayer:
		if w.payer == nil || !w.payer(*e.Asked) {
			d.Outcome = "nobody"
		}
	case licence.Count:
		if c, ok, err := Counted(w.s, e.CustID, w.now); err != nil {
			w.t.Fatal(err)
		} else if ok {
			w.commit(c)
		}
	case licence.Read:
		w.read++
		facts := []licence.Payload(nil)
		if w.reads != nil {
			facts = w.reads(e.CustID)
		}
		if len(facts) == 0 {
			d.Outcome = "failed"
			break
		}
		for i, p := range facts {
			w.n++
			w.told(w.now, fmt.Sprintf("%s%04d/%d", licence.ReadPrefix, w.n, i), p)
		}
	}
	w.commit(Finish(w.s, d, w.now))
}

func (w *world) mail(d *licence.Result) {
	e := d.Effect
	r := diagnosis.NewReading(w.s, w.now, w.now)
	d.Outcome, d.Address, d.Mail = "sent", e.Address, fmt.Sprintf("m%04d", len(w.mails)+1)
	if e.Why == "notice" {
		to, ok := r.Recipient(e.To, w.locked)
		if !ok {
			d.Outcome = "nobody"
			return
		}
		d.Address = to.Email
	}
	m := worldMail{At: w.now, Why: e.Why, To: e.To, Address: d.Address}
	switch w.s.MailPolicy() {
	case "review":
		d.Outcome, m.Draft = "review", true
	case "off", "operator":
		w.t.Errorf("a mail was owed though mail is %s: %s", w.s.MailPolicy(), m)
	}
	if e.Why == "draft" {
		d.Outcome, m.Draft = "sent", false
	}
	for _, a := range e.About {
		if p := w.s.History.Findings[a.Fingerprint]; p != nil {
			m.Codes = append(m.Codes, string(p.Code))
		}
	}
	sort.Strings(m.Codes)
	w.mails = append(w.mails, m)
}

// locked tells whether a contact's CRM user cannot log in.
func (w *world) locked(c licence.Contact) bool {
	for _, seat := range w.present("Cust12345") {
		if c.User != "" && seat.User.Value.ID == c.User {
			return !seat.User.Value.CanLogin
		}
	}
	return c.User != "" && w.s.Known.Inst("Cust12345").Roster.List.At.After(time.Time{})
}

// halfHour moves on by half an hour, and from there into working hours.
func (w *world) halfHour() {
	w.t.Helper()
	w.until(w.now.Add(30 * time.Minute))
	cal := licence.NewCalendar(w.s.Known.Profile.Account.Value.Timezone, "")
	w.live(cal.Working(w.now, false).Add(time.Minute).Sub(w.now))
}

// confirm says of every source that was heard that it was asked and has nothing new.
func (w *world) confirm() {
	w.t.Helper()
	for _, i := range w.s.Known.Profile.Account.Value.Installations {
		in := w.s.Known.Inst(i.CustID)
		if in.State.Told() {
			w.tell(licence.SourceChecked{Of: "tenant", CustID: i.CustID})
		}
		if in.Report.Told() {
			w.tell(licence.SourceChecked{Of: "licence", CustID: i.CustID}, licence.SourceChecked{Of: "version", CustID: i.CustID})
		}
		if in.Roster.List.At.After(time.Time{}) {
			w.tell(licence.SourceChecked{Of: "users", CustID: i.CustID}, licence.SourceChecked{Of: "requests", CustID: i.CustID})
		}
	}
	if len(w.s.Known.Orders.Subs)+len(w.s.Known.Invoices.Licence) > 0 {
		w.tell(licence.SourceChecked{Of: "billing"})
	}
}

// live lets so long pass, with every source checked each day at six.
func (w *world) live(span time.Duration) {
	w.t.Helper()
	end := w.now.Add(span)
	for {
		y, m, d := w.now.In(stockholmZone).Date()
		six := time.Date(y, m, d, 6, 0, 0, 0, stockholmZone)
		if !six.After(w.now) {
			six = time.Date(y, m, d+1, 6, 0, 0, 0, stockholmZone)
		}
		if six.After(end) {
			break
		}
		w.until(six)
		w.confirm()
	}
	w.until(end)
}

func (w *world) diagnosis() diagnosis.Diagnosis { return diagnosis.Diagnose(w.s, w.now, w.now) }

// in looks for a code among findings; nil: it is not there.
func findingOf(fs []diagnosis.Finding, code licence.Code) *diagnosis.Finding {
	for i := range fs {
		if fs[i].Code == code {
			return &fs[i]
		}
	}
	return nil
}

func codesOf(fs []diagnosis.Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, string(f.Code)+"/"+f.Say+":"+string(f.State))
	}
	return strings.Join(out, " ")
}

// finding is one that must stand.
func (w *world) finding(code licence.Code, state licence.FindingState) diagnosis.Finding {
	w.t.Helper()
	d := w.diagnosis()
	f := findingOf(d.Findings, code)
	if f == nil {
		w.t.Fatalf("at %s: no %s among findings %q, passed %q, unknown %q", w.now.In(stockholmZone).Format("01-02 15:04"), code, codesOf(d.Findings), codesOf(d.Passed), codesOf(d.Unknown))
	}
	if f.State != state {
		w.t.Errorf("at %s: %s is %s, want %s", w.now.In(stockholmZone).Format("01-02 15:04"), code, f.State, state)
	}
	return *f
}

// absent are codes that must not stand.
func (w *world) absent(codes ...licence.Code) {
	w.t.Helper()
	d := w.diagnosis()
	for _, code := range codes {
		if f := findingOf(d.Findings, code); f != nil {
			w.t.Errorf("at %s: %s stands (%s, %s)", w.now.In(stockholmZone).Format("01-02 15:04"), code, f.Say, f.State)
		}
	}
}

// passed and unknown are codes with that answer.
func (w *world) passed(code licence.Code) diagnosis.Finding {
	w.t.Helper()
	d := w.diagnosis()
	f := findingOf(d.Passed, code)
	if f == nil {
		w.t.Fatalf("at %s: %s has not passed: findings %q, unknown %q", w.now.In(stockholmZone).Format("01-02 15:04"), code, codesOf(d.Findings), codesOf(d.Unknown))
	}
	return *f
}

func (w *world) unknown(code licence.Code) diagnosis.Finding {
	w.t.Helper()
	d := w.diagnosis()
	f := findingOf(d.Unknown, code)
	if f == nil {
		w.t.Fatalf("at %s: %s is not unknown: findings %q, passed %q", w.now.In(stockholmZone).Format("01-02 15:04"), code, codesOf(d.Findings), codesOf(d.Passed))
	}
	return *f
}

func (w *world) summary(want licence.Summary) {
	w.t.Helper()
	if d := w.diagnosis(); d.Summary != want {
		w.t.Errorf("at %s: summary %s, want %s; findings %q, unknown %q", w.now.In(stockholmZone).Format("01-02 15:04"), d.Summary, want, codesOf(d.Findings), codesOf(d.Unknown))
	}
}

func (w *world) phase(want licence.LapsePhase) {
	w.t.Helper()
	if d := w.diagnosis(); d.Phase != want {
		w.t.Errorf("at %s: phase %s, want %s", w.now.In(stockholmZone).Format("01-02 15:04"), d.Phase, want)
	}
}

// quiet: no mail has gone to anybody at the customer.
func (w *world) quiet() {
	w.t.Helper()
	for _, m := range w.mails {
		w.t.Errorf("a mail to the customer: %s", m)
	}
}

// about are the mails that spoke of a code, or of that kind.
func (w *world) about(what string) []worldMail {
	var out []worldMail
	for _, m := range w.mails {
		if m.Why == what || slices.Contains(m.Codes, what) {
			out = append(out, m)
		}
	}
	return out
}

// sent: so many mails about a code, all to the address.
func (w *world) sent(what string, n int, address string) {
	w.t.Helper()
	got := w.about(what)
	if len(got) != n {
		w.t.Errorf("at %s: %d mails about %s, want %d: %v", w.now.In(stockholmZone).Format("01-02 15:04"), len(got), what, n, w.mails)
	}
	for _, m := range got {
		if m.Address != address {
			w.t.Errorf("a mail about %s went to %s, want %s", what, m.Address, address)
		}
	}
}

// task tells whether a task about a code is open, and whose it is.
func (w *world) task(code licence.Code) licence.Role {
	for _, p := range w.s.History.Findings {
		if p.Code == code && p.Task.Open() {
			return p.Task.Owner
		}
	}
	return ""
}

func (w *world) wantTask(code licence.Code, want licence.Role) {
	w.t.Helper()
	if got := w.task(code); got != want {
		w.t.Errorf("at %s: the task of %s belongs to %q, want %q", w.now.In(stockholmZone).Format("01-02 15:04"), code, got, want)
	}
}

// digest is what must be equal whatever the order of arrival: codes, numbers, evidence.
func (w *world) digest(states bool) string {
	d := w.diagnosis()
	var b strings.Builder
	put := func(kind string, fs []diagnosis.Finding) {
		for _, f := range fs {
			fmt.Fprint(&b, kind, " ", f.Code, " ", f.Subject, " ", f.Say, " ", f.Need)
			if states {
				fmt.Fprint(&b, " ", f.State, " ", f.Owner)
			}
			for _, e := range f.Evidence {
				v, _ := json.Marshal(e.Value)
				fmt.Fprint(&b, " ", e.Name, "=", string(v))
			}
			fmt.Fprintln(&b)
		}
	}
	put("finding", d.Findings)
	put("upcoming", d.Upcoming)
	put("passed", d.Passed)
	put("unknown", d.Unknown)
	if states {
		var mails []string
		for _, m := range w.mails {
			mails = append(mails, fmt.Sprint(m.Why, " ", m.Address, " ", m.Codes))
		}
		sort.Strings(mails)
		fmt.Fprintln(&b, d.Summary, d.Phase, mails)
	}
	return b.String()
}
