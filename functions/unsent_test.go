package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
	"seatmend/shared/store"
)

// A postmark is how a mail server answers while a test goes on.
type postmark struct {
	mu      sync.Mutex
	answers map[string]string // by step and address, or by step
}

func (p *postmark) says(step, to string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if said, ok := p.answers[step+" "+to]; ok {
		return said
	}
	return p.answers[step]
}

func (p *postmark) set(answers map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = answers
}

// posted is a world that hands its mails to a mail server, and a customer of two administrators
// with a surplus.
func posted(t *testing.T, answers map[string]string) (*world, *mailtest.Server, *postmark) {
	t.Helper()
	p := &postmark{answers: answers}
	server := mailtest.Listen(t, p.says)
	w := newWorld(t, nil)
	w.mail = effects.SMTP(server.Addr)
	w.start()
	w.must(w.say("account.changed", w.clock.Now(), `{"account":"U-1","name":"Uvdal AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
		"contacts":[{"id":"ada","name":"Ada Moe","email":"Ada@uvdal.example","role":"admin","locale":"en"},{"id":"bo","name":"Bo Lie","email":"bo@uvdal.example","role":"admin","locale":"en"}],
		"installations":[{"cust_id":"Cust6001","serial":"6001","kind":"production","hosting":"onsite","url":"https://crm.uvdal.example"}],
		"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`), "applied")
	w.reported(9, "2026-12-13")
	return w, server, p
}

// reported tells what the licence of that customer says: how many hold the plan, of seven offered.
func (w *world) reported(used int, expires string) {
	w.Helper()
	w.reportedOf("U-1", "Cust6001", "6001", used, expires)
}

// reportedOf is the same of any customer with one installation.
func (w *world) reportedOf(account, cust, serial string, used int, expires string) {
	w.Helper()
	offer := `"offered":true,"can_activate":false,"new_expires":"2027-12-13"`
	total := `"total":10,"new_total":7`
	if expires > "2027" {
		offer, total = `"offered":false,"can_activate":false`, `"total":7`
	}
	w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":%q,"cust_id":%q,"serial":%q,"version":"12.2","licensed_version":"12.2",
		"maintenance_until":"2027-12-31","next_check":%q,"admin_warning":%q,"expires":%q,"grace_until":%q,%s,"markers":["online"],
		"plans":[{"plan":"p","module":"m","description":"P",%s,"in_use":%d,"unrestricted":false}]}`, account, cust, serial,
		expires[:8]+"02", expires[:8]+"01", expires, expires[:8]+"25", offer, total, used)), "applied")
}

type postbox struct {
	Mails   []struct{ To, Why, Subject string }
	NotSent []struct {
		Code, To, Why string
		Until         *time.Time
	} `json:"not_sent"`
}

func (w *world) postbox() (p postbox) {
	w.Helper()
	w.ask("/accounts/U-1/mails", &p)
	return p
}

// unsent are those whys of mails that were not sent to the address.
func (p postbox) unsent(to string) (whys []string) {
	for _, n := range p.NotSent {
		if strings.EqualFold(n.To, to) {
			whys = append(whys, n.Why)
		}
	}
	return whys
}

// opsTasks are the codes of tasks for ops that are open, with what they are about.
func (w *world) opsTasks(account string) (codes []string) {
	w.Helper()
	var a struct {
		Tasks []struct {
			Code, Owner, State string
			Subject            struct{ Kind, ID string }
		}
	}
	w.ask("/accounts/"+account+"/tasks", &a)
	for _, t := range a.Tasks {
		if t.Owner == "ops" && t.State == "open" {
			codes = append(codes, t.Code+" "+t.Subject.Kind+" "+t.Subject.ID)
		}
	}
	slices.Sort(codes)
	return codes
}

func arrived(server *mailtest.Server, to string) (n int) {
	for _, m := range server.Mails() {
		if strings.EqualFold(m.To, to) && strings.HasPrefix(m.Said, "250") {
			n++
		}
	}
	return n
}

// TestRefusedMail: what a server refuses for good goes to the next contact of the role, and ops hear of it.
func TestRefusedMail(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"before the mail": {mailtest.To + " Ada@uvdal.example": "550 5.1.1 <Ada@uvdal.example> unknown"},
		"after the mail":  {mailtest.Taken + " Ada@uvdal.example": "554 5.7.1 not here"},
	} {
		t.Run(name, func(t *testing.T) {
			w, server, _ := posted(t, answers)
			w.advance(w.clock.Now().Add(time.Hour))
			if n := arrived(server, "bo@uvdal.example"); n != 1 {
				t.Errorf("the next contact has %d mails, want one", n)
			}
			box := w.postbox()
			if len(box.Mails) != 1 || box.Mails[0].To != "bo@uvdal.example" {
				t.Errorf("sent are %+v", box.Mails)
			}
			if got := fmt.Sprint(box.unsent("ada@uvdal.example")); got != "[refused]" {
				t.Errorf("not sent to her: %s", got)
			}
			w.advance(w.clock.Now().Add(time.Hour))
			if got := fmt.Sprint(w.opsTasks("U-1")); got != "[mail-refused contact ada]" {
				t.Errorf("ops have %s", got)
			}
			if n := arrived(server, app.Invented.Desks["ops"]); n != 1 {
				t.Errorf("ops have %d mails, want one", n)
			}
			for range 8 {
				w.advance(w.clock.Now().AddDate(0, 0, 4))
				w.reported(9, "2026-12-13")
			}
			tried := 0
			for _, m := range server.Mails() {
				if m.To == "Ada@uvdal.example" {
					tried++
				}
			}
			if name == "after the mail" && (tried < 1 || tried > 2) {
				t.Errorf("she was tried %d times in a month", tried)
			}
		})
	}
}

// TestNobodyIsLeft: where every contact is refused, the mail is shown as refused, and ops hear that nobody is left.
func TestNobodyIsLeft(t *testing.T) {
	w, server, p := posted(t, map[string]string{mailtest.To + " Ada@uvdal.example": "550 no", mailtest.To + " bo@uvdal.example": "550 no"})
	w.advance(w.clock.Now().Add(2 * time.Hour))
	box := w.postbox()
	if len(box.Mails) > 0 || len(box.unsent("ada@uvdal.example")) == 0 || len(box.unsent("bo@uvdal.example")) == 0 {
		t.Errorf("sent %+v, not sent %+v", box.Mails, box.NotSent)
	}
	for _, n := range box.NotSent {
		if n.Why != "refused" || n.Until == nil {
			t.Errorf("not sent: %+v", n)
		}
	}
	if got := fmt.Sprint(w.opsTasks("U-1")); got != "[directory account admin mail-refused contact ada mail-refused contact bo]" {
		t.Errorf("ops have %s", got)
	}
	// A new address is no refused one.
	p.set(map[string]string{mailtest.To + " Ada@uvdal.example": "550 no"})
	w.must(w.say("account.changed", w.clock.Now(), `{"account":"U-1","name":"Uvdal AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"on",
		"contacts":[{"id":"ada","name":"Ada Moe","email":"ada.moe@uvdal.example","role":"admin","locale":"en"}],
		"installations":[{"cust_id":"Cust6001","serial":"6001","kind":"production","hosting":"onsite","url":"https://crm.uvdal.example"}],
		"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`), "applied")
	w.advance(w.clock.Now().Add(26 * time.Hour))
	if n := arrived(server, "ada.moe@uvdal.example"); n != 1 {
		t.Errorf("the new address has %d mails", n)
	}
	if got := w.opsTasks("U-1"); len(got) > 0 {
		t.Errorf("ops still have %s", got)
	}
}

// TestPutOffMail: what a server puts off is shown as waiting, tried again, and goes.
func TestPutOffMail(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"greylisted":         {mailtest.To: "450 4.2.0 greylisted"},
		"after the mail":     {mailtest.Taken: "451 4.3.0 try later"},
		"the server is busy": {mailtest.Greeting: "421 busy"},
		"cut in the talk":    {mailtest.To: mailtest.Cut},
	} {
		t.Run(name, func(t *testing.T) {
			w, server, p := posted(t, answers)
			w.advance(w.clock.Now().Add(time.Hour))
			box := w.postbox()
			if got := fmt.Sprint(box.unsent("ada@uvdal.example")); got != "[retry]" || len(box.Mails) > 0 {
				t.Errorf("not sent to her: %s; sent %+v", got, box.Mails)
			}
			for _, n := range box.NotSent {
				if n.Until == nil || !n.Until.After(w.clock.Now()) {
					t.Errorf("it waits until %v", n.Until)
				}
			}
			if got := w.opsTasks("U-1"); len(got) > 0 {
				t.Errorf("ops have %s", got)
			}
			p.set(nil)
			w.advance(w.clock.Now().Add(4 * time.Hour))
			if box = w.postbox(); len(box.Mails) != 1 || box.Mails[0].To != "Ada@uvdal.example" || len(box.unsent("ada@uvdal.example")) > 0 {
				t.Errorf("when the server takes mail: %+v", box)
			}
			if n := arrived(server, "ada@uvdal.example"); n != 1 {
				t.Errorf("she has %d mails", n)
			}
		})
	}
}

// TestPutOffForTwoDays: then it counts as refused.
func TestPutOffForTwoDays(t *testing.T) {
	w, server, _ := posted(t, map[string]string{mailtest.To + " Ada@uvdal.example": "450 4.2.0 later"})
	for range 20 {
		w.advance(w.clock.Now().Add(3 * time.Hour))
		w.reported(9, "2026-12-13")
	}
	if got := fmt.Sprint(w.postbox().unsent("ada@uvdal.example")); got != "[refused]" {
		t.Errorf("not sent to her: %s", got)
	}
	if n := arrived(server, "bo@uvdal.example"); n != 1 {
		t.Errorf("the next contact has %d mails", n)
	}
	if got := fmt.Sprint(w.opsTasks("U-1")); got != "[mail-refused contact ada]" {
		t.Errorf("ops have %s", got)
	}
}

// TestRefusedSender: where our own mail server refuses us, no contact is at fault: the mail waits,
// and ops have one task over the whole fleet.
func TestRefusedSender(t *testing.T) {
	w, server, p := posted(t, map[string]string{mailtest.From: "550 5.7.1 sender not allowed"})
	w.advance(w.clock.Now().Add(2 * time.Hour))
	if got := fmt.Sprint(w.postbox().unsent("ada@uvdal.example"), w.postbox().unsent("bo@uvdal.example")); got != "[refused] []" {
		t.Errorf("not sent: %s", got)
	}
	if got := fmt.Sprint(w.opsTasks("U-1"), w.opsTasks(store.Operations)); got != "[] [mail-refused source mail]" {
		t.Errorf("ops have %s", got)
	}
	p.set(nil)
	w.advance(w.clock.Now().Add(6 * time.Hour))
	if n := arrived(server, "ada@uvdal.example"); n != 1 {
		t.Errorf("she has %d mails when the server takes us again", n)
	}
	if got := w.opsTasks(store.Operations); len(got) > 0 {
		t.Errorf("ops still have %s", got)
	}
}

// TestOurServerPutsUsOff: so is one that puts us off for more than an hour, until it takes us again. The
// log says so at each try.
func TestOurServerPutsUsOff(t *testing.T) {
	w, server, p := posted(t, map[string]string{mailtest.From: "451 4.7.1 try again later"})
	w.advance(w.clock.Now().Add(40 * time.Minute))
	if got := w.opsTasks(store.Operations); len(got) > 0 {
		t.Errorf("after 40 minutes ops have %s", got)
	}
	w.advance(w.clock.Now().Add(6 * time.Hour))
	if got := fmt.Sprint(w.opsTasks("U-1"), w.opsTasks(store.Operations)); got != "[] [mail-refused source mail]" {
		t.Errorf("ops have %s", got)
	}
	if !strings.Contains(w.logs.String(), `"level":"ERROR","msg":"no mail goes","fault":"mail-refused"`) {
		t.Error("the log has no line of it")
	}
	p.set(nil)
	w.advance(w.clock.Now().Add(24 * time.Hour))
	if n, got := arrived(server, "ada@uvdal.example"), w.opsTasks(store.Operations); n != 1 || len(got) > 0 {
		t.Errorf("when it takes us again she has %d mails, and ops %s", n, got)
	}
}

// TestUncertainMail: a connection that is lost between the end of a mail and the answer: it is never
// sent again by itself, and ops hear of it.
func TestUncertainMail(t *testing.T) {
	w, server, _ := posted(t, map[string]string{mailtest.Taken + " Ada@uvdal.example": mailtest.Cut})
	w.advance(w.clock.Now().Add(5 * time.Hour))
	if n := len(server.Mails()); n != 2 { // and that of ops
		t.Errorf("%d mails were handed over: %+v", n, server.Mails())
	}
	if got := w.opsTasks("U-1"); len(got) != 1 || !strings.HasPrefix(got[0], "mail-uncertain mail ") {
		t.Errorf("ops have %s", got)
	}
}

// TestDeskThatIsRefused: ops hear of a desk whose mail server refuses its mail, once; and of one
// that refuses ops there is nobody to hear.
func TestDeskThatIsRefused(t *testing.T) {
	support, ops := app.Invented.Desks["support"], app.Invented.Desks["ops"]
	p := &postmark{answers: map[string]string{mailtest.To + " " + support: "550 no", mailtest.To + " " + ops: "550 no"}}
	server := mailtest.Listen(t, p.says)
	w := newWorld(t, nil)
	w.mail = effects.SMTP(server.Addr)
	w.start()
	account := w.owed("desk")
	w.advance(w.clock.Now().Add(6 * time.Hour))
	if got := fmt.Sprint(w.opsTasks(account)); got != "[mail-refused desk ops mail-refused desk support]" {
		t.Errorf("ops have %s", got)
	}
	for _, m := range server.Mails() {
		if m.To == support || m.To == ops {
			t.Errorf("%s has a mail", m.To)
		}
	}
}
