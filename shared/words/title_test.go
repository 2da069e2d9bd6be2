package words

import (
	"strings"
	"testing"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words/wordstest"
)

// numbers is a finding about Sales Premium with the values that its rule gives it.
func numbers(code licence.Code, say string, need int, values map[string]int) diagnosis.Finding {
	f := diagnosis.Finding{
		Code: code, Say: say, State: "open", Need: need, Severity: "high", Owner: licence.Admin,
		Fingerprint: "0123456789abcdef", Subject: licence.Subject{Kind: "plan", ID: "sales-premium", CustID: "Cust12345"},
		Args: map[string]any{"plan": "Sales Premium"},
	}
	for _, name := range []string{"assigned", "offered", "ordered", "total"} {
		if n, ok := values[name]; ok {
			f.Evidence = append(f.Evidence, diagnosis.Evidence{Name: name, Value: n, Source: "standard", At: wordstest.Now})
		}
	}
	return f
}

func titleOf(t *testing.T, l *Language, reader licence.Role, f diagnosis.Finding) Finding {
	t.Helper()
	v := l.View(diagnosis.Diagnosis{Account: "C-1042", At: wordstest.Now, Now: wordstest.Now, Findings: []diagnosis.Finding{f}}, options(t, reader))
	if len(v.Findings) != 1 {
		t.Fatalf("%d findings", len(v.Findings))
	}
	return v.Findings[0]
}

// Every number that is printed is one of the evidence, or follows from two that stand beside it.
func TestTitles(t *testing.T) {
	rest := numbers("surplus", "a", 2, map[string]int{"assigned": 12, "offered": 7})
	verifying := numbers("surplus", "a", 2, map[string]int{"assigned": 9, "offered": 7})
	verifying.State = "verifying"
	agreed := numbers("order-differs", "b", 0, map[string]int{"ordered": 10, "offered": 7, "assigned": 9})
	agreed.State = "answered"
	question := numbers("order-differs", "b", 0, map[string]int{"ordered": 10, "offered": 7, "assigned": 9})
	question.Remedies = []diagnosis.Remedy{{ID: "numbers-right"}, {ID: "numbers-wrong"}}
	for _, c := range []struct {
		name   string
		f      diagnosis.Finding
		reader licence.Role
		en, sv string
	}{
		{"offer", numbers("surplus", "a", 2, map[string]int{"assigned": 9, "offered": 7}), "",
			"Sales Premium: 9 assigned, 7 in the new licence. Free 2.", "Sales Premium: 9 tilldelade, 7 i den nya licensen. Ta bort 2."},
		{"part of it in a swap", rest, "",
			"Sales Premium: 12 assigned, 7 in the new licence. Of the 5 too many, 3 go with the exchange; free 2.",
			"Sales Premium: 12 tilldelade, 7 i den nya licensen. Av de 5 som är för många försvinner 3 genom bytet; ta bort 2."},
		{"inside the order", numbers("surplus", "b", 1, map[string]int{"assigned": 11, "offered": 7, "ordered": 10}), "",
			"Sales Premium: 11 assigned, 10 ordered. Free 1. The new licence says 7; we are finding out why.",
			"Sales Premium: 11 tilldelade, 10 beställda. Ta bort 1. Den nya licensen säger 7; vi tar reda på varför."},
		{"told since", verifying, "",
			"Sales Premium: 9 assigned at the last reading, 7 in the new licence. What we have been told since makes it fit.",
			"Sales Premium: 9 tilldelade vid senaste avläsningen, 7 i den nya licensen. Enligt det vi har fått veta sedan dess stämmer antalet."},
		{"question", question, licence.Admin,
			"Sales Premium: the order says 10, the new licence 7. Free no seats and do not activate yet. Do you know which is right?",
			"Sales Premium: beställningen säger 10, den nya licensen 7. Ta inte bort någon och aktivera inte än. Vet du vilket som stämmer?"},
		{"no question to others", question, "",
			"Sales Premium: the order says 10, the new licence 7. Free no seats and do not activate yet.",
			"Sales Premium: beställningen säger 10, den nya licensen 7. Ta inte bort någon och aktivera inte än."},
		{"agreed", agreed, "",
			"Sales Premium: the order says 10, the licence 7, and you have told us that 7 is right.",
			"Sales Premium: beställningen säger 10, licensen 7, och ni har sagt att 7 stämmer."},
	} {
		if got := titleOf(t, &english, c.reader, c.f).Title; got != c.en {
			t.Errorf("%s: %q, want %q", c.name, got, c.en)
		}
		if got := titleOf(t, &swedish, c.reader, c.f).Title; got != c.sv {
			t.Errorf("%s: %q, want %q", c.name, got, c.sv)
		}
	}
}

// Nobody is led to Activate while order and offer disagree.
func TestNoStepLeadsToActivateInDispute(t *testing.T) {
	for _, c := range []struct {
		l    *Language
		say  string
		most int // what is ordered
	}{{&english, "a", 5}, {&english, "b", 10}, {&swedish, "a", 5}, {&swedish, "b", 10}} {
		l := c.l
		free := numbers("surplus", c.say, 1, map[string]int{"assigned": 11, "offered": 7, "ordered": c.most})
		free.Remedies = []diagnosis.Remedy{{ID: "free", Mode: "guided", Need: 1}}
		differs := numbers("order-differs", "b", 0, map[string]int{"ordered": c.most, "offered": 7, "assigned": 11})
		differs.Disputes = true
		d := diagnosis.Diagnosis{Account: "C-1042", At: wordstest.Now, Now: wordstest.Now, Findings: []diagnosis.Finding{differs, free}}
		steps := strings.Join(l.View(d, options(t, licence.Admin)).Findings[1].Remedies[0].Steps, " ")
		for _, bad := range []string{"ress “Activate”", "ryck på ”Aktivera”"} {
			if strings.Contains(steps, bad) {
				t.Errorf("%s: %s", l.Tag, steps)
			}
		}
		if !strings.Contains(steps, "Sales Premium") {
			t.Errorf("%s: the steps do not say what to take away: %s", l.Tag, steps)
		}
	}
}

// A sentence at one of several installations names it, also where it speaks of another whose id begins alike.
func TestASentenceNamesItsInstallation(t *testing.T) {
	for sentence, want := range map[string]string{
		"The licence waits.":                 "Cust50: The licence waits.",
		"The users belong at Cust501.":       "Cust50: The users belong at Cust501.",
		"The users of Cust50 are warned.":    "The users of Cust50 are warned.",
		"Cust501 waits, and so does Cust50.": "Cust501 waits, and so does Cust50.",
	} {
		if got := english.Voice(nil, time.Time{}).placed("Cust50", sentence); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The neutral sentence is all that an administrator reads of an unpaid invoice.
func TestNeutralSentence(t *testing.T) {
	d := wordstest.Stories()["overdue"].Diagnosis(t)
	for _, c := range []struct {
		l      *Language
		reader licence.Role
		want   string
	}{
		{&swedish, licence.Admin, "Licensen väntar på en betalning. Bo Lind har fått fakturan. Du behöver inte göra något."},
		{&english, licence.Admin, "The licence is waiting for a payment. Bo Lind has the invoice. There is nothing for you to do."},
		{&swedish, licence.Billing, "Faktura 7 (12\u00a0500\u00a0kr) förföll 1 november och är enligt våra uppgifter inte betald. Betala senast fredag 4 december, så förlängs licensen i tid."},
		{&english, licence.Billing, "Invoice 7 (SEK 12,500) fell due on 1 November and, as far as we know, is not paid. Pay by Friday 4 December, and the licence is extended in time."},
	} {
		f := c.l.View(d, options(t, c.reader)).Findings[0]
		if f.Title != c.want {
			t.Errorf("%s %s: %q, want %q", c.l.Tag, c.reader, f.Title, c.want)
		}
		if secret := c.reader == licence.Admin; secret && (len(f.Evidence) > 0 || len(f.Remedies) > 0 || f.Subject.ID != "") {
			t.Errorf("%s %s: more than the sentence: %+v", c.l.Tag, c.reader, f)
		}
	}
	// Once its first day has passed, nothing is in time any more, but SuperOffice need not stop.
	for _, c := range []struct {
		day  licence.Date
		want string
	}{
		{"2026-12-18", "The first date has passed. Pay by Friday 18 December, and SuperOffice goes on working; otherwise it stops on 25 December."},
		{licence.DateOf(wordstest.Now, wordstest.Zone(t)), "SuperOffice goes on working until 25 December, and would stop that day."},
	} {
		d.Findings[0].Deadline.ActBy, d.Findings[0].Deadline.Late = c.day, true
		f := english.View(d, options(t, licence.Billing)).Findings[0]
		if f.Deadline.Consequence != c.want || strings.Contains(f.Title, "in time") || strings.Contains(f.Title, "Pay by") {
			t.Errorf("%s %q, want %q", f.Title, f.Deadline.Consequence, c.want)
		}
	}
	// What was said of it is remembered, and the desk reads it too.
	d.Findings[0].Args["claimed"], d.Findings[0].Args["paid_on"], d.Findings[0].Args["paid_by"] = licence.Date("2026-11-17"), licence.Date("2026-11-16"), "OCR 77"
	d.Findings[0].Args["unfound"] = true
	for _, c := range []struct {
		reader licence.Role
		want   string
	}{
		{licence.Billing, "Invoice 7 (SEK 12,500): you said on 17 November that it is paid, but we have not found the payment. Send us the reference or a receipt."},
		{"", "Invoice 7 (SEK 12,500): the customer said on 17 November that it was paid on 16 November, reference OCR 77. Nothing has been found."},
		{licence.Admin, "The licence is waiting for a payment. Bo Lind has the invoice. There is nothing for you to do."},
	} {
		if got := english.View(d, options(t, c.reader)).Findings[0].Title; got != c.want {
			t.Errorf("%s: %q, want %q", c.reader, got, c.want)
		}
	}
	// Where the licence system has let the payment through, nothing says that paying brings it.
	both := wordstest.Stories()["two-causes"].Diagnosis(t)
	for _, f := range english.View(both, options(t, licence.Billing)).Findings {
		if f.Code == "invoice-overdue" && strings.Contains(f.Title+f.Deadline.Consequence, "in time") {
			t.Errorf("%s %s", f.Title, f.Deadline.Consequence)
		}
	}
	for _, f := range english.View(both, options(t, licence.Admin)).Findings {
		if f.Code == "invoice-overdue" {
			t.Errorf("the administrator reads of an invoice that holds nothing up: %s", f.Title)
		}
	}
}

// A subject that is too long makes way for a shorter one of the same meaning, never for that of its code: an
// administrator whose invoice is another's to pay would read "pay".
func TestSubjectKeepsItsMeaning(t *testing.T) {
	looked := 0
	for _, l := range Languages {
		w := writer{Voice: l.Voice(wordstest.Zone(t), wordstest.Now)}
		for key := range l.Text {
			code, say, ok := strings.Cut(strings.TrimPrefix(key, "subject."), ".")
			if !strings.HasPrefix(key, "subject.") || !ok || strings.HasSuffix(key, ".short") {
				continue
			}
			looked++
			f := Finding{Code: licence.Code(code), Say: say, Place: strings.Repeat("Norra ", 10)}
			if got, want := w.subject(f), w.placed(f.Place, w.Text["subject."]); got != want {
				t.Errorf("%s %s, too long: %q, want %q", l.Tag, key, got, want)
			}
		}
	}
	if looked < 100 {
		t.Errorf("%d subjects: this test looks at nothing", looked)
	}
}
