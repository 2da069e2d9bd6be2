package superoffice

import (
	"context"
	"encoding/json"
	"strconv"
)

// A LicenceOwner is what one issuer's licences are to one user: those that are held, and those that
// could be given. It is a carrier of the wire.
type LicenceOwner struct {
	Name                                                 string
	RestrictedModuleLicenses, UnrestrictedModuleLicenses []ModuleLicenceLink
}

// A ModuleLicenceLink is one module and one user.
type ModuleLicenceLink struct {
	Name, Description   string
	Assigned, CanAssign bool
	IsHidden            bool
	ExtraFlags          int // 1 marks a user plan
}

// superOffice is the issuer whose licences we speak of.
const superOffice = "SUPEROFFICE"

// People lists who works there by the list that people are chosen from, where the archive of users may
// not be read. It knows names and no more: that somebody can log in is supposed, and when somebody
// did is not known. Nor does it tell roles, so that nobody is an Admin.
func (c *Client) People(ctx context.Context, t Tenant) ([]User, error) {
	answer, err := c.agent(ctx, t, "MDO", "GetList", struct {
		Name           string
		ForceFlatList  bool
		AdditionalInfo string
		OnlyHistory    bool
	}{"associate", true, "", false})
	if err != nil {
		return nil, err
	}
	var list []struct {
		Id       *int64
		Name     string
		FullName string
		Deleted  bool
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, garbled("list of people: %v", err)
	}
	var all []User
	seen := map[int64]bool{}
	for _, one := range list {
		if one.Id == nil || *one.Id <= 0 || seen[*one.Id] {
			return nil, garbled("list of people: somebody without an id of their own")
		}
		seen[*one.Id] = true
		name := one.FullName
		if name == "" {
			name = one.Name
		}
		all = append(all, User{ID: strconv.FormatInt(*one.Id, 10), Name: name, Plans: []string{}, Retired: one.Deleted, CanLogin: true, Activity: ActivityUnknown})
	}
	return all, nil
}

// Holds tells which of SuperOffice's modules one user holds, which the License agent says of one at a time.
func (c *Client) Holds(ctx context.Context, t Tenant, userID string) ([]string, error) {
	id, err := strconv.Atoi(userID)
	if err != nil {
		return nil, garbled("user id %q is not a number", userID)
	}
	answer, err := c.agent(ctx, t, "License", "GetUserLicenses", struct{ AssociateId int }{id})
	if err != nil {
		return nil, err
	}
	var owners []LicenceOwner
	if err := json.Unmarshal(answer, &owners); err != nil {
		return nil, garbled("licences of user %s: %v", userID, err)
	}
	return held(owners)
}

// held are the modules that are assigned. Who holds nothing has owners all the same: none at all is no answer.
func held(owners []LicenceOwner) (names []string, err error) {
	met := false
	for _, o := range owners {
		if o.Name != superOffice {
			continue
		}
		met = true
		for _, links := range [][]ModuleLicenceLink{o.RestrictedModuleLicenses, o.UnrestrictedModuleLicenses} {
			for _, l := range links {
				if l.Assigned {
					names = append(names, l.Name)
				}
			}
		}
	}
	if !met {
		return nil, garbled("licences of a user: none of SuperOffice's")
	}
	return names, nil
}
