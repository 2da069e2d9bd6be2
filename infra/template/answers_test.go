package template

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Answers by mail are laid down before Reply hears of them, where SES alone may write, for as long as a
// dead letter names them.
func TestAnswersByMail(t *testing.T) {
	var tpl struct {
		Resources map[string]struct {
			Condition  string
			DependsOn  []string
			Properties map[string]any
		}
	}
	readInto(t, &tpl)
	said := func(id string) string {
		properties, err := json.Marshal(tpl.Resources[id].Properties)
		if err != nil {
			t.Fatal(err)
		}
		return string(properties)
	}
	for id, condition := range map[string]string{"Inbox": "Answered", "InboxPolicy": "Answered", "ReplyToSES": "Answered", "ReadInbox": "Answered", "Answers": "Answered", "Receipt": "OwnRuleSet", "Reply": ""} {
		if got := tpl.Resources[id]; got.Condition != condition || got.Properties == nil {
			t.Errorf("%s: condition %q, want %q", id, got.Condition, condition)
		}
	}
	// SES tries both when the rule is made, and a rule that is named elsewhere is another's.
	if got := tpl.Resources["Answers"].DependsOn; !slices.Equal(got, []string{"InboxPolicy", "ReplyToSES"}) {
		t.Errorf("the rule is made after %v", got)
	}
	const rule = `receipt-rule-set/${Set}:receipt-rule/${AWS::StackName}-answers`
	for id, parts := range map[string][]string{
		"Answers":     {`"Actions":[{"S3Action":{"BucketName":"Inbox"}},{"LambdaAction":{"FunctionArn":"Reply.Alias","InvocationType":"Event"}}]`, `"ScanEnabled":true`, `"Recipients":["Inbound"]`, `"Name":"${AWS::StackName}-answers"`},
		"ReplyToSES":  {rule, `"Principal":"ses.amazonaws.com"`, `"SourceAccount":"AWS::AccountId"`},
		"InboxPolicy": {rule, `"aws:SourceAccount":"AWS::AccountId"`, `"aws:SecureTransport":"false"`},
		"Inbox":       {`"SSEAlgorithm":"AES256"`, `"BlockPublicPolicy":true`, `"RestrictPublicBuckets":true`, `"ExpirationInDays":14`},
		"DeadLetters": {`"MessageRetentionPeriod":1209600`},
		"Reply":       {`"DeadLetterQueue":{"TargetArn":"DeadLetters.Arn","Type":"SQS"}`, `"SEATMEND_INBOX":["Answered","Inbox",""]`},
	} {
		for _, part := range parts {
			if got := said(id); !strings.Contains(got, part) {
				t.Errorf("%s lacks %s: %s", id, part, got)
			}
		}
	}
}
