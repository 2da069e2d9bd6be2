package page

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// What a person reads off the Licences screen, where we cannot read it, is asked for one question at
// a time. Nothing is kept until all of it has been shown as one sentence, with what it would change,
// and that person has said yes. See licence.LicenceStated for what becomes of it then.

// Answers to the first question that say more: all is as on the day of what is known; the new licence
// is active, and ends when it was to end.
const asBefore, asOffered = "as-before", "as-offered"

// A statement is what was said so far, and the page that goes on with it.
type statement struct {
	licence.LicenceStated
	step   string // what is asked next: offer, same, expires, in-use, confirm; "": it is whole
	yes    bool   // all of it is as was shown beside the question: asked again where that changes more than the day
	faults []Fault
}

// screenForm takes the answer to one question, and asks the next, or keeps what was said.
func screenForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	screen := a.screenOf(v, r.PostFormValue("cust_id"))
	if screen == nil {
		a.back(w, r, v, "")
		return
	}
	a.goOn(w, r, v, screen, said(screen, r, v.Link.Name))
}

// loadedForm is a person's word that a licence was loaded from a file, and until when the
// screen says that it is valid.
func loadedForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	screen := a.screenOf(v, r.PostFormValue("cust_id"))
	_, offers, stands, err := a.offeredOf(r.Context(), v, func(f words.Finding) bool {
		return f.Code == licence.NotFetched && screen != nil && strings.EqualFold(f.Subject.CustID, screen.CustID)
	})
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
		return
	case !stands || !offers.Loaded:
		a.back(w, r, v, "")
		return
	}
	r.PostForm.Set("offer", licence.Active)
	p := said(screen, r, v.Link.Name)
	if p.step == "expires" {
		a.showWith(w, r, v, http.StatusUnprocessableEntity, func(d *Data) {
			d.Faults, d.Typed = []Fault{{Field: "loaded", Key: "loaded"}}, map[string]string{"expires": app.Short(r.PostFormValue("expires"))}
		})
		return
	}
	a.goOn(w, r, v, screen, p)
}

// goOn asks what is to be asked next; what is whole, it keeps. Who says that all is as it was, and nothing speaks
// against it or would change, has said yes to a sentence with its day and with the numbers beside it: a second
// yes would ask the same. It can be taken back for a quarter of an hour, as every word.
func (a *Page) goOn(w http.ResponseWriter, r *http.Request, v Request, screen *Screen, p statement) {
	if p.yes {
		asks := &Asks{}
		if a.weigh(v, p.LicenceStated, asks); len(asks.Notes)+len(asks.Goes)+len(asks.Comes) == 0 {
			p.step = ""
		}
	}
	for range 2 { // what overtook it is not what the reader saw: once more with that in view
		if p.step != "" {
			break
		}
		next, kept, err := a.state(r, v, p.LicenceStated)
		if err == nil && !kept {
			v, err = a.open(r)
		}
		if err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		if kept {
			a.back(w, r, v, next)
			return
		}
		if screen = a.screenOf(v, screen.CustID); screen == nil {
			a.back(w, r, v, "")
			return
		}
		p = said(screen, r, v.Link.Name)
	}
	if p.step == "" {
		p.step = "confirm"
	}
	q, names := url.Values{"step": {p.step}}, []string{"offer", "same", "expires", "asked", "shown"}
	for _, line := range screen.Plans {
		names = append(names, "in_use."+line.Plan, "new."+line.Plan)
	}
	for _, name := range names {
		if r.PostForm.Has(name) {
			q.Set(name, app.Short(r.PostFormValue(name)))
		}
	}
	a.back(w, r, v, "/screen/"+url.PathEscape(screen.CustID)+"?"+q.Encode())
}

// asking is the question that comes after the answers in an address; nil: the first one.
func (a *Page) asking(r *http.Request, v Request, cust string) func(*Data) {
	screen := a.screenOf(v, cust)
	if screen == nil || !r.URL.Query().Has("step") {
		return nil
	}
	r.PostForm = r.URL.Query()
	p := said(screen, r, v.Link.Name)
	if p.step == "" {
		p.step = "confirm"
	}
	asks := &Asks{Step: p.step, Said: p.LicenceStated}
	if p.step == "confirm" || p.step == "same" {
		a.weigh(v, p.LicenceStated, asks)
	}
	return func(d *Data) {
		d.Faults, d.Typed, d.Cure.Asks = p.faults, map[string]string{}, asks
		for name := range r.PostForm {
			d.Typed[name] = app.Short(r.PostForm.Get(name))
		}
	}
}

// said is what the answers so far come to.
func said(s *Screen, r *http.Request, by string) statement {
	p := statement{LicenceStated: licence.LicenceStated{CustID: s.CustID, By: by}}
	ask := func(step string, faults ...Fault) statement {
		p.step, p.faults = step, faults
		return p
	}
	if r.PostFormValue("offer") == asOffered && s.New != "" {
		r.PostForm.Set("offer", licence.Active)
		r.PostForm.Set("expires", string(s.New))
	}
	switch p.Offer = r.PostFormValue("offer"); p.Offer {
	case licence.Waits, licence.Active, licence.None:
	case asBefore:
		if s.Expires != "" {
			p.Expires, p.Offer = s.Expires, s.standing()
			r.PostForm.Set("offer", p.Offer)
			p.yes = r.PostFormValue("shown") == s.Mark()
			return ask("same")
		}
		fallthrough
	default:
		p.Offer = ""
		return ask("offer", Fault{Field: "offer", Key: "offered"})
	}
	same := r.PostFormValue("same")
	if s.Expires != "" && p.Offer == s.standing() && same != "no" {
		p.Expires = s.Expires
		if same == "yes" && r.PostFormValue("shown") == s.Mark() {
			return p
		}
		return ask("same")
	}
	if !r.PostForm.Has("expires") {
		return ask("expires")
	}
	d, ok := DateOf(r.PostFormValue("expires"))
	if !ok {
		return ask("expires", Fault{Field: "expires", Key: "expires"})
	}
	p.Expires = d
	if faults := p.numbers(s, r); len(faults) > 0 {
		return ask("in-use", faults...)
	} else if p.Offer != licence.Active && len(s.Plans) > 0 && r.PostFormValue("asked") != "in-use" {
		return ask("in-use")
	}
	if r.PostFormValue("confirm") != "yes" || r.PostForm.Has("shown") && r.PostFormValue("shown") != s.Mark() {
		return ask("confirm")
	}
	return p
}

// standing is what the screen says of a new licence, by what is known.
func (s *Screen) standing() string {
	if s.Offered {
		return licence.Waits
	}
	return licence.None
}

// numbers takes how many of each plan are in use, and are in a new licence of which nothing was known.
func (p *statement) numbers(s *Screen, r *http.Request) (faults []Fault) {
	take := func(field, plan string, to *map[string]int) {
		typed := r.PostFormValue(field)
		n, ok := NumberOf(typed)
		switch {
		case strings.TrimSpace(typed) == "":
		case !ok:
			faults = append(faults, Fault{Field: field, Key: "in-use"})
		default:
			if *to == nil {
				*to = map[string]int{}
			}
			(*to)[plan] = n
		}
	}
	for _, line := range s.Plans {
		take("in_use."+line.Plan, line.Plan, &p.InUse)
		if p.Offer == licence.Waits && !s.Offered {
			take("new."+line.Plan, line.Plan, &p.New)
			if _, told := p.New[line.Plan]; !told && r.PostFormValue("asked") == "in-use" && len(faults) == 0 {
				faults = append(faults, Fault{Field: "new." + line.Plan, Key: "new"}) // half an offer would take the others away
			}
		}
	}
	return faults
}

// state keeps what a person said, and tells which page goes on from there. Not kept: something later
// was told meanwhile.
func (a *Page) state(r *http.Request, v Request, p licence.LicenceStated) (next string, kept bool, err error) {
	f := app.FactOf("page", v.Link.ID+"/screen/"+instant(a.Now()), v.state.Account, p, a.App)
	in := v.read.State.Known.Inst(p.CustID)
	for _, before := range []time.Time{in.Said.At, in.Report.At} {
		if least := before.Add(time.Nanosecond); f.At.Before(least) {
			f.At = least // it is later than what it is said of, whatever two clocks say
			f.ID = "page/" + v.Link.ID + "/screen/" + least.UTC().Format(time.RFC3339Nano)
		}
	}
	if _, err := a.Engine.ApplyTo(r.Context(), v.read, f); err != nil {
		return "", false, err
	}
	if v, err = a.open(r); err != nil {
		return "", false, err
	}
	if stood, ok := v.read.State.Known.Inst(p.CustID).Stands(); !ok || !stood.At.Equal(f.At) {
		return "", false, nil
	}
	if p.Offer == licence.Active {
		return "", true, nil
	}
	for _, f := range v.diagnosis().Findings {
		here := strings.EqualFold(f.Subject.CustID, p.CustID) && f.State == licence.Open && f.Owner == v.Link.Role && len(f.BlockedBy) == 0
		switch {
		case here && (f.Code == licence.Surplus || f.Code == licence.PlanSwap):
			return "/seats/" + url.PathEscape(f.Fingerprint), true, nil
		case here && f.Code == licence.NotActivated && f.Leads():
			return "/activate/" + url.PathEscape(f.Subject.CustID), true, nil
		}
	}
	return "", true, nil
}

// takeBackForm takes back what was said of an installation, as long as it does not count, and for as long what the
// reader has answered.
func takeBackForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	cust, answered := r.PostFormValue("cust_id"), a.answered(v)
	var err error
	switch fp, invoice := r.PostFormValue("fingerprint"), r.PostFormValue("invoice"); {
	case answered == nil || fp+invoice == "":
	case invoice == answered.Invoice && invoice != "":
		err = a.say(r.Context(), v, "paid", licence.PaymentClaimed{Invoice: invoice, By: v.Link.Name, Back: true})
	case fp == answered.Fingerprint && fp != "":
		err = a.say(r.Context(), v, "answer", licence.FindingAnswered{Fingerprint: fp, Answer: licence.TakenBack, By: v.Link.Name})
	}
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	if _, stands := v.read.State.Known.Inst(cust).Stands(); stands && v.Link.Role != licence.Billing {
		if _, _, err := a.state(r, v, licence.LicenceStated{CustID: cust, By: v.Link.Name}); err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
	}
	a.back(w, r, v, "")
}

// stood is what was said and does not count yet; nil: nothing.
func (a *Page) stood(v Request) *Stood {
	for _, site := range v.read.State.Production(a.Now()) {
		if said, ok := v.read.State.Known.Inst(site.CustID).Stands(); ok {
			return &Stood{CustID: site.CustID, By: said.Value.By, Mine: said.Value.By == v.Link.Name, At: said.At, Counts: said.Counts()}
		}
	}
	return a.answered(v)
}

// answered is the latest that the reader has said on the page, of an invoice or a finding, and can take back; nil:
// nothing. What went to a colleague has gone.
func (a *Page) answered(v Request) (last *Stood) {
	keep := func(s licence.Stamp, by string, said Stood) {
		if counts := s.At.Add(licence.Quarter); by == v.Link.Name && s.Source == "page" && a.Now().Before(counts) && (last == nil || s.At.After(last.At)) {
			said.By, said.Mine, said.At, said.Counts = by, true, s.At, counts
			last = &said
		}
	}
	for fp, x := range v.read.State.Known.Profile.Answers {
		if x.Value.Answer != licence.TakenBack && !strings.HasPrefix(x.Value.Note, licence.GivenTo) {
			keep(x.Stamp, x.Value.By, Stood{Fingerprint: fp})
		}
	}
	for invoice, x := range v.read.State.Known.Invoices.Claims {
		if !x.Value.Back && v.Link.Role == licence.Billing {
			keep(x.Stamp, x.Value.By, Stood{Invoice: invoice})
		}
	}
	return last
}

// asks is the form with which the page begins, where nobody can read the licence and what was told
// of it is old; over: of none of them it counts any longer. Nil: it does not begin with one.
func (a *Page) asks(v Request) (s *Screen, over bool) {
	over = true
	for _, site := range diagnosis.Installations(v.state, a.Now(), a.Now()) {
		if !site.Production() {
			continue
		}
		over = over && site.Over
		if site.Old || site.Over {
			if asks := a.screenOf(v, site.CustID); asks != nil && s == nil {
				s = asks
			}
		}
	}
	return s, over && s != nil
}

// Mark is a short hash of what the form showed: whoever says yes says it of that, not of what was told since.
func (s *Screen) Mark() string {
	body, err := json.Marshal(s)
	if err != nil {
		panic(err) // it has neither channels nor functions
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:6])
}

// screenOf asks for what the Licences screen of an installation says, with what is known of it; nil:
// the reader is not asked, or we can read it.
func (a *Page) screenOf(v Request, cust string) *Screen {
	now, s := a.Now(), v.read.State
	for _, i := range s.Production(now) {
		if !strings.EqualFold(i.CustID, cust) || v.Link.Role == licence.Billing || granted(s, cust, "read-licence") {
			continue
		}
		out := &Screen{CustID: i.CustID, Address: i.URL, Several: len(s.Production(now)) > 1}
		in := s.Known.Inst(cust)
		l, zone := in.Report.Value, app.ZoneOf(s)
		if in.Report.Told() {
			out.Day, out.Expires, out.Offered = licence.DateOf(in.Report.At, zone), l.Expires.Day(zone).End(), l.Offered
		}
		if l.Offered {
			out.New = l.NewExpires.Day(zone).End()
		}
		for _, line := range l.Plans {
			if line.Kind == "hidden" || line.Unrestricted || line.Plan == "" {
				continue
			}
			x := ScreenLine{Plan: line.Plan, Name: planNames(s, cust, line.Plan), InUse: line.InUse}
			if l.Offered {
				x.New = line.NewTotal
			}
			out.Plans = append(out.Plans, x)
		}
		return out
	}
	return nil
}

// lastTold is what was last told of an installation's licence, now stated by a person.
func lastTold(s licence.State, cust, by string) (licence.LicenceReported, bool) {
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, cust) {
			l := s.Known.Inst(cust).Report.Value
			l.CustID, l.StatedBy, l.CheckedAt = i.CustID, by, time.Time{}
			if l.Serial == "" {
				l.Serial = i.Serial
			}
			return l, true
		}
	}
	return licence.LicenceReported{}, false
}

// Stated is what was last told of a licence, with what a person now reads off its screen, as the desk
// asks for it. Of what was left empty it keeps what was told; the faults name such fields too.
func Stated(s licence.State, r *http.Request, by string) (licence.LicenceReported, []Fault) {
	l, ok := lastTold(s, r.PostFormValue("cust_id"), by)
	if !ok {
		return licence.LicenceReported{}, nil
	}
	p := statement{LicenceStated: licence.LicenceStated{CustID: l.CustID, By: by}}
	var faults []Fault
	d, ok := DateOf(r.PostFormValue("expires"))
	if ok {
		p.Expires = d
	} else {
		faults = append(faults, Fault{Field: "expires", Key: "expires"})
	}
	screen, zone := &Screen{Offered: true}, app.ZoneOf(s)
	for _, line := range l.Plans {
		screen.Plans = append(screen.Plans, ScreenLine{Plan: line.Plan})
	}
	faults = append(faults, p.numbers(screen, r)...)
	switch r.PostFormValue("offered") {
	case "yes":
		p.Offer = licence.Waits
	case "no":
		p.Offer = licence.None
		if ok && l.Takes(d, zone) && d.Day(zone) > l.Expires.Day(zone) {
			p.Offer = licence.Active // its end is that of the new licence
		}
	default:
		faults = append(faults, Fault{Field: "offered", Key: "offered"})
	}
	return p.Upon(l, zone), faults
}

// DateOf is a day that somebody typed; false: it is none, or none that a licence can have.
func DateOf(typed string) (licence.Date, bool) {
	d, err := licence.ParseDate(strings.TrimSpace(typed))
	return d, err == nil && (d > "2000" && d < "2100" || d == licence.Never)
}

// NumberOf is a number of seats that somebody typed; false: it is none, or none that a licence can have.
func NumberOf(typed string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	return n, err == nil && n >= 0 && n < 1e6
}

// supposed is the request as it would be if a statement counted.
func (a *Page) supposed(v Request, p licence.LicenceStated) Request {
	v.state = casework.Suppose(v.read.State, p.CustID, licence.Reg[licence.LicenceStated]{Stamp: licence.Stamp{At: a.Now(), ID: "page/supposed", Source: "page"}, Value: p}, a.Now())
	v.diagnosis = func() diagnosis.Diagnosis { return diagnosis.Diagnose(v.state, a.Now(), a.Now()) }
	return v
}
