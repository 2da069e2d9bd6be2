package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ruled asks AWS's own engine which of the events a pattern takes. The test is skipped where
// SEATMEND_RULER names no folder with its jars, or fails if SEATMEND_MUST_NOT_SKIP is 1:
//
//	mvn -q -f infra/template/ruler/pom.xml dependency:copy-dependencies -DoutputDirectory=$PWD/.ci/cache/ruler
func ruled(t *testing.T, pairs [][2]string) (answers []string) {
	t.Helper()
	jars := os.Getenv("SEATMEND_RULER")
	if found, _ := filepath.Glob(filepath.Join(jars, "event-ruler-*.jar")); len(found) == 0 {
		if os.Getenv("SEATMEND_MUST_NOT_SKIP") == "1" {
			t.Fatal("SEATMEND_RULER names no folder with event-ruler")
		}
		t.Skip("SEATMEND_RULER names no folder with event-ruler")
	}
	var in bytes.Buffer
	for _, p := range pairs {
		for i, text := range p {
			var line bytes.Buffer
			if err := json.Compact(&line, []byte(text)); err != nil {
				line.Reset()
				line.WriteString(strings.ReplaceAll(text, "\n", " "))
			}
			in.Write(line.Bytes())
			in.WriteByte("\t\n"[i])
		}
	}
	cmd := exec.Command("java", "-Xshare:auto", "-cp", filepath.Join(jars, "*"), "ruler/Matches.java")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers = strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(pairs) {
		t.Fatalf("%d answers to %d questions: %s", len(answers), len(pairs), out)
	}
	return answers
}

// What AWS's engine says of the stream's filter is what matches, by which TestStream goes, says too.
func TestStreamFilterByAWSsOwnEngine(t *testing.T) {
	var pattern string
	read(t).events("DynamoDB", func(_, _ string, e event) { pattern = e.Properties.FilterCriteria.Filters[0].Pattern })
	record := func(name, pk, sk string) string {
		return `{"eventID":"1","eventName":"` + name + `","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"eu-north-1",
			"dynamodb":{"ApproximateCreationDateTime":1795424400,"Keys":{"pk":{"S":"` + pk + `"},"sk":{"S":"` + sk + `"}},
			"NewImage":{"pk":{"S":"` + pk + `"},"sk":{"S":"` + sk + `"},"n":{"N":"7"},"body":{"S":"{}"}},"SequenceNumber":"111000000000000000001","SizeBytes":99,"StreamViewType":"NEW_IMAGE"},
			"eventSourceARN":"arn:aws:dynamodb:eu-north-1:123456789012:table/t/stream/2026-11-30T00:00:00.000"}`
	}
	records := []string{
		record("INSERT", "acct#C-1042", "head"), record("MODIFY", "acct#C-1042", "head"), record("MODIFY", "acct#fleet", "head"),
		record("REMOVE", "acct#C-1042", "head"), record("INSERT", "acct#C-1042", "seat#1#12"), record("MODIFY", "acct#C-1042", "part#orders"),
		record("INSERT", "head", "fact#1"), record("MODIFY", "acct#C-1042", "headless"), record("INSERT", "acct#C-1042", "HEAD"),
	}
	var pairs [][2]string
	for _, r := range records {
		pairs = append(pairs, [2]string{pattern, r})
	}
	for i, answer := range ruled(t, pairs) {
		want := "false"
		if i < 3 {
			want = "true"
		}
		if ours, err := matches(pattern, records[i]); err != nil || answer != want || (want == "true") != ours {
			t.Errorf("AWS says %s, our matcher %v (%v), want %s: %s", answer, ours, err, want, records[i])
		}
	}
	for i, answer := range ruled(t, [][2]string{{`{"eventName":"INSERT"}`, records[0]}, {`{"eventName":[]}`, records[0]}, {`[]`, records[0]}}) {
		if !strings.HasPrefix(answer, "refused") {
			t.Errorf("bad pattern %d: AWS says %s", i, answer)
		}
	}
}

// Of what AWS tells of mails, the function hears what is final, of mails of ours.
func TestMailEventsByAWSsOwnEngine(t *testing.T) {
	var pattern []byte
	read(t).events("EventBridgeRule", func(_, _ string, e event) { pattern, _ = json.Marshal(e.Properties.Pattern) })
	mail := func(source, kind, tags string) string {
		return `{"version":"0","id":"1","detail-type":"` + kind + `","source":"` + source + `","account":"123456789012","time":"2026-11-30T08:00:00Z","region":"eu-north-1",
			"resources":["arn:aws:ses:eu-north-1:123456789012:configuration-set/seatmend-mail"],"detail":{"eventType":"Bounce","mail":{"messageId":"0110-1","destination":["x@y.example"],
			"tags":{"ses:configuration-set":["seatmend-mail"]` + tags + `}},"bounce":{"bounceType":"Permanent"}}}`
	}
	const ours = `,"seatmend":["mail-1"],"account":["VS0x"],"mail":["MDAx"]`
	asked := []string{
		mail("aws.ses", "Email Bounced", ours), mail("aws.ses", "Email Complaint Received", ours),
		mail("aws.ses", "Email Bounced", ""), mail("aws.ses", "Email Delivered", ours), mail("com.example", "Email Bounced", ours),
	}
	var pairs [][2]string
	for _, e := range asked {
		pairs = append(pairs, [2]string{string(pattern), e})
	}
	if got, want := strings.Join(ruled(t, pairs), " "), "true true false false false"; got != want {
		t.Errorf("AWS takes %s, want %s", got, want)
	}
}

// The events of tasks that were published, and which of the patterns of the guide take them.
func TestThePatternsOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	patterns := map[string]string{} // by the words before it
	for _, m := range regexp.MustCompile("(?m)^([A-Z].*):\n\n    (\\{\"source\":.*\\})$").FindAllStringSubmatch(string(guide), -1) {
		patterns[m[1]] = m[2]
	}
	// Published by the product (functions, TestPublishedTasks), as EventBridge hands it over; and somebody else's.
	type published struct {
		Kind   string `json:"detail-type"`
		Source string
		Detail struct{ Account, Owner, Severity string }
	}
	lines, err := os.ReadFile("testdata/tasks.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for line := range strings.Lines(string(lines)) {
		event := `{"version":"0","id":"1","account":"123456789012","time":"2026-11-30T08:00:00Z","region":"eu-north-1","resources":[],` + strings.TrimPrefix(strings.TrimSpace(line), "{")
		events = append(events, event, strings.Replace(event, `"source":"seatmend"`, `"source":"com.example"`, 1))
	}
	want := map[string]func(published) bool{
		"All tasks": func(published) bool { return true },
		"What is support's, from its opening to its closing": func(p published) bool { return p.Detail.Owner == "support" },
		"What is grave, whoever it is for":                   func(p published) bool { return p.Detail.Severity == "high" || p.Detail.Severity == "critical" },
		"What has just become finance's": func(p published) bool {
			return p.Detail.Owner == "finance" && (p.Kind == "task.opened" || p.Kind == "task.changed")
		},
		"What is wrong with Seatmend itself": func(p published) bool { return p.Detail.Account == "fleet" },
		"One customer":                       func(p published) bool { return p.Detail.Account == "C-1042" },
	}
	var pairs [][2]string
	var titles []string
	for title, pattern := range patterns {
		if want[title] == nil {
			t.Fatalf("this test does not know %q", title)
		}
		for _, event := range events {
			pairs, titles = append(pairs, [2]string{pattern, event}), append(titles, title)
		}
	}
	takes, kinds := map[string]int{}, map[string]bool{}
	for i, answer := range ruled(t, pairs) {
		var p published
		if err := json.Unmarshal([]byte(pairs[i][1]), &p); err != nil {
			t.Fatal(err)
		}
		if wanted := p.Source == "seatmend" && want[titles[i]](p); answer != fmt.Sprint(wanted) {
			t.Errorf("%q: AWS says %s of %s", titles[i], answer, pairs[i][1])
		} else if wanted {
			takes[titles[i]]++
			kinds[p.Kind+" "+p.Detail.Owner] = true
		}
	}
	for title := range want {
		if takes[title] == 0 || title != "All tasks" && takes[title] == takes["All tasks"] {
			t.Errorf("%q takes %d of %d published events", title, takes[title], takes["All tasks"])
		}
	}
	for _, kind := range []string{"task.opened admin", "task.opened support", "task.closed support", "task.opened finance", "task.opened ops"} {
		if !kinds[kind] {
			t.Errorf("nothing published is %s", kind)
		}
	}
}
