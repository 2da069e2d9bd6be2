package functions_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/casework"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Where nothing is granted, what was told counts for a week at risk. Then support has one task, without a
// mail of its own, in one list; the administrator is asked once, by a link whose page begins with the
// question; and the answer closes the task.
func TestFiguresAreAskedFor(t *testing.T) {
	w := newWorld(t, nil)
	w.unread(granit())
	type task struct {
		Code, Owner, State, Severity string
		Subject                      licence.Subject
		Finding                      any
		Closed                       *time.Time `json:"closed_at"`
	}
	needed := func() (found []task) {
		var v struct{ Tasks []task }
		w.ask("/accounts/G-1/tasks", &v)
		return slices.DeleteFunc(v.Tasks, func(t task) bool { return t.Code != "figures-needed" })
	}
	if got := needed(); len(got) > 0 {
		t.Fatalf("on the first day: %+v", got)
	}
	w.advance(morning.AddDate(0, 0, 11))
	got := needed()
	if len(got) != 1 || got[0].Owner != "support" || got[0].State != "open" || got[0].Severity != "high" || got[0].Finding != nil || got[0].Subject != (licence.Subject{Kind: "account", ID: "G-1"}) {
		t.Fatalf("the tasks are %+v", got)
	}
	var asked []effects.MailRow
	for _, m := range w.inbox() {
		if m.Why == "notice figures-needed" {
			asked = append(asked, m)
		}
	}
	if len(asked) != 1 || asked[0].To != "ulla.sten@granit.example" || asked[0].Subject != "What does the Licences screen say today?" {
		t.Fatalf("asked %+v", asked)
	}
	for account, want := range map[string]int{"G-1": 0, store.Operations: 4} { // Tuesday, Wednesday, Thursday and Friday
		lists := 0
		for _, m := range w.deskMails(account) {
			if strings.Contains(m.Why, "figures") {
				lists++
				w.reads(m.Text, "- Granit AB (G-1): licence until Sun 13 Dec 2026. https://", "/support/accounts/G-1", "All of them: https://", "/support/figures-needed.xlsx", "onboard -export figures.xlsx")
				if m.To != app.Invented.Desks["support"] || !strings.HasSuffix(m.Subject, "] 1 customer: figures needed") {
					t.Errorf("to %s: %s", m.To, m.Subject)
				}
			}
		}
		if lists != want {
			t.Errorf("%d mails of it from %s, want %d", lists, account, want)
		}
	}
	nora := w.signsIn("nora@fjordpartner.example")
	if page := w.get("/support", nora).body; !strings.Contains(page, `<a href="/support/figures-needed.xlsx"><b>1</b> Customer whose figures are needed (XLSX)</a>`) {
		t.Errorf("the board says nothing of it: %s", text(page))
	}
	sheet := w.get("/support/figures-needed.csv", nora)
	if head, rows, _ := strings.Cut(sheet.body, "\r\n"); sheet.status != 200 || head != "\ufeff"+strings.Join(casework.FiguresColumns, ";") || !strings.HasPrefix(rows, "G-1;Granit AB;"+granitCust+";sales;") {
		t.Errorf("the sheet is %d %s", sheet.status, sheet.body)
	}
	b := w.browse(path(t, asked[0].Link))
	b.session()
	w.reads(b.open(""), "What does the Licences screen say today?")
	b.submit("/screen", "A new licence is waiting", nil)
	w.reads(b.submit("/screen", "Yes, all of it", nil), "Your answer is kept.")
	w.advance(w.clock.Now().Add(16 * time.Minute)) // until then it can be taken back
	if got := needed(); len(got) != 1 || got[0].Closed == nil {
		t.Errorf("answered, the tasks are %+v", got)
	}
	w.advance(w.clock.Now().AddDate(0, 0, 5))
	if got := len(w.deskMails(store.Operations)); got != 4 {
		t.Errorf("%d lists when nothing is needed any more", got)
	}
}

// deskMails are the mails to a desk that an account wrote, the earliest first.
func (w *world) deskMails(account string) (all []effects.DeskMail) {
	w.Helper()
	rows, _, err := w.db.Rows(w.Context(), account, "desk", store.Page{Limit: 100})
	if err != nil {
		w.Fatal(err)
	}
	for _, row := range rows {
		var m effects.DeskMail
		if err := json.Unmarshal(row.Body, &m); err != nil {
			w.Fatal(err)
		}
		all = append([]effects.DeskMail{m}, all...)
	}
	return all
}
