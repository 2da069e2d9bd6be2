package crmsim

import (
	"cmp"
	"fmt"
	"slices"
)

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

func (t *Tenant) inUse(m *Module) int { return m.Used + len(t.holders(m)) }

// free tells whether one more may hold a module under the licence in force.
func (t *Tenant) free(m *Module) bool { return m.Unrestricted || t.inUse(m) < m.Total }

// surplus is how many hold a module beyond what the offer has of it.
func (t *Tenant) surplus(m *Module) int {
	if t.Offer == nil || m.Unrestricted {
		return 0
	}
	return max(0, t.inUse(m)-m.NewTotal)
}

// blocked says why nothing may be taken from a user; "" is nothing.
func (u *User) blocked() string {
	switch {
	case u.OpenRequests > 0:
		return fmt.Sprintf("%s has open requests in Service (%d). The licence cannot be removed.", u.Name, u.OpenRequests)
	case u.CategoryMaster:
		return u.Name + " is master of a request category. The licence cannot be removed."
	}
	return ""
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
	case u.blocked() != "":
		return refused(u.blocked())
	case m.Kind == Suite:
		u.CanLogin = false
	}
	u.Plans = slices.DeleteFunc(u.Plans, func(p string) bool { return p == module })
	t.undone(id, module)
	return nil
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
	case !t.free(m):
		return refused("No licence of " + m.Description + " is free.")
	case m.Kind == Suite:
		u.CanLogin = true
		return nil
	}
	u.Plans = append(u.Plans, module)
	return nil
}

// reassign moves a user from one plan to another that has a seat free.
func (t *Tenant) reassign(id int, from, to string) error {
	u, old, next := t.user(id), t.module(from), t.module(to)
	switch {
	case u == nil || old == nil || next == nil || from == to:
		return refused("No such user or licence.")
	case !t.holds(u, old):
		return refused(u.Name + " does not hold " + old.Description + ".")
	case t.holds(u, next):
		return refused(u.Name + " holds " + next.Description + " already.")
	}
	if err := t.assign(id, to); err != nil {
		return err
	}
	return t.remove(id, from)
}

// removeAll takes every licence from a user.
func (t *Tenant) removeAll(id int) error {
	u := t.user(id)
	if u == nil {
		return refused("No such user.")
	}
	for _, name := range slices.Clone(u.Plans) {
		if t.module(name) == nil {
			continue // the licence it was of is gone, and nobody counts it
		}
		if err := t.remove(id, name); err != nil {
			return err
		}
	}
	return nil
}

// retire makes a user a former employee, who holds nothing, or takes that back, which gives nothing.
// Unlike a licence, that is told.
func (t *Tenant) retire(id int, retired bool) error {
	u := t.user(id)
	switch {
	case u == nil:
		return refused("No such user.")
	case u.Retired == retired:
		return nil
	case !retired:
	case u.blocked() != "":
		return refused(u.blocked())
	case u.Admin && t.admins() == 1:
		return refused(u.Name + " is the last administrator.")
	}
	u.Retired, u.CanLogin, u.Waiting, u.Plans = retired, false, false, nil
	t.raise("associate.changed", id, "deleted", "updated", "updated_associate_id")
	t.raise("person.changed", personID(id), "retired", "updated", "updated_associate_id")
	return nil
}

func (t *Tenant) admins() (n int) {
	for _, u := range t.Users {
		if u.Admin && !u.Retired {
			n++
		}
	}
	return n
}

// freeSurplus takes what is too many from those who are safest to free, never from an
// administrator nor from one who is blocked. It frees all of it or says who is in the way.
func (t *Tenant) freeSurplus() (freed int, err error) {
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
			case u.blocked() != "":
				inTheWay = append(inTheWay, u.blocked())
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
