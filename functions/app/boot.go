package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/aws"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/version"
)

// Main runs one function on AWS. It is the only code that reads the environment and the clock.
func Main(function string, routes []Route, with ...func(*App) error) {
	if version.Asked(os.Args[1:]) {
		fmt.Println(version.String())
		return
	}
	log := slog.New(lambdacontext.NewLogHandler())
	app, err := boot(log)
	for _, w := range with {
		if err == nil {
			err = w(app)
		}
	}
	if err != nil {
		log.Error("boot", "function", function, "error", err.Error())
		os.Exit(1)
	}
	go app.Secrets.early(context.Background())
	lambda.Start(app.serves(function, routes))
}

// serves is what Lambda calls. By HTTP or not, nothing is done before the secrets, and with them what
// there is to read at billing systems, are read.
func (a *App) serves(function string, routes []Route) any {
	if a.hears == nil {
		return Lambda(a.ready(a.Handler(function, routes)))
	}
	return heard{a.Secrets, lambda.NewHandler(a.hears)}
}

// A heard function is called otherwise than by HTTP: whoever calls it is told by an error, and calls again.
type heard struct {
	secrets *Safe
	next    lambda.Handler
}

// Invoke does what lambda.Handler says.
func (h heard) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if err := h.secrets.Ready(ctx); err != nil {
		return nil, err
	}
	return h.next.Invoke(ctx, payload)
}

// sideBySide is how many accounts a function delivers at a time: they wait for mail servers and for
// SuperOffice most of it.
const sideBySide = 16

// boot makes an App of the environment, as Lambda gives it: region, credentials, and where services
// are that are elsewhere. It calls nobody.
func boot(log *slog.Logger) (*App, error) {
	operator, err := ReadOperator([]byte(os.Getenv("SEATMEND_OPERATOR")))
	if err != nil {
		return nil, err
	}
	if at := os.Getenv("SEATMEND_INBOUND"); at == "" || Bare(operator.Inbound) != at {
		operator.Inbound = "" // SES takes no mail for it: answers go to ReplyTo, where somebody reads them
	}
	region := os.Getenv("AWS_REGION")
	if region == "" {
		return nil, errors.New("AWS_REGION is not set: Lambda does that")
	}
	who := sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
		c := sdk.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment"}
		if !c.HasKeys() {
			return c, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: Lambda does that")
		}
		return c, nil
	})
	services := &aws.Client{Region: region, Credentials: who, Endpoint: endpoint, HTTP: http.DefaultClient, Now: time.Now}
	safe := &Safe{Read: ReadSecrets, now: time.Now, log: log, fetch: func(ctx context.Context) ([]byte, error) {
		return services.Secret(ctx, os.Getenv("SEATMEND_SECRETS_ARN"))
	}}
	db := &dynamo.Store{Client: dynamodb.New(dynamoOptions(region, who)), Table: os.Getenv("SEATMEND_TABLE"), Now: time.Now}
	app := newApp(db, safe, operator, os.Getenv("SEATMEND_BASE_URL"), time.Now, log)
	app.Gateway = true
	app.Engine.Hands = sideBySide
	app.AWS, app.Environment = services, os.Getenv
	return app, nil
}

// endpoint is where a service is that is not at its usual address, as the SDK reads it.
func endpoint(service string) string {
	if os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true" {
		return ""
	}
	if own := os.Getenv("AWS_ENDPOINT_URL_" + service); own != "" {
		return own
	}
	return os.Getenv("AWS_ENDPOINT_URL")
}

func dynamoOptions(region string, who sdk.CredentialsProvider) dynamodb.Options {
	o := dynamodb.Options{Region: region, Credentials: sdk.NewCredentialsCache(who), RetryMode: sdk.RetryMode(os.Getenv("AWS_RETRY_MODE"))}
	if at := endpoint("DYNAMODB"); at != "" {
		o.BaseEndpoint = &at
	}
	o.RetryMaxAttempts, _ = strconv.Atoi(os.Getenv("AWS_MAX_ATTEMPTS")) // 0: as many as the SDK thinks right
	return o
}

// ready serves when the secrets have been read.
func (a *App) ready(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.Secrets.Ready(r.Context()); err != nil {
			a.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// NewApp fills an App whose engine has everything but the executors that reach outside.
func NewApp(db store.Store, secrets Secrets, operator Operator, baseURL string, now func() time.Time, log *slog.Logger) (*App, error) {
	safe, err := hold(secrets)
	if err != nil {
		return nil, err
	}
	return newApp(db, safe, operator, baseURL, now, log), nil
}

func newApp(db store.Store, safe *Safe, operator Operator, baseURL string, now func() time.Time, log *slog.Logger) *App {
	rules := operator.Rules()
	db = store.Settled(db, func() licence.Settings {
		now := rules
		now.Reads = safe.Held().Reads
		return now
	})
	e := &engine.Engine{Store: db, Now: now, Unique: rand.Text, Log: log, Do: map[licence.Kind]engine.Executor{}}
	e.Reads = func() []string { return safe.Held().Reads }
	e.Do[licence.Incident], e.Do[licence.AskPayer] = e.Incident, e.Ask
	return &App{Engine: e, Store: db, Secrets: safe, Operator: operator, BaseURL: baseURL, Now: now, Sleep: Sleep, Log: log}
}
