package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// An awsError is what a service said when it refused.
type awsError struct {
	Status int
	Code   string
	Said   string
}

func (e *awsError) Error() string { return fmt.Sprintf("%s (%d): %s", e.Code, e.Status, e.Said) }

// environment is who we are on AWS, and where.
func environment(ctx context.Context) (aws.Config, error) {
	conf, err := config.LoadDefaultConfig(ctx)
	if err == nil && conf.Region == "" {
		err = fmt.Errorf("no region: set AWS_REGION, such as eu-north-1")
	}
	return conf, err
}

// call makes one signed call of a service that speaks JSON: an operation by its target, or a path.
func call(ctx context.Context, conf aws.Config, service, target, method, path string, in, out any) error {
	at := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(service))
	if at == "" {
		at = "https://" + service + "." + conf.Region + ".amazonaws.com"
	}
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, at+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	name := map[string]string{"email": "ses"}[service]
	if name == "" {
		name = service
	}
	if err := sign(ctx, conf, r, body, name); err != nil {
		return err
	}
	status, text, err := do(r)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		var fault struct {
			Type    string `json:"__type"`
			Message string
		}
		_ = json.Unmarshal(text, &fault)
		code := fault.Type[strings.LastIndexByte(fault.Type, '#')+1:]
		return &awsError{status, code, fault.Message}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// sign signs a request by SigV4.
func sign(ctx context.Context, conf aws.Config, r *http.Request, body []byte, service string) error {
	who, err := conf.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("no credentials of AWS: %w", err)
	}
	sum := sha256.Sum256(body)
	return signer.NewSigner().SignHTTP(ctx, who, r, hex.EncodeToString(sum[:]), service, conf.Region, time.Now())
}

func do(r *http.Request) (int, []byte, error) {
	client := &http.Client{Timeout: 40 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(io.LimitReader(a.Body, 1<<21))
	return a.StatusCode, text, err
}
