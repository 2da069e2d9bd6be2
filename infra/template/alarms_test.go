package template

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seatmend/shared/engine"
)

// emitted are the metrics of AWS's services that the template watches, and the dimensions under which
// each is emitted, as the services' guides list them (read on 2026-11-30).
var emitted = map[string]map[string]string{
	"AWS/Lambda":     {"Errors": "FunctionName", "Throttles": "FunctionName", "Invocations": "FunctionName", "Duration": "FunctionName", "IteratorAge": "FunctionName", "ConcurrentExecutions": "FunctionName"},
	"AWS/SQS":        {"ApproximateNumberOfMessagesVisible": "QueueName", "ApproximateAgeOfOldestMessage": "QueueName"},
	"AWS/ApiGateway": {"5xx": "ApiId", "4xx": "ApiId", "Count": "ApiId", "Latency": "ApiId", "IntegrationLatency": "ApiId"}, // of an HTTP API: a REST API says 5XXError
	"AWS/DynamoDB":   {"WriteThrottleEvents": "TableName", "ReadThrottleEvents": "TableName", "ConsumedWriteCapacityUnits": "TableName", "ConsumedReadCapacityUnits": "TableName"},
	"AWS/SES":        {"Reputation.BounceRate": "", "Reputation.ComplaintRate": "", "Send": "", "Bounce": "", "Complaint": ""},
}

// own are the metrics that the log's filters make.
func (t template) own() map[string]string {
	out := map[string]string{}
	for _, r := range t.Resources {
		for _, m := range r.Properties.MetricTransformations {
			out[m.MetricNamespace+" "+m.MetricName] = r.Properties.FilterPattern
		}
	}
	return out
}

// An alarm on a metric that nobody emits stays quiet for ever, and looks well.
func TestAlarmsAreOfMetricsThatAreEmitted(t *testing.T) {
	tpl := read(t)
	own := tpl.own()
	check := func(alarm, namespace, metric, dimension string) {
		if _, ok := own[namespace+" "+metric]; ok && dimension == "" {
			return
		}
		if by, ok := emitted[namespace][metric]; !ok || by != dimension {
			t.Errorf("%s: nobody emits %s %s by %q", alarm, namespace, metric, dimension)
		}
	}
	alarms := 0
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		r := tpl.Resources[id]
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		alarms++
		p := r.Properties
		if p.MetricName != "" {
			dimension := ""
			for _, d := range p.Dimensions {
				dimension += d.Name
			}
			check(id, p.Namespace, p.MetricName, dimension)
		}
		for _, m := range p.Metrics {
			if stat := m.MetricStat.Metric; stat.MetricName != "" {
				check(id, stat.Namespace, stat.MetricName, stat.Dimensions[0].Name)
			}
		}
		if p.AlarmDescription == "" || p.AlarmActions == nil || p.TreatMissingData == "" {
			t.Errorf("%s says not what it means, tells nobody, or not what no data means", id)
		}
		if p.DatapointsToAlarm > p.EvaluationPeriods {
			t.Errorf("%s: %d of %d", id, p.DatapointsToAlarm, p.EvaluationPeriods)
		}
		if body, _ := tpl.Resources["Dashboard"].Properties.DashboardBody[0].(string); id != "ReleaseAlarm" && !strings.Contains(body, "${"+id+".Arn}") {
			t.Errorf("the dashboard lacks %s", id)
		}
	}
	if alarms < 10 {
		t.Errorf("%d alarms only", alarms)
	}
	if got := tpl.Resources["NoSweepAlarm"].Properties; got.TreatMissingData != "breaching" || got.Period*got.EvaluationPeriods < 2*300 {
		t.Errorf("a sweep that never runs is not missed, or missed at once: %+v", got)
	}
}

// What the log's filters look for is what the code logs.
func TestLogFiltersMeetTheLog(t *testing.T) {
	var source strings.Builder
	for _, dir := range []string{"../../shared/engine", "../../functions/app"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources: %v", err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
				source.Write(text)
			}
		}
	}
	patterns := map[string]bool{}
	for _, pattern := range read(t).own() {
		m := regexp.MustCompile(`^\{ \$\.([a-z]+) = "([A-Z*]+)" \}$`).FindStringSubmatch(pattern)
		if m == nil {
			t.Errorf("this test does not read %s", pattern)
			continue
		}
		patterns[m[1]] = true
		if m[1] != "level" && !strings.Contains(source.String(), `"`+m[1]+`"`) { // every line has a level
			t.Errorf("no line of the log has a field %q", m[1])
		}
	}
	if !patterns["level"] || !patterns["fault"] || len(engine.Faults) == 0 {
		t.Errorf("filters are %v, faults %v", patterns, engine.Faults)
	}
}

func TestTheDashboardIsJSON(t *testing.T) {
	body, _ := read(t).Resources["Dashboard"].Properties.DashboardBody[0].(string)
	body = regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(body, "x")
	var v struct {
		Widgets []struct {
			Type       string
			Properties struct{ Metrics [][]any }
		}
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Widgets) < 6 {
		t.Errorf("%d widgets", len(v.Widgets))
	}
	for _, w := range v.Widgets {
		namespace := ""
		for _, m := range w.Properties.Metrics {
			if first, _ := m[0].(string); first != "." && first != "..." {
				namespace = first
			}
			if len(m) > 1 && m[0] != "..." {
				if name, _ := m[1].(string); !slices.Contains(slices.Collect(maps.Keys(emitted[namespace])), name) {
					t.Errorf("nobody emits %s %s", namespace, name)
				}
			}
		}
	}
}

// The limits of the services that no linter sees within SAM, or sees only in one of its versions.
func TestLimits(t *testing.T) {
	tpl := read(t)
	within := func(what string, n, least, most int) {
		if n < least || n > most {
			t.Errorf("%s: %d, and %d to %d is allowed", what, n, least, most)
		}
	}
	within("Globals: MemorySize", tpl.Globals.Function.MemorySize, 128, 10240)
	within("Globals: Timeout", tpl.Globals.Function.Timeout, 1, 900)
	reserved := 0
	for _, id := range tpl.functions() {
		p := tpl.Resources[id].Properties
		if p.MemorySize != 0 {
			within(id+": MemorySize", p.MemorySize, 128, 10240)
		}
		within(id+": Timeout", tpl.timeout(id), 1, 900)
		if n, ok := p.ReservedConcurrentExecutions.One.(float64); ok {
			reserved += int(n)
			if p.ReservedConcurrentExecutions.Condition != "Reserved" {
				t.Errorf("%s reserves concurrency that a new account has not", id)
			}
		}
	}
	within("reserved in all", reserved, 1, 1000-100) // what an account has by default, and what must be left
	tpl.events("DynamoDB", func(function, name string, e event) {
		within(function+": BatchSize", e.Properties.BatchSize, 1, 10000)
		within(function+": ParallelizationFactor", e.Properties.ParallelizationFactor, 1, 10)
		within(function+": MaximumRecordAgeInSeconds", e.Properties.MaximumRecordAgeInSeconds, 60, 604800)
		within(function+": MaximumRetryAttempts", e.Properties.MaximumRetryAttempts, 1, 10000)
	})
	tpl.events("ScheduleV2", func(function, name string, e event) {
		within(function+": MaximumEventAgeInSeconds", e.Properties.RetryPolicy.MaximumEventAgeInSeconds, 60, 86400)
	})
	for id, r := range tpl.Resources {
		if p := r.Properties; r.Type == "AWS::CloudWatch::Alarm" && p.Period != 0 {
			if p.Period != 10 && p.Period != 20 && p.Period != 30 && p.Period%60 != 0 {
				t.Errorf("%s: a period of %d s", id, p.Period)
			}
			within(id+": what it looks back over", p.Period*p.EvaluationPeriods, 10, 86400)
		}
	}
}
