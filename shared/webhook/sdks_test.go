package webhook

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	npm "seatmend/infra/peer"
)

// A question is asked of an SDK, and answered in its own way; see testdata/sdks.cjs and sdks.py.
type question struct {
	Ask     string            `json:"ask"`
	SDK     string            `json:"sdk"`
	Secret  string            `json:"secret"`
	ID      string            `json:"id"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`

	Refuse bool `json:"-"` // it is not to be taken
}

type sdkAnswer struct {
	Answer json.RawMessage
	Error  string
}

// sdks are those that are asked, at the versions that CI installs.
var sdks = map[string]string{"stripe": "23.1.0", "@paddle/paddle-node-sdk": "3.10.0", "chargebee": "3.33.0", "standardwebhooks": "1.1.1", "svix": "1.99.1"}

// askSDKs asks the SDKs for Node, where npm has them.
func askSDKs(t *testing.T, questions []question) []sdkAnswer {
	t.Helper()
	var folders []string
	for _, name := range slices.Sorted(maps.Keys(sdks)) {
		folders = append(folders, npm.Modules(t, name, sdks[name]))
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/sdks.cjs")
	cmd.Env = append(os.Environ(), "NODE_PATH="+strings.Join(folders, string(os.PathListSeparator)))
	return answers(t, cmd, questions)
}

// askPythonSDKs asks those for Python.
func askPythonSDKs(t *testing.T, questions []question) []sdkAnswer {
	t.Helper()
	return answers(t, exec.CommandContext(t.Context(), npm.Python(t), "testdata/sdks.py"), questions)
}

func answers(t *testing.T, cmd *exec.Cmd, questions []question) (answers []sdkAnswer) {
	t.Helper()
	in, err := json.Marshal(map[string]any{"now": now.Unix(), "questions": questions})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions: %v in %s", len(answers), len(questions), err, out)
	}
	return answers
}

// bodiesOf are bodies that a sender's SDK is asked about: of it, or of any standard sender.
func bodiesOf(t *testing.T, sender string) (all []string) {
	walk(t, now, func(_ string, s Sender, body []byte) {
		if s.Name == sender && !strings.Contains(string(body), "v2.core.event") { // of which the SDK has another way
			all = append(all, string(body))
		}
	})
	if len(all) < 2 {
		t.Fatalf("%d bodies of %s", len(all), sender)
	}
	return all
}

// Each billing system's own SDK signs, and we take it; we sign, and it takes that. What another secret
// signed, and a body that was changed, neither takes.
func TestSDKsAreTheOtherSide(t *testing.T) {
	otherSide(t, askSDKs, map[string]Sender{"svix": standard, "standard": standard, "stripe": stripe, "paddle": paddle, "chargebee": chargebee})
}

func TestPythonSDKsAreTheOtherSide(t *testing.T) {
	otherSide(t, askPythonSDKs, map[string]Sender{"python standard": standard, "python stripe": stripe})
}

const otherSecret = "b3RoZXIgc2VjcmV0IG9mIGFub3RoZXI="

func otherSide(t *testing.T, ask func(*testing.T, []question) []sdkAnswer, senders map[string]Sender) {
	t.Helper()
	var questions []question
	for sdk, s := range senders {
		secret := s.NewSecret(strings.TrimPrefix(invented, "whsec_"))
		for _, body := range bodiesOf(t, s.Name) {
			h := http.Header{}
			s.Sign(h, []byte(body), "msg_1", secret, now)
			q := question{SDK: sdk, Secret: secret, ID: "msg_1", Body: body, Headers: map[string]string{}}
			for name := range h {
				q.Headers[strings.ToLower(name)] = h.Get(name)
			}
			for _, ask := range []string{"sign", "take"} {
				q.Ask = ask
				questions = append(questions, q)
			}
			wrong := q
			wrong.Secret, wrong.Refuse = s.NewSecret(otherSecret), true
			questions = append(questions, wrong)
			if s.Name != "chargebee" { // whose proof is of no body
				q.Body, q.Refuse = changed(body), true
				questions = append(questions, q)
			}
		}
	}
	for i, a := range ask(t, questions) {
		q := questions[i]
		switch {
		case q.Refuse:
			if a.Error == "" {
				t.Errorf("%s takes what another secret signed, or another body: %s", q.SDK, a.Answer)
			}
		case a.Error != "":
			t.Errorf("%s, %s: %s", q.SDK, q.Ask, a.Error)
		case q.Ask == "take":
			if kind := string(a.Answer); strings.Contains(kind, "unhandled") || len(kind) < 5 {
				t.Errorf("%s takes it as %s", q.SDK, kind)
			}
		default:
			taken(t, senders[q.SDK], q, a)
		}
	}
}

// changed is a body of which one letter is another: JSON still, and of one length.
func changed(body string) string { return strings.Replace(body, "a", "b", 1) }

// taken wants that we take what an SDK signed, and nothing else by the same proof.
func taken(t *testing.T, s Sender, q question, a sdkAnswer) {
	t.Helper()
	var signed map[string]string
	if err := json.Unmarshal(a.Answer, &signed); err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	for name, value := range signed {
		h.Set(name, value)
	}
	if err := s.Verify(h, []byte(q.Body), []string{q.Secret}, now); err != nil {
		t.Errorf("%s signs %v: %v", q.SDK, signed, err)
	}
	if err := s.Verify(h, []byte(q.Body), []string{s.NewSecret(otherSecret)}, now); err != error(ErrUnauthorized) {
		t.Errorf("%s signs, and another secret proves it: %v", q.SDK, err)
	}
	if err := s.Verify(h, []byte(changed(q.Body)), []string{q.Secret}, now); (err == nil) != (s.Name == "chargebee") {
		t.Errorf("%s signs, and a changed body is judged %v", q.SDK, err)
	}
	if b, err := s.Read(h, []byte(q.Body), "", now); err != nil || b.ID == "" {
		t.Errorf("%s signs, and it is read as %+v, %v", q.SDK, b, err)
	}
}

// Of all types that the SDKs know, those are read that may touch seats, a schedule, an invoice, a payment
// or a dispute.
func TestSDKsKnowNoTypeThatIsMissed(t *testing.T) {
	answers := askSDKs(t, []question{{Ask: "types", SDK: "paddle"}, {Ask: "types", SDK: "chargebee"}})
	var paddles, bees []string
	for i, into := range []*[]string{&paddles, &bees} {
		if err := json.Unmarshal(answers[i].Answer, into); err != nil {
			t.Fatalf("%v in %s", err, answers[i].Error)
		}
	}
	used := 0
	for _, kind := range paddles {
		entity, _, _ := strings.Cut(kind, ".")
		want := slices.Contains([]string{"subscription", "transaction", "adjustment"}, entity)
		if (paddleReader(kind) != nil) != want {
			t.Errorf("Paddle's %s: used %v", kind, !want)
		}
		used++
	}
	if used < 40 || len(bees) < 200 {
		t.Errorf("%d and %d types", used, len(bees))
	}
	declared, err := os.ReadFile(filepath.Join(npm.Modules(t, "stripe", sdks["stripe"]), "stripe/cjs/resources/WebhookEndpoints.d.ts"))
	if err != nil {
		t.Fatal(err)
	}
	_, enum, _ := strings.Cut(string(declared), "type EnabledEvent =")
	enum, _, _ = strings.Cut(enum, ";")
	kinds := strings.Split(enum, "|")
	// What is to come, what was never finalized, and what the charge tells.
	unused := []string{"customer.subscription.trial_will_end", "invoice.upcoming", "invoice.deleted", "invoice.finalization_failed", "refund.created"}
	for _, kind := range kinds {
		kind = strings.Trim(kind, " '\n")
		touches := begins(kind, []string{"customer.subscription.", "subscription_schedule.", "invoice.", "invoice_payment.", "charge.refund", "charge.dispute.", "refund.", "credit_note."})
		if (stripeReader(kind) != nil) != (touches && !slices.Contains(unused, kind)) {
			t.Errorf("Stripe's %s: touches what we read: %v", kind, touches)
		}
	}
	if len(kinds) < 200 {
		t.Errorf("%d types of Stripe's", len(kinds))
	}
	// These have such a word in their names, and tell of other things.
	other := []string{"attached_item", "omnichannel_", "unbilled_charges_", "usage_", "quote_", "gift_", "hierarchy_", "virtual_bank_account_", "voucher_", "promotional_", "alert_", "rule_", "item_", "customer_payment"}
	for _, kind := range bees {
		touches := slices.ContainsFunc([]string{"subscription", "invoice", "payment", "credit_note", "transaction", "dunning", "refund", "ramp"}, func(w string) bool { return strings.Contains(kind, w) })
		if touches && !begins(kind, chargebeeTypes) && !begins(kind, other) {
			t.Errorf("Chargebee's %s is not read", kind)
		}
	}
}
