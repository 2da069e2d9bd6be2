package superoffice

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// SystemInfo is what a tenant says of itself, as far as we read it: the carrier of the Diagnostics
// agent, with the names of the wire.
type SystemInfo struct {
	WarningEnglish, WarningResource string // what whoever logs in is shown; "" is nothing
	// AccumulatedNextCheckDate moves on by a day each day on which a check brings no new licence.
	AccumulatedNextCheckDate *Date
}

// Warning is the text that is shown; "" is none. A key of SuperOffice's own table of strings is
// a text all the same: something is shown.
func (s SystemInfo) Warning() string {
	if text := strings.TrimSpace(s.WarningEnglish); text != "" {
		return text
	}
	return strings.TrimSpace(s.WarningResource)
}

// NextCheck is the day of the next check, yyyy-mm-dd, or "".
func (s SystemInfo) NextCheck() string { return s.AccumulatedNextCheckDate.day() }

// SystemInfo asks what the tenant says of itself. False: this version does not tell, or not us.
func (c *Client) SystemInfo(ctx context.Context, t Tenant) (SystemInfo, bool, error) {
	answer, err := c.agent(ctx, t, "Diagnostics", "GetSystemInfo", nil)
	if lacks(err) || errors.Is(err, ErrNothing) {
		return SystemInfo{}, false, nil
	}
	if err != nil {
		return SystemInfo{}, false, err
	}
	var s struct {
		SystemInfo
		License, BuildLabel, AssemblyVersion json.RawMessage
	}
	// It says nothing of a warning where none is shown: that it is this carrier, the rest of it tells.
	if err := json.Unmarshal(answer, &s); err != nil || s.License == nil && s.BuildLabel == nil && s.AssemblyVersion == nil {
		return SystemInfo{}, false, garbled("system info")
	}
	return s.SystemInfo, true, nil
}
