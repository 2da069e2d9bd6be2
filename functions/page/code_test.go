package page

import (
	"strings"
	"testing"
	"time"

	"seatmend/shared/store"
)

// Where a mailbox is shared, the code goes to a contact of the same account as well, whom the one who
// acts names, and to nobody else. It opens for the one who asked, and the mail says who that is.
func TestACodeAlsoGoesToWhoIsNamed(t *testing.T) {
	c := newCounter(t)
	for also, to := range map[string]string{"kim": "kim", "bo": "bo", "nobody": "", "anna": ""} {
		c.pass(time.Hour)
		if err := c.app.askCode(c.Context(), c.visit("anna"), "Cust700", also); err != nil {
			t.Fatal(err)
		}
		codes := c.inbox("anna")
		last := codes[len(codes)-1]
		for _, other := range []string{"kim", "bo"} {
			got := c.inbox(other)
			if has := len(got) > 0 && got[len(got)-1] == last; has != (other == to) {
				t.Errorf("also to %q: %s has the code: %v", also, other, has)
			}
		}
	}
	c.pass(time.Hour)
	if err := c.app.askCode(c.Context(), c.visit("anna"), "Cust700", "kim"); err != nil {
		t.Fatal(err)
	}
	code := c.inbox("kim")[len(c.inbox("kim"))-1]
	if got := c.press("kim", c.offer(), code); got != "old-code" {
		t.Errorf("it opens for whom it only reached: %s", got)
	}
	rows, _, err := c.app.Store.Rows(c.Context(), "C-1042", "mail", store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, row := range rows {
		told = told || strings.Contains(string(row.Body), "kim@") && strings.Contains(string(row.Body), "Anna Berg ska aktivera")
	}
	if !told {
		t.Error("no mail says who asked")
	}
	if got := c.press("anna", c.offer(), code); got != "asked" {
		t.Errorf("it opens not for the one who asked: %s", got)
	}
}
