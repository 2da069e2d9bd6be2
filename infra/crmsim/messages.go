package crmsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// A Message is a banner inside SuperOffice.
type Message struct {
	ID      string
	User    int
	Text    string
	Type    string
	Expires time.Time
}

// messageTypes are those of the banner.
var messageTypes = []string{"Unspecified", "Info", "Warning", "Error"}

// messageType is a word in the documents and a number in the official client.
type messageType string

func (m *messageType) UnmarshalJSON(raw []byte) error {
	var n int
	if json.Unmarshal(raw, &n) == nil && 0 <= n && n < len(messageTypes) {
		*m = messageType(messageTypes[n])
		return nil
	}
	return json.Unmarshal(raw, (*string)(m))
}

func (s *Sim) systemMessage(w http.ResponseWriter, r *http.Request, c *call) {
	if r.PathValue("method") == "GetSystemInfo" {
		s.systemInfo(w, r, c)
		return
	}
	if !c.granted(Messages) {
		deny(w, "Diagnostics agent is not available to this application")
		return
	}
	var in struct {
		SystemMessageId string
		AssociateId     int
		MarkdownMessage string
		Expire          time.Time
		Type            messageType
	}
	if !read(w, r, &in) {
		return
	}
	method := r.PathValue("method")
	if method != "SendSystemMessage" && method != "RemoveSystemMessageForAssociate" {
		notFound(w, "Diagnostics agent has no such method")
		return
	}
	if in.SystemMessageId == "" || c.user(in.AssociateId) == nil {
		malformed(w, "SystemMessageId or AssociateId")
		return
	}
	if method == "SendSystemMessage" && (in.MarkdownMessage == "" || !slices.Contains(messageTypes, string(in.Type))) {
		malformed(w, "MarkdownMessage or Type")
		return
	}
	err := s.change(c.CustID, func(t *Tenant) error {
		t.Messages = slices.DeleteFunc(t.Messages, func(m Message) bool { return m.ID == in.SystemMessageId && m.User == in.AssociateId })
		if method == "SendSystemMessage" {
			t.Messages = append(t.Messages, Message{in.SystemMessageId, in.AssociateId, in.MarkdownMessage, string(in.Type), in.Expire})
		}
		return nil
	})
	if err != nil {
		broken(w, err)
		return
	}
	done(w)
}
