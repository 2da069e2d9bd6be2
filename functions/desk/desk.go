package desk

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// The support desk's screen. The table of routes has it whole, as three rows; this is what lies
// below. Every page but those that sign somebody in needs a session, and a GET writes nothing.

// A deskRoute is one of the screen's. Open ones need no session.
type deskRoute struct {
	Pattern string
	Open    bool
	Do      func(*deskVisit) error
}

func deskRoutes() []deskRoute {
	return []deskRoute{
		{"GET /support/style.css", true, deskStyle},
		{"GET /support/sign-in", true, signInForm},
		{"POST /support/sign-in", true, signIn},
		{"GET /support/in/{token}", true, signInButton},
		{"POST /support/in/{token}", true, signedIn},
		{"POST /support/local-sign-in", true, localSignIn},
		{"POST /support/sign-out", false, signOut},
		{"GET /support", false, board},
		{"GET /support/keys.js", true, deskKeys},
		{"POST /support/keys", false, switchKeys},
		{"POST /support/selected", false, decideSelected},
		{"GET /support/drafts", false, deskDrafts},
		{"POST /support/drafts", false, decideDrafts},
		{"GET /support/aside", false, deskAside},
		{"POST /support/aside", false, decideAside},
		{"GET /support/parked", false, deskParked},
		{"GET /support/fleet", false, deskFleet},
		{"GET /support/figures", false, deskFigures},
		{"GET /support/figures-needed.csv", false, figuresSheet},
		{"GET /support/figures-needed.xlsx", false, figuresSheet},
		{"GET /support/accounts/{account}", false, deskCase},
		{"GET /support/accounts/{account}/page", false, customersPage},
		{"GET /support/accounts/{account}/bundle", false, deskBundle},
		{"POST /support/accounts/{account}/{form}", false, deskForm},
	}
}

// A deskVisit is a request to the screen, and who makes it.
type deskVisit struct {
	*Desk
	w     http.ResponseWriter
	r     *http.Request
	staff app.Staff
	id    string // of the session
	g     tongue // that the person reads
	typed typedForm
}

// support serves the screen.
func support(a *Desk) http.HandlerFunc {
	mux := http.NewServeMux()
	for _, route := range deskRoutes() {
		mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) {
			v := &deskVisit{Desk: a, w: w, r: r, g: reads(r)}
			if err := v.serve(route); err != nil {
				v.failed(err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&deskVisit{Desk: a, w: w, r: r, g: reads(r)}).failed(app.ErrNotFound)
	})
	return mux.ServeHTTP
}

// serve lets a route be done by whom it is for.
func (v *deskVisit) serve(route deskRoute) error {
	if v.r.Method == http.MethodPost {
		if err := http.NewCrossOriginProtection().Check(v.r); err != nil {
			return &app.Refusal{Status: http.StatusForbidden, Code: "forbidden", Message: "the form was sent from another site", Fields: nil}
		}
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 64<<10)
		if err := v.r.ParseForm(); err != nil {
			return &app.Refusal{Status: http.StatusBadRequest, Code: "malformed", Message: "that was no form of this page", Fields: nil}
		}
	}
	if !route.Open {
		var err error
		if v.staff, v.id, err = v.session(); err != nil {
			return err
		}
		if v.id == "" {
			v.cookie(deskTo, url.QueryEscape(v.goal()), toLife)
			status := http.StatusFound
			if v.r.Method == http.MethodPost {
				status = http.StatusSeeOther
			}
			http.Redirect(v.w, v.r, "/support/sign-in", status)
			return nil
		}
	}
	return route.Do(v)
}

//go:embed pages/support
var deskFiles embed.FS

// deskPages hold the shapes, parsed when the first is shown; what they say is in text.go.
var deskPages = sync.OnceValue(func() map[tongue]*template.Template {
	all := map[tongue]*template.Template{}
	for g := range tongues {
		all[g] = shapes(g)
	}
	return all
})

func shapes(g tongue) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"t": g.say, "many": g.many, "base": deskBase, "seen": g.text("seen."), "why": g.whyText, "exports": exports, "deed": g.deedText,
		"cause": g.text("cause."), "owner": g.text("owner."), "state": g.text("state."), "phase": g.text("phase."), "severity": g.text("severity."),
		"answer": g.text("answer."), "policy": g.text("policy."), "waits": g.text("why."), "kind": g.text("line.kind."), "placekind": g.text("kind."), "placestate": g.values("state"), "hosting": g.text("hosting."),
		"group": func(name string, counts []deskCount) any {
			return struct {
				Name   string
				Counts []deskCount
			}{name, counts}
		},
		"hold": g.text("hold."), "field": field,
		"drafts": func(path, account string, drafts []deskDraft) any {
			return struct {
				Path, Account string
				Drafts        []deskDraft
			}{path, account, drafts}
		},
		"on": func(page deskPage, place deskPlace) any {
			return struct {
				Page  deskPage
				Place deskPlace
			}{page, place}
		},
		"lined": func(page deskPage, line deskLine) any {
			return struct {
				Page deskPage
				Line deskLine
			}{page, line}
		},
		"instant": func(at string, page deskPage) string {
			t, err := time.Parse(time.RFC3339, at)
			if err != nil {
				return at
			}
			return page.When(t)
		},
	}).ParseFS(deskFiles, "pages/support/*.html"))
}

// A deskPage is what every page of the screen knows. Data is the page's own.
type deskPage struct {
	Title string
	Staff app.Staff // of nobody: the page is one that signs somebody in
	Said  string
	Wrong bool // a field is to be mended
	Keys  bool // keys.js is there
	Lang  string
	Name  string // the operator's
	Now   time.Time
	Zone  *time.Location
	Data  any
}

// When is an instant as people write it, in the page's zone.
func (p deskPage) When(t time.Time) string {
	if t.IsZero() {
		return tongue(p.Lang).say("never")
	}
	t = t.In(p.Zone)
	return tongue(p.Lang).day(t) + ", " + t.Format(tongue(p.Lang).language().Hour)
}

// Day is a date as people write it.
func (p deskPage) Day(d licence.Date) string {
	if d == "" {
		return none
	}
	return tongue(p.Lang).day(d.Day(p.Zone).Start(time.UTC))
}

// show writes one of the pages.
func (v *deskVisit) show(status int, name, title string, zone *time.Location, data any) error {
	said := ""
	switch key := "said." + v.r.URL.Query().Get("said"); {
	case key == "said.drafts" && v.staff.Email == "": // an address names customers to nobody who has not signed in
	case key == "said.drafts":
		of, err := v.aboutSaid()
		if err != nil {
			return err
		}
		said = v.g.fateSaid(v.r.URL.Query()) + of
	case deskKnows(key):
		said = v.g.say(key)
	}
	if v.typed.text != "" {
		said = v.typed.text
	}
	_, off := v.r.Cookie(deskNoKeys)
	page := deskPage{Wrong: v.typed.field != "", Keys: v.staff.Email != "" && off != nil, Title: title, Staff: v.staff, Said: said, Lang: string(v.g), Name: v.Operator.Name, Now: v.Now(), Zone: zone, Data: data}
	var b strings.Builder
	if err := deskPages()[v.g].ExecuteTemplate(&b, name+".html", page); err != nil {
		return err
	}
	v.header("text/html; charset=utf-8")
	if policy := v.w.Header().Get("Content-Security-Policy"); page.Keys {
		v.w.Header().Set("Content-Security-Policy", strings.Replace(policy, "style-src", "script-src 'self'; style-src", 1)) // keys.js
	}
	v.w.WriteHeader(status)
	v.w.Write([]byte(b.String()))
	return nil
}

func (v *deskVisit) header(media string) {
	v.w.Header().Set("Content-Type", media)
}

// back leads to where a form was, and says what became of it.
func (v *deskVisit) back(path, said string) error {
	return v.backWith(path, url.Values{"said": {said}})
}

func (v *deskVisit) backWith(path string, q url.Values) error {
	path, anchor, _ := strings.Cut(path, "#")
	path, was, _ := strings.Cut(path, "?")
	if old, err := url.ParseQuery(was); err == nil {
		for k := range old {
			if !q.Has(k) {
				q[k] = old[k]
			}
		}
	}
	to := path + "?" + q.Encode()
	if anchor != "" {
		to += "#" + anchor
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// failed says on a page of its own what went wrong.
func (v *deskVisit) failed(err error) {
	f := app.Refused(err)
	if f.Status >= 500 {
		v.Log.Error("support", "route", v.r.Pattern, "error", err.Error())
	}
	text := f.Message
	key := "fault." + f.Code
	if f.Code != "desk" && deskKnows(key) {
		text = v.g.say(key)
	}
	if err := v.show(f.Status, "fault", v.g.say("fault"), time.UTC, text); err != nil {
		v.Fail(v.w, v.r, err)
	}
}

func deskStyle(v *deskVisit) error { return v.file("style.css", "text/css; charset=utf-8") }

func deskKeys(v *deskVisit) error { return v.file("keys.js", "text/javascript; charset=utf-8") }

// switchKeys has this browser do without keys.js, or with it: a letter that somebody says to the machine by voice is
// else a key.
func switchKeys(v *deskVisit) error {
	age := 365 * 24 * 3600
	if v.r.PostFormValue("do") == "on" {
		age = -1
	}
	v.cookie(deskNoKeys, "off", age)
	return v.back("/support", "keys")
}

func (v *deskVisit) file(name, media string) error {
	b, err := deskFiles.ReadFile("pages/support/" + name)
	if err != nil {
		return err
	}
	v.header(media)
	v.w.Write(b)
	return nil
}

// load reads the account that the path names. The fleet is no customer.
func (v *deskVisit) load() (licence.State, error) {
	id := v.r.PathValue("account")
	if id == store.Operations {
		return licence.State{}, app.ErrNotFound
	}
	l, err := v.Store.Load(v.r.Context(), id, store.Want{})
	if err == nil && l.State.N == 0 {
		err = app.ErrNotFound
	}
	return l.State, err
}

var errGoneSignIn = errors.New("the link to sign in was used, has expired, or was revoked")
