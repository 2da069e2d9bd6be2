package login

import (
	"net/http"
	"path"
	"strings"

	"seatmend/functions/app"
	"seatmend/functions/page"
)

// rest answers what no other route takes: the bare address leads to the entrance, a slash too many
// to the page without it, and all else is not there, said to people on a page and to programs in JSON.
func rest(a *Login) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		clean := path.Clean("/" + r.URL.Path) // of one slash in front: what begins with two is another host
		switch {
		case reads && clean == "/":
			http.Redirect(w, r, "/help", http.StatusFound)
		case reads && app.ForPeople(r) && strings.HasSuffix(r.URL.Path, "/") && strings.Count(clean, "/") <= 2 && clean != "/r":
			to := *r.URL
			to.Scheme, to.Host, to.Path, to.RawPath = "", "", clean, ""
			http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
		case app.ForPeople(r):
			(&page.Page{App: a.App}).Plain(w, r, http.StatusNotFound, "broken", page.Request{})
		default:
			a.Fail(w, r, app.ErrNotFound)
		}
	}
}
