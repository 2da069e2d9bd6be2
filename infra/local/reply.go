package main

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"seatmend/functions/app"
	"seatmend/functions/replies"
	"seatmend/shared/reply"
)

// reply takes a mail as it came over the wire, which SES hands over on AWS; or what the form below a mail
// in the inbox says, as that mail's reader would answer it.
func (r *Run) reply(w http.ResponseWriter, q *http.Request) {
	if strings.HasPrefix(q.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		r.answer(w, q)
		return
	}
	if !r.operator(q) {
		refuse(w, http.StatusUnauthorized, "unauthorized", "send the operator's token as Authorization: Bearer ...")
		return
	}
	raw, err := io.ReadAll(io.LimitReader(q.Body, reply.MostBytes))
	became := ""
	if err == nil {
		became, err = replies.Take(q.Context(), r.App, raw)
	}
	if err != nil {
		r.App.Fail(w, q, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"outcome": became})
}

// answer answers a mail of the inbox.
func (r *Run) answer(w http.ResponseWriter, q *http.Request) {
	if err := http.NewCrossOriginProtection().Check(q); err != nil {
		http.Error(w, "from another site", http.StatusForbidden)
		return
	}
	q.Body = http.MaxBytesReader(w, q.Body, reply.MostBytes)
	account, id := q.PostFormValue("account"), q.PostFormValue("id")
	q.SetPathValue("account", account)
	q.SetPathValue("id", id)
	m, ok := r.one(w, q)
	if !ok {
		return
	}
	text := q.PostFormValue("text")
	raw := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@inbox.example>\r\nIn-Reply-To: <%s>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
		m.To, r.App.Operator.Inbound, mime.QEncoding.Encode("utf-8", "Re: "+m.Subject), app.ShortHash(account, id, text), m.MessageID(account), text)
	became, err := replies.Take(q.Context(), r.App, []byte(raw))
	if err != nil {
		r.App.Fail(w, q, err)
		return
	}
	r.finish(q.Context()) // the copy goes
	http.Redirect(w, q, "/mail/"+url.PathEscape(account)+"/"+url.PathEscape(id)+"?answer="+became+"#answer", http.StatusSeeOther)
}
