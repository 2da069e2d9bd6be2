// Package template checks of template.yaml and of what `sam build` makes of it what cfn-lint does not see.
package template

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A template is template.yaml as far as it is looked at here. Of an intrinsic function only the
// argument is seen: `!Ref Table` reads as "Table", `!GetAtt Table.StreamArn` as "Table.StreamArn".
type template struct {
	Globals struct {
		Function struct {
			Runtime       string
			Architectures []string
			CodeUri       string
			Timeout       int
			MemorySize    int
			Tracing       string
			Environment   struct{ Variables map[string]any }
		}
	}
	Resources map[string]struct {
		Type           string
		DeletionPolicy string
		Condition      string
		Metadata       struct{ BuildMethod string }
		Properties     struct {
			Timeout                          int
			MemorySize                       int
			ReservedConcurrentExecutions     choice[any]
			DeletionProtectionEnabled        choice[bool]
			RetentionInDays                  any
			Namespace, MetricName            string
			FilterPattern                    string
			MetricTransformations            []struct{ MetricNamespace, MetricName string }
			Dimensions                       []struct{ Name string }
			Period                           int
			EvaluationPeriods                int
			DatapointsToAlarm                int
			Statistic, TreatMissingData      string
			AlarmActions                     any
			AlarmDescription                 string
			DashboardBody                    []any
			Policies                         []any
			Events                           map[string]event
			AttributeDefinitions             []attribute
			KeySchema                        []attribute
			GlobalSecondaryIndexes           []index
			StreamSpecification              struct{ StreamViewType string }
			TimeToLiveSpecification          struct{ AttributeName string }
			PointInTimeRecoverySpecification struct{ PointInTimeRecoveryEnabled bool }
			SSESpecification                 choice[struct{ SSEEnabled bool }]
			PolicyDocument                   struct{ Statement []choice[statement] }
			Metrics                          []struct {
				MetricStat struct {
					Period int
					Metric struct {
						Namespace, MetricName string
						Dimensions            []struct{ Name, Value string }
					}
				}
			}
		}
	}
}

// A choice is a value, or one that a condition chooses: `!If [Condition, one, other]`, where other may be
// `!Ref AWS::NoValue`.
type choice[T any] struct {
	Condition  string
	One, Other T
}

func (c *choice[T]) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if json.Unmarshal(text, &parts) != nil || len(parts) != 3 || json.Unmarshal(parts[0], &c.Condition) != nil {
		return json.Unmarshal(text, &c.One)
	}
	if string(parts[2]) != `"AWS::NoValue"` {
		if err := json.Unmarshal(parts[2], &c.Other); err != nil {
			return err
		}
	}
	return json.Unmarshal(parts[1], &c.One)
}

type event struct {
	Type       string
	Properties struct {
		Method, Path               string
		Auth                       struct{ Authorizer string }
		Stream                     choice[string]
		BatchSize                  int
		ParallelizationFactor      int
		FilterCriteria             struct{ Filters []struct{ Pattern string } }
		FunctionResponseTypes      []string
		BisectBatchOnFunctionError bool
		MaximumRetryAttempts       int
		MaximumRecordAgeInSeconds  int
		DestinationConfig          struct {
			OnFailure struct{ Type, Destination string }
		}
		Pattern            map[string]any
		ScheduleExpression string
		RetryPolicy        struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds int }
		DeadLetterConfig   struct{ Arn string }
	}
}

type attribute struct{ AttributeName, AttributeType, KeyType string }

type index struct {
	IndexName  string
	KeySchema  []attribute
	Projection struct{ ProjectionType string }
}

type statement struct{ Action, Resource any }

func read(t *testing.T) (out template) {
	t.Helper()
	readInto(t, &out)
	return out
}

// readInto reads template.yaml, by way of JSON, which knows that the field Timeout is the key Timeout.
func readInto(t *testing.T, out any) {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(document); err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// functions lists the logical ids, in order.
func (t template) functions() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == "AWS::Serverless::Function" {
			ids = append(ids, id)
		}
	}
	return ids
}

// events calls see for every event of one type.
func (t template) events(kind string, see func(function, name string, e event)) {
	for _, id := range t.functions() {
		for _, name := range slices.Sorted(maps.Keys(t.Resources[id].Properties.Events)) {
			if e := t.Resources[id].Properties.Events[name]; e.Type == kind {
				see(id, name, e)
			}
		}
	}
}

func (t template) timeout(function string) int {
	if s := t.Resources[function].Properties.Timeout; s != 0 {
		return s
	}
	return t.Globals.Function.Timeout
}

func TestFunctionsAreBuiltForTheirMachine(t *testing.T) {
	tpl := read(t)
	g := tpl.Globals.Function
	if got, want := g.Runtime+" "+strings.Join(g.Architectures, ",")+" "+g.CodeUri, "provided.al2023 arm64 functions"; got != want {
		t.Errorf("functions are %q, want %q", got, want)
	}
	for _, name := range []string{"SEATMEND_TABLE", "SEATMEND_SECRETS_ARN", "SEATMEND_OPERATOR", "SEATMEND_BASE_URL", "SEATMEND_EVENT_BUS", "SEATMEND_CRM", "SEATMEND_INBOUND"} {
		if g.Environment.Variables[name] == nil {
			t.Errorf("no variable %s", name)
		}
	}
	makefile, err := os.ReadFile("../../functions/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^build-(\w+):\n\t\$\(GO_BUILD\) \./(\w+)$`).FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, m[1])
		if got, want := m[2], strings.ToLower(m[1]); got != want {
			t.Errorf("target %s builds %s, want %s", m[1], got, want)
		}
	}
	slices.Sort(targets)
	if got, want := targets, tpl.functions(); !slices.Equal(got, want) {
		t.Errorf("the Makefile builds %v, the template has %v", got, want)
	}
	for _, id := range tpl.functions() {
		if got, want := tpl.Resources[id].Metadata.BuildMethod, "makefile"; got != want {
			t.Errorf("%s: build method %q, want %q", id, got, want)
		}
	}
}

// The gateway gives up after 30 seconds, a Lambda after 900, and a sweep should not meet the next one.
func TestTimeouts(t *testing.T) {
	tpl := read(t)
	for _, id := range tpl.functions() {
		if s := tpl.timeout(id); s < 3 || s > 900 {
			t.Errorf("%s: timeout of %d s", id, s)
		}
	}
	tpl.events("HttpApi", func(function, name string, _ event) {
		if s := tpl.timeout(function); s >= 30 {
			t.Errorf("%s: timeout of %d s, behind a gateway that waits for 30", function, s)
		}
	})
	tpl.events("ScheduleV2", func(function, name string, e event) {
		if s := tpl.timeout(function); s >= seconds(e.Properties.ScheduleExpression) {
			t.Errorf("%s: timeout of %d s, and runs at %s", function, s, e.Properties.ScheduleExpression)
		}
	})
}

// seconds reads the one kind of schedule that is used here; 0 where EventBridge would refuse it.
func seconds(schedule string) int {
	m := regexp.MustCompile(`^rate\(([1-9][0-9]{0,3}) (minute|hour|day)(s?)\)$`).FindStringSubmatch(schedule)
	if m == nil || (m[1] == "1") != (m[3] == "") { // "1 minutes" and "5 minute" are refused
		return 0
	}
	n := 0
	for _, c := range m[1] {
		n = n*10 + int(c-'0')
	}
	return n * map[string]int{"minute": 60, "hour": 3600, "day": 86400}[m[2]]
}

func TestSchedules(t *testing.T) {
	for schedule, want := range map[string]int{"rate(5 minutes)": 300, "rate(1 hour)": 3600, "rate(1 days)": 0, "rate(5 minute)": 0, "rate(0 minutes)": 0, "5 minutes": 0, "rate(5minutes)": 0} {
		if got := seconds(schedule); got != want {
			t.Errorf("seconds(%q) = %d, want %d", schedule, got, want)
		}
	}
	seen := 0
	read(t).events("ScheduleV2", func(function, name string, e event) {
		seen++
		p := e.Properties
		if seconds(p.ScheduleExpression) == 0 {
			t.Errorf("%s: schedule %q", function, p.ScheduleExpression)
		}
		if p.RetryPolicy.MaximumEventAgeInSeconds < 60 || p.DeadLetterConfig.Arn != "DeadLetters.Arn" {
			t.Errorf("%s: no retry policy or no dead letters: %+v", function, p)
		}
	})
	if seen == 0 {
		t.Error("nothing sweeps")
	}
}

func TestStream(t *testing.T) {
	tpl := read(t)
	seen := 0
	tpl.events("DynamoDB", func(function, name string, e event) {
		seen++
		p := e.Properties
		table, _, _ := strings.Cut(p.Stream.One, ".")
		if got, want := tpl.Resources[table].Properties.StreamSpecification.StreamViewType, "NEW_IMAGE"; got != want {
			t.Errorf("%s reads %v, whose stream is %q, want %q", function, p.Stream, got, want)
		}
		if want := (choice[string]{"OwnTable", table + ".StreamArn", "RestoredStreamArn"}); p.Stream != want {
			t.Errorf("%s reads %v, want %v", function, p.Stream, want)
		}
		if len(p.FilterCriteria.Filters) != 1 {
			t.Fatalf("%s: %d filters, want 1", function, len(p.FilterCriteria.Filters))
		}
		pattern := p.FilterCriteria.Filters[0].Pattern
		for _, c := range []struct {
			name, record string
			want         bool
		}{
			{"a new account", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"acct#C-1042"},"sk":{"S":"head"}}}}`, true},
			{"a changed account", `{"eventName":"MODIFY","dynamodb":{"Keys":{"pk":{"S":"acct#C-1042"},"sk":{"S":"head"}}}}`, true},
			{"a removed account", `{"eventName":"REMOVE","dynamodb":{"Keys":{"pk":{"S":"acct#C-1042"},"sk":{"S":"head"}}}}`, false},
			{"a seat", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"acct#C-1042"},"sk":{"S":"seat#1#12"}}}}`, false},
		} {
			got, err := matches(pattern, c.record)
			if err != nil {
				t.Fatalf("%s: filter %s: %v", function, pattern, err)
			}
			if got != c.want {
				t.Errorf("%s: %s wakes it: %v, want %v", function, c.name, got, c.want)
			}
		}
		if !slices.Equal(p.FunctionResponseTypes, []string{"ReportBatchItemFailures"}) || !p.BisectBatchOnFunctionError ||
			p.MaximumRetryAttempts < 1 || p.MaximumRecordAgeInSeconds < 60 || p.DestinationConfig.OnFailure.Destination != "DeadLetters.Arn" {
			t.Errorf("%s: a record that cannot be read would block its shard for a day: %+v", function, p)
		}
	})
	if seen == 0 {
		t.Error("nothing reads the stream")
	}
}

func TestFilterPatternsThatLambdaRefuses(t *testing.T) {
	for _, pattern := range []string{`{"eventName":"INSERT"}`, `{"eventName":[]}`, `{"eventName":["INSERT"],}`, `[]`, `{}`, `{"a":1}`} {
		if _, err := matches(pattern, `{"eventName":"INSERT"}`); err == nil {
			t.Errorf("%s is taken", pattern)
		}
	}
}

func TestTable(t *testing.T) {
	r := read(t).Resources["Table"]
	p := r.Properties
	if got, want := r.DeletionPolicy, "Retain"; got != want {
		t.Errorf("deletion policy %q, want %q", got, want)
	}
	if got, want := p.TimeToLiveSpecification.AttributeName, "ttl"; got != want {
		t.Errorf("time to live by %q, want %q", got, want)
	}
	if !p.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled || !p.SSESpecification.One.SSEEnabled || !p.SSESpecification.Other.SSEEnabled || !p.DeletionProtectionEnabled.One {
		t.Error("no recovery to a point in time, no encryption, or no protection")
	}
	keys := func(schema []attribute) (text string) {
		for _, k := range schema {
			text += k.AttributeName + " " + k.KeyType + " "
		}
		return text
	}
	got := []string{keys(p.KeySchema)}
	for _, i := range p.GlobalSecondaryIndexes {
		got = append(got, i.IndexName+": "+keys(i.KeySchema)+i.Projection.ProjectionType)
	}
	if want := []string{"pk HASH sk RANGE ", "due: duebucket HASH due RANGE KEYS_ONLY", "rank: rosterkey HASH rank RANGE ALL", "list: listkey HASH listsort RANGE INCLUDE", "case: casekey HASH place RANGE INCLUDE"}; !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

// Only the operator's routes ask for a signature of AWS: a sender, the reader of a mail, or of what is
// public, has none.
func TestOnlyTheOperatorsRoutesAskForIAM(t *testing.T) {
	read(t).events("HttpApi", func(function, name string, e event) {
		want := ""
		if function == "Accounts" && e.Properties.Path != "/openapi.yaml" && !strings.HasPrefix(e.Properties.Path, "/schemas") {
			want = "AWS_IAM"
		}
		if got := e.Properties.Auth.Authorizer; got != want {
			t.Errorf("%s %s: authorizer %q, want %q", e.Properties.Method, e.Properties.Path, got, want)
		}
	})
}

// The permission of every call that the packages of a function make, and no other.
func TestPermissions(t *testing.T) {
	tpl := read(t)
	store := []string{"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
		"dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem", "kms:Decrypt", "secretsmanager:GetSecretValue"}
	speak := append([]string{"events:PutEvents", "ses:SendEmail", "ses:SendRawEmail"}, store...)
	slices.Sort(speak)
	want := map[string][]string{
		"Billing": store, "UserChange": store, "LoginWarning": store, "Accounts": store, "Bounce": store,
		"Reply":  slices.Sorted(slices.Values(append([]string{"s3:GetObject"}, store...))),
		"Remedy": speak, "Support": speak, "Deliver": speak, "Sweep": speak,
	}
	for _, id := range tpl.functions() {
		var actions, resources []string
		for _, policy := range tpl.Resources[id].Properties.Policies {
			name, _ := policy.(string)
			if chosen := list(policy); len(chosen) == 3 && chosen[2] == "AWS::NoValue" {
				name = chosen[1]
			}
			for _, of := range tpl.Resources[name].Properties.PolicyDocument.Statement {
				s := of.One
				actions, resources = append(actions, list(s.Action)...), append(resources, list(s.Resource)...)
				for _, r := range append(list(s.Action), list(s.Resource)...) {
					// Which configuration set an identity has, its owner decides; what lies in Inbox, who mails.
					if strings.Contains(r, "*") && !strings.HasSuffix(r, ":configuration-set/*") && r != "${Inbox.Arn}/*" {
						t.Errorf("%s: %q says more than is needed", name, r)
					}
				}
			}
		}
		// Where the identity has a configuration set, SES asks for that too.
		if speaks := slices.Contains(actions, "ses:SendEmail"); speaks != slices.ContainsFunc(resources, func(r string) bool { return strings.HasSuffix(r, ":configuration-set/*") }) {
			t.Errorf("%s may mail: %v; what it may name is %v", id, speaks, resources)
		}
		slices.Sort(actions)
		if got := slices.Compact(actions); !slices.Equal(got, want[id]) {
			t.Errorf("%s may %v\nwant %v", id, got, want[id])
		}
	}
}

func list(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var all []string
	many, _ := v.([]any)
	for _, one := range many {
		text, _ := one.(string)
		all = append(all, text)
	}
	return all
}

func TestEveryFunctionIsWatched(t *testing.T) {
	tpl := read(t)
	for _, alarm := range []string{"ErrorsAlarm", "ReleaseAlarm", "ThrottlesAlarm"} {
		var watched []string
		for _, m := range tpl.Resources[alarm].Properties.Metrics {
			for _, d := range m.MetricStat.Metric.Dimensions {
				watched = append(watched, d.Value)
			}
		}
		slices.Sort(watched)
		if got, want := watched, tpl.functions(); !slices.Equal(got, want) {
			t.Errorf("%s watches %v, the template has %v", alarm, got, want)
		}
	}
}

// TestOnlyTLSOfToday: the host of links takes TLS 1.2 and later, and no address of another kind answers.
func TestOnlyTLSOfToday(t *testing.T) {
	b, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	domains := strings.Count(string(b), "AWS::ApiGatewayV2::DomainName")
	if modern := strings.Count(string(b), "SecurityPolicy: TLS_1_2"); domains != 1 || modern != domains {
		t.Errorf("%d of %d hosts take TLS 1.2 and later alone", modern, domains)
	}
}
