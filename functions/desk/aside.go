package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"seatmend/functions/app"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/webhook"
)

const (
	asidePage = 10       // bodies on a page: each may be large
	readable  = 32 << 10 // bytes of a body that are shown
	pageBytes = 1 << 20  // of all bodies on a page together
	rowsPage  = 50       // parked facts, tasks or deeds on a page
)

type asideData struct {
	Bodies []asideBody
	Cursor string
	Older  string
}

type asideBody struct {
	store.Rejected
	Text string
	Rest int // bytes that are not shown
}

// deskAside shows bodies that were verified and could not be used.
func deskAside(v *deskVisit) error {
	if v.asTable() {
		return v.exportRejected()
	}
	cursor := v.r.URL.Query().Get("cursor")
	list, next, err := v.Store.Rejections(v.r.Context(), store.Page{Cursor: cursor, Limit: asidePage, Bytes: pageBytes})
	if err != nil {
		return err
	}
	d := asideData{Cursor: cursor}
	for _, x := range list {
		text, rest := shownBody(x.Body)
		d.Bodies = append(d.Bodies, asideBody{x, text, rest})
	}
	if next.Cursor != "" {
		d.Older = "/support/aside?" + url.Values{"cursor": {next.Cursor}}.Encode()
	}
	return v.show(http.StatusOK, "aside", v.g.say("aside"), v.zone(), d)
}

// shownBody is a body as a person reads it, and how much of it is left out.
func shownBody(body []byte) (string, int) {
	var pretty bytes.Buffer
	if len(body) <= readable && json.Indent(&pretty, body, "", "  ") == nil {
		body = pretty.Bytes()
	}
	rest := max(0, len(body)-readable)
	text := string(body[:len(body)-rest])
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "�")
	}
	return text, rest
}

// decideAside releases a body or drops it, by name.
func decideAside(v *deskVisit) error {
	if err := v.mayNot("aside"); err != nil {
		return err
	}
	ctx, id := v.r.Context(), v.r.PostFormValue("id")
	x, ok, err := v.Store.Rejection(ctx, id)
	if err != nil {
		return err
	}
	if !ok {
		return v.back("/support/aside", "aside-gone")
	}
	switch v.r.PostFormValue("do") {
	case "drop":
		if err := v.deed("aside-drop", id); err != nil {
			return err
		}
		if err := v.forget(ctx, x); err != nil {
			return err
		}
		return v.back("/support/aside", "aside-dropped")
	case "release":
		if err := v.deed("aside-release", id); err != nil {
			return err
		}
		said, err := v.release(ctx, x)
		if err != nil {
			return err
		}
		return v.back("/support/aside", said)
	}
	return v.back("/support/aside", "stale")
}

// deed writes down who does what that is about no customer, before it is done.
func (v *deskVisit) deed(did, of string) error {
	return v.fleet(v.r.Context(), func() ([]licence.Row, error) {
		return []licence.Row{audit(v.Now(), v.staff.Name, did, of)}, nil
	})
}

// forget drops a body that was set aside, and the line at the customer that it seemed to be about.
func (v *deskVisit) forget(ctx context.Context, x store.Rejected) error {
	if err := v.Store.DropRejection(ctx, x.ID); err != nil {
		return err
	}
	// A cut here leaves a line that leads to no body: it ends by itself.
	return v.Engine.Record(ctx, x.Account, func(licence.State) ([]licence.Row, []licence.Name, error) {
		if _, there, err := v.Store.Row(ctx, x.Account, "aside", x.ID); err != nil || !there {
			return nil, nil, err
		}
		return []licence.Row{{Kind: "aside", ID: x.ID, Gone: true}}, nil, nil
	})
}

// release decodes a body again as its sender's, and applies its facts under the ids that they
// would have had. What still cannot be used stays where it is.
func (v *deskVisit) release(ctx context.Context, x store.Rejected) (string, error) {
	if x.Route == engine.RefusedFact {
		var f licence.Fact
		if json.Unmarshal(x.Body, &f) != nil {
			return "aside-bad", nil
		}
		return v.applied(ctx, x, licence.Loaded{}, f)
	}
	sender, ok := webhook.Find(x.Sender)
	if !ok {
		return "aside-bad", nil
	}
	header := http.Header{}
	for k, value := range x.Header {
		header.Set(k, value)
	}
	cust := ""
	if rest, ok := strings.CutPrefix(x.Route, "/users/superoffice/"); ok {
		cust = rest
	}
	body, err := sender.Read(header, x.Body, cust, v.Now())
	if x.Route == webhook.StateRoute {
		body, err = webhook.ReadStateChange(header, x.Body, v.Now())
	}
	var bad *webhook.Error
	if errors.As(err, &bad) {
		return "aside-bad", nil
	}
	if err != nil {
		return "", err
	}
	if body.Ignored != "" {
		return "aside-ignored", nil
	}
	read, why, err := v.Foreign(ctx, x.Sender, body, false)
	if err != nil || why != "" {
		return "aside-ignored", err
	}
	return v.applied(ctx, x, read, body.Facts...)
}

// applied applies what was set aside, and says what came of it.
func (v *deskVisit) applied(ctx context.Context, x store.Rejected, read licence.Loaded, facts ...licence.Fact) (string, error) {
	if _, err := v.Engine.ApplyTo(ctx, read, facts...); err != nil {
		if f := app.Refused(err); f.Status == http.StatusConflict {
			return "aside-conflict", nil
		} else if f.Status < 500 {
			return "aside-bad", nil
		}
		return "", err
	}
	// A cut here: its facts are in, and releasing it again is a duplicate.
	return "aside-released", v.forget(ctx, x)
}

// deskParked shows verified facts whose customer is not known yet.
func deskParked(v *deskVisit) error {
	if v.asTable() {
		return v.exportUnmatched()
	}
	list, next, err := v.Store.Unmatched(v.r.Context(), store.Page{Cursor: v.r.URL.Query().Get("cursor"), Limit: rowsPage, Bytes: pageBytes})
	if err != nil {
		return err
	}
	d := parkedData{}
	for _, f := range list {
		line := parkedOf(f)
		body, err := json.Marshal(f.Fact)
		if err != nil {
			return err
		}
		line.Text, _ = shownBody(body)
		if line.Maybe, err = v.maybeOf(body); err != nil {
			return err
		}
		d.Facts = append(d.Facts, line)
	}
	if next.Cursor != "" {
		d.Older = "/support/parked?" + url.Values{"cursor": {next.Cursor}}.Encode()
	}
	return v.show(http.StatusOK, "parked", v.g.say("parked"), v.zone(), d)
}

// parkedOf says what waits under which name.
func parkedOf(f store.StoredFact) parkedLine {
	line := parkedLine{At: f.At, Type: f.Fact.Payload.Type(), ID: f.Fact.ID}
	if n := len(f.Fact.To); n > 0 {
		line.Under = f.Fact.To[n-1].String()
	}
	return line
}

type parkedData struct {
	Facts []parkedLine
	Older string
}

type parkedLine struct {
	At                    time.Time
	Under, Type, ID, Text string
	Maybe                 []licence.Entry // whose it may be
}

// deskFleet shows the tasks that are about no customer, and who did what there.
func deskFleet(v *deskVisit) error {
	if v.asTable() {
		return v.exportFleet()
	}
	tasks, more, err := v.openTasks(v.r.Context(), store.Page{Limit: boardPage})
	if err != nil {
		return err
	}
	deeds, next, err := v.audits(v.r.Context(), store.Operations, store.Page{Cursor: v.r.URL.Query().Get("cursor"), Limit: rowsPage})
	if err != nil {
		return err
	}
	d := map[string]any{"Tasks": tasks, "More": more.Cursor != "", "Deeds": deeds, "Older": ""}
	if next.Cursor != "" {
		d["Older"] = "/support/fleet?" + url.Values{"cursor": {next.Cursor}}.Encode()
	}
	return v.show(http.StatusOK, "fleet", v.g.say("fleet"), v.zone(), d)
}
