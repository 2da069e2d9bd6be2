package effects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"seatmend/shared/superoffice"
)

// Hooks is where SuperOffice is to post what changes, and what it signs with.
type Hooks struct {
	Target func(custID string, onsite bool) string // "": nowhere
	Secret func() string
	Failed func(custID string, err error)
}

// hearing are the events that are asked for: users, and the people behind them. None tells of licences.
var hearing = []string{"associate.created", "associate.changed", "associate.deleted", "person.created", "person.changed", "person.softdeleted", "person.deleted"}

// hookName names our webhook. A part of it follows from the secret, which nobody is told who lists the
// webhooks: another secret is another name, and the webhook is written anew.
func hookName(secret string) string {
	sum := sha256.Sum256([]byte("webhook " + secret))
	return "Seatmend " + hex.EncodeToString(sum[:3])
}

// listen has the installation post to us, where it lets us. What posts to our address is heard, whoever made it. A
// webhook of ours that died of too many errors, or has another secret or list of events, is written anew: once it
// has answered to a test.
func (v *reading) listen(ctx context.Context) {
	h := v.r.Hooks
	if h == nil {
		return
	}
	target, secret := h.Target(v.site.CustID, v.site.Hosting == "onsite"), h.Secret()
	if target == "" || secret == "" {
		return
	}
	want := superoffice.Hook{Name: hookName(secret), Events: hearing, TargetUrl: target, Secret: secret, State: superoffice.HookActive, Type: "webhook"}
	all, err := v.r.Client.Hooks(ctx, v.tenant, "")
	if err != nil {
		if !denied(err) && !lackingAgent(err) {
			v.failed(err)
		}
		return
	}
	for _, old := range all {
		ours := strings.HasPrefix(old.Name, "Seatmend")
		if old.TargetUrl == want.TargetUrl && (!ours || old.Name == want.Name) && old.State == want.State && covers(old.Events, want.Events) {
			return
		}
		if ours && old.TargetUrl == want.TargetUrl {
			want.WebhookId = old.WebhookId // ours; one that posts elsewhere is of another Seatmend
		}
	}
	ok, said, err := v.r.Client.TryHook(ctx, v.tenant, want)
	if err == nil && !ok {
		err = fmt.Errorf("effects: the webhook's address did not answer the test of %s: %s", v.site.CustID, said)
	}
	if err == nil {
		err = v.r.Client.SaveHook(ctx, v.tenant, want)
	}
	if err != nil {
		v.failed(err)
	}
}

// failed notes that the webhook is not there: ops have a task until it is.
func (v *reading) failed(err error) {
	v.unheard = true
	v.r.Hooks.Failed(v.site.CustID, err)
}

func covers(have, want []string) bool {
	return !slices.ContainsFunc(want, func(event string) bool { return !slices.Contains(have, event) })
}

// lackingAgent tells whether a version does not know what it was asked for.
func lackingAgent(err error) bool {
	fault, ok := errors.AsType[*superoffice.Fault](err)
	return ok && fault.Status < 500 && fault.Status != 200
}
