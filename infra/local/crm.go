package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"seatmend/functions/outside"
	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/superoffice"
)

// connect makes the client of SuperOffice: of the simulator, which it starts from the run's
// data, or of a real environment, where the run's secrets sign in.
func (r *Run) connect(o options) (*superoffice.Client, error) {
	if o.crm != "sim" {
		return outside.CRM(r.App.Secrets.Held().Secrets, crmLogin(o.crm), carrier(), r.Clock.Now)
	}
	r.Sim, r.CRM = crmsim.New(r.Clock.Now), "http://"+o.crmAddr
	if err := r.Sim.Load(filepath.Join(o.data, "superoffice.json")); err != nil {
		return nil, err
	}
	return r.client(o), nil
}

// crmLogin is the address of a login host, which may be written without https://.
func crmLogin(host string) string { return "https://" + strings.TrimPrefix(host, "https://") }

func carrier() *http.Client { return &http.Client{Timeout: 10 * time.Second} }

// client is one of the simulator, which has registered this application.
func (r *Run) client(o options) *superoffice.Client {
	secret, key := r.Sim.App()
	return &superoffice.Client{
		HTTP: carrier(), Login: r.CRM, Now: r.Clock.Now, App: superoffice.App{Secret: secret, Key: key},
		System:  r.Sim.SystemToken,
		Onsite:  r.onsite,
		MayCall: func(host string) bool { return host == o.crmAddr },
	}
}

// onsite is a server at a customer's, as the simulator plays it.
func (r *Run) onsite(cust string) (superoffice.Onsite, bool) {
	t, ok := r.Sim.Tenant(cust)
	if !ok || t.Hosting != crmsim.Onsite {
		return superoffice.Onsite{}, false
	}
	return superoffice.Onsite{URL: r.CRM + "/" + t.CustID, User: t.User, Password: t.Password}, true
}

// hook registers this run's address with every simulated tenant, as an administrator would:
// the address may be another one than last time.
func (r *Run) hook(ctx context.Context, o options) {
	secrets := r.App.Secrets.Held().Secrets["superoffice"]
	if r.Sim == nil || len(secrets) == 0 || secrets[0] == "" {
		return // nobody could sign
	}
	target := "http://" + reachable(o.addr) + "/users/superoffice"
	for _, t := range r.Sim.Tenants() {
		to := target
		if t.Hosting == crmsim.Onsite {
			to += "/" + t.CustID // such a server does not know what we call it
		}
		if slices.ContainsFunc(t.Hooks, func(h crmsim.Hook) bool { return h.TargetURL == to && h.Secret == secrets[0] }) {
			continue
		}
		if _, err := r.Sim.Register(ctx, t.CustID, crmsim.Hook{Name: "Seatmend", Events: effects.HookEvents, TargetURL: to, Secret: secrets[0]}); err != nil && ctx.Err() == nil {
			r.App.Log.Error("webhook", "tenant", t.CustID, "error", err.Error())
		}
	}
}

// reachable is an address that listens everywhere, as this machine reaches it.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}
