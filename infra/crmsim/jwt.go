package crmsim

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"sync"
)

// A signingKey is one of the login host's.
type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

func newSigningKey() signingKey {
	key := newKey()
	sum := sha256.Sum256(key.N.Bytes())
	return signingKey{base64.RawURLEncoding.EncodeToString(sum[:9]), key}
}

// firstKey is that of every login host in this process until it is exchanged.
var firstKey = sync.OnceValue(newSigningKey)

// signing is the key that signs now; the caller holds the lock.
func (s *Sim) signing() signingKey {
	if len(s.keys) == 0 {
		s.keys = []signingKey{firstKey()}
	}
	return s.keys[len(s.keys)-1]
}

// RotateKeys lets a new key sign. The one before it stays published beside it.
func (s *Sim) RotateKeys() {
	fresh := newSigningKey()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = []signingKey{s.signing(), fresh}
}

// HideKeys makes the login host's keys unreachable.
func (s *Sim) HideKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keysDown = true
}

// ShowKeys makes them reachable again.
func (s *Sim) ShowKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keysDown = false
}

func segment(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // unreachable: headers and claims are strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// jwt signs claims as the login host does.
func (k signingKey) jwt(claims map[string]any) string {
	text := segment(map[string]string{"alg": "RS256", "typ": "JWT", "kid": k.id}) + "." + segment(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, k.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // unreachable: the key is large enough
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// forged makes a token as somebody would who does not have the key.
func (k signingKey) forged(f Fault, claims map[string]any) string {
	header := map[string]string{"alg": "RS256", "typ": "JWT", "kid": k.id}
	switch f {
	case FaultUnsigned:
		header["alg"] = "none"
		return segment(header) + "." + segment(claims) + "."
	case FaultShared:
		// Signed with what is public, as if it were a secret that both know.
		header["alg"] = "HS256"
		text := segment(header) + "." + segment(claims)
		mac := hmac.New(sha256.New, k.key.N.Bytes())
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	return segment(header) + "." + segment(claims) + "." + base64.RawURLEncoding.EncodeToString(make([]byte, keyBits/8))
}

// jwks publishes the keys.
func (s *Sim) jwks(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keysDown {
		htmlError(w, http.StatusServiceUnavailable)
		return
	}
	s.signing()
	keys := []map[string]string{}
	for _, k := range s.keys {
		keys = append(keys, map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id,
			"n": base64.RawURLEncoding.EncodeToString(k.key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.key.E)).Bytes()),
		})
	}
	answer(w, map[string]any{"keys": keys})
}

// openID says where everything is.
func (s *Sim) openID(w http.ResponseWriter, r *http.Request) {
	login := "http://" + r.Host
	answer(w, map[string]any{
		"issuer": login, "jwks_uri": login + "/login/.well-known/jwks",
		"authorization_endpoint":                login + "/login/common/oauth/authorize",
		"token_endpoint":                        login + "/login/common/oauth/tokens",
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token"},
		"scopes_supported":                      []string{"openid"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
	})
}
