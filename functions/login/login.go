package login

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"seatmend/functions/app"
	"seatmend/functions/hooks"
	"seatmend/functions/page"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

// loginWarning hears that a user was warned, and answers what to tell that user: one calm
// line, and a link only where the user is a contact who can act.
func loginWarning(a *Login) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, err := a.Receive(r, "login", "login")
		if errors.Is(err, store.ErrFull) {
			// As many warnings of that installation wait as are kept; whoever reads this one is answered all the same.
			full := warnedJSON{Answer: hooks.Answer{Outcome: "ignored", Why: "so many warnings of this installation wait for its customer that no more is kept"}, Findings: []warnedFinding{}}
			full.Message = words.Preferred(r.Header.Get("Accept-Language")).Message(diagnosis.Diagnosis{}, words.MessageInput{Unknown: true})
			a.Reply(w, 200, full)
			return
		}
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		if got.Answer.Outcome == "ignored" || got.Answer.Outcome == "set-aside" {
			a.Reply(w, 200, got.Answer)
			return
		}
		warned := got.Body.Facts[0].Payload.(licence.LoginWarned)
		out, err := a.warned(r.Context(), got.Answer, warned)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		a.Reply(w, 200, out)
	}
}

type warnedJSON struct {
	hooks.Answer
	Findings []warnedFinding `json:"findings"`
	Message  string          `json:"message"`
	Link     string          `json:"link,omitempty"`
}

type warnedFinding struct {
	Code     licence.Code         `json:"code"`
	Subject  licence.Subject      `json:"subject"`
	Severity licence.Severity     `json:"severity"`
	State    licence.FindingState `json:"state"`
	Owner    licence.Role         `json:"owner"`
}

func (a *Login) warned(ctx context.Context, answer hooks.Answer, p licence.LoginWarned) (warnedJSON, error) {
	out := warnedJSON{Answer: answer, Findings: []warnedFinding{}}
	lang := words.Of(p.User.Locale)
	if answer.Account == "" {
		out.Message = lang.Message(diagnosis.Diagnosis{}, words.MessageInput{Unknown: true})
		return out, nil
	}
	l, err := a.Store.Load(ctx, answer.Account, store.Want{})
	if err != nil {
		return out, err
	}
	s := l.State
	lang = words.OfAccount(s, p.User.Locale)
	now := a.Now()
	d := diagnosis.Diagnose(s, now, now)
	contact, known, err := a.contactOf(ctx, s, p)
	if err != nil {
		return out, err
	}
	billing := known && contact.Role == licence.Billing
	for _, f := range d.Findings {
		if payment(f.Code) && !billing {
			continue
		}
		out.Findings = append(out.Findings, warnedFinding{f.Code, f.Subject, f.Severity, f.State, f.Owner})
	}
	acts := known && canAct(d, contact)
	exchange, err := (&page.Page{App: a.App}).Exchanging(ctx, l, p.CustID)
	if err != nil {
		return out, err
	}
	out.Message = lang.Message(d, words.MessageInput{
		Zone: app.ZoneOf(s), CustID: p.CustID, Billing: billing, Acts: acts, Told: AdminTold(s), Right: diagnosis.Astray(s, p, now), Said: p.Message, Exchange: exchange,
	})
	if acts {
		out.Link, err = a.linkFor(ctx, s, d, contact)
	}
	return out, err
}

// payment tells whether a code speaks of a payment, which end users never hear of.
func payment(code licence.Code) bool {
	switch code {
	case licence.InvoiceOverdue, licence.PaymentAwaited, licence.PaymentDisputed, licence.PaidNotExtended, licence.NotInvoiced:
		return true
	}
	return false
}

// contactOf is the contact that the user is: by address; by user id only at the first
// production installation, whose ids the directory knows. Nobody who has left, and nobody who, by
// what we know, cannot log in.
func (a *Login) contactOf(ctx context.Context, s licence.State, p licence.LoginWarned) (licence.Contact, bool, error) {
	first := ""
	if home := s.Production(a.Now()); len(home) > 0 {
		first = home[0].CustID
	}
	for _, c := range s.Known.Profile.Account.Value.Contacts {
		mail := p.User.Email != "" && strings.EqualFold(c.Email, p.User.Email)
		user := c.User != "" && c.User == p.User.ID && strings.EqualFold(p.CustID, first)
		if !mail && !user || page.LeftBy(s, c, a.Now()) {
			continue
		}
		if gone, err := effects.CannotLogIn(ctx, a.Store, s, c, a.Now()); err != nil || !gone {
			return c, err == nil, err
		}
	}
	return licence.Contact{}, false, nil
}

// canAct tells whether an open finding is the contact's.
func canAct(d diagnosis.Diagnosis, c licence.Contact) bool {
	return slices.ContainsFunc(d.Findings, func(f diagnosis.Finding) bool {
		return f.State == licence.Open && (f.Owner == c.Role || f.Owner == licence.EndUser && c.Role == licence.Admin)
	})
}

// AdminTold tells whether a mail about what stands has gone to the admin.
func AdminTold(s licence.State) bool {
	for _, m := range s.History.Mailed {
		if m.Fingerprint != "" && m.To == licence.Admin && m.Draft == "" && !m.Over {
			return true
		}
	}
	return false
}

// linkFor gives a contact a link, and keeps its row before the link is shown. One that was revoked
// that day is given anew, under which nothing of the old one opens.
func (a *Login) linkFor(ctx context.Context, s licence.State, d diagnosis.Diagnosis, c licence.Contact) (url string, err error) {
	var about []string
	for _, f := range d.Findings {
		about = append(about, f.Fingerprint)
	}
	m := effects.Mailer{Store: a.Store, Links: a.Links, BaseURL: a.BaseURL, Now: a.Now}
	err = a.Engine.Record(ctx, s.Account, func(s licence.State) ([]licence.Row, []licence.Name, error) {
		made, row, _, err := m.Link(ctx, s, d, c, "login "+a.Now().UTC().Format("2006-01-02"), about, a.Now())
		if err != nil {
			return nil, nil, err
		}
		url = made
		return []licence.Row{*row}, []licence.Name{{Sender: "link", ID: row.ID}}, nil
	})
	return url, err
}

// helpForm is the entrance of whoever reads the warning.
func helpForm(a *Login) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		(&page.Page{App: a.App}).Help(w, r, page.Help{})
	}
}

// mostNamed is how many names are looked for in what somebody pasted.
const mostNamed = 24

var (
	between = regexp.MustCompile(`[\s/?#&=<>"'|]+`)  // what parts the address of a page
	letters = sync.OnceValue(func() *regexp.Regexp { // a name in a sentence
		return regexp.MustCompile(`[\p{L}\p{N}._-]*[\p{L}\p{N}]`)
	})
)

// namedIn are the CustIDs that somebody may have meant: all that was pasted, each part of an
// address, and each word.
func namedIn(pasted string) []string {
	pasted = strings.TrimSpace(licence.Line(pasted))
	parts := between.Split(pasted, -1)
	for i := range parts {
		parts[i] = unescaped(parts[i])
	}
	var out []string
	for _, list := range [][]string{{pasted}, parts, letters().FindAllString(unescaped(pasted), -1)} {
		for _, word := range list {
			if word != "" && len(word) <= 128 && len(out) < mostNamed && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// unescaped is a part of an address as it is meant.
func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// meant is the installation of the account that one of the names calls.
func meant(s licence.State, names []string) string {
	for _, name := range names {
		for _, i := range s.Known.Profile.Account.Value.Installations {
			if strings.EqualFold(i.CustID, name) {
				return i.CustID
			}
		}
	}
	return ""
}

// helpAnswer says one calm line about an installation. A link goes by mail to the contact who
// can act, never to the screen, and at most a few times a day.
func helpAnswer(a *Login) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			(&page.Page{App: a.App}).Plain(w, r, http.StatusForbidden, "elsewhere", page.Request{})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
		if err := r.ParseForm(); err != nil {
			(&page.Page{App: a.App}).Plain(w, r, http.StatusBadRequest, "unread", page.Request{})
			return
		}
		pasted := strings.TrimSpace(r.PostFormValue("value"))
		line, err := a.helpLine(r.Context(), words.Preferred(r.Header.Get("Accept-Language")), pasted, app.CallerOf(r))
		if err != nil {
			(&page.Page{App: a.App}).FailedLink(w, r, page.Request{}, err)
			return
		}
		(&page.Page{App: a.App}).Help(w, r, page.Help{Value: pasted, Answer: line})
	}
}

// A company may sit behind one address, and all its people read the same warning: they may ask of one
// name often, and of all names together more often.
const namedAnHour, askedAnHour = 100, 300

// helpLine is the same for what is not known and for what may not be told; and where too much was
// asked it is another, the same for all that may be asked.
func (a *Login) helpLine(ctx context.Context, l *words.Language, pasted, caller string) (string, error) {
	unknown := l.Message(diagnosis.Diagnosis{}, words.MessageInput{Unknown: true})
	named := namedIn(strings.ToLower(pasted)) // a CustID is the same in capitals
	ok, err := (&page.Page{App: a.App}).Within(ctx, page.Limit{Key: "help-of " + app.ShortHash(append([]string{caller}, named...)...), Max: namedAnHour}, page.Limit{Key: "help-from " + caller, Max: askedAnHour})
	switch {
	case err != nil:
		return "", err
	case !ok:
		return l.Message(diagnosis.Diagnosis{}, words.MessageInput{Many: true}), nil
	case len(named) == 0:
		return unknown, nil
	}
	var names []licence.Name
	for _, name := range named {
		names = append(names, licence.CustName(name))
	}
	account, err := a.Store.Resolve(ctx, names...)
	if errors.Is(err, store.ErrNoAccount) {
		return unknown, nil
	}
	if err != nil {
		return "", err
	}
	loaded, err := a.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return "", err
	}
	s := loaded.State
	now := a.Now()
	d := diagnosis.Diagnose(s, now, now)
	in := words.MessageInput{Zone: app.ZoneOf(s), CustID: meant(s, named), Told: AdminTold(s), Said: pasted}
	if in.Exchange, err = (&page.Page{App: a.App}).Exchanging(ctx, loaded, in.CustID); err != nil {
		return "", err
	}
	line := l.Message(d, in)
	for _, f := range d.Findings {
		if f.State == licence.Open && f.Owner == licence.Admin && s.MailPolicy() == "on" {
			ok, err := a.Store.Counter(ctx, "help-for "+account, now.UTC().Format("2006-01-02"), 1, 1)
			if err == nil && ok {
				_, err = a.Engine.Apply(ctx, app.FactOf("help", account+"/"+now.UTC().Format("2006-01-02"), account, licence.LinkAsked{Role: licence.Admin}, a.App))
			}
			return line, err
		}
	}
	return line, nil
}
