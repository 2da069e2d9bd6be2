package functions

import (
	"context"
	"net/http"
	"strings"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// show writes the page for a visit.
func (a *App) show(w http.ResponseWriter, r *http.Request, v visit, checked *words.Checked) {
	data, err := a.pageData(r.Context(), v)
	if err != nil {
		a.failedLink(w, r, v, err)
		return
	}
	data.Checked = checked
	if !v.session && r.URL.Query().Get("session") == "over" {
		data.Notice = "notice.session"
	}
	a.write(w, r, http.StatusOK, v.link.Lang, data)
}

func (a *App) pageData(ctx context.Context, v visit) (words.PageData, error) {
	s, now := v.state, a.Now()
	d := licence.Diagnose(s, now, now)
	o, err := effects.Options(ctx, a.Store, s, d)
	if err != nil {
		return words.PageData{}, err
	}
	o.Reader = v.link.Role
	if !v.session {
		o.Billing = "" // names wait for the session
	}
	data := words.PageData{
		Base: "/r/" + v.token, Operator: a.Operator.Words(), Account: o.Account, Zone: o.Zone, Now: now,
		View: words.Of(v.link.Lang).View(d, o),
	}
	for _, site := range licence.Sites(s, now, now) {
		if !site.Production() {
			continue
		}
		if site.ReadAt.At.After(data.ReadAt) {
			data.ReadAt = site.ReadAt.At
		}
		in := s.Known.Inst(site.CustID)
		if by := in.Report.Value.StatedBy; by != "" {
			data.StatedBy = by
		}
		data.Reads = data.Reads || granted(s, site.CustID, "read-licence")
		for _, p := range site.Plans {
			data.Bars = append(data.Bars, bar(site.CustID, p))
		}
	}
	if v.session {
		if data.Session, err = a.session(ctx, v, d, data.Reads); err != nil {
			return data, err
		}
	}
	return data, a.progress(ctx, v, d, &data)
}

func bar(cust string, p licence.PlanNumbers) words.Bar {
	b := words.Bar{Subject: licence.Subject{Kind: "plan", ID: p.Plan, CustID: cust}, Name: p.Name}
	for to, e := range map[**int]*licence.Evidence{&b.Assigned: p.Assigned, &b.Offered: p.Offered, &b.Ordered: p.Ordered, &b.Total: p.Total} {
		if n, ok := number(e); ok {
			*to = &n
		}
	}
	return b
}

// shown is how many holders the first page shows of one plan.
const shown = 25

// session gathers names, choices and actions: only for who asked for them.
func (a *App) session(ctx context.Context, v visit, d licence.Diagnosis, connected bool) (*words.Session, error) {
	s, now := v.state, a.Now()
	out := &words.Session{}
	for _, f := range d.Findings {
		if (f.Code != "surplus" && f.Code != "plan-swap") || v.link.Role == licence.Billing {
			continue
		}
		plan := f.Subject.ID
		if f.Code == "plan-swap" {
			plan, _, _ = strings.Cut(plan, ">")
		}
		in := s.Known.Inst(f.Subject.CustID)
		seats, next, err := a.Store.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, store.Page{Limit: 200})
		if err != nil {
			return nil, err
		}
		list := words.Seats{Fingerprint: f.Fingerprint}
		admins, err := effects.Admins(ctx, a.Store, s, f.Subject.CustID, seats)
		if err != nil {
			return nil, err
		}
		for _, seat := range seats {
			if len(list.Holders) == shown {
				list.More = max(f.Need, len(seats)-shown)
				break
			}
			blockers := effects.Blocked(s, seat, plan, admins, now)
			if reader(blockers) {
				continue // nobody is asked to free a seat of their own
			}
			list.Holders = append(list.Holders, words.Holder{User: seat.User.Value, Blockers: blockers})
		}
		if next.Cursor != "" && list.More == 0 {
			list.More = 1
		}
		if len(list.Holders) > 0 {
			out.Seats = append(out.Seats, list)
		}
	}
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		if c.ID != v.link.Contact && c.Left == "" && c.Role == v.link.Role {
			out.Colleagues = append(out.Colleagues, c)
		}
	}
	if !connected && v.link.Role != licence.Billing {
		for _, site := range licence.Sites(s, now, now) {
			if site.Production() {
				out.Screen = screenOf(s, site.CustID)
				break
			}
		}
	}
	return out, nil
}

func reader(bs []licence.Blocker) bool {
	for _, b := range bs {
		if b.Code == "reader" {
			return true
		}
	}
	return false
}
