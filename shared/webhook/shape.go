package webhook

import (
	"errors"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a time zone is as valid on a machine that has no list of them
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"seatmend/shared/licence"
)

// shapes knows the tags of our wire structs.
var shapes = newShapes()

func newShapes() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	for tag, c := range checks {
		if c.ok == nil {
			continue
		}
		err := v.RegisterValidation(tag, func(l validator.FieldLevel) bool { return c.ok(l.Field().String()) })
		if err != nil {
			panic(err) // unreachable: the tags are those below
		}
	}
	return v
}

// A check is a tag in a wire struct: what holds, and what is said where it does not. Where
// the test is nil it is the validator's own.
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
	"iso4217":          {nil, "must be a currency such as SEK"},

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
	"lang":    {regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString, "must be a language such as sv"},
	"cur":     {regexp.MustCompile(`^[A-Za-z]{3}$`).MatchString, "must be a currency such as sek"},
	"money":   {regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,4})?$`).MatchString, "must be an amount as text, such as \"12500.00\""},
}

var plain = validator.New()

// Country tells whether the text is a country as ISO 3166 writes it, or a part of Great Britain,
// whose banks have days of their own.
func Country(s string) bool {
	return plain.Var(s, "iso3166_1_alpha2|oneof=GB-ENG GB-NIR GB-SCT GB-WLS") == nil
}

// check says what is wrong with the shape of a wire struct.
func (f *form) check(v any) {
	var wrong validator.ValidationErrors
	if !errors.As(shapes.Struct(v), &wrong) {
		return
	}
	for _, w := range wrong {
		_, field, _ := strings.Cut(w.Namespace(), ".") // without the struct's name
		if f.root != "" {
			field = f.root + "." + field
		}
		problem := checks[w.Tag()].problem
		f.say(field, strings.Replace(problem, "$", strings.ReplaceAll(w.Param(), " ", ", "), 1))
	}
}

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
	_, err := time.LoadLocation(s)
	return err == nil
}
