package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// A caseData is one case whole.
type caseData struct {
	typed               typedForm // a form that came back
	Account, Name, Base string
	Zone                string
	View                words.View
	Findings            []deskFinding
	Places              []deskPlace
	Contacts            []licence.Contact
	Mail                string // what becomes of this customer's mails
	MailSaid            string // who said so
	Policies            []deskChoice
	Arrangement         *licence.ArrangementChanged
	Notices             []deskNotice
	Drafts              []deskDraft
	Tasks               []deskTask
	Without             []string // where people are left without a plan: what is to be done
	Line                []deskLine
	Older, Newest       string
	Links               []deskLink
	Roles               []licence.Role
	Rejections          []store.Rejected
	Readable            bool // an installation can be read now
	Drift               licence.Drift
	Assigned            string // who of the operator's people has it
	AssignedBy          string
	AssignedAt          time.Time
	Staff               []string
	Notes               []effects.Note
	LineKinds           []deskCount
	LineKind            string // of which alone it is
}

// A deskFinding is a finding, and what may be said of it.
type deskFinding struct {
	words.Finding
	Base      string
	Answers   []string
	Pay       bool
	MayAnswer bool
	Chosen    *licence.Reg[licence.Choice] // somebody at the customer is on it
	Ours      string                       // what the operator's people do about it
	Numbers   []deskNumber                 // that they need for it
	Caller    string                       // what to say to who calls
	Payer     string                       // and where whoever pays reads otherwise, to them
	Lang      string                       // of that
}

// A deskPlace is an installation with its plans, and the form for what its screen shows.
type deskPlace struct {
	licence.Installation
	Is         string // what it is now, by the licence's own word
	Phase      licence.LapsePhase
	Production bool
	ReadAt     time.Time
	StatedBy   string
	State      string
	Plans      []deskBar
	Screen     []screenLine
	Report     licence.LicenceReported
	Offered    string // yes, no; "": nothing is known
	May        string // what it lets us do
	Base       string
}

// A screenLine is a plan on the form.
type screenLine struct {
	Plan, Name, Total, New, Used string
}

type deskChoice struct {
	Value, Text string
	On          bool
}

type deskNotice struct {
	Code          licence.Code
	Case, To, Why string
	Until         time.Time
}

type deskTask struct {
	Case, Subject  string
	Code           licence.Code
	Owner          licence.Role
	State          licence.FindingState
	Opened, Closed time.Time
}

type deskLink struct {
	effects.LinkRow
	Over bool
}

// deskCase shows one customer whole.
func deskCase(v *deskVisit) error {
	if v.r.PathValue("account") == store.Operations {
		// Mails of tasks that are about no customer lead here.
		http.Redirect(v.w, v.r, "/support/fleet", http.StatusSeeOther)
		return nil
	}
	s, err := v.load()
	if err != nil {
		return err
	}
	return v.showCase(s, http.StatusOK)
}

func (v *deskVisit) showCase(s licence.State, status int) error {
	ctx, now := v.r.Context(), v.Now()
	d := diagnosis.Diagnose(s, now, now)
	o, err := effects.Options(ctx, v.Store, s, d)
	if err != nil {
		return err
	}
	a := s.Known.Profile.Account.Value
	c := caseData{
		Account: s.Account, Name: a.Name, Base: deskBase(s.Account), Zone: o.Zone.String(), View: words.Of(string(v.g)).View(d, o), Contacts: a.Contacts,
		typed: v.typed, Roles: roles(a), Drift: s.History.Drift, Staff: v.staffNames(),
	}
	has := s.Known.Profile.Assigned
	c.Assigned, c.AssignedBy, c.AssignedAt = has.Value.To, has.Value.By, has.At
	if c.Notes, err = v.notesOf(ctx, s.Account); err != nil {
		return err
	}
	callers, payers, lang := toCaller(s, d)
	for _, f := range c.View.Findings {
		x := deskFinding{Finding: f, Base: c.Base, Answers: sayable(f.Code), MayAnswer: v.may("answer"), Pay: v.may("paid") && (f.Code == licence.InvoiceOverdue || f.Code == licence.PaymentDisputed)}
		if chosen, ok := s.Known.Profile.Choices[f.Fingerprint]; ok {
			x.Chosen = &chosen
		}
		if at := slices.IndexFunc(d.Findings, func(y diagnosis.Finding) bool { return y.Fingerprint == f.Fingerprint }); at >= 0 {
			x.Ours, x.Numbers = v.g.ourWork(d.Findings[at]), deskPage{Lang: string(v.g), Zone: o.Zone}.numbersOf(s, d.Findings[at])
		}
		x.Caller, x.Payer, x.Lang = callers[f.Fingerprint], payers[f.Fingerprint], lang
		c.Findings = append(c.Findings, x)
	}
	// What explains the warning comes first, each part in the order in which to fix.
	slices.SortStableFunc(c.Findings, func(a, b deskFinding) int { return one(len(b.Explains) > 0) - one(len(a.Explains) > 0) })
	if a := s.Known.Profile.Arrangement; a.Told() && a.Value.Until != "" {
		c.Arrangement = &a.Value
	}
	c.places(v.g, s, now)
	c.policy(v.g, s)
	c.notices(s, now)
	c.tasks(s, now)
	mails, err := v.mailsOf(ctx, s.Account)
	if err != nil {
		return err
	}
	c.Drafts = held(s, mails, v.Now())
	if err := v.timeLine(ctx, &c, s, mails); err != nil {
		return err
	}
	if c.Links, err = v.linksOf(ctx, s.Account, now); err != nil {
		return err
	}
	if c.Rejections, err = v.asidesOf(ctx, s.Account); err != nil {
		return err
	}
	title := c.Name
	if title == "" {
		title = c.Account
	}
	return v.show(status, "case", title, o.Zone, c)
}

func roles(a licence.AccountChanged) []licence.Role {
	var out []licence.Role
	for _, r := range []licence.Role{licence.Admin, licence.Billing, licence.Partner} {
		if slices.ContainsFunc(a.Contacts, func(c licence.Contact) bool { return c.Role == r }) {
			out = append(out, r)
		}
	}
	return out
}

// sayable are the answers that make sense of a finding.
func sayable(code licence.Code) []string {
	out := []string{"handled", "snooze"}
	switch code {
	case licence.Surplus, licence.PlanSwap, licence.NotActivated, licence.OrderDiffers:
		out = append(out, "numbers-right", "numbers-wrong")
	case licence.WrongInstallation, licence.TrialEnding, licence.VersionNotCovered, licence.IdentityDiffers, licence.SuspendedThere:
		out = append(out, "on-purpose")
	}
	return append(out, "not-right")
}

// may is what an installation lets us do, as it was found out; "": nobody has tried.
func (g tongue) may(in *licence.KnownInstallation) string {
	if in.Can.Value == nil {
		return ""
	}
	var out []string
	for _, what := range *in.Can.Value {
		out = append(out, g.say("may."+what))
	}
	if len(out) == 0 {
		return g.say("may.nothing")
	}
	return joined(out)
}

func (c *caseData) places(g tongue, s licence.State, now time.Time) {
	sites := diagnosis.Installations(s, now, now)
	a := s.Known.Profile.Account.Value
	for _, i := range a.Installations {
		in := s.Known.Inst(i.CustID)
		if n := in.Moved.Value.Without; n > 0 {
			c.Without = append(c.Without, words.Of(string(g)).Voice(nil, now).Say(words.Args{"what": i.CustID, "n": n}, "task.without-plan.installation"))
		}
		p := deskPlace{Installation: i, Is: i.Kind, Phase: diagnosis.PhaseUnknown, Report: in.Report.Value, State: in.State.Value, May: g.may(in), Base: c.Base}
		for _, site := range sites {
			if site.CustID != i.CustID {
				continue
			}
			p.Production = site.Production()
			c.Readable = c.Readable || p.Production && site.Connected
			p.Is, p.Phase, p.ReadAt, p.StatedBy = site.Kind, site.Phase, site.ReadAt.At, in.Report.Value.StatedBy
			for _, n := range site.Plans {
				b := page.BarOf(i.CustID, n)
				b.Reduced = page.Reduced(c.View, b.Subject)
				p.Plans = append(p.Plans, g.drawn(b))
			}
		}
		p.Screen = screenLines(a, in.Report.Value)
		if in.Report.Told() {
			p.Offered = yesNo(p.Report.Offered)
		}
		for _, d := range []*licence.Date{&p.Report.Expires, &p.Report.GraceUntil, &p.Report.NextCheck, &p.Report.NewExpires} {
			if *d != "" {
				*d = d.Day(app.ZoneOf(s)) // as a field for a date takes it
			}
		}
		c.Places = append(c.Places, p)
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// policy is what becomes of the customer's mails, and what else could.
func (c *caseData) policy(g tongue, s licence.State) {
	c.Mail = s.MailPolicy()
	reg := s.Known.Profile.Mail
	own := ""
	if reg.Value != nil {
		own = *reg.Value
	}
	switch {
	case own == "":
		c.MailSaid = g.say("policy.default")
	case reg.Source == "support":
		c.MailSaid = g.say("policy.desk", s.Known.Profile.MailBy.Value)
	default:
		c.MailSaid = g.say("policy.account")
	}
	for _, p := range []string{"on", "review", "operator", "off", ""} {
		c.Policies = append(c.Policies, deskChoice{p, g.say("policy." + p), p == own})
	}
}

// notices tell why a mail that is owed has not gone.
func (c *caseData) notices(s licence.State, now time.Time) {
	for _, n := range casework.Notices(s, now) {
		why := n.Why
		if why == "" {
			why = "about-to-go"
		}
		x := deskNotice{Code: n.Code, Case: licence.Case(n.About.Fingerprint), To: n.Address, Why: why}
		if n.At.After(now) {
			x.Until = n.At
		}
		c.Notices = append(c.Notices, x)
	}
}

func (c *caseData) tasks(s licence.State, now time.Time) {
	for _, t := range casework.Tasks(s, now) {
		x := deskTask{Case: licence.Case(t.Fingerprint), Code: t.Past.Code, Subject: subjectText(t.Past.Subject), Owner: t.Past.Task.Owner, State: t.Past.State,
			Opened: t.Past.Task.OpenedAt, Closed: t.Past.Task.ClosedAt}
		if at := diagnosis.Places(s, t.Past.Subject, now); t.Past.Subject.CustID == "" && !t.Past.Apart && len(at) > 0 {
			x.Subject += ", " + strings.Join(at, ", ")
		}
		if t.Finding != nil {
			x.State = t.Finding.State
		}
		if !x.Closed.IsZero() {
			x.State = licence.Closed
		}
		c.Tasks = append(c.Tasks, x)
	}
}

func subjectText(s licence.Subject) string {
	if s.CustID == "" || s.CustID == s.ID {
		return s.ID
	}
	return s.ID + ", " + s.CustID
}

// linksOf are the links that lead to the customer's page, the latest few.
func (a *Desk) linksOf(ctx context.Context, account string, now time.Time) ([]deskLink, error) {
	rows, _, err := a.Store.Rows(ctx, account, "link", store.Page{Limit: 50})
	if err != nil {
		return nil, err
	}
	var out []deskLink
	for _, row := range rows {
		var l effects.LinkRow
		if err := json.Unmarshal(row.Body, &l); err != nil {
			return nil, err
		}
		if l.Revoked.IsZero() {
			out = append(out, deskLink{l, !now.Before(l.Expires)})
		}
	}
	slices.SortStableFunc(out, func(a, b deskLink) int { return b.Expires.Compare(a.Expires) })
	return out, nil
}

// asidesOf are the latest bodies that were set aside and seem to be about the account: they may be why
// it is not known what should be. The bodies themselves are not read.
func (a *Desk) asidesOf(ctx context.Context, account string) ([]store.Rejected, error) {
	rows, _, err := a.Store.Rows(ctx, account, "aside", store.Page{Limit: 100})
	if err != nil {
		return nil, err
	}
	var out []store.Rejected
	for _, row := range rows {
		var x store.Rejected
		if err := json.Unmarshal(row.Body, &x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(x, y store.Rejected) int { return y.At.Compare(x.At) })
	return out[:min(len(out), 20)], nil
}

// customersPage is the page behind the customer's link as one of its people sees it, for
// reading alone: nothing on it can be pressed.
func customersPage(v *deskVisit) error {
	s, err := v.load()
	if err != nil {
		return err
	}
	role := licence.Role(cmp.Or(v.r.URL.Query().Get("role"), string(licence.Admin)))
	if !role.Customer() {
		return app.ErrNotFound
	}
	as := (&page.Page{App: v.App}).RequestOf("", licence.Loaded{State: s})
	as.Link = effects.LinkRow{Account: s.Account, Role: role, Lang: words.OfAccount(s, "").Tag}
	data, err := (&page.Page{App: v.App}).PageData(v.r.Context(), as)
	if err != nil {
		return err
	}
	data.Base = deskBase(s.Account)
	var b strings.Builder
	if err := page.Render(words.Of(as.Link.Lang), &b, data); err != nil {
		return fmt.Errorf("the customer's page: %w", err)
	}
	v.header("text/html; charset=utf-8")
	policy := v.w.Header().Get("Content-Security-Policy")
	v.w.Header().Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'none'", 1))
	v.w.Write([]byte(strings.ReplaceAll(b.String(), "<button", "<button disabled")))
	return nil
}

// deskBase is where an account's pages begin.
func deskBase(account string) string { return "/support/accounts/" + url.PathEscape(account) }
