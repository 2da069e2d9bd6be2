package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/functions/app"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

const (
	warmEvents = 400     // that are measured, of each
	firstFew   = 100     // that warm up, and are not
	crowd      = 100_000 // rows of others in a large table
)

// warm measures how long a warm function takes from an invocation to its answer, for a signed webhook that
// is stored, in turn with the peer: a function on Node with Powertools, on the same database. It needs npm.
func warm(ctx context.Context, out io.Writer) error {
	_, err := warmRatios(ctx, out)
	return err
}

// warmRatios prints what warm measures, and gives by how much the medians differ, of each table.
func warmRatios(ctx context.Context, out io.Writer) (ratios []float64, err error) {
	dir, err := os.MkdirTemp("", "seatmend-warm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ours, bundle := filepath.Join(dir, "userchange"), filepath.Join(dir, "peer.mjs")
	if err := errors.Join(
		run(ctx, "", "go", "build", "-trimpath", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags=-s -w", "-o", ours, "./functions/userchange"),
		copyFiles(filepath.Join("infra", "cost", "peer"), dir),
		run(ctx, dir, "npm", "install", "--silent", "--no-fund", "--no-audit"),
		run(ctx, dir, filepath.Join("node_modules", ".bin", "esbuild"), "peer.mjs", "--bundle", "--minify", "--platform=node", "--format=esm", "--target=node20",
			"--banner:js=import{createRequire}from'module';const require=createRequire(import.meta.url);", "--outfile="+bundle, "--allow-overwrite", "--log-level=error"),
	); err != nil {
		return nil, err
	}
	client, stop, err := storetest.Start()
	if err != nil {
		return nil, err
	}
	defer stop()
	fmt.Fprintf(out, "| table | ours, ms: median, 95 of 100 | Node with Powertools | ratio |\n|---|---|---|---|\n")
	for _, rows := range []int{0, crowd} {
		us, err := startWarm(ctx, client, fmt.Sprint("ours", rows), rows, ours)
		if err != nil {
			return nil, err
		}
		peer, err := startWarm(ctx, client, fmt.Sprint("peer", rows), rows, "node", bundle)
		if err == nil {
			var r float64
			r, err = compare(ctx, out, rows, us, peer)
			ratios = append(ratios, r)
		}
		us.stop()
		peer.stop()
		if err != nil {
			return nil, err
		}
	}
	return ratios, nil
}

func run(ctx context.Context, dir, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

func copyFiles(from, to string) error { return os.CopyFS(to, os.DirFS(from)) }

// compare tells each of the two the same news in turn, prints a row, and gives the ratio of the medians.
func compare(ctx context.Context, out io.Writer, rows int, us, peer *runtimeAPI) (float64, error) {
	at := time.Now().Add(-time.Hour)
	known := account(customer(0), at)
	known.path = "/users/standard" // which this function has
	if _, err := us.invoke(ctx, known); err != nil {
		return 0, err
	}
	var took [2][]time.Duration
	for n := range firstFew + warmEvents {
		w := seat(customer(0), n, at.Add(time.Duration(n)*time.Millisecond))
		for i, f := range []*runtimeAPI{us, peer} {
			d, err := f.invoke(ctx, w)
			if err != nil {
				return 0, err
			}
			if n >= firstFew {
				took[i] = append(took[i], d)
			}
		}
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	mid, late := warmEvents/2, warmEvents*95/100
	fmt.Fprintf(out, "| %d rows of others | %.2f, %.2f | %.2f, %.2f | %.2f, %.2f |\n", rows, ms(took[0][mid]), ms(took[0][late]), ms(took[1][mid]), ms(took[1][late]),
		ms(took[0][mid])/ms(took[1][mid]), ms(took[0][late])/ms(took[1][late]))
	return ms(took[0][mid]) / ms(took[1][mid]), nil
}

// A runtimeAPI is what Lambda is to one function: it hands out invocations and takes answers. It plays
// Secrets Manager too.
type runtimeAPI struct {
	program *exec.Cmd
	server  *http.Server
	next    chan []byte
	handed  chan time.Time
	answer  chan answered
	count   atomic.Int64
	said    strings.Builder
}

type answered struct {
	at   time.Time
	body []byte
}

// startWarm starts a function on a table of its own.
func startWarm(ctx context.Context, client *dynamodb.Client, table string, rows int, command ...string) (*runtimeAPI, error) {
	if err := errors.Join(dynamo.CreateTable(ctx, client, table), fill(ctx, client, table, rows)); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &runtimeAPI{next: make(chan []byte), handed: make(chan time.Time, 1), answer: make(chan answered, 1)}
	f.server = &http.Server{Handler: f}
	go f.server.Serve(l)
	operator, err := json.Marshal(app.Invented)
	if err != nil {
		return nil, err
	}
	f.program = exec.CommandContext(ctx, command[0], command[1:]...)
	f.program.Stderr = &f.said
	f.program.Env = []string{
		"PATH=" + os.Getenv("PATH"), "NODE_ENV=production",
		"AWS_LAMBDA_RUNTIME_API=" + l.Addr().String(), "AWS_REGION=eu-north-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y",
		"AWS_ENDPOINT_URL=http://" + l.Addr().String(), "AWS_ENDPOINT_URL_DYNAMODB=" + *client.Options().BaseEndpoint,
		"SEATMEND_TABLE=" + table, "SEATMEND_SECRETS_ARN=s", "SEATMEND_OPERATOR=" + string(operator), "SEATMEND_BASE_URL=https://licens.fjordpartner.example", "SEATMEND_EVENT_BUS=default",
		"PEER_TABLE=" + table, "PEER_SECRET=" + keys()["standard"][0], "AWS_LAMBDA_FUNCTION_NAME=peer",
	}
	return f, f.program.Start()
}

func (f *runtimeAPI) stop() {
	if f == nil {
		return
	}
	f.program.Process.Kill()
	f.program.Wait()
	f.server.Close()
}

func (f *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/next"):
		select {
		case event := <-f.next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint("r", f.count.Add(1)))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-north-1:123456789012:function:f")
			w.Header().Set("Content-Type", "application/json")
			f.handed <- time.Now()
			w.Write(event)
		case <-r.Context().Done():
		}
	case strings.Contains(r.URL.Path, "/invocation/"):
		body, _ := io.ReadAll(r.Body)
		f.answer <- answered{time.Now(), body}
		w.WriteHeader(http.StatusAccepted)
	default:
		text, _ := json.Marshal(keys())
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		json.NewEncoder(w).Encode(map[string]string{"SecretString": string(text)})
	}
}

// invoke gives how long the function took, and an error where it did not store what it was told.
func (f *runtimeAPI) invoke(ctx context.Context, w hook) (time.Duration, error) {
	req, err := w.request(ctx, "https://licens.fjordpartner.example", keys(), time.Now())
	if err != nil {
		return 0, err
	}
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: w.path, Headers: map[string]string{}, Body: string(w.body)}
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST", Path: w.path, SourceIP: "192.0.2.1"}
	for name := range req.Header {
		e.Headers[strings.ToLower(name)] = req.Header.Get(name)
	}
	event, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	late := time.After(20 * time.Second)
	select {
	case f.next <- event:
	case <-late:
		return 0, fmt.Errorf("%s asks for no invocation: %s", f.program.Path, f.said.String())
	}
	began := <-f.handed
	select {
	case a := <-f.answer:
		if !strings.Contains(string(a.body), `\"outcome\":\"applied\"`) {
			return 0, fmt.Errorf("%s answered %s", f.program.Path, a.body)
		}
		return a.at.Sub(began), nil
	case <-late:
		return 0, fmt.Errorf("%s does not answer: %s", f.program.Path, f.said.String())
	}
}

// fill puts rows of others into a table, a batch each of eight hands.
func fill(ctx context.Context, client *dynamodb.Client, table string, rows int) error {
	const batch, hands = 25, 8
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	put := func(from int) error {
		var left []types.WriteRequest
		for n := from; n < min(from+batch, rows); n++ {
			left = append(left, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk": text(fmt.Sprint("other#", n/100)), "sk": text(fmt.Sprint("row#", n)), "body": text(strings.Repeat("x", 300)),
			}}})
		}
		for len(left) > 0 {
			out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: left}})
			if err != nil {
				return err
			}
			left = out.UnprocessedItems[table]
		}
		return nil
	}
	failed := make([]error, hands)
	var all sync.WaitGroup
	for h := range hands {
		all.Go(func() {
			for from := h * batch; from < rows && failed[h] == nil; from += hands * batch {
				failed[h] = put(from)
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}
