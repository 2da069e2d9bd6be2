package functions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/functions"
	"seatmend/shared/effects"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A customer whose name a spreadsheet would take for a formula, with two too many.
func (w *world) tooMany(i int, name string) {
	w.Helper()
	w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"W-%[1]d","name":%[2]q,"locale":%[3]q,"timezone":"Europe/Oslo","model":"plans","mail":"review",
		"contacts":[{"id":"a","name":"Ada Moe","email":"ada@w%[1]d.example","role":"admin","locale":%[3]q}],
		"installations":[{"cust_id":"Cust6%03[1]d","serial":"6%03[1]d","kind":"production","hosting":"onsite","url":"https://crm.w%[1]d.example"}],
		"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, i, name, w.locale)), "applied")
	w.must(w.say("licence.reported", w.clock.Now(), fmt.Sprintf(`{"account":"W-%[1]d","cust_id":"Cust6%03[1]d","serial":"6%03[1]d","version":"12.2","licensed_version":"12.2",
		"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2026-11-15","expires":"2026-12-13","grace_until":"2026-12-25","offered":true,"can_activate":false,"markers":["online"],
		"plans":[{"plan":"p","module":"m","description":"P","total":10,"new_total":7,"in_use":9,"unrestricted":false}]}`, i)), "applied")
}

func withWork(t *testing.T, customers int) deskWorld {
	t.Helper()
	d := deskWith(t, nil, "first", "demo/bjorkdal-bygg")
	for i := range customers {
		d.tooMany(i, fmt.Sprintf("=Work %d AS", i))
	}
	d.advance(morning.Add(time.Hour))
	return d
}

// names are the customers of a list, in its order.
func names(page string) (out []string) {
	for _, m := range regexp.MustCompile(`<a class="name" href="[^"]*">([^<]+)</a>`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// Who has a case is a fact with a name; notes are kept and bounded; neither reaches a customer.
func TestWhoHasACase(t *testing.T) {
	d := withWork(t, 1)
	at := "/support/accounts/W-0"
	shows(t, d.send(at+"/assign", url.Values{"to": {"Nora Dahl"}}), "Saved", "Nora Dahl has this case.", "Case assigned to Nora Dahl by Nora Dahl")
	page := d.send(at+"/assign", url.Values{"to": {"Siv Lund"}, "note": {"Ada rings back\nat noon"}})
	shows(t, page, "Siv Lund has this case.", "Ada rings back at noon")
	if f := d.fact("W-0", "case.assigned"); f.Payload.(licence.CaseAssigned) != (licence.CaseAssigned{To: "Siv Lund", By: "Nora Dahl"}) {
		t.Errorf("stored %+v", f.Payload)
	}
	shows(t, d.send(at+"/assign", url.Values{"to": {"Nobody Here"}}), "Nothing was saved", "Siv Lund has this case.")
	shows(t, d.see("/support?assigned=Siv+Lund"), "1 case.", "=Work 0 AS")
	shows(t, d.send(at+"/assign", url.Values{"to": {""}}), "Nobody has this case.")
	shows(t, d.send(at+"/note", url.Values{"note": {" "}}), "the note was empty")
	for i := range 203 {
		d.clock.set(d.clock.Now().Add(time.Second))
		if out := d.press(at+"/note", url.Values{"note": {fmt.Sprintf("note %d <b>", i)}}, d.cookie); out.status != http.StatusSeeOther {
			t.Fatal(out)
		}
	}
	page = d.see(at)
	shows(t, page, "All 200 notes", "note 202 <b>", "note 3 <b>")
	if strings.Contains(text(page), "note 2 <b>") || strings.Contains(text(page), "Ada rings back") {
		t.Error("notes have no bound")
	}
	for _, row := range d.mailRows() {
		if strings.Contains(row.Text, "note 2") {
			t.Errorf("a customer reads a note: %s", row.Text)
		}
	}
}

// Of one kind the time line has all there is, however much of other kinds came since.
func TestTheTimeLineOfOneKind(t *testing.T) {
	d := withWork(t, 1)
	at := "/support/accounts/W-0"
	d.send(at+"/assign", url.Values{"to": {"Siv Lund"}, "note": {"Ada rings back"}})
	for i := range 70 {
		d.clock.set(d.clock.Now().Add(time.Second))
		d.must(d.say("seat.changed", d.clock.Now(), fmt.Sprintf(`{"account":"W-0","cust_id":"Cust6000","plan":"p","held":%v,"open_requests":0,"user":{"id":"1","name":"Ida","email":"ida@w0.example","can_login":true,"admin":false,"protected":false,"waiting_for_approval":false,"last_active":null}}`, i%2 == 0)), "applied")
	}
	for kind, says := range map[string]string{"note": "Ada rings back", "answer": "Case assigned to Siv Lund", "fact": "and 29 more like it", "desk": "Nothing of this kind here."} {
		page := d.see(at + "?kind=" + kind)
		_, line, _ := strings.Cut(page, `<section id="line">`)
		shows(t, line, says)
		if strings.Contains(line, "Nothing has happened yet") || strings.Contains(line, `rel="next"`) != (kind == "fact") {
			t.Errorf("%s: %s", kind, text(line))
		}
	}
}

// Several are selected, what would go is shown, and that goes and nothing else.
func TestSeveralAtOnce(t *testing.T) {
	d := withWork(t, 5)
	list := "/support?cause=surplus&sort=customer"
	page := d.see(list)
	got := names(page)
	if len(got) != 6 || got[0] != "=Work 0 AS" {
		t.Fatalf("listed %q", got)
	}
	chosen := url.Values{"back": {list}, "cause": {"surplus"}, "account": {"W-0", "W-1", "W-2", "W-3", "C-1"}}
	with := func(more url.Values) url.Values {
		all := url.Values{}
		for _, v := range []url.Values{chosen, more} {
			for k := range v {
				all[k] = v[k]
			}
		}
		return all
	}
	before := len(d.db.written())
	out := d.press("/support/selected", with(url.Values{"do": {"send"}}), d.cookie)
	shows(t, out.body, "These emails go when you press the button.", "To ada@w3.example", "No draft is waiting for Storvik", "Send these emails (4)")
	if wrote := d.db.written()[before:]; len(wrote) > 0 {
		t.Errorf("a preview wrote %v", wrote)
	}
	wellMade(t, "the preview", out.body)
	var going []string
	form := url.Values{"do": {"send"}, "go": {"yes"}, "back": {list}}
	for _, m := range regexp.MustCompile(`name="account" value="([^"]+)"><input type="hidden" name="id" value="([^"]+)"`).FindAllStringSubmatch(out.body, -1) {
		form.Add("account", m[1])
		form.Add("id", m[2])
		going = append(going, m[1])
	}
	d.tooMany(1, "=Work 1 AS") // nothing new: what was shown still stands
	page = d.send("/support/selected", form)
	shows(t, page, "Sent: 4 emails.")
	if n := len(d.inbox()); n != 4+2 || len(going) != 4 { // two went by themselves
		t.Errorf("%d mails in all, %v were shown", n, going)
	}
	shows(t, d.press("/support/selected", with(url.Values{"do": {"answer"}, "answer": {"handled"}}), d.cookie).body, "Record the answer (5)", "Handled")
	fields := url.Values{"do": {"answer"}, "go": {"yes"}, "answer": {"handled"}, "cause": {"surplus"}, "back": {list}, "note": {"rang them"}}
	for _, a := range chosen["account"] {
		fields.Add("account", a)
		fields.Add("fingerprint", d.finding(a, "surplus").Fingerprint)
	}
	shows(t, d.send("/support/selected", fields), "Saved, in your name.")
	for _, a := range chosen["account"] {
		if f := d.finding(a, "surplus"); f.State != "answered" {
			t.Errorf("%s is %s", a, f.State)
		}
	}
	shows(t, d.send("/support/selected", with(url.Values{"do": {"assign"}, "to": {"Siv Lund"}})), "Saved")
	if got := names(d.see("/support?assigned=Siv+Lund&sort=customer")); len(got) != 5 {
		t.Errorf("Siv has %q", got)
	}
	shows(t, d.send("/support/selected", url.Values{"do": {"send"}, "back": {"https://evil.example/support"}}), "no customer was selected")
}

// Refusing is a store that cannot read one account.
type refusing struct {
	store.Store
	account string
}

func (r *refusing) Load(ctx context.Context, account string, w store.Want) (licence.Loaded, error) {
	if account == r.account {
		return licence.Loaded{}, errors.New("it does not answer")
	}
	return r.Store.Load(ctx, account, w)
}

// Where one of several cannot be done, the others are, the page says which, and once more does not
// repeat what was done.
func TestSeveralAtOnceWhereOneFails(t *testing.T) {
	d := withWork(t, 3)
	all := []string{"W-0", "W-1", "W-2"}
	answer := url.Values{"do": {"answer"}, "go": {"yes"}, "answer": {"handled"}, "cause": {"surplus"}, "back": {"/support"}}
	send := url.Values{"do": {"send"}, "go": {"yes"}, "back": {"/support"}}
	for _, a := range all {
		answer.Add("account", a)
		answer.Add("fingerprint", d.finding(a, "surplus").Fingerprint)
		send.Add("account", a)
		rows, _, err := d.db.Rows(t.Context(), a, "mail", store.Page{Limit: 10})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		send.Add("id", rows[0].ID)
	}
	whole := d.db.Store
	for _, c := range []struct {
		form          url.Values
		some, rest    string
		kind          string
		again, thirds int // facts of that kind about the first and the one that failed, after all
	}{
		{url.Values{"do": {"assign"}, "to": {"Siv Lund"}, "account": all, "back": {"/support"}}, "Customers: 2.", "Customers: 3.", "case.assigned", 1, 1},
		{send, "Sent: 2 emails.", "", "", 0, 0},
		{answer, "Answers: 2.", "Answers: 3.", "finding.answered", 1, 1},
	} {
		d.db.Store = &refusing{whole, "W-1"}
		out := d.press("/support/selected", c.form, d.cookie)
		d.db.Store = whole
		shows(t, out.body, "Not all of it was done", c.some, "W-1", "What has been done is not done twice.")
		wellMade(t, "what failed", out.body)
		shows(t, d.send("/support/selected", c.form), c.rest)
		if c.kind != "" && (len(d.said("W-0", c.kind)) != c.again || len(d.said("W-1", c.kind)) != c.thirds) {
			t.Errorf("%s was said %d and %d times", c.kind, len(d.said("W-0", c.kind)), len(d.said("W-1", c.kind)))
		}
	}
	for _, n := range []string{"ada@w0.example", "ada@w1.example", "ada@w2.example"} {
		if got := strings.Count(fmt.Sprint(d.inboxOf()), n); got != 1 {
			t.Errorf("%d mails went to %s", got, n)
		}
	}
	answer["fingerprint"][0] = "gone"
	shows(t, d.send("/support/selected", answer), "No longer there, and left as they were. Findings: 1.")
}

// inboxOf are the addresses to which mails went.
func (w *world) inboxOf() (to []string) {
	for _, m := range w.inbox() {
		to = append(to, m.To)
	}
	return to
}

// The bound of 50 is of customers, however many rows each has; the rows have one of their own.
func TestSeveralAtOnceAreBounded(t *testing.T) {
	d := withWork(t, 1)
	rows := func(customers, each int) url.Values {
		f := url.Values{"do": {"send"}, "go": {"yes"}, "back": {"/support"}}
		for i := range customers * each {
			f.Add("account", fmt.Sprintf("W-%d", i/each))
			f.Add("id", "")
		}
		return f
	}
	for _, c := range []struct {
		customers, each int
		tooMany         bool
	}{{30, 2, false}, {50, 4, false}, {51, 1, true}, {30, 7, true}} {
		page := d.send("/support/selected", rows(c.customers, c.each))
		if got := strings.Contains(text(page), "can be done at once"); got != c.tooMany || strings.Contains(text(page), "Nothing was saved") {
			t.Errorf("%d customers with %d each: %v", c.customers, c.each, got)
		}
	}
	drafts := func(from int) (out []licence.Row) {
		for i := range 60 {
			body, err := json.Marshal(effects.MailRow{ID: fmt.Sprint("m", from+i), To: "ada@w0.example"})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, licence.Row{Kind: "mail", ID: fmt.Sprint("m", from+i), Body: body})
		}
		return out
	}
	d.tooMany(1, "=Work 1 AS")
	for _, a := range []string{"W-0", "W-1"} {
		for _, from := range []int{0, 60} {
			if err := d.app.Engine.Record(t.Context(), a, func(licence.State) ([]licence.Row, []licence.Name, error) { return drafts(from), nil, nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	shows(t, d.press("/support/selected", url.Values{"do": {"send"}, "account": {"W-0"}, "back": {"/support"}}, d.cookie).body, "Send these emails")
	shows(t, d.send("/support/selected", url.Values{"do": {"send"}, "account": {"W-0", "W-1"}, "back": {"/support"}}), "can be done at once")
}

// A list says in its address what it shows and in which order, and goes out as a table without formulas.
func TestListsAndTheirExport(t *testing.T) {
	d := withWork(t, 3)
	for query, first := range map[string]string{
		"": "Björkdal Bygg AB", "sort=customer": "=Work 0 AS", "hosting=onsite&sort=installation": "=Work 0 AS", "lang=en&sort=customer": "=Work 0 AS", "owner=billing": "Björkdal Bygg AB", "assigned=-&sort=cause": "Björkdal Bygg AB",
	} {
		if got := names(d.see("/support?" + query)); len(got) == 0 || got[0] != first {
			t.Errorf("?%s begins with %q", query, got)
		}
	}
	out := d.get("/support?hosting=onsite&sort=customer&format=csv", d.cookie)
	if out.status != 200 || out.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(out.header.Get("Content-Disposition"), `attachment; filename="seatmend-cases-2026-11-23.csv"`) {
		t.Fatalf("%d %v", out.status, out.header)
	}
	rows, err := cells(out.body)
	if err != nil || len(rows) != 4 || rows[1][1] != "'=Work 0 AS" || rows[1][3] != "Cust6000" {
		t.Errorf("%v %q", err, rows)
	}
	// What is in order, what was solved, and what is to come.
	d.must(d.say("licence.reported", d.clock.Now(), `{"account":"W-0","cust_id":"Cust6000","serial":"6000","version":"12.2","licensed_version":"12.2",
		"maintenance_until":"2027-12-31","next_check":"2026-11-20","admin_warning":"2027-11-15","expires":"2027-12-13","grace_until":"2027-12-25","offered":false,"can_activate":false,"markers":["online"],
		"plans":[{"plan":"p","module":"m","description":"P","total":7,"in_use":7,"unrestricted":false}]}`), "applied")
	d.advance(d.clock.Now().Add(time.Hour))
	page := d.see("/support")
	shows(t, page, "1 In order", "Solved this week", "Coming within 60 days")
	if page := d.see("/support?state=ok"); !strings.Contains(page, "<h1>In order</h1>") || !strings.Contains(text(page), "1 customer.") {
		t.Errorf("what is in order is called %.300s", text(page))
	}
	if got := names(d.see("/support?state=ok")); len(got) != 1 || got[0] != "=Work 0 AS" {
		t.Errorf("in order: %q", got)
	}
	for _, view := range []string{"solved-week", "solved-month"} {
		page := d.see("/support?view=" + view)
		if got := names(page); len(got) != 1 || got[0] != "=Work 0 AS" {
			t.Errorf("%s: %q", view, got)
		}
		shows(t, page, "Too many seats")
	}
}

// People of each desk do what is theirs, and are told whose the rest is.
func TestWhatEachDeskMay(t *testing.T) {
	d := withWork(t, 1)
	for _, c := range []struct {
		who, form string
		may       bool
	}{
		{"nora", "mail", true}, {"ola", "mail", false}, {"per", "mail", false}, {"eva", "mail", true},
		{"ola", "arrangement", true}, {"per", "arrangement", false}, {"per", "answer", true}, {"eva", "answer", false},
		{"ola", "note", true}, {"per", "assign", true}, {"eva", "check", true}, {"ola", "drafts", false}, {"eva", "revoke", true}, {"per", "screen", false},
	} {
		cookie := d.signsIn(c.who + "@fjordpartner.example")
		out := d.press("/support/accounts/W-0/"+c.form, url.Values{"mail": {"review"}, "do": {"drop"}, "note": {"x"}}, cookie)
		if (out.status != 403) != c.may {
			t.Errorf("%s, %s: %d", c.who, c.form, out.status)
		}
		if !c.may {
			shows(t, out.body, "Your desk cannot do this. These can: ")
		}
	}
	shows(t, d.see("/support/accounts/W-0"), "set at this desk by Eva Strand")
	// Whose desk is not support begins with its own list.
	d.press("/support/sign-in", url.Values{"address": {"ola@fjordpartner.example"}})
	out := d.press(strings.TrimPrefix(d.staffMails()[0].Link, d.app.BaseURL), nil)
	if to := out.header.Get("Location"); to != "/support?owner=finance" {
		t.Errorf("finance begins at %s", to)
	}
}

// The time line folds what comes again and again, and shows one kind where that is asked for.
func TestTimeLineFolds(t *testing.T) {
	d := withWork(t, 1)
	for range 6 {
		d.clock.set(d.clock.Now().Add(time.Minute))
		d.tooMany(0, "=Work 0 AS")
	}
	d.send("/support/accounts/W-0/note", url.Values{"note": {"rang Ada"}})
	page := d.see("/support/accounts/W-0")
	shows(t, page, "more like it", "rang Ada")
	page = d.see("/support/accounts/W-0?kind=note")
	line := page[strings.Index(page, `id="line"`):]
	shows(t, line, "rang Ada")
	if strings.Contains(line, "Licence of") {
		t.Error("facts stand among the notes")
	}
}

// The figures are drawn without a script, each with its title, text, table and export, from the index alone.
func TestFiguresOfTheDesk(t *testing.T) {
	d := withWork(t, 2)
	page := d.see("/support/figures")
	// Of these customers something has begun and nothing has ended: those figures are drawn, the others say that there is nothing.
	for id, drawn := range map[string]bool{"trend": true, "by-cause": true, "time-causes": false, "time-owners": false, "warned": false, "seats": true, "mails": true, "drift": false} {
		at := strings.Index(page, `<section class="card figure" id="`+id+`">`)
		if at < 0 {
			t.Fatalf("no figure %s", id)
		}
		section := page[at : at+strings.Index(page[at:], "</section>")]
		if !strings.Contains(section, "<table>") || !strings.Contains(section, "<caption") || !strings.Contains(section, "format=csv&amp;of="+id) || strings.Contains(section, "Nothing of this kind in these weeks.") == drawn {
			t.Errorf("%s is not whole: %s", id, section)
		}
		if svg := regexp.MustCompile(`(?s)<svg class="chart".* role="img" aria-labelledby="` + id + `-title ` + id + `-text"><title id="` + id + `-title">[^<]+</title><desc id="` + id + `-text">[^<]+</desc>.*<rect class="p\d".*</svg>`); svg.MatchString(section) != drawn {
			t.Errorf("%s is not whole: %s", id, section)
		}
		if out := d.get("/support/figures?format=csv&of="+id, d.cookie); out.status != 200 || out.header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%s as CSV: %d", id, out.status)
		}
	}
	shows(t, page, "Week 48, from 2026-11-23", "Too many seats 3")
	count := &counted{Store: d.db, calls: map[string]int{}}
	app := *d.app
	app.Store = count
	rec := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/support/figures", nil)
	r.AddCookie(d.cookie)
	(&app).Handler("support", functions.Routes).ServeHTTP(rec, r)
	if rec.Code != 200 || fmt.Sprint(count.calls) != "map[Accounts:1]" {
		t.Errorf("%d with %v", rec.Code, count.calls)
	}
}
