package functions

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// The pages below the first one show names and choices: each needs the session. None of them
// reads or writes anything outside; what is chosen is a fact, and nothing of it is done yet.

// A target is what a finding wants freed, or exchanged: the plans that go, in one installation.
type target struct {
	finding licence.Finding
	stands  bool // the finding stands, or is to come; else only its choice is left
	cust    string
	plans   []string // empty: one plan for everybody who can log in
	to      string   // of a swap
	name    string
	toName  string
	chosen  licence.Chosen // what was chosen for it, if anything
	picked  []words.Picked
}

// targetOf finds what a fingerprint wants freed; false: nothing of this account.
func (a *App) targetOf(ctx context.Context, v visit, fp string) (target, bool, error) {
	var chosen licence.Chosen
	row, ok, err := a.Store.Row(ctx, v.state.Account, "choice", fp)
	if err == nil && ok {
		err = json.Unmarshal(row.Body, &chosen)
	}
	if err != nil {
		return target{}, false, err
	}
	return a.target(ctx, v.state, fp, chosen)
}

// target is what a fingerprint wants freed, with what was chosen for it.
func (a *App) target(ctx context.Context, s licence.State, fp string, chosen licence.Chosen) (target, bool, error) {
	t := target{chosen: chosen}
	d := licence.Diagnose(s, a.Now(), a.Now())
	for _, f := range append(d.Findings, d.Upcoming...) {
		if f.Fingerprint == fp && (f.Code == "surplus" || f.Code == "plan-swap") && !t.stands {
			t.finding, t.stands, t.cust = f, true, f.Subject.CustID
			t.plans, t.to = plansOf(s, f.Subject)
		}
	}
	if !t.stands {
		if len(chosen.Picks) == 0 || chosen.Way == "" {
			return t, false, nil
		}
		t.cust, t.plans, t.to = chosen.CustID, []string{chosen.Picks[0].Plan}, chosen.Picks[0].To
	}
	t.name, t.toName = planNames(s, t.cust, t.plans...), ""
	if t.to != "" {
		t.toName = planNames(s, t.cust, t.to)
	}
	var err error
	t.picked, err = a.picked(ctx, s, t)
	return t, true, err
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

// picked tells how far each of the chosen is, by the latest list of people.
func (a *App) picked(ctx context.Context, s licence.State, t target) ([]words.Picked, error) {
	in := s.Known.Inst(t.cust)
	seats := map[string]licence.Seat{}
	for chunk := range slices.Chunk(t.chosen.Picks, 90) {
		var keys []licence.Key
		for _, p := range chunk {
			keys = append(keys, licence.Key{CustID: in.CustID, Roster: in.Roster.ID, User: p.User})
		}
		l, err := a.Store.Load(ctx, s.Account, "", keys...)
		if err != nil {
			return nil, err
		}
		for _, seat := range l.Seats {
			seats[seat.User.Value.ID] = seat
		}
	}
	var out []words.Picked
	for _, p := range t.chosen.Picks {
		seat, there := seats[p.User]
		one := words.Picked{User: p.User, Name: p.Name, State: stateOfPick(p, seat, there, len(t.plans) == 0)}
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
		out = append(out, one)
	}
	return out, nil
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

// cureKinds are the pages below the first one.
var cureKinds = []string{"seats", "steps", "list", "activate"}

// curePage shows one of them; what does not stand any more leads back to the first page.
func (a *App) curePage(w http.ResponseWriter, r *http.Request, v visit, kind, id string, more func(*words.PageData)) {
	data, ok, err := a.cureData(r.Context(), v, kind, id, r.URL.Query())
	if err != nil {
		a.fail(w, r, err)
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
	a.write(w, r, status, v.link.Lang, data)
}

func (a *App) cureData(ctx context.Context, v visit, kind, id string, q url.Values) (words.PageData, bool, error) {
	s := v.state
	o, err := effects.Options(ctx, a.Store, s, licence.Diagnosis{})
	if err != nil {
		return words.PageData{}, false, err
	}
	data := words.PageData{Kind: kind, Base: "/r/" + v.token, Operator: a.Operator.Words(), Account: o.Account, Zone: o.Zone, Now: a.Now(), Session: &words.Session{}}
	if kind == "activate" {
		c, ok := a.offer(v, id)
		data.Cure = c
		return data, ok, nil
	}
	t, ok, err := a.targetOf(ctx, v, id)
	if err != nil || !ok || kind != "seats" && len(t.chosen.Picks) == 0 || kind == "seats" && !t.stands {
		return data, false, err
	}
	c := a.cureOf(v, t)
	data.Cure = c
	switch kind {
	case "seats":
		a.suppose(v, t, c, &o)
		err = a.people(ctx, v, t, c, q)
	case "list":
		listed(v, c, q)
	}
	return data, true, err
}

// onList is how many lines a page of the list of who had what has.
const onList = 100

// listed cuts one page out of the list of who had what.
func listed(v visit, c *words.Cure, q url.Values) {
	from, err := strconv.Atoi(q.Get("from"))
	if all := c.Chosen.Picks; err == nil && 0 < from && from < len(all) || len(all) > onList {
		from = max(0, from)
		done := 0
		for _, p := range all {
			if p.State == "done" || p.State == "skipped" {
				done++
			}
		}
		c.Progress = [2]int{done, len(all)}
		c.Chosen.Picks = all[min(from, len(all)):min(from+onList, len(all))]
		if from+onList < len(all) {
			c.Next = "/r/" + v.token + "/list/" + c.Fingerprint + "?from=" + strconv.Itoa(from+onList)
		}
	}
}

// cureOf is what all pages of a finding share.
func (a *App) cureOf(v visit, t target) *words.Cure {
	s := v.state
	in := s.Known.Inst(t.cust)
	c := &words.Cure{
		Fingerprint: t.finding.Fingerprint, CustID: t.cust, Plan: t.name, To: t.toName, Way: t.chosen.Way,
		Need: t.finding.Need, Suite: len(t.plans) == 0, Reads: granted(s, t.cust, "read-licence"),
		SCIM: in.FromDirectory(),
	}
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, t.cust) {
			c.Address = i.URL
		}
	}
	c.There = !granted(s, t.cust, "activate") && t.finding.Explains && !a.disputed(s, t.cust)
	if !t.stands {
		c.Fingerprint, c.Need = t.chosen.Fingerprint, len(t.picked)
	}
	if len(t.picked) > 0 {
		c.Chosen = &words.Chosen{By: t.chosen.By, At: t.chosen.At, Mine: t.chosen.By == v.link.Name, Picks: t.picked}
		for _, p := range t.picked {
			if t.stands && (p.State == "done" || p.State == "taken") {
				c.Need++ // it was needed, and is done
			}
		}
	}
	if !c.Reads {
		c.Screen = screenOf(s, t.cust)
	}
	for _, p := range t.plans {
		c.Seats += in.Roster.Held[p]
	}
	return c
}

// disputed tells whether order and offer of an installation disagree: then nobody is led to
// activate.
func (a *App) disputed(s licence.State, cust string) bool {
	for _, f := range licence.Diagnose(s, a.Now(), a.Now()).Findings {
		if f.Code == "order-differs" && f.State != "answered" && (f.Subject.CustID == "" || strings.EqualFold(f.Subject.CustID, cust)) {
			return true
		}
	}
	return false
}

// suppose shows each plan, and what would remain, as if all that is chosen were done.
func (a *App) suppose(v visit, t target, c *words.Cure, o *words.Options) {
	var todo []licence.Pick
	for i, p := range t.chosen.Picks {
		if state := t.picked[i].State; state == "todo" || state == "back" || state == "unknown" {
			todo = append(todo, p)
		}
	}
	s, now := licence.Suppose(v.state, t.cust, todo), a.Now()
	d := licence.Diagnose(s, now, now)
	c.Fits = len(todo) > 0
	o.Reader = v.link.Role
	view := words.Of(v.link.Lang).View(d, *o)
	for _, f := range append(view.Findings, view.Upcoming...) {
		switch {
		case f.Fingerprint == c.Fingerprint:
			c.Fits = c.Fits && f.Need == 0
		case f.State == "open" || f.State == "waiting":
			c.Remains = append(c.Remains, f.Title)
		}
	}
	for _, site := range licence.Sites(s, now, now) {
		if !strings.EqualFold(site.CustID, t.cust) {
			continue
		}
		for _, p := range site.Plans {
			b := bar(site.CustID, p)
			touched := slices.Contains(t.plans, p.Plan) || p.Plan == t.to || c.Suite ||
				slices.ContainsFunc(t.chosen.Picks, func(x licence.Pick) bool { return x.To == p.Plan })
			if touched {
				c.After = append(c.After, b)
			}
			if free := freeOf(b); free > 0 && t.to == "" && !c.Suite && !slices.Contains(t.plans, p.Plan) {
				c.Moves = append(c.Moves, words.Move{Plan: p.Plan, Name: p.Name, Free: free})
			}
		}
	}
}

// freeOf is how many seats of a plan are free in the licence in force, and stay so in the next.
func freeOf(b words.Bar) int {
	if b.Total == nil || b.Assigned == nil {
		return 0
	}
	free := *b.Total - *b.Assigned
	if b.Offered != nil {
		free = min(free, *b.Offered-*b.Assigned)
	}
	return free
}

// granted tells whether an installation lets us do something, by the latest that was found.
func granted(s licence.State, cust, what string) bool {
	in := s.Known.Inst(cust)
	if in.Can.Value != nil {
		return slices.Contains(*in.Can.Value, what)
	}
	return what == "read-licence" && !in.Read.At.IsZero()
}

// screenOf asks for what the Licences screen of an installation says.
func screenOf(s licence.State, cust string) *words.Screen {
	return &words.Screen{CustID: cust, Plans: s.Known.Profile.Account.Value.Plans}
}

// offer is the new licence of an installation beside the present one.
func (a *App) offer(v visit, cust string) (*words.Cure, bool) {
	s, now := v.state, a.Now()
	for _, site := range licence.Sites(s, now, now) {
		in := s.Known.Inst(site.CustID)
		l := in.Report.Value
		if !strings.EqualFold(site.CustID, cust) || site.Kind != "production" || !l.Offered {
			continue
		}
		o := &words.Offer{ID: l.Offer(), Until: l.Expires, New: l.NewExpires, CodeTo: v.link.Email}
		o.Here = licence.MayActivate(s, site.CustID, o.ID, now)
		o.Code = o.Here && codeWaits(s, v.link.Contact, now)
		c := &words.Cure{CustID: site.CustID, Offer: o, Reads: granted(s, site.CustID, "read-licence")}
		for _, i := range s.Known.Profile.Account.Value.Installations {
			if strings.EqualFold(i.CustID, site.CustID) {
				c.Address = i.URL
			}
		}
		if !c.Reads {
			c.Screen = screenOf(s, site.CustID)
		}
		for _, p := range l.Plans {
			if p.Kind == "hidden" || p.Unrestricted {
				continue
			}
			line := words.OfferLine{Name: planNames(s, site.CustID, p.Plan), Now: &p.Total, New: new(int), InUse: &p.InUse}
			if p.NewTotal != nil {
				line.New = p.NewTotal
			}
			o.Lines = append(o.Lines, line)
		}
		stands := false
		for _, f := range licence.Diagnose(s, now, now).Findings {
			if f.Code == "not-activated" && strings.EqualFold(f.Subject.CustID, cust) {
				stands = len(f.BlockedBy) == 0
				c.Fingerprint = f.Fingerprint
			}
		}
		return c, stands // while somebody doubts the numbers, nobody is led to activate
	}
	return nil, false
}
