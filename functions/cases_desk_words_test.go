package functions_test

import (
	"strings"
	"testing"
)

// TestCasesOfADeskInWords plays what a licence desk read that was not so: each case says what it
// should, in both languages, and nothing that goes against it.
func TestCasesOfADeskInWords(t *testing.T) {
	const now = "2026-11-30T09:00:00Z"
	type sentences map[string][]string // by language
	for name, c := range map[string]struct{ says, never sentences }{
		"desk/two-one-by-file": {
			sentences{"en": {"Cust502: The licence system holds the longer licence already", "Load it from the file"}, "sv": {"Cust502: Licenssystemet har redan den längre licensen", "Läs in den från filen"}},
			sentences{"en": {"Nothing has been paid", "port 443"}, "sv": {"Inget har betalats", "port 443"}},
		},
		"desk/issued-endless": {
			sentences{"en": {"holds the longer licence already"}, "sv": {"har redan den längre licensen"}},
			sentences{"en": {"Nothing has been paid", "since 20 November"}, "sv": {"Inget har betalats", "sedan 20 november"}},
		},
		"desk/issued-by-file": {
			sentences{"en": {"Load it from the file", "Loaded by", "Support sends the file"}, "sv": {"Läs in den från filen", "Läses den in", "Supporten skickar filen"}},
			sentences{"en": {"port 443", "fetch it", "Or load", "Answer the mail"}, "sv": {"port 443", "Eller läs in", "Svara på brevet"}},
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
			sentences{"en": {"it holds no licence up", "renews in time"}, "sv": {"håller den inte tillbaka någon licens"}},
			sentences{"en": {"not lengthened"}, "sv": {"förlängs licensen inte"}},
		},
		"desk/open-no-period": {
			sentences{"en": {"none says which period it is for"}, "sv": {"säger vilken period den gäller"}},
			sentences{"en": {"is to be expected"}, "sv": {"är att vänta"}},
		},
		"desk/paid-no-periods": {
			sentences{"en": {"none says which period it is for"}, "sv": {"säger vilken period den gäller"}},
			sentences{"en": {"is to be expected"}, "sv": {"är att vänta"}},
		},
		"desk/other-kind-only": {
			sentences{"en": {"has been invoiced is not known: no licence invoice", "has reached the licence is not known: no licence invoice"}, "sv": {"är fakturerad är inte känt: ingen licensfaktura"}},
			sentences{"en": {"or subscription has been reported", "no invoice has been reported"}, "sv": {"inget abonnemang har rapporterats", "ingen faktura har rapporterats"}},
		},
		"desk/no-installation": {
			sentences{"en": {"Whether the licence waits for it is not known", "On which day SuperOffice would stop is not known"}, "sv": {"Om licensen väntar på den är inte känt"}},
			sentences{"en": {"does not hold the licence up", "Nothing stops"}, "sv": {"håller inte licensen", "Inget stannar"}},
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
}
