package effects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/superoffice"
)

// errOffer means that the licence was read, but not whether another one waits.
var errOffer = errors.New("effects: the licence server did not tell what it offers")

// A reading is one read of one installation that can be called.
type reading struct {
	r       Reader
	s       licence.State
	site    licence.Installation
	tenant  superoffice.Tenant
	at      time.Time
	state   licence.InstallationReported
	unheard bool     // it was to post to us, and does not
	can     []string // what we may do there: what was known, and what this read finds
}

// read learns what it may. With an error, what it returns is still true.
func (v *reading) read(ctx context.Context) ([]licence.Payload, error) {
	version := v.version(ctx)
	x, err := v.r.Client.Licence(ctx, v.tenant)
	if err != nil {
		return v.unread(ctx, err)
	}
	v.state.State = "running" // it answered
	probe := !slices.Contains(v.can, "read-licence")
	v.gain("read-licence")
	v.fetch(x.Said)
	l := x.Licence(version)
	if !v.reportable(x.Said, l) {
		return v.said(), errOffer
	}
	v.sync(l)
	out, users, failed := v.seats(ctx, &l)
	if users != nil && failed == nil {
		var again []licence.Payload
		again, failed = v.again(ctx, l, users)
		out = append(out, again...)
	}
	if probe || l.Offered {
		v.probe(ctx)
	}
	out = append(out, v.warning(ctx)...)
	v.listen(ctx)
	report := licenceOf(v.s, v.site, l)
	report.Status, report.Message = x.Said.LicenseStatus, x.Said.Message
	return append(out, append(v.said(), report)...), failed
}

// said is what is known of the installation itself.
func (v *reading) said() []licence.Payload {
	v.state.Can = licence.Some(v.can)
	return []licence.Payload{v.state}
}

func (v *reading) version(ctx context.Context) string {
	got, err := v.r.Client.Version(ctx, v.tenant)
	if err != nil {
		return ""
	}
	v.state.State, v.state.Version = "running", licence.Some(got.Number)
	if got.Released != "" {
		v.state.Released = licence.Some(licence.Date(got.Released))
	}
	return got.Number
}

// unread makes what it can of a licence that was not read: a refusal says what we may not do,
// and a licence that only the licence server cannot tell says that the installation cannot ask it.
func (v *reading) unread(ctx context.Context, err error) ([]licence.Payload, error) {
	if denied(err) {
		v.lose("read-licence", "activate")
		if errors.Is(err, superoffice.ErrNotApproved) {
			v.lose("read-users")
		}
		return v.said(), err
	}
	fault, ok := errors.AsType[*superoffice.Fault](err)
	if !ok || fault.Status != 200 && fault.Status < 500 {
		return nil, err
	}
	if _, stored := v.r.Client.StoredLicence(ctx, v.tenant); stored != nil {
		return nil, err
	}
	v.state.State = "running"
	v.state.LastFetch = licence.Some(licence.Fetch{At: v.at, Error: fault.Text})
	return []licence.Payload{v.state}, err
}

// reportable tells whether a licence may be told of. Where it is not known what waits, telling
// it would say that nothing does. It may be told all the same where nothing waited before, and
// the licence system says why there is nothing to see.
func (v *reading) reportable(said superoffice.LicenceStatus, l superoffice.Licence) bool {
	if l.OfferKnown {
		return true
	}
	switch said.LicenseStatus {
	case superoffice.StatusProblem, superoffice.StatusNewCompanyName, superoffice.StatusNewSerial:
		return !v.s.Known.Inst(v.site.CustID).Report.Value.Offered
	}
	return false
}

// fetch notes that the installation could not ask the licence server, or can again.
func (v *reading) fetch(said superoffice.LicenceStatus) {
	last := v.s.Known.Inst(v.site.CustID).LastFetch.Value
	switch said.LicenseStatus {
	case superoffice.StatusProblem, superoffice.StatusUnknownError:
		v.state.LastFetch = licence.Some(licence.Fetch{At: v.at, Error: cmp.Or(said.Message, said.LicenseStatus)})
	case "":
	default:
		if last != nil && !last.OK {
			v.state.LastFetch = licence.Some(licence.Fetch{At: v.at, OK: true})
		}
	}
}

// sync notes that users are managed elsewhere, and takes back what only the licence had said.
func (v *reading) sync(l superoffice.Licence) {
	before := v.s.Known.Inst(v.site.CustID).Report.Value.Markers
	switch {
	case slices.Contains(l.Markers, "scim"):
		v.state.Sync = licence.Some("scim")
	case slices.Contains(before, "scim"):
		v.state.Sync.Told = true
	}
}

// warning is what the installation shows whoever logs in, as it says itself. Where it cannot tell, all
// stays as it was; that it shows nothing is told where it has shown something.
func (v *reading) warning(ctx context.Context) []licence.Payload {
	info, ok, err := v.r.Client.SystemInfo(ctx, v.tenant)
	if err != nil || !ok || info.Warning() == "" && v.s.Known.Inst(v.site.CustID).Shown.Value.Text == "" {
		return nil
	}
	return []licence.Payload{licence.WarningShown{CustID: v.site.CustID, Text: clip(licence.Line(info.Warning())), NextCheck: licence.Date(info.NextCheck())}}
}

// longest is how much is kept of what SuperOffice says in words.
const longest = 500

func clip(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return text
}

// errUnlisted means that people hold a plan of which the list of people says nothing.
var errUnlisted = errors.New("effects: the list of people does not tell who holds a plan that is in use")

// seats lists who holds what, or nothing: half a list would free the seats of the others. That it
// may not be read is no error; it is one if it could not be.
func (v *reading) seats(ctx context.Context, l *superoffice.Licence) ([]licence.Payload, []superoffice.User, error) {
	users, unlisted, err := v.people(ctx, *l)
	var list licence.SeatsListed
	if err == nil {
		err = unlist(l, unlisted)
	}
	if err == nil {
		list, err = v.r.list(ctx, v.s, v.site, v.tenant, users)
	}
	switch {
	case err == nil:
		v.gain("read-users")
		return []licence.Payload{list}, users, nil
	case denied(err):
		v.lose("read-users")
		return nil, nil, nil
	}
	return nil, nil, err
}

// mostAsked bounds how many people are asked about one by one.
const mostAsked = 300

// people are those who work there and the plans that each holds. Where the archive may not be read, or
// has no column for a plan that is in use, the licence system is asked about each person.
func (v *reading) people(ctx context.Context, l superoffice.Licence) (users []superoffice.User, unlisted []string, err error) {
	users, unlisted, err = v.r.Client.Users(ctx, v.tenant, modules(l)...)
	refused := err
	if denied(err) {
		unlisted = modules(l)
		if users, err = v.r.Client.People(ctx, v.tenant); err != nil {
			return nil, nil, cmp.Or(notBusy(err), refused)
		}
	}
	if err != nil || refused == nil && !inUse(l, unlisted) {
		return users, unlisted, err
	}
	if len(users) > mostAsked {
		return users, unlisted, refused
	}
	met := map[string]bool{}
	for i := range users {
		if users[i].Retired {
			continue
		}
		names, err := v.r.Client.Holds(ctx, v.tenant, users[i].ID)
		if denied(err) {
			return users, unlisted, refused
		}
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			if slices.Contains(unlisted, name) {
				users[i].Plans, met[name] = append(users[i].Plans, name), true
			}
		}
	}
	// What nobody here holds is for others, as it would be without a column.
	return users, slices.DeleteFunc(unlisted, func(name string) bool { return met[name] }), nil
}

// notBusy is an error of the second way, unless it only says that this one is not open either.
func notBusy(err error) error {
	if fault, ok := errors.AsType[*superoffice.Fault](err); denied(err) || ok && fault.Status < 500 {
		return nil
	}
	return err
}

// inUse tells whether people hold a plan of those named.
func inUse(l superoffice.Licence, names []string) bool {
	return slices.ContainsFunc(l.Modules, func(m superoffice.Module) bool {
		return slices.Contains(names, m.Module) && m.Kind != superoffice.KindAddon && m.InUse > 0
	})
}

// unlist judges modules for which the list of people has no column. One that is no plan is for
// nobody whom the list knows, and nobody is asked to give it up. A plan that is in use is for
// people, and a list without them is none.
func unlist(l *superoffice.Licence, names []string) error {
	for i := range l.Modules {
		m := &l.Modules[i]
		switch {
		case !slices.Contains(names, m.Module):
		case m.Kind == superoffice.KindAddon:
			m.Kind = superoffice.KindHidden
		case m.InUse > 0:
			return fmt.Errorf("%w: %s", errUnlisted, m.Module)
		}
	}
	return nil
}

// probe finds out whether we may activate, and change users. Where that cannot be found out, what was known stays.
func (v *reading) probe(ctx context.Context) {
	v.find(ctx, "activate", v.r.Client.MayActivate)
	v.find(ctx, "free", v.r.Client.MayManage)
}

func (v *reading) find(ctx context.Context, what string, ask func(context.Context, superoffice.Tenant) (bool, error)) {
	switch may, err := ask(ctx, v.tenant); {
	case err != nil:
	case may:
		v.gain(what)
	default:
		v.lose(what)
	}
}

// denied tells a lasting refusal from a ticket that has run out.
func denied(err error) bool {
	return errors.Is(err, superoffice.ErrDenied) && !errors.Is(err, superoffice.ErrTicket)
}

// grantsOf is what we were known to be able to do.
func grantsOf(s licence.State, i licence.Installation) []string {
	if can := s.Known.Inst(i.CustID).Can.Value; can != nil {
		return *can
	}
	return []string{}
}

func (v *reading) gain(one string) {
	if !slices.Contains(v.can, one) {
		v.can = append(v.can, one)
	}
}

func (v *reading) lose(these ...string) {
	v.can = slices.DeleteFunc(v.can, func(one string) bool { return slices.Contains(these, one) })
}
