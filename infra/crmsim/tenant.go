package crmsim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// What a tenant may grant to the app that calls it. What is not granted is refused.
const (
	ReadLicence = "read-licence"
	ReadUsers   = "read-users"
	Activate    = "activate"
)

// Kinds of module.
const (
	Plan   = "plan"
	Addon  = "addon"
	Hidden = "hidden" // comes with plans that include it
	Suite  = "suite"  // held by everybody who can log in
)

// A Tenant is one installation: its licence, the one that waits, and its people.
// Dates are yyyy-mm-dd, "" for none.
type Tenant struct {
	CustID  string
	Serial  string
	Company string
	// Kind is production, trial or sandbox; the two latter mark the licence.
	Kind     string
	Version  string // what runs, such as 12.2
	Released string
	State    string // as the state API says it; "" is Running

	LicensedVersion                                                string // "" is Version
	NextCheck, AdminWarning, Expires, GraceUntil, MaintenanceUntil string

	// Status is the licence system's word; "" follows the offer.
	Status  string
	Markers []string // site licences beside those that Kind gives
	Modules []Module
	Offer   *Offer // the licence that waits to be activated; nil: none

	// Auto lets the tenant activate by itself once NextCheck is past and all fits, as most do.
	Auto   bool
	Users  []User
	Grants []string
	Fault  Fault
}

// A Module is a user licence. Total is what the present licence has, NewTotal what
// the offer has; 0 is said as SuperOffice says it, by leaving the module out.
type Module struct {
	Name         string
	Description  string
	Kind         string
	Total        int
	NewTotal     int
	Unrestricted bool
	Includes     []string // of a plan: the hidden modules that come with it
}

// An Offer is what a new licence changes beside the totals. A date that is "" stays as it is.
type Offer struct {
	LicensedVersion                                                string
	NextCheck, AdminWarning, Expires, GraceUntil, MaintenanceUntil string
	// Refusal is why the licence system would not activate it although all fits; "" is no reason.
	Refusal string
}

// A User is somebody in the tenant. ID is the associate's id.
type User struct {
	ID           int
	Name         string
	Email        string
	Group        string
	Admin        bool
	CanLogin     bool
	Waiting      bool      // waits for approval
	Retired      bool      // former employee: holds nothing
	LastLogin    time.Time // zero: never
	Created      time.Time
	OpenRequests int
	Plans        []string // modules held
}

// refused is an answer to the administrator: understood, and not done.
type refused string

func (r refused) Error() string { return string(r) }

func (t *Tenant) granted(what string) bool { return slices.Contains(t.Grants, what) }

func (t *Tenant) running() bool {
	return t.State == "" || t.State == "Running" || t.State == "OnlineMaintenance"
}

func (t *Tenant) module(name string) *Module {
	for i := range t.Modules {
		if t.Modules[i].Name == name {
			return &t.Modules[i]
		}
	}
	return nil
}

func (t *Tenant) user(id int) *User {
	for i := range t.Users {
		if t.Users[i].ID == id {
			return &t.Users[i]
		}
	}
	return nil
}

// holds tells whether a user takes a seat of a module.
func (t *Tenant) holds(u *User, m *Module) bool {
	switch {
	case u.Retired:
		return false
	case m.Kind == Suite:
		return u.CanLogin
	case slices.Contains(u.Plans, m.Name):
		return true
	}
	return slices.ContainsFunc(u.Plans, func(name string) bool {
		plan := t.module(name)
		return plan != nil && slices.Contains(plan.Includes, m.Name)
	})
}

// holders are the users who take a seat of a module, safest to free first.
func (t *Tenant) holders(m *Module) []*User {
	var some []*User
	for i := range t.Users {
		if t.holds(&t.Users[i], m) {
			some = append(some, &t.Users[i])
		}
	}
	slices.SortFunc(some, func(a, b *User) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), a.LastLogin.Compare(b.LastLogin), cmp.Compare(a.ID, b.ID))
	})
	return some
}

func (u *User) rank() int {
	switch {
	case !u.CanLogin:
		return 0
	case u.Waiting:
		return 1
	default:
		return 2 // never logged in is the oldest last login
	}
}

func (t *Tenant) inUse(m *Module) int { return len(t.holders(m)) }

// surplus is how many hold a module beyond what the offer has of it.
func (t *Tenant) surplus(m *Module) int {
	if t.Offer == nil || m.Unrestricted {
		return 0
	}
	return max(0, t.inUse(m)-m.NewTotal)
}

// fits tells whether the offer covers what is assigned, hidden modules included.
func (t *Tenant) fits() bool {
	return !slices.ContainsFunc(t.Modules, func(m Module) bool { return t.surplus(&m) > 0 })
}

func (t *Tenant) canActivate() bool {
	return t.Offer != nil && t.Offer.Refusal == "" && t.fits()
}

// activate puts the offer in force.
func (t *Tenant) activate() error {
	switch {
	case t.Offer == nil:
		return refused("Your licence is up to date.")
	case !t.fits():
		return refused("More licences are assigned than the new licence has. Remove superfluous licences first.")
	case t.Offer.Refusal != "":
		return refused(t.Offer.Refusal)
	}
	t.dates(t.Offer)
	t.Offer = nil
	var kept []Module
	for _, m := range t.Modules {
		m.Total, m.NewTotal = m.NewTotal, 0
		if m.Total > 0 || m.Unrestricted {
			kept = append(kept, m)
		}
	}
	t.Modules = kept
	return nil
}

// dates takes over what the offer changes.
func (t *Tenant) dates(o *Offer) {
	for _, d := range []struct {
		of  *string
		now string
	}{
		{&t.LicensedVersion, o.LicensedVersion}, {&t.NextCheck, o.NextCheck}, {&t.AdminWarning, o.AdminWarning},
		{&t.Expires, o.Expires}, {&t.GraceUntil, o.GraceUntil}, {&t.MaintenanceUntil, o.MaintenanceUntil},
	} {
		if d.now != "" {
			*d.of = d.now
		}
	}
}

// remove takes a module from a user, as the administrator would on the screen. What
// is removed already stays so.
func (t *Tenant) remove(id int, module string) error {
	u, m := t.user(id), t.module(module)
	switch {
	case u == nil || m == nil:
		return refused("No such user or licence.")
	case !t.holds(u, m):
		return nil
	case m.Kind == Hidden:
		return refused(m.Description + " comes with a plan and cannot be removed by itself.")
	case u.OpenRequests > 0:
		return refused(blocked(u))
	case m.Kind == Suite:
		u.CanLogin = false
	}
	u.Plans = slices.DeleteFunc(u.Plans, func(p string) bool { return p == module })
	return nil
}

func blocked(u *User) string {
	return fmt.Sprintf("%s has open requests in Service (%d). The licence cannot be removed.", u.Name, u.OpenRequests)
}

// assign gives a user a licence, while the licence in force has one free.
func (t *Tenant) assign(id int, module string) error {
	u, m := t.user(id), t.module(module)
	switch {
	case u == nil || m == nil || u.Retired:
		return refused("No such user or licence.")
	case m.Kind == Hidden:
		return refused(m.Description + " comes with a plan and cannot be assigned by itself.")
	case t.holds(u, m):
		return nil
	case !m.Unrestricted && t.inUse(m) >= m.Total:
		return refused("No licence of " + m.Description + " is free.")
	case m.Kind == Suite:
		u.CanLogin = true
		return nil
	}
	u.Plans = append(u.Plans, module)
	return nil
}

// give hands a user's open requests to the colleague who can log in and has fewest.
func (t *Tenant) give(id int) (from, to *User, err error) {
	from = t.user(id)
	if from == nil {
		return nil, nil, refused("No such user.")
	}
	for i := range t.Users {
		u := &t.Users[i]
		if u == from || !u.CanLogin || u.Retired || u.Waiting {
			continue
		}
		if to == nil || u.OpenRequests < to.OpenRequests {
			to = u
		}
	}
	if to == nil {
		return nil, nil, refused("There is nobody to give the requests to.")
	}
	to.OpenRequests += from.OpenRequests
	from.OpenRequests = 0
	return from, to, nil
}

// free takes what is too many from those who are safest to free, never from an
// administrator nor from one with open requests. It frees all of it or says who is in the way.
func (t *Tenant) free() (freed int, err error) {
	for i := range t.Modules {
		m := &t.Modules[i]
		if m.Kind == Hidden {
			continue // goes with its plans; what is left then, nobody can free here
		}
		need := t.surplus(m)
		var inTheWay []string
		for _, u := range t.holders(m) {
			switch {
			case need == 0:
			case u.Admin:
				inTheWay = append(inTheWay, u.Name+" is an administrator.")
			case u.OpenRequests > 0:
				inTheWay = append(inTheWay, blocked(u))
			default:
				if err := t.remove(u.ID, m.Name); err != nil {
					return freed, err
				}
				need--
				freed++
			}
		}
		if need > 0 {
			said := fmt.Sprintf("%s: %d cannot be freed.", m.Description, need)
			for _, why := range inTheWay {
				said += " " + why
			}
			return freed, refused(said)
		}
	}
	return freed, nil
}
