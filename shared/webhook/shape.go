package webhook

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"seatmend/shared/licence"
)

// A check is a tag in a wire struct: what holds of a text, and what is said where it does not. Where
// the test is nil it is not about a text alone, and stands in judge.
type check struct {
	ok      func(string) bool
	problem string
}

var checks = map[string]check{
	"required":         {nil, "is required"},
	"required_without": {nil, "is required"},
	"required_with":    {nil, "is required beside an id"},
	"gte":              {nil, "must be $ or more"},
	"lte":              {nil, "must be $ or less"},
	"max":              {nil, "must have at most $ entries"}, // of lists
	"oneof":            {nil, "must be one of: $"},

	"iso4217": {func(s string) bool { return len(s) == 3 && listed(currencies, s) }, "must be a currency such as SEK"},
	"id":      {func(s string) bool { return 1 <= len(s) && len(s) <= 256 && printable(s) }, "must be 1 to 256 bytes of printable text"},
	"shortid": {func(s string) bool { return 1 <= len(s) && len(s) <= 128 && printable(s) }, "must be 1 to 128 bytes of printable text"},
	"line":    {func(s string) bool { return len(s) <= 1000 && printable(s) }, "must be one line of at most 1000 bytes"},
	"note":    {func(string) bool { return true }, ""}, // cleaned, and of any length
	"account": {func(s string) bool { return s != "fleet" }, "must not be fleet: that name is reserved"},
	"path":    {func(s string) bool { return s != "." && s != ".." && s != "/" }, "must not be . or .. or /: no address of a page can end in it"},
	"biller":  {func(s string) bool { return !licence.Ours(s) }, "must be a billing sender such as stripe"},
	"mail":    {mailbox, "must be an e-mail address"},
	"nomail":  {func(s string) bool { return s == "" || mailbox(s) }, "must be an e-mail address, or empty"},
	"country": {Country, "must be a country such as SE, or a part of Great Britain such as GB-SCT"},
	"web":     {func(s string) bool { return s == "" || address(s) }, "must be an address that begins with https:// or http://"},
	"zone":    {zone, "must be a time zone such as Europe/Stockholm"},
	"lang":    {matching(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`), "must be a language such as sv"},
	"cur":     {matching(`^[A-Za-z]{3}$`), "must be a currency such as sek"},
	"money":   {matching(moneyPattern), "must be an amount as text, such as \"12500.00\""},
	"minor":   {matching(`^-?[0-9]{1,18}$`), "must be an amount in the smallest unit, as text, such as \"1250000\""},
}

// matching compiles a pattern when it is first asked for.
func matching(pattern string) func(string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
	return func(s string) bool { return compiled().MatchString(s) }
}

// listed tells whether a code stands in a list of them.
func listed(codes, code string) bool {
	return !strings.Contains(code, " ") && strings.Contains(codes, " "+code+" ")
}

// Country tells whether the text is a country as ISO 3166 writes it, or a part of Great Britain,
// whose banks have days of their own.
func Country(s string) bool {
	return len(s) == 2 && listed(countries, s) || slices.Contains(britain, s)
}

// moneyPattern is that of an amount.
const moneyPattern = `^-?[0-9]{1,15}(\.[0-9]{1,4})?$`

var britain = []string{"GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"}

const countries = " " +
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD " +
	"CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF " +
	"GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN " +
	"KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
	"NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI " +
	"SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI " +
	"VN VU WF WS XK YE YT ZA ZM ZW "

const currencies = " " +
	"AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP " +
	"CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR " +
	"IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK " +
	"MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS " +
	"SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA " +
	"XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG "

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// mailbox tells whether s has the shape of an address. It cannot tell whether it arrives.
func mailbox(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && len(s) <= 254 && local != "" && printable(s) && !strings.ContainsAny(s, " <>()[],;:\\\"") &&
		!strings.ContainsRune(domain, '@') && strings.Contains(domain, ".") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}

// address lets only web addresses through: these become links in mails.
func address(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 2000 && printable(s)
}

func zone(s string) bool {
	if s == "" || strings.EqualFold(s, "local") {
		return false
	}
	_, err := licence.LoadZone(s)
	return err == nil
}
