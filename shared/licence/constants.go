package licence

import "time"

// The durations of the rules. They are constants, not settings.
const (
	Day = 24 * time.Hour

	Reach        = 15             // days: a paid period that ends a day after the licence is still the present one
	Settling     = 24 * time.Hour // an order in motion: no notice from a change of what is ordered until then
	Check        = Day            // after next_check the installation has had its chance
	Self         = 3 * Day        // an offer may activate itself
	Posted       = 3              // banking days from the due date until we dare say "not paid" to a customer
	Passed       = 3              // banking days from payment until the licence should be longer; 1 in grace
	Lead         = 5              // banking days: the last useful payment day is so long before expires
	Risk         = 30             // days before expires
	Issued       = 60             // days: an invoice without a period counts so long from when it was issued, that day too
	Decay        = 14 * Day       // a login in the wrong installation is forgotten
	Fresh        = 72 * time.Hour // of a source that is read or checked
	FreshAtRisk  = 26 * time.Hour
	Told         = 30 * Day // of one that nobody can read; at risk
	ToldAtRisk   = 7 * Day  // from the later of the telling and the beginning of risk
	FreshVersion = 180 * Day
	Idle         = 90 * Day // ranking of candidates: idle
	TooNew       = 30 * Day // and too new to judge
	Many         = 25       // people: beyond that, plans are exchanged together with support

	Ahead     = 5 * time.Minute  // a fact stamped further ahead is refused: it would pin a register
	Uncertain = 10 * time.Minute // a mail that is on its way for so long may have gone, or not
	Quarter   = 15 * time.Minute
	Week      = 7 * Day
)
