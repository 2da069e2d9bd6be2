package webhook

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"seatmend/events"
	"seatmend/shared/licence"
)

// walk calls do for each file of events, with its body moved to a day.
func walk(tb testing.TB, day time.Time, do func(file string, s Sender, body []byte)) {
	tb.Helper()
	err := fs.WalkDir(events.Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := events.Files.ReadFile(file)
		if err != nil {
			return err
		}
		s, ok := Find(events.Sender(file))
		if !ok {
			tb.Fatalf("%s: no sender %q", file, events.Sender(file))
		}
		do(file, s, events.Shift(body, events.Base, day))
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// Every body of events is read, on any day at nine in the morning in Sweden.
func TestEventsAreRead(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2026-11-23", "2027-03-29", "2027-07-01", "2028-02-29"} {
		at, err := time.ParseInLocation(time.DateOnly, day, stockholm)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(9 * time.Hour)
		walk(t, at, func(file string, s Sender, body []byte) {
			h := http.Header{}
			secret := s.NewSecret(strings.TrimPrefix(invented, "whsec_"))
			s.Sign(h, body, "msg_"+path.Base(file), secret, at)
			if err := s.Verify(h, body, []string{secret}, at); err != nil {
				t.Errorf("%s on %s: %v", file, day, err)
			}
			b, err := s.Read(h, body, "", at)
			if err != nil {
				t.Errorf("%s on %s: %v", file, day, err)
				return
			}
			if silent := strings.Contains(file, "test.json"); silent != (b.Ignored != "") {
				t.Errorf("%s on %s: ignored: %q", file, day, b.Ignored)
			}
			if thin := strings.Contains(file, "thin"); thin != (b.Thin != "") {
				t.Errorf("%s on %s: thin: %q", file, day, b.Thin)
			}
			if s.Name == "stripe" && b.Ignored == "" && b.Mode != "live" {
				t.Errorf("%s: mode %q", file, b.Mode)
			}
			for _, f := range b.Facts {
				survives(t, f)
				if f.At.After(at) {
					t.Errorf("%s on %s: told at %v, after its day's beginning", file, day, f.At)
				}
			}
		})
	}
}

// The demo's customers are wrong only in what they are to show: numbers of one source agree
// with those of the others.
func TestDemoAgreesWithItself(t *testing.T) {
	type customer struct {
		account licence.AccountChanged
		used    map[string]int // holders by the list of seats
		ordered map[string]int // by the latest order
		report  licence.LicenceReported
	}
	demo := map[string]*customer{}
	claimed := map[licence.Name]string{}
	at := events.Base.Add(8 * time.Hour)
	walk(t, at, func(file string, s Sender, body []byte) {
		folder := path.Dir(file)
		if !strings.HasPrefix(folder, "demo/") {
			return
		}
		b, err := s.Read(http.Header{"Webhook-Id": {"m"}}, body, "", at)
		if err != nil {
			t.Fatal(err)
		}
		c := demo[folder]
		if c == nil {
			c = &customer{used: map[string]int{}}
			demo[folder] = c
		}
		switch p := b.Facts[0].Payload.(type) {
		case licence.AccountChanged:
			c.account = p
			for _, n := range licence.Names(p) {
				if other := claimed[n]; other != "" {
					t.Errorf("%v belongs to %s and to %s", n, other, folder)
				}
				claimed[n] = folder
			}
		case licence.SeatsListed:
			for _, r := range p.Rows {
				c.used[r.Plan]++
				for _, contact := range c.account.Contacts {
					if contact.User == r.User.ID && (contact.Email != r.User.Email || !r.User.CanLogin) {
						t.Errorf("%s: contact %s and user %s differ", file, contact.Email, r.User.Email)
					}
				}
			}
		case licence.SubscriptionChanged:
			c.ordered = map[string]int{}
			for _, it := range p.Items {
				plan := it.Plan
				for _, pl := range c.account.Plans {
					if len(it.Prices) > 0 && strings.Contains(strings.Join(pl.Prices, " "), it.Prices[0]) {
						plan = pl.Plan
					}
				}
				c.ordered[plan] += it.Quantity
			}
		case licence.LicenceReported:
			if p.CustID == c.account.Installations[0].CustID {
				c.report = p
			}
		case licence.LoginWarned:
			// A count that is off by three days would owe a read.
			for _, in := range c.account.Installations {
				expires := c.report.Expires
				if strings.EqualFold(in.CustID, p.CustID) && in.Kind == "production" {
					if got, want := b.Facts[0].At.AddDate(0, 0, *p.DaysLeft).Format(time.DateOnly), string(expires); got != want {
						t.Errorf("%s: warned of %s, licence says %s", file, got, want)
					}
				}
			}
		}
	})
	for folder, c := range demo {
		if c.report.Plans == nil {
			t.Errorf("%s: no licence", folder)
		}
		for _, l := range c.report.Plans {
			if got, want := c.used[l.Plan], l.InUse; got != want {
				t.Errorf("%s, %s: %d seats listed, %d in use", folder, l.Plan, got, want)
			}
			if c.ordered == nil {
				continue // billed elsewhere
			}
			want := l.Total
			if c.report.Offered {
				want = 0
				if l.NewTotal != nil {
					want = *l.NewTotal
				}
			}
			if got := c.ordered[l.Plan]; got != want {
				t.Errorf("%s, %s: %d ordered, %d in the licence", folder, l.Plan, got, want)
			}
		}
		if mail := c.account.Mail.Value; mail == nil || *mail != "on" {
			t.Errorf("%s: mail is not on", folder)
		}
	}
	if got, want := len(demo), 9; got < want {
		t.Errorf("%d customers, want %d", got, want)
	}
}
