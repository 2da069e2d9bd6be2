// Package effects does outside what accounts owe: one kind of effect a file.
package effects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/superoffice"
)

// A Reader reads installations from SuperOffice.
type Reader struct {
	Client *superoffice.Client
	Now    func() time.Time
	Hooks  *Hooks // nil: nobody is asked to post to us
	Store  store.Store
}

// Read asks an installation for its state, its licence and its people. What it is not granted
// it does not learn: a refusal, a time-out or an empty answer never becomes a number.
func (r Reader) Read(ctx context.Context, s licence.State, e licence.Effect) ([]licence.Payload, licence.Result, error) {
	done := licence.Result{Effect: e, At: r.Now(), Outcome: "failed"}
	site, ok := installation(s, e.CustID)
	if !ok {
		return nil, done, nil
	}
	tenant, err := r.tenant(ctx, site)
	if err != nil {
		return nil, retry(done, err), nil
	}
	v := reading{r: r, s: s, site: site, tenant: tenant, at: done.At, can: slices.Clone(grantsOf(s, site))}
	v.state = licence.InstallationReported{CustID: site.CustID, State: stateOf(tenant.State)}
	switch {
	case v.state.State == "maintenance":
		return []licence.Payload{v.state}, done, nil // what is being worked on is read when it is whole
	case !tenant.Callable():
		done.Outcome = "done"
		return []licence.Payload{v.state}, done, nil
	}
	out, err := v.read(ctx)
	if err != nil {
		return out, retry(done, err), nil
	}
	done.Outcome, done.Unheard = "done", v.unheard
	return out, done, nil
}

// tenant is where an installation is asked: online where the login host says, onsite where the
// operator's settings do.
func (r Reader) tenant(ctx context.Context, i licence.Installation) (superoffice.Tenant, error) {
	if i.Hosting == "onsite" {
		return r.Client.Server(i.CustID)
	}
	return r.Client.State(ctx, i.CustID)
}

func retry(d licence.Result, err error) licence.Result {
	var busy *superoffice.Busy
	if errors.As(err, &busy) {
		d.Retry = d.At.Add(busy.RetryAfter)
	}
	return d
}

func installation(s licence.State, custID string) (licence.Installation, bool) {
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, custID) {
			return i, true
		}
	}
	return licence.Installation{}, false
}

// stateOf is a tenant's state in our terms. A server of the customer's own has none until it answers.
func stateOf(state string) string {
	switch strings.ToLower(state) {
	case "running":
		return "running"
	case "suspended":
		return "suspended"
	case "deleting":
		return "deleting"
	case "deleted":
		return "deleted"
	case "deletefailed", "delete-failed":
		return "delete-failed"
	case "onlinemaintenance", "offlinemaintenance",
		"backup", "backuprestored", "maintenance", "maintenancerunning", "upgrade", "upgrading", "restoring", "off", "offfordeleting":
		return "maintenance"
	}
	return "unknown"
}
