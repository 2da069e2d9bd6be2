package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/functions/page"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
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
	More            int      // mails that wait too, and are not among these
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
	if !ours(back) {
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
		return v.previewDrafts(accounts, nil, do, back, 0)
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

// actsFor is how long one press of a button begins something new. The function has ten seconds more, for
// what was begun last: so who pressed learns what is left.
const actsFor = 15 * time.Second

// each does something for each part of a form, whatever became of the others, as long as there is time: rest are the
// parts that were not begun. Of what failed it says the accounts; where all failed, why the first did.
func each[T any](v *deskVisit, parts []T, account func(T) string, do func(T) error) (rest []T, failed []string, err error) {
	did, until := 0, v.Now().Add(actsFor)
	for i, part := range parts {
		if v.Now().After(until) {
			rest = parts[i:]
			break
		}
		switch e := do(part); {
		case e == nil:
			did++
		default:
			account := account(part)
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
	return rest, failed, err
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
	rest, failed, err := each(v, accounts, func(account string) string { return account }, func(account string) error {
		s, err := v.stateOf(account)
		if err == nil {
			err = v.assign(s, to)
		}
		if err == nil {
			became["assigned"]++
		}
		return err
	})
	became["left"] = len(rest)
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

// previewDrafts shows the very mails that would go, or be dropped. Of all that wait (0: some were selected) it shows
// as many as can be decided on at once; of some alone, where ids says which.
func (v *deskVisit) previewDrafts(accounts, ids []string, do, back string, all int) error {
	d := selectedData{Do: do, Back: back}
	for _, account := range accounts {
		if all > 0 && (len(d.Drafts) == boardPage || d.Mails == mostSelected) {
			break
		}
		s, err := v.stateOf(account)
		var mails []effects.MailRow
		if err == nil {
			mails, err = v.draftsFor(v.r.Context(), account)
		}
		if err != nil && all > 0 { // the others are not held up by it
			v.Log.Error("support", "route", v.r.Pattern, "account", account, "error", err.Error())
			continue
		}
		if err != nil {
			return err
		}
		if ids != nil {
			mails = slices.DeleteFunc(mails, func(m effects.MailRow) bool { return !slices.Contains(ids, m.ID) })
		}
		if all > 0 {
			mails = mails[:min(len(mails), mostSelected-d.Mails)]
		}
		if len(mails) == 0 {
			if all == 0 {
				d.Without = append(d.Without, nameOf(s))
			}
			continue
		}
		d.Drafts = append(d.Drafts, draftsOf{account, nameOf(s), held(s, mails, v.Now())})
		if d.Mails += len(mails); d.Mails > mostSelected {
			return v.back(back, "select-many")
		}
	}
	if (all > 0 || ids != nil) && d.Mails == 0 {
		return v.backWith(back, fate{"none": 1}.query())
	}
	d.More = max(0, all-d.Mails)
	return v.show(http.StatusOK, "selected", strings.TrimSuffix(v.g.say("selected."+do), " …"), v.zone(), d)
}

// A part is drafts of one customer that are decided on together: few, so that there is time for them.
type part struct {
	account string
	ids     []string
}

// partMails is how many mails one part has at most.
const partMails = 10

// draftsSelected sends or drops what was shown, and nothing that has come since.
func (v *deskVisit) draftsSelected(accounts, ids []string, send bool, back string) error {
	if len(ids) != len(accounts) {
		return v.back(back, "stale")
	}
	var parts []part
	for i, account := range accounts {
		last := len(parts) - 1
		switch {
		case ids[i] == "":
		case last < 0 || parts[last].account != account || len(parts[last].ids) == partMails:
			parts = append(parts, part{account, ids[i : i+1 : i+1]})
		default:
			parts[last].ids = append(parts[last].ids, ids[i])
		}
	}
	all, done := fate{}, []string{}
	rest, failed, err := each(v, parts, func(p part) string { return p.account }, func(p part) error {
		became, err := v.decideFor(p.account, p.ids, send)
		all.add(became)
		if len(became) > 0 && became["none"] < len(p.ids) {
			done = append(done, p.account)
		}
		return err
	})
	for _, p := range rest {
		all["left"] += len(p.ids)
	}
	if err == nil && len(failed) == 0 {
		return v.backWith(back, about(all.query(), done))
	}
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
	var findings [][2]string // account and fingerprint
	for i, account := range accounts {
		findings = append(findings, [2]string{account, fingerprints[i]})
	}
	rest, failed, err := each(v, findings, func(f [2]string) string { return f[0] }, func(f [2]string) error {
		s, err := v.stateOf(f[0])
		if err == nil {
			err = v.answer(s, f[1])
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
	became["left"] = len(rest)
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
