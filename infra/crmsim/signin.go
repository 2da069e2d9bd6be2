package crmsim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

const (
	// ticketLife is how long a ticket lives after its last use.
	ticketLife = 6 * time.Hour
	// minuteSlack is how far the signed minute may be from ours. Theirs is not documented.
	minuteSlack = 5 * time.Minute
	// claim begins the names of SuperOffice's own claims.
	claim = "http://schemes.superoffice.net/identity/"
	// systemUser is the associate that the application is.
	systemUser = 900001
)

// A pass is a ticket that has been handed out.
type pass struct {
	cust  string
	until time.Time
}

// ticketFor hands out a ticket; the caller holds the lock.
func (s *Sim) ticketFor(cust string) string {
	now := s.now()
	maps.DeleteFunc(s.tickets, func(_ string, p pass) bool { return !now.Before(p.until) })
	ticket := "7T:" + s.once("ticket")
	s.tickets[ticket] = pass{cust, now.Add(ticketLife)}
	return ticket
}

// authenticate signs in a system user. A refusal is answered with status 200.
func (s *Sim) authenticate(w http.ResponseWriter, r *http.Request) {
	var in struct{ SignedSystemToken, ApplicationToken, ContextIdentifier, ReturnTokenType string }
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in) != nil {
		malformed(w, "SignedSystemToken")
		return
	}
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tenants[strings.ToLower(in.ContextIdentifier)]
	if ok {
		defer func() { s.logCall(t.CustID, r, rec) }()
	}
	if ok && t.Fault == FaultSignIn {
		htmlError(rec, http.StatusInternalServerError)
		return
	}
	out := struct {
		IsSuccessful bool
		Token        *string
		ErrorMessage *string
	}{}
	if why := s.refuses(t, ok, in.SignedSystemToken, in.ApplicationToken, in.ReturnTokenType); why != "" {
		rec.said = why
		out.ErrorMessage = &why
	} else {
		token := s.userToken(t)
		out.IsSuccessful, out.Token = true, &token
	}
	answer(rec, out)
}

// refuses says why nobody is signed in; "" is no reason.
func (s *Sim) refuses(t Tenant, known bool, signed, secret, kind string) string {
	app := s.application()
	if subtle.ConstantTimeCompare([]byte(secret), []byte(app.Secret)) != 1 {
		return "Denied: the application is not known by this token"
	}
	if !known || t.Hosting == Onsite {
		return "Denied: no such tenant"
	}
	// The token may have dots, what follows it does not.
	rest, signature := cutLast(signed)
	token, minute := cutLast(rest)
	raw, err := base64.StdEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(rest))
	if err != nil || rsa.VerifyPKCS1v15(&app.Key.PublicKey, crypto.SHA256, sum[:], raw) != nil {
		return "InvalidSignature"
	}
	at, err := time.Parse("200601021504", minute)
	if now := s.now(); err != nil || at.Before(now.Add(-minuteSlack)) || at.After(now.Add(minuteSlack)) {
		return "InvalidTimestamp"
	}
	switch {
	case t.Revoked || !t.approved():
		return "Revoked"
	case token != s.systemToken(t.CustID):
		return "Denied: the system user token is not of this tenant"
	case !strings.EqualFold(kind, "JWT"): // the REST samples write JWT, those of the older service Jwt
		return "ReturnTokenType must be JWT here"
	}
	return ""
}

func cutLast(text string) (before, after string) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return "", text
	}
	return text[:i], text[i+1:]
}

// userToken is the answer to a good signature: a JWT that holds the ticket.
func (s *Sim) userToken(t Tenant) string {
	now := s.now()
	claims := map[string]any{
		"iss": "SuperOffice AS", "aud": "spn:" + t.Serial,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		claim + "ticket": s.ticketFor(t.CustID), claim + "serial": t.Serial, claim + "ctx": t.CustID,
		claim + "company_name": t.Company, claim + "is_administrator": "True",
	}
	switch t.Fault {
	case FaultIssuer:
		claims["iss"] = "Somebody Else AS"
	case FaultAudience:
		claims["aud"] = "spn:0000000000"
	case FaultContext:
		claims[claim+"ctx"] = "Cust404"
	case FaultExpired:
		claims["nbf"], claims["exp"] = now.Add(-2*time.Hour).Unix(), now.Add(-time.Hour).Unix()
	case FaultSignature, FaultUnsigned, FaultShared:
		return s.signing().forged(t.Fault, claims)
	}
	return s.signing().jwt(claims)
}
