package effects

import (
	"context"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// most is how many holders of a plan are looked at to count candidates.
const most = 500

// Names gives the sentences what the pure diagnosis does not see of an account: its zone, and what its people
// call things.
func Names(s licence.State, d diagnosis.Diagnosis) words.Options {
	a := s.Known.Profile.Account.Value
	o := words.Options{
		Zone: licence.NewCalendar(a.Timezone, "").Zone, Account: a.Name, Installations: map[string]string{}, Candidates: map[string]words.Candidates{},
	}
	for _, i := range a.Installations {
		o.Installations[i.CustID] = i.URL
	}
	for _, c := range a.Contacts {
		if c.Role == licence.Billing && o.Billing == "" {
			o.Billing = c.Name
		}
	}
	o.Cases = map[string]string{}
	for _, f := range append(d.Findings[:len(d.Findings):len(d.Findings)], d.Upcoming...) {
		if len(s.History.Episodes) > 0 {
			o.Cases[f.Fingerprint] = s.History.CaseOf(f.Fingerprint, f.Owner)
		}
	}
	return o
}

// Options are the Names, and who could give up a seat, which only JSON tells.
func Options(ctx context.Context, db store.Store, s licence.State, d diagnosis.Diagnosis) (words.Options, error) {
	o := Names(s, d)
	for _, f := range d.Findings {
		if f.Code != licence.Surplus || f.State == licence.Unsettled {
			continue
		}
		c, err := candidates(ctx, db, s, f, d.Now)
		if err != nil {
			return o, err
		}
		o.Candidates[f.Fingerprint] = c
	}
	return o, nil
}

// candidates counts who could give up the plan of a surplus, and names the first ten who
// cannot, with the reason.
func candidates(ctx context.Context, db store.Store, s licence.State, f diagnosis.Finding, now time.Time) (words.Candidates, error) {
	var out words.Candidates
	in := s.Known.Inst(f.Subject.CustID)
	plan := f.Subject.ID
	if f.Subject.Kind != "plan" {
		plan = ""
	}
	sea, _, err := db.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, store.Page{Limit: most})
	if err != nil {
		return out, err
	}
	admins, err := Admins(ctx, db, s, in.CustID, sea)
	if err != nil {
		return out, err
	}
	for _, seat := range sea {
		if b := seats.Blocked(s, seat, plan, admins, now); len(b) == 0 {
			out.Count++
		} else if len(out.Blocked) < 10 {
			out.Blocked = append(out.Blocked, diagnosis.BlockedUser{User: seat.User.Value.ID, Code: b[0].Code, Count: b[0].Count})
		}
	}
	return out, nil
}

// Administrators are the ids of those who administer an installation, by the list of who holds a
// seat there: who holds none can do nothing.
func Administrators(ctx context.Context, db store.Store, s licence.State, custID string) (map[string]bool, error) {
	in := s.Known.Inst(custID)
	out := map[string]bool{}
	for p := (store.Page{Limit: most}); ; {
		sea, next, err := db.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, "", p)
		if err != nil {
			return nil, err
		}
		for _, seat := range sea {
			if u := seat.User.Value; seats.Administers(u) {
				out[u.ID] = true
			}
		}
		if p = next; p.Cursor == "" {
			return out, nil
		}
	}
}

// Admins counts an installation's administrators, as far as it matters for some of its people:
// two or more among them are enough to know that none is the last, and so is none. The others
// may hold another plan, or stand on another page.
func Admins(ctx context.Context, db store.Store, s licence.State, custID string, sea []licence.Seat) (int, error) {
	n := 0
	for _, seat := range sea {
		if seats.Administers(seat.User.Value) {
			n++
		}
	}
	if n != 1 {
		return n, nil
	}
	all, err := Administrators(ctx, db, s, custID)
	return max(n, len(all)), err
}
