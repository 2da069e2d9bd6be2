// Package aws makes a signed call to a service of AWS of which one operation is all that is used:
// the SDK's module for each carries tables of its endpoints and of all its shapes, which every
// start of a function would fill. The store, which uses much of DynamoDB, has the SDK's.
package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Client calls services in one region.
type Client struct {
	Region      string
	Credentials sdk.CredentialsProvider
	// Endpoint is where a service is that is not at its usual address, by its name in the variables
	// AWS_ENDPOINT_URL_...; "" and nil: it is.
	Endpoint func(service string) string
	HTTP     *http.Client
	Now      func() time.Time
}

// A Service is how AWS names one: in addresses, in signatures, and in the variables of endpoints.
type Service struct{ Host, Signing, Variable string }

// The services that are called this way.
var (
	SecretsManager = Service{"secretsmanager", "secretsmanager", "SECRETS_MANAGER"}
	EventBridge    = Service{"events", "events", "EVENTBRIDGE"}
	S3             = Service{"s3", "s3", "S3"}
	SES            = Service{"email", "ses", "SESV2"}
)

// A Request is one call: of an operation by its target, or by its path.
type Request struct {
	Service      Service
	Target, Path string
	Body         any
	Tries        int // how often it may be made; 0: once
}

// An Error is what a service answered instead: it has not done what was asked where the status is 4xx.
type Error struct {
	Status        int
	Code, Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// ErrUnsent is a call that was never made.
var ErrUnsent = errors.New("aws: not sent")

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 1 << 20

// Call makes a request and reads the answer. One that failed for a reason that passes is made
// again, where it may be.
func (c *Client) Call(ctx context.Context, r Request, into any) error {
	body, err := json.Marshal(r.Body)
	if err != nil {
		return errors.Join(ErrUnsent, err)
	}
	return c.again(ctx, r.Tries, func() error {
		q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at(r.Service)+"/"+r.Path, bytes.NewReader(body))
		if err != nil {
			return errors.Join(ErrUnsent, err)
		}
		q.Header.Set("Content-Type", "application/json")
		if r.Target != "" {
			q.Header.Set("Content-Type", "application/x-amz-json-1.1")
			q.Header.Set("X-Amz-Target", r.Target)
		}
		answer, err := c.once(ctx, q, r.Service, body)
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, into)
	})
}

// Object is the beginning of an object that lies in a bucket: mostAnswer bytes at most.
func (c *Client) Object(ctx context.Context, bucket, key string) (object []byte, err error) {
	at := c.at(S3) + "/" + bucket
	if c.Endpoint == nil || c.Endpoint(S3.Variable) == "" {
		at = "https://" + bucket + "." + S3.Host + "." + c.Region + "." + suffix(c.Region)
	}
	err = c.again(ctx, 3, func() error {
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/"+url.PathEscape(key), nil)
		if err != nil {
			return errors.Join(ErrUnsent, err)
		}
		q.Header.Set("Range", fmt.Sprintf("bytes=0-%d", mostAnswer-1))
		object, err = c.once(ctx, q, S3, nil)
		return err
	})
	return object, err
}

// again makes a call that failed for a reason that passes once more, after a pause, so many times in all.
func (c *Client) again(ctx context.Context, tries int, call func() error) error {
	for try := 1; ; try++ {
		err := call()
		said, answered := errors.AsType[*Error](err)
		passes := !answered || said.Status >= 500 || said.Status == http.StatusTooManyRequests || strings.Contains(said.Code, "Throttl")
		if err == nil || !passes || try >= tries || errors.Is(err, ErrUnsent) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(try*try) * 100 * time.Millisecond):
		}
	}
}

// at is where a service answers.
func (c *Client) at(s Service) string {
	at := ""
	if c.Endpoint != nil {
		at = c.Endpoint(s.Variable)
	}
	at = cmp.Or(at, "https://"+s.Host+"."+c.Region+"."+suffix(c.Region))
	return strings.TrimSuffix(at, "/")
}

// once signs a request and reads what is answered.
func (c *Client) once(ctx context.Context, q *http.Request, to Service, body []byte) ([]byte, error) {
	who, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, errors.Join(ErrUnsent, err)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if to == S3 { // which alone asks for the header, and takes a path as it is
		q.Header.Set("X-Amz-Content-Sha256", hash)
	}
	as := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = to == S3 }
	if err := v4.NewSigner().SignHTTP(ctx, who, q, hash, to.Signing, c.Region, c.Now(), as); err != nil {
		return nil, errors.Join(ErrUnsent, err)
	}
	answer, err := c.HTTP.Do(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if answer.StatusCode >= 300 {
		return nil, errorOf(answer, b)
	}
	return b, err
}

// errorOf is an answer that says no, as the two protocols write it.
func errorOf(answer *http.Response, body []byte) *Error {
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Capital string `json:"Message"`
	}
	_ = json.Unmarshal(body, &said) // one that cannot be read has its status
	code := answer.Header.Get("X-Amzn-ErrorType")
	code = cmp.Or(code, said.Type)
	code, _, _ = strings.Cut(code[strings.LastIndexByte(code, '#')+1:], ":")
	said.Message = cmp.Or(said.Message, said.Capital)
	return &Error{answer.StatusCode, code, said.Message}
}

// suffix is the domain of the services in a region.
func suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Secret is the text of a secret.
func (c *Client) Secret(ctx context.Context, arn string) ([]byte, error) {
	var out struct{ SecretString string }
	in := struct{ SecretId string }{arn}
	err := c.Call(ctx, Request{Service: SecretsManager, Target: "secretsmanager.GetSecretValue", Body: in, Tries: 3}, &out)
	return []byte(out.SecretString), err
}
