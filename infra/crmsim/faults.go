package crmsim

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// A Fault is what a tenant's API answers whatever it is asked, or what is wrong with the
// sign-in there.
type Fault string

// The faults. Late is of activation only, and Saved
// of users: it is done, and then nobody says so. ServerDown and
// NoOffer are of the licence server, while the tenant's own database answers.
const (
	FaultNone        Fault = ""
	FaultNull        Fault = "null"
	FaultTicket      Fault = "401"
	FaultStale       Fault = "401-once"
	FaultDenied      Fault = "403"
	FaultMoved       Fault = "421"
	FaultBusy        Fault = "429"
	FaultServer      Fault = "500"
	FaultGateway     Fault = "502"
	FaultUnavailable Fault = "503"
	FaultHTML        Fault = "html"
	FaultMessage     Fault = "message"
	FaultReset       Fault = "reset"
	FaultSlow        Fault = "slow"
	FaultTimeout     Fault = "timeout"
	FaultLate        Fault = "late"
	FaultServerDown  Fault = "licence-server-down"
	FaultNoOffer     Fault = "licence-server-quiet"
	FaultColumns     Fault = "columns-unnamed"
	FaultSaved       Fault = "saved-late"
	FaultSignIn      Fault = "sign-in-500"
	FaultIssuer      Fault = "token-issuer"
	FaultAudience    Fault = "token-audience"
	FaultContext     Fault = "token-tenant"
	FaultExpired     Fault = "token-expired"
	FaultSignature   Fault = "token-signature"
	FaultUnsigned    Fault = "token-unsigned"
	FaultShared      Fault = "token-hs256"
)

// faults lists them with what a person would call them.
func faults() []choice {
	return []choice{
		{string(FaultNone), "none"},
		{string(FaultNull), "null with status 200"},
		{string(FaultTicket), "401 ticket has run out"},
		{string(FaultStale), "401 for the tickets that are out, a fresh one works"},
		{string(FaultDenied), "403 not allowed"},
		{string(FaultMoved), "421 wrong subdomain"},
		{string(FaultBusy), "429 too many calls"},
		{string(FaultServer), "500 with an error in JSON"},
		{string(FaultGateway), "502 with a page of HTML"},
		{string(FaultUnavailable), "503 with a page of HTML"},
		{string(FaultHTML), "HTML with status 200"},
		{string(FaultMessage), "an error with status 200"},
		{string(FaultReset), "connection reset"},
		{string(FaultSlow), "an answer after six seconds"},
		{string(FaultTimeout), "no answer in time"},
		{string(FaultLate), "activation done, answer lost"},
		{string(FaultServerDown), "licence server down, database up"},
		{string(FaultNoOffer), "licence server says nothing of the new licence"},
		{string(FaultColumns), "400 for an unknown column, which is not named"},
		{string(FaultSaved), "user saved, answer lost"},
		{string(FaultSignIn), "sign-in: 500"},
		{string(FaultIssuer), "sign-in: token of another issuer"},
		{string(FaultAudience), "sign-in: token for another serial number"},
		{string(FaultContext), "sign-in: token of another tenant"},
		{string(FaultExpired), "sign-in: token has expired"},
		{string(FaultSignature), "sign-in: token with a false signature"},
		{string(FaultUnsigned), "sign-in: token without a signature"},
		{string(FaultShared), "sign-in: token signed with the public key"},
	}
}

// A choice is one line of a select.
type choice struct{ Value, Text string }

func known(f Fault) bool { return offers(faults(), string(f)) }

func offers(all []choice, value string) bool {
	return slices.ContainsFunc(all, func(c choice) bool { return c.Value == value })
}

const (
	// timeout bounds how long a call hangs that nobody gives up on.
	timeout = 5 * time.Second
	// slow is longer than SuperOffice itself calls slow.
	slow = 6 * time.Second
)

// play plays a tenant's fault and tells whether the call has been answered by that.
func (s *Sim) play(w http.ResponseWriter, r *http.Request, f Fault) (answered bool) {
	switch f {
	case FaultNull:
		answer(w, nil)
	case FaultTicket:
		unauthorized(w, "The ticket has expired")
	case FaultDenied:
		deny(w, "Access denied")
	case FaultMoved:
		wrongHost(w)
	case FaultBusy:
		w.Header().Set("Retry-After", "30")
		restError(w, http.StatusTooManyRequests, "SoThrottled", "Too many requests")
	case FaultServer:
		restError(w, http.StatusInternalServerError, "SoServerException", "The server cannot do this now")
	case FaultGateway:
		htmlError(w, http.StatusBadGateway)
	case FaultUnavailable:
		htmlError(w, http.StatusServiceUnavailable)
	case FaultHTML:
		htmlError(w, http.StatusOK)
	case FaultMessage:
		answer(w, map[string]string{"Message": "An error has occurred.", "MessageDetail": "The licence server gave no answer"})
	case FaultReset:
		reset(w)
	case FaultSlow:
		s.Sleep(r.Context(), slow)
		return false
	case FaultTimeout:
		s.wait(r)
		htmlError(w, http.StatusGatewayTimeout)
	default:
		return false // the fault is of one call, which plays it
	}
	return true
}

// wait hangs until the caller gives up, but not for ever.
func (s *Sim) wait(r *http.Request) {
	// Only once the body is read does the server notice that the caller is gone.
	io.Copy(io.Discard, r.Body)
	s.Sleep(r.Context(), timeout)
}

// reset breaks the connection off, as a machine in between would.
func reset(w http.ResponseWriter) {
	note(w, "the connection was reset")
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		broken(w, fmt.Errorf("crmsim: %w", err))
		return
	}
	if c, ok := conn.(*net.TCPConn); ok {
		c.SetLinger(0)
	}
	conn.Close()
}
