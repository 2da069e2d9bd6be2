package superoffice

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// endpoint checks an address that the state API named, and returns it without a slash at its end.
func (c *Client) endpoint(raw string) (string, error) {
	login, err := url.Parse(c.Login)
	if err != nil {
		return "", fmt.Errorf("%w: login %q", ErrHost, c.Login)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%w: %q", ErrHost, raw)
	}
	if u.Scheme == login.Scheme && u.Host == login.Host {
		return strings.TrimRight(u.String(), "/"), nil
	}
	if u.Scheme != "https" || !c.mayCall(u.Host) {
		return "", fmt.Errorf("%w: %q", ErrHost, raw)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func (c *Client) mayCall(host string) bool {
	if c.MayCall != nil {
		return c.MayCall(host)
	}
	// The dot belongs to the rule: notsuperoffice.com is somebody else.
	return strings.HasSuffix(strings.ToLower(host), ".superoffice.com")
}

// Server is a customer's own server, which no state API knows. Whether it runs, its answers tell.
func (c *Client) Server(custID string) (Tenant, error) {
	if c.Onsite == nil {
		return Tenant{}, ErrUnknownTenant
	}
	o, ok := c.Onsite(custID)
	if !ok {
		return Tenant{}, ErrUnknownTenant
	}
	if err := o.Check(); err != nil {
		return Tenant{}, err
	}
	return Tenant{CustID: custID, endpoint: strings.TrimRight(o.URL, "/"), onsite: true}, nil
}

// Check says what is wrong with an onsite server's settings, and quotes nothing secret.
func (o Onsite) Check() error {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%w: an onsite server is at a plain https address", ErrHost)
	}
	// What signs in must not cross a network in the open.
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fmt.Errorf("%w: %s://%s is not https", ErrHost, u.Scheme, u.Host)
	}
	if (o.Ticket == "") == (o.User == "") {
		return fmt.Errorf("superoffice: %s: either a user or a ticket signs in", u.Host)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
