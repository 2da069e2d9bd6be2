package main

import (
	"strings"
	"testing"
)

// A mail that comes back is taken by the operator's token alone, and what becomes of it is said.
func TestAMailComesBack(t *testing.T) {
	p := start(t, t.TempDir(), "-demo=false")
	const raw = "From: Eve <eve@elsewhere.example>\r\nMessage-ID: <a@elsewhere.example>\r\nIn-Reply-To: <unheard@of.example>\r\n\r\nWhere is my order?\r\n"
	for _, c := range []struct {
		body, proof, want string
		status            int
	}{
		{raw, "Bearer x", "unauthorized", 401}, {raw, "Bearer " + p.secrets["operator"][0], "forwarded", 200}, {raw, "Bearer " + p.secrets["operator"][0], "duplicate", 200},
		{"Auto-Submitted: auto-replied\r\n" + raw, "Bearer " + p.secrets["operator"][0], "ignored", 200},
	} {
		if status, body := p.ask("POST", "/local/reply", c.body, "Authorization", c.proof, "Content-Type", "message/rfc822"); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%d %s, want %d %s", status, body, c.status, c.want)
		}
	}
}
