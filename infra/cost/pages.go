package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"seatmend/functions"
	"seatmend/shared/effects"
	"seatmend/shared/store"
)

// A visit is somebody who walks the pages.
type visit struct {
	m       *measured
	handler http.Handler
	session []*http.Cookie
	lines   []line
}

func (m *measured) visit() *visit {
	return &visit{m: m, handler: m.app.Handler("remedy", functions.Routes)}
}

// ask opens a page, or presses what is on it, and counts what that takes. They look at a window of the
// people at most, so beyond that they cost the same.
func (v *visit) ask(ctx context.Context, name, method, path string, form url.Values, status int) (string, error) {
	req := httptest.NewRequestWithContext(ctx, method, "https://seatmend.example"+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range v.session {
		req.AddCookie(c)
	}
	v.m.used = cost{}
	answer := httptest.NewRecorder()
	v.handler.ServeHTTP(answer, req)
	if answer.Code != status {
		return "", fmt.Errorf("%s: %d %s", name, answer.Code, answer.Body)
	}
	v.session = append(v.session, answer.Result().Cookies()...)
	v.lines = append(v.lines, line{event: name, answered: v.m.used, grows: true})
	return answer.Body.String(), nil
}

// pages walks the pages that a mail leads to.
func pages(ctx context.Context, m *measured) ([]line, error) {
	link, err := mailed(ctx, m.app.Store, customer(0))
	if err != nil {
		return nil, err
	}
	v := m.visit()
	first, err := v.ask(ctx, "page: what is wrong", "GET", link, nil, 200)
	if err != nil {
		return nil, err
	}
	found := regexp.MustCompile(`value="seats/([0-9a-f]{16})"`).FindStringSubmatch(first)
	if found == nil {
		return nil, errors.New("the page leads to no choice: " + first)
	}
	fp := found[1]
	if _, err := v.ask(ctx, "page: show names", "POST", link+"/session", url.Values{"next": {"seats/" + fp}}, 303); err != nil {
		return nil, err
	}
	people, err := v.ask(ctx, "page: who holds a seat", "GET", link+"/seats/"+fp, nil, 200)
	if err != nil {
		return nil, err
	}
	choice := url.Values{"fingerprint": {fp}}
	for _, m := range regexp.MustCompile(`name="user" value="([^"]+)"`).FindAllStringSubmatch(people, 2) {
		choice.Add("user", m[1])
	}
	if _, err := v.ask(ctx, "page: choose two", "POST", link+"/choose", choice, 303); err != nil {
		return nil, err
	}
	if _, err := v.ask(ctx, "page: the steps in SuperOffice", "GET", link+"/steps/"+fp, nil, 200); err != nil {
		return nil, err
	}
	_, err = v.ask(ctx, "page: what is wrong, with names and a choice", "GET", link, nil, 200)
	return v.lines, err
}

// mailed is the path of the newest link that was mailed to a customer.
func mailed(ctx context.Context, db store.Store, account string) (string, error) {
	rows, _, err := db.Rows(ctx, account, "mail", store.Page{Limit: 10})
	if err != nil {
		return "", err
	}
	for _, row := range rows {
		var m effects.MailRow
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return "", err
		}
		if u, err := url.Parse(m.Link); err == nil && m.Link != "" {
			return u.Path, nil
		}
	}
	return "", fmt.Errorf("%s got no mail with a link", account)
}
