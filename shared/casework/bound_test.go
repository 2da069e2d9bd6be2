package casework

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// Long notes leave room for the directory: of an answer the beginning is known, the whole is its fact.
func TestLongNotesLeaveRoom(t *testing.T) {
	wide := fjord()
	wide.Contacts = nil
	for i := range 100 {
		wide.Contacts = append(wide.Contacts, licence.Contact{ID: fmt.Sprint("c", i), Name: strings.Repeat("n", 900), Email: fmt.Sprintf("p%d@fjord.example", i), Role: licence.Admin, Locale: "sv"})
	}
	for i := range 200 - len(wide.Plans) {
		wide.Plans = append(wide.Plans, licence.Plan{Plan: fmt.Sprint("plan-", i), Name: strings.Repeat("p", 600), Module: fmt.Sprint("module-", i), Prices: []string{}})
	}
	for _, stored := range []bool{false, true} { // by a version that knew them whole
		w := newWorld(t, "2026-11-30 09:00", fjord())
		answers := map[string]licence.Reg[licence.FindingAnswered]{}
		for i := range 60 {
			w.now = w.now.Add(time.Second)
			a := licence.FindingAnswered{Fingerprint: fmt.Sprintf("%016x", i), Answer: "on-purpose", By: strings.Repeat("å", 500), Note: strings.Repeat("ö", 2000)}
			if stored {
				answers[a.Fingerprint] = licence.Reg[licence.FindingAnswered]{Stamp: licence.Stamp{At: w.now, ID: fmt.Sprint("old-", i)}, Value: a}
				continue
			}
			w.tell(a)
			if got := w.s.Known.Profile.Answers[a.Fingerprint].Value; len(got.Note) > licence.MaxText || !strings.HasPrefix(a.Note, got.Note) || !utf8.ValidString(got.Note) {
				t.Fatalf("known of the note are %d bytes: %q", len(got.Note), got.Note)
			}
		}
		if stored {
			w.s.Known.Profile.Answers = answers
		}
		w.now = w.now.Add(time.Second)
		c, _, err := Step(w.s, nil, licence.Fact{ID: "wide", To: []licence.Name{{Sender: "account", ID: "C-1042"}}, At: w.now, Source: "standard", Payload: wide}, w.now)
		if err != nil {
			t.Errorf("stored %v: a directory of %d bytes: %v", stored, licence.Size(wide), err)
		}
		if n := len(c.Known.Profile.Answers); n != 60 {
			t.Errorf("stored %v: %d answers are left", stored, n)
		}
	}
}

// Where there is no room, answers to what is gone are left out before those to what stands.
func TestAnswersToWhatStandsAreKept(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.told(stockholm("2026-11-20 08:00"), "order", orderOf("sub_1", "sales-premium", 7))
	w.tell(lapsingLicence(licenceLine("sales-premium", 10, 7, 9)))
	w.halfHour()
	fp := w.finding("surplus", "open").Fingerprint
	w.tell(licence.FindingAnswered{Fingerprint: fp, Answer: "on-purpose"})
	for i := range 150 {
		w.now = w.now.Add(time.Second)
		w.tell(licence.FindingAnswered{Fingerprint: fmt.Sprintf("%016x", i), Answer: "on-purpose"})
	}
	k := w.s.Known.Clone()
	if !k.Spare("profile", 1<<20, func(a0 string) int { return open(&w.s.History, a0) }) {
		t.Fatal("nothing was spared")
	}
	if _, kept := k.Profile.Answers[fp]; !kept || len(k.Profile.Answers) != licence.LeastAnswers {
		t.Errorf("%d answers are left, that of the finding that stands: %v", len(k.Profile.Answers), kept)
	}
}

// A wish for a link that an earlier version kept is met once.
func TestAWishOfAnEarlierVersion(t *testing.T) {
	w := newWorld(t, "2026-11-30 09:00", fjord())
	w.s.Known.Profile.Asked = licence.Reg[licence.LinkAsked]{Stamp: licence.Stamp{At: w.now, ID: "page/old"}, Value: licence.LinkAsked{To: "anna"}}
	for range 2 {
		c := Tick(w.s, w.now)
		w.commit(c)
	}
	if got := w.owing(licence.Mail, "link"); len(got) != 1 || got[0].Named() != "anna" {
		t.Errorf("owed: %+v", got)
	}
}
