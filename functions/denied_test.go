package functions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
)

// A gate is a mail service that denies us until it is opened.
type gate struct {
	mu    sync.Mutex
	open  bool
	tries int
	taken map[string]int
}

func (g *gate) send(_ context.Context, m effects.Message) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tries++; !g.open {
		return "", &effects.Refusal{Err: errors.New("403 AccessDeniedException: not authorised"), Final: true, Ours: true}
	}
	g.taken[m.To]++
	return "", nil
}

func (w *world) mailsAndDrafts(accounts []string) (sent, drafts int) {
	w.Helper()
	for _, account := range accounts {
		var m struct{ Mails, Drafts []any }
		w.ask("/accounts/"+account+"/mails", &m)
		sent, drafts = sent+len(m.Mails), drafts+len(m.Drafts)
	}
	return sent, drafts
}

// TestDeniedTriesUseNothingUp: while the mail service denies us, first mails stay owed, however
// often they are tried; when it lets us, they go, as many in an hour as may.
func TestDeniedTriesUseNothingUp(t *testing.T) {
	g := &gate{taken: map[string]int{}}
	few := app.Invented.FirstMailsPerHour - 2
	w, accounts := crowd(t, few, g.send)
	w.app.Engine.Hands = 1
	w.advance(w.clock.Now().Add(50 * time.Minute))
	if sent, drafts := w.mailsAndDrafts(accounts); sent != 0 || drafts != 0 || g.tries < 2*few {
		t.Fatalf("denied %d times: %d mails and %d drafts", g.tries, sent, drafts)
	}
	g.open = true
	w.advance(w.clock.Now().Add(6 * time.Hour))
	if sent, drafts := w.mailsAndDrafts(accounts); sent != few || drafts != 0 {
		t.Errorf("when it lets us: %d mails and %d drafts, want %d and none", sent, drafts, few)
	}
	for to, n := range g.taken {
		if n != 1 && strings.Contains(to, "@v") {
			t.Errorf("%s has %d mails", to, n)
		}
	}
}

// TestTheAPIOnlyDecides: what POST /drafts decides is owed, and the delivery does it: the function
// that hears it may not send.
func TestTheAPIOnlyDecides(t *testing.T) {
	g := &gate{open: true, taken: map[string]int{}}
	w, accounts := crowd(t, 3, g.send)
	for i := range accounts {
		w.must(w.say("account.changed", w.clock.Now(), fmt.Sprintf(`{"account":"V-%[1]d","name":"Vik %[1]d AS","locale":"en","timezone":"Europe/Oslo","model":"plans","mail":"review",
			"contacts":[{"id":"a","name":"Ada Moe","email":"ada@v%[1]d.example","role":"admin","locale":"en"}],
			"installations":[{"cust_id":"Cust5%03[1]d","serial":"5%03[1]d","kind":"production","hosting":"onsite","url":"https://crm.v%[1]d.example"}],
			"billing":[],"plans":[{"plan":"p","name":"P","module":"m","prices":["x"]}]}`, i)), "applied")
	}
	w.sweep()
	if sent, drafts := w.mailsAndDrafts(accounts); sent != 0 || drafts != len(accounts) {
		t.Fatalf("%d mails and %d drafts", sent, drafts)
	}
	before := g.tries
	for range 2 { // and once more: they are on their way
		out := w.commands("/drafts", `{"send":true}`)
		var said struct{ Drafts *int }
		if err := json.Unmarshal([]byte(out.body), &said); err != nil || out.status != 200 || said.Drafts == nil {
			t.Fatalf("answered %v", out)
		}
	}
	if g.tries != before {
		t.Errorf("%d mails were sent while it answered", g.tries-before)
	}
	w.sweep()
	if got := fmt.Sprint(len(g.taken)); got != "3" {
		t.Errorf("mails have %v", g.taken)
	}
}
