package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
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
	answerPath:    saying(answerForm),
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

// saying makes a form of one that only says something: afterwards comes the first page.
func saying(say func(*Page, *http.Request, Request) error) form {
	return func(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
		if err := say(a, r, v); err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		a.back(w, r, v, "")
	}
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
	ask, wrong, page := func() error { return a.askCode(r.Context(), v, cust, r.PostFormValue("also")) }, a.activatePage, "/activate/"+url.PathEscape(cust)
	if fp := r.PostFormValue("fingerprint"); fp != "" {
		ask, wrong, page = func() error { return a.askMoveCode(r, v) }, a.movePage, "/steps/"+url.PathEscape(fp)
	}
	var no *app.Refusal
	switch err := ask(); {
	case errors.As(err, &no) && no.Status == http.StatusTooManyRequests:
		wrong(w, r, v, "many")
	case errors.As(err, &no) && no.Status == http.StatusConflict:
		wrong(w, r, v, "no-mail")
	case err != nil:
		a.FailedLink(w, r, v, err)
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
	before, asked := diagnosis.Installations(v.state, a.Now(), a.Now()), a.Now()
	result, err := a.activate(r.Context(), v, r.PostFormValue("cust_id"), r.PostFormValue("offer"), strings.TrimSpace(r.PostFormValue("code")))
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
	case result == "wrong-code":
		a.activatePage(w, r, v, "code")
	case result != "asked":
		a.activatePage(w, r, v, result)
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
		a.show(w, r, after, checked)
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

// activatePage shows the offer again, with what was wrong.
func (a *Page) activatePage(w http.ResponseWriter, r *http.Request, v Request, fault string) {
	a.curePage(w, r, v, "activate", r.PostFormValue("cust_id"), func(p *Data) {
		p.Faults = []Fault{{Field: "code", Key: fault}}
	})
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
	for _, f := range view.Findings {
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

// answerForm is one of the exits, or the answer to a question.
func answerForm(a *Page, r *http.Request, v Request) error {
	f, offers, ok, err := a.offered(r.Context(), v, r.PostFormValue("fingerprint"))
	said := r.PostFormValue("answer")
	if err != nil || !ok || !offers.May(said) {
		return err // a stale page: the finding is gone or another's by now, and so is the question
	}
	return a.say(r.Context(), v, "answer", licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: said, By: v.Link.Name, Note: app.Short(r.PostFormValue("note")), Was: f.State})
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
				Fingerprint: f.Fingerprint, Answer: "handled", By: v.Link.Name, Note: "given to " + c.Name, Was: f.State,
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
	a.back(w, r, v, "")
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
