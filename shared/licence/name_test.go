package licence

import "testing"

// Which mode is a customer's is decided by the mapping that says most of what is told: of webhooks, and of what is read.
func TestInMode(t *testing.T) {
	mixed := []Mapping{{Sender: "stripe", ID: "cus_1"}, {Sender: "stripe", ID: "cus_2", Mode: "test"}, {Sender: "paddle", ID: "ctm_1", Mode: "test"}}
	parts := []Mapping{{Sender: "stripe", ID: "cus_1", Subscription: "sub_1", Mode: "test"}, {Sender: "stripe", ID: "cus_1", Subscription: "sub_2"}}
	for _, c := range []struct {
		what       string
		of         []Mapping
		names      []string
		live, test bool
	}{
		{"nobody is mapped", nil, []string{"cus_1"}, true, false},
		{"the customer is", mixed, []string{"cus_1"}, true, false},
		{"the customer is, of the test mode", mixed, []string{"cus_2", "in_9"}, false, true},
		{"an invoice, which may be of either customer", mixed, []string{"in_9"}, true, true},
		{"all are of the test mode", mixed[1:], []string{"in_9"}, false, true},
		{"the subscription says more than its customer", parts, []string{"cus_1", "sub_2"}, true, false},
		{"the first subscription", parts, []string{"sub_1", "cus_1"}, false, true},
		{"a subscription of which the directory knows nothing", parts, []string{"cus_1", "sub_3"}, true, true},
	} {
		var about []Name
		for _, id := range c.names {
			about = append(about, Name{"stripe", id})
		}
		for mode, want := range map[string]bool{"live": c.live, "test": c.test, "": true} {
			if got := (AccountChanged{Billing: c.of}).InMode("stripe", mode, about); got != want {
				t.Errorf("%s: in mode %q %v, want %v", c.what, mode, got, want)
			}
		}
	}
}
