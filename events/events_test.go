package events

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestShift(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	const in = `{"timestamp":"2026-11-23T06:30:00.5+01:00","data":{"due":"2026-11-01","expires": "2027-02-28","note":"on 2026-11-23","odd":"2026-02-30",
"quoted":"say \"2026-11-23\"","2026-11-23":1,"created":1795392000,"due_date" : 1795392000,"period":{"start":1795392000,"end":1795478400},"next_payment_attempt":null,
"resource_version":1795392000123,"date_to":1795392000,"amount_due":1795392000,"quantity":7,"serial":"1795392000"}}`
	for _, c := range []struct{ to, due, timestamp, expires, created, start string }{
		{"2026-11-23", "2026-11-01", "2026-11-23T06:30:00.5+01:00", "2027-02-28", "1795392000", "1795392000"},
		{"2026-11-24", "2026-11-02", "2026-11-24T06:30:00.5+01:00", "2027-03-01", "1795478400", "1795478400"},
		// Over the night in which summer time begins, and back before it ends: days have 23 and
		// 25 hours there, and still are days.
		{"2027-03-29", "2027-03-07", "2027-03-29T06:30:00.5+01:00", "2027-07-04", "1806278400", "1806278400"},
		{"2026-10-24", "2026-10-02", "2026-10-24T06:30:00.5+01:00", "2027-01-29", "1792800000", "1792800000"},
	} {
		to, err := time.ParseInLocation(time.DateOnly, c.to, stockholm)
		if err != nil {
			t.Fatal(err)
		}
		// Any time of that day in its own zone is that day, in UTC it is the day before.
		for _, at := range []time.Time{to, to.Add(30 * time.Minute), to.Add(22 * time.Hour)} {
			out := Shift([]byte(in), Base, at)
			var v struct {
				Timestamp string
				Data      struct {
					Due, Expires, Note, Odd, Quoted, Serial string
					Created                                 json.Number
					DueDate                                 json.Number `json:"due_date"`
					Period                                  struct{ Start, End json.Number }
					AmountDue                               json.Number `json:"amount_due"`
					Version                                 json.Number `json:"resource_version"`
					Until                                   json.Number `json:"date_to"`
				}
			}
			if err := json.Unmarshal(out, &v); err != nil {
				t.Fatalf("to %s: %v in %s", c.to, err, out)
			}
			d := v.Data
			if d.Due != c.due || v.Timestamp != c.timestamp || d.Expires != c.expires || string(d.Created) != c.created || string(d.DueDate) != c.created || string(d.Until) != c.created || string(d.Version) != c.created+"123" || string(d.Period.Start) != c.start {
				t.Errorf("to %v: %s", at, out)
			}
			if d.Note != "on 2026-11-23" || d.Odd != "2026-02-30" || d.Quoted != `say "2026-11-23"` || d.Serial != "1795392000" || d.AmountDue != "1795392000" {
				t.Errorf("to %v: what is no date moved: %s", at, out)
			}
			if got := string(Shift(out, at, Base)); got != in {
				t.Errorf("there and back: %s", got)
			}
		}
	}
}

// Every file says who sends it, and moves as a whole.
func TestFiles(t *testing.T) {
	day := time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)
	customers := map[string]bool{}
	err := fs.WalkDir(Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := Files.ReadFile(path)
		if err != nil {
			return err
		}
		if s := Sender(path); !slices.Contains([]string{"standard", "login", "stripe", "superoffice", "paddle", "chargebee", "recurly"}, s) {
			t.Errorf("%s: sender %q", path, s)
		}
		out := Shift(body, Base, day)
		if !json.Valid(body) || !json.Valid(out) {
			t.Errorf("%s is not JSON", path)
		}
		if got := string(Shift(out, day, Base)); got != string(body) {
			t.Errorf("%s: there and back is not the same", path)
		}
		if dir, _, ok := strings.Cut(strings.TrimPrefix(path, "demo/"), "/"); ok && strings.HasPrefix(path, "demo/") {
			customers[dir] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(customers), 9; got < want {
		t.Errorf("%d demo customers, want %d", got, want)
	}
}
