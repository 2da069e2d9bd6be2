package page

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// lately is how long what was cured is shown as news.
const lately = 60 * 24 * time.Hour

// progress tells who is on what, and what has become of it.
func (a *Page) progress(ctx context.Context, v Request, d diagnosis.Diagnosis, data *Data) error {
	s, now := v.state, a.Now()
	data.Begun = map[string]Begun{}
	rows, err := a.choices(ctx, v)
	if err != nil {
		return err
	}
	var people []Picked
	by := ""
	for _, row := range rows {
		var chosen casework.Chosen
		if err := json.Unmarshal(row.Body, &chosen); err != nil {
			return err
		}
		t, ok := wanted(v, row.ID, chosen)
		if !ok {
			// The finding is over: of its choice only the people are still of interest.
			t.cust = t.chosen.CustID
			for _, p := range t.chosen.Picks {
				if p.Plan != "" {
					t.plans = append(t.plans, p.Plan)
				}
			}
		}
		if err := a.picked(ctx, s, &t); err != nil {
			return err
		}
		done, of := far(t.picked)
		if !t.stands && t.to == "" && done > 0 && done == of && s.Known.Inst(t.cust).Report.Value.Offered {
			data.Finished = append(data.Finished, Freed{planNames(s, t.cust, t.plans[:min(1, len(t.plans))]...), done})
		}
		switch {
		case len(t.picked) == 0 || now.Sub(t.chosen.At) > lately:
		case ok && t.stands:
			data.Begun[row.ID] = Begun{By: t.chosen.By, At: t.chosen.At, Mine: t.chosen.By == v.Link.Name, Done: done, Of: of}
			if v.Link.Role != licence.Billing && t.to != "" && bare(v, t, row.ID) > 0 {
				data.Given = a.given(v, t, row.ID, data.Given)
			}
		case v.Link.Role != licence.Billing && ok && t.to != "" && done < of:
			data.Given = a.given(v, t, row.ID, data.Given)
		case ok && s.Known.Inst(t.cust).Report.Value.Offered:
			// The next step is the activation.
		default:
			people, by = append(people, t.picked...), t.chosen.By
		}
	}
	for fp, reg := range s.Known.Profile.Answers {
		if _, ok := data.Begun[fp]; !ok && reg.Value.Answer == "handled" && reg.Value.By != "" {
			data.Begun[fp] = Begun{By: reg.Value.By, At: reg.At, Mine: reg.Value.By == v.Link.Name}
		}
	}
	if data.Given == nil {
		data.Done = done(s, d, v.Link.Role, now)
	}
	if data.Done != nil && v.session && v.Link.Role != licence.Billing {
		data.Done.People, data.Done.ByWhom = people, by
	}
	return nil
}

// bare is how many gave up a plan for another, and hold neither: as reads of the users tell it, where we took it;
// else by the latest list, which does not name who has left.
func bare(v Request, t target, fp string) (n int) {
	if m := v.state.Known.Inst(t.cust).Moved.Value; m.Of == fp && m.Choice == t.chosen.ID {
		return m.Without
	}
	for _, p := range t.picked {
		if p.State == "taken" {
			n++
		}
	}
	return n
}

// Exchanging tells whether plans are being exchanged at an installation, or an exchange that was not finished lately
// has left somebody without one.
func (a *Page) Exchanging(ctx context.Context, read licence.Loaded, custID string) (bool, error) {
	v := a.RequestOf("", read)
	if v.state.Known.Inst(custID).Moved.Value.Without > 0 {
		return true, nil
	}
	for _, e := range v.state.History.Pending {
		if past := v.state.History.Findings[e.Code]; e.Kind == licence.Move && e.CustID == licence.Lower(custID) && past != nil && past.Code == licence.PlanSwap {
			return true, nil
		}
	}
	rows, err := a.choices(ctx, v)
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		var chosen casework.Chosen
		if err := json.Unmarshal(row.Body, &chosen); err != nil {
			return false, err
		}
		t, ok := wanted(v, row.ID, chosen)
		if !ok || t.to == "" || !strings.EqualFold(t.cust, custID) || a.Now().Sub(chosen.At) > licence.Decay {
			continue
		}
		if err := a.picked(ctx, v.state, &t); err != nil {
			return false, err
		}
		if bare(v, t, row.ID) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// given is how far a swap is whose old plan is gone: first that in which more people are without a plan.
func (a *Page) given(v Request, t target, fp string, other *Given) *Given {
	g := &Given{Fingerprint: fp, From: t.name, To: t.toName, Midway: t.stands, Waits: v.state.Known.Inst(t.cust).Report.Value.Offered, Left: bare(v, t, fp)}
	g.Done, g.Of = far(t.picked)
	if g.Waits && g.Left == 0 || other != nil && other.Left >= g.Left {
		return other
	}
	if offer, ok := a.offer(v, t.cust); ok {
		g.Here = offer.Offer.Here
	}
	return g
}

// choices reads those that the account knows of, in the order of their findings; it keeps a bounded number.
func (a *Page) choices(ctx context.Context, v Request) (rows []licence.Row, err error) {
	var keys []licence.RowKey
	for _, fp := range slices.Backward(slices.Sorted(maps.Keys(v.state.Known.Profile.Choices))) {
		keys = append(keys, licence.RowKey{Kind: "choice", ID: fp})
	}
	if len(keys) == 0 {
		return nil, nil
	}
	l, err := a.Store.Load(ctx, v.state.Account, store.Want{Rows: keys, Have: store.Unread})
	for _, k := range keys {
		if row, ok := l.Rows[k]; ok {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// done tells of a new licence that became active lately, where nothing is left for the
// reader to do; nil: there is none.
func done(s licence.State, d diagnosis.Diagnosis, reader licence.Role, now time.Time) *Done {
	for _, f := range d.Findings {
		if f.State == licence.Open && (f.Owner == reader || f.Explains) {
			return nil
		}
	}
	for _, site := range diagnosis.Installations(s, now, now) {
		in := s.Known.Inst(site.CustID)
		l := in.Report.Value
		if !site.Production() || l.Offered || site.Phase != diagnosis.PhaseOK {
			continue
		}
		since, changed := diagnosis.Renewed(s, site.CustID, now)
		if since.IsZero() || now.Sub(since) > lately {
			continue
		}
		out := &Done{Until: l.Expires, Next: l.NextCheck, Stated: l.StatedBy}
		for _, c := range changed {
			out.Changed = append(out.Changed, Moved{Name: planNames(s, site.CustID, c.Plan), Before: c.Before, After: c.After})
		}
		if t := in.Tried; t.Told() && t.Value.OK && !t.At.Before(since.Add(-time.Hour)) {
			out.By, out.At = t.Value.By, t.At
		}
		return out
	}
	return nil
}
