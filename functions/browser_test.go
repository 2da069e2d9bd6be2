package functions_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A browser is one person's: it keeps its cookie, goes where it is sent, and presses only what
// is on the page that it shows.
type browser struct {
	*world
	base    string // the page of the link
	at      string // what it shows
	shows   reply
	cookies []*http.Cookie
}

func (w *world) browse(link string) *browser {
	w.Helper()
	b := &browser{world: w, base: link}
	b.open("")
	return b
}

// elsewhere is the same link on another device.
func (b *browser) elsewhere() *browser { b.Helper(); return b.browse(b.base) }

// open goes to a page below the link's own, and gives what one reads there.
func (b *browser) open(page string) string {
	b.Helper()
	return b.follow(b.base+page, b.get(b.base+page, b.cookies...))
}

func (b *browser) follow(at string, r reply) string {
	b.Helper()
	b.cookies = append(b.cookies, (&http.Response{Header: r.header}).Cookies()...)
	for range 3 {
		if r.status != http.StatusSeeOther {
			break
		}
		at = r.header.Get("Location")
		page, _, _ := strings.Cut(at, "#")
		r = b.get(page, b.cookies...)
	}
	b.at, b.shows = at, r
	return text(r.body)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>`)
	hiddenTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	buttonTag = regexp.MustCompile(`(?s)<button(?:[^>]* name="([^"]*)" value="([^"]*)")?[^>]*>(.*?)</button>`)
)

// submit presses a button of the page's form that leads to a path, with what is typed and
// ticked, and gives what one reads then.
func (b *browser) submit(form, button string, typed url.Values) string {
	b.Helper()
	values := b.form(form, button, typed)
	if values == nil {
		b.Fatalf("%s has no button %q to %s:\n%s", b.at, button, form, text(b.shows.body))
	}
	return b.follow(b.base+form, b.press(b.base+form, values, b.cookies...))
}

// form is what the press of a button would send; nil: there is none that takes what is typed.
func (b *browser) form(form, button string, typed url.Values) url.Values {
	for _, m := range formTag.FindAllStringSubmatch(b.shows.body, -1) {
		if html.UnescapeString(m[1]) != b.base+form {
			continue
		}
		values := url.Values{}
		for _, h := range hiddenTag.FindAllStringSubmatch(m[2], -1) {
			values.Add(html.UnescapeString(h[1]), html.UnescapeString(h[2]))
		}
		found := false
		for _, p := range buttonTag.FindAllStringSubmatch(m[2], -1) {
			if strings.Contains(html.UnescapeString(p[3]), button) {
				if found = true; p[1] != "" {
					values.Set(p[1], html.UnescapeString(p[2]))
				}
			}
		}
		for name, list := range typed {
			for _, value := range list {
				found = found && strings.Contains(m[2], `name="`+name+`"`) && (name != "user" || strings.Contains(m[2], `name="user" value="`+value+`"`))
			}
			values[name] = append(values[name], list...)
		}
		if found {
			return values
		}
	}
	return nil
}

// forge sends a form that no page has, with this browser's session.
func (b *browser) forge(form string, fields url.Values) reply {
	b.Helper()
	return b.press(b.base+form, fields, b.cookies...)
}

// choose ticks people on the page of a finding, and chooses them.
func (b *browser) choose(fp string, users ...string) string {
	b.Helper()
	b.open("/seats/" + fp)
	return b.submit("/choose", "Choose those ticked", url.Values{"user": users})
}

// session asks for names and choices, where that was not done yet, and goes back to the first page.
func (b *browser) session() *browser {
	b.Helper()
	b.open("")
	if len(b.cookies) == 0 {
		b.submit("/session", "", nil)
		b.open("")
	}
	return b
}

var listed = regexp.MustCompile(`(?s)<ul class="people( pick)?">(.*?)</ul>`)
var rowName = regexp.MustCompile(`<b>([^<]*)</b>`)

// people are the names that can be ticked on the page that is shown, in order, and those apart.
func (b *browser) people() (list, apart []string) {
	for _, m := range listed.FindAllStringSubmatch(b.shows.body, -1) {
		for _, n := range rowName.FindAllStringSubmatch(m[2], -1) {
			if name := html.UnescapeString(n[1]); m[1] != "" {
				list = append(list, name)
			} else {
				apart = append(apart, name)
			}
		}
	}
	return list, apart
}

// reads holds a text to having each part.
func (w *world) reads(page string, parts ...string) {
	w.Helper()
	if err := contains("the page", page, parts); err != nil {
		w.Error(err)
	}
}

// lacks holds a text to having none of the parts.
func (w *world) lacks(page string, parts ...string) {
	w.Helper()
	if err := lacks("the page", page, parts); err != nil {
		w.Error(err)
	}
}

// quiet holds what is done to sending SuperOffice nothing.
func (w *world) quiet(what string, do func()) {
	w.Helper()
	calls := w.sim.Calls(granitCust)
	do()
	if after := w.sim.Calls(granitCust); !slices.Equal(calls, after) {
		w.Errorf("%s called SuperOffice: %+v", what, after[:min(3, len(after))])
	}
}
