package functions_test

import (
	"fmt"
	"testing"
	"time"

	"seatmend/infra/crmsim"
	"seatmend/shared/licence"
)

// freed is a customer who has freed Gull and Folke, seen by a reading half a day later.
func freed(w *world, c customer) (*browser, string) {
	w.Helper()
	b := w.meet(c)
	fp := w.finding("G-1", "surplus").Fingerprint
	b.session()
	b.choose(fp, "8", "9")
	w.take(granitCust, "ten-sales", "8", "9")
	b.open("/steps/" + fp)
	b.submit("/check", "check again", nil)
	if f := w.finding("G-1", "surplus"); f.Code != "" {
		w.Fatalf("freed, and still %+v", f)
	}
	return b, fp
}

// A seat that was freed and is held again is noticed at the next reading: the same finding
// begins anew, says that it has come back, and names who has it again.
func TestAFreedSeatComesBack(t *testing.T) {
	for name, back := range map[string]func(w *world){
		"by hand": func(w *world) {
			w.advance(w.clock.Now().Add(2 * time.Hour))
			w.inSuperOffice(granitCust, func(t *crmsim.Tenant) { t.Users[8].Plans = []string{"ten-sales"} })
			w.advance(w.clock.Now().Add(26 * time.Hour))
		},
		"by the directory at night": func(w *world) { w.advance(w.clock.Now().Add(26 * time.Hour)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			c := granit()
			if name != "by hand" {
				c.tenant.Markers = []string{"scim"}
			}
			b, fp := freed(w, c)
			back(w)
			f := w.finding("G-1", "surplus")
			if f.Fingerprint != fp || f.State != "open" {
				t.Fatalf("nobody has noticed: %s", lines(w.diagnosis("G-1").Findings))
			}
			b = b.elsewhere()
			w.reads(b.open(""), "This was put right on 23 November, and has come back.")
			w.lacks(b.open(""), "Gull Hed")
			b.session()
			page := b.open("/seats/" + fp)
			w.reads(page, "Gull Hed gives up Sales Has it again")
			if name == "by hand" {
				w.reads(page, "Folke Dal gives up Sales Done")
			}
			var opened struct {
				Tasks []struct{ Code, State, Fingerprint string }
			}
			w.ask("/accounts/G-1/tasks", &opened)
			if len(opened.Tasks) == 0 || opened.Tasks[0].Code != "surplus" || opened.Tasks[0].State != "open" {
				t.Errorf("tasks are %+v", opened.Tasks)
			}
		})
	}
}

// What is gone and there again before anybody was asked to mend it has not come back: it has
// flickered, as readings do.
func TestAFlickerHasNotComeBack(t *testing.T) {
	w := newWorld(t, nil)
	c := granit()
	if err := w.sim.Put(c.tenant); err != nil {
		t.Fatal(err)
	}
	w.direct(c.account)
	w.sweep()
	fp := w.finding("G-1", "surplus").Fingerprint
	if fp == "" {
		t.Fatalf("found is %s", lines(w.diagnosis("G-1").Findings))
	}
	for i, used := range []int{7, 9} {
		w.clock.set(w.clock.Now().Add(5 * time.Minute))
		w.inSuperOffice(granitCust, func(t *crmsim.Tenant) {
			for n := range t.Users[:9] {
				if t.Users[n].Plans = nil; n < used {
					t.Users[n].Plans = []string{"ten-sales"}
				}
			}
		})
		f := licence.Fact{
			ID: fmt.Sprint("test/check/", i), To: []licence.Name{{Sender: "account", ID: "G-1"}}, At: w.clock.Now(), Source: "page",
			Payload: licence.CheckAsked{CustID: granitCust, By: "Ulla Sten"},
		}
		if _, err := w.app.Engine.Apply(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		w.deliver()
		if got := w.finding("G-1", "surplus").Code != ""; got != (used == 9) {
			t.Fatalf("with %d in use it stands: %v", used, got)
		}
	}
	w.advance(w.clock.Now().Add(time.Hour))
	b := w.browse(w.link()).session()
	w.reads(b.open(""), "Sales: 9 assigned, 7 in the new licence")
	w.lacks(b.open(""), "has come back", "put right")
	w.lacks(b.open("/seats/"+fp), "Has it again")
}
