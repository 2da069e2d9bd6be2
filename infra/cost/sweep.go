package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"time"

	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/infra/crmsim"
	"seatmend/shared/effects"
	"seatmend/shared/store/storetest"
	"seatmend/shared/superoffice"
)

// swept is how many accounts a sweep is measured with, and crowded with how many it must end in time.
const (
	swept   = 60
	crowded = 2_000
)

// sweeps prints how much of a processor a sweep takes for an account whose licence is to be read, and of which a
// mail and a task fall due: by the store and the programs that run on AWS, what plays SuperOffice included.
func sweeps(ctx context.Context, out io.Writer) error {
	client, stop, err := storetest.Start()
	if err != nil {
		return err
	}
	defer stop()
	m, err := fresh(ctx, client, "sweep")
	if err != nil {
		return err
	}
	sim := crmsim.New(func() time.Time { return m.now })
	server := httptest.NewServer(sim.Handler())
	defer server.Close()
	secret, key := sim.App()
	outside.Connect(m.app, &superoffice.Client{
		HTTP: server.Client(), Login: server.URL, Now: func() time.Time { return m.now }, App: superoffice.App{Secret: secret, Key: key}, System: sim.SystemToken,
		MayCall: func(host string) bool { return host == strings.TrimPrefix(server.URL, "http://") },
	}, func(context.Context, effects.Message) (string, error) { return "<1@seatmend.example>", nil }, desk.Mails)
	m.app.Engine.Hands = 16 // as functions/app has it on AWS
	for n := range swept {
		who := customer(n)
		if err := sim.Put(tenantOf(who, m.now)); err != nil {
			return err
		}
		known := account(who, m.now)
		known.body = []byte(strings.Replace(string(known.body), `"hosting":"onsite"`, `"hosting":"online"`, 1))
		if _, _, err := m.post(ctx, "applied", known); err != nil {
			return err
		}
	}
	for _, at := range []struct {
		what string
		next time.Duration
	}{{"as it is taken in: read, and a mail is owed", time.Minute}, {"three days later: read again, and mailed", 72 * time.Hour}, {"a day later: read again", 24 * time.Hour}} {
		m.now = m.now.Add(at.next)
		began := time.Now()
		before, err := processor()
		if err != nil {
			return err
		}
		done, err := m.app.Engine.Sweep(ctx)
		if err != nil || done.Reached == 0 {
			return fmt.Errorf("%s: %+v, %w", at.what, done, err)
		}
		after, err := processor()
		if err != nil {
			return err
		}
		each := (after - before) / time.Duration(done.Reached)
		fmt.Fprintf(out, "%s: %d accounts in %s, of a processor %s each: %d take %s of one\n", at.what, done.Reached, time.Since(began).Round(time.Millisecond), each.Round(10*time.Microsecond), crowded, (each * crowded).Round(100*time.Millisecond))
	}
	return nil
}

// tenantOf is a customer's SuperOffice: nine hold what eight may have after the renewal.
func tenantOf(who string, now time.Time) crmsim.Tenant {
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	t := crmsim.Tenant{
		CustID: custID(who), Serial: "18" + strings.TrimPrefix(who, "C-"), Company: "Fjord " + who + " AB", Kind: "production", Version: "12.2", LicensedVersion: "12.2",
		NextCheck: day(5), AdminWarning: day(0), Expires: day(20), GraceUntil: day(32), MaintenanceUntil: day(200), Grants: []string{crmsim.ReadLicence, crmsim.ReadUsers},
		Modules: []crmsim.Module{{Name: "ten-sales", Description: "Sales Premium", Kind: crmsim.Plan, Total: 10, NewTotal: 8}},
		Offer:   &crmsim.Offer{Expires: day(385), NextCheck: day(365), AdminWarning: day(360), GraceUntil: day(397)},
	}
	for n := range 9 {
		t.Users = append(t.Users, crmsim.User{ID: 100 + n, Name: fmt.Sprint("Person ", n), CanLogin: true, LastLogin: now.AddDate(0, 0, -n), Plans: []string{"ten-sales"}})
	}
	return t
}
