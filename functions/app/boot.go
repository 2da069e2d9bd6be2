package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/superoffice"
	"seatmend/shared/version"
)

// Main runs one function on AWS. It is the only code that reads the environment and the clock.
func Main(function string, routes []Route, with ...func(*App) error) {
	if version.Asked(os.Args[1:]) {
		fmt.Println(version.String())
		return
	}
	app, err := boot(context.Background())
	if err != nil {
		slog.Error("boot", "function", function, "error", err.Error())
		os.Exit(1)
	}
	for _, w := range with {
		if err := w(app); err != nil {
			slog.Error("boot", "function", function, "error", err.Error())
			os.Exit(1)
		}
	}
	switch function {
	case "deliver":
		lambda.Start(app.DeliverStream)
	case "sweep":
		lambda.Start(app.Sweep)
	case "bounce":
		lambda.Start(app.MailCameBack)
	default:
		lambda.Start(Lambda(app.Handler(function, routes)))
	}
}

// sideBySide is how many accounts a function delivers at a time: they wait for mail servers and for
// SuperOffice most of it.
const sideBySide = 16

// boot makes an App of the environment.
func boot(ctx context.Context) (*App, error) {
	conf, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	out, err := secretsmanager.NewFromConfig(conf).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(os.Getenv("SEATMEND_SECRETS_ARN"))})
	if err != nil {
		return nil, fmt.Errorf("SEATMEND_SECRETS_ARN: %w", err)
	}
	secrets, err := ReadSecrets([]byte(aws.ToString(out.SecretString)))
	if err != nil {
		return nil, err
	}
	log := slog.New(lambdacontext.NewLogHandler())
	if padded := PaddedSecrets([]byte(aws.ToString(out.SecretString))); len(padded) > 0 {
		log.Warn("secrets", "entries", padded, "note", "white space at their ends does not count")
	}
	operator, err := ReadOperator([]byte(os.Getenv("SEATMEND_OPERATOR")))
	if err != nil {
		return nil, err
	}
	db := &dynamo.Store{Client: dynamodb.NewFromConfig(conf), Table: os.Getenv("SEATMEND_TABLE"), Now: time.Now}
	app, err := NewApp(db, secrets, operator, os.Getenv("SEATMEND_BASE_URL"), time.Now, log)
	if err != nil {
		return nil, err
	}
	app.Gateway = true
	app.Engine.Hands = sideBySide
	app.conf = conf
	return app, nil
}

// Outside lets a function reach outside: SuperOffice, mail, and the bus of events. Who only takes
// facts in has no need of it.
func Outside(a *App) error {
	client, err := a.Secrets.CRM(cmp.Or(os.Getenv("SEATMEND_CRM"), OnlineCRM), &http.Client{Timeout: 20 * time.Second}, a.Now)
	if err != nil {
		return fmt.Errorf("SEATMEND_CRM: %w", err)
	}
	a.Publish = effects.EventBridge(eventbridge.NewFromConfig(a.conf), os.Getenv("SEATMEND_EVENT_BUS"))
	a.Connect(client, effects.SES(sesv2.NewFromConfig(a.conf)))
	return nil
}

// NewApp fills an App whose engine has everything but the executors that reach outside.
func NewApp(db store.Store, secrets Secrets, operator Operator, baseURL string, now func() time.Time, log *slog.Logger) (*App, error) {
	keys, err := secrets.Keys()
	if err != nil {
		return nil, err
	}
	db = store.With(db, operator.Rules())
	e := &engine.Engine{Store: db, Now: now, Unique: rand.Text, Log: log, Do: map[licence.Kind]engine.Executor{}}
	e.Do[licence.Incident], e.Do[licence.AskPayer] = e.Incident, e.Ask
	return &App{Engine: e, Store: db, Secrets: secrets, Operator: operator, Links: keys, BaseURL: baseURL, Now: now, Log: log}, nil
}

// Connect gives the engine its executors: reading SuperOffice, activating there, and mail. No
// send: mail lies in the inbox alone.
func (a *App) Connect(client *superoffice.Client, send effects.Sender) {
	send = effects.Discreet(effects.Punycode(send))
	a.Send = send
	a.Engine.Do[licence.Read] = effects.Reader{Client: client, Now: a.Now}.Read
	a.Engine.Do[licence.Activate] = effects.Activator{Client: client, Now: a.Now, Store: a.Store}.Activate
	a.Engine.Do[licence.Mail] = effects.Mailer{
		Store: a.Store, Links: a.Links, BaseURL: a.BaseURL, Operator: a.Operator.Words(), Send: send, Now: a.Now,
		Fleet: a.Engine.Operations, PerHour: a.Operator.FirstMailsPerHour,
	}.Mail
	a.Engine.Do[licence.TaskSent] = effects.Tasker{
		Store: a.Store, Operator: a.Operator.Words(), Desks: a.Operator.Desks, BaseURL: a.BaseURL, Send: send, Publish: a.Publish, Now: a.Now,
	}.Task
}
