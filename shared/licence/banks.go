package licence

import (
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/cy"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/is"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mt"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
)

// target is the euro's payment system, as a country of its own: its days count for an invoice
// in euro, wherever the customer is.
const target = "TARGET"

// banks says on which days from Monday to Friday the banks of a country are closed: the public
// holidays of the library, less those on which banks work, and the days on which they are
// closed besides. Half days count as banking days.
type banks struct {
	public []*cal.Holiday
	open   []*cal.Holiday // of the public ones
	closed []*cal.Holiday
}

// countries is the table. Where it differs from the library, the line says why, or who says so.
var countries = map[string]banks{
	target: {public: ecb.Holidays},

	"AT": {public: at.Holidays, closed: days(goodFriday, christmasEve, newYearsEve)}, // collective agreement of the banks
	"BE": {public: be.Holidays, closed: days(goodFriday, easter(40), boxingDay)},     // Nationale Bank van België; Febelfin
	"BG": {public: bg.Holidays, open: days(bg.LabourDay), closed: days(
		except(2024, bg.LabourDay), once(2024, 5, 1), // the library takes the day before Good Friday for one in Easter
		once(2025, 12, 31), once(2026, 1, 2), // Council of Ministers, around the first day of the euro
	)},
	"CY": {public: cy.Holidays, closed: days(orthodox(2))}, // Central Bank of Cyprus
	"CZ": {public: cz.Holidays},
	"DE": {public: de.Holidays, closed: days(christmasEve, newYearsEve)}, // Bundesbank: no national business days
	"EE": {public: ee.Holidays},
	"ES": {public: es.Holidays},
	"FI": {public: fi.Holidays},
	"FR": {public: fr.Holidays},
	"GR": {public: gr.Holidays, closed: days(once(2024, 5, 7), once(2027, 5, 4), once(2032, 5, 4))}, // 1 May in Holy Week is moved beyond Easter
	"HR": {public: hr.Holidays},
	"HU": {public: hu.Holidays, closed: days( // ministry's decrees on days of rest that are worked in on a Saturday
		once(2024, 8, 19), once(2024, 12, 24), once(2024, 12, 27), once(2025, 5, 2), once(2025, 10, 24),
		once(2025, 12, 24), once(2026, 1, 2), once(2026, 8, 21), once(2026, 12, 24),
	)},
	"IE": {public: ie.Holidays, closed: days(goodFriday)},            // Banking & Payments Federation Ireland
	"IT": {public: it.Holidays, closed: days(from(2026, on(10, 4)))}, // law 151/2025: Saint Francis
	"LT": {public: lt.Holidays},
	"LU": {public: lu.Holidays, closed: days(goodFriday, from(2019, on(5, 9)))}, // Banque centrale du Luxembourg; Europe Day since 2019
	"LV": {public: lv.Holidays},                                                 // days moved by the Cabinet bind the state's institutions
	"MT": {public: mt.Holidays},
	"NL": {public: nl.Holidays, open: days(nl.BevrijdingsDag), closed: days(goodFriday, on(5, 1))}, // De Nederlandsche Bank: TARGET
	"PL": {public: pl.Holidays},
	"PT": {public: pt.Holidays},
	"RO": {public: ro.Holidays},
	"SI": {public: si.Holidays},
	"SK": {public: sk.Holidays,
		open: days(sk.Freedom, sk.Liberation, sk.LadyOfSorrows),
		// Law 261/2025: 17 November is worked from 2025 on, 8 May and 15 September in 2026.
		closed: days(until(2024, on(11, 17)), except(2026, on(5, 8)), except(2026, on(9, 15))),
	},

	// Krona and krone: the central banks' own days.
	"DK": {public: dk.Holidays, closed: danish},             // Danmarks Nationalbank
	"NO": {public: no.Holidays, closed: days(christmasEve)}, // Norges Bank
	"SE": {public: se.Holidays},                             // the library has the three eves on which banks are closed
	"IS": {public: is.Holidays},                             // the library has 24 and 31 December, as Seðlabanki Íslands

	// Faroe and Greenland pay in Danish kroner, so Danmarks Nationalbank's days count there too.
	"FO": {public: dk.Holidays, closed: slices.Concat(danish, days(easter(26), on(7, 29)))},           // dýri biðidagur, ólavsøka
	"GL": {public: dk.Holidays, closed: slices.Concat(danish, days(easter(26), on(1, 6), on(6, 21)))}, // tussiarfissuaq, mitaarneq, ullortuneq
	"AX": {public: fi.Holidays, closed: days(on(6, 9))},                                               // Åland's autonomy day

	// The library has the union of all cantons. This is the list of the Swiss payment system (SIC).
	"CH": {closed: days(on(1, 1), on(1, 2), goodFriday, easterMonday, on(5, 1), easter(39), easter(50), on(8, 1), on(12, 25), boxingDay)},
	// The library lacks Liechtenstein. This is the list of its Landesbank.
	"LI": {closed: days(on(1, 1), on(1, 2), on(1, 6), on(2, 2), easter(-47), on(3, 19), goodFriday, easterMonday, on(5, 1), easter(39),
		easter(50), easter(60), on(8, 15), on(9, 8), on(11, 1), on(12, 8), christmasEve, on(12, 25), boxingDay, newYearsEve)},

	"GB":     {public: gb.Holidays}, // England and Wales
	"GB-ENG": {public: gb.Holidays},
	"GB-WLS": {public: gb.Holidays},
	"GB-NIR": {public: gb.Holidays, closed: days(observed(on(3, 17)), observed(on(7, 12)))}, // nidirect.gov.uk
	"GB-SCT": {public: gb.Holidays, open: days(gb.EasterMonday, gb.SummerHoliday), // mygov.scot
		closed: days(afterNewYear, gb.SummerHolidayScotland, observed(on(11, 30)), once(2026, 6, 15))},
}

// elsewhere is where we know no better.
var elsewhere = banks{closed: days(on(12, 25), on(1, 1))}

var (
	goodFriday   = aa.GoodFriday
	easterMonday = aa.EasterMonday
	christmasEve = on(12, 24)
	boxingDay    = on(12, 26)
	newYearsEve  = on(12, 31)
	danish       = days(easter(40), on(6, 5), christmasEve, newYearsEve)
	// The second of January gives way to the first, as Boxing Day to Christmas Day.
	afterNewYear = &cal.Holiday{Month: time.January, Day: 2, Func: cal.CalcDayOfMonth, Observed: gb.BoxingDay.Observed}
)

func days(h ...*cal.Holiday) []*cal.Holiday { return h }

// on is a day of every year; easter and orthodox are days from an Easter Sunday.
func on(month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

func easter(days int) *cal.Holiday { return &cal.Holiday{Offset: days, Func: cal.CalcEasterOffset} }

func orthodox(days int) *cal.Holiday {
	return &cal.Holiday{Offset: days, Julian: true, Func: cal.CalcEasterOffset}
}

func once(year int, month time.Month, day int) *cal.Holiday {
	return on(month, day).Clone(&cal.Holiday{StartYear: year, EndYear: year})
}

func from(year int, h *cal.Holiday) *cal.Holiday { return h.Clone(&cal.Holiday{StartYear: year}) }

func until(year int, h *cal.Holiday) *cal.Holiday { return h.Clone(&cal.Holiday{EndYear: year}) }

func except(year int, h *cal.Holiday) *cal.Holiday { return h.Clone(&cal.Holiday{Except: []int{year}}) }

// observed is a day whose place the next Monday takes where it falls on a weekend.
func observed(h *cal.Holiday) *cal.Holiday {
	return h.Clone(&cal.Holiday{Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}})
}

// Countries are those whose banking days are known, by ISO 3166; Great Britain's parts have
// their own.
func Countries() []string {
	out := SortedKeys(countries)
	return slices.DeleteFunc(out, func(c string) bool { return c == target })
}

// A closedYear has, for each month, a bit for each day on which banks are closed.
type closedYear [13]uint32

func (y *closedYear) has(month time.Month, day int) bool { return y[month]&(1<<day) != 0 }

// closedYears are made when a country and year are first asked for, and kept: the library
// computes each holiday anew for each day that is asked about.
var closedYears sync.Map // countryYear -> *closedYear

type countryYear struct {
	country string // "": elsewhere
	year    int
}

func closedIn(country string, year int) *closedYear {
	b, known := countries[country]
	if !known {
		country, b = "", elsewhere
	}
	key := countryYear{country, year}
	if y, ok := closedYears.Load(key); ok {
		return y.(*closedYear)
	}
	y := &closedYear{}
	mark := func(t time.Time) {
		if t.Year() == year {
			y[t.Month()] |= 1 << t.Day()
		}
	}
	for _, h := range slices.Concat(b.public, b.closed) {
		if slices.Contains(b.open, h) {
			continue
		}
		// A day may be observed in the year before its own, or in the one after.
		for _, around := range []int{year - 1, year, year + 1} {
			day, instead := h.Calc(around)
			mark(day)
			mark(instead)
		}
	}
	closedYears.Store(key, y)
	return y
}
