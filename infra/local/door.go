package main

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A door is where a run takes requests: for which hosts, and whether others than this machine's
// own people can knock.
type door struct {
	hosts []string // beside the names of this machine itself
	far   bool     // the address is one that other machines reach
	// fronted: something in front leads here by an address that is not this machine's own. What it makes of a
	// request's host is its own affair, so no host tells who is near.
	fronted bool
}

// doorOf is the door of an address to listen on, and of addresses that lead there.
func doorOf(addr string, bases ...string) door {
	host := nameOf(addr)
	d := door{far: !loopback(host)}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		d.hosts = append(d.hosts, host)
	}
	for _, base := range bases {
		if u, err := url.Parse(base); err == nil && u.Host != "" {
			d.hosts = append(d.hosts, nameOf(u.Host))
			d.fronted = d.fronted || !loopback(nameOf(u.Host))
		}
	}
	return d
}

// nameOf is a host without its port, as names are compared.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// loopback tells whether a name is this machine's own.
func loopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// serves lets only requests through that ask for a host of this door. A page of another site whose
// name was made to lead here is no host of ours, and reads nothing.
func (d door) serves(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if name := nameOf(q.Host); !loopback(name) && !slices.Contains(d.hosts, name) {
			refuse(w, http.StatusMisdirectedRequest, "misdirected", fmt.Sprintf(
				"this run does not serve the host %q: ask for 127.0.0.1 or localhost, or start it with -base-url and the address that leads here", cmp.Or(q.Host, "(none)")))
			return
		}
		next.ServeHTTP(w, q)
	})
}

// away tells whether a request may come from another machine: to an address that others reach, behind
// something that leads others here, for a name that is not this machine's own, or by way of a proxy.
func (d door) away(q *http.Request) bool {
	return d.far || d.fronted || !loopback(nameOf(q.Host)) || q.Header.Get("Forwarded") != "" || q.Header.Get("X-Forwarded-For") != "" || q.Header.Get("X-Forwarded-Host") != ""
}

// warning says what it means that others can reach the run; "": they cannot.
func (d door) warning(addr, base string) string {
	at := ""
	switch u, err := url.Parse(base); {
	case d.far:
		at = "-addr " + addr
	case err == nil && !loopback(nameOf(u.Host)):
		at = "-base-url " + base
	default:
		return ""
	}
	return "Warning: " + at + " can be reached from other machines. To them this run is closed without the operator's token\n" +
		"(as a Bearer token, or as the password that a browser asks for): the start page, the inbox, the clock and the button\n" +
		"that signs in. What is sent over http:// can be read on its way."
}

// near keeps what is for the people of this machine: from elsewhere it takes the operator's token.
func (r *Run) near(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if r.door.away(q) && !r.operator(q) {
			w.Header().Set("WWW-Authenticate", `Basic realm="the operator's token is the password", charset="UTF-8"`)
			refuse(w, http.StatusUnauthorized, "unauthorized", "this page is for the machine that the run is on: from elsewhere it takes the operator's token, as Authorization: Bearer ... or as the password")
			return
		}
		next(w, q)
	}
}

// operator tells whether a request has the operator's token, be it as the password of a browser.
func (r *Run) operator(q *http.Request) bool {
	if _, password, ok := q.BasicAuth(); ok {
		q = &http.Request{Header: http.Header{"Authorization": {"Bearer " + password}}}
	}
	return r.App.IsOperator(q)
}

// server bounds how long a caller may take. A whole list of users comes through in this time on a
// slow line, and moving the clock on for years takes no longer than an answer may.
func server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTime, WriteTimeout: 15 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// readTime is how long a request may take to arrive, its body included.
var readTime = time.Minute
