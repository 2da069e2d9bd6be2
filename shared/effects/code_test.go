package effects_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/store"
)

var sixDigits = regexp.MustCompile(`(?m)^ +([0-9]{6})$`)

// codes are the mails with a code that are kept, with the digits in each; "" where they are not shown.
func (s *customerWithOffer) codes() (out []effects.MailRow, digits []string) {
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
		if m.Why != "code" {
			continue
		}
		found := ""
		if hit := sixDigits.FindStringSubmatch(m.Text); hit != nil {
			found = hit[1]
		}
		out, digits = append(out, m), append(digits, found)
	}
	return out, digits
}

func (s *customerWithOffer) askCode() {
	s.Helper()
	s.tell(licence.CodeAsked{Contact: "anna", For: s.offer()})
}

func (s *customerWithOffer) account(change func(*licence.AccountChanged)) {
	s.Helper()
	a := s.state().Known.Profile.Account.Value
	a.Contacts = slices.Clone(a.Contacts)
	change(&a)
	s.now = s.now.Add(time.Second)
	s.tell(a)
}

// mailer replaces the mailer by one that sends, or by one that does not.
func (s *customerWithOffer) mailer(send effects.Sender) {
	keys, err := link.NewKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		s.Fatal(err)
	}
	s.engine.Do[licence.Mail] = effects.Mailer{Store: s.db, Links: func() link.Keys { return keys }, BaseURL: "https://licence.fjordpartner.example", Now: s.act.Now, Send: send}.Mail
}

// A code goes at once, at any hour, to whoever asked, and to nobody to whom it must not go.
func TestWhoGetsACode(t *testing.T) {
	night := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		before func(*customerWithOffer)
		wait   time.Duration
		want   int
	}{
		"who asks":                   {func(s *customerWithOffer) {}, 0, 1},
		"on a Saturday night":        {func(s *customerWithOffer) { s.later(night.Sub(s.now)) }, 0, 1},
		"while others are reviewed":  {func(s *customerWithOffer) { mail := "review"; s.tell(licence.MailChanged{Mail: &mail}) }, 0, 1},
		"where no mail goes":         {func(s *customerWithOffer) { mail := "off"; s.tell(licence.MailChanged{Mail: &mail}) }, 0, 0},
		"where the operator is told": {func(s *customerWithOffer) { mail := "operator"; s.tell(licence.MailChanged{Mail: &mail}) }, 0, 0},
		"almost too late":            {func(s *customerWithOffer) {}, casework.CodeLife - time.Second, 1},
		"too late":                   {func(s *customerWithOffer) {}, casework.CodeLife, 0},
		"who left": {func(s *customerWithOffer) {
			s.account(func(a *licence.AccountChanged) { a.Contacts[0].Left = "2026-11-01" })
		}, 0, 0},
		"who is no contact any more": {func(s *customerWithOffer) {
			s.account(func(a *licence.AccountChanged) { a.Contacts[0].ID = "anna-2" })
		}, 0, 0},
		"who cannot log in": {func(s *customerWithOffer) {
			s.account(func(a *licence.AccountChanged) { a.Contacts[0].User = "5" })
			s.list(licence.User{ID: "5", Name: "Anna Berg", CanLogin: false})
		}, 0, 0},
		"who can": {func(s *customerWithOffer) {
			s.account(func(a *licence.AccountChanged) { a.Contacts[0].User = "5" })
			s.list(licence.User{ID: "5", Name: "Anna Berg", CanLogin: true})
		}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCustomerWithOffer(t)
			c.before(s)
			s.now = s.now.Add(time.Second)
			s.askCode()
			s.now = s.now.Add(c.wait)
			s.deliver()
			rows, digits := s.codes()
			if len(rows) != c.want {
				t.Fatalf("%d mails, want %d", len(rows), c.want)
			}
			for i, m := range rows {
				wish, ok := effects.CodeWishOf(s.state(), "anna", s.now)
				keys, _ := link.NewKeys([]byte(strings.Repeat("k", 32)))
				if m.To != "anna@fjord.example" || m.SentAt == nil || m.Draft != "" || m.Link != "" || !ok || !wish.Opens(keys, digits[i]) {
					t.Errorf("%+v, wish %v", m, ok)
				}
				for _, want := range []string{"Fjord Foods AB", "Cust700"} {
					if !strings.Contains(m.Text, want) {
						t.Errorf("no %q in\n%s", want, m.Text)
					}
				}
				if strings.Contains(m.Subject, digits[i]) || !strings.Contains(m.Subject, "Fjord Foods AB") {
					t.Errorf("subject %q", m.Subject)
				}
			}
			if s.later(time.Hour); len(s.mails()) > 0 && c.want == 0 {
				if rows, _ := s.codes(); len(rows) > 0 {
					t.Error("it went later all the same")
				}
			}
		})
	}
}

func (s *customerWithOffer) list(u licence.User) {
	s.Helper()
	s.tell(licence.SeatsListed{CustID: "Cust700", Rows: []licence.SeatChanged{{CustID: "Cust700", Plan: "sales-premium", Held: true, User: u}}})
}

// What is kept of a code that went to a mailbox shows dots; the one that was sent shows it.
func TestASentCodeIsNotKept(t *testing.T) {
	s := newCustomerWithOffer(t)
	var sent []effects.Message
	s.mailer(func(_ context.Context, m effects.Message) (string, error) { sent = append(sent, m); return "", nil })
	s.askCode()
	s.deliver()
	rows, digits := s.codes()
	if len(sent) != 1 || len(rows) != 1 {
		t.Fatalf("%d sent, %d kept", len(sent), len(rows))
	}
	hit := sixDigits.FindStringSubmatch(sent[0].Text)
	if hit == nil || !strings.Contains(sent[0].HTML, hit[1]) {
		t.Fatalf("no code was sent:\n%s", sent[0].Text)
	}
	kept, _ := json.Marshal(rows[0])
	if digits[0] != "" || strings.Contains(string(kept), hit[1]) || !strings.Contains(rows[0].Text, "••••••") || !strings.Contains(rows[0].HTML, "••••••") {
		t.Errorf("it is kept:\n%s", kept)
	}
	// A server that was not there is tried again, while the code is good.
	tries := 0
	s.mailer(func(_ context.Context, m effects.Message) (string, error) {
		if sixDigits.MatchString(m.Text) {
			tries++
		}
		return "", &effects.Refusal{Err: errors.New("refused")}
	})
	s.now = s.now.Add(time.Second)
	s.askCode()
	for range 30 {
		s.later(time.Minute)
	}
	if tries < 2 || tries > 5 {
		t.Errorf("%d tries, want some, all within ten minutes", tries)
	}
	for _, e := range s.state().History.Pending {
		if e.Why == "code" {
			t.Errorf("still owed: %+v", e)
		}
	}
}

// A code is not the one mail of the day: the notice that is due goes on the same day.
func TestACodeHoldsNoNoticeBack(t *testing.T) {
	s := newCustomerWithOffer(t)
	s.askCode()
	s.deliver()
	for range 2 {
		s.later(16 * time.Minute)
	}
	got := s.mails()
	if len(got) != 2 || got[0] != "code" || !strings.HasPrefix(got[1], "notice") {
		t.Errorf("mails %v, want a code and a notice", got)
	}
	if n := s.state().History.Episodes["anna@fjord.example"]; n == nil {
		t.Error("the notice began no conversation")
	}
}

// The second wish makes the first code worthless, and two wishes before one delivery one code.
func TestTheNewestCodeCounts(t *testing.T) {
	s := newCustomerWithOffer(t)
	keys, _ := link.NewKeys([]byte(strings.Repeat("k", 32)))
	var codes []string
	for range 2 {
		s.now = s.now.Add(time.Second)
		s.askCode()
		s.deliver()
		wish, _ := effects.CodeWishOf(s.state(), "anna", s.now)
		codes = append(codes, wish.Code(keys))
	}
	wish, _ := effects.CodeWishOf(s.state(), "anna", s.now)
	if codes[0] == codes[1] || wish.Opens(keys, codes[0]) || !wish.Opens(keys, codes[1]) {
		t.Errorf("codes %v", codes)
	}
	for name, w := range map[string]effects.CodeWish{
		"another account":      {"C-1043", wish.CustID, wish.Offer, wish.Contact, wish.Asked},
		"another installation": {wish.Account, "Cust701", wish.Offer, wish.Contact, wish.Asked},
		"another offer":        {wish.Account, wish.CustID, "0011223344556677", wish.Contact, wish.Asked},
		"another contact":      {wish.Account, wish.CustID, wish.Offer, "bo", wish.Asked},
	} {
		if w.Opens(keys, codes[1]) {
			t.Errorf("it opens for %s", name)
		}
	}
	// What does not wait any more needs no code.
	s.vendor.new = 8
	s.tell(licence.CheckAsked{CustID: "Cust700", By: "Anna Berg"})
	s.later(time.Second)
	if _, ok := effects.CodeWishOf(s.state(), "anna", s.now); ok {
		t.Error("a code still counts for numbers that wait no more")
	}
}

// A trial that was converted is production, though the directory is behind (Q10): whoever is
// shown the button gets the code. Its markers may be written as they like.
func TestCodeOfAConvertedTrial(t *testing.T) {
	for _, marker := range []string{"online", "Online"} {
		s := newCustomerWithOffer(t)
		l := s.inst().Report.Value
		l.Markers = append(l.Markers, marker)
		s.account(func(a *licence.AccountChanged) {
			a.Installations = append([]licence.Installation(nil), a.Installations...)
			a.Installations[0].Kind = "trial"
		})
		s.now = s.now.Add(time.Second)
		s.tell(l)
		s.now = s.now.Add(time.Second)
		if !casework.MayActivate(s.state(), "Cust700", s.offer(), s.now) {
			t.Fatalf("%s: no button is shown", marker)
		}
		s.askCode()
		s.deliver()
		if rows, _ := s.codes(); len(rows) != 1 {
			t.Errorf("%s: %d mails with a code", marker, len(rows))
		}
	}
}
