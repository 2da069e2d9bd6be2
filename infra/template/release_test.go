package template

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A release is of the template what decides when a function's new version comes in, and what becomes of
// an event that it fails at.
type release struct {
	Parameters map[string]struct {
		Default       any
		AllowedValues []string
	}
	Conditions map[string]any
	Globals    struct{ Function map[string]any }
	Resources  map[string]struct {
		Type       string
		Properties map[string]any
	}
}

// of reads what is nested in properties; nil where there is nothing.
func of(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// leaves calls see for every text within v.
func leaves(v any, see func(string)) {
	switch v := v.(type) {
	case string:
		see(v)
	case []any:
		for _, one := range v {
			leaves(one, see)
		}
	case map[string]any:
		for _, one := range v {
			leaves(one, see)
		}
	}
}

// SAM names a version by the hash of the template's text, in which a parameter is a name: with another
// value of it `live` would stay at the version that has the old one (aws/serverless-application-model
// issues 1640 and 3820). So all that a function is told of parameters is in Settings, which CloudFormation
// replaces where it differs, and whose number is in each version's description and in its variables: the
// one replaces the version, the other lets Lambda publish it.
func TestChangedSettingsReachTheFunctions(t *testing.T) {
	var tpl release
	readInto(t, &tpl)
	settings := tpl.Resources["Settings"]
	joined, _ := settings.Properties["Content"].([]any)
	if settings.Type != "AWS::AppConfig::HostedConfigurationVersion" || len(joined) != 2 {
		t.Fatalf("Settings are %+v", settings)
	}
	told, named := map[string]bool{}, map[string]bool{} // whole values, and the parameters and conditions in them
	values, _ := joined[1].([]any)
	for _, value := range values {
		text, _ := json.Marshal(value)
		told[string(text)] = true
		leaves(value, func(s string) { named[s] = true })
	}
	global := tpl.Globals.Function
	if global["AutoPublishAlias"] != "live" {
		t.Errorf("calls go to %v", global["AutoPublishAlias"])
	}
	functions := 0
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		r := tpl.Resources[id]
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		functions++
		if got := r.Properties["VersionDescription"]; got != "settings ${Settings.VersionNumber}" {
			t.Errorf("%s: its version says %v, and is not replaced when Settings are", id, got)
		}
		if r.Properties["AutoPublishAliasAllProperties"] != true { // in Globals cfn-lint 1.58 does not know it
			t.Errorf("%s: a changed property, such as its time-out, makes no new version", id)
		}
		if got := of(global, "Environment", "Variables", "SEATMEND_RELEASE"); got != "Settings.VersionNumber" {
			t.Errorf("%s: without the number among its variables (%v) Lambda sees nothing to publish", id, got)
		}
		for _, variables := range []any{of(global, "Environment", "Variables"), of(r.Properties, "Environment", "Variables")} {
			all, _ := variables.(map[string]any)
			for name, value := range all {
				if text, _ := json.Marshal(value); name != "SEATMEND_RELEASE" && !told[string(text)] {
					t.Errorf("%s: another value of %s (%s) reaches no function: Settings lack it", id, name, text)
				}
			}
		}
		// What else of a version a parameter decides; the rest of a function is no part of its versions.
		for _, properties := range []map[string]any{global, r.Properties} {
			for name, value := range properties {
				if slices.Contains([]string{"Policies", "Events", "ReservedConcurrentExecutions", "DeploymentPreference"}, name) {
					continue
				}
				leaves(value, func(s string) {
					_, parameter := tpl.Parameters[s]
					if _, condition := tpl.Conditions[s]; (parameter || condition) && !named[s] {
						t.Errorf("%s: %s follows %s, which Settings lack", id, name, s)
					}
				})
			}
		}
	}
	if functions < 10 || len(told) < 9 {
		t.Errorf("%d functions, %d settings", functions, len(told))
	}
}

// A canary is watched by alarms that speak while it lasts. A deployment at once is watched by none: an
// alarm that stands would stop the very one that mends what it stands for.
func TestTheCanary(t *testing.T) {
	var tpl release
	readInto(t, &tpl)
	text, err := json.Marshal(tpl.Globals.Function["DeploymentPreference"])
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Type   choice[string]
		Alarms choice[[]string]
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if want := (choice[string]{"Canary", "Canary10Percent5Minutes", "AllAtOnce"}); p.Type != want {
		t.Errorf("a version comes in by %+v, want %+v", p.Type, want)
	}
	if got, _ := json.Marshal(tpl.Conditions["Canary"]); string(got) != `["Rollout","Canary10Percent5Minutes"]` || tpl.Parameters["Rollout"].Default != "AllAtOnce" {
		t.Errorf("a canary is %s, %v by default", got, tpl.Parameters["Rollout"].Default)
	}
	if p.Alarms.Condition != "Canary" || len(p.Alarms.Other) > 0 || !slices.Equal(p.Alarms.One, []string{"ReleaseAlarm", "ErrorLinesAlarm"}) {
		t.Errorf("it is watched by %+v", p.Alarms)
	}
	alarms := read(t).Resources
	for _, id := range p.Alarms.One {
		period := alarms[id].Properties.Period
		for _, m := range alarms[id].Properties.Metrics {
			period = max(period, m.MetricStat.Period)
		}
		if looks := period * alarms[id].Properties.EvaluationPeriods; alarms[id].Type != "AWS::CloudWatch::Alarm" || looks < 10 || looks > 120 {
			t.Errorf("%s looks back over %d s, and a canary lasts 300", id, looks)
		}
	}
	if got := tpl.Parameters["Tracing"]; tpl.Globals.Function["Tracing"] != "Tracing" || got.Default != "PassThrough" || !slices.Equal(got.AllowedValues, []string{"Active", "PassThrough"}) {
		t.Errorf("X-Ray is %v by %+v", tpl.Globals.Function["Tracing"], got)
	}
}

// Who calls a function without waiting gets no error: what Lambda gives up is kept, and what a rule or a
// schedule cannot hand over. (HTTP waits for its answer; a stream has a destination, TestStream.)
func TestWhatNobodyWaitsForIsKept(t *testing.T) {
	var tpl release
	readInto(t, &tpl)
	const kept = "DeadLetters.Arn"
	asynchronous := map[string]bool{}
	for id, r := range tpl.Resources {
		events, _ := r.Properties["Events"].(map[string]any)
		for name, e := range events {
			if kind, _ := of(e, "Type").(string); kind != "HttpApi" && kind != "DynamoDB" {
				asynchronous[id] = true
				if of(e, "Properties", "DeadLetterConfig", "Arn") != kept {
					t.Errorf("%s: what %s cannot hand over is lost", id, name)
				}
			}
		}
		if name, _ := r.Properties["FunctionName"].(string); r.Type == "AWS::Lambda::Permission" { // SES, and whoever else calls by its own
			id, _, _ := strings.Cut(name, ".")
			asynchronous[id] = true
			if name != id+".Alias" {
				t.Errorf("%s is called past its alias: a canary, and what is rolled back, do not hold for it", id)
			}
		}
	}
	if got := slices.Sorted(maps.Keys(asynchronous)); !slices.Equal(got, []string{"Bounce", "Reply", "Sweep"}) {
		t.Errorf("called without waiting are %v", got)
	}
	for id := range asynchronous {
		p := tpl.Resources[id].Properties
		if of(p, "DeadLetterQueue", "TargetArn") != kept && of(p, "EventInvokeConfig", "DestinationConfig", "OnFailure", "Destination") != kept {
			t.Errorf("%s: an event that it fails at three times is lost", id)
		}
	}
}

// A restored table is everywhere in place of the stack's own: what reads, what may, what is watched, what is told.
func TestARestoredTable(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := regexp.MustCompile(`!Ref Table\b|!GetAtt Table\b|\$\{Table\.`)
	uses := 0
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if !own.MatchString(line) {
			continue
		}
		uses++
		chosen := strings.Contains(line, "!If [OwnTable, ") && (strings.Contains(line, "!Ref Restored") || strings.Contains(line, "${RestoredTable}"))
		if !chosen && !(strings.TrimSpace(lines[i-1]) == "- OwnTable" && strings.Contains(lines[i+1], "table/${RestoredTable}/index/")) {
			t.Errorf("line %d is of the stack's own table alone: %s", i+1, line)
		}
	}
	if uses < 7 {
		t.Errorf("the table is named %d times", uses)
	}
	// What may be asked of the one may be asked of the other.
	var tpl release
	readInto(t, &tpl)
	policy, _ := json.Marshal(tpl.Resources["UseTable"].Properties)
	for index := range strings.SplitSeq("due rank list case", " ") {
		if a, b := strings.Count(string(policy), "${Table.Arn}/index/"+index), strings.Count(string(policy), "${RestoredTable}/index/"+index); a != 1 || b != 1 {
			t.Errorf("the index %s may be asked %d times of the own table, %d of a restored one", index, a, b)
		}
	}
}

// What the guide tells to set, to read off and to look at is there, and each alarm stands in it.
func TestTheGuideNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	var tpl struct {
		Parameters, Outputs map[string]any
		Resources           map[string]struct{ Type string }
	}
	readInto(t, &tpl)
	guide, seen := string(text), 0
	for pattern, there := range map[string]func(string) bool{
		`-set ([A-Z]\w+)=`:                        func(s string) bool { return tpl.Parameters[s] != nil },
		"outputs? `(\\w+)`":                       func(s string) bool { return tpl.Outputs[s] != nil },
		"output `\\w+` or `(\\w+)`":               func(s string) bool { return tpl.Outputs[s] != nil },
		"`(\\w+Alarm)`":                           func(s string) bool { return tpl.Resources[s].Type == "AWS::CloudWatch::Alarm" },
		"the parameter `(\\w+)`|with `(\\w+)=\\w": func(s string) bool { return tpl.Parameters[s] != nil },
	} {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(guide, -1) {
			seen++
			if name := strings.Join(m[1:], ""); !there(name) {
				t.Errorf("the guide says %q, and the template has no %s", m[0], name)
			}
		}
	}
	for id, r := range tpl.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && !strings.Contains(guide, "`"+id+"`") {
			t.Errorf("the guide says nothing of %s", id)
		}
	}
	if seen < 20 {
		t.Errorf("the guide names %d things only: this test looks at the wrong place", seen)
	}
}
