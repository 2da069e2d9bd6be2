package superoffice

import (
	"context"
	"encoding/json"
	"net/http"
)

// A Version is what the server that answers says of itself.
type Version struct {
	Number   string // NetServerVersion, such as 11.10.721.0
	Released string // the day it was built, yyyy-mm-dd, or "" where an older server does not say
	Label    string
}

// Version asks which version the tenant runs.
func (c *Client) Version(ctx context.Context, t Tenant) (Version, error) {
	answer, err := c.call(ctx, t, http.MethodGet, "/api", nil)
	if err != nil {
		return Version{}, err
	}
	var v struct {
		NetServerVersion, NetServerLabel string
		NetServerDate                    Date
	}
	if err := json.Unmarshal(answer, &v); err != nil {
		return Version{}, garbled("version: %v", err)
	}
	if v.NetServerVersion == "" {
		return Version{}, garbled("version: none given")
	}
	return Version{Number: v.NetServerVersion, Released: string(v.NetServerDate), Label: v.NetServerLabel}, nil
}
