package crmsim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seatmend/infra/crmsim"
)

func TestHookIsSavedOnlyIfItsTargetAnswers(t *testing.T) {
	tenant := fjord()
	tenant.Grants = append(tenant.Grants, crmsim.Webhooks)
	s := newStage(t, tenant)
	l := newListener(t, s, "associate.changed")
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer deaf.Close()
	pass := s.pass(t, "Cust12345")
	hook := func(target string) map[string]any {
		return map[string]any{"Name": "ours", "Events": []string{"person.changed"}, "TargetUrl": target, "Secret": "s", "State": "Active", "Type": "webhook",
			"Headers": map[string]string{"X-Tenant": "a"}, "Properties": map[string]any{"tenant": "b"}}
	}
	for name, c := range map[string]struct {
		target string
		status int
		says   string
	}{
		"it answers 202":       {deaf.URL, 400, "status 202"},
		"it is somewhere else": {"https://elsewhere.example/hook", 400, "this machine"},
		"it answers 200":       {l.url, 200, `"WebhookId":2`},
	} {
		status, body := s.send(t, "POST", "/Cust12345/api/v1/Webhook", pass, hook(c.target))
		if status != c.status || !strings.Contains(body, c.says) || strings.Contains(body, `"Secret":"s"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	status, body := s.send(t, "POST", "/Cust12345/api/v1/Webhook/Test", pass, hook(deaf.URL))
	if status != 200 || body != `{"Message":"status 202","Success":false}` {
		t.Errorf("test: %d %s", status, body)
	}
	s.press(t, "retire", "user", "9")
	got := l.hear()
	if len(got) != 2 || got[1].header.Get("X-Tenant") != "a" || got[1].field(t, "tenant") != "b" {
		t.Errorf("its headers and properties: %v", got)
	}
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		says         string
	}{
		{"GET", "Webhook", nil, 200, `"Name":"ours"`},
		{"GET", "Webhook?nameFilter=our&eventFilter=person.changed&statusFilter=Active", nil, 200, `"WebhookId":2`},
		{"GET", "Webhook?statusFilter=TooManyErrors", nil, 200, `[]`},
		{"GET", "Webhook/default", nil, 200, `"State":"Active"`},
		{"PATCH", "Webhook/2", map[string]any{"State": "Stopped"}, 200, `"State":"Stopped"`},
		{"GET", "Webhook/2", nil, 200, `"Name":"ours"`},
		{"PUT", "Webhook/2", hook(l.url), 200, `"State":"Active"`},
		{"GET", "Webhook/2/LastError", nil, 200, `""`},
		{"POST", "Webhook/our.own/5", nil, 204, ``},
		{"POST", "Webhook/associate.changed/5", nil, 400, `eventName`},
		{"DELETE", "Webhook/2", nil, 204, ``},
		{"GET", "Webhook/2", nil, 404, `not found`},
	} {
		status, body := s.send(t, c.method, "/Cust12345/api/v1/"+c.path, pass, c.body)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, status, body, c.status, c.says)
		}
	}
	tenant, _ = s.sim.Tenant("Cust12345")
	tenant.Grants = nil
	tenant.Grants = []string{crmsim.ReadLicence}
	s.sim.Put(tenant)
	if status, _ := s.send(t, "GET", "/Cust12345/api/v1/Webhook", pass, nil); status != 403 {
		t.Errorf("not granted: %d", status)
	}
}

func TestStateChangesAreTold(t *testing.T) {
	s := newStage(t, fjord())
	var told []map[string]any
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var one map[string]any
		json.NewDecoder(r.Body).Decode(&one)
		told = append(told, one)
	}))
	defer portal.Close()
	s.sim.StateChanges = portal.URL
	for _, c := range []struct {
		change crmsim.ChangeType
		token  crmsim.Token
		state  string
	}{
		{crmsim.Suspend, crmsim.Forged, "Running"},
		{crmsim.Suspend, crmsim.Signed, "Suspended"},
		{crmsim.Resume, crmsim.Signed, "Running"},
		{crmsim.Upgrade, crmsim.Signed, "Running"},
		{crmsim.BackupRestored, crmsim.Signed, "Running"},
		{crmsim.Move, crmsim.Signed, "Running"},
		{crmsim.Delete, crmsim.Signed, "Deleted"},
	} {
		if err := s.sim.ChangeState(t.Context(), "Cust12345", c.change, c.token); err != nil {
			t.Fatal(err)
		}
		one := told[len(told)-1]
		if one["ChangeType"] != float64(c.change) || one["ContextIdentifier"] != "Cust12345" {
			t.Errorf("%v: %v", c.change, one)
		}
		if good := verifies(t, s, one["Token"].(string)); good != (c.token == crmsim.Signed) {
			t.Errorf("%v: a token that is %s verifies: %v", c.change, c.token, good)
		}
		tenant, err := s.newClient(s.server.Client()).State(t.Context(), "Cust12345")
		if err != nil || tenant.State != c.state {
			t.Errorf("after %v: %q, %v", c.change, tenant.State, err)
		}
		if c.change == crmsim.Move && !strings.HasSuffix(tenant.Endpoint(), "/online3/Cust12345") {
			t.Errorf("moved to %s", tenant.Endpoint())
		}
	}
}
