package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// What is done with several customers at once is first shown, and done when a person says so.

// selectedData is what would be done.
type selectedData struct {
	Do, Back, Note  string
	Answer, Cause   string
	Drafts          []draftsOf
	Findings        []selectedFinding
	Mails           int
	Without         []string // customers who were selected and have nothing of the kind
	Until           licence.Date
	Said, CauseText string
}

// A selectedFinding is one that would be answered.
type selectedFinding struct {
	Account, Name, Fingerprint, Title string
}

// decideSelected shows what would be done with the selected customers, or does it.
func decideSelected(v *deskVisit) error {
	f := v.r.PostForm
	accounts, back := f["account"], f.Get("back")
	if !strings.HasPrefix(back, "/support") || strings.ContainsAny(back, "\\\r\n") || strings.HasPrefix(back, "//") {
		back = "/support"
	}
	if len(accounts) == 0 {
		return v.back(back, "select-none")
	}
	if len(accounts) > boardPage || slices.Contains(accounts, store.Operations) {
		return v.back(back, "stale")
	}
	do := f.Get("do")
	switch do {
	case "assign":
		return v.assignSelected(accounts, back)
	case "send", "drop":
		if err := v.mayNot("drafts"); err != nil {
			return err
		}
		if f.Get("go") != "" {
			return v.draftsSelected(accounts, f["id"], do == "send", back)
		}
		return v.previewDrafts(accounts, do, back)
	case "answer":
		if err := v.mayNot("answer"); err != nil {
			return err
		}
		if f.Get("go") != "" {
			return v.answerSelected(accounts, f["fingerprint"], back)
		}
		return v.previewAnswer(accounts, back)
	}
	return v.back(back, "stale")
}

func (v *deskVisit) assignSelected(accounts []string, back string) error {
	to := app.Short(v.r.PostFormValue("to"))
	if to != "" && !slices.Contains(v.staffNames(), to) {
		return v.back(back, "stale")
	}
	for _, account := range accounts {
		s, err := v.stateOf(account)
		if err != nil {
			return err
		}
		if err := v.assign(s, to); err != nil {
			return err
		}
	}
	return v.back(back, "assigned")
}

// stateOf reads an account that a form names.
func (v *deskVisit) stateOf(account string) (licence.State, error) {
	l, err := v.Store.Load(v.r.Context(), account, store.Want{})
	if err == nil && l.State.N == 0 {
		err = app.ErrNotFound
	}
	return l.State, err
}

func nameOf(s licence.State) string {
	if name := s.Known.Profile.Account.Value.Name; name != "" {
		return name
	}
	return s.Account
}

// previewDrafts shows the very mails that would go, or be dropped.
func (v *deskVisit) previewDrafts(accounts []string, do, back string) error {
	d := selectedData{Do: do, Back: back}
	for _, account := range accounts {
		s, err := v.stateOf(account)
		if err != nil {
			return err
		}
		mails, err := v.draftsFor(v.r.Context(), account)
		if err != nil {
			return err
		}
		if len(mails) == 0 {
			d.Without = append(d.Without, nameOf(s))
			continue
		}
		d.Drafts = append(d.Drafts, draftsOf{account, nameOf(s), held(s, mails)})
		d.Mails += len(mails)
	}
	return v.show(http.StatusOK, "selected", v.g.say("selected."+do), v.zone(), d)
}

// draftsSelected sends or drops what was shown, and nothing that has come since.
func (v *deskVisit) draftsSelected(accounts, ids []string, send bool, back string) error {
	if len(ids) != len(accounts) {
		return v.back(back, "stale")
	}
	all := fate{}
	for i, account := range accounts {
		if ids[i] == "" {
			continue
		}
		became, err := v.decideFor(account, ids[i], send)
		if err != nil {
			return err
		}
		all.add(became)
	}
	return v.backWith(back, all.query())
}

// previewAnswer shows of which findings it would be said.
func (v *deskVisit) previewAnswer(accounts []string, back string) error {
	f := v.r.PostForm
	d := selectedData{Do: "answer", Back: back, Answer: f.Get("answer"), Cause: f.Get("cause"), Note: app.Short(f.Get("note"))}
	if !slices.Contains(sayable(d.Cause), d.Answer) {
		return v.back(back, "stale")
	}
	d.Said, d.CauseText = v.g.text("answer.")(d.Answer), v.g.text("cause.")(d.Cause)
	for _, account := range accounts {
		s, err := v.stateOf(account)
		if err != nil {
			return err
		}
		n := len(d.Findings)
		for _, f := range diagnosis.Diagnose(s, v.Now(), v.Now()).Findings {
			if f.Code == d.Cause {
				d.Findings = append(d.Findings, selectedFinding{account, nameOf(s), f.Fingerprint, subjectText(f.Subject)})
			}
		}
		if len(d.Findings) == n {
			d.Without = append(d.Without, nameOf(s))
		}
	}
	return v.show(http.StatusOK, "selected", v.g.say("selected.answer"), v.zone(), d)
}

// answerSelected says it of each finding that was shown and still stands.
func (v *deskVisit) answerSelected(accounts, fingerprints []string, back string) error {
	if len(fingerprints) != len(accounts) {
		return v.back(back, "stale")
	}
	for i, account := range accounts {
		s, err := v.stateOf(account)
		if err != nil {
			return err
		}
		if err := v.answer(s, fingerprints[i]); err != nil && !errors.Is(err, errStale) {
			return err
		}
	}
	return v.back(back, "answered")
}

// answer says of a finding what the form says, if it stands and that can be said of it.
func (v *deskVisit) answer(s licence.State, fingerprint string) error {
	f, ok := page.Standing(diagnosis.Diagnose(s, v.Now(), v.Now()), fingerprint)
	said := v.r.PostFormValue("answer")
	if !ok || !slices.Contains(sayable(f.Code), said) {
		return errStale // a page of yesterday: the finding is gone, and so is the question
	}
	p := licence.FindingAnswered{Fingerprint: f.Fingerprint, Answer: said, By: v.staff.Name, Note: app.Short(v.r.PostFormValue("note")), Was: f.State}
	if said == "snooze" {
		p.Until = licence.DateOf(v.Now(), app.ZoneOf(s)).Add(7)
	}
	if d, err := licence.ParseDate(v.r.PostFormValue("until")); err == nil {
		p.Until = d
	}
	return v.say(s, "answer/"+f.Fingerprint, p)
}
