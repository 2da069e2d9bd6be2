package crmsim

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed screen.html
var screenHTML string

var screenTemplate = template.Must(template.New("screen").Funcs(template.FuncMap{
	"login": func(at time.Time) string {
		if at.IsZero() {
			return "never"
		}
		return at.UTC().Format("2 January 2006")
	},
	"clock": func(at time.Time) string { return at.UTC().Format("2 Jan 15:04:05") },
	"day": func(day string) string {
		if day == "" {
			return "not set"
		}
		return day
	},
	"state": func(state string) string {
		if state == "" {
			return "Running"
		}
		return state
	},
}).Parse(screenHTML))

// A desk is the list of all installations, and what can be done to the login host.
type desk struct {
	Tenants   []Tenant
	Scenarios []Scenario
	Said      string
	Keys      int
	KeysDown  bool
}

// A screen is the Licences screen of one tenant, as numbers and people.
type screen struct {
	Tenant   Tenant
	Today    string
	Said     string
	Lines    []line
	Sites    []string
	Fits     bool
	CanDo    bool // the new licence can be activated
	Over     bool
	Version  string
	SCIM     bool
	File     string // the new licence as a file, where the licence server cannot be reached
	Former   []User
	Faults   []choice
	Variants []choice
	Grants   []grantLine
	Changes  []choice
	Calls    []Call
	Posts    []Post
}

// A line is a user licence on it.
type line struct {
	Module             Module
	InUse, Free        int
	Surplus            int
	Holders            []*User
	Removable, Offered bool
	// Others could be given this licence, while one is free.
	Others []*User
	// Elsewhere are the plans that have a seat free for who gives this one up.
	Elsewhere []Module
}

// A grantLine is a capability, and whether it is granted.
type grantLine struct {
	choice
	Granted bool
}

// The screen shows some of very many, as a person would not read further.
const shown = 200

func (s *Sim) screen(t Tenant) screen {
	v := screen{
		Tenant: t, Today: s.now().UTC().Format(time.DateOnly), Sites: t.siteLicences(),
		Fits: t.fits(), CanDo: t.canActivate(), Version: t.Version, Faults: faults(), Variants: variants(), Changes: changes(),
		Calls: s.Calls(t.CustID), Posts: s.Posts(t.CustID),
	}
	for _, c := range capabilities() {
		v.Grants = append(v.Grants, grantLine{c, t.granted(c.Value)})
	}
	for _, site := range v.Sites {
		v.SCIM = v.SCIM || site == "scim"
	}
	if t.Offline {
		v.File = t.File()
	}
	for _, u := range t.Users {
		if u.Retired {
			v.Former = append(v.Former, u)
		}
	}
	s.mu.Lock()
	v.Said = s.said[strings.ToLower(t.CustID)]
	s.mu.Unlock()
	for i := range t.Modules {
		v.Lines = append(v.Lines, t.line(&t.Modules[i]))
		l := &v.Lines[i]
		v.Over = v.Over || l.Surplus > 0 && l.Removable
	}
	return v
}

func (t *Tenant) line(m *Module) line {
	holders := t.holders(m)
	l := line{
		Module: *m, InUse: len(holders), Free: m.Total - len(holders), Surplus: t.surplus(m),
		Holders: holders[:min(shown, len(holders))], Removable: m.Kind != Hidden, Offered: t.Offer != nil,
	}
	if !l.Removable {
		return l
	}
	if t.free(m) {
		l.Others = t.others(m)
	}
	for i := range t.Modules {
		if other := &t.Modules[i]; m.Kind == Plan && other.Kind == Plan && other.Name != m.Name && t.free(other) {
			l.Elsewhere = append(l.Elsewhere, *other)
		}
	}
	return l
}

// others do not hold a module and could.
func (t *Tenant) others(m *Module) []*User {
	var some []*User
	for i := range t.Users {
		if u := &t.Users[i]; !u.Retired && !t.holds(u, m) && len(some) < shown {
			some = append(some, u)
		}
	}
	return some
}

// changes are what can happen to a tenant as a whole.
func changes() []choice {
	return []choice{
		{"0", "upgrade"}, {"1", "backup restored"}, {"2", "suspend"}, {"3", "resume"}, {"4", "delete"}, {"5", "move"},
	}
}

func (s *Sim) desk(w http.ResponseWriter, r *http.Request) {
	d := desk{Tenants: s.Tenants(), Scenarios: Scenarios()}
	s.mu.Lock()
	s.signing()
	d.Keys, d.KeysDown, d.Said = len(s.keys), s.keysDown, s.said[""]
	s.mu.Unlock()
	show(w, "list", d, "")
}

// show writes a page. To is where its forms may lead beside the simulator itself.
func show(w http.ResponseWriter, name string, data any, to string) {
	var page bytes.Buffer
	if err := screenTemplate.ExecuteTemplate(&page, name, data); err != nil {
		broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", strings.TrimSpace("default-src 'none'; style-src 'unsafe-inline'; form-action 'self' "+to))
	w.Header().Set("Cache-Control", "no-store")
	page.WriteTo(w)
}
