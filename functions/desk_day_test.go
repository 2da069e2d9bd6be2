package functions_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

// The first screen says what there is to do: mine, my desk's, due, and whose figures are needed, each a list. A week
// after the last report a case at risk keeps the day that was known, waits for support, and its draft says why it
// would not go.
func TestADeskAWeekLater(t *testing.T) {
	d := withWork(t, 2)
	shows(t, d.see("/support"), "My cases 0", "Waiting for Support 0", "Act by today, or overdue 0", "Figures needed 0", "Fri 11 Dec 2026")
	d.send("/support/accounts/W-1/assign", url.Values{"do": {"take"}, "to": {"Siv Lund"}})
	if got := names(d.see("/support?assigned=Nora+Dahl")); len(got) != 1 || got[0] != "=Work 1 AS" {
		t.Errorf("whoever takes a case has %q", got)
	}
	d.advance(morning.Add(9 * licence.Day))
	d.cookie = d.signsIn("nora@fjordpartner.example")
	page := d.see("/support")
	shows(t, page, "My cases 1", "Waiting for Support 4", "Figures needed 4", "Fri 11 Dec 2026 figures of Mon 23 Nov 2026")
	for list, want := range map[string]string{"/support?figures=needed": "=Work 0 AS", "/support?owner=support": "=Work 0 AS", "/support?deadline=month": "=Work 0 AS"} {
		if !strings.Contains(page, strings.Replace(list, "&", "&amp;", 1)) && !strings.Contains(list, "deadline") {
			t.Errorf("nothing leads to %s", list)
		}
		if got := names(d.see(list)); !strings.Contains(strings.Join(got, "|"), want) {
			t.Errorf("%s lists %q", list, got)
		}
	}
	shows(t, d.see("/support/drafts"), "Its figures are too old to go by")
	_, form := d.preview("/support/drafts", url.Values{"do": {"send"}})
	shows(t, d.send("/support/selected", form), "Not sent, and discarded: 2 emails. The figures behind it are too old to go by")
}

// A case of the desk's own says what the desk does, with the numbers for it, and what a caller is told; what explains
// the warning comes first; nothing is offered that nothing lets us do; a form leads to where its answer can be read.
func TestADesksOwnCase(t *testing.T) {
	d := deskWith(t, nil, "demo/solvik-hotell", "demo/ekeby-tra")
	d.advance(morning.Add(30 * time.Hour))
	d.cookie = d.signsIn("nora@fjordpartner.example")
	page := d.see("/support/accounts/C-1080")
	shows(t, page, "What we do: In SuperOffice’s licence system, move this customer’s next invoice date", "Customer Solvik Hotell AS (C-1080)", "Serial 1805173390", "Invoice 30552, 69900.00 NOK", "Paid on Fri 13 Nov 2026",
		"Expected new date", "To say to the caller: You have paid. We are late in passing it on")
	if strings.Contains(text(page), "Read the licence again now") {
		t.Error("what nobody can read is offered to be read")
	}
	d.must(d.say("installation.reported", d.clock.Now(), `{"account":"C-1080","cust_id":"Cust51733","state":"running","can":["read-licence"]}`), "applied")
	shows(t, d.see("/support/accounts/C-1080"), "Read the licence again now")
	page = d.see("/support/accounts/C-1093")
	_, found, _ := strings.Cut(page, `<section id="found">`)
	explains, low := strings.Index(found, "Explains the warning"), strings.Index(found, "Invoice overdue")
	if explains < 0 || low < explains {
		t.Errorf("what explains the warning does not come first: %s", text(found))
	}
	out := d.press("/support/accounts/C-1093/note", url.Values{"note": {"rings back"}, "to": {"Nora Dahl"}}, d.cookie)
	if to := out.header.Get("Location"); strings.Contains(to, "#") || !strings.Contains(to, "said=note") {
		t.Errorf("a note leads to %s", to)
	}
	shows(t, d.send("/support/accounts/C-1093/assign", url.Values{"do": {"hand"}, "to": {"Siv Lund"}, "note": {"by noon"}}), "Siv Lund has this case.", "by noon", "rings back")
}

// Of an invoice the desk reads what was said of it, and has words for an administrator who calls, and for whoever pays.
func TestADesksClaimedInvoice(t *testing.T) {
	d := deskWith(t, nil, "demo/bjorkdal-bygg")
	d.must(d.say("payment.claimed", d.clock.Now(), `{"account":"C-1071","invoice":"INV-20417","paid_on":"2026-11-20","reference":"OCR 77","by":"Stig Ahl"}`), "applied")
	d.advance(d.clock.Now().Add(time.Hour))
	shows(t, d.see("/support/accounts/C-1071"), "the customer said on 23 November that it was paid on 20 November, reference OCR 77. Look for the payment",
		"There is nothing for you to do. If it is whoever pays: Invoice 20417 (SEK 82,800): you have told us that it is paid")
	shows(t, d.see("/support?owner=finance"), "Björkdal")
}
