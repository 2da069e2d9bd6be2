package functions_test

import (
	"cmp"
	"fmt"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
)

// A ticket is what a help desk makes of mails that belong together.
type ticket struct {
	number   string   // the number in its subject
	subjects []string // of its mails
	closed   bool
}

// tickets sorts mails as a help desk does that knows nothing of us: a mail that names a message
// which the desk has had belongs to that message's ticket, and any other one makes a new ticket.
func tickets(t *testing.T, mails []mailtest.Mail, to string) []*ticket {
	t.Helper()
	var all []*ticket
	of := map[string]*ticket{} // by Message-ID
	for _, came := range mails {
		if !strings.EqualFold(came.To, to) {
			continue
		}
		m, err := mail.ReadMessage(strings.NewReader(came.Text))
		if err != nil {
			t.Fatalf("%v: %s", err, came.Text)
		}
		id := m.Header.Get("Message-Id")
		if of[id] != nil || !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@fjordpartner.example>") {
			t.Errorf("the message is called %q", id)
		}
		answers, err := mail.ParseAddressList(cmp.Or(m.Header.Get("Reply-To"), m.Header.Get("From")))
		if err != nil || len(answers) != 1 || strings.EqualFold(answers[0].Address, to) {
			t.Errorf("answers go to %v, %v: that is the desk itself", answers, err)
		}
		named := strings.Fields(m.Header.Get("References"))
		if reply := m.Header.Get("In-Reply-To"); reply != "" && !slices.Contains(named, reply) || len(m.Header["References"]) > 1 {
			t.Errorf("in reply to %q, references %q", reply, m.Header["References"])
		}
		var found *ticket
		for _, one := range named {
			if of[one] == nil {
				t.Errorf("%q names %s, which no mail bore", m.Header.Get("Subject"), one)
			}
			found = of[one]
		}
		if found == nil {
			found = &ticket{}
			all = append(all, found)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		if found.number, _, _ = strings.Cut(strings.TrimPrefix(subject, "["), "]"); found.number == subject {
			found.number = ""
		}
		body := came.Text[strings.Index(came.Text, "\r\n\r\n")+4:]
		found.closed = strings.HasPrefix(strings.TrimSpace(body), "Closed:")
		found.subjects = append(found.subjects, subject)
		of[id] = found
	}
	return all
}

// TestOneThreadPerTask: what a desk gets of a task is one ticket, from its opening to its closing,
// also by the case number alone; two tasks are two tickets; one that comes back is the old one.
func TestOneThreadPerTask(t *testing.T) {
	server := mailtest.Listen(t, nil)
	w := newWorld(t, nil)
	w.mail = effects.SMTP(server.Addr)
	w.start()
	w.owed("desk")
	w.advance(w.clock.Now().Add(time.Minute))
	support := app.Invented.Desks["support"]
	report := func(expires, grace string) {
		t.Helper()
		body := string(w.event("demo/solvik-hotell/05-standard-licence.json"))
		data := body[strings.Index(body, `"data"`)+len(`"data":`) : strings.LastIndex(body, "}")]
		data = strings.NewReplacer("2026-12-13", expires, "2026-12-25", grace).Replace(data)
		w.must(w.say("licence.reported", w.clock.Now(), data), "applied")
		w.advance(w.clock.Now().Add(time.Hour))
	}
	report("2027-12-13", "2027-12-25") // it is mended
	report("2026-12-13", "2026-12-25") // and comes back
	w.advance(w.clock.Now().Add(time.Hour))
	report("2027-12-13", "2027-12-25")
	byCase := map[string]*ticket{}
	for _, ticket := range tickets(t, server.Mails(), support) {
		if byCase[ticket.number] != nil || ticket.number == "" {
			t.Errorf("two tickets are of case %q: %q and %q", ticket.number, byCase[ticket.number].subjects, ticket.subjects)
		}
		byCase[ticket.number] = ticket
		if !ticket.closed {
			t.Errorf("%q is not closed", ticket.subjects)
		}
	}
	var mailed int
	for _, one := range byCase {
		mailed = max(mailed, len(one.subjects))
	}
	if len(byCase) == 0 || mailed < 4 {
		t.Errorf("the desk has %d tickets, the longest of %d mails; want one that is opened, closed, opened and closed", len(byCase), mailed)
	}
}

// TestOneThreadPerEpisode: the first mail to a customer, the reminder and *solved* are one conversation.
func TestOneThreadPerEpisode(t *testing.T) {
	w, server, _ := posted(t, nil)
	for range 12 {
		w.advance(w.clock.Now().Add(20 * time.Hour))
		w.reported(9, "2026-12-13")
		w.advance(w.clock.Now().Add(4 * time.Hour))
	}
	w.reported(7, "2027-12-13")
	w.advance(w.clock.Now().AddDate(0, 0, 1))
	threads := tickets(t, server.Mails(), "ada@uvdal.example")
	if len(threads) != 1 || len(threads[0].subjects) < 3 {
		for _, thread := range threads {
			t.Logf("%q", thread.subjects)
		}
		t.Errorf("she has %d conversations, want one of three mails or more: %s", len(threads), fmt.Sprint(w.postbox()))
	}
}
