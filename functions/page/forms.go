package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// Each form of the page becomes a fact, with the name of who said it, and what stood before.

// A form does what one of them asks, and answers.
type form func(a *Page, w http.ResponseWriter, r *http.Request, v Request)

// forms are all that need the session, by their path.
var forms = map[string]form{
	answerPath:    answerForm,
	colleaguePath: colleagueForm,
	paidPath:      paidForm,
	skipPath:      skipForm,
	choosePath:    chooseForm,
	screenPath:    screenForm,
	loadedPath:    loadedForm,
	takeBackPath:  takeBackForm,
	mailStepsPath: mailStepsForm,
	codePath:      codeForm,
	movePath:      moveForm,
	activatePath:  activateForm,
}

// back leads to a page by GET, so that a reload does nothing twice.
func (a *Page) back(w http.ResponseWriter, r *http.Request, v Request, page string) {
	http.Redirect(w, r, "/r/"+v.token+page, http.StatusSeeOther)
}

func chooseForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	if v.Link.Role == licence.Billing {
		a.back(w, r, v, "")
		return
	}
	fp := r.PostFormValue("fingerprint")
	fault, err := a.choose(r, v)
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
	case fault != "":
		a.curePage(w, r, v, "seats", fp, func(p *Data) { p.Faults = []Fault{{Field: "q", Key: fault}} })
	case r.PostFormValue("all") != "", r.PostFormValue("then") == "steps":
		a.back(w, r, v, "/steps/"+url.PathEscape(fp))
	default:
		a.back(w, r, v, "/seats/"+url.PathEscape(fp))
	}
}

func skipForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	if err := a.skip(r, v); err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	a.back(w, r, v, "/steps/"+url.PathEscape(r.PostFormValue("fingerprint")))
}

// codeForm mails a code to the reader.
func codeForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	cust := r.PostFormValue("cust_id")
	if v.Link.Role == licence.Billing {
		a.back(w, r, v, "")
		return
	}
	ask, page := func() error { return a.askCode(r.Context(), v, cust, r.PostFormValue("also")) }, "/activate/"+url.PathEscape(cust)
	if fp := r.PostFormValue("fingerprint"); fp != "" {
		ask, page = func() error { return a.askMoveCode(r, v) }, "/steps/"+url.PathEscape(fp)
	}
	var no *app.Refusal
	switch err := ask(); {
	case errors.As(err, &no) && no.Status == http.StatusTooManyRequests:
		a.wrongPage(w, r, v, page, "many")
	case errors.As(err, &no) && no.Status == http.StatusConflict:
		a.wrongPage(w, r, v, page, "no-mail")
	case err != nil:
		a.FailedLink(w, r, v, err)
	case r.PostFormValue("again") != "":
		a.back(w, r, v, page+"?said=code")
	default:
		a.back(w, r, v, page)
	}
}

// activateForm activates the new licence that was shown, for who has the code.
func activateForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	if v.Link.Role == licence.Billing {
		a.back(w, r, v, "")
		return
	}
	page := "/activate/" + url.PathEscape(r.PostFormValue("cust_id"))
	before, asked := diagnosis.Installations(v.state, a.Now(), a.Now()), a.Now()
	result, err := a.activate(r.Context(), v, r.PostFormValue("cust_id"), r.PostFormValue("offer"), strings.TrimSpace(r.PostFormValue("code")))
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
	case result == "wrong-code":
		a.wrongPage(w, r, v, page, "code")
	case result != "asked":
		a.wrongPage(w, r, v, page, result)
	default:
		after, done, err := a.awaited(r, v, r.PostFormValue("cust_id"), r.PostFormValue("offer"))
		if err != nil {
			a.FailedLink(w, r, after, err)
			return
		}
		checked := &Checked{Pending: true}
		if done {
			checked = compared(before, after.state, asked.Add(-time.Second), a.Now())
		}
		a.checkedPage(w, r, after, "", checked)
	}
}

// patience is how long a page waits for an activation that another hand is doing: the stream
// has woken the delivery, too.
const patience, glance = 10 * time.Second, 250 * time.Millisecond

// awaited looks until the activation has been tried, or the reader has waited long enough.
func (a *Page) awaited(r *http.Request, v Request, cust, offer string) (Request, bool, error) {
	was := v.state.Known.Inst(cust)
	for waited := time.Duration(0); ; waited += glance {
		after, err := a.open(r)
		if err != nil {
			return after, false, err
		}
		is := after.state.Known.Inst(cust)
		if is.Tried.Stamp != was.Tried.Stamp || is.Report.Value.Offer() != offer {
			return after, true, nil
		}
		if waited >= patience {
			return after, false, nil
		}
		if err := a.Sleep(r.Context(), glance); err != nil {
			return after, false, err
		}
	}
}

// say tells what the reader said to the account of the link.
func (a *Page) say(ctx context.Context, v Request, what string, p licence.Payload) error {
	return a.sayOf(ctx, v, v.state.Account, what, p)
}

// sayOf tells it to the account that it is about. Now is part of our own facts' ids: one click,
// one fact.
func (a *Page) sayOf(ctx context.Context, v Request, account, what string, p licence.Payload) error {
	id := v.Link.ID + "/" + what + "/" + a.Now().UTC().Format(time.RFC3339Nano)
	read := v.read
	if account != v.state.Account {
		read = licence.Loaded{}
	}
	_, err := a.Engine.ApplyTo(ctx, read, app.FactOf("page", id, account, p, a.App))
	return err
}

// Standing tells whether the fingerprint is of a finding that stands.
func Standing(d diagnosis.Diagnosis, fp string) (diagnosis.Finding, bool) {
	for _, f := range d.Findings {
		if f.Fingerprint == fp {
			return f, true
		}
	}
	return diagnosis.Finding{}, false
}

// offered is the finding of a fingerprint as the reader's pages show it now, and what they offer
// that reader to say of it. False: none stands, or these pages do not show it.
func (a *Page) offered(ctx context.Context, v Request, fp string) (words.Finding, Offers, bool, error) {
	return a.offeredOf(ctx, v, func(f words.Finding) bool { return f.Fingerprint == fp })
}

func (a *Page) offeredOf(ctx context.Context, v Request, one func(words.Finding) bool) (words.Finding, Offers, bool, error) {
	s, d := v.state, v.diagnosis()
	o := effects.Names(s, d)
	o.Reader = v.Link.Role
	view := words.Of(v.Link.Lang).View(d, o)
	for _, f := range slices.Concat(view.Findings, view.Upcoming) {
		if !one(f) {
			continue
		}
		offers := offersOf(view, f, a.readsAny(s))
		if f.Code == licence.NotActivated && v.Link.Role != licence.Billing && !offers.May("numbers-wrong") {
			if _, shown := a.offer(v, f.Subject.CustID); shown { // beside the new licence's numbers
				offers.Answers = append(offers.Answers, "numbers-wrong")
			}
		}
		return f, offers, true, nil
	}
	return words.Finding{}, Offers{}, false, nil
}

// answerForm is one of the exits, or the answer to a question. What is not right is said in words.
func answerForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	f, offers, ok, err := a.offered(r.Context(), v, r.PostFormValue("fingerprint"))
	said, note := r.PostFormValue("answer"), app.Short(r.PostFormValue("note"))
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
		return
	case !ok || !offers.May(said): // a stale page: the finding is gone or another's by now, and so is the question
		a.back(w, r, v, "")
		return
	case said == "not-right" && strings.TrimSpace(note) == "":
		a.back(w, r, v, "?fault=note&about="+url.QueryEscape(f.Fingerprint))
		return
	}
	if err := a.say(r.Context(), v, "answer", licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: said, By: v.Link.Name, Note: note, Was: f.State}); err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	if note == licence.OrderMore {
		said = note
	}
	a.back(w, r, v, "?said="+said)
}

// colleagueForm hands the matter to somebody else at the customer, who gets a link of their own. It
// counts as answered once that mail has gone, and not before.
func colleagueForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	said, err := a.giveTo(r, v)
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	a.back(w, r, v, said)
}

// giveTo tells, as the end of an address, what became of it; "": the page was an old one.
func (a *Page) giveTo(r *http.Request, v Request) (string, error) {
	ctx := r.Context()
	f, offers, ok, err := a.offered(ctx, v, r.PostFormValue("fingerprint"))
	if err != nil || !ok || !offers.Colleague {
		return "", err
	}
	for _, c := range a.colleagues(v) {
		if c.ID != r.PostFormValue("contact") {
			continue
		}
		wish, err := a.mailLink(ctx, v, c, "colleague-link")
		if err == nil && wish == linkSent {
			err = a.say(ctx, v, "colleague", licence.FindingAnswered{
				Fingerprint: f.Fingerprint, Answer: "handled", By: v.Link.Name, Note: licence.GivenTo + c.Name, Was: f.State,
			})
		}
		return "?colleague=" + wish, err
	}
	return "", nil
}

// mailStepsForm mails the reader a link of their own with the steps: who reads this on a phone does
// them at a computer.
func mailStepsForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID == v.Link.Contact {
			wish, err := a.mailLink(r.Context(), v, c, "steps")
			if err != nil {
				a.FailedLink(w, r, v, err)
				return
			}
			a.back(w, r, v, "?steps="+wish)
			return
		}
	}
	a.back(w, r, v, "")
}

// paidForm is the billing contact's word that an invoice is paid.
func paidForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	fp := r.PostFormValue("fingerprint")
	_, offers, ok, err := a.offered(r.Context(), v, fp)
	f, stands := Standing(v.diagnosis(), fp)
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
		return
	case !ok || !stands || !offers.Paid:
		a.back(w, r, v, "")
		return
	}
	account, invoice := v.state.Account, f.Subject.ID
	if other, ok := f.Args["for"].(string); ok {
		account, invoice = other, f.Args["invoice"].(string) // it is paid for another account, which must know
	}
	p := licence.PaymentClaimed{Invoice: invoice, Reference: app.Short(r.PostFormValue("reference")), By: v.Link.Name}
	if typed := app.Short(r.PostFormValue("paid_on")); typed != "" {
		if p.PaidOn, ok = DateOf(typed); !ok || p.PaidOn == licence.Never {
			a.showWith(w, r, v, http.StatusUnprocessableEntity, func(d *Data) {
				d.Faults = []Fault{{Field: "paid-" + fp, Key: "paid"}}
				d.Typed = map[string]string{"paid_on": typed, "reference": p.Reference}
			})
			return
		}
	}
	if err := a.sayOf(r.Context(), v, account, "paid", p); err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	a.back(w, r, v, "?said=paid")
}

// newLink sends a new link to the person for whom the expired one was. It tells which page says
// what has become of it.
func (a *Page) newLink(ctx context.Context, v Request) (page string, err error) {
	for _, c := range v.state.Known.Profile.Account.Value.Contacts {
		if c.ID == v.Link.Contact {
			wish, err := a.mailLink(ctx, v, c, "new-link")
			return map[string]string{linkSent: "new-link", linkHeld: "link-held", linkLater: "link-later", linkMany: "links-sent", linkNone: "no-link"}[wish], err
		}
	}
	return "no-link", nil
}
