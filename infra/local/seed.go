package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"seatmend/events"
	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/webhook"
)

// seed tells the demo customers, once per data folder that held nothing, by posting signed bodies to the
// run's own routes; broken off, it is begun again. It is told as on the morning of the latest banking day, and the clock is then
// moved on to the present, so that the first mails lie in the inbox at night and on a Sunday.
func (r *Run) seed(ctx context.Context, o options, errs io.Writer) error {
	mark := filepath.Join(o.data, "demo-seeded")
	told, err := os.ReadFile(mark) // without a word in it: it was begun
	if err == nil && len(told) > 0 {
		return nil
	}
	if err != nil {
		switch held, err := holds(ctx, r.DB); {
		case err != nil:
			return err
		case held:
			fmt.Fprintf(errs, "The demo customers are left out: %s holds customers of its own. -demo=false says that this is meant; the demo goes into an empty folder.\n", o.data)
			return nil
		}
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return err
		}
	}
	present := r.Clock.Now()
	morning := lastMorning(present)
	r.Clock.SetBack(morning)
	files, err := fs.Glob(events.Files, "demo/*/*.json")
	if err != nil {
		return err
	}
	if r.Sim != nil {
		if err := r.simulate(files, morning); err != nil {
			return err
		}
	}
	fmt.Fprintf(errs, "The demo: %d webhooks, told as on %s, and then all that falls due until now. It takes a few seconds, once.\n", len(files), morning.Format("Monday 2 January, 15:04"))
	p := poster{to: "http://" + o.addr, client: &http.Client{Timeout: 30 * time.Second}}
	for _, file := range files {
		sender, ok := webhook.Find(events.Sender(file))
		if !ok {
			return fmt.Errorf("%s: no sender %q", file, events.Sender(file))
		}
		body, err := events.Files.ReadFile(file)
		if err != nil {
			return err
		}
		body = events.Shift(body, events.Base, morning)
		id := "demo-" + morning.Format(time.DateOnly) + "-" + strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(file, "demo/"), ".json"), "/", "-")
		secret, err := signing(r.App.Secrets.Held().Secrets, sender.Name)
		if err != nil {
			return err
		}
		status, answer, err := p.post(ctx, sender, secret, body, id, r.Clock.Now())
		if err != nil {
			return err
		}
		if status != http.StatusOK || strings.Contains(answer, `"set-aside"`) {
			return fmt.Errorf("%s: %d %s", file, status, answer)
		}
	}
	if err := r.advance(ctx, present.Sub(r.Clock.Now())); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(morning.Format(time.RFC3339)+"\n"), 0o600)
}

// holds tells whether anything was told to a database, if it only waits there.
func holds(ctx context.Context, db *sqlite.Store) (bool, error) {
	list, _, err := db.Accounts(ctx, store.Page{Limit: 1})
	if err != nil || len(list) > 0 {
		return true, err
	}
	parked, _, err := db.Unmatched(ctx, store.Page{Limit: 1})
	return len(parked) > 0, err
}

// lastMorning is the latest 09:00 of a banking day that is more than an hour past.
func lastMorning(now time.Time) time.Time {
	cal := licence.NewCalendar("Europe/Stockholm", "")
	day := licence.DateOf(now, cal.Zone)
	for {
		y, m, d := day.Start(cal.Zone).Date()
		nine := time.Date(y, m, d, 9, 0, 0, 0, cal.Zone)
		if cal.Banking(day) && now.Sub(nine) > time.Hour {
			return nine
		}
		day = day.Add(-1)
	}
}

// granted is what demo customers have let us do in their SuperOffice, where it is not all. Most
// customers of a partner have approved nothing: two here are like that, and one lets us read.
var granted = map[string][]string{
	"ekeby-tra":        nil,
	"havn-og-hal":      nil,
	"nordlys-shipping": {crmsim.ReadLicence, crmsim.ReadUsers},
}

// grants are those of the customer whose body a file is.
func grants(file string) []string {
	customer := strings.Split(file, "/")[1]
	if some, ok := granted[customer]; ok {
		return some
	}
	return []string{crmsim.ReadLicence, crmsim.ReadUsers, crmsim.Activate}
}

// simulate gives the simulated SuperOffice the tenants that the demo bodies speak of, so that
// *Check again* reads what the screen there shows.
func (r *Run) simulate(files []string, morning time.Time) error {
	accounts := map[string]licence.AccountChanged{}
	seats := map[string][]licence.SeatChanged{}
	reports := map[string]licence.LicenceReported{}
	owner, may := map[string]string{}, map[string][]string{}
	for _, file := range files {
		if events.Sender(file) != "standard" {
			continue
		}
		body, err := events.Files.ReadFile(file)
		if err != nil {
			return err
		}
		b, err := webhook.ReadFile(events.Shift(body, events.Base, morning), morning)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, f := range b.Facts {
			switch p := f.Payload.(type) {
			case licence.AccountChanged:
				accounts[p.Account] = p
			case licence.SeatsListed:
				seats[p.CustID] = p.Rows
			case licence.LicenceReported:
				reports[p.CustID], owner[p.CustID], may[p.CustID] = p, f.To[0].ID, grants(file)
			}
		}
	}
	for cust, l := range reports {
		for _, i := range accounts[owner[cust]].Installations {
			if i.CustID == cust && i.Hosting == "online" {
				t := tenant(accounts[owner[cust]], i, l, seats[cust])
				t.Grants = may[cust]
				if err := r.Sim.Put(t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func tenant(a licence.AccountChanged, i licence.Installation, l licence.LicenceReported, seats []licence.SeatChanged) crmsim.Tenant {
	t := crmsim.Tenant{
		CustID: i.CustID, Serial: l.Serial, Company: a.Name, Kind: i.Kind, Version: l.Version, LicensedVersion: l.LicensedVersion,
		NextCheck: string(l.NextCheck), AdminWarning: string(l.AdminWarning), Expires: string(l.Expires),
		GraceUntil: string(l.GraceUntil), MaintenanceUntil: string(l.Maintenance), Markers: l.Markers,
	}
	if l.Offered {
		t.Offer = &crmsim.Offer{Expires: string(l.NewExpires), NextCheck: string(l.NewExpires.Add(-20)), AdminWarning: string(l.NewExpires.Add(-25)), GraceUntil: string(l.NewExpires.Add(12))}
	}
	module := map[string]string{}
	for _, line := range l.Plans {
		module[line.Plan] = line.Module
		m := crmsim.Module{Name: line.Module, Description: line.Description, Kind: line.Kind, Total: line.Total, Unrestricted: line.Unrestricted}
		m.Kind = cmp.Or(m.Kind, crmsim.Plan)
		if line.NewTotal != nil {
			m.NewTotal = *line.NewTotal
		}
		t.Modules = append(t.Modules, m)
	}
	t.Modules = append(t.Modules, crmsim.Beside()...)
	users := map[int]int{} // id -> place
	for _, s := range seats {
		id, err := strconv.Atoi(s.User.ID)
		if err != nil {
			continue // the simulator has numbers, as SuperOffice has
		}
		at, ok := users[id]
		if !ok {
			at = len(t.Users)
			users[id] = at
			t.Users = append(t.Users, crmsim.User{
				ID: id, Name: s.User.Name, Email: s.User.Email, Group: s.User.Group, Admin: s.User.Admin, CanLogin: s.User.CanLogin,
				Waiting: s.User.Waiting, LastLogin: s.User.LastActive, Created: s.User.Created, OpenRequests: s.OpenRequests,
			})
		}
		t.Users[at].OpenRequests = max(t.Users[at].OpenRequests, s.OpenRequests)
		if m := module[s.Plan]; m != "" && !slices.Contains(t.Users[at].Plans, m) {
			t.Users[at].Plans = append(t.Users[at].Plans, m)
		}
	}
	return t
}
