package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"seatmend/functions/app"
	"seatmend/functions/outside"
	"seatmend/shared/webhook"
)

// A choice is what the operator decides before the first deployment.
type choice struct {
	name, domain, certificate, operator, identity, topic, out string
	set                                                       []string // other parameters of the template
	secrets                                                   string   // a file, for check
	inbound                                                   string   // the bare address of answers; "": they go to reply_to
	full                                                      string   // how full the secret is
}

func (c *choice) flags(f *flag.FlagSet) {
	f.StringVar(&c.name, "name", "seatmend", "of the stack; the secret is NAME/secrets, the settings /NAME/operator")
	f.StringVar(&c.domain, "domain", "", "host that links in mails lead to, such as licens.fjordpartner.example")
	f.StringVar(&c.certificate, "certificate", "", "ARN of its certificate in ACM, same region: the API then answers under that name; empty if something else stands in front")
	f.StringVar(&c.operator, "operator", "operator.json", "file of the operator's settings")
	f.StringVar(&c.identity, "identity", "", "SES identity that mail is sent from; empty: the domain of \"from\"")
	f.StringVar(&c.topic, "alarms", "", "ARN of the SNS topic that alarms go to")
	f.StringVar(&c.secrets, "secrets", "", "file of secrets to check, and to begin with")
	f.Func("set", "another parameter of the template, such as Rollout=Canary10Percent5Minutes, or AlarmTopicArn= to take back what was set; may be repeated", func(v string) error {
		if !setting.MatchString(v) {
			return errors.New("write Name=value, without blanks, quotes and braces")
		}
		c.set = append(c.set, v)
		return nil
	})
	f.StringVar(&c.out, "out", "samconfig.seatmend.toml", "file that sam deploy reads")
}

const (
	// mostSettings is how many bytes of settings leave room for the other variables of a function.
	mostSettings = 3000
	// mostSecrets is how many bytes Secrets Manager keeps in one secret.
	mostSecrets = 65536
	// reserved is how many calls at a time the template keeps for functions of its own, and unreserved
	// how many Lambda wants left for all others.
	reserved, unreserved = 67, 100
)

var (
	host    = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	setting = regexp.MustCompile(`^[A-Z][A-Za-z]+=[^\s"'{}\\]*$`)
	names   = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]{0,40}$`)
	address = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$`) // what IAM can compare, and a template's pattern takes
)

// judge checks everything that can be checked without an account, and names every fault at once.
// from is the bare address that mail comes from.
func (c *choice) judge() (settings []byte, from string, err error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !names.MatchString(c.name) {
		fault("-name: %q is no name of a stack: letters, digits and hyphens, a letter first", c.name)
	}
	if c.domain != "" && !host.MatchString(c.domain) {
		fault("-domain: %q is no host such as licens.fjordpartner.example (no https://, no slash)", c.domain)
	}
	text, err := os.ReadFile(c.operator)
	if err != nil {
		fault("-operator: %w", err)
	} else {
		operator, err := app.ReadOperator(text)
		if err != nil {
			faults = append(faults, err)
		}
		if settings, err = compact(text); err == nil && len(settings) > mostSettings {
			fault("operator's settings: %d bytes, and Lambda has room for %d: name fewer people or days", len(settings), mostSettings)
		}
		if c.inbound = app.Bare(operator.Inbound); c.inbound != "" && !address.MatchString(c.inbound) {
			fault("operator's settings: inbound: SES takes %q in ASCII only; write a domain beyond ASCII as xn--...", c.inbound)
		}
		if c.inbound != "" && domainOf(c.inbound) == domainOf(app.Bare(operator.ReplyTo)) {
			fault("operator's settings: inbound: a domain's mail goes to one place, and %s is where reply_to is read: take one below it, such as svar.%[1]s", domainOf(c.inbound))
		}
		if parsed, err := mail.ParseAddress(operator.From); err == nil {
			from = parsed.Address
			if !address.MatchString(from) {
				fault("operator's settings: from: SES and IAM take %q in ASCII only; write a domain beyond ASCII as xn--...", from)
			}
			domain := domainOf(from)
			if c.identity == "" {
				c.identity = domain
			}
			if c.identity != domain && c.identity != from {
				fault("-identity: mail comes from %s, which the identity %q does not cover", from, c.identity)
			}
		}
	}
	if c.secrets != "" {
		if text, err := os.ReadFile(c.secrets); err != nil {
			fault("-secrets: %w", err)
		} else if _, c.full, err = readSecrets(text); err != nil {
			faults = append(faults, err)
		}
	}
	for _, v := range c.set {
		if login, ok := strings.CutPrefix(v, "Crm="); ok {
			if err := outside.LoginHost(login); err != nil {
				fault("-set %s: %w", v, err)
			}
		}
	}
	return settings, from, errors.Join(faults...)
}

// readSecrets reads them as the function does that looks at most of them, and says how full the secret is.
func readSecrets(text []byte) (secrets app.Secrets, full string, err error) {
	secrets, err = outside.ReadSecrets(text)
	full = fmt.Sprintf("%d bytes, %d percent of what one secret holds", len(text), len(text)*100/mostSecrets)
	if len(text) > mostSecrets {
		err = errors.Join(err, fmt.Errorf("secrets: %s: write them without blanks (jq -c), and take out the lines of customers who left; more tenants in crm_system want a second deployment", full))
	}
	return secrets, full, err
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func compact(text []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func check(_ context.Context, f *flag.FlagSet, args []string, out io.Writer) (int, error) {
	var c choice
	c.flags(f)
	if err := f.Parse(args); err != nil {
		return 2, err
	}
	if _, _, err := c.judge(); err != nil {
		return 2, err
	}
	fmt.Fprintln(out, "the settings are sound")
	if c.full != "" {
		fmt.Fprintf(out, "so are the secrets: %s\n", c.full)
	}
	return 0, nil
}

func prepare(ctx context.Context, f *flag.FlagSet, args []string, out io.Writer) (int, error) {
	var c choice
	c.flags(f)
	if err := f.Parse(args); err != nil {
		return 2, err
	}
	settings, from, err := c.judge()
	if err != nil {
		return 2, err // nothing was called
	}
	if c.domain == "" {
		return 2, errors.New("-domain is needed: links in mails lead there for months")
	}
	conf, err := environment(ctx)
	if err != nil {
		return 2, err
	}
	arn, made, err := c.secret(ctx, conf)
	if err != nil {
		return 1, fmt.Errorf("the secret %s/secrets: %w", c.name, err)
	}
	fmt.Fprintf(out, "secret    %s/secrets %s\n", c.name, map[bool]string{true: "made: the senders' own secrets go in there", false: "is there, and stays as it is: " + c.full}[made])
	err = call(ctx, conf, "ssm", "AmazonSSM.PutParameter", "POST", "/", map[string]any{"Name": "/" + c.name + "/operator", "Value": string(settings), "Type": "String", "Overwrite": true}, nil)
	if err != nil {
		return 1, fmt.Errorf("the settings /%s/operator: %w", c.name, err)
	}
	fmt.Fprintf(out, "settings  /%s/operator, %d bytes\n", c.name, len(settings))
	c.mail(ctx, conf, from, out)
	c.answers(ctx, conf, out)
	if err := os.WriteFile(c.out, []byte(c.samconfig(arn, from, conf.Region, reserve(ctx, conf, out))), 0o644); err != nil {
		return 1, err
	}
	fmt.Fprintf(out, "\nwritten: %s. Now:\n\n  sam build && sam deploy --config-file %s\n", c.out, c.out)
	return 0, nil
}

// secret finds the secret, or makes it: with what is ours to choose filled in, and a place for each
// sender. One that is there is never written.
func (c *choice) secret(ctx context.Context, conf aws.Config) (arn string, made bool, err error) {
	var said struct{ ARN string }
	err = call(ctx, conf, "secretsmanager", "secretsmanager.DescribeSecret", "POST", "/", map[string]any{"SecretId": c.name + "/secrets"}, &said)
	var refused *awsError
	if err == nil {
		return said.ARN, false, c.held(ctx, conf)
	}
	if !errors.As(err, &refused) || refused.Code != "ResourceNotFoundException" {
		return said.ARN, false, err
	}
	text := []byte(nil)
	if c.secrets != "" {
		text, err = os.ReadFile(c.secrets)
	} else {
		text, err = json.MarshalIndent(fresh(), "", " ")
	}
	if err != nil {
		return "", false, err
	}
	err = call(ctx, conf, "secretsmanager", "secretsmanager.CreateSecret", "POST", "/", map[string]any{
		"Name": c.name + "/secrets", "SecretString": string(text), "ClientRequestToken": rand.Text() + rand.Text()[:6], "Description": "Seatmend: lists by sender, of which any verifies and the first signs",
	}, &said)
	return said.ARN, true, err
}

// held looks at the secret that is there: what is wrong with it fails each start of a function.
func (c *choice) held(ctx context.Context, conf aws.Config) error {
	var said struct{ SecretString string }
	err := call(ctx, conf, "secretsmanager", "secretsmanager.GetSecretValue", "POST", "/", map[string]any{"SecretId": c.name + "/secrets"}, &said)
	if err != nil {
		c.full = fmt.Sprintf("it cannot be read here (%v), and was not looked at", err)
		return nil
	}
	_, c.full, err = readSecrets([]byte(said.SecretString))
	return err
}

// fresh are the secrets of a new deployment. An empty list refuses every request of that sender.
func fresh() app.Secrets {
	random := func() string {
		b := make([]byte, 32)
		rand.Read(b)
		return base64.StdEncoding.EncodeToString(b)
	}
	all := app.Secrets{"link": {random()}, "operator": {rand.Text()}, "crm_app": {}, "crm_key": {}, "crm_system": {}, "crm_onsite": {}}
	for _, s := range webhook.Senders {
		for _, list := range s.Lists() {
			all[list] = []string{} // made where it is used
		}
		if s.Mends { // who sends it chooses no secret of its own
			all[s.Name] = []string{s.NewSecret(random())}
		}
	}
	return all
}

// mail says how it stands with SES; that it cannot send yet stops no deployment.
func (c *choice) mail(ctx context.Context, conf aws.Config, from string, out io.Writer) {
	var identity struct{ VerifiedForSendingStatus bool }
	switch err := call(ctx, conf, "email", "", "GET", "/v2/email/identities/"+c.identity, nil, &identity); {
	case err != nil:
		fmt.Fprintf(out, "mail      SES does not know %s: %v\n", c.identity, err)
	case !identity.VerifiedForSendingStatus:
		fmt.Fprintf(out, "mail      %s is not verified yet: put its DKIM records into DNS\n", c.identity)
	default:
		fmt.Fprintf(out, "mail      from %s, by the verified identity %s\n", from, c.identity)
	}
	var account struct{ ProductionAccessEnabled bool }
	if err := call(ctx, conf, "email", "", "GET", "/v2/email/account", nil, &account); err == nil && !account.ProductionAccessEnabled {
		fmt.Fprintln(out, "mail      SES is in its sandbox: it mails verified addresses only (infra/OPERATING.md)")
	}
}

// answers says what SES needs so that mail for inbound reaches it.
func (c *choice) answers(ctx context.Context, conf aws.Config, out io.Writer) {
	if c.inbound == "" {
		return
	}
	domain := domainOf(c.inbound)
	var identity struct{ VerifiedForSendingStatus bool }
	if err := call(ctx, conf, "email", "", "GET", "/v2/email/identities/"+domain, nil, &identity); err != nil || !identity.VerifiedForSendingStatus {
		fmt.Fprintf(out, "answers   %s is no verified identity yet: SES takes no mail for it\n", domain)
	}
	fmt.Fprintf(out, "answers   DNS: %s MX 10 inbound-smtp.%s.amazonaws.com, and no other MX: all mail for that domain goes there\n", domain, conf.Region)
	if slices.ContainsFunc(c.set, func(v string) bool { return strings.HasPrefix(v, "InboundRuleSet=") }) {
		return
	}
	fmt.Fprintf(out, "answers   after the deployment: aws ses set-active-receipt-rule-set --rule-set-name %s-mail\n", c.name)
}

// reserve is what the parameter Reserve is to be: "" leaves it as it is, where the quota cannot be read, or
// is just so large that the room may be ours already.
func reserve(ctx context.Context, conf aws.Config, out io.Writer) string {
	var v struct {
		AccountLimit struct{ ConcurrentExecutions, UnreservedConcurrentExecutions int }
	}
	if err := call(ctx, conf, "lambda", "", "GET", "/2016-08-19/account-settings/", nil, &v); err != nil {
		fmt.Fprintf(out, "lambda    its quota cannot be read (%v): what is reserved stays so\n", err)
		return ""
	}
	choice, says := "", "what is reserved stays so"
	switch left := v.AccountLimit.UnreservedConcurrentExecutions; {
	case left >= reserved+unreserved:
		choice, says = "true", "room is reserved for delivery and sweep"
	case left < unreserved:
		choice, says = "false", "too few to reserve any; ask for 1,000 (Service Quotas) and prepare again"
	}
	fmt.Fprintf(out, "lambda    %d at a time, %d not reserved: %s\n", v.AccountLimit.ConcurrentExecutions, v.AccountLimit.UnreservedConcurrentExecutions, says)
	return choice
}

// samconfig is what sam deploy reads. None of its values has a brace, a blank or a quote within. A parameter
// that is not named stays as it was deployed: one that is to have no value is named with two quotes.
func (c *choice) samconfig(arn, from, region, reserved string) string {
	values := []string{
		"SecretsArn=" + arn, "Operator=/" + c.name + "/operator", "BaseUrl=https://" + c.domain, "MailIdentity=" + c.identity, "MailFrom=" + from, "Inbound=" + c.inbound,
	}
	if reserved != "" {
		values = append(values, "Reserve="+reserved)
	}
	if c.certificate != "" {
		values = append(values, "CertificateArn="+c.certificate)
	}
	if c.topic != "" {
		values = append(values, "AlarmTopicArn="+c.topic)
	}
	for _, v := range c.set {
		name, _, _ := strings.Cut(v, "=")
		values = slices.DeleteFunc(values, func(other string) bool { return strings.HasPrefix(other, name+"=") })
		values = append(values, v)
	}
	var list strings.Builder
	for _, v := range values {
		if strings.HasSuffix(v, "=") {
			v += `""`
		}
		fmt.Fprintf(&list, "  %q,\n", v)
	}
	return fmt.Sprintf(`version = 0.1
# Written by: go run ./infra/deploy prepare

[default.deploy.parameters]
stack_name = %q
region = %q
capabilities = "CAPABILITY_IAM"
resolve_s3 = true
confirm_changeset = false
fail_on_empty_changeset = false
parameter_overrides = [
%s]
`, c.name, region, list.String())
}
