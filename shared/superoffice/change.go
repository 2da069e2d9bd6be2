package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A Holder is one user as SuperOffice has them: what they hold, and the whole of the carrier, because
// a user is saved whole or something of them is lost.
type Holder struct {
	ID, Name, Role string
	Login          string // what they sign in with, mostly an address
	Retired        bool
	Waiting        bool                // for approval: cannot log in
	Links          []ModuleLicenceLink // SuperOffice's restricted modules
	raw            json.RawMessage
}

// Link is one of the modules; false: this user cannot hold it.
func (h Holder) Link(module string) (ModuleLicenceLink, bool) {
	i := slices.IndexFunc(h.Links, func(l ModuleLicenceLink) bool { return l.Name == module })
	if i < 0 {
		return ModuleLicenceLink{}, false
	}
	return h.Links[i], true
}

// Administers tells whether the user is an administrator who can work, as SuperOffice has it now: who holds
// nothing cannot. Whether they can log in LogOn tells.
func (h Holder) Administers() bool {
	return !h.Retired && !h.Waiting && h.holdsBeside("") && strings.Contains(strings.ToLower(h.Role), "admin")
}

// Holds tells whether the user holds a module.
func (h Holder) Holds(module string) bool {
	l, ok := h.Link(module)
	return ok && l.Assigned
}

// HoldsAny tells whether the user holds anything that a person would see.
func (h Holder) HoldsAny() bool { return h.holdsBeside("") }

// holdsBeside tells whether the user holds anything that a person would see but one module.
func (h Holder) holdsBeside(module string) bool {
	return slices.ContainsFunc(h.Links, func(l ModuleLicenceLink) bool { return l.Assigned && !l.IsHidden && l.Name != module })
}

// LogOn tells which of some users can log in now: what they hold says nothing of it. Of whom SuperOffice says
// nothing, or where it does not tell us at all, none is known to.
func (c *Client) LogOn(ctx context.Context, t Tenant, users ...string) (map[string]bool, error) {
	ids := make([]int, len(users))
	for i, user := range users {
		var err error
		if ids[i], err = strconv.Atoi(user); err != nil {
			return nil, garbled("user id %q is not a number", user)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	answer, err := c.agent(ctx, t, "User", "GetUserInfoList", ids)
	if errors.Is(err, ErrNothing) || lacks(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []UserInfo
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, garbled("who can log in: %v", err)
	}
	can := map[string]bool{}
	for _, one := range list {
		if slices.Contains(ids, one.UserInfoId) {
			can[strconv.Itoa(one.UserInfoId)] = one.CanLogon && !one.Deleted
		}
	}
	return can, nil
}

// A UserInfo is what SuperOffice says of a user in short.
type UserInfo struct {
	UserInfoId        int
	CanLogon, Deleted bool
}

// Holder reads a user whole, by the agent that Online gives to hardly anybody. ErrNothing where there is nobody of that id.
func (c *Client) Holder(ctx context.Context, t Tenant, userID string) (Holder, error) {
	id, err := strconv.Atoi(userID)
	if err != nil {
		return Holder{}, garbled("user id %q is not a number", userID)
	}
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return Holder{}, err
	}
	answer, err := c.callAs(ctx, t, p, http.MethodPost, agents+"User/GetUser?"+url.Values{"userId": {strconv.Itoa(id)}}.Encode(), nil)
	if err != nil {
		return Holder{}, err
	}
	return holder(answer, id)
}

func holder(answer json.RawMessage, id int) (Holder, error) {
	var u struct {
		AssociateId              int
		Name, UserName           string
		Person                   *struct{ FullName string }
		Role                     *struct{ Value string }
		Deleted, IsPersonRetired bool
		WaitingForApproval       bool
		LicenseOwners            []LicenceOwner
	}
	if err := json.Unmarshal(answer, &u); err != nil || u.AssociateId != id {
		return Holder{}, garbled("user %d: it is about %d", id, u.AssociateId)
	}
	h := Holder{ID: strconv.Itoa(id), Name: u.Name, Login: u.UserName, Retired: u.Deleted || u.IsPersonRetired, Waiting: u.WaitingForApproval, raw: answer}
	if u.Person != nil && u.Person.FullName != "" {
		h.Name = u.Person.FullName
	}
	if u.Role != nil {
		h.Role = u.Role.Value
	}
	for _, o := range u.LicenseOwners {
		if o.Name == superOffice {
			h.Links = append(h.Links, o.RestrictedModuleLicenses...)
		}
	}
	if len(h.Links) == 0 {
		return Holder{}, garbled("user %d: no licences to hold", id)
	}
	return h, nil
}

// MayManage tells whether we would be let in to change users. It reads nobody, which changes nothing:
// who may not is refused, and who may is told that there is nobody.
func (c *Client) MayManage(ctx context.Context, t Tenant) (bool, error) {
	_, err := c.Holder(ctx, t, "0")
	switch {
	case errors.Is(err, ErrNothing):
		return true, nil
	case lacks(err):
		return false, nil
	}
	return false, err
}

// Exchange takes a module from a user as it was read, and gives another; "" is none. Where the user
// would be left with nothing, all is removed. A refusal is a Fault with SuperOffice's words, in the language given ("": English). After
// ErrMaybe it is not known whether it was done: read again to learn.
func (c *Client) Exchange(ctx context.Context, t Tenant, h Holder, take, give, lang string) error {
	if take == "" && give == "" {
		return garbled("an exchange of nothing for nothing")
	}
	p, err := c.signIn(ctx, t, "")
	if err != nil {
		return err
	}
	p.lang = lang
	if give == "" && !h.holdsBeside(take) {
		id, _ := strconv.Atoi(h.ID) // it was a number when it was read
		_, err = c.agentAs(ctx, t, p, "User", "RemoveLicenses", struct{ AssociateId int }{id})
	} else {
		var whole json.RawMessage
		if whole, err = h.with(take, give); err != nil {
			return err
		}
		_, err = c.agentAs(ctx, t, p, "User", "SaveUser", whole)
	}
	switch {
	case errors.Is(err, ErrNothing):
		return nil // it has nothing to say
	case err != nil && maybe(err):
		return fmt.Errorf("%w: %w", ErrMaybe, err)
	}
	return err
}

// with is the whole user, with one module no longer assigned and another assigned.
func (h Holder) with(take, give string) (json.RawMessage, error) {
	set := func(link map[string]json.RawMessage) {
		var name string
		json.Unmarshal(link["Name"], &name)
		switch name {
		case "":
		case take:
			link["Assigned"] = json.RawMessage("false")
		case give:
			link["Assigned"] = json.RawMessage("true")
		}
	}
	return edited(h.raw, "LicenseOwners", func(owner map[string]json.RawMessage) error {
		var name string
		if json.Unmarshal(owner["Name"], &name); name != superOffice {
			return nil
		}
		list, err := edit(owner["RestrictedModuleLicenses"], func(link map[string]json.RawMessage) error { set(link); return nil })
		if err == nil {
			owner["RestrictedModuleLicenses"] = list
		}
		return err
	})
}

// edited is an object in which each element of a list was changed; all else of it stays as it came.
func edited(raw json.RawMessage, list string, change func(map[string]json.RawMessage) error) (json.RawMessage, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, garbled("user: %v", err)
	}
	all, err := edit(whole[list], change)
	if err != nil {
		return nil, err
	}
	whole[list] = all
	return json.Marshal(whole)
}

func edit(raw json.RawMessage, change func(map[string]json.RawMessage) error) (json.RawMessage, error) {
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, garbled("user: %v", err)
	}
	for _, one := range all {
		if err := change(one); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}
