package functions_test

import (
	"regexp"
	"strings"
	"testing"
)

var mainButton = regexp.MustCompile(`<button(?: name="[^"]*" value="[^"]*")?>|<a class="button" `)

// Who reads the page on a phone has the steps mailed to do them at a computer: to the reader's own
// mailbox, without names, three times a day at most. Each page on the way has one main button, and
// what is finished stays, ticked.
func TestStepsForAComputer(t *testing.T) {
	w := newWorld(t, nil)
	b := w.meet(granit())
	fp := w.finding("G-1", "surplus").Fingerprint
	one := func(page string) string {
		t.Helper()
		read := b.open(page)
		if n := len(mainButton.FindAllString(b.shows.body, -1)); n != 1 {
			t.Errorf("%q has %d main buttons: %s", page, n, read)
		}
		return read
	}
	one("")
	b.session()
	one("")
	one("/seats/" + fp)
	b.choose(fp, "8", "9")
	for range 3 {
		one("/steps/" + fp)
		w.reads(b.submit("/mailsteps", "Email me the steps", nil), "The steps are on their way to your mailbox")
	}
	mails := w.inbox()
	last := mails[len(mails)-1]
	if last.Why != "link" || last.To != "ulla.sten@granit.example" || !strings.Contains(last.Text, "Press “Remove excess use of licence") || !strings.Contains(last.Text, last.Link) {
		t.Errorf("the mail to %s: %s", last.To, last.Text)
	}
	w.lacks(last.Text+last.HTML, "Folke Dal", "Gull Hed")
	one("/steps/" + fp)
	w.reads(b.submit("/mailsteps", "Email me the steps", nil), "Three emails with a link have been sent today")
	if n := len(w.inbox()); n != len(mails) {
		t.Errorf("%d mails, want %d", n, len(mails))
	}
	w.take(granitCust, "ten-sales", "8", "9")
	one("/steps/" + fp)
	b.submit("/check", "check again", nil)
	w.reads(one(""), "✓ Sales: 2 seats freed Done", "○ Activate the new licence")
	one("/activate/" + granitCust)
}
