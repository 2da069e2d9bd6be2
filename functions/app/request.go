package app

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"seatmend/shared/licence"
)

// Short is a line that a person typed, within bounds.
func Short(s string) string {
	r := []rune(strings.Join(strings.Fields(licence.Line(s)), " "))
	return string(r[:min(len(r), 500)])
}

// transport has browsers come by TLS alone, for a year.
const transport = "max-age=31536000; includeSubDomains"

// pageHeaders keep a page from running, loading or leaking anything, and from being kept.
func pageHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", transport)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
}

// CallerOf is whose requests are counted together: an address, and of IPv6 the network of one line,
// whose owner has more addresses than can be counted.
func CallerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() && !ip.Is4In6() {
		line, _ := ip.WithZone("").Prefix(64) // every such address has one
		return line.String()
	}
	return host
}

// ShortHash are sixteen characters that follow from what they are given.
func ShortHash(seed ...string) string {
	sum := sha256.New()
	for _, s := range seed {
		fmt.Fprintf(sum, "%d %s\n", len(s), s)
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12])
}
