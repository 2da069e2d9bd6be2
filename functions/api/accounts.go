package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/words"
)

const (
	mostListed = 200     // in one answer of a list
	mostAnswer = 1 << 20 // bytes of it
)

// pageOf is the place in a list that a request asks for.
func pageOf(r *http.Request) store.Page {
	n, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	return store.Page{Cursor: r.URL.Query().Get("cursor"), Limit: min(n, mostListed), Bytes: mostAnswer / 2}
}

// answerList answers with a page of a list.
func answerList[T any](a *API, w http.ResponseWriter, r *http.Request, name string, read reading[T], shown func(T) any) {
	answerPage(a, w, r, read, func(list []T, cursor string) any {
		out := make([]any, 0, len(list))
		for _, v := range list {
			out = append(out, shown(v))
		}
		return map[string]any{name: out, "cursor": cursor}
	})
}

// A reading reads a page of a list, and tells where it goes on.
type reading[T any] func(store.Page) ([]T, store.Page, error)

// answerPage answers with a page that is no larger than an answer may be: where what was read is larger
// when it is written down, less is read.
func answerPage[T any](a *API, w http.ResponseWriter, r *http.Request, read reading[T], shown func(list []T, cursor string) any) {
	for p := pageOf(r); ; {
		list, next, err := read(p)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		body, err := app.Written(shown(list, next.Cursor))
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		if len(body) <= mostAnswer || len(list) <= 1 {
			a.Reply(w, 200, json.RawMessage(body))
			return
		}
		p.Limit = len(list) / 2
	}
}

// then is a list that begins with what is at hand, and goes on with the rest, if there is one.
func then[T any](hand []T, rest reading[T]) reading[T] {
	return func(p store.Page) ([]T, store.Page, error) {
		at := 0
		if place, err := p.After(2); err != nil && rest != nil {
			return rest(p) // a place in the rest
		} else if err != nil {
			return nil, store.Page{}, err
		} else if place != nil {
			if at, err = strconv.Atoi(place[1]); err != nil || at < 0 {
				return nil, store.Page{}, store.ErrCursor
			}
		}
		list := slices.Clone(hand[min(at, len(hand)):])
		room := p.Size() - len(list)
		if room == 0 && rest != nil {
			list = append(list, *new(T)) // the rest begins on the next page
		}
		if room > 0 && rest != nil {
			more, next, err := rest(store.Page{Limit: room})
			return append(list, more...), next, err
		}
		list, next := store.Cut(p, list, func(T) []string { return []string{"at", strconv.Itoa(at + p.Size())} })
		return list, next, nil
	}
}

// accounts lists customers, or finds them by a scrap: CustID, serial, company, address or its
// domain, invoice number.
func accounts(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := strings.TrimSpace(r.URL.Query().Get("q"))
		answerList(a, w, r, "accounts", func(p store.Page) ([]licence.Entry, store.Page, error) {
			if q != "" {
				return a.Engine.Find(r.Context(), q, p)
			}
			return a.Store.Accounts(r.Context(), p)
		}, func(e licence.Entry) any { return e.Brief() })
	}
}

// state loads the account that a route names; false: it has been answered. Of one that was erased
// there are the facts alone.
func (a *API) state(w http.ResponseWriter, r *http.Request) (licence.State, bool) {
	id := r.PathValue("account")
	l, err := a.Store.Load(r.Context(), id, store.Want{})
	erased := l.State.N > 0 && !l.State.Known.Profile.Account.Told() && !strings.HasSuffix(r.URL.Path, "/facts")
	if err == nil && (l.State.N == 0 || erased) && id != store.Operations {
		err = app.ErrNotFound
	}
	if err != nil {
		a.Fail(w, r, err)
		return licence.State{}, false
	}
	return l.State, true
}

// account tells what account.changed told, and of each installation its phase and numbers.
func account(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		a.Reply(w, 200, accountJSON(s, a.Now()))
	}
}

type installationJSON struct {
	licence.Installation
	Phase licence.LapsePhase `json:"phase"`
	Plans []planJSON         `json:"plans"`
}

type planJSON struct {
	Plan     string              `json:"plan"`
	Assigned *diagnosis.Evidence `json:"assigned"`
	Offered  *diagnosis.Evidence `json:"offered"`
	Ordered  *diagnosis.Evidence `json:"ordered"`
	Total    *diagnosis.Evidence `json:"total"`
}

func accountJSON(s licence.State, now time.Time) any {
	p := s.Known.Profile
	sites := diagnosis.Installations(s, now, now)
	ins := []installationJSON{}
	for _, i := range p.Account.Value.Installations {
		j := installationJSON{Installation: i, Phase: diagnosis.PhaseUnknown, Plans: []planJSON{}}
		for _, site := range sites {
			if site.CustID == i.CustID {
				j.Phase = site.Phase
				for _, n := range site.Plans {
					j.Plans = append(j.Plans, planJSON{n.Plan, n.Assigned, n.Offered, n.Ordered, n.Total})
				}
			}
		}
		ins = append(ins, j)
	}
	v := p.Account.Value
	return struct {
		Account       string             `json:"account"`
		Name          string             `json:"name"`
		Locale        string             `json:"locale"`
		Timezone      string             `json:"timezone"`
		Model         string             `json:"model"`
		Contacts      []licence.Contact  `json:"contacts"`
		Installations []installationJSON `json:"installations"`
		Billing       []licence.Mapping  `json:"billing"`
		Plans         []licence.Plan     `json:"plans"`
		Mail          *string            `json:"mail,omitempty"`
		Country       *string            `json:"country,omitempty"`
		Payer         *string            `json:"payer,omitempty"`
		Extend        *licence.Extend    `json:"extend,omitempty"`
		NotSeats      *[]string          `json:"not_seats,omitempty"`
		Drift         licence.Drift      `json:"drift"`
	}{s.Account, v.Name, v.Locale, v.Timezone, v.Model, v.Contacts, ins, v.Billing, v.Plans,
		p.Mail.Value, p.Country.Value, p.Payer.Value, p.Extend.Value, p.NotSeats.Value, s.History.Drift}
}

// lang is the language that a request asks for, else the account's.
func lang(r *http.Request, s licence.State) *words.Language {
	return words.OfAccount(s, r.URL.Query().Get("lang"))
}

// diagnosisOf tells the whole truth about an account, now or at another instant.
func diagnosisOf(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		now := a.Now()
		at := now
		if q := r.URL.Query().Get("at"); q != "" {
			t, err := parseInstant(q, s)
			if err != nil {
				a.Fail(w, r, &app.Refusal{Status: 400, Code: "malformed", Message: "at: write an instant such as 2027-01-01T00:00:00Z, or a date, of a year from 1900 to 9998", Fields: nil})
				return
			}
			at = t
		}
		d := diagnosis.Diagnose(s, now, at)
		o, err := effects.Options(r.Context(), a.Store, s, d)
		if err != nil {
			a.Fail(w, r, err)
			return
		}
		a.Reply(w, 200, lang(r, s).View(d, o))
	}
}

// parseInstant reads an instant, or a date at the customer's.
func parseInstant(q string, s licence.State) (time.Time, error) {
	t, err := licence.ParseInstant(q)
	if err != nil {
		d, bad := licence.ParseDate(q)
		t, err = d.Start(app.ZoneOf(s)), bad
	}
	if err == nil && !licence.Sane(t) {
		err = errors.New("no such year")
	}
	return t, err
}

// facts is the account's audit trail, newest first.
func facts(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		answerList(a, w, r, "facts", func(p store.Page) ([]store.StoredFact, store.Page, error) {
			return a.Store.Facts(r.Context(), s.Account, p)
		}, storedJSON)
	}
}

type factJSON struct {
	licence.Fact
	N  int64     `json:"n,omitempty"`
	At time.Time `json:"received_at"`
}

func (f factJSON) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(f.Fact)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	m["n"], _ = json.Marshal(f.N)
	if !f.At.IsZero() {
		m["received_at"], _ = json.Marshal(f.At)
	}
	return json.Marshal(m)
}

func storedJSON(f store.StoredFact) any { return factJSON{f.Fact, f.N, f.At} }

// mails tells what was not sent and why not, what was sent and why, and what lies as a draft: the newest
// on the first page, and on each the earliest sent first.
func mails(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		var not []any
		for _, n := range notSent(s, a.Now()) {
			not = append(not, n)
		}
		answerPage(a, w, r, then(not, func(p store.Page) ([]any, store.Page, error) {
			return rowsOf[effects.MailRow](a.Store.Rows(r.Context(), s.Account, "mail", p))
		}), func(list []any, cursor string) any {
			sent, waiting, not := []effects.MailRow{}, []effects.MailRow{}, []notSentJSON{}
			for _, v := range list {
				switch v := v.(type) {
				case notSentJSON:
					not = append(not, v)
				case effects.MailRow:
					if v.SentAt != nil {
						sent = append(sent, v)
					} else {
						waiting = append(waiting, v)
					}
				}
			}
			sort.SliceStable(sent, func(i, j int) bool { return sent[i].SentAt.Before(*sent[j].SentAt) })
			return map[string]any{"mails": sent, "drafts": waiting, "not_sent": not, "cursor": cursor}
		})
	}
}

// rowsOf are rows as what they hold.
func rowsOf[T any](rows []licence.Row, next store.Page, err error) ([]any, store.Page, error) {
	var out []any
	for _, row := range rows {
		var v T
		if err := json.Unmarshal(row.Body, &v); err != nil {
			return nil, store.Page{}, err
		}
		out = append(out, v)
	}
	return out, next, err
}

type notSentJSON struct {
	Fingerprint string       `json:"fingerprint"`
	Code        licence.Code `json:"code"`
	To          string       `json:"to"`
	Why         string       `json:"why"`
	Until       *time.Time   `json:"until"`
}

func notSent(s licence.State, now time.Time) []notSentJSON {
	out := []notSentJSON{}
	for _, n := range casework.Notices(s, now) {
		j := notSentJSON{Fingerprint: n.About.Fingerprint, Code: n.Code, To: n.Address, Why: n.Why}
		j.Why = cmp.Or(j.Why, "about-to-go")
		if n.At.After(now) {
			at := n.At.UTC()
			j.Until = &at
		}
		out = append(out, j)
	}
	return out
}

// seats lists the people of an account's production installations, or the holders of a plan,
// the best to free first.
func seats(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := a.state(w, r)
		if !ok {
			return
		}
		plan := r.URL.Query().Get("plan")
		cust := r.URL.Query().Get("cust_id")
		if cust == "" {
			for _, site := range diagnosis.Installations(s, a.Now(), a.Now()) {
				if site.Production() {
					cust = site.CustID
					break
				}
			}
		}
		in := s.Known.Inst(cust)
		answerList(a, w, r, "seats", func(p store.Page) ([]licence.Seat, store.Page, error) {
			if plan != "" {
				return a.Store.Candidates(r.Context(), s.Account, in.CustID, in.Roster.ID, plan, p)
			}
			return a.Store.Seats(r.Context(), s.Account, in.CustID, in.Roster.ID, p)
		}, func(seat licence.Seat) any {
			plans := []any{}
			for _, p := range store.Holds(seat) {
				open := &[]int{seat.Plans[p].Requests}[0]
				if *open == licence.Unseen {
					open = nil
				}
				plans = append(plans, map[string]any{"plan": p, "open_requests": open})
			}
			return map[string]any{"cust_id": cust, "user": seat.User.Value, "plans": plans, "observed_at": seat.User.At}
		})
	}
}

// parked lists verified facts whose account is not known yet.
func parked(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answerList(a, w, r, "parked", func(p store.Page) ([]store.StoredFact, store.Page, error) { return a.Store.Unmatched(r.Context(), p) }, storedJSON)
	}
}

// aside lists bodies that a person must look at.
func aside(a *API) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answerList(a, w, r, "aside", func(p store.Page) ([]store.Rejected, store.Page, error) { return a.Store.Rejections(r.Context(), p) }, asideJSON)
	}
}

// asideJSON is a body as it came; of one that grows beyond an answer by being written down, the
// beginning, and how large it is.
func asideJSON(x store.Rejected) any {
	out := map[string]any{"id": x.ID, "sender": x.Sender, "account": x.Account, "route": x.Route, "header": x.Header, "code": x.Code, "message": x.Message, "at": x.At}
	for body := x.Body; ; body = body[:len(body)/2] {
		out["body"] = string(body)
		if b, err := app.Written(out); err != nil || len(b) <= mostAnswer/2 || len(body) == 0 {
			return out
		}
		out["bytes"] = len(x.Body)
	}
}
