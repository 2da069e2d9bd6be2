package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Settings are what a deployment is given.
type Settings struct {
	Root     string // of the module, where template.yaml lies
	Programs Programs
	Dynamo   string // the address of a server that speaks DynamoDB
	Table    string // which it has already
	Secrets  []byte // the JSON of secrets
	Operator []byte
	BaseURL  string
	CRM      string // the login host of SuperOffice
	Inbound  string // the address whose mail SES takes; "": none
}

// A Stack is a deployment.
type Stack struct {
	t        testing.TB
	set      Settings
	template Template
	emulator string
	out      outside
	server   *httptest.Server
	routes   *http.ServeMux
	stream   stream
	clock    string // the file; "": the system's

	mu      sync.Mutex
	running map[string]*function
	seen    map[string]bool // functions that were called, and answered
	logs    strings.Builder
}

// Start puts up a stack, which ends with the test. A function's program starts when it is first called.
func Start(t testing.TB, set Settings) *Stack {
	t.Helper()
	s := &Stack{t: t, set: set, emulator: Emulator(t), template: ReadTemplate(t, set.Root), running: map[string]*function{}, seen: map[string]bool{}}
	s.out.secret = string(set.Secrets)
	s.server = httptest.NewServer(&s.out)
	s.stream = stream{endpoint: set.Dynamo, table: set.Table}
	t.Cleanup(func() {
		s.Restart()
		s.server.Close()
		for _, fault := range s.out.faults {
			t.Errorf("a call that no stand-in understands: %s", fault)
		}
		if t.Failed() {
			t.Logf("the functions said:\n%s", s.Logs())
		}
	})
	s.routes = http.NewServeMux()
	for id, events := range s.template.of("HttpApi") {
		for _, e := range events {
			if e.Properties.Path == "$default" || e.Properties.Path == "" {
				s.routes.HandleFunc("/", s.route(id, "$default"))
				continue
			}
			s.routes.HandleFunc(muxPattern(e.Properties.Method, e.Properties.Path), s.route(id, e.Properties.Method+" "+e.Properties.Path))
		}
	}
	if set.Programs.clock {
		s.clock = filepath.Join(t.TempDir(), "clock")
	}
	return s
}

// Clock sets the time of functions that were built on one.
func (s *Stack) Clock(now time.Time) {
	beside := s.clock + ".new"
	err := os.WriteFile(beside, []byte(now.Format(time.RFC3339Nano)), 0o644)
	if err == nil {
		err = os.Rename(beside, s.clock)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// SetSecrets is what Secrets Manager answers from now on.
func (s *Stack) SetSecrets(json []byte) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.secret = string(json)
}

// Restart ends every program: the next call starts a new one.
func (s *Stack) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, f := range s.running {
		f.stop()
		s.logs.WriteString(f.log.String())
		delete(s.running, id)
	}
}

// Mails are those that SES was given.
func (s *Stack) Mails() []Mail {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return slices.Clone(s.out.mails)
}

// Published are the events that EventBridge was given.
func (s *Stack) Published() []Published {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	return slices.Clone(s.out.events)
}

// Called are the functions that were called so far, and answered.
func (s *Stack) Called() (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Logs are what the functions wrote.
func (s *Stack) Logs() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.logs.String()
	for _, f := range s.running {
		all += f.log.String()
	}
	return all
}

// ServeHTTP is the HTTP API: it finds the template's route, and calls the function.
func (s *Stack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.routes.Handler(r); pattern == "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"message":"Not Found"}`) // the gateway's own
		return
	}
	s.routes.ServeHTTP(w, r)
}

// route calls a function with a request.
func (s *Stack) route(id, key string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var answer struct {
			StatusCode      int
			Headers         map[string]string
			Cookies         []string
			Body            string
			IsBase64Encoded bool
		}
		if err := s.invoke(id, requestEvent(key, r, body), &answer); err != nil {
			s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
			http.Error(w, `{"message":"Internal Server Error"}`, http.StatusInternalServerError)
			return
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		for _, c := range answer.Cookies {
			w.Header().Add("Set-Cookie", c)
		}
		w.WriteHeader(answer.StatusCode)
		text := []byte(answer.Body)
		if answer.IsBase64Encoded {
			text, _ = base64.StdEncoding.DecodeString(answer.Body)
		}
		w.Write(text)
	}
}

// Drain hands what the table's stream told to the functions that read it, until it tells nothing
// new. It gives back every record, also those that no filter lets through.
func (s *Stack) Drain() (all []map[string]any) {
	s.t.Helper()
	const most = 10 // BatchSize
	for range 50 {
		records := s.stream.next(s.t)
		if len(records) == 0 {
			return all
		}
		for _, r := range records {
			all = append(all, r)
		}
		for id, events := range s.template.of("DynamoDB") {
			for _, e := range events {
				var through []record
				for _, r := range records {
					for _, f := range e.Properties.FilterCriteria.Filters {
						if wanted(f.Pattern, r) {
							through = append(through, r)
							break
						}
					}
				}
				for batch := range slices.Chunk(through, most) {
					s.hand(id, batch)
				}
			}
		}
	}
	s.t.Error("the stream has no end: a function wakes itself")
	return all
}

// hand calls a function with records; those from the first that failed come back to it.
func (s *Stack) hand(id string, batch []record) {
	s.t.Helper()
	for range 5 {
		var answer struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err := s.invoke(id, map[string]any{"Records": batch}, &answer); err != nil {
			s.t.Errorf("%s: %v", id, err)
			return
		}
		if len(answer.BatchItemFailures) == 0 {
			return
		}
		failed := answer.BatchItemFailures[0].ItemIdentifier
		at := slices.IndexFunc(batch, func(r record) bool {
			of, _ := r["dynamodb"].(map[string]any)
			return of["SequenceNumber"] == failed
		})
		if at < 0 {
			s.t.Errorf("%s names the record %q, which it was not given", id, failed)
			return
		}
		batch = batch[at:]
	}
	s.t.Errorf("%s fails at %s each time", id, keyOf(batch[0]))
}

// Sweep is the schedule.
func (s *Stack) Sweep() error {
	for id := range s.template.of("ScheduleV2") {
		if err := s.invoke(id, ruleEvent("aws.scheduler", "Scheduled Event", map[string]any{}), nil); err != nil {
			return err
		}
	}
	return nil
}

// inbox is the bucket that mails are laid down in.
const inbox = "inbox"

// Receive lays a mail down as SES does, and tells Reply of it with its verdicts, such as
// {"spamVerdict": {"status": "FAIL"}}.
func (s *Stack) Receive(raw []byte, verdicts map[string]any) error {
	s.out.mu.Lock()
	key := fmt.Sprintf("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0%02d", len(s.out.laid))
	if s.out.laid == nil {
		s.out.laid = map[string][]byte{}
	}
	s.out.laid["/"+inbox+"/"+key] = raw
	s.out.mu.Unlock()
	return s.invoke("Reply", mailEvent(key, s.set.Inbound, verdicts), nil)
}

// MailCameBack has the rule hand over what SES tells of a mail.
func (s *Stack) MailCameBack(kind string, detail any) error {
	return s.invoke("Bounce", ruleEvent("aws.ses", kind, detail), nil)
}

// Refuse has SES refuse every mail by an error of that code, in those words; "": it takes them again.
func (s *Stack) Refuse(code, words string) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.refuse, s.out.words = code, words
}

// Invoke calls a function with an event.
func (s *Stack) Invoke(id string, event, answer any) error { return s.invoke(id, event, answer) }

// invoke calls a function. The emulator answers a fault, and a function that was stopped, with 200
// as well: what says so is the body.
func (s *Stack) invoke(id string, event, answer any) error {
	f, err := s.function(id)
	if err != nil {
		return err
	}
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	f.one.Lock() // one program handles one event at a time
	defer f.one.Unlock()
	client := http.Client{Timeout: time.Duration(s.template.timeout(id)+10) * time.Second}
	r, err := client.Post(f.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var fault struct{ ErrorType, ErrorMessage string }
	if r.StatusCode != 200 || bytes.HasPrefix(text, []byte("Task timed out")) || json.Unmarshal(text, &fault) == nil && fault.ErrorMessage != "" {
		return fmt.Errorf("%s: %s: %s", id, r.Status, text)
	}
	s.mu.Lock()
	s.seen[id] = true
	s.mu.Unlock()
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// A function is the emulator with a program.
type function struct {
	url  string
	one  sync.Mutex
	log  *buffer
	stop func()
}

// function starts the program if it does not run.
func (s *Stack) function(id string) (*function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.running[id]; f != nil {
		return f, nil
	}
	var err error
	for range 3 { // another program may take a port in between
		var f *function
		if f, err = s.run(id); err == nil {
			s.running[id] = f
			return f, nil
		}
	}
	return nil, err
}

func (s *Stack) run(id string) (*function, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	at, api := "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	cmd := exec.Command(s.emulator, "--runtime-interface-emulator-address", at, "--runtime-api-address", api, "--log-level", "error",
		filepath.Join(s.set.Programs.Folder, id, "bootstrap"))
	cmd.Env = []string{
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_REGION=eu-north-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_LAMBDA_FUNCTION_NAME=" + id, "AWS_LAMBDA_FUNCTION_TIMEOUT=" + strconv.Itoa(s.template.timeout(id)),
		"AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO",
		"AWS_ENDPOINT_URL_DYNAMODB=" + s.set.Dynamo, "AWS_ENDPOINT_URL_SESV2=" + s.server.URL,
		"AWS_ENDPOINT_URL_EVENTBRIDGE=" + s.server.URL, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + s.server.URL,
		"SEATMEND_TABLE=" + s.set.Table, "SEATMEND_SECRETS_ARN=arn:aws:secretsmanager:eu-north-1:123456789012:secret:seatmend",
		"SEATMEND_OPERATOR=" + string(s.set.Operator), "SEATMEND_BASE_URL=" + s.set.BaseURL, "SEATMEND_EVENT_BUS=default",
		"SEATMEND_CRM=" + s.set.CRM, "SEATMEND_INBOUND=" + s.set.Inbound, "SEATMEND_INBOX=" + inbox, "AWS_ENDPOINT_URL_S3=" + s.server.URL,
		"SEATMEND_TEST_CLOCK=" + s.clock,
	}
	f := &function{url: "http://" + at + "/2015-03-31/functions/function/invocations", log: &buffer{}}
	cmd.Stdout, cmd.Stderr = f.log, f.log
	if f.stop, err = start(cmd); err != nil {
		return nil, err
	}
	for range 1000 {
		c, err := net.Dial("tcp", at)
		if err == nil {
			c.Close()
			return f, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.stop()
	return nil, fmt.Errorf("%s: the emulator does not answer: %s", id, f.log)
}

// freePorts finds ports that nobody listens at.
func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

// A buffer is written by a program and read by a test.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
