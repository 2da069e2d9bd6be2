package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"seatmend/functions"
	"seatmend/functions/app"
	"seatmend/functions/desk"
	"seatmend/functions/outside"
	"seatmend/infra/crmsim"
	"seatmend/infra/onboard"
	"seatmend/shared/effects"
	"seatmend/shared/store/sqlite"
	"seatmend/shared/version"
	"seatmend/shared/webhook"
)

// A Run is the whole system on one machine. The loops play what AWS does: they wake the
// delivery and run the sweep. The paths are those of the functions.
type Run struct {
	App   *app.App
	Clock *Clock
	DB    *sqlite.Store
	Sim   *crmsim.Sim
	CRM   string // address of the simulator's page
	door  door
	wake  chan string
}

// serve runs until the context ends.
func serve(ctx context.Context, o options, out, errs io.Writer) (err error) {
	if err := folder(o.data, errs); err != nil {
		return err
	}
	held, err := hold(o.data)
	if err != nil {
		return err
	}
	defer held.Close()
	front, err := listen("-addr", &o.addr)
	if err != nil {
		return err
	}
	defer front.Close()
	o.base = cmp.Or(o.base, "http://"+reachable(o.addr))
	var screen net.Listener
	if o.crm == "sim" {
		if screen, err = listen("-crm-addr", &o.crmAddr); err != nil {
			return err
		}
		defer screen.Close()
	}
	fmt.Fprintf(errs, "%s opens %s\n", version.String(), o.data)
	run, err := open(o, errs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Clock.Keep(0), run.DB.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var servers []*http.Server
	start := func(l net.Listener, h http.Handler) {
		s := server(h)
		servers = append(servers, s)
		go s.Serve(l)
	}
	if screen != nil {
		start(screen, doorOf(o.crmAddr).serves(run.Sim.Handler()))
	}
	if err := run.Clock.Keep(ahead); err != nil {
		return err
	}
	start(front, run.door.serves(run.handler()))
	var loops sync.WaitGroup
	for _, loop := range append(slices.Repeat([]func(context.Context){run.deliver}, onboard.Hands), run.sweep, run.keep) {
		loops.Go(func() { loop(ctx) })
	}
	if run.Sim != nil {
		loops.Go(func() { run.Sim.Run(ctx) })
	}
	if o.demo {
		if err := run.seed(ctx, o, errs); err != nil && ctx.Err() == nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	run.hook(ctx, o)
	if ctx.Err() == nil {
		fmt.Fprintf(out, "ready %s\n", "http://"+front.Addr().String())
		fmt.Fprintf(errs, "\n  Seatmend runs. Open %s\n  Inbox %s/mail   SuperOffice %s\n  Data and secrets in %s   Stop with Ctrl-C\n\n", o.base, o.base, cmp.Or(run.CRM, crmLogin(o.crm)), o.data)
		if off := time.Until(run.Clock.Now()).Round(time.Minute); off.Abs() > 5*time.Minute {
			fmt.Fprintf(errs, "  Its clock is %s off the real one: %s. Senders that go by the real time are refused;\n  a run without -now in another folder (-data) goes by the real time.\n\n", off, run.Clock.Now().Format("Monday 2 January 2006, 15:04 UTC"))
		}
		if warning := run.door.warning(o.addr, o.base); warning != "" {
			fmt.Fprintln(errs, warning+"\n")
		}
	}
	<-ctx.Done()
	quiet, done := context.WithTimeout(context.Background(), 8*time.Second)
	defer done()
	for _, s := range servers {
		s.Shutdown(quiet)
	}
	cancel()
	return end(&loops)
}

// end waits for what was begun, for a while: what a mail server or SuperOffice takes longer for is
// found again after the next start.
func end(loops *sync.WaitGroup) error {
	over := make(chan struct{})
	go func() {
		loops.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(8 * time.Second):
	}
	return nil
}

// listen takes the address that a flag gives. Of port 0 it says which port was free.
func listen(flag string, address *string) (net.Listener, error) {
	l, err := net.Listen("tcp", *address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: another program listens there; stop it, or write another address, such as %[1]s 127.0.0.1:0 for any port that is free (a second run beside the first has -data, -addr and -crm-addr of its own, and send goes to it with -to)", flag, *address)
	case err != nil:
		return nil, fmt.Errorf("%s %s: write an address of this machine and a port, such as 127.0.0.1:8090: %w", flag, *address, err)
	case strings.HasSuffix(*address, ":0"):
		*address = l.Addr().String()
	}
	return l, nil
}

// open makes the run of its data.
func open(o options, errs io.Writer) (*Run, error) {
	secrets, err := o.secrets, error(nil)
	if secrets == nil {
		if secrets, err = ownSecrets(o.data, errs); err != nil {
			return nil, err
		}
	}
	clock, err := OpenClock(filepath.Join(o.data, "clock.json"), o.now)
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(filepath.Join(o.data, "seatmend.db"), clock.Now)
	if err != nil {
		return nil, err
	}
	level := slog.LevelWarn
	log := slog.New(slog.NewJSONHandler(errs, &slog.HandlerOptions{Level: level}))
	app, err := app.NewApp(db, secrets, o.operator, o.base, clock.Now, log)
	if err != nil {
		db.Close()
		return nil, err
	}
	r := &Run{App: app, Clock: clock, DB: db, door: doorOf(o.addr, o.base), wake: make(chan string, 4096)}
	client, err := r.connect(o)
	if err != nil {
		db.Close()
		return nil, err
	}
	outside.Connect(app, client, effects.SMTP(o.smtp), desk.Mails)
	app.LocalSignIn = true
	app.Engine.Hands = onboard.Hands
	app.Engine.Wake = func(account string) {
		select {
		case r.wake <- account:
		default: // the sweep finds it
		}
	}
	return r, nil
}

// deliver does what accounts owe, as the table's stream wakes it on AWS.
func (r *Run) deliver(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case account := <-r.wake:
			if err := r.App.Engine.Attend(ctx, account); err != nil && ctx.Err() == nil {
				r.App.Log.Error("deliver", "account", account, "error", err.Error())
			}
		}
	}
}

// sweep looks every half second at what is due, as the schedule does every few minutes on AWS. An
// account that takes long holds up no other one: the next sweep begins meanwhile.
func (r *Run) sweep(ctx context.Context) {
	every := time.NewTicker(500 * time.Millisecond)
	defer every.Stop()
	var sweeps sync.WaitGroup
	defer sweeps.Wait()
	turns := make(chan struct{}, onboard.Hands)
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		select {
		case turns <- struct{}{}:
			sweeps.Go(func() {
				r.look(ctx)
				<-turns
			})
		default: // so many are under way
		}
	}
}

// look runs one sweep.
func (r *Run) look(ctx context.Context) {
	if _, err := r.App.Engine.Sweep(ctx); err != nil && ctx.Err() == nil {
		r.App.Log.Error("sweep", "error", err.Error())
	}
}

// keep writes down every half second what the clock shows.
func (r *Run) keep(ctx context.Context) {
	every := time.NewTicker(ahead / 4)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := r.Clock.Keep(ahead); err != nil {
				r.App.Log.Error("clock", "error", err.Error())
			}
		}
	}
}

// advance moves the clock on, by way of every instant at which something becomes due, and
// returns when what was due has been done.
func (r *Run) advance(ctx context.Context, by time.Duration) error {
	target := r.Clock.Now().Add(by)
	stuck, last := 0, time.Time{}
	for ctx.Err() == nil {
		r.finish(ctx)
		next, err := r.DB.NextDue(ctx)
		if err != nil {
			return err
		}
		now := r.Clock.Now()
		if next.IsZero() || next.After(target) {
			break
		}
		if !next.After(now) {
			// Due, and not done: an effect that waits for its next try, or another hand.
			if next.Equal(last) {
				stuck++
			}
			if last = next; stuck > 20 {
				r.App.Log.Error("clock: what is due is not done", "due", next, "tries", stuck)
				break
			}
			continue
		}
		stuck, last = 0, time.Time{}
		r.Clock.MoveTo(next)
	}
	r.Clock.MoveTo(target)
	r.finish(ctx)
	return errors.Join(ctx.Err(), r.Clock.Keep(ahead))
}

// finish does what is due, and waits for those hands too that began before.
func (r *Run) finish(ctx context.Context) {
	engine := r.App.Engine
	if engine.Quiet(ctx) == nil {
		r.look(ctx)
	}
	engine.Quiet(ctx) // how it ends the caller asks the context
}

// handler mounts the routes of the functions, and the few that exist here only.
func (r *Run) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", r.App.Handler("", functions.Routes))
	mux.HandleFunc("GET /local/clock", func(w http.ResponseWriter, q *http.Request) { r.showClock(w) })
	for pattern, h := range map[string]http.HandlerFunc{
		"POST /local/clock":              r.moveClock,
		"POST /local/reply":              r.reply,
		"GET /{$}":                       r.start,
		"GET /mail":                      r.inbox,
		"GET /mail/{account}/{id}":       r.letter,
		"GET /mail/{account}/{id}/html":  r.letterHTML,
		"GET /local/diagnosis/{account}": r.report,
		"POST /support/local-sign-in":    r.App.Handler("support", functions.Routes).ServeHTTP,
	} {
		mux.HandleFunc(pattern, r.near(h))
	}
	guarded := r.App.Guard(mux, nil)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Date", r.Clock.Now().Format(http.TimeFormat)) // who is refused for the time reads it there
		guarded.ServeHTTP(w, q)
	})
}

func (r *Run) showClock(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"now": r.Clock.Now().Format(time.RFC3339Nano)})
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}

// moveClock takes JSON with the operator's token, or the start page's form. What begins as JSON does is
// JSON, though curl may call it a form.
func (r *Run) moveClock(w http.ResponseWriter, q *http.Request) {
	body := bufio.NewReader(q.Body)
	q.Body = io.NopCloser(body)
	first, _ := body.Peek(1) // of an empty body nothing
	form := strings.HasPrefix(q.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && string(first) != "{"
	var in struct {
		Advance string `json:"advance"`
	}
	if form {
		if err := http.NewCrossOriginProtection().Check(q); err != nil {
			http.Error(w, "from another site", http.StatusForbidden)
			return
		}
		in.Advance = q.PostFormValue("advance")
	} else {
		if !r.operator(q) {
			refuse(w, http.StatusUnauthorized, "unauthorized", "send the operator's token as Authorization: Bearer ...")
			return
		}
		var bad *webhook.Error
		if errors.As(webhook.Command(q.Body, &in), &bad) {
			refuse(w, bad.Status, bad.Code, bad.Message)
			return
		}
	}
	by, err := time.ParseDuration(in.Advance)
	if err != nil || by < 0 || by > 10*366*24*time.Hour {
		refuse(w, http.StatusUnprocessableEntity, "invalid", "advance: write a duration such as 26h or 90m, ten years at most")
		return
	}
	if err := r.advance(q.Context(), by); err != nil {
		r.App.Log.Error("clock", "error", err.Error())
		refuse(w, http.StatusServiceUnavailable, "unavailable", "not all that was due could be done")
		return
	}
	if form {
		http.Redirect(w, q, "/", http.StatusSeeOther)
		return
	}
	r.showClock(w)
}
