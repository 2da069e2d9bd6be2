package effects

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// gmailClips is how much of a mail's HTML Gmail shows.
const gmailClips = 102 << 10

const (
	deskLink = "https://licens.fjordpartner.example/support/in/Zt4N.oNS_sA0GcTgzdkVqUldlSkFTTkZaNA.dyw-auXfjtI-mUGKUGc7cMYCpoZXcge5FPDwM6_nQBs"
	pageLink = "https://licens.fjordpartner.example/r/Zt4N.oNS_sA0GcTgzdkVqUldlSkFTTkZaNA.dyw-auXfjtI-mUGKUGc7cMYCpoZXcge5FPDwM6_nQBs"
	stopLink = "https://licens.fjordpartner.example/unsubscribe/Zt4N.oNS_sA0GcTgzdkVqUldlSkFTTkZaNA.dyw-auXfjtI-mUGKUGc7cMYCpoZXcge5FPDwM6_nQBs"
)

// letters are mails of every kind in every language, as they are handed over.
func letters(t *testing.T) map[string]Message {
	operator := words.Operator{Name: "Fjördpartner AS", From: "Fjördpartner licens <licens@fjordpartner.example>", ReplyTo: "support@örn.example", Phone: "+47 21 00 00 00", Hours: "08-16"}
	out := map[string]Message{}
	stories := wordstest.Stories()
	for _, l := range words.Languages {
		write := func(name, story string, role licence.Role, change func(*words.MailInput)) {
			in := words.MailInput{Kind: "notice", Operator: operator, To: words.Person{Name: "Åsa Þórsdóttir", Role: role}, Diagnosis: stories[story].Diagnosis(t), Link: pageLink, LinkUntil: wordstest.Now.AddDate(0, 0, 14),
				Options: words.Options{Zone: wordstest.Zone(t), Reader: role, Account: "Fjord Foods AB", Installations: map[string]string{"Cust12345": "https://online2.superoffice.com/Cust12345"}}}
			for _, f := range append(slices.Clone(in.Diagnosis.Findings), in.Diagnosis.Upcoming...) {
				if f.Owner == role {
					in.About = append(in.About, f.Fingerprint)
				}
			}
			if change(&in); in.Kind == "notice" && len(in.About) == 0 && in.Figures == nil {
				return
			}
			m := l.Mail(in)
			msg := Message{From: operator.From, ReplyTo: operator.ReplyTo, To: "Åsa Þórsdóttir <asa@örn.example>", ID: messageID("mail", "C-1042", name, wordstest.Now), Account: "C-1042", Row: name, Thread: "<first@fjordpartner.example>", Subject: m.Subject, Text: m.Text, HTML: m.HTML}
			if in.Kind == "notice" {
				msg.Stop = stopLink // of a matter, it may come again
			}
			out[l.Tag+"-"+name] = msg
		}
		for _, story := range slices.Sorted(maps.Keys(stories)) {
			for _, role := range []licence.Role{licence.Admin, licence.Billing} {
				write(story+"-"+string(role), story, role, func(*words.MailInput) {})
			}
		}
		done := []words.Solved{{Kind: "activated", CustID: "Cust12345", Before: "2026-12-13", Until: "2027-12-13", Numbers: []words.Number{{Plan: "Sales Premium", Total: 7}}, By: "Anna Berg"}}
		write("solved", "fine", licence.Admin, func(in *words.MailInput) { in.Kind, in.Solved = "solved", done })
		write("extended", "fine", licence.Admin, func(in *words.MailInput) {
			in.Kind, in.Solved = "solved", []words.Solved{{Kind: "extended", CustID: "Cust12345", Before: "2026-12-13", Until: "2027-12-13"}, {Kind: "gone", CustID: "Cust12345", Code: "surplus"}}
		})
		write("thanks", "fine", licence.Billing, func(in *words.MailInput) { in.Kind, in.Solved = "thanks", done })
		write("link", "surplus", licence.Admin, func(in *words.MailInput) { in.Kind = "link" })
		write("link-swap", "swap", licence.Admin, func(in *words.MailInput) { in.Kind = "link" })
		write("link-overdue", "overdue", licence.Billing, func(in *words.MailInput) { in.Kind = "link" })
		write("figures", "fine", licence.Admin, func(in *words.MailInput) { in.About, in.Figures = nil, &words.Figures{Ends: "2026-12-13"} })
		write("code", "surplus", licence.Admin, func(in *words.MailInput) {
			in.Kind, in.Code = "code", words.Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute)}
		})
		write("code-seats", "surplus", licence.Admin, func(in *words.MailInput) {
			in.Kind, in.Code = "code", words.Code{Digits: "402817", CustID: "Cust12345", Until: wordstest.Now.Add(10 * time.Minute), Seats: true, By: "Bo Lind"}
		})
		for name, m := range house(t, l, operator) {
			m.From, m.ReplyTo, m.To, m.ID, m.Thread = operator.From, operator.ReplyTo, "Åsa Þórsdóttir <asa@örn.example>", messageID(name, "C-1042", l.Tag, wordstest.Now), "<first@fjordpartner.example>"
			out[l.Tag+"-"+name] = m
		}
	}
	return out
}

// house are the mails that the operator's people get in a language: a task, a copy of an answer, and the link to
// sign in by, which stands as the desk's golden has it.
func house(t *testing.T, l *words.Language, operator words.Operator) map[string]Message {
	out := map[string]Message{}
	keep := func(name string) Sender {
		return func(_ context.Context, m Message) (string, error) {
			out[name] = m
			return m.ID, nil
		}
	}
	now := func() time.Time { return wordstest.Now }
	s := wordstest.Stories()["order-differs"].State()
	f := diagnosis.Diagnose(s, now(), now()).Findings[0]
	s.History.Findings = map[string]*licence.Past{f.Fingerprint: {Code: f.Code, Subject: f.Subject}}
	task := licence.Effect{ID: "1-0", Kind: licence.TaskSent, To: licence.Support, Code: string(f.Code), Why: "opened", About: []licence.About{{Fingerprint: f.Fingerprint}}, Sending: now()}
	tasks := Tasker{Operator: operator, Desks: map[string]string{"support": operator.ReplyTo}, Lang: l.Tag, BaseURL: "https://licens.fjordpartner.example", Send: keep("task"), Now: now}
	if _, done, err := tasks.Task(t.Context(), s, task); err != nil || done.Outcome != "done" {
		t.Fatal(done, err)
	}
	answer, err := json.Marshal(ReplyRow{At: now(), From: "anna@fjord.example", By: "Anna Berg <anna@fjord.example>", Subject: "Sv: 9", Text: "Åtta räcker.\n\nAnna", Case: "S-1a2b3c4d"})
	if err != nil {
		t.Fatal(err)
	}
	copies := Forwarder{Store: oneRow{body: answer}, Operator: operator, Lang: l.Tag, BaseURL: tasks.BaseURL, Send: keep("copy"), Now: now}
	if _, done, err := copies.Forward(t.Context(), s, licence.Effect{ID: "2-0", Kind: licence.Forward, Code: "r", Sending: now()}); err != nil || done.Outcome != "done" {
		t.Fatal(done, err)
	}
	golden, err := os.ReadFile("../../functions/desk/testdata/texts." + l.Tag + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for line := range strings.Lines(string(golden)) {
		key, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		said[key] = strings.ReplaceAll(text, `\n`, "\n")
	}
	values := strings.NewReplacer("V1", "Nora", "V2", operator.Name, "V3", deskLink)
	out["sign-in"] = Message{Subject: strings.ReplaceAll(said["mail.subject"], "V1", operator.Name), Text: values.Replace(said["mail.text"]), HTML: values.Replace(said["mail.html"])}
	return out
}

// oneRow is a store that has one row.
type oneRow struct {
	store.Store
	body []byte
}

func (o oneRow) Row(_ context.Context, _, kind, id string) (licence.Row, bool, error) {
	return licence.Row{Kind: kind, ID: id, Body: o.body}, true, nil
}

// Each mail as it goes over the wire: two parts that say the same, bounded, with no address in it but
// ours, all that is not ASCII encoded, and what mail programs go by in its head. Where SEATMEND_MAILS
// names a folder, they are left there, with what they must be read as, for programs of others.
func TestMailsAsTheyGo(t *testing.T) {
	all, folder := letters(t), os.Getenv("SEATMEND_MAILS")
	if len(all) < 15*len(words.Languages) {
		t.Fatalf("%d mails", len(all))
	}
	facts := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := all[name]
		var raw bytes.Buffer
		send := Punycode(onPaper(t, &raw))
		id, err := send(t.Context(), m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		looksRight(t, name, raw.Bytes(), m, id)
		if folder != "" {
			facts[name] = map[string]any{"subject": m.Subject, "text": m.Text, "html": m.HTML, "stop": m.Stop, "thread": m.Thread, "id": id, "sample": m.Stop == "" || strings.HasSuffix(name, "-surplus-admin") || strings.HasSuffix(name, "-billing")}
			if err := os.WriteFile(filepath.Join(folder, name+".eml"), raw.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if folder != "" {
		b, err := json.Marshal(facts)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, "facts.json"), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// onPaper writes down what would go over the wire.
func onPaper(t *testing.T, to *bytes.Buffer) Sender {
	return func(_ context.Context, m Message) (string, error) {
		msg, id, err := compose(m)
		if err == nil {
			_, err = msg.WriteTo(to)
		}
		return id, err
	}
}

var (
	addresses = regexp.MustCompile(`https?://[^\s"<>]+`)
	emDomain  = regexp.MustCompile(`@[^\s<>]*[^\x00-\x7f]`)
)

func looksRight(t *testing.T, name string, raw []byte, m Message, id string) {
	t.Helper()
	for n, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 78 && bytes.Contains(line, []byte("=")) && !bytes.HasPrefix(line, []byte("List-Unsubscribe")) && !bytes.HasPrefix(line, []byte(" <http")) || len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("%s: line %d has %d bytes, or some that are no ASCII: %.100q", name, n+1, len(line), line)
		}
	}
	msg, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var dec mime.WordDecoder
	head := func(field string) string {
		s, err := dec.DecodeHeader(msg.Header.Get(field))
		if err != nil {
			t.Errorf("%s: %s: %v", name, field, err)
		}
		return s
	}
	for field, want := range map[string]string{
		"Subject": m.Subject, "Auto-Submitted": "auto-generated", "In-Reply-To": m.Thread, "References": m.Thread, "Message-Id": id, "Mime-Version": "1.0",
		"From": "\"Fjördpartner licens\" <licens@fjordpartner.example>", "Reply-To": "<support@xn--rn-eka.example>",
	} {
		if got := head(field); got != want && strings.ReplaceAll(got, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s: %s is %q, want %q", name, field, got, want)
		}
	}
	if to, err := msg.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != "Åsa Þórsdóttir" || to[0].Address != "asa@xn--rn-eka.example" || emDomain.MatchString(head("To")) {
		t.Errorf("%s: To %v, %v", name, to, err)
	}
	want := [2]string{}
	if m.Stop != "" {
		want = [2]string{"<" + m.Stop + ">", "List-Unsubscribe=One-Click"}
	}
	if got := [2]string{strings.TrimSpace(head("List-Unsubscribe")), head("List-Unsubscribe-Post")}; got != want {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if m.HTML == "" { // one of those that the operator's people get
		holds(t, name, msg.Header.Get, msg.Body, "text/plain", m.Text)
		return
	}
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: Content-Type %q: %v", name, kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, p := range []struct{ kind, body string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		holds(t, name, part.Header.Get, part, p.kind, p.body)
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("%s: a third part: %v", name, err)
	}
	if strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "url(") {
		t.Errorf("%s: what is fetched when it is opened", name)
	}
}

// holds checks one part of a mail.
func holds(t *testing.T, name string, header func(string) string, part io.Reader, want, body string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil || kind != want || !strings.EqualFold(params["charset"], "UTF-8") || header("Content-Transfer-Encoding") != "quoted-printable" {
		t.Errorf("%s: a part is %s in %s: %v", name, kind, header("Content-Transfer-Encoding"), err)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(part))
	if got := strings.ReplaceAll(string(b), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(body) {
		t.Errorf("%s: %s is read otherwise than it was written: %v", name, kind, err)
	}
	if len(body) > gmailClips/2 {
		t.Errorf("%s: %s has %d bytes: Gmail shows %d", name, kind, len(body), gmailClips)
	}
	for _, u := range addresses.FindAllString(body, -1) {
		ours := u == pageLink || u == deskLink || u == "https://licens.fjordpartner.example/support/accounts/C-1042"
		if !ours && !(strings.HasSuffix(name, "-trial-admin") && strings.HasPrefix(u, "https://online2.superoffice.com/Cust12345")) { // where users should go instead
			t.Errorf("%s: %s has the address %s", name, kind, u)
		}
	}
}
