package page

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// cureKinds are the pages below the first one.
var cureKinds = []string{"seats", "steps", "list", "activate", "screen"}

// curePage shows one of them; what does not stand any more leads back to the first page.
func (a *Page) curePage(w http.ResponseWriter, r *http.Request, v Request, kind, id string, more func(*Data)) {
	data, ok, err := a.cureData(r.Context(), v, kind, id, r.URL.Query())
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	if !ok {
		http.Redirect(w, r, "/r/"+v.token, http.StatusSeeOther)
		return
	}
	status := http.StatusOK
	if more != nil {
		more(&data)
	}
	if len(data.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	a.write(w, r, status, words.Of(v.Link.Lang), data)
}

func (a *Page) cureData(ctx context.Context, v Request, kind, id string, q url.Values) (Data, bool, error) {
	s := v.state
	o := effects.Names(s, diagnosis.Diagnosis{})
	data := Data{Kind: kind, Base: "/r/" + v.token, Operator: words.Operator(a.Operator.Signature()), Account: o.Account, Zone: o.Zone, Now: a.Now(), Session: &Session{}}
	data.Stands, data.View.AsOf = a.stood(v), words.Of(v.Link.Lang).AsOf(v.diagnosis(), o)
	if kind == "screen" {
		screen := a.screenOf(v, id)
		data.Cure = &Cure{CustID: id, Screen: screen, Asks: &Asks{Step: "offer"}}
		return data, screen != nil, nil
	}
	if kind == "activate" {
		c, ok := a.offer(v, id)
		data.Cure = c
		return data, ok, nil
	}
	t, ok, err := a.targetOf(ctx, v, id)
	if err != nil || !ok || kind != "seats" && len(t.chosen.Picks) == 0 || kind == "seats" && !t.stands {
		return data, false, err
	}
	if kind == "steps" && !t.stands && v.diagnosis().Disputed(t.cust) {
		return data, false, nil // what was begun for an offer that may be wrong rests
	}
	c := a.cureOf(v, t)
	data.Cure = c
	switch kind {
	case "steps":
		c.Direct = a.direct(v, t)
		if !c.Reads {
			c.Screen = a.screenOf(v, t.cust)
		}
	case "seats":
		if err = a.people(ctx, v, t, c, q); err == nil {
			a.suppose(v, t, c, &o)
		}
	case "list":
		listed(v, c, q)
	}
	return data, true, err
}

// onList is how many lines a page of the list of who had what has.
const onList = 100

// listed cuts one page out of the list of who had what.
func listed(v Request, c *Cure, q url.Values) {
	from, err := strconv.Atoi(q.Get("from"))
	if all := c.Chosen.Picks; err == nil && 0 < from && from < len(all) || len(all) > onList {
		from = max(0, from)
		c.Progress[0], c.Progress[1] = far(all)
		c.Chosen.Picks = all[min(from, len(all)):min(from+onList, len(all))]
		if from+onList < len(all) {
			c.Next = "/r/" + v.token + "/list/" + c.Fingerprint + "?from=" + strconv.Itoa(from+onList)
		}
	}
}

// cureOf is what all pages of a finding share.
func (a *Page) cureOf(v Request, t target) *Cure {
	s := v.state
	in := s.Known.Inst(t.cust)
	c := &Cure{
		Fingerprint: t.finding.Fingerprint, CustID: t.cust, Plan: t.name, To: t.toName, Way: t.chosen.Way,
		Need: t.finding.Need, Suite: len(t.plans) == 0, Reads: granted(s, t.cust, "read-licence"),
		SCIM: in.FromDirectory(),
	}
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, t.cust) {
			c.Address = i.URL
		}
	}
	c.There = !granted(s, t.cust, "activate") && t.finding.Explains && !v.diagnosis().Disputed(t.cust)
	if !t.stands {
		c.Fingerprint, c.Need = t.chosen.Fingerprint, len(t.picked)
	}
	if len(t.picked) > 0 {
		c.Chosen = &Chosen{By: t.chosen.By, At: t.chosen.At, Mine: t.chosen.By == v.Link.Name, Picks: t.picked}
		for _, p := range t.picked {
			if t.stands && (p.State == "done" || p.State == "taken") {
				c.Need++ // it was needed, and is done
			}
		}
	}
	for _, seat := range t.seats {
		c.Unseen = c.Unseen || unseen(seat)
	}
	for _, p := range t.plans {
		c.Seats += in.Roster.Held[p]
	}
	return c
}

// granted tells whether an installation lets us do something, by the latest that was found.
func granted(s licence.State, cust, what string) bool {
	in := s.Known.Inst(cust)
	if in.Can.Value != nil {
		return slices.Contains(*in.Can.Value, what)
	}
	return what == "read-licence" && !in.Read.At.IsZero()
}
