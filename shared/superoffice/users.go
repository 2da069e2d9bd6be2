package superoffice

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is known of when somebody last logged in.
const (
	ActivityKnown   = "known"
	ActivityNever   = "never"
	ActivityUnknown = "unknown"
)

// A User is an employee in the tenant, with the plans held out of those asked for.
type User struct {
	ID      string // the associate's id
	Name    string
	Login   string
	Email   string
	Role    string
	Group   string
	Plans   []string
	Retired bool // a former employee, who counts nowhere
	Admin   bool // by the name of the role: the archives tell no more
	CanLogin,
	Waiting bool // waits for approval: cannot log in, and may hold a licence all the same

	Activity  string
	LastLogin time.Time // zero unless Activity is known
	Created   time.Time // zero where not known
}

// employees is the archive of those who work there, and planColumn begins its columns that say
// who holds a plan.
const (
	employees  = "Archive/InternalUsers"
	planColumn = "superoffice_"
)

// Users lists all employees, and which of plans (module names such as ten-sales, as
// the licence has them) each holds. It is the whole list or an error. Which of the plans the
// tenant has no column for, so that who holds them is not known, is told beside it.
func (c *Client) Users(ctx context.Context, t Tenant, plans ...string) (users []User, unlisted []string, err error) {
	logins, err := c.logins(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if plans, unlisted, err = c.listed(ctx, t, plans); err != nil {
		return nil, nil, err
	}
	var rows []row
	for {
		columns := []string{"associateDbId", "fullName", "userName", "personEmail", "role", "usergroup", "canLogin"}
		for _, p := range plans {
			columns = append(columns, planColumn+p)
		}
		rows, err = c.rows(ctx, t, employees, "associateDbId", columns, "")
		unknown, ok := errors.AsType[*UnknownColumn](err)
		if !ok || !strings.HasPrefix(unknown.Column, planColumn) {
			break
		}
		p := strings.TrimPrefix(unknown.Column, planColumn)
		plans, unlisted = slices.DeleteFunc(plans, func(one string) bool { return one == p }), append(unlisted, p)
	}
	if err != nil {
		return nil, nil, err
	}
	users = make([]User, 0, len(rows))
	for _, r := range rows {
		u, err := r.user(plans)
		if err != nil {
			return nil, nil, err
		}
		u.saw(logins[u.ID])
		users = append(users, u)
	}
	return users, unlisted, nil
}

func (r row) user(plans []string) (User, error) {
	id, err := r.number("associateDbId")
	if err != nil {
		return User{}, err
	}
	u := User{
		ID: strconv.FormatInt(id, 10), Name: r.text("fullName"), Login: r.text("userName"),
		Email: r.text("personEmail"), Role: r.text("role"), Group: r.text("usergroup"),
		Plans: []string{}, Retired: r.text("EntityName") == "retired",
	}
	u.Admin = strings.Contains(strings.ToLower(u.Role), "admin")
	// Online, people log in with their address.
	if u.Email == "" && strings.Contains(u.Login, "@") {
		u.Email = u.Login
	}
	if u.CanLogin, err = r.yes("canLogin"); err != nil {
		return User{}, err
	}
	for _, p := range plans {
		held, err := r.yes(planColumn + p)
		if err != nil {
			return User{}, err
		}
		if held {
			u.Plans = append(u.Plans, p)
		}
	}
	return u, nil
}

// logins asks the database for what the user archives leave out. Where that is not
// allowed, or not known there, the list of users is still worth having: activity is
// then unknown, which is not the same as never.
func (c *Client) logins(ctx context.Context, t Tenant) (map[string]row, error) {
	const key = "associate.associate_id"
	columns := []string{key, "associate.lastlogin", "associate.registered", "associate.waiting_for_approval", "associate.deleted"}
	rows, err := c.rows(ctx, t, "archive/dynamic", key, columns, "")
	for len(columns) > 1 {
		// Older servers do not know them all, and refuse a whole question for one of them.
		unknown, ok := errors.AsType[*UnknownColumn](err)
		if !ok || unknown.Column == key {
			break
		}
		columns = slices.DeleteFunc(columns, func(c string) bool { return c == unknown.Column })
		rows, err = c.rows(ctx, t, "archive/dynamic", key, columns, "")
	}
	if fault, ok := errors.AsType[*Fault](err); ok && fault.Status == 400 || errors.Is(err, ErrDenied) && !errors.Is(err, ErrTicket) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	byID := make(map[string]row, len(rows))
	for _, r := range rows {
		id, err := r.number(key)
		if err != nil {
			return nil, err
		}
		byID[strconv.FormatInt(id, 10)] = r
	}
	return byID, nil
}

func (u *User) saw(r row) {
	at, known := r.instant("associate.lastlogin")
	switch {
	case !known:
		u.Activity = ActivityUnknown
	case at.IsZero():
		u.Activity = ActivityNever
	default:
		u.Activity, u.LastLogin = ActivityKnown, at
	}
	u.Created, _ = r.instant("associate.registered")
	u.Waiting, _ = r.yes("associate.waiting_for_approval")
	if gone, err := r.yes("associate.deleted"); err == nil && gone {
		u.Retired = true
	}
}

// OpenRequests counts the requests that a user owns and that are not closed.
func (c *Client) OpenRequests(ctx context.Context, t Tenant, userID string) (int, error) {
	counts, err := c.OpenRequestsOf(ctx, t, []string{userID})
	return counts[userID], err
}

// OpenRequestsOf counts them for many users with few calls. Each user asked for is in the answer.
// Postponed requests count: whether they block is not documented, and a wrong yes is the safer one.
func (c *Client) OpenRequestsOf(ctx context.Context, t Tenant, userIDs []string) (map[string]int, error) {
	counts := make(map[string]int, len(userIDs))
	for _, id := range userIDs {
		if _, err := strconv.ParseUint(id, 10, 63); err != nil {
			return nil, garbled("user id %q is not a number", id)
		}
		counts[id] = 0
	}
	// A hundred ids keep the address below what proxies take.
	for some := range slices.Chunk(userIDs, 100) {
		filter := "ownedBy/associateDbId associateIsOneOf (" + strings.Join(some, ",") + ") and status oneOf (1,3)"
		rows, err := c.rows(ctx, t, "Archive/Ticket", "ticketId", []string{"ticketId", "ownedBy/associateDbId"}, filter)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			id, err := r.number("ownedBy/associateDbId")
			if err != nil {
				return nil, err
			}
			owner := strconv.FormatInt(id, 10)
			if _, asked := counts[owner]; !asked {
				return nil, garbled("a request of user %s, who was not asked for", owner)
			}
			counts[owner]++
		}
	}
	return counts, nil
}
