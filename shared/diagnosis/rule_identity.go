package diagnosis

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"seatmend/shared/licence"
)

// FAQ causes 2 and 4: company or serial of licence and installation differ, and the check
// then locks everybody out.
func identityDiffers(r *Reading, out []Verdict) []Verdict {
	for _, s := range r.Production() {
		out = append(out, r.identityOf(s))
	}
	return out
}

func (r *Reading) identityOf(s *Installation) Verdict {
	v := s.verdict(Fails)
	v.Owner, v.Informed, v.Say = licence.Support, []licence.Role{licence.Admin}, "same"
	if !s.Fresh || s.maintained() {
		v.Answer, v.Say, v.Evidence = Unknown, s.unseen(), s.staleEvidence()
		return v
	}
	owner := r.owner(s)
	company := Evidence{Name: "company", Value: strings.TrimSpace(s.L.Company), Source: s.Report.Source, At: s.Report.At, Of: s.named("company")}
	serials := append([]string{s.Installation.Serial}, s.Serials...)
	known := func(serial string) bool {
		return serial == "" || s.Installation.Serial == "" || slices.ContainsFunc(serials, func(k string) bool { return sameName(k, serial) })
	}
	serial := s.value("serial", s.L.Serial, "serial")
	if got := s.KnownInstallation.Serial.Value; known(s.L.Serial) && got != nil {
		serial = Evidence{Name: "serial", Value: *got, Source: s.KnownInstallation.Serial.Source, At: s.KnownInstallation.Serial.At, Of: s.named("reported_serial")}
	}
	says := s.value("status", s.L.Status, "status")
	if s.L.Message != "" {
		says.Name, says.Value = "message", s.L.Message // its own words, which may give the new name
	}
	late := false // there is no time to wait: support sees to it at once, and the customer hears nothing yet
	switch status := strings.ReplaceAll(licence.Lower(s.L.Status), "-", ""); {
	// The licence system has the change and offers it: the admin lets it in, by SuperOffice's own steps.
	case strings.HasPrefix(status, "newcompany"):
		v.Answer, v.Say, v.Owner, v.Evidence = Holds, "offered", licence.Admin, []Evidence{says}
		v.Remedies = []Remedy{{ID: "fetch-name", Mode: "guided"}}
	case strings.HasPrefix(status, "newserial"):
		v.Answer, v.Say, v.Owner, v.Evidence = Holds, "offered-serial", licence.Admin, []Evidence{says}
		v.Remedies = []Remedy{{ID: "enter-serial", Mode: "guided"}}
	case !s.L.Offered && notFound.MatchString(s.L.Message):
		v.Answer, v.Say = Holds, "not-found"
		v.Evidence = []Evidence{s.value("message", s.L.Message, "message")}
	case company.Value != "" && owner.Value != "" && !sameName(s.L.Company, owner.Value.(string)):
		v.Answer, v.Say = Holds, "company"
		v.Args["company"], v.Args["owner"] = company.Value, owner.Value
		v.Evidence = []Evidence{company, owner}
	case !known(serial.Value.(string)):
		v.Answer, v.Say = Holds, "serial"
		v.Args["serial"], v.Args["known"] = serial.Value, s.Installation.Serial
		v.Evidence = []Evidence{serial}
		if late = r.outlasts(r.Began(&v).Add(licence.Settling), s); !late {
			v.Waits = []Wait{{For: "settle", Span: licence.Settling}} // usually the directory is behind
		}
	default:
		return v
	}
	if v.Owner == licence.Admin {
		v.Informed, v.Beside = []licence.Role{licence.Support}, licence.Support // who has to know at once as well
	}
	// Renaming the owner locks everybody out: it is urgent from the first minute.
	if v.Severity != licence.Critical {
		v.Severity = licence.High
	}
	v.Explains = s.explains(licence.IdentityDiffers)
	v.Deadline = r.deadline(s, 1, "identity")
	v.Verify = licence.Verify{Kind: "gone", CustID: s.Installation.CustID}
	if !late {
		v.Tell = []Tell{{To: licence.Admin, Rank: 1, Max: 1}}
	}
	return v
}

// notFound is what the licence system answers where a change of name was ordered and the licence
// with the new name never fetched: it knows no licence by the old one.
var notFound = regexp.MustCompile(`(?i)\blicen[cs]e (was )?not found\b`)

// owner is the company that owns the installation, as the CRM says, else the directory.
func (r *Reading) owner(s *Installation) Evidence {
	if c := s.KnownInstallation.Company.Value; c != nil && strings.TrimSpace(*c) != "" {
		return Evidence{Name: "owner", Value: strings.TrimSpace(*c), Source: s.KnownInstallation.Company.Source, At: s.KnownInstallation.Company.At, Of: s.named("owner")}
	}
	a := r.K.Profile.Account
	return Evidence{Name: "owner", Value: strings.TrimSpace(s.Installation.Company), Source: a.Source, At: a.At, Of: s.named("owner")}
}

// sameName tells whether two names look the same: one composed and one decomposed, in capitals
// or with other blanks. "AB" and "Aktiebolag" are two, as they are to the licence.
func sameName(a, b string) bool { return a == b || looks(a) == looks(b) }

func looks(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1 // nobody sees a soft hyphen or a joiner
		}
		return r
	}, norm.NFKC.String(name))
	return strings.Join(strings.Fields(folded.Replace(strings.Map(fold, seen))), " ")
}

// fold is the first of the letters that are the same in another case.
func fold(r rune) rune {
	first := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		first = min(first, other)
	}
	return first
}

// folded writes as two letters the one that is two in capitals.
var folded = strings.NewReplacer("ß", "SS", "ẞ", "SS")
