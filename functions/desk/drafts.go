package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

const (
	draftAccounts = 20  // customers whose drafts stand on one page
	draftsAtOnce  = 100 // customers whose drafts one press of a button sends or drops
)

// A draftsOf is a customer, and the mails to it that wait for a person.
type draftsOf struct {
	Account, Name string
	Drafts        []deskDraft
}

type draftsData struct {
	Customers []draftsOf
	Count     int // over all customers
	Older     string
}

// withDrafts are the customers to whom mails wait, from the index.
func (a *Desk) withDrafts(ctx context.Context) ([]licence.Entry, int, error) {
	all, _, err := a.entries(ctx)
	var out []licence.Entry
	n := 0
	for _, e := range all {
		if e.Drafts > 0 {
			out, n = append(out, e), n+e.Drafts
		}
	}
	return out, n, err
}

// deskDrafts shows all drafts, some customers a page.
func deskDrafts(v *deskVisit) error {
	list, n, err := v.withDrafts(v.r.Context())
	if err != nil {
		return err
	}
	if v.asTable() {
		return v.exportDrafts(list)
	}
	d := draftsData{Count: n}
	after, last := v.r.URL.Query().Get("after"), ""
	for _, e := range list {
		if e.Place() <= after { // the list stands in the order of places
			continue
		}
		if len(d.Customers) == draftAccounts {
			d.Older = "/support/drafts?after=" + url.QueryEscape(last)
			break
		}
		last = e.Place()
		mails, err := v.draftsFor(v.r.Context(), e.Account)
		if err != nil {
			return err
		}
		if len(mails) == 0 {
			continue
		}
		l, err := v.Store.Load(v.r.Context(), e.Account, store.Want{})
		if err != nil {
			return err
		}
		d.Customers = append(d.Customers, draftsOf{e.Account, e.Name, held(l.State, mails, v.Now())})
	}
	return v.show(http.StatusOK, "drafts", v.g.say("drafts"), v.zone(), d)
}

// mailsOf are an account's latest, the newest first. The desk reads them without their links:
// who opens one acts in the name of the person to whom it was given.
func (a *Desk) mailsOf(ctx context.Context, account string) ([]effects.MailRow, error) {
	rows, _, err := a.Store.Rows(ctx, account, "mail", store.Page{Limit: 200})
	if err != nil {
		return nil, err
	}
	var out []effects.MailRow
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return nil, err
		}
		if m.Link != "" {
			m.Text = strings.ReplaceAll(m.Text, m.Link, a.BaseURL+"/r/…")
		}
		m.Link, m.HTML = "", ""
		out = append(out, m)
	}
	return out, nil
}

func (a *Desk) draftsFor(ctx context.Context, account string) ([]effects.MailRow, error) {
	mails, err := a.mailsOf(ctx, account)
	return drafted(mails), err
}

func drafted(mails []effects.MailRow) []effects.MailRow {
	var out []effects.MailRow
	for _, m := range mails {
		if m.SentAt == nil {
			out = append(out, m)
		}
	}
	return out
}

// decideDrafts sends or drops one draft, all of one customer, or all there are.
func decideDrafts(v *deskVisit) error {
	if err := v.mayNot("drafts"); err != nil {
		return err
	}
	send, ok := sends(v.r)
	if !ok || v.r.PostFormValue("account") == "" && (v.r.PostForm.Has("account") || v.r.PostForm.Has("id")) { // all are meant where none is named
		return v.back("/support/drafts", "stale")
	}
	if account := v.r.PostFormValue("account"); account != "" {
		became, err := v.decideFor(account, v.r.PostFormValue("id"), send)
		if err != nil {
			return err
		}
		return v.backWith("/support/drafts", became.query())
	}
	list, _, err := v.withDrafts(v.r.Context())
	if err != nil {
		return err
	}
	all := fate{}
	var accounts []string
	for _, e := range list[:min(len(list), draftsAtOnce)] {
		accounts = append(accounts, e.Account)
	}
	if more := len(list) - len(accounts); more > 0 {
		all["more"] = more
	}
	failed, err := v.each(accounts, func(_ int, account string) error {
		became, err := v.decideFor(account, "", send)
		all.add(became)
		return err
	})
	return v.over("/support/drafts", all, failed, err)
}

// sends tells which of two buttons was pressed.
func sends(r *http.Request) (send, ok bool) {
	do := r.PostFormValue("do")
	return do == "send", do == "send" || do == "drop"
}

// decideFor sends or drops drafts of one account; id "": all. Who wanted it is written down
// first: a cut in between leaves a wish without a deed, never a deed without a name.
func (v *deskVisit) decideFor(account, id string, send bool) (fate, error) {
	ctx, did := v.r.Context(), "drafts-drop"
	if send {
		did = "drafts-send"
	}
	if account == store.Operations {
		return nil, app.ErrNotFound
	}
	drafts, err := v.draftsFor(ctx, account)
	if err != nil {
		return nil, err
	}
	if id != "" {
		drafts = slices.DeleteFunc(drafts, func(m effects.MailRow) bool { return m.ID != id })
	}
	if len(drafts) == 0 {
		return fate{"none": 1}, nil
	}
	if err := v.Engine.Record(ctx, account, func(licence.State) ([]licence.Row, []licence.Name, error) {
		return []licence.Row{audit(v.Now(), v.staff.Name, did, id)}, nil, nil
	}); err != nil {
		return nil, err
	}
	if _, err := v.Engine.Drafts(ctx, account, id, send); err != nil {
		return nil, err
	}
	if err := v.Engine.Deliver(ctx, account); err != nil { // whoever pressed sees on the next page what became of it
		return nil, err
	}
	l, err := v.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return nil, err
	}
	return v.fateOf(ctx, l.State, drafts, send)
}
