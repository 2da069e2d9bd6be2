package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// columns asks which columns an archive of this tenant has, as the official client does before it asks
// for those of plans. Nil: the tenant does not tell, and asking for one is the way to find out.
func (c *Client) columns(ctx context.Context, t Tenant, provider string) ([]string, error) {
	answer, err := c.agent(ctx, t, "Archive", "GetAvailableColumns", struct{ ProviderName, Context string }{provider, ""})
	if lacks(err) || errors.Is(err, ErrNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []struct{ Name string }
	if json.Unmarshal(answer, &list) != nil {
		return nil, nil // the archive itself says which it does not have
	}
	names := make([]string, 0, len(list))
	for _, one := range list {
		names = append(names, one.Name)
	}
	return names, nil
}

// listed parts plans into those that the list of employees has a column for, and the others.
func (c *Client) listed(ctx context.Context, t Tenant, plans []string) (listed, unlisted []string, err error) {
	has, err := c.columns(ctx, t, "InternalUsers")
	if err != nil || len(has) == 0 {
		return slices.Clone(plans), nil, err
	}
	for _, p := range plans {
		if slices.ContainsFunc(has, func(column string) bool { return strings.EqualFold(column, planColumn+p) }) {
			listed = append(listed, p)
		} else {
			unlisted = append(unlisted, p)
		}
	}
	return listed, unlisted, nil
}
