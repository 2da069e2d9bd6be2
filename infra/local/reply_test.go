package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
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

// Who plays the demo answers a mail of the inbox by its form, and finds it as a note at the case; from
// another site nobody answers.
func TestAMailOfTheInboxIsAnswered(t *testing.T) {
	p := start(t, t.TempDir(), "-now", monday.Format(time.RFC3339))
	mail := get[struct{ Mails []struct{ ID string } }](p, "/accounts/C-1042/mails").Mails[0]
	at := "/mail/C-1042/" + mail.ID
	if status, body := p.ask("GET", at, ""); status != 200 || !strings.Contains(body, `action="/local/reply"`) {
		t.Fatalf("%d: no form to answer: %s", status, body)
	}
	form := url.Values{"account": {"C-1042"}, "id": {mail.ID}, "text": {"Vi tar bort två på fredag.\r\nBcc: everybody@elsewhere.example"}}.Encode()
	kind := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site"}
	if status, _ := p.ask("POST", "/local/reply", form, append(kind, "cross-site")...); status != 403 {
		t.Errorf("from another site: %d", status)
	}
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, body := p.ask("POST", "/local/reply", form, append(kind, "same-origin")...); status != 303 {
		t.Fatalf("answered: %d %s", status, body)
	}
	if _, body := p.ask("GET", at+"?answer=noted", ""); !strings.Contains(body, "It stands as a note") {
		t.Errorf("what became of it is not said: %s", body)
	}
	if _, body := p.ask("GET", "/mail?account=C-1042", ""); !strings.Contains(body, "Vi tar bort två på fredag.") || !strings.Contains(body, "Fjord Foods AB: Re: ") {
		t.Errorf("no copy lies in the inbox: %s", body)
	}
	if text := get[json.RawMessage](p, "/accounts/C-1042/facts"); strings.Contains(string(text), "everybody@") {
		t.Errorf("it became a fact: %s", text)
	}
}
