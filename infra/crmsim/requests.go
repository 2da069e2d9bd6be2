package crmsim

import (
	"slices"
	"time"
)

// serviceID is a user's id in Service, by which requests name their owner; personID that of
// the person behind the associate.
func serviceID(user int) int { return user + 1000 }
func personID(user int) int  { return user + 500000 }

// number gives every open request an id that stays its own, also where it is given to a
// colleague. Whoever makes a tenant says only how many there are.
func (t *Tenant) number() {
	taken := map[int]bool{}
	for i := range t.Users {
		u := &t.Users[i]
		u.Requests = u.Requests[:min(len(u.Requests), u.OpenRequests)]
		for _, id := range u.Requests {
			taken[id] = true
		}
	}
	for i := range t.Users {
		u := &t.Users[i]
		for id := u.ID*10000 + 1; len(u.Requests) < u.OpenRequests; id++ {
			if !taken[id] {
				taken[id] = true
				u.Requests = append(u.Requests, id)
			}
		}
		u.Postponed = min(u.Postponed, u.OpenRequests)
	}
}

// owner is who has a request; nil: there is no such request open.
func (t *Tenant) owner(request int) *User {
	for i := range t.Users {
		if slices.Contains(t.Users[i].Requests, request) {
			return &t.Users[i]
		}
	}
	return nil
}

// status is that of a request: the first of a user's are the postponed ones.
func (u *User) status(request int) int {
	if slices.Index(u.Requests, request) < u.Postponed {
		return 3
	}
	return 1
}

// move hands one request to a colleague.
func (t *Tenant) move(request int, to *User, at time.Time) {
	from := t.owner(request)
	if from == nil || from == to {
		return
	}
	if from.status(request) == 3 {
		from.Postponed--
		to.Postponed++
		to.Requests = slices.Insert(to.Requests, 0, request)
	} else {
		to.Requests = append(to.Requests, request)
	}
	from.Requests = slices.DeleteFunc(from.Requests, func(id int) bool { return id == request })
	from.OpenRequests, to.OpenRequests = from.OpenRequests-1, to.OpenRequests+1
	if t.Touched == nil {
		t.Touched = map[int]time.Time{}
	}
	t.Touched[request] = at
	t.raise("ticket.changed", request, "owned_by", "updated", "updated_associate_id")
}

// give hands a user's open requests to the colleague who can log in and has fewest.
func (t *Tenant) give(id int, at time.Time) (from, to *User, err error) {
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
	for _, request := range slices.Clone(from.Requests) {
		t.move(request, to, at)
	}
	return from, to, nil
}
