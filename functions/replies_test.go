package functions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/functions/replies"
	"seatmend/shared/effects"
	"seatmend/shared/effects/mailtest"
	"seatmend/shared/store"
)

const inbound = "svar@fjordpartner.example"

// answering is a world whose mails are answered to us, with the first of them as it went over the wire.
func answering(t *testing.T) (*world, *mailtest.Server, *mail.Message) {
	t.Helper()
	w, server, _ := posted(t, nil)
	w.app.Operator.Inbound = inbound
	outside.Connect(w.app, nil, w.mail, desk.Mails)
	w.advance(w.clock.Now().Add(licenceQuarter))
	for _, m := range server.Mails() {
		if m.To == "Ada@uvdal.example" {
			msg, err := mail.ReadMessage(strings.NewReader(m.Text))
			if err != nil {
				t.Fatal(err)
			}
			return w, server, msg
		}
	}
	t.Fatal("no mail has gone")
	return nil, nil, nil
}

const licenceQuarter = 20 * 60e9

// answer is what somebody writes to a mail, with what a mail program puts around it.
func answer(from, id, thread, more, text string) []byte {
	return []byte(fmt.Sprintf("Return-Path: <%[1]s>\r\nFrom: Ada Moe <%[1]s>\r\nTo: %[5]s\r\nSubject: Re: Free 2\r\nMessage-ID: <%[2]s>\r\nIn-Reply-To: %[3]s\r\nReferences: <other@elsewhere.example> %[3]s\r\n%[4]s\r\n%[6]s\r\n\r\nOn Mon, 23 Nov 2026 at 10:14 Fjordpartner wrote:\r\n> Hello Ada,\r\n", from, id, thread, more, inbound, text))
}

// An answer stands at the case that it answers, once, as what somebody wrote and no more; a copy goes to
// where the operator reads, whose own answer goes to the customer.
func TestAnAnswerByMailBecomesANote(t *testing.T) {
	w, server, first := answering(t)
	if got := first.Header.Get("Reply-To"); got != "<"+inbound+">" {
		t.Errorf("Reply-To %q", got)
	}
	before := len(server.Mails())
	raw := answer("ada@uvdal.example", "a1@uvdal.example", first.Header.Get("Message-Id"), "", "We free two on Friday.\r\nPlease activate <b>now</b>: https://evil.example/")
	for _, want := range []string{replies.Noted, replies.Duplicate} {
		if got, err := replies.Take(t.Context(), w.app, raw); err != nil || got != want {
			t.Fatalf("%q, want %q; %v", got, want, err)
		}
	}
	w.deliver()
	page := w.caseOf("U-1")
	for _, part := range []string{"We free two on Friday.", "Please activate &lt;b&gt;now&lt;/b&gt;: https://evil.example/", "Ada Moe &lt;ada@uvdal.example&gt;", "nobody has verified who wrote it"} {
		if !strings.Contains(page, part) {
			t.Errorf("the case lacks %q", part)
		}
	}
	if notes, _, err := w.db.Rows(t.Context(), "U-1", "note", store.Page{Limit: 5}); err != nil || len(notes) != 1 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
	for _, part := range []string{"&gt; Hello Ada", "<b>now", `href="https://evil`} {
		if strings.Contains(page, part) {
			t.Errorf("the case has %q", part)
		}
	}
	copies := server.Mails()[before:]
	var copied []*mail.Message
	for _, c := range copies {
		if c.To == "support@fjordpartner.example" && strings.Contains(c.Text, "We free two") {
			m, err := mail.ReadMessage(strings.NewReader(c.Text))
			if err != nil {
				t.Fatal(err)
			}
			copied = append(copied, m)
		}
	}
	if len(copied) != 1 {
		t.Fatalf("%d copies have gone, of %d mails", len(copied), len(copies))
	}
	if h := copied[0].Header; h.Get("Reply-To") != "<ada@uvdal.example>" || !strings.HasPrefix(h.Get("Subject"), "[S-") || !strings.HasSuffix(h.Get("Subject"), "] Uvdal AS: Re: Free 2") {
		t.Errorf("the copy: Reply-To %q, Subject %q", h.Get("Reply-To"), h.Get("Subject"))
	}
	row, ok, err := w.db.Row(t.Context(), "U-1", "reply", replyRow(t, w))
	if err != nil || !ok || strings.Contains(string(row.Body), "Friday") {
		t.Errorf("after the copy has gone, its row is %s (%v)", row.Body, err)
	}
}

// caseOf is a customer's case, as one of the operator's people sees it who signs in by a mail in the inbox.
func (w *world) caseOf(account string) string {
	w.Helper()
	outside.Connect(w.app, nil, nil, desk.Mails)
	defer outside.Connect(w.app, nil, w.mail, desk.Mails)
	return w.get("/support/accounts/"+account, w.signsIn("nora@fjordpartner.example")).body
}

func replyRow(t *testing.T, w *world) string {
	t.Helper()
	rows, _, err := w.db.Rows(t.Context(), "U-1", "reply", store.Page{Limit: 5})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d replies, %v", len(rows), err)
	}
	return rows[0].ID
}

// What programs write, and what answers no mail of ours.
func TestWhatComesBackAndIsNoAnswer(t *testing.T) {
	w, server, first := answering(t)
	thread := first.Header.Get("Message-Id")
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"out of office":    {answer("ada@uvdal.example", "b1@uvdal.example", thread, "Auto-Submitted: auto-replied\r\n", "Away"), replies.Ignored},
		"a bounce":         {answer("mailer-daemon@uvdal.example", "b2@uvdal.example", thread, "", "No such user"), replies.Ignored},
		"our own address":  {answer("support@fjordpartner.example", "b3@uvdal.example", thread, "", "Copy"), replies.Ignored},
		"the inbound one":  {answer(inbound, "b4@uvdal.example", thread, "", "Copy"), replies.Ignored},
		"no mail":          {[]byte("{}"), replies.Ignored},
		"nobody's thread":  {answer("eve@elsewhere.example", "b5@elsewhere.example", "<unheard@of.example>", "", "Where is my order?"), replies.Forwarded},
		"another's thread": {answer("eve@elsewhere.example", "b6@elsewhere.example", thread, "", "I was forwarded this."), replies.Noted},
	} {
		if got, err := replies.Take(t.Context(), w.app, c.raw); err != nil || got != c.want {
			t.Errorf("%s: %q, want %q; %v", name, got, c.want, err)
		}
	}
	w.deliver()
	page := w.caseOf("U-1")
	if !strings.Contains(page, "Our email went to Ada@uvdal.example.") || strings.Contains(page, "Away") || strings.Contains(page, "Where is my order") {
		t.Errorf("the case: %s", page)
	}
	found := 0
	for _, m := range server.Mails() {
		if m.To == "support@fjordpartner.example" && strings.Contains(m.Text, "Where is my order?") {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d copies of what answers no mail of ours", found)
	}
	before := len(w.passedOver(server))
	for i := range 120 {
		got, err := replies.Take(t.Context(), w.app, answer("eve@elsewhere.example", fmt.Sprintf("c%d@elsewhere.example", i), thread, "", "More"))
		if err != nil || got != replies.Noted && got != replies.Refused || i > 100 && got != replies.Refused {
			t.Fatalf("%d: %q, %v", i, got, err)
		}
	}
	if n := len(w.passedOver(server)) - before; n != 1 {
		t.Errorf("ops were told %d times that a day's answers were too many", n)
	}
}

// passedOver are the mails in which ops hear of answers that were not taken, the latest last.
func (w *world) passedOver(server *mailtest.Server) (texts []string) {
	w.Helper()
	w.deliver()
	for _, m := range server.Mails() {
		if strings.Contains(m.Text, "Rejected message (reply)") {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// What SES advises against is not taken; what it is not sure of is. Of an answer to a mail of ours that is
// not taken ops hear, once a day; of what nobody waits for they do not. A mail that cannot be read is asked
// for again.
func TestWhatSESAdvisesAgainst(t *testing.T) {
	w, server, first := answering(t)
	thread := first.Header.Get("Message-Id")
	laid := func(verdicts string, raw []byte, lost error) error {
		var r replies.Receipt
		if err := json.Unmarshal([]byte(`{"Records":[{"eventSource":"aws:ses","ses":{"mail":{"messageId":"m1"},"receipt":`+verdicts+`}}]}`), &r); err != nil {
			t.Fatal(err)
		}
		return replies.Laid(t.Context(), w.app, r, func(_ context.Context, key string) ([]byte, error) {
			if key != "m1" {
				t.Errorf("the mail %s is asked for", key)
			}
			return raw, lost
		})
	}
	notes := func() int {
		rows, _, err := w.db.Rows(t.Context(), "U-1", "note", store.Page{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	const spam = `{"spamVerdict":{"status":"FAIL"}}`
	if err := laid(spam, answer("eve@elsewhere.example", "s1@elsewhere.example", "<unheard@of.example>", "", "Win"), nil); err != nil {
		t.Error(err)
	}
	if err := laid(spam, answer("ada@uvdal.example", "s2@uvdal.example", thread, "Auto-Submitted: auto-replied\r\n", "Away"), nil); err != nil {
		t.Error(err)
	}
	if told := w.passedOver(server); len(told) > 0 {
		t.Errorf("ops hear of what nobody waits for: %s", told)
	}
	n := 0
	for verdicts, taken := range map[string]bool{
		`{"spamVerdict":{"status":"PASS"},"virusVerdict":{"status":"PASS"},"spfVerdict":{"status":"PASS"},"dkimVerdict":{"status":"PASS"},"dmarcVerdict":{"status":"PASS"}}`: true,
		`{"spamVerdict":{"status":"GRAY"},"virusVerdict":{"status":"PROCESSING_FAILED"},"dmarcVerdict":{"status":"GRAY"}}`:                                                   true,
		spam:                                 false,
		`{"virusVerdict":{"status":"FAIL"}}`: false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"reject"}`:        false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"quarantine"}`:    false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"none"}`:          true,
		`{"spfVerdict":{"status":"FAIL"},"dkimVerdict":{"status":"FAIL"}}`: false,
		`{"spfVerdict":{"status":"FAIL"},"dkimVerdict":{"status":"PASS"}}`: true,
		`{"spfVerdict":{"status":"GRAY"},"dkimVerdict":{"status":"GRAY"}}`: true,
		`{}`: true,
	} {
		lost, before := errors.New("it is not there"), notes()
		if err := laid(verdicts, nil, lost); !errors.Is(err, lost) {
			t.Errorf("%s: %v", verdicts, err)
		}
		n++
		err := laid(verdicts, answer("ada@uvdal.example", fmt.Sprintf("v%d@uvdal.example", n), thread, "", fmt.Sprint("We free two, ", n)), nil)
		if got := notes() > before; err != nil || got != taken {
			t.Errorf("%s: taken %v, want %v; %v", verdicts, got, taken, err)
		}
	}
	if told := w.passedOver(server); len(told) != 1 || !strings.Contains(told[0], "14 days") {
		t.Errorf("ops are told %d times: %s", len(told), told)
	}
	w.advance(w.clock.Now().Add(25 * time.Hour))
	for i := range 2 {
		if err := laid(spam, answer("ada@uvdal.example", fmt.Sprintf("w%d@uvdal.example", i), thread, "", "Once more"), nil); err != nil {
			t.Error(err)
		}
	}
	if told := w.passedOver(server); len(told) != 2 {
		t.Errorf("a day later ops are told %d times in all", len(told))
	}
}

// What is written into our mail, whose lines the mail program does not mark, stands in the note; our own
// lines do not.
func TestAnAnswerWrittenIntoOurMail(t *testing.T) {
	w, _, first := answering(t)
	ours := ""
	for _, m := range w.inbox() {
		if m.To == "Ada@uvdal.example" {
			ours = m.Text
		}
	}
	lines := strings.Split(ours, "\n")
	quoted := strings.Join(lines[:4], "\r\n") + "\r\nEva leaves on Friday.\r\n" + strings.Join(lines[4:], "\r\n")
	raw := []byte("From: Ada <ada@uvdal.example>\r\nSubject: SV: Free 2\r\nMessage-ID: <o1@uvdal.example>\r\nIn-Reply-To: " + first.Header.Get("Message-Id") + "\r\n\r\nSee below.\r\n\r\n________________________________\r\nFrom: Fjordpartner\r\nSent: Monday\r\nTo: Ada\r\nSubject: Free 2\r\n\r\n" + quoted)
	if got, err := replies.Take(t.Context(), w.app, raw); err != nil || got != replies.Noted {
		t.Fatal(got, err)
	}
	rows, _, err := w.db.Rows(t.Context(), "U-1", "note", store.Page{Limit: 5})
	var note effects.Note
	if err != nil || len(rows) != 1 || json.Unmarshal(rows[0].Body, &note) != nil || note.Text != "See below.\n\nEva leaves on Friday." {
		t.Errorf("%q, %v", note.Text, err)
	}
	// Where the thread is lost, the whole of it goes to the operator, and opens nothing there.
	lost := strings.NewReplacer("o1@", "o2@", "In-Reply-To: "+first.Header.Get("Message-Id")+"\r\n", "").Replace(string(raw))
	if got, err := replies.Take(t.Context(), w.app, []byte(lost)); err != nil || got != replies.Forwarded {
		t.Fatal(got, err)
	}
	rows, _, err = w.db.Rows(t.Context(), store.Operations, "reply", store.Page{Limit: 5})
	if err != nil || len(rows) != 1 || !strings.Contains(string(rows[0].Body), "See below.") || !strings.Contains(string(rows[0].Body), "From: Fjordpartner") || !strings.Contains(string(rows[0].Body), "/r/…") || regexp.MustCompile(`/r/[A-Za-z0-9]`).Match(rows[0].Body) {
		t.Errorf("%s, %v", rows[0].Body, err)
	}
}

// Whoever writes, and however: what is told of it is text on its lines, no header of ours is moved by it,
// and a copy goes, also where nobody can answer it.
func TestAnswersOfAnAttacker(t *testing.T) {
	w, server, first := answering(t)
	thread, before := first.Header.Get("Message-Id"), len(server.Mails())
	nested := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 2000) + "--b\r\n\r\nDeep down"
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nOn top\r\n" + strings.Repeat("--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 3000) + "--b--"
	head := func(from, more string) []byte {
		return []byte("From: " + from + "\r\nSubject: =?utf-8?q?Re=0D=0ABcc:_all@elsewhere.example?=\r\nIn-Reply-To: " + thread + "\r\n" + more)
	}
	mails := map[string][]byte{
		"a blank in the address":    head(`"ada moe"@uvdal.example`, "\r\nOne"),
		"a line in the name":        head("=?utf-8?q?Ada=0ABcc:_all@elsewhere.example?= <ada@uvdal.example>", "\r\nTwo"),
		"an endless address":        head(strings.Repeat("a", 600)+"@uvdal.example", "\r\nThree"),
		"a domain of many letters":  head("ada@örn.example", "\r\nFour"),
		"marks of HTML in the name": head(`"<script>alert(1)</script>" <ada@uvdal.example>`, "Content-Type: text/html\r\n\r\n<p>Five<script>alert(2)</script><img src=x onerror=alert(3)>"),
		"UTF-7":                     head("ada@uvdal.example", "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-Six"),
		"UTF-16":                    head("ada@uvdal.example", "Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfeS\x00e\x00v\x00e\x00n\x00"),
		"boxes in boxes":            head("ada@uvdal.example", nested),
		"thousands of parts":        head("ada@uvdal.example", many),
		"megabytes":                 head("ada@uvdal.example", "\r\n"+strings.Repeat("Eight. ", 400_000)),
	}
	for name, raw := range mails {
		if got, err := replies.Take(t.Context(), w.app, raw); err != nil || got != replies.Noted {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	w.deliver()
	copies := 0
	for _, c := range server.Mails()[before:] {
		m, err := mail.ReadMessage(strings.NewReader(c.Text))
		if err != nil {
			t.Fatal(err)
		}
		if c.To == "support@fjordpartner.example" && strings.Contains(m.Header.Get("Subject"), "Re") {
			copies++
		}
		if m.Header.Get("Bcc") != "" || len(c.Text) > 30_000 {
			t.Errorf("a copy of %d bytes: %v", len(c.Text), m.Header)
		}
	}
	if copies != len(mails) {
		t.Errorf("%d copies of %d answers", copies, len(mails))
	}
	page := w.caseOf("U-1")
	for _, bad := range []string{"<script>alert", "<img src", "onerror"} {
		if strings.Contains(page, bad) {
			t.Errorf("the case has %q", bad)
		}
	}
	if notes, _, err := w.db.Rows(t.Context(), "U-1", "note", store.Page{Limit: 20}); err != nil || len(notes) != len(mails) {
		t.Errorf("%d notes of %d answers, %v", len(notes), len(mails), err)
	}
}

// A copy goes once: one whose answer was lost is not sent again by itself, and one that the operator's own mail
// server refuses goes each day anew until it is taken; ops hear of it meanwhile.
func TestACopyGoesOnce(t *testing.T) {
	w, server, first := answering(t)
	p := &postmark{}
	server.Answer(p.says)
	copies := func(text string) (n, taken int) {
		for _, m := range server.Mails() {
			if strings.Contains(m.Text, text) {
				if n++; strings.HasPrefix(m.Said, "250") {
					taken++
				}
			}
		}
		return n, taken
	}
	for text, c := range map[string]struct {
		step, says string
		tasks      string
		n, taken   int
	}{
		"Lost":    {mailtest.Taken, mailtest.Cut, "", 1, 0},
		"Refused": {mailtest.Taken, "554 no", "[mail-refused desk support]", 3, 1},
	} {
		p.set(map[string]string{c.step + " support@fjordpartner.example": c.says})
		raw := answer("ada@uvdal.example", text+"@uvdal.example", first.Header.Get("Message-Id"), "", text+" two")
		if got, err := replies.Take(t.Context(), w.app, raw); err != nil || got != replies.Noted {
			t.Fatal(got, err)
		}
		w.advance(w.clock.Now().Add(30 * time.Hour))
		if got := w.opsTasks("U-1"); c.tasks != "" && fmt.Sprint(got) != c.tasks {
			t.Errorf("%s: ops have %s", text, got)
		}
		p.set(nil)
		w.advance(w.clock.Now().Add(30 * time.Hour))
		if n, taken := copies(text + " two"); n != c.n || taken != c.taken {
			t.Errorf("%s: the copy was handed over %d times, and taken %d times", text, n, taken)
		}
	}
	if got := w.opsTasks("U-1"); len(got) > 0 {
		t.Errorf("when all is taken ops still have %s", got)
	}
}

// A note that is too long says so at its end, and who writes from an address in its own letters is known.
func TestANoteOfALongAnswer(t *testing.T) {
	w, _, first := answering(t)
	thread := first.Header.Get("Message-Id")
	for id, text := range map[string]string{"l1@uvdal.example": strings.Repeat("Åtta ", 1000), "l2@uvdal.example": "Two"} {
		if got, err := replies.Take(t.Context(), w.app, answer("ada@uvdal.example", id, thread, "Content-Type: text/plain; charset=utf-8\r\n", text)); err != nil || got != replies.Noted {
			t.Fatal(got, err)
		}
	}
	rows, _, err := w.db.Rows(t.Context(), "U-1", "note", store.Page{Limit: 5})
	ends := map[bool]int{}
	for _, row := range rows {
		var note effects.Note
		if json.Unmarshal(row.Body, &note) != nil || len([]rune(note.Text)) > 2000 {
			t.Errorf("%s", row.Body)
		}
		ends[strings.HasSuffix(note.Text, "…")]++
	}
	if err != nil || ends[true] != 1 || ends[false] != 1 {
		t.Errorf("%v, %v", ends, err)
	}
	for head, known := range map[string]string{"ada@xn--rn-eka.example": "Ada@Örn.example", "ada@uvdal.example": "Ada@UVDAL.example"} {
		if !effects.IsFrom(head, known) || effects.IsFrom("x"+head, known) {
			t.Errorf("%s is not %s", head, known)
		}
	}
}
