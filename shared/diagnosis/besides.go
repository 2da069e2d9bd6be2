package diagnosis

import (
	"regexp"

	"seatmend/shared/licence"
)

// A warning at login may be about something else than the lapse of the licence. Which, its own
// words tell; who integrates the login passes them on as they are.
var besides = []struct {
	about string
	says  *regexp.Regexp
}{
	{"no-plan", regexp.MustCompile(`(?i)user ?plan|användarplan|brukerplan|brugerplan|benutzerplan|gebruikersplan`)},
	{"metered", regexp.MustCompile(`(?i)metered|datapriser`)},
	{"suite-limit", regexp.MustCompile(`(?i)\blimit|plangräns|begränsning`)},
}

// Besides tells what such a warning is about by its words: no-plan (a user has none), metered (a
// service that is charged by use), suite-limit (a limit of a CRM Suite plan), or "other".
func Besides(message string) string {
	for _, b := range besides {
		if b.says.MatchString(message) {
			return b.about
		}
	}
	return "other"
}

// besides are the installations whose latest warning is about no lapse, and what it is about.
func (r *Reading) besides() map[string]string {
	out := map[string]string{}
	for _, s := range r.Production() {
		if s.Calm {
			out[licence.Lower(s.Installation.CustID)] = Besides(s.Login.Value.Message)
		}
	}
	return out
}
