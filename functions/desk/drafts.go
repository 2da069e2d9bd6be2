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

// draftAccounts are the customers whose drafts stand on one page.
const draftAccounts = 20

// A draftsOf is a customer, and the mails to it that wait for a person.
type draftsOf struct {
	Account, Name string
	Drafts        []deskDraft
}

type draftsData struct {
	Customers []draftsOf
	Count     int // over all customers
	Older     string
	Here      string // the address of this page, to come back to
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
	d := draftsData{Count: n, Here: "/support/drafts"}
	after, last := v.r.URL.Query().Get("after"), ""
	if after != "" {
		d.Here += "?after=" + url.QueryEscape(after)
	}
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

// decideDrafts sends or drops one draft, or those of one customer that the page showed. Of all there are it first
// shows what would go.
func decideDrafts(v *deskVisit) error {
	if err := v.mayNot("drafts"); err != nil {
		return err
	}
	const back = "/support/drafts"
	send, ok := sends(v.r)
	if !ok {
		return v.back(back, "stale")
	}
	if v.r.PostForm.Has("account") || v.r.PostForm.Has("id") {
		return v.draftsOf(v.r.PostFormValue("account"), send, back)
	}
	list, n, err := v.withDrafts(v.r.Context())
	if err != nil {
		return err
	}
	if n == 0 {
		return v.backWith(back, fate{"none": 1}.query())
	}
	var accounts []string
	for _, e := range list {
		accounts = append(accounts, e.Account)
	}
	return v.previewDrafts(accounts, nil, v.r.PostFormValue("do"), back, n)
}

// draftsOf sends those drafts of one customer that the form names, or shows what would be dropped.
func (v *deskVisit) draftsOf(account string, send bool, back string) error {
	ids := v.r.PostForm["id"]
	if account == "" || len(ids) == 0 || len(ids) > mostSelected {
		return v.back(back, "stale")
	}
	if account == store.Operations {
		return app.ErrNotFound
	}
	if !send {
		return v.previewDrafts([]string{account}, ids, "drop", back, 0)
	}
	return v.draftsSelected(slices.Repeat([]string{account}, len(ids)), ids, send, back)
}

// sends tells which of two buttons was pressed.
func sends(r *http.Request) (send, ok bool) {
	do := r.PostFormValue("do")
	return do == "send", do == "send" || do == "drop"
}

// decideFor sends or drops some drafts of one account. Who wanted it is written down first: a cut in between
// leaves a wish without a deed, never a deed without a name.
func (v *deskVisit) decideFor(account string, ids []string, send bool) (fate, error) {
	ctx, did := v.r.Context(), "drafts-drop"
	if send {
		did = "drafts-send"
	}
	drafts, err := v.draftsFor(ctx, account)
	if err != nil {
		return nil, err
	}
	drafts = slices.DeleteFunc(drafts, func(m effects.MailRow) bool { return !slices.Contains(ids, m.ID) })
	became := fate{"none": len(ids) - len(drafts)}
	if len(drafts) == 0 {
		return became, nil
	}
	if err := v.Engine.Record(ctx, account, func(licence.State) (rows []licence.Row, _ []licence.Name, _ error) {
		for _, m := range drafts {
			rows = append(rows, audit(v.Now(), v.staff.Name, did, m.ID))
		}
		return rows, nil, nil
	}); err != nil {
		return nil, err
	}
	for _, m := range drafts {
		if _, err := v.Engine.Drafts(ctx, account, m.ID, send); err != nil {
			return nil, err
		}
	}
	if err := v.Engine.Deliver(ctx, account); err != nil { // whoever pressed sees on the next page what became of it
		return nil, err
	}
	l, err := v.Store.Load(ctx, account, store.Want{})
	if err != nil {
		return nil, err
	}
	done, err := v.fateOf(ctx, l.State, drafts, send)
	became.add(done)
	return became, err
}
