package functions_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"seatmend/events"
	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
	"seatmend/shared/webhook"
)

// simulate gives SuperOffice the tenants that the customer's bodies in events/ speak of.
func (w *world) simulate(files ...string) {
	w.Helper()
	var account licence.AccountChanged
	var licences []licence.LicenceReported
	seats := map[string][]licence.SeatChanged{}
	for _, file := range files {
		if events.Sender(file) != "standard" {
			continue
		}
		b, err := webhook.ReadFile(w.event(file), morning)
		if err != nil {
			w.Fatalf("%s: %v", file, err)
		}
		for _, f := range b.Facts {
			switch p := f.Payload.(type) {
			case licence.AccountChanged:
				account = p
			case licence.SeatsListed:
				seats[p.CustID] = p.Rows
			case licence.LicenceReported:
				licences = append(licences, p)
			}
		}
	}
	for _, l := range licences {
		for _, i := range account.Installations {
			if i.CustID == l.CustID && i.Hosting == "online" {
				if err := w.sim.Put(tenant(account, i, l, seats[l.CustID])); err != nil {
					w.Fatal(err)
				}
			}
		}
	}
}

func tenant(a licence.AccountChanged, i licence.Installation, l licence.LicenceReported, seats []licence.SeatChanged) crmsim.Tenant {
	t := crmsim.Tenant{
		CustID: i.CustID, Serial: l.Serial, Company: a.Name, Kind: i.Kind, Version: l.Version, LicensedVersion: l.LicensedVersion,
		NextCheck: string(l.NextCheck), AdminWarning: string(l.AdminWarning), Expires: string(l.Expires), GraceUntil: string(l.GraceUntil),
		MaintenanceUntil: string(l.Maintenance), Markers: l.Markers, Grants: []string{crmsim.ReadLicence, crmsim.ReadUsers},
	}
	if l.Offered {
		t.Offer = &crmsim.Offer{Expires: string(l.NewExpires), NextCheck: string(l.NewExpires.Add(-20)), AdminWarning: string(l.NewExpires.Add(-25)), GraceUntil: string(l.NewExpires.Add(12))}
	}
	module := map[string]string{}
	for _, line := range l.Plans {
		module[line.Plan] = line.Module
		m := crmsim.Module{Name: line.Module, Description: line.Description, Kind: cmp.Or(line.Kind, crmsim.Plan), Total: line.Total, Unrestricted: line.Unrestricted}
		if line.NewTotal != nil {
			m.NewTotal = *line.NewTotal
		}
		t.Modules = append(t.Modules, m)
		for n := 0; len(seats) == 0 && n < line.InUse; n++ {
			// Where nobody is named, somebody holds them all the same.
			t.Users = append(t.Users, crmsim.User{ID: 100 + len(t.Users), Name: fmt.Sprintf("Person %d", n+1), CanLogin: true,
				LastLogin: morning.AddDate(0, 0, -n), Plans: []string{line.Module}})
		}
	}
	at := map[string]int{}
	for _, s := range seats {
		n, ok := at[s.User.ID]
		if !ok {
			id, _ := strconv.Atoi(s.User.ID)
			n = len(t.Users)
			at[s.User.ID] = n
			t.Users = append(t.Users, crmsim.User{ID: id, Name: s.User.Name, Email: s.User.Email, Admin: s.User.Admin, CanLogin: s.User.CanLogin,
				Waiting: s.User.Waiting, LastLogin: s.User.LastActive, Created: s.User.Created})
		}
		t.Users[n].OpenRequests = max(t.Users[n].OpenRequests, s.OpenRequests)
		if !slices.Contains(t.Users[n].Plans, module[s.Plan]) {
			t.Users[n].Plans = append(t.Users[n].Plans, module[s.Plan])
		}
	}
	return t
}

// screen presses a button of the administrator's screen in the simulator.
func (w *world) screen(cust, button string, fields url.Values) string {
	w.Helper()
	client := *w.crm.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := client.PostForm(w.crm.URL+"/sim/"+cust+"/"+button, fields)
	if err != nil {
		w.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		w.Fatalf("%s at %s: status %d", button, cust, r.StatusCode)
	}
	q, err := http.NewRequest("GET", w.crm.URL+"/sim/"+cust, nil)
	if err != nil {
		w.Fatal(err)
	}
	q.Header.Set("Accept", "application/json")
	r, err = client.Do(q)
	if err != nil {
		w.Fatal(err)
	}
	defer r.Body.Close()
	var shown struct{ Said string }
	if err := json.NewDecoder(r.Body).Decode(&shown); err != nil {
		w.Fatal(err)
	}
	return shown.Said
}
