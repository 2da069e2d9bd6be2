package casework

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// What would remain is said by the same rules as what is: supposing that people are freed, and
// having them freed and read, come to the same findings.
func TestSupposeSaysWhatTheNextReadSays(t *testing.T) {
	order := orderOf("sub_1", "sales-premium", 7)
	offer := func(inUse int) licence.LicenceReported {
		l := lapsingLicence(licenceLine("sales-premium", 10, 7, inUse))
		l.CanActivate = inUse <= 7
		return l
	}
	for freed := range 4 {
		w := newWorld(t, "2026-11-30 09:00", fjord())
		w.told(stockholm("2026-11-01 08:00"), "order", order)
		w.tell(holders("sales-premium", 9), offer(9))
		var picks []licence.Pick
		for i := range freed {
			picks = append(picks, licence.Pick{User: string(rune('1' + i)), Plan: "sales-premium"})
		}
		before := codesOf(w.diagnosis().Findings)
		supposed := diagnosis.Diagnose(diagnosis.WhatIf(w.s, "Cust12345", picks), w.now, w.now)
		if now := codesOf(w.diagnosis().Findings); now != before {
			t.Fatalf("supposing changed what is known: %s, before %s", now, before)
		}
		w.until(w.now.Add(time.Minute))
		w.tell(holders("sales-premium", 9-freed), offer(9-freed))
		real := w.diagnosis()
		if got, want := codesOf(supposed.Findings), codesOf(real.Findings); got != want {
			t.Errorf("%d freed: supposed %s, read %s", freed, got, want)
		}
		if f, g := findingOf(supposed.Findings, "surplus"), findingOf(real.Findings, "surplus"); f != nil && g != nil && f.Need != g.Need {
			t.Errorf("%d freed: %d too many supposed, %d read", freed, f.Need, g.Need)
		}
	}
}

// A move fills the other plan, and may make it the next surplus.
func TestSupposeMoves(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 8, 9), licenceLine("service-premium", 5, 3, 3)))
	s := diagnosis.WhatIf(w.s, "Cust12345", []licence.Pick{{User: "1", Plan: "sales-premium", To: "service-premium"}})
	d := diagnosis.Diagnose(s, w.now, w.now)
	f := findingOf(d.Findings, "surplus")
	if f == nil || f.Subject.ID != "service-premium" || f.Need != 1 {
		t.Errorf("moved into a plan that is full in the offer: %+v", f)
	}
	if skipped := diagnosis.WhatIf(w.s, "Cust12345", []licence.Pick{{User: "1", Plan: "sales-premium", Skip: true}}); findingOf(diagnosis.Diagnose(skipped, w.now, w.now).Findings, "surplus") == nil {
		t.Error("whoever is skipped gives up nothing")
	}
}

// Nobody is counted below zero, whatever is supposed of whom.
func TestSupposeStaysWithinTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := licence.State{Account: "C-1042", N: 1}
		var n int64
		for i := range rapid.IntRange(0, 8).Draw(t, "facts") {
			f := drawFact(t, string(rune('a'+i)), stockholm("2026-11-01 08:00").Add(time.Duration(i)*time.Hour), "seats.listed", "licence.reported", "account.changed")
			if l, ok := f.Payload.(licence.SeatsListed); ok && l.Roster == nil {
				continue
			}
			s.Known, _, _ = s.Known.Fold(f, nil)
			n++
		}
		var picks []licence.Pick
		for range rapid.IntRange(0, 30).Draw(t, "picks") {
			picks = append(picks, licence.Pick{User: "1", Plan: drawOf(t, "plan", "sales-premium", "service-premium", "nobody", ""), To: drawOf(t, "to", "", "service-premium", "elsewhere")})
		}
		after := diagnosis.WhatIf(s, "Cust12345", picks).Known.Inst("Cust12345")
		for plan, held := range after.Roster.Held {
			if held < 0 {
				t.Fatalf("%d hold %s", held, plan)
			}
		}
		for _, l := range after.Report.Value.Plans {
			if l.InUse < 0 {
				t.Fatalf("%d use %s", l.InUse, l.Plan)
			}
		}
		if after.Roster.CanLogin < 0 || after.Roster.Employees < 0 {
			t.Fatalf("%d can log in, %d of them employees", after.Roster.CanLogin, after.Roster.Employees)
		}
	})
}

// A choice is kept with its people, and the newest counts, in whatever order they arrive.
func TestChoicesAreKept(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.tell(holders("sales-premium", 9), lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	fp := w.finding("surplus", "open").Fingerprint
	one := licence.SeatsChosen{Fingerprint: fp, CustID: "Cust12345", Picks: []licence.Pick{{User: "3", Name: "Eva Holm", Plan: "sales-premium"}}, By: "Anna Berg"}
	two := one
	two.Picks = append(two.Picks, licence.Pick{User: "4", Name: "Per Sandell", Plan: "sales-premium"})
	fact := func(id string, at time.Time, p licence.Payload) licence.Fact {
		return licence.Fact{ID: id, To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: at, Source: "page", Payload: p}
	}
	c, out, err := Step(w.s, nil, fact("one", w.now, one), w.now)
	if err != nil || out.Result != "applied" || len(c.Rows) != 1 || c.Rows[0].Kind != "choice" || c.Rows[0].ID != fp {
		t.Fatalf("%v %v %+v", err, out, c.Rows)
	}
	later, _, _ := Step(w.s, nil, fact("two", w.now.Add(time.Second), two), w.now)
	w.commit(later)
	if _, out, _ := Step(w.s, nil, fact("three", w.now.Add(2*time.Second), one), w.now); out.Result != "overtaken" {
		t.Errorf("a list that was made from none is %s", out.Result)
	}
	one.After = "two"
	if _, out, _ := Step(w.s, nil, fact("three", w.now.Add(2*time.Second), one), w.now); out.Result != "applied" {
		t.Errorf("a list that was made from the newest is %s", out.Result)
	}
	one.After = ""
	known, _, parts := later.Known.Fold(fact("one", w.now, one), nil)
	if len(parts) != 0 || known.Profile.Choices[fp].Value.Count != 2 {
		t.Errorf("a late choice won: %+v", known.Profile.Choices[fp])
	}
	if len(c.Seats) != 0 || len(c.Drop) != 0 {
		t.Error("choosing does something to people")
	}
}

// What was put right, and comes back, says so; what only flickered does not.
func TestAFindingThatComesBackSaysSo(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	over, fits := lapsingLicence(licenceLine("sales-premium", 10, 7, 9)), lapsingLicence(licenceLine("sales-premium", 10, 7, 7))
	w.tell(over)
	w.until(w.now.Add(time.Minute))
	w.tell(fits)
	w.until(w.now.Add(time.Minute))
	w.tell(over)
	if f := w.finding("surplus", "open"); !f.Ended.IsZero() {
		t.Errorf("it flickered, and is said to have ended on %s", f.Ended)
	}
	w.until(w.now.Add(time.Hour)) // it is a task by now
	w.tell(fits)
	ended := w.now
	w.absent("surplus")
	w.until(w.now.Add(14 * time.Hour))
	w.tell(over)
	f := w.finding("surplus", "open")
	if !f.Ended.Equal(ended) {
		t.Errorf("it came back after %s, and says %s", ended, f.Ended)
	}
	if p := w.s.History.Findings[f.Fingerprint]; !p.Gone.IsZero() || !p.Open {
		t.Errorf("it is not open again: %+v", p)
	}
}
