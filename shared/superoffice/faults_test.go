package superoffice_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"seatmend/shared/superoffice"
	"strings"
	"testing"
	"time"
)

// Whatever a fault looks like, each call answers it with an error.
func TestFaultIsNeverANumber(t *testing.T) {
	status := func(code int, header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.Header().Set("Date", "Wed, 04 Nov 2026 09:00:00 GMT")
			w.WriteHeader(code)
			io.WriteString(w, body)
		}
	}
	isFault := func(code int) func(error) bool {
		return func(err error) bool {
			var f *superoffice.Fault
			return errors.As(err, &f) && f.Status == code
		}
	}
	isBusy := func(after time.Duration) func(error) bool {
		return func(err error) bool {
			var b *superoffice.Busy
			return errors.As(err, &b) && b.RetryAfter == after
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	for name, fault := range map[string]struct {
		api  http.HandlerFunc
		want func(error) bool
	}{
		"null":           {says("null"), is(superoffice.ErrNothing)},
		"null with mark": {says("\ufeff null\n"), is(superoffice.ErrNothing)},
		"empty":          {says(""), is(superoffice.ErrNothing)},
		"html":           {says("<!doctype html><title>Login</title>"), is(superoffice.ErrGarbled)},
		"half":           {says(`{"CanBeActivated":true,`), is(superoffice.ErrGarbled)},
		"empty object":   {says(`{}`), func(err error) bool { return err != nil }},
		"array":          {says(`[]`), is(superoffice.ErrGarbled)},
		"message in 200": {says(`{"Message":"The request is invalid.","MessageDetail":"x"}`), isFault(200)},
		"error in 200":   {says(`{"Error":true,"ErrorType":"SoServerException","ErrorMessage":"x"}`), isFault(200)},
		"400":            {status(400, "", "", `{"Message":"The request is invalid."}`), func(err error) bool { return err != nil }},
		"401":            {status(401, "", "", ""), is(superoffice.ErrTicket)},
		"401 is denied":  {status(401, "", "", ""), is(superoffice.ErrDenied)},
		"403":            {status(403, "", "", ""), is(superoffice.ErrDenied)},
		"404":            {status(404, "", "", ""), isFault(404)},
		"421":            {status(421, "", "", ""), is(superoffice.ErrMoved)},
		"429":            {status(429, "Retry-After", "30", ""), isBusy(30 * time.Second)},
		"429 by date":    {status(429, "Retry-After", "Wed, 04 Nov 2026 09:02:00 GMT", ""), isBusy(2 * time.Minute)},
		"429 alone":      {status(429, "", "", ""), isBusy(0)},
		"503 with time":  {status(503, "Retry-After", "5", ""), isBusy(5 * time.Second)},
		"404 restricted": {status(404, "", "", `{"Error":true,"ErrorMessage":"Online Restricted: not available"}`), is(superoffice.ErrDenied)},
		"200 restricted": {says(`{"Message":"The agent is restricted.","MessageDetail":""}`), is(superoffice.ErrDenied)},
		"reset":          {reset, func(err error) bool { return err != nil && !errors.Is(err, superoffice.ErrDenied) }},
		"cut":            {cut, func(err error) bool { return err != nil && !errors.Is(err, superoffice.ErrDenied) }},
		"too long":       {tooLong, is(superoffice.ErrGarbled)},
		"503 html":       {status(503, "", "", "<html>"), isFault(503)},
		"500":            {status(500, "", "", `{"Error":true,"ErrorMessage":"down"}`), isFault(500)},
		"502":            {status(502, "", "", "<html>"), isFault(502)},
	} {
		p := newPlace(t, fault.api)
		c, tenant := p.client(), p.tenant(t)
		_, stored := c.StoredLicence(t.Context(), tenant)
		_, licence := c.Licence(t.Context(), tenant)
		_, _, users := c.Users(t.Context(), tenant, "ten-sales")
		_, requests := c.OpenRequests(t.Context(), tenant, "12")
		_, result := c.Activate(t.Context(), tenant, json.RawMessage(`{}`))
		_, version := c.Version(t.Context(), tenant)
		_, said := c.Status(t.Context(), tenant)
		for call, err := range map[string]error{"Licence": licence, "StoredLicence": stored, "Users": users, "OpenRequests": requests, "Activate": result, "Version": version, "Status": said} {
			if !fault.want(err) {
				t.Errorf("%s: %s: got %v", name, call, err)
			}
		}
	}
}

// reset hangs up without an answer.
func reset(w http.ResponseWriter, r *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// cut hangs up in the middle of one.
func cut(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"Current":{`)
}

func tooLong(w http.ResponseWriter, r *http.Request) {
	line := bytes.Repeat([]byte(" "), 1<<20)
	for range 17 {
		w.Write(line)
	}
}

// A server that repeats what it was sent does not make our errors tell it.
func TestNoErrorTellsASecret(t *testing.T) {
	echo := func(code int, form string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			// Past the place where long texts are cut, too.
			fmt.Fprintf(w, form, strings.Repeat("x", 180)+r.Header.Get("Authorization")+" "+r.Header.Get("SO-AppToken"))
		}
	}
	for name, api := range map[string]http.HandlerFunc{
		"reset": reset, "cut": cut,
		"200 html": echo(200, "<p>%s"), "200 message": echo(200, `{"Message":"%s"}`), "200 other": echo(200, `{"Odd":"%s"}`),
		"200 values": echo(200, `{"value":[{"associateDbId":"%[1]s","ticketId":"%[1]s","associate.associate_id":"%[1]s"}],"NetServerVersion":12}`),
		"200 date":   echo(200, `{"Current":{"ExpiryDate":"%s"}}`),
		"400":        echo(400, `{"Message":"%s"}`), "401": echo(401, "%s"), "403": echo(403, "%s"), "404": echo(404, "%s"), "421": echo(421, "%s"),
		"429": echo(429, "%s"), "500": echo(500, `{"Error":true,"ErrorMessage":"%s"}`), "503": echo(503, "%s"),
	} {
		p := newPlace(t, api)
		for who, c := range map[string]*superoffice.Client{"online": p.client(), "onsite": p.onsite()} {
			tenant := p.tenant(t)
			if who == "onsite" {
				p.open = true
				tenant, _ = c.Server("Cust700")
			}
			_, licence := c.Licence(t.Context(), tenant)
			_, _, users := c.Users(t.Context(), tenant)
			_, requests := c.OpenRequests(t.Context(), tenant, "12")
			_, result := c.Activate(t.Context(), tenant, json.RawMessage(`{}`))
			_, may := c.MayActivate(t.Context(), tenant)
			_, version := c.Version(t.Context(), tenant)
			_, said := c.Status(t.Context(), tenant)
			for call, err := range map[string]error{"Licence": licence, "Users": users, "OpenRequests": requests, "Activate": result, "MayActivate": may, "Version": version, "Status": said} {
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("%s, %s, %s: %v", who, name, call, err)
				}
			}
			if users == nil || said == nil {
				t.Errorf("%s, %s: no error", who, name)
			}
		}
	}
	p := newPlace(t, says(""))
	p.refuse = "no"
	if _, err := p.client().Status(t.Context(), p.tenant(t)); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a sign-in that is refused: %v", err)
	}
}
