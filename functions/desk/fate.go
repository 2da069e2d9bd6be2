package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
)

// What became of drafts that a person decided on. Nothing is called sent before it went.

// fates are all there are, in the order in which they are said: sent; unsure, nobody knows whether it
// went; waits and refused, its mail server did not take it; rests, somebody there has just said otherwise, maybe; later, it is on its way; ended, its matter
// has; old, its figures do not count any more; nobody, there is no one who may have it; off, no mail goes to that customer now; dropped; none,
// there was no such draft any more; left, there was no time for them. Of what is done with several customers:
// answered and assigned; gone, the finding is not there any more.
var fates = []string{"sent", "unsure", "waits", "refused", "rests", "later", "ended", "old", "nobody", "off", "dropped", "none", "answered", "assigned", "gone", "left"}

// A fate counts drafts by what became of them.
type fate map[string]int

func (f fate) add(g fate) {
	for k, n := range g {
		f[k] += n
	}
}

// query is how the next page is told.
func (f fate) query() url.Values {
	q := url.Values{"said": {"drafts"}}
	for _, k := range fates {
		if f[k] > 0 {
			q.Set(k, strconv.Itoa(f[k]))
		}
	}
	return q
}

// namesShown are the customers at most whom a sentence names.
const namesShown = 3

// about names in an address of which customers it was.
func about(q url.Values, accounts []string) url.Values {
	if list := once(accounts); len(list) <= namesShown {
		q["about"] = list
	}
	return q
}

// aboutSaid names them.
func (v *deskVisit) aboutSaid() (string, error) {
	accounts := v.r.URL.Query()["about"]
	if len(accounts) == 0 || len(accounts) > namesShown {
		return "", nil
	}
	var names []string
	for _, account := range accounts {
		s, err := v.stateOf(account)
		switch {
		case errors.Is(err, app.ErrNotFound):
		case err != nil:
			return "", err
		default:
			names = append(names, nameOf(s))
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return " " + v.g.say("fate.for", strings.Join(names, ", ")), nil
}

// fateSaid says it.
func (g tongue) fateSaid(q url.Values) string {
	var out []string
	for _, k := range fates {
		if n, err := strconv.Atoi(q.Get(k)); err == nil && n > 0 && n < 1e6 {
			line := g.say("fate." + k)
			if strings.Contains(line, "%d") {
				line = fmt.Sprintf(line, n)
			}
			out = append(out, strings.Replace(line, "%s", g.counted("mails", n), 1))
		}
	}
	return strings.Join(out, " ")
}

// fateOf tells what became of drafts of a customer that were to be sent or dropped.
func (a *Desk) fateOf(ctx context.Context, s licence.State, drafts []effects.MailRow, send bool) (fate, error) {
	mails, err := a.mailsOf(ctx, s.Account)
	if err != nil {
		return nil, err
	}
	d := diagnosis.Diagnose(s, a.Now(), a.Now())
	out := fate{}
	for _, was := range drafts {
		i := slices.IndexFunc(mails, func(m effects.MailRow) bool { return m.ID == was.ID })
		switch {
		case i < 0 && send:
			out[thrown(s, d, was)]++
		case i < 0:
			out["dropped"]++
		case mails[i].SentAt == nil:
			out[cmp.Or(holding(s, was, a.Now()), "later")]++
		case strings.Contains(mails[i].Why, ", uncertain"):
			out["unsure"]++
		default:
			out["sent"]++
		}
	}
	return out, nil
}

// thrown is why a draft that was to be sent is there no more.
func thrown(s licence.State, d diagnosis.Diagnosis, m effects.MailRow) string {
	if policy := s.MailPolicy(); policy == "off" || policy == "operator" {
		return "off"
	}
	for _, f := range append(d.Findings, d.Upcoming...) {
		if f.State == licence.Open && slices.Contains(m.About, f.Fingerprint) {
			return "nobody"
		}
	}
	if tooOld(s, d, m) {
		return "old"
	}
	return "ended"
}

// tooOld tells whether all that a draft is about rests on figures that do not count any more.
func tooOld(s licence.State, d diagnosis.Diagnosis, m effects.MailRow) bool {
	for _, fp := range m.About {
		p := s.History.Findings[fp]
		i := slices.IndexFunc(d.Findings, func(f diagnosis.Finding) bool { return f.Fingerprint == fp })
		if i >= 0 && d.Findings[i].State != licence.Unsettled || i < 0 && (p == nil || !p.Open || p.Ahead) {
			return false
		}
	}
	return len(m.About) > 0
}

// A deskDraft is a mail that waits for a person, or that one has sent and that has not gone.
type deskDraft struct {
	effects.MailRow
	Hold string // see holding
}

func held(s licence.State, mails []effects.MailRow, now time.Time) []deskDraft {
	var out []deskDraft
	d := diagnosis.Diagnose(s, now, now)
	for _, m := range drafted(mails) {
		x := deskDraft{m, holding(s, m, now)}
		if x.Hold == "" && tooOld(s, d, m) {
			x.Hold = "old"
		}
		out = append(out, x)
	}
	return out
}

// holding is what a draft waits for that a person has sent, or "": nobody has.
func holding(s licence.State, m effects.MailRow, now time.Time) string {
	for _, e := range s.History.Pending {
		if e.Draft != m.ID {
			continue
		}
		u, ok := s.History.Unsent[strings.ToLower(m.To)]
		switch {
		case ok && u.Final && !u.Ours:
			return "refused"
		case !ok && !casework.Resting(s, now).IsZero():
			return "rests"
		case ok || e.Fails > 0:
			return "waits"
		}
		return "later"
	}
	return ""
}
