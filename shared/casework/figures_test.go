package casework

import (
	"slices"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// figuresTask is the account's, open or not; none: it has no finding to show, and its owner is support.
func (w *world) figuresTask() *TaskView {
	w.t.Helper()
	for _, v := range Tasks(w.s, w.now) {
		if v.Past.Code != diagnosis.FiguresNeeded {
			continue
		}
		if v.Past.Task.Owner != licence.Support || v.Finding != nil || v.Say != "" || v.Past.Subject != (licence.Subject{Kind: "account", ID: "C-1042"}) {
			w.t.Errorf("the task is %+v", v)
		}
		return &v
	}
	return nil
}

func (w *world) asked() (n int) {
	for _, m := range w.mails {
		if m.Why == "notice" && len(m.Codes) == 0 && m.To == licence.Admin {
			n++
		}
	}
	return n
}

// What was told of an installation that nobody can read passes TOLD: support has one task for the
// account, until newer figures are told. At risk the administrator is asked, once.
func TestFiguresNeeded(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[:1]
	fine, near := soundLicence(licenceLine("sales-premium", 10, -1, 9)), lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	connected := licence.InstallationReported{CustID: "Cust12345", State: "running", Can: licence.Some([]string{"read-licence"})}
	for _, c := range []struct {
		name     string
		l        licence.LicenceReported
		more     []licence.Payload // told at once
		from     string            // when the task opens; "": never
		severity licence.Severity
		asks     int
	}{
		{"nothing is wrong", fine, nil, "2026-12-24 09:15", "low", 0},
		{"at risk", near, nil, "2026-12-01 09:15", "high", 1},
		{"it can be read", fine, []licence.Payload{connected}, "", "", 0},
		{"whoever tells of it checks it", fine, []licence.Payload{licence.SourceChecked{Of: "licence", CustID: "Cust12345"}}, "2026-12-24 09:15", "low", 0},
		{"it is closed", near, []licence.Payload{licence.InstallationReported{CustID: "Cust12345", State: "suspended"}}, "", "", 0},
		{"nobody is mailed there", near, []licence.Payload{licence.MailChanged{Mail: new("off")}}, "2026-12-01 09:15", "high", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "2026-11-24 09:00", a)
			w.tell(append([]licence.Payload{c.l}, c.more...)...)
			if c.from == "" {
				w.until(w.now.Add(60 * licence.Day))
				if w.figuresTask() != nil || w.asked() > 0 {
					t.Error("figures are asked for")
				}
				return
			}
			from := stockholm(c.from)
			w.until(from.Add(-time.Second))
			if v := w.figuresTask(); v != nil {
				t.Fatalf("the task is there at %s: %+v", w.now, v.Past.Task)
			}
			w.until(from)
			if v := w.figuresTask(); v == nil || !v.Past.Task.OpenedAt.Equal(from) || v.Severity() != c.severity {
				t.Fatalf("at %s the task is %+v", c.from, v)
			}
			w.until(w.now.Add(20 * licence.Day))
			if got := w.asked(); got != c.asks {
				t.Errorf("asked %d times, want %d: %v", got, c.asks, w.mails)
			}
			w.tell(c.l)
			if v := w.figuresTask(); v == nil || !v.Past.Task.ClosedAt.Equal(w.now) {
				t.Errorf("newer figures leave it as %+v", v)
			}
			// And again, when these pass.
			w.until(w.now.Add(31 * licence.Day))
			if v := w.figuresTask(); v == nil || !v.Past.Task.Open() {
				t.Errorf("a month later it is %+v", v)
			}
			if got := w.asked(); got != 2*c.asks {
				t.Errorf("asked %d times, want %d: %v", got, 2*c.asks, w.mails)
			}
		})
	}
}

// Where mails wait for a person, the one that asks is a draft, which goes with the task.
func TestFiguresDraft(t *testing.T) {
	a := fjord()
	a.Installations = a.Installations[:1]
	w := newWorld(t, "2026-11-24 09:00", a)
	near := lapsingLicence(licenceLine("sales-premium", 10, -1, 9))
	w.tell(licence.MailChanged{Mail: new("review")}, near)
	w.until(stockholm("2026-12-02 12:00"))
	fp := Figures("C-1042")
	drafted := func() bool {
		return slices.ContainsFunc(w.s.History.Mailed, func(x licence.Mailed) bool { return x.Fingerprint == fp && x.Draft == "review" })
	}
	if !drafted() {
		t.Fatalf("there is no draft: %v", w.mails)
	}
	w.tell(near)
	w.until(w.now.Add(time.Hour))
	if drafted() {
		t.Error("the draft outlives what it asks for")
	}
}
