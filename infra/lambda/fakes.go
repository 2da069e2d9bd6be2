package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// A Mail is one that SES was given.
type Mail struct {
	To, Subject, Text, HTML string
	Tags                    map[string][]string // as an event of SES repeats them
}

// A Published is an event that EventBridge was given.
type Published struct {
	Source, DetailType string
	Detail             json.RawMessage
}

// outside stands in for SES, S3, EventBridge and Secrets Manager, as far as the functions speak to them.
type outside struct {
	mu     sync.Mutex
	laid   map[string][]byte // what lies in S3, by its path: the bucket and the key
	secret string
	mails  []Mail
	events []Published
	faults []string // calls that are not understood
	refuse string   // the error that SES answers with; "": it takes the mail
	words  string   // of that error
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var err error
	var out any
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "):
		err = fmt.Errorf("not signed")
	case r.Header.Get("X-Amz-Target") == "secretsmanager.GetSecretValue":
		out = map[string]any{"ARN": "arn", "Name": "seatmend", "VersionId": "1", "SecretString": o.secret}
	case r.Header.Get("X-Amz-Target") == "AWSEvents.PutEvents":
		out, err = o.put(body)
	case r.Method == "GET" && r.Header.Get("X-Amz-Content-Sha256") != "":
		object, ok := o.laid[r.URL.Path]
		if !ok { // as S3 answers who may not list the bucket
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `<Error><Code>AccessDenied</Code></Error>`)
			return
		}
		w.Write(object)
		return
	case r.Method == "POST" && r.URL.Path == "/v2/email/outbound-emails":
		if o.refuse != "" {
			w.Header().Set("X-Amzn-Errortype", o.refuse)
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": o.words})
			return
		}
		out, err = o.send(body)
	default:
		err = fmt.Errorf("no such call")
	}
	if err != nil {
		o.faults = append(o.faults, fmt.Sprintf("%s %s %s: %v", r.Method, r.URL, r.Header.Get("X-Amz-Target"), err))
		http.Error(w, `{"__type":"ValidationException","message":"not understood"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(out)
}

func (o *outside) put(body []byte) (any, error) {
	var in struct {
		Entries []struct{ EventBusName, Source, DetailType, Detail string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	var ids []map[string]string
	for _, e := range in.Entries {
		if !json.Valid([]byte(e.Detail)) || e.EventBusName == "" {
			return nil, fmt.Errorf("an entry of %+v", e)
		}
		o.events = append(o.events, Published{e.Source, e.DetailType, json.RawMessage(e.Detail)})
		ids = append(ids, map[string]string{"EventId": fmt.Sprint(len(o.events))})
	}
	return map[string]any{"FailedEntryCount": 0, "Entries": ids}, nil
}

var validTag = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func (o *outside) send(body []byte) (any, error) {
	type content struct{ Data string }
	var in struct {
		Destination struct{ ToAddresses []string }
		EmailTags   []struct{ Name, Value string }
		Content     struct {
			Simple struct {
				Subject content
				Body    struct{ Text, Html content }
			}
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	m := in.Content.Simple
	if len(in.Destination.ToAddresses) != 1 || m.Subject.Data == "" || m.Body.Text.Data == "" {
		return nil, fmt.Errorf("a mail without address, subject or text: %s", body)
	}
	tags := map[string][]string{}
	for _, tag := range in.EmailTags {
		if !validTag.MatchString(tag.Name) || !validTag.MatchString(tag.Value) {
			return nil, fmt.Errorf("a tag %q", tag)
		}
		tags[tag.Name] = []string{tag.Value}
	}
	o.mails = append(o.mails, Mail{in.Destination.ToAddresses[0], m.Subject.Data, m.Body.Text.Data, m.Body.Html.Data, tags})
	return map[string]string{"MessageId": fmt.Sprintf("0110-%d", len(o.mails))}, nil
}
