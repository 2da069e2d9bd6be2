package crmsim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// The carriers of a user, as far as anybody here reads or writes them.
type (
	userEntity struct {
		AssociateId int
		Name        string
		UserName    string
		EjUserId    int
		Type        string
		Deleted     bool
		IsPersonRetired,
		WaitingForApproval bool
		Lastlogin     string
		LicenseOwners []licenseOwner
		// What a user must have, and what is lost by whoever sends back less than the whole.
		Role, UserGroup *named
		Person          *personRef
		NickName        string
	}
	named struct {
		Id    int
		Value string
	}
	personRef struct {
		PersonId        int
		FullName, Email string
	}
	licenseOwner struct {
		Name, Description                                    string
		RestrictedModuleLicenses, UnrestrictedModuleLicenses []moduleLink
	}
	moduleLink struct {
		Unrestricted          bool
		Total                 int
		CanAssign             bool
		Free, InUse           int
		IsHidden, Assigned    bool
		ModuleLicenseId       int
		Name, Description     string
		SortOrder, ExtraFlags int
	}
)

func (t *Tenant) entity(u *User) userEntity {
	owner := licenseOwner{Name: "SUPEROFFICE", Description: "SuperOffice AS", RestrictedModuleLicenses: []moduleLink{}, UnrestrictedModuleLicenses: []moduleLink{}}
	for i := range t.Modules {
		m := &t.Modules[i]
		if m.Total == 0 && !m.Unrestricted {
			continue
		}
		used := t.inUse(m)
		l := moduleLink{
			Unrestricted: m.Unrestricted, Total: m.Total, Free: m.Total - used, InUse: used, IsHidden: m.Kind == Hidden, Assigned: t.holds(u, m),
			CanAssign: m.Kind != Hidden && (t.holds(u, m) || t.free(m)), ModuleLicenseId: moduleID(i), Name: m.Name, Description: m.Description, SortOrder: i + 1,
		}
		if m.Kind == Plan || m.Kind == Suite {
			l.ExtraFlags = 1
		}
		if m.Unrestricted {
			owner.UnrestrictedModuleLicenses = append(owner.UnrestrictedModuleLicenses, l)
		} else {
			owner.RestrictedModuleLicenses = append(owner.RestrictedModuleLicenses, l)
		}
	}
	role := named{2, "User level 0"}
	if u.Admin {
		role = named{1, "Administrator"}
	}
	return userEntity{
		Role: &role, UserGroup: &named{1, u.Group}, Person: &personRef{personID(u.ID), u.Name, u.Email},
		AssociateId: u.ID, Name: u.Name, UserName: u.Email, EjUserId: serviceID(u.ID), Type: "InternalAssociate", Deleted: u.Retired,
		IsPersonRetired: u.Retired, WaitingForApproval: u.Waiting, Lastlogin: wireTime(u.LastLogin), LicenseOwners: []licenseOwner{owner},
	}
}

// save makes a user's licences those of the carrier. Taking comes first, so that a seat of
// one plan can be exchanged for one of another.
func (t *Tenant) save(in userEntity) error {
	u := t.user(in.AssociateId)
	switch {
	case u == nil:
		return refused("No such user.")
	case in.Role == nil || in.UserGroup == nil || in.Person == nil || in.UserName == "":
		return refused("A user must have a role, a group, a person and a name: only part of the user was sent.")
	}
	var give []string
	for _, o := range in.LicenseOwners {
		for _, l := range append(o.RestrictedModuleLicenses, o.UnrestrictedModuleLicenses...) {
			m := t.module(l.Name)
			switch {
			case m == nil || m.Kind == Hidden || l.Assigned == t.holds(u, m):
			case l.Assigned:
				give = append(give, l.Name)
			default:
				if err := t.remove(u.ID, l.Name); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range give {
		if err := t.assign(u.ID, name); err != nil {
			return err
		}
	}
	return nil
}

// mayManage refuses what partner applications may not do in SuperOffice Online.
func (c *call) mayManage(w http.ResponseWriter) bool {
	if c.granted(ManageUsers) {
		return true
	}
	status := c.RefusalStatus
	if status == 0 {
		status = http.StatusForbidden
	}
	restError(w, status, "SoSecurityException", "User agent is restricted: user management is not allowed for partner apps")
	return false
}

func (s *Sim) userAgent(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.mayManage(w) {
		return
	}
	var in struct {
		userEntity
		Retired bool
	}
	method := r.PathValue("method")
	if method == "GetUser" {
		c.showUser(w, r.URL.Query().Get("userId"), func() { answer(w, nil) })
		return
	}
	if method == "GetUserInfoList" {
		c.userInfos(w, r)
		return
	}
	if !read(w, r, &in) {
		return
	}
	u := c.user(in.AssociateId)
	switch method {
	case "RemoveLicenses":
		s.manage(w, r, c, u, func(t *Tenant) error { return t.removeAll(in.AssociateId) }, done)
	case "MakeRetired":
		s.manage(w, r, c, u, func(t *Tenant) error { return t.retire(in.AssociateId, in.Retired) }, done)
	case "SaveUser":
		s.manage(w, r, c, u, func(t *Tenant) error { return t.save(in.userEntity) }, func(w http.ResponseWriter) {
			now, _ := s.Tenant(c.CustID)
			answer(w, now.entity(now.user(in.AssociateId)))
		})
	default:
		notFound(w, "User agent has no such method")
	}
}

// userInfos says in short who some users are. Of nobody it says nothing.
func (c *call) userInfos(w http.ResponseWriter, r *http.Request) {
	var ids []int
	if !read(w, r, &ids) {
		return
	}
	list := []map[string]any{}
	for _, id := range ids {
		u := c.user(id)
		if u == nil {
			continue
		}
		e := c.entity(u)
		list = append(list, map[string]any{
			"Deleted": u.Retired, "UserInfoId": u.ID, "UserName": u.Name, "PersonId": e.Person.PersonId, "EjUserId": e.EjUserId,
			"UserType": e.Type, "GrantedLicenses": u.Plans, "CanLogon": u.CanLogin, "RoleName": e.Role.Value, "UserGroupName": u.Group,
		})
	}
	answer(w, list)
}

func (s *Sim) userResource(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.mayManage(w) {
		return
	}
	if r.Method == http.MethodGet {
		c.showUser(w, r.PathValue("id"), func() { notFound(w, "User id "+r.PathValue("id")+" not found") })
		return
	}
	if r.Method == http.MethodDelete {
		// Deleting somebody who has done something cannot be undone, and nobody here needs it.
		restError(w, http.StatusMethodNotAllowed, "SoNotSupportedException", "The simulator deletes nobody")
		return
	}
	var in userEntity
	if !read(w, r, &in) {
		return
	}
	in.AssociateId, _ = strconv.Atoi(r.PathValue("id"))
	s.manage(w, r, c, c.user(in.AssociateId), func(t *Tenant) error { return t.save(in) }, func(w http.ResponseWriter) {
		now, _ := s.Tenant(c.CustID)
		answer(w, now.entity(now.user(in.AssociateId)))
	})
}

// showUser answers with a user. Of nobody, an agent says null with status 200, and a resource 404.
func (c *call) showUser(w http.ResponseWriter, id string, nobody func()) {
	n, _ := strconv.Atoi(id)
	u := c.user(n)
	if u == nil {
		nobody()
		return
	}
	answer(w, c.entity(u))
}

// manage does something to a user. What blocks it is said in the caller's language.
func (s *Sim) manage(w http.ResponseWriter, r *http.Request, c *call, u *User, do func(*Tenant) error, then func(http.ResponseWriter)) {
	if u == nil {
		notFound(w, "no such user")
		return
	}
	err := s.change(c.CustID, func(t *Tenant) error {
		t.by = c.by
		return do(t)
	})
	switch why := refused(""); {
	case err == nil && c.Fault == FaultSaved:
		s.wait(r)
		htmlError(w, http.StatusGatewayTimeout)
	case err == nil:
		then(w)
	case errors.As(err, &why) && u.blocked() != "" && strings.Contains(string(why), u.blocked()):
		restError(w, http.StatusBadRequest, "SoArgumentException", translated("SR_REQUEST_DEPENDENCY", r.Header.Get("SO-Language")))
	case errors.As(err, &why):
		restError(w, http.StatusBadRequest, "SoArgumentException", string(why))
	default:
		broken(w, err)
	}
}
