package billing

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A subscription whose items are cut short is read whole, page by page; where they cannot be had, it is not
// read at all, and never smaller.
func TestCutItemsAreRead(t *testing.T) {
	down := false
	site, asked := played(t, "stripe", func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); {
		case strings.HasSuffix(r.URL.Path, "/subscriptions/sub_1"):
			fmt.Fprint(w, `{"id":"sub_1","object":"subscription","items":{"object":"list","has_more":true,"total_count":3,"data":[{"id":"si_1","quantity":1}]}}`)
		case down || q.Get("subscription") != "sub_1":
			w.WriteHeader(500)
		case q.Get("starting_after") == "":
			fmt.Fprint(w, `{"object":"list","has_more":true,"data":[{"id":"si_1","quantity":1},{"id":"si_2","quantity":2}]}`)
		default:
			fmt.Fprint(w, `{"object":"list","has_more":false,"data":[{"id":"si_3","quantity":4}]}`)
		}
	})
	object, err := site.One(t.Context(), "subscription", "sub_1")
	if got := string(object); err != nil || strings.Contains(got, `"has_more":true`) || strings.Count(got, `"quantity"`) != 3 || strings.Contains(got, "total_count") {
		t.Errorf("%s, %v, by %q", object, err, *asked)
	}
	down = true
	if object, err := site.One(t.Context(), "subscription", "sub_1"); err == nil {
		t.Errorf("read %s without its items", object)
	}
}

// An invoice whose lines are cut short is read whole, too.
func TestCutLinesAreRead(t *testing.T) {
	for sender, c := range map[string]struct{ cut, first, last string }{
		"stripe":  {`{"id":"in_1","lines":{"has_more":true,"data":[{"id":"l1"}]}}`, `{"data":[{"id":"l1"},{"id":"l2"}],"has_more":true}`, `{"data":[{"id":"l3"}],"has_more":false}`},
		"recurly": {`{"id":"in_1","has_more_line_items":true,"line_items":[{"id":"l1"}]}`, `{"data":[{"id":"l1"},{"id":"l2"}],"has_more":true,"next":"/invoices/in_1/line_items?cursor=2"}`, `{"data":[{"id":"l3"}],"has_more":false}`},
	} {
		site, asked := played(t, sender, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !strings.Contains(r.URL.Path, "line"):
				fmt.Fprint(w, c.cut)
			case r.URL.Query().Get("starting_after")+r.URL.Query().Get("cursor") == "":
				fmt.Fprint(w, c.first)
			default:
				fmt.Fprint(w, c.last)
			}
		})
		object, err := site.One(t.Context(), "invoice", "in_1")
		if got := string(object); err != nil || strings.Count(got, `"l`) < 3 || !strings.Contains(got, `"l3"`) || strings.Contains(got, "true") {
			t.Errorf("%s: %s, %v, by %q", sender, object, err, *asked)
		}
	}
}
