package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// check has the installations read now, and tells what has changed.
func (a *Page) check(w http.ResponseWriter, r *http.Request, v Request) {
	ctx := r.Context()
	if ok, err := a.mayCheck(ctx, v); err != nil {
		a.FailedLink(w, r, v, err)
		return
	} else if !ok {
		a.showWith(w, r, v, http.StatusTooManyRequests, func(p *Data) { p.Notice = "notice.checks" })
		return
	}
	before := diagnosis.Installations(v.state, a.Now(), a.Now())
	asked := a.Now()
	for _, site := range before {
		if !site.Production() {
			continue
		}
		f := app.FactOf("page", v.Link.ID+"/check/"+site.CustID+"/"+asked.UTC().Format(time.RFC3339Nano), v.state.Account, licence.CheckAsked{CustID: site.CustID, By: v.Link.Name}, a.App)
		if _, err := a.Engine.Apply(ctx, f); err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
	}
	if err := a.Engine.Deliver(ctx, v.state.Account); err != nil {
		a.Log.Error("check", "account", v.state.Account, "error", err.Error())
	}
	after, err := a.open(r)
	if err != nil {
		a.FailedLink(w, r, after, err)
		return
	}
	checked := compared(before, after.state, asked, a.Now())
	if kind, id, _ := strings.Cut(r.PostFormValue("from"), "/"); kind == "steps" && after.session {
		was, _, err := a.targetOf(ctx, v, id)
		if err != nil {
			a.FailedLink(w, r, after, err)
			return
		}
		if t, ok, err := a.targetOf(ctx, after, id); err == nil && ok && t.stands {
			a.checkedPage(w, r, after, "/steps/"+url.PathEscape(id), checked)
			return
		}
		if offer, ok := a.offer(after, was.cust); ok && offer.Offer.Here {
			a.checkedPage(w, r, after, "/activate/"+url.PathEscape(was.cust), checked) // what is next, without a page between
			return
		}
	}
	a.checkedPage(w, r, after, "", checked)
}

// compared tells what a new reading has changed, plan by plan.
func compared(before []diagnosis.InstallationPhase, s licence.State, asked, now time.Time) *Checked {
	out := &Checked{Failed: true}
	was := map[string]int{}
	for _, site := range before {
		for _, p := range site.Plans {
			if n, ok := number(p.Assigned); ok {
				was[site.CustID+"/"+p.Plan] = n
			}
		}
	}
	for _, site := range diagnosis.Installations(s, now, now) {
		if !site.Production() || site.ReadAt.At.Before(asked) {
			continue
		}
		out.Failed = false
		l := s.Known.Inst(site.CustID).Report.Value
		for _, p := range site.Plans {
			n, ok := number(p.Assigned)
			old, had := was[site.CustID+"/"+p.Plan]
			_, limited := number(p.Offered)
			if !ok || !had || !limited && old == n {
				continue
			}
			m := Moved{Name: p.Name, Before: old, After: n}
			if limited {
				m.Over = BarOf(site.CustID, p).Over()
			}
			if m.Over > 0 || old != n {
				out.Plans = append(out.Plans, m)
			}
		}
		if !l.Offered && justActivated(before, site, l) {
			out.Active = l.Expires
		}
	}
	return out
}

// justActivated tells whether an offer that stood before is now the licence in force.
func justActivated(before []diagnosis.InstallationPhase, site diagnosis.InstallationPhase, l licence.LicenceReported) bool {
	for _, b := range before {
		if b.CustID != site.CustID {
			continue
		}
		for _, p := range b.Plans {
			if p.Offered != nil {
				return true
			}
		}
	}
	return false
}

func number(e *diagnosis.Evidence) (int, bool) {
	if e == nil {
		return 0, false
	}
	n, ok := e.Value.(int)
	return n, ok
}
