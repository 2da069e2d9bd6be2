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
	Failed          []string // accounts of which not all could be done, after it was begun
	Until           licence.Date
	Said, CauseText string
}

// mostSelected are the mails or findings that one press of a button is about at most.
const mostSelected = 200

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
	if slices.Contains(accounts, store.Operations) {
		return v.back(back, "stale")
	}
	if len(accounts) > mostSelected || distinct(accounts) > boardPage {
		return v.back(back, "select-many")
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

// distinct counts the customers of a form, which has a row for each mail or finding.
func distinct(accounts []string) int {
	return len(slices.Compact(slices.Sorted(slices.Values(accounts))))
}

// each does something for each row of a form, whatever became of the others. Of what failed it says
// the accounts; where all failed, why the first did.
func (v *deskVisit) each(accounts []string, do func(i int, account string) error) (failed []string, err error) {
	did := 0
	for i, account := range accounts {
		switch e := do(i, account); {
		case e == nil:
			did++
		default:
			v.Log.Error("support", "route", v.r.Pattern, "account", account, "error", e.Error())
			if err == nil {
				err = e
			}
			if !slices.Contains(failed, account) {
				failed = append(failed, account)
			}
		}
	}
	if did > 0 {
		err = nil
	}
	return failed, err
}

// over goes back to the list with what became of all, or shows of which customers not all was done.
func (v *deskVisit) over(back string, became fate, failed []string, err error) error {
	if err != nil || len(failed) == 0 {
		if err == nil {
			err = v.backWith(back, became.query())
		}
		return err
	}
	d := selectedData{Back: back, Failed: failed, Said: v.g.fateSaid(became.query())}
	return v.show(http.StatusOK, "selected", v.g.say("selected.failed"), v.zone(), d)
}

func (v *deskVisit) assignSelected(accounts []string, back string) error {
	to := app.Short(v.r.PostFormValue("to"))
	if to != "" && !slices.Contains(v.staffNames(), to) {
		return v.back(back, "stale")
	}
	became := fate{}
	failed, err := v.each(accounts, func(_ int, account string) error {
		s, err := v.stateOf(account)
		if err == nil {
			err = v.assign(s, to)
		}
		if err == nil {
			became["assigned"]++
		}
		return err
	})
	return v.over(back, became, failed, err)
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
		d.Drafts = append(d.Drafts, draftsOf{account, nameOf(s), held(s, mails, v.Now())})
		if d.Mails += len(mails); d.Mails > mostSelected {
			return v.back(back, "select-many")
		}
	}
	return v.show(http.StatusOK, "selected", strings.TrimSuffix(v.g.say("selected."+do), " …"), v.zone(), d)
}

// draftsSelected sends or drops what was shown, and nothing that has come since.
func (v *deskVisit) draftsSelected(accounts, ids []string, send bool, back string) error {
	if len(ids) != len(accounts) {
		return v.back(back, "stale")
	}
	all := fate{}
	failed, err := v.each(accounts, func(i int, account string) error {
		if ids[i] == "" {
			return nil
		}
		became, err := v.decideFor(account, ids[i], send)
		all.add(became)
		return err
	})
	return v.over(back, all, failed, err)
}

// previewAnswer shows of which findings it would be said.
func (v *deskVisit) previewAnswer(accounts []string, back string) error {
	f := v.r.PostForm
	d := selectedData{Do: "answer", Back: back, Answer: f.Get("answer"), Cause: f.Get("cause"), Note: app.Short(f.Get("note"))}
	if !slices.Contains(sayable(licence.Code(d.Cause)), d.Answer) {
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
			if string(f.Code) == d.Cause {
				d.Findings = append(d.Findings, selectedFinding{account, nameOf(s), f.Fingerprint, subjectText(f.Subject)})
			}
		}
		if len(d.Findings) > mostSelected {
			return v.back(back, "select-many")
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
	if _, ok := v.day("until"); !ok {
		return v.back(back, "date-wrong")
	}
	became := fate{}
	failed, err := v.each(accounts, func(i int, account string) error {
		s, err := v.stateOf(account)
		if err == nil {
			err = v.answer(s, fingerprints[i])
		}
		switch {
		case errors.Is(err, errStale):
			became["gone"]++
			return nil
		case err == nil:
			became["answered"]++
		}
		return err
	})
	return v.over(back, became, failed, err)
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
	if d, _ := v.day("until"); d != "" {
		p.Until = d
	}
	if was := s.Known.Profile.Answers[f.Fingerprint].Value; f.State != licence.Open && was.Answer == p.Answer && was.Until == p.Until && was.Note == p.Note {
		return nil // a second press of the same button
	}
	return v.say(s, "answer/"+f.Fingerprint, p)
}
