package crmsim

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	codeLife   = 10 * time.Minute
	bearerLife = time.Hour
)

// A grant is a code, or a refresh token, that has been handed out.
type grant struct {
	cust, redirect, challenge, nonce string
	user                             int
	until                            time.Time // zero: never
}

// A bearer is an access token that has been handed out.
type bearer struct {
	cust  string
	user  int
	until time.Time
}

// A wish is what an application asks of the sign-in page.
type wish struct {
	ClientID, RedirectURI, State, Nonce, Challenge string
	Pinned                                         string // the tenant of acr_values; "": any
	Tenants                                        []Tenant
}

// wishOf reads an authorization request. Only this machine is redirected to; where that is not
// asked, nobody is redirected at all.
func (s *Sim) wishOf(v url.Values) (wish, string) {
	q := wish{ClientID: v.Get("client_id"), RedirectURI: v.Get("redirect_uri"), State: v.Get("state"), Nonce: v.Get("nonce"), Challenge: v.Get("code_challenge")}
	pinned, ok := strings.CutPrefix(v.Get("acr_values"), "tenant:")
	if ok {
		q.Pinned = pinned
	}
	switch {
	case q.ClientID != s.ClientID():
		return q, "Denied: client_id is not known"
	case !loopback(q.RedirectURI):
		return q, "InvalidRedirectUrl"
	case v.Get("response_type") != "code":
		return q, "response_type must be code"
	case q.Challenge != "" && v.Get("code_challenge_method") != "S256":
		return q, "code_challenge_method must be S256"
	}
	return q, ""
}

// authorizePage is where people sign in: here they say who they are, and are believed.
func (s *Sim) authorizePage(w http.ResponseWriter, r *http.Request) {
	q, wrong := s.wishOf(r.URL.Query())
	if wrong != "" {
		http.Error(w, wrong, http.StatusBadRequest)
		return
	}
	for _, t := range s.Tenants() {
		if t.Hosting != Onsite && (q.Pinned == "" || strings.EqualFold(q.Pinned, t.CustID)) {
			q.Tenants = append(q.Tenants, t)
		}
	}
	show(w, "sign-in", q, origin(q.RedirectURI))
}

// origin is where a form may lead in the end, for browsers look at that.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// authorize is the sign-in page's button: it sends the browser back with a code, or with the
// news that nobody wants to.
func (s *Sim) authorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	v := r.PostForm
	q, wrong := s.wishOf(v)
	if wrong != "" {
		http.Error(w, wrong, http.StatusBadRequest)
		return
	}
	back, _ := url.Parse(q.RedirectURI) // wishOf has read it
	out := back.Query()
	if q.State != "" {
		out.Set("state", q.State)
	}
	cust, person, _ := strings.Cut(v.Get("as"), "/")
	id, _ := strconv.Atoi(person)
	t, ok := s.Tenant(cust)
	u := t.user(id)
	switch {
	case v.Get("deny") != "":
		out.Set("error", "access_denied")
	case !ok || t.Hosting == Onsite || u == nil || !u.CanLogin || u.Retired || u.Waiting:
		out.Set("error", "login_required")
	default:
		s.mu.Lock()
		now := s.now()
		maps.DeleteFunc(s.codes, func(_ string, g grant) bool { return !g.until.IsZero() && now.After(g.until) })
		code := s.once("code")
		s.codes[code] = grant{t.CustID, q.RedirectURI, q.Challenge, q.Nonce, id, now.Add(codeLife)}
		s.mu.Unlock()
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// tokens exchanges a code, which works once, or a refresh token.
func (s *Sim) tokens(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	v := r.PostForm
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.application()
	if v.Get("client_id") != app.ID || !equal(v.Get("client_secret"), app.Secret) {
		send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	name := v.Get("code")
	if v.Get("grant_type") == "refresh_token" {
		name = v.Get("refresh_token")
	}
	g, ok := s.codes[name]
	delete(s.codes, name)
	t, there := s.tenants[strings.ToLower(g.cust)]
	now := s.now()
	expired := !g.until.IsZero() && now.After(g.until)
	wrong := g.redirect != "" && (g.redirect != v.Get("redirect_uri") || g.challenge != "" && g.challenge != challengeOf(v.Get("code_verifier")))
	if !ok || !there || expired || wrong || t.user(g.user) == nil {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	maps.DeleteFunc(s.bearers, func(_ string, b bearer) bool { return !now.Before(b.until) })
	access, refresh := "8A:"+t.CustID+"."+s.once("access"), s.once("refresh")
	s.bearers[access] = bearer{t.CustID, g.user, now.Add(bearerLife)}
	s.codes[refresh] = grant{cust: t.CustID, user: g.user, nonce: g.nonce}
	answer(w, map[string]any{
		"token_type": "Bearer", "access_token": access, "expires_in": int(bearerLife.Seconds()), "refresh_token": refresh,
		"id_token": s.signing().jwt(s.identity(r, t, t.user(g.user), g.nonce)),
	})
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// identity says who has signed in, and where. An administrator brings the system user token.
func (s *Sim) identity(r *http.Request, t Tenant, u *User, nonce string) map[string]any {
	now := s.now()
	is := "False"
	if u.Admin {
		is = "True"
	}
	endpoint := address(r, &t)
	claims := map[string]any{
		"iss": "http://" + r.Host, "aud": s.application().ID, "sub": u.Email, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(bearerLife).Unix(),
		claim + "ctx": t.CustID, claim + "serial": t.Serial, claim + "company_name": t.Company, claim + "associateid": strconv.Itoa(u.ID),
		claim + "is_administrator": is, claim + "upn": u.Email, claim + "email": u.Email, claim + "so_primary_email_address": u.Email,
		claim + "identityprovider": "superid", claim + "netserver_url": endpoint + "/Remote/Services88/", claim + "webapi_url": endpoint + "/api/",
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if u.Admin && t.approved() && !t.Revoked {
		claims[claim+"system_token"] = s.systemToken(t.CustID)
	}
	return claims
}
