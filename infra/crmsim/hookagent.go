package crmsim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// hookAgent is the agent of webhooks: what the resource does, by the names of its methods.
func (s *Sim) hookAgent(w http.ResponseWriter, r *http.Request, c *call) {
	if !c.mayHook(w) {
		return
	}
	var in struct {
		NameFilter, EventFilter, StatusFilter string
		WebhookId                             int
		Webhook                               *Hook
		EventName                             string
		PrimaryKey                            int
	}
	var saved Hook
	method := r.PathValue("method")
	switch method {
	case "CreateDefaultWebhook", "GetWebhook", "DeleteWebhook":
	case "SaveWebhook":
		var raw json.RawMessage
		if !read(w, r, &raw) {
			return
		}
		var of struct{ WebhookId int }
		json.Unmarshal(raw, &of)
		if old := c.hook(of.WebhookId); old != nil {
			saved.Secret = old.Secret // nobody is told it, and so nobody sends it back
		}
		if err := json.Unmarshal(raw, &saved); err != nil {
			malformed(w, err.Error())
			return
		}
	default:
		if !read(w, r, &in) {
			return
		}
	}
	switch method {
	case "CreateDefaultWebhook":
		answer(w, Hook{State: Active, Type: "webhook"})
	case "GetWebhook":
		if h := c.hook(hookID(r, "webhookId")); h != nil {
			answer(w, h.public())
			return
		}
		answer(w, nil)
	case "SaveWebhook":
		s.answerSaved(w, r, c, saved)
	case "DeleteWebhook":
		s.drop(w, c, hookID(r, "WebhookId"))
	case "GetAllWebhooks":
		answer(w, c.hooks(in.NameFilter, in.EventFilter, in.StatusFilter))
	case "TestWebhook":
		if in.Webhook == nil {
			malformed(w, "Webhook")
			return
		}
		s.answerTest(w, r, c, *in.Webhook)
	case "GetLastError":
		if h := c.hook(in.WebhookId); h != nil {
			answer(w, h.LastError)
			return
		}
		answer(w, nil)
	case "SignalEvent":
		s.signal(w, c, in.EventName, in.PrimaryKey)
	default:
		notFound(w, "Webhook agent has no such method")
	}
}

// hookID is the id in an address, whose parameter is spelt now with a capital and now without.
func hookID(r *http.Request, name string) int {
	for key, values := range r.URL.Query() {
		if strings.EqualFold(key, name) {
			id, _ := strconv.Atoi(values[0])
			return id
		}
	}
	return 0
}
