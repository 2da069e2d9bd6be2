package lambda

import (
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"
)

// generated are events as `sam local generate-event` of SAM CLI 1.170.0 makes them: request.json of
// "apigateway http-api-proxy", stream.json of "dynamodb update", mail.json of "ses email-receiving", and
// rule.json of "cloudwatch scheduled-event". What a function is called with here is one of them, with other values.
//
//go:embed testdata/*.json
var generated embed.FS

// sample is a generated event.
func sample(name string) (e map[string]any) {
	text, err := generated.ReadFile("testdata/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		panic(err) // it is part of the program
	}
	return e
}

// first is the first record of a generated event.
func first(e map[string]any) map[string]any { return e["Records"].([]any)[0].(map[string]any) }

// set gives a field of a generated event another value. That there is no such field is a mistake of ours:
// AWS would not send it either.
func set(e map[string]any, value any, path ...string) {
	for len(path) > 1 {
		inner, ok := e[path[0]].(map[string]any)
		if !ok {
			panic(fmt.Sprintf("the generated event has no %s", path[0]))
		}
		e, path = inner, path[1:]
	}
	if _, ok := e[path[0]]; !ok {
		panic(fmt.Sprintf("the generated event has no %s", path[0]))
	}
	e[path[0]] = value
}

// requestEvent is a request as an HTTP API of payload format 2.0 writes it down, for the route of a key.
func requestEvent(key string, r *http.Request, body []byte) map[string]any {
	headers, query := map[string]string{"host": r.Host}, map[string]string{}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	for name, values := range r.URL.Query() {
		query[name] = strings.Join(values, ",")
	}
	cookies := []string{}
	for _, c := range r.Cookies() {
		cookies = append(cookies, c.String())
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	e := sample("request")
	for name, value := range map[string]any{
		"routeKey": key, "rawPath": r.URL.Path, "rawQueryString": r.URL.RawQuery, "cookies": cookies, "headers": headers,
		"queryStringParameters": query, "body": base64.StdEncoding.EncodeToString(body), "isBase64Encoded": true,
	} {
		set(e, value, name)
	}
	of := e["requestContext"].(map[string]any)
	for name, value := range map[string]any{"domainName": r.Host, "routeKey": key, "stage": "$default", "timeEpoch": time.Now().UnixMilli()} {
		set(of, value, name)
	}
	for name, value := range map[string]any{"method": r.Method, "path": r.URL.Path, "sourceIp": host, "userAgent": r.UserAgent()} {
		set(of, value, "http", name)
	}
	for _, none := range []string{"authentication", "authorizer"} { // no certificate of the client's, and no JWT
		delete(of, none)
	}
	delete(e, "stageVariables")
	delete(e, "pathParameters") // nobody here reads them
	return e
}

// mailEvent tells of a mail that SES laid down, with its verdicts.
func mailEvent(key, to string, verdicts map[string]any) map[string]any {
	e := sample("mail")
	set(first(e), key, "ses", "mail", "messageId")
	set(first(e), []string{to}, "ses", "mail", "destination")
	set(first(e), []string{to}, "ses", "receipt", "recipients")
	receipt := first(e)["ses"].(map[string]any)["receipt"].(map[string]any)
	for name, verdict := range verdicts { // of DMARC the generated event has none, and SES tells it too
		receipt[name] = verdict
	}
	return e
}

// ruleEvent is one that a rule of EventBridge hands over.
func ruleEvent(source, kind string, detail any) map[string]any {
	e := sample("rule")
	set(e, source, "source")
	set(e, kind, "detail-type")
	set(e, detail, "detail")
	return e
}

// handedOver is a record of the table's stream as an event source mapping hands it over: what the stand-in
// leaves out is as it was generated.
func (s *stream) handedOver(r record) record {
	whole := first(sample("stream"))
	set(whole, s.arn, "eventSourceARN")
	maps.Copy(whole, r)
	return whole
}
