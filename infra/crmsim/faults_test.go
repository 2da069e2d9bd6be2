package crmsim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/superoffice"
)

func TestFaults(t *testing.T) {
	s := newStage(t, fjord())
	at := s.tenant(t)
	signedIn := func(patience time.Duration) *superoffice.Client {
		c := s.newClient(&http.Client{Timeout: patience})
		for range 50 { // whoever is hasty may not get through on a busy machine
			if _, err := c.Licence(t.Context(), at); err == nil {
				return c
			}
		}
		t.Fatal("it cannot sign in")
		return nil
	}
	patient, hasty := signedIn(30*time.Second), signedIn(200*time.Millisecond)
	fault := func(status int) func(error) bool {
		return func(err error) bool {
			var f *superoffice.Fault
			return errors.As(err, &f) && f.Status == status
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, want := range map[crmsim.Fault]func(error) bool{
		crmsim.FaultNull:        is(superoffice.ErrNothing),
		crmsim.FaultTicket:      is(superoffice.ErrTicket),
		crmsim.FaultDenied:      is(superoffice.ErrDenied),
		crmsim.FaultMoved:       is(superoffice.ErrMoved),
		crmsim.FaultServer:      fault(500),
		crmsim.FaultGateway:     fault(502),
		crmsim.FaultUnavailable: fault(503),
		crmsim.FaultReset:       func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) },
		crmsim.FaultHTML:        is(superoffice.ErrGarbled),
		crmsim.FaultMessage:     fault(200),
		crmsim.FaultTimeout:     is(context.DeadlineExceeded),
		crmsim.FaultBusy: func(err error) bool {
			var b *superoffice.Busy
			return errors.As(err, &b) && b.RetryAfter == 30*time.Second
		},
	} {
		s.press(t, "fault", "fault", string(name))
		c := patient
		if name == crmsim.FaultTimeout {
			c = hasty
		}
		_, licence := c.Licence(t.Context(), at)
		_, version := c.Version(t.Context(), at)
		if !want(licence) || !want(version) {
			t.Errorf("fault %s: licence %v, version %v", name, licence, version)
		}
		// A dynamic archive that is denied is only the last logins; the users themselves are denied too.
		if _, _, err := c.Users(t.Context(), at, "ten-sales"); !want(err) {
			t.Errorf("fault %s: users %v", name, err)
		}
	}
	wantIn(t, s.press(t, "fault", "fault", "no such"), "No such fault.")
	s.press(t, "fault", "fault", "")
	if !s.licence(t).Offered {
		t.Error("the fault is still there")
	}
	if err := s.sim.Put(crmsim.Tenant{CustID: "Cust1", Fault: "no such"}); err == nil {
		t.Error("Put took an unknown fault")
	}
}

// A ticket is refused, and a fresh one works.
func TestStaleTicket(t *testing.T) {
	s := newStage(t, fjord())
	s.licence(t)
	old := s.pass(t, "Cust12345")
	s.press(t, "fault", "fault", string(crmsim.FaultStale))
	if status, _ := s.send(t, "GET", "/Cust12345/api/v1/License/SuperOffice", old, nil); status != 401 {
		t.Errorf("an old ticket: %d", status)
	}
	if l := s.licence(t); !l.Offered {
		t.Errorf("our client did not ask for a fresh one: %+v", l)
	}
	refused := 0
	for _, c := range s.sim.Calls("Cust12345") {
		if c.Status == 401 {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d calls were refused, want that of the test and one of our client's", refused)
	}
}

func TestSlow(t *testing.T) {
	s := newStage(t, fjord())
	var slept time.Duration
	s.sim.Sleep = func(_ context.Context, d time.Duration) error { slept = max(slept, d); return nil }
	s.press(t, "fault", "fault", string(crmsim.FaultSlow))
	if l := s.licence(t); !l.Offered || slept < 5*time.Second {
		t.Errorf("after %v: %+v", slept, l)
	}
}

// A tenant that has moved is answered for at its new host alone, and our client finds it there.
func TestMovedTenant(t *testing.T) {
	s := newStage(t, fjord())
	old := s.tenant(t)
	pass := s.pass(t, "Cust12345")
	tenant, _ := s.sim.Tenant("Cust12345")
	tenant.Host = "online3"
	s.sim.Put(tenant)
	for path, want := range map[string]int{"/Cust12345": 421, "/online2/Cust12345": 421, "/online3/Cust12345": 200} {
		status, body := s.send(t, "GET", path+"/api/v1/License/SuperOffice", pass, nil)
		if status != want || status == 421 && !strings.Contains(body, "Wrong subdomain used to access tenant") {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	if x, err := s.client.Licence(t.Context(), old); err != nil || !x.Licence("").Offered {
		t.Errorf("our client, at the old address: %v", err)
	}
}

// The licence server fails, the tenant's own database does not.
func TestLicenceServerFails(t *testing.T) {
	s := newStage(t, fjord())
	pass := s.pass(t, "Cust12345")
	ask := func(method string) (int, string) {
		return s.send(t, "POST", "/Cust12345/api/v1/Agents/License/"+method, pass, `{"OwnerName":"SUPEROFFICE"}`)
	}
	s.press(t, "fault", "fault", string(crmsim.FaultServerDown))
	for method, want := range map[string]int{"GetLicenseFromLicenseServer": 500, "GetLicenseStatusFromLicenseServer": 500, "GetLicenseFromDB": 200} {
		if status, body := ask(method); status != want {
			t.Errorf("down, %s: %d %s", method, status, body)
		}
	}
	s.press(t, "fault", "fault", string(crmsim.FaultNoOffer))
	if status, body := ask("GetLicenseFromLicenseServer"); status != 200 || !strings.Contains(body, `"New":null`) {
		t.Errorf("quiet: %d %s", status, body)
	}
}

func TestOfflineMaintenance(t *testing.T) {
	tenant := fjord()
	tenant.State = "OfflineMaintenance"
	s := newStage(t, tenant)
	if _, err := s.client.Licence(t.Context(), s.tenant(t)); !errors.Is(err, superoffice.ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", err)
	}
	tenant.State = "OnlineMaintenance"
	s.sim.Put(tenant)
	if l := s.licence(t); !l.Offered {
		t.Errorf("got %+v", l)
	}
}
