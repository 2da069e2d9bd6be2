package functions_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/effects"
	"seatmend/shared/store"
)

// TestCasesOfADeskInWords plays what a licence desk read that was not so: each case says what it
// should, in both languages, and nothing that goes against it.
func TestCasesOfADeskInWords(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	type sentences map[string][]string // by language
	for name, c := range map[string]struct{ says, never sentences }{
		"desk/two-one-by-file": {
			sentences{"en": {"Cust502: The licence system already holds the longer licence", "Load it from the file"}, "sv": {"Cust502: Licenssystemet har redan den förlängda licensen", "Läs in den från filen"}},
			sentences{"en": {"Nothing has been paid", "port 443"}, "sv": {"Inget har betalats", "port 443"}},
		},
		"desk/issued-endless": {
			sentences{"en": {"already holds the longer licence"}, "sv": {"har redan den förlängda licensen"}},
			sentences{"en": {"Nothing has been paid", "since 20 November"}, "sv": {"Inget har betalats", "sedan 20 november"}},
		},
		"desk/issued-by-file": {
			sentences{"en": {"Load it from the file", "Loaded by", "Support sends the file"}, "sv": {"Läs in den från filen", "Läses den in", "Supporten skickar filen"}},
			sentences{"en": {"port 443", "fetch it", "Or load", "Answer the email"}, "sv": {"port 443", "Eller läs in", "Svara på mejlet"}},
		},
		"desk/issued-no-fetch-told": {
			sentences{"en": {"but the server has not fetched it. Allow"}, "sv": {"men servern har inte hämtat den. Öppna"}}, nil,
		},
		"desk/issued-unpaid": {
			sentences{"en": {"but SuperOffice has not fetched it. Support"}, "sv": {"men SuperOffice har inte hämtat den. Supporten"}}, nil,
		},
		"desk/issued-fetch-failed": {
			sentences{"en": {"but SuperOffice has not fetched it. Support"}, "sv": {"men SuperOffice har inte hämtat den. Supporten"}}, nil,
		},
		"desk/disputed-longer-offer": {
			sentences{"en": {"it is not holding up any licence", "renews in time"}, "sv": {"håller den inte tillbaka någon licens"}},
			sentences{"en": {"not extended automatically"}, "sv": {"förlängs licensen inte"}},
		},
		"desk/open-no-period": {
			sentences{"en": {"None of the invoices that we know of says which period it is for"}, "sv": {"säger vilken period den gäller"}},
			sentences{"en": {"is expected"}, "sv": {"är att vänta"}},
		},
		"desk/paid-no-periods": {
			sentences{"en": {"None of the invoices that we know of says which period it is for"}, "sv": {"säger vilken period den gäller"}},
			sentences{"en": {"is expected"}, "sv": {"är att vänta"}},
		},
		"desk/other-kind-only": {
			sentences{"en": {"We do not know whether the next period has been invoiced: no licence invoice", "We do not know whether a payment has reached the licence: no licence invoice"}, "sv": {"Vi vet inte om nästa period är fakturerad: ingen licensfaktura"}},
			sentences{"en": {"or subscription has been reported", "no invoice has been reported"}, "sv": {"inget abonnemang har rapporterats", "ingen faktura har rapporterats"}},
		},
		"desk/no-installation": {
			sentences{"en": {"We do not know whether the licence is waiting for it", "We do not know on which day SuperOffice would stop"}, "sv": {"Vi vet inte om licensen väntar på den"}},
			sentences{"en": {"is not holding up the licence", "Nothing stops"}, "sv": {"håller inte licensen", "Inget stannar"}},
		},
		// What a difference waits for is what happened.
		"desk/suite-licence-of-plans": {
			sentences{"en": {"meanwhile we go by the licence"}, "sv": {"går vi efter licensen"}},
			sentences{"en": {"the licence 0", "has just changed"}, "sv": {"licensen 0", "just har ändrats"}},
		},
		"desk/licence-told-after-order": {
			sentences{"en": {"It may still come right by itself, until 3 December", "A licence often follows its order"}, "sv": {"Det kan ännu rätta till sig", "En licens följer ofta sin beställning"}},
			sentences{"en": {"has just changed"}, "sv": {"just har ändrats", "har just ändrats"}},
		},
		"desk/one-of-two-just-ended": {
			sentences{"en": {"A subscription has just ended", "is often replaced within the day"}, "sv": {"Ett abonnemang har just upphört", "ersätts ofta inom dygnet"}},
			sentences{"en": {"has just changed"}, "sv": {"just har ändrats", "har just ändrats"}},
		},
		"desk/order-just-raised": {
			sentences{"en": {"The order has just changed", "often changes again"}, "sv": {"Beställningen har just ändrats", "ändras ofta igen"}}, nil,
		},
		"desk/serial-settling": {
			sentences{"en": {"Our records may still follow, until 1 December"}, "sv": {"Våra uppgifter kan ännu komma i kapp"}},
			sentences{"en": {"has just changed"}, "sv": {"har just ändrats"}},
		},
		"desk/next-invoice-void": {
			sentences{"en": {"A new one in its place may be on its way"}, "sv": {"En ny kan vara på väg i stället"}},
			sentences{"en": {"has just changed"}, "sv": {"har just ändrats"}},
		},
		// What we cannot see any more has no cause.
		"desk/stale-surplus": {
			sentences{"en": {"We do not know how the licence stands now"}, "sv": {"Vi vet inte hur licensen ser ut nu"}},
			sentences{"en": {"A new licence is waiting, and"}, "sv": {"En ny licens väntar, och"}},
		},
		"desk/stale-not-activated": {
			sentences{"en": {"We do not know how the licence stands now"}, "sv": {"Vi vet inte hur licensen ser ut nu"}},
			sentences{"en": {"The numbers fit"}, "sv": {"Antalen stämmer"}},
		},
		"desk/stale-not-fetched": {
			sentences{"en": {"We do not know how the licence stands now"}, "sv": {"Vi vet inte hur licensen ser ut nu"}},
			sentences{"en": {"The longer licence is there"}, "sv": {"Där ligger den förlängda"}},
		},
		"desk/belied-paid-lapsing": {
			sentences{"en": {"We do not know whether the licence has been extended since", "a later login warning"}, "sv": {"Vi vet inte om licensen har förlängts sedan dess", "en senare varning vid inloggning"}},
			sentences{"en": {"That has not happened", "too long ago", "last read"}, "sv": {"Det har inte skett", "det är för länge sedan", "senast läst"}},
		},
		"desk/maintenance": {
			sentences{"en": {"not compared with the order", "Cust501 is closed for maintenance"}, "sv": {"jämförs inte med beställningen", "Cust501 är stängd för underhåll"}},
			sentences{"en": {"too long ago", "last read"}, "sv": {"det är för länge sedan", "senast läst"}},
		},
		// An offer that ends with the licence holds nothing up.
		"desk/same-expiry-refused": {
			sentences{"en": {"Everything that can be counted fits"}, "sv": {"Allt som går att räkna stämmer"}},
			sentences{"en": {"would stop", "has to finish"}, "sv": {"annars stannar"}},
		},
		"desk/same-expiry-differs": {
			sentences{"en": {"though it covers every seat in use"}, "sv": {"fast ingen har en plats för mycket"}},
			sentences{"en": {"would stop", "is needed by", "can be counted fits", "The numbers fit"}, "sv": {"annars stannar", "går att räkna stämmer", "Antalen stämmer"}},
		},
		"desk/swap-with-one": {
			sentences{"sv": {"Service Premium: 1 tilldelad, 9"}},
			sentences{"sv": {"1 tilldelade", "1 beställda"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, name, now)
			for _, lang := range []string{"en", "sv"} {
				text := strings.Join(strings.Fields(p.read(lang)), " ")
				for _, want := range c.says[lang] {
					if !strings.Contains(text, want) {
						t.Errorf("it should say %q:\n%s", want, text)
					}
				}
				for _, claim := range c.never[lang] {
					if strings.Contains(text, claim) {
						t.Errorf("%q is not so:\n%s", claim, text)
					}
				}
			}
		})
	}
	t.Run("a reading that is waited for has no day", func(t *testing.T) {
		p := play(t, "desk/over-used", now)
		if f := p.stands("surplus", "waiting"); f.Until != "" {
			t.Errorf("it waits until %s, which is past", f.Until)
		}
	})
	t.Run("an exchange of one", func(t *testing.T) {
		p := playWith(t, "desk/swap-with-one", now, func(b []byte) []byte {
			return []byte(strings.NewReplacer(`"new_total": 6`, `"new_total": 9`, `"total": 3`, `"total": 1`, `"new_total": 9`, `"new_total": 2`).Replace(string(b)))
		})
		p.stands("plan-swap", "open")
		for lang, want := range map[string][]string{"en": {"Choose 1 person,", "to the same person"}, "sv": {"Välj 1 person,", "till samma person"}} {
			text := strings.Join(strings.Fields(p.read(lang)), " ")
			for _, want := range want {
				if !strings.Contains(text, want) {
					t.Errorf("it should say %q:\n%s", want, text)
				}
			}
		}
		p.saysNot("en", "all 1", "same 1")
		p.saysNot("sv", "alla 1", "samma 1")
	})
	t.Run("support hears of what the administrator is to let in", func(t *testing.T) {
		for _, name := range []string{"desk/new-serial-offered", "desk/new-name-offered"} {
			p := play(t, name, now)
			f := p.stands("identity-differs", "open")
			if f.Owner != "admin" || len(f.Informed) != 1 || f.Informed[0] != "support" {
				t.Errorf("it is %s's, and %v are informed", f.Owner, f.Informed)
			}
			if m := p.mailsTo("ada@skarp.example"); len(m) != 1 {
				t.Errorf("%s: the administrator has %d mails", name, len(m))
			}
			told := p.toSupport(f.Case)
			if len(told) != 1 || !strings.HasPrefix(told[0].Text, "For support:") || !strings.Contains(told[0].Text, "For: the administrator at the customer") {
				t.Fatalf("%s: support is told %+v", name, told)
			}
			bodies := caseBodies(t, name)
			end := string(bodies[len(bodies)-1])
			end = strings.NewReplacer("2026-11-30T06:00:00Z", "2026-11-30T09:00:00Z", `"status"`, `"was"`, `"message"`, `"said"`).Replace(end)
			p.post("standard", "/users/standard", "let-in", []byte(end))
			p.advance(p.clock.Now().Add(time.Hour))
			if told = p.toSupport(f.Case); len(told) != 2 || !strings.HasPrefix(told[1].Text, "Closed:") {
				t.Errorf("%s: support is told %+v", name, told)
			}
		}
	})
	t.Run("support hears of what the server has not fetched", func(t *testing.T) {
		p := play(t, "desk/issued-no-fetch-told", now)
		if told := p.toSupport(p.stands("not-fetched", "open").Case); len(told) != 1 || !strings.HasPrefix(told[0].Text, "For support:") {
			t.Errorf("support is told %+v", told)
		}
	})
}

// toSupport are the mails that support's desk has of a case, the earliest first.
func (p *played) toSupport(number string) (all []effects.DeskMail) {
	p.Helper()
	rows, _, err := p.db.Rows(p.Context(), p.account, "desk", store.Page{Limit: 100})
	if err != nil {
		p.Fatal(err)
	}
	for _, row := range rows {
		var m effects.DeskMail
		if err := json.Unmarshal(row.Body, &m); err != nil {
			p.Fatal(err)
		}
		if m.To == app.Invented.Desks["support"] && strings.Contains(m.Subject, number) {
			all = append([]effects.DeskMail{m}, all...)
		}
	}
	return all
}
