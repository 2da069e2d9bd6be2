package page

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/words"
	"seatmend/shared/words/wordstest"
)

// cures are the pages below the first one, each as full as it can be.
func cures(t *testing.T, l *words.Language) map[string]Data {
	t.Helper()
	at := wordstest.Now.Add(-26 * time.Hour)
	base := Data{Base: "/r/abcdefghijklmnopqrstuvwxyz0123456789ABCD.xyz", Operator: fjordpartner, Account: "Fjord Foods AB",
		Zone: wordstest.Zone(t), Now: wordstest.Now, Session: &Session{}}
	screen := screenOfFjord()
	plan := Cure{
		Fingerprint: "85bc81753dfabb43", CustID: "Cust12345", Address: "https://online2.superoffice.com/Cust12345", Plan: "Sales Premium", Need: 2, Reads: true,
		Chosen: &Chosen{By: "Anna Berg", At: at, Picks: []Picked{
			{User: "7", Name: "Olle Ek", State: "done"}, {User: "12", Name: "Eva Holm", State: "todo", Requests: 4, To: "Service Premium"}, {User: "9", Name: "Siv Ask", State: "back"},
		}},
		People: holders()[3:4], Apart: holders()[2:3], Next: "/r/abc/seats/85bc81753dfabb43?after=x",
		Moves: []Move{{"service-premium", "Service Premium", 2}}, After: []Bar{{Name: "Sales Premium", Assigned: new(7), Offered: new(7), Total: new(10)}},
		Remains: []string{"Your new licence is ready."}, Fits: true,
	}
	swap := plan
	swap.To, swap.Way, swap.Need, swap.Moves = "Sales Premium Plus", "free-activate-give", 30, nil
	swap.Chosen = &Chosen{By: "Anna Berg", At: at, Mine: true, Picks: []Picked{
		{User: "7", Name: "Olle Ek", State: "taken", To: "Sales Premium Plus"}, {User: "9", Name: "Siv Ask", State: "skipped", To: "Sales Premium Plus"},
	}}
	suite, scim, blind := plan, plan, plan
	suite.Suite = true
	scim.SCIM = true
	blind.Reads, blind.There, blind.Screen = false, true, screen
	none := plan
	none.Chosen, none.Active, none.Query, none.People = nil, true, "ola", nil
	offer := Cure{CustID: "Cust12345", Address: plan.Address, Fingerprint: "85bc81753dfabb43", Reads: true, Offer: &Offer{
		ID: "0011223344556677", Until: "2026-12-13", New: "2027-12-13", Here: true, Code: true, CodeTo: "anna@fjord.example",
		Lines: []OfferLine{{"Sales Premium", new(7), new(10), new(7)}, {"Service Premium", new(3), new(5), new(6)}, {"Mobile", nil, new(2), new(2)}},
	}}
	ask, there := offer, offer
	ask.Offer = &Offer{Here: true, Lines: offer.Offer.Lines}
	there.Offer, there.Reads, there.Screen = &Offer{Lines: offer.Offer.Lines}, false, screen
	whole := swap
	whole.Chosen, whole.Need, whole.Seats = nil, 3, 3
	many := swap
	many.Chosen = &Chosen{By: "Anna Berg", At: at}
	for i := range 400 {
		many.Chosen.Picks = append(many.Chosen.Picks, Picked{User: strconv.Itoa(i), Name: "Olle Ek den äldre " + strconv.Itoa(i), State: "todo", To: "Sales Premium Plus", Requests: 2})
	}
	page := many
	page.Progress, page.Next = [2]int{3, 400}, "/r/abc/list/85bc81753dfabb43?from=100"
	page.Chosen = &Chosen{By: "Anna Berg", At: at, Picks: many.Chosen.Picks[:100]}
	out := map[string]Data{}
	add := func(name, kind string, c Cure, faults ...Fault) {
		p := base
		p.Kind, p.Cure, p.Faults = kind, &c, faults
		out[name] = p
	}
	add("seats", "seats", plan)
	add("seats-fault", "seats", plan, Fault{"q", "people"})
	add("seats-none", "seats", none)
	add("seats-suite", "seats", suite)
	add("seats-scim", "seats", scim)
	add("seats-swap", "seats", swap)
	add("seats-swap-whole", "seats", whole)
	add("seats-swap-many", "seats", many)
	add("steps-many", "steps", many)
	add("list-many", "list", page)
	add("steps", "steps", plan)
	add("steps-suite", "steps", suite)
	add("steps-scim", "steps", scim)
	add("steps-blind", "steps", blind, Fault{"expires", "expires"})
	direct, coded, exchange := plan, plan, swap
	direct.Direct = &Direct{Choice: "c1", N: 2, Names: []string{"Eva Holm", "Siv Ask"}, Needs: true}
	coded.Direct = &Direct{Choice: "c1", N: 2, Names: direct.Direct.Names, Needs: true, Waits: true, CodeTo: "anna@fjord.example"}
	exchange.Direct = &Direct{Choice: "c1", N: 2, Names: direct.Direct.Names, Exchange: true}
	add("steps-direct", "steps", direct)
	add("steps-direct-code", "steps", coded)
	add("steps-direct-code-fault", "steps", coded, Fault{"code", "code"})
	add("steps-direct-exchange", "steps", exchange)
	add("swap", "steps", swap)
	add("list", "list", swap)
	add("activate", "activate", offer)
	add("activate-fault", "activate", offer, Fault{"code", "code"})
	add("activate-ask", "activate", ask)
	add("activate-there", "activate", there)
	// The same, where the figures were told four days ago: each page says so.
	told := wordstest.Stories()["surplus-told"].Diagnosis(t)
	for name, kind := range map[string]string{"seats": "seats", "steps-blind": "steps", "activate-there": "activate"} {
		p := out[name]
		p.Faults, p.View.AsOf = nil, l.AsOf(told, readBy(t, licence.Admin))
		out["told-"+kind] = p
	}
	said := licence.LicenceStated{Offer: licence.Active, Expires: "2027-12-13"}
	for step, asks := range map[string]Asks{
		"offer": {}, "same": {Said: licence.LicenceStated{Offer: licence.Waits}}, "expires": {Said: said},
		"in-use": {Said: licence.LicenceStated{Offer: licence.None}},
		"confirm": {Said: said, Takes: true, Goes: []string{"2 seats."}, Comes: []string{"Nothing."}, Notes: []Note{
			{"same-end", words.Args{"expires": licence.Date("2026-12-13")}}, {"longer", words.Args{"expires": licence.Date("2026-12-13")}},
			{"shorter", words.Args{"expires": licence.Date("2026-12-13")}}, {"gone", words.Args{"day": licence.Date("2026-11-20")}}, {"past", nil},
			{"listed", words.Args{"plan": "Sales Premium", "n": 3, "listed": 9, "chosen": 2}}, {"ordered", words.Args{"plan": "Sales Premium", "n": 3, "ordered": 7}},
		}},
	} {
		asks.Step = step
		add("screen-"+step, "screen", Cure{CustID: "Cust12345", Screen: screen, Asks: &asks})
	}
	return out
}

// screenOfFjord is what was known of a screen four days ago.
func screenOfFjord() *Screen {
	return &Screen{CustID: "Cust12345", Address: "https://online2.superoffice.com/Cust12345", Day: "2026-11-19", Expires: "2026-12-13", New: "2027-12-13", Offered: true,
		Plans: []ScreenLine{{Plan: "sales-premium", Name: "Sales Premium", InUse: 9, New: new(7)}}}
}

// The list of who had what names everybody on it, and what each one gets.
func TestListNamesEverybody(t *testing.T) {
	for _, l := range words.Languages {
		page := wordstest.Visible(pageHTML(t, l, cures(t, l)["list"]))
		for _, want := range []string{"Olle Ek", "Siv Ask", "Sales Premium Plus"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the list lacks %q:\n%s", l.Tag, want, page)
			}
		}
	}
}

// Where everybody who has a plan is to change, there is one proposal, with its names in it, and
// one button.
func TestASwapOfAllIsOneProposal(t *testing.T) {
	for _, l := range words.Languages {
		html := pageHTML(t, l, cures(t, l)["seats-swap-whole"])
		page := wordstest.Visible(html)
		said, _, _ := strings.Cut(l.Text["page.swap.all.text"], ".")
		want := strings.NewReplacer("{plan}", "Sales Premium", "{to}", "Sales Premium Plus").Replace(said)
		if want == "" || !strings.Contains(page, want) || strings.Count(html, `action="/r/abcdefghijklmnopqrstuvwxyz0123456789ABCD.xyz/choose"`) != 1 {
			t.Errorf("%s: no one proposal %q:\n%s", l.Tag, want, page)
		}
	}
}

// What a person told us is shown as that person's word, and nothing is called done that is not.
func TestDoneSaysWhoseWordItIs(t *testing.T) {
	d := wordstest.Stories()["fine"].Diagnosis(t)
	for _, l := range words.Languages {
		p := pagesOf(t, l, d, licence.Admin)["-open"]
		p.Done = &Done{Until: "2027-12-13", Stated: "Anna Berg", Changed: []Moved{{Name: "Sales Premium", Before: 10, After: 7}}}
		page := wordstest.Visible(pageHTML(t, l, p))
		stated := strings.ReplaceAll(l.Text["page.done.stated"], "{stated}", "Anna Berg")
		read := l.Text["page.done.read"]
		if !strings.Contains(page, stated) || strings.Contains(page, read) {
			t.Errorf("%s: a statement is not told as one:\n%s", l.Tag, page)
		}
		p.Session, p.StatedBy = nil, "Anna Berg"
		if page := wordstest.Visible(pageHTML(t, l, p)); strings.Contains(page, "Anna Berg") || strings.Contains(page, read) {
			t.Errorf("%s: a name before anybody asked, or a reading that was none:\n%s", l.Tag, page)
		}
	}
}
