package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Lambda serves h behind an API Gateway HTTP API (payload format 2.0). What h sees is what it would
// see from net/http, the body to the byte, since signatures are over it.
func Lambda(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r, err := request(e)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		a := answer{header: http.Header{}}
		h.ServeHTTP(&a, r.WithContext(ctx))
		out := a.response()
		if r.Method == http.MethodHead {
			out.Body, out.IsBase64Encoded = "", false
		}
		return out, nil
	}
}

func request(e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, fmt.Errorf("body of the gateway's event: %w", err)
		}
	}
	r := &http.Request{
		Method:        e.RequestContext.HTTP.Method,
		URL:           address(e.RouteKey, withoutStage(e), e.RawQueryString),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{},
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
		Host:          e.RequestContext.DomainName,
		RemoteAddr:    net.JoinHostPort(e.RequestContext.HTTP.SourceIP, "0"),
	}
	r.RequestURI = r.URL.RequestURI()
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	// The names come in lower case, and the values of a repeated header as one, joined by commas.
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host") // as net/http does
	}
	return r, nil
}

// withoutStage is the path below the stage: of one that has a name, an HTTP API hands it over in
// front of the path, where it stands in the address.
func withoutStage(e events.APIGatewayV2HTTPRequest) string {
	rest, ok := strings.CutPrefix(e.RawPath, "/"+e.RequestContext.Stage)
	if !ok || e.RequestContext.Stage == "" || rest != "" && rest[0] != '/' {
		return e.RawPath
	}
	if _, pattern, named := strings.Cut(e.RouteKey, " "); named {
		if _, own := along(pattern, e.RawPath); own {
			return e.RawPath // a route that begins as the stage is called
		}
	}
	return cmp.Or(rest, "/")
}

// address is the path that the client asked for, decoded once, as net/http does. An HTTP API hands
// over a path that is decoded already, in which a blank, a percent sign or a question mark may
// stand, and names the route that it found; Function URLs ("$default") and tools leave it escaped.
func address(routeKey, path, query string) *url.URL {
	u := &url.URL{Path: path, RawQuery: query}
	if _, pattern, ok := strings.Cut(routeKey, " "); ok {
		if escaped, ok := along(pattern, path); ok {
			u.RawPath = escaped
			u.Path, _ = url.PathUnescape(escaped) // escaped just now
		}
		return u
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = decoded, path // a RawPath that is no valid escaping is not used by net/url
	}
	return u
}

var parameter = regexp.MustCompile(`\\\{[a-z_]+(\\\+)?\\\}`)

// along escapes a decoded path along the route that the gateway found: a slash within a parameter
// is part of it, and none that parts two of them. False: the path is not one of the route.
func along(pattern, path string) (string, bool) {
	greedy := []bool{}
	form := parameter.ReplaceAllStringFunc(regexp.QuoteMeta(pattern), func(p string) string {
		greedy = append(greedy, strings.Contains(p, "+"))
		return "(.+?)"
	})
	at := regexp.MustCompile(`(?s)^` + form + `$`).FindStringSubmatchIndex(path)
	if at == nil {
		return "", false
	}
	var b strings.Builder
	done := 0
	for i, all := range greedy {
		from, to := at[2*i+2], at[2*i+3]
		b.WriteString(path[done:from])
		if done = to; !all {
			b.WriteString(url.PathEscape(path[from:to]))
			continue
		}
		for n, segment := range strings.Split(path[from:to], "/") {
			if n > 0 {
				b.WriteByte('/')
			}
			b.WriteString(url.PathEscape(segment))
		}
	}
	b.WriteString(path[done:])
	return b.String(), true
}

// An answer collects what the handler writes. Its headers count as they were when the status was written.
type answer struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 { // what comes before the answer cannot be passed on
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) response() events.APIGatewayV2HTTPResponse {
	a.WriteHeader(http.StatusOK)
	if a.body.Len() > 0 && a.sent.Get("Content-Type") == "" {
		a.sent.Set("Content-Type", http.DetectContentType(a.body.Bytes())) // else the gateway says JSON
	}
	out := events.APIGatewayV2HTTPResponse{
		StatusCode: a.status,
		Headers:    map[string]string{},
		Cookies:    a.sent.Values("Set-Cookie"), // the one header that must not be joined
		Body:       a.body.String(),
	}
	for name, values := range a.sent {
		if name != "Set-Cookie" {
			out.Headers[name] = strings.Join(values, ", ")
		}
	}
	if !utf8.ValidString(out.Body) { // the event is JSON, and would replace what is not UTF-8
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(a.body.Bytes()), true
	}
	return out
}
