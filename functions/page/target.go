package page

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// The pages below the first one show names and choices: each needs the session. None of them
// reads or writes anything outside; what is chosen is a fact, and nothing of it is done yet.

// A target is what a finding wants freed, or exchanged: the plans that go, in one installation.
type target struct {
	finding diagnosis.Finding
	stands  bool // the finding stands, or is to come; else only its choice is left
	cust    string
	plans   []string // empty: one plan for everybody who can log in
	to      string   // of a swap
	name    string
	toName  string
	chosen  casework.Chosen         // what was chosen for it, if anything
	run     casework.Run            // and what came of it, where it is done through us
	picked  []Picked                // how far each of the chosen is, where that was read
	seats   map[string]licence.Seat // of those whose seats were read, by user
}

// targetOf finds what the fingerprint of a request wants freed, and how far each is who was chosen for
// it; false: nothing of this account.
func (a *Page) targetOf(ctx context.Context, v Request, fp string) (target, bool, error) {
	t, ok, err := aim(v, fp)
	if err != nil || !ok {
		return t, ok, err
	}
	return t, true, a.picked(ctx, v.state, &t)
}

// aim is targetOf before anybody's seat was read.
func aim(v Request, fp string) (target, bool, error) {
	var chosen casework.Chosen
	key := licence.RowKey{Kind: "choice", ID: fp}
	row, read := v.read.Rows[key]
	if read {
		if err := json.Unmarshal(row.Body, &chosen); err != nil {
			return target{}, false, err
		}
	}
	t, ok := wanted(v, fp, chosen)
	if !ok {
		return t, false, nil
	}
	var err error
	t.run, err = casework.RunOf(v.read.Rows[licence.RowKey{Kind: "run", ID: fp}], chosen.ID)
	return t, true, err
}

// became adds what came of it where we did it: whom SuperOffice refused, and who keeps it.
func (p *Picked) became(was casework.Tried) {
	switch {
	case p.State != "todo" && p.State != "taken":
	case was.State == "blocked":
		p.State, p.Why, p.Said = "refused", was.Why, was.Said
	case was.State == "skipped":
		p.State, p.Why = "kept", was.Why
	}
}

// wanted is what a fingerprint wants freed, with what was chosen for it.
func wanted(v Request, fp string, chosen casework.Chosen) (target, bool) {
	t, s, d := target{chosen: chosen}, v.state, v.diagnosis()
	for _, f := range slices.Concat(d.Findings, d.Upcoming) {
		if f.Fingerprint == fp && (f.Code == licence.Surplus || f.Code == licence.PlanSwap) && !t.stands {
			t.finding, t.stands, t.cust = f, true, f.Subject.CustID
			t.plans, t.to = plansOf(s, f.Subject)
		}
	}
	if !t.stands {
		if len(chosen.Picks) == 0 || chosen.Way == "" {
			return t, false
		}
		t.cust, t.plans, t.to = chosen.CustID, []string{chosen.Picks[0].Plan}, chosen.Picks[0].To
	}
	t.name, t.toName = planNames(s, t.cust, t.plans...), ""
	if t.to != "" {
		t.toName = planNames(s, t.cust, t.to)
	}
	return t, true
}

// plansOf are the plans of a subject, and of a pair the one that comes instead.
func plansOf(s licence.State, subject licence.Subject) (plans []string, to string) {
	switch subject.Kind {
	case "pair":
		from, to, _ := strings.Cut(subject.ID, ">")
		return []string{from}, to
	case "module":
		for _, p := range s.Known.Profile.Account.Value.Plans {
			if p.Module == subject.ID || slices.Contains(p.Modules, subject.ID) {
				plans = append(plans, p.Plan)
			}
		}
		return plans, ""
	case "suite":
		return nil, ""
	}
	return []string{subject.ID}, ""
}

// planNames are plans as people call them: by the directory, else by the licence.
func planNames(s licence.State, cust string, ids ...string) string {
	var out []string
	for _, id := range ids {
		name := id
		for _, l := range s.Known.Inst(cust).Report.Value.Plans {
			if l.Plan == id && l.Description != "" {
				name = l.Description
			}
		}
		for _, p := range s.Known.Profile.Account.Value.Plans {
			if p.Plan == id || id == "" {
				name = p.Name
			}
		}
		out = append(out, name)
	}
	if len(ids) == 0 {
		for _, p := range s.Known.Profile.Account.Value.Plans {
			return p.Name
		}
	}
	return strings.Join(out, " / ")
}

// seatsOf reads seats of people, by the latest list of them.
func (a *Page) seatsOf(ctx context.Context, s licence.State, t *target, users []string) error {
	t.seats = map[string]licence.Seat{}
	if len(users) == 0 {
		return nil
	}
	in := s.Known.Inst(t.cust)
	want := store.Want{Have: store.Unread}
	for _, u := range users {
		want.Seats = append(want.Seats, licence.Key{CustID: in.CustID, Roster: in.Roster.ID, User: u})
	}
	l, err := a.Store.Load(ctx, s.Account, want)
	for _, seat := range l.Seats {
		t.seats[seat.User.Value.ID] = seat
	}
	return err
}

// picked tells how far each of the chosen is.
func (a *Page) picked(ctx context.Context, s licence.State, t *target) error {
	in := s.Known.Inst(t.cust)
	var users []string
	for _, p := range t.chosen.Picks {
		users = append(users, p.User)
	}
	if err := a.seatsOf(ctx, s, t, users); err != nil {
		return err
	}
	t.picked = nil
	for _, p := range t.chosen.Picks {
		seat, there := t.seats[p.User]
		one := Picked{User: p.User, Name: p.Name, State: stateOfPick(p, seat, there, len(t.plans) == 0), Held: there && seat.Plans[p.Plan].Held}
		if p.To != "" {
			one.To = planNames(s, t.cust, p.To)
		}
		for _, h := range seat.Plans {
			one.Requests = max(one.Requests, h.Requests)
		}
		switch {
		case one.State != "skipped" && in.Roster.Told.IsZero(): // who was chosen stood on the list
			one.State = "unknown"
		case one.State == "todo" && t.stands && t.finding.Ended.After(t.chosen.At):
			one.State = "back"
		}
		one.became(t.run.Of[p.User])
		t.picked = append(t.picked, one)
	}
	return nil
}

func stateOfPick(p licence.Pick, seat licence.Seat, there, suite bool) string {
	switch {
	case p.Skip:
		return "skipped"
	case suite && there && seat.User.Value.CanLogin, !suite && there && seat.Plans[p.Plan].Held:
		return "todo"
	case p.To != "" && !seat.Plans[p.To].Held:
		return "taken"
	}
	return "done"
}
