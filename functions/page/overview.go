package page

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/seats"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// notices are the lines that say why the reader is here again, by the end of the address.
var notices = map[string]string{
	"session=over": "notice.session", "colleague=" + linkSent: "notice.colleague-sent", "colleague=" + linkHeld: "notice.colleague-held",
	"steps=" + linkSent: "notice.steps-sent", "steps=" + linkHeld: "notice.steps-held", "steps=" + linkLater: "notice.steps-later", "steps=" + linkMany: "notice.steps-many", "steps=" + linkNone: "notice.steps-none",
	"colleague=" + linkLater: "notice.colleague-later", "colleague=" + linkMany: "notice.colleague-many", "colleague=" + linkNone: "notice.colleague-none",
}

// show writes the page for a visit.
func (a *Page) show(w http.ResponseWriter, r *http.Request, v Request) {
	a.showWith(w, r, v, http.StatusOK, func(p *Data) {
		a.told(r, v, p)
		notice := notices[r.URL.RawQuery]
		switch {
		case notice == "":
		case v.session == (notice == "notice.session"): // it is open, or was never asked for
		case (notice == "notice.colleague-sent" || notice == "notice.steps-sent") && casework.LinksAsked(v.state, "", a.Now()) == 0: // the address alone says so
		default:
			p.Notice = notice
		}
	})
}

func (a *Page) showWith(w http.ResponseWriter, r *http.Request, v Request, status int, more func(*Data)) {
	data, err := a.PageData(r.Context(), v)
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	more(&data)
	if len(data.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	a.write(w, r, status, words.Of(v.Link.Lang), data)
}

func (a *Page) PageData(ctx context.Context, v Request) (Data, error) {
	s, d, now := v.state, v.diagnosis(), a.Now()
	o := effects.Names(s, d)
	o.Reader = v.Link.Role
	if !v.session {
		o.Billing = "" // names wait for the session
	}
	data := Data{
		Base: "/r/" + v.token, Operator: words.Operator(a.Operator.Signature()), Account: o.Account, Zone: o.Zone, Now: now,
		View: words.Of(v.Link.Lang).View(d, o),
	}
	data.Reads, data.Stands = a.readsAny(s), a.stood(v)
	data.Ask, data.Over = a.asks(v)
	data.Hands = len(a.colleagues(v)) > 0
	for _, site := range diagnosis.Installations(s, now, now) {
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
		for _, p := range site.Plans {
			data.Bars = append(data.Bars, BarOf(site.CustID, p))
		}
	}
	if v.session {
		var err error
		if data.Session, err = a.session(ctx, v, d); err != nil {
			return data, err
		}
	}
	return data, a.progress(ctx, v, d, &data)
}

// BarOf is a plan of an installation drawn to scale: who holds it against what is offered, ordered and there now. A
// number that is not known is left out.
func BarOf(cust string, p diagnosis.PlanNumbers) Bar {
	b := Bar{Subject: licence.Subject{Kind: "plan", ID: p.Plan, CustID: cust}, Name: p.Name, Sooner: p.Sooner}
	for to, e := range map[**int]*diagnosis.Evidence{&b.Assigned: p.Assigned, &b.Offered: p.Offered, &b.Ordered: p.Ordered, &b.Total: p.Total} {
		if n, ok := number(e); ok {
			*to = &n
		}
	}
	return b
}

// shown is how many holders the first page shows of one plan.
const shown = 25

// session gathers names, choices and actions: only for who asked for them.
func (a *Page) session(ctx context.Context, v Request, d diagnosis.Diagnosis) (*Session, error) {
	s, now := v.state, a.Now()
	out := &Session{}
	for _, f := range d.Findings {
		if (f.Code != licence.Surplus && f.Code != licence.PlanSwap) || v.Link.Role == licence.Billing {
			continue
		}
		plan := f.Subject.ID
		if f.Code == licence.PlanSwap {
			plan, _, _ = strings.Cut(plan, ">")
		}
		in := s.Known.Inst(f.Subject.CustID)
		sea, _, err := a.Store.Candidates(ctx, s.Account, in.CustID, in.Roster.ID, plan, store.Page{Limit: shown + 15})
		if err != nil {
			return nil, err
		}
		list := Seats{Fingerprint: f.Fingerprint}
		admins, err := effects.Admins(ctx, a.Store, s, f.Subject.CustID, sea)
		if err != nil {
			return nil, err
		}
		self := 0
		for _, seat := range sea {
			if len(list.Holders) == shown {
				break
			}
			blockers := seats.Blocked(s, seat, plan, admins, now)
			if seats.Has(blockers, "reader") {
				self++ // nobody is asked to free a seat of their own
				continue
			}
			list.Holders = append(list.Holders, Holder{User: seat.User.Value, Blockers: blockers})
		}
		list.More = max(len(sea), in.Roster.Held[plan]) - len(list.Holders) - self
		if len(list.Holders) > 0 {
			out.Seats = append(out.Seats, list)
		}
	}
	out.Colleagues = a.colleagues(v)
	if asks, _ := a.asks(v); asks == nil {
		out.Screen = a.firstScreen(v)
	}
	return out, nil
}

// firstScreen is the form of the first page that stands in for a reading; nil: it has none.
func (a *Page) firstScreen(v Request) *Screen {
	if v.Link.Role == licence.Billing || a.readsAny(v.state) {
		return nil
	}
	for _, site := range diagnosis.Installations(v.state, a.Now(), a.Now()) {
		if site.Production() {
			return a.screenOf(v, site.CustID)
		}
	}
	return nil
}

// colleagues are those who could do it instead of the reader: of the same role, and still there.
func (a *Page) colleagues(v Request) (list []licence.Contact) {
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID != v.Link.Contact && c.Role == v.Link.Role && !LeftBy(v.state, c, a.Now()) {
			list = append(list, c)
		}
	}
	return list
}

// readsAny tells whether we can read the licence of one of the production installations.
func (a *Page) readsAny(s licence.State) bool {
	return slices.ContainsFunc(s.Production(a.Now()), func(i licence.Installation) bool { return granted(s, i.CustID, "read-licence") })
}
