package webhook

import (
	"net/http"
	"slices"
	"time"

	"seatmend/shared/licence"
)

// Limits on a body, in bytes. The handler enforces them: it alone reads from the network.
const (
	MaxBody = 256 << 10
	MaxList = 4 << 20 // on /users/standard, where whole lists of users arrive
)

// tolerance is how far a signature's time may be off our clock, either way.
const tolerance = 300 // seconds

// ahead is how far a fact's own time may be ahead of our clock: one stamped further ahead
// would win over all news until then.
const ahead = 5 * time.Minute

// A Sender verifies a raw body, then decodes it to facts. All that there is to say of one stands in
// its file: routes, the lists of secrets and the commands take it from here.
type Sender struct {
	Name   string   // as in the route and in the secrets file
	Routes []string // that hear it: billing, users, login. What does not say where it belongs goes to the first

	// Verify proves that the body comes from who knows one of the secrets. It looks at raw
	// bytes only, and every failure is ErrUnauthorized.
	Verify func(h http.Header, body []byte, secrets []string, now time.Time) error

	// Read decodes a verified body. The custID is that of the route, where it has one: an
	// onsite server does not tell its own. An error is an *Error.
	Read func(h http.Header, body []byte, custID string, now time.Time) (Body, error)

	// Sign adds to h what Verify asks for. It stands beside Verify, so that tests, the demo and
	// the send command cannot drift from it.
	Sign func(h http.Header, body []byte, id, secret string, now time.Time)

	// Fresh makes of random text a secret as this sender writes them; nil: it is one as it is.
	Fresh func(random string) string

	// Unmarked says that no body tells whether it is of the provider's test mode: that is then the
	// mode of the secret that proves it, and the list NAME_test has those of the test mode.
	Unmarked bool

	// Key says of which of the provider's modes a key is by which it can be asked: the list NAME_api has
	// them. Nil: it cannot be asked.
	Key func(text string) (mode string)

	// Mends says that who sends can mend a bad body, and is told so. A bad body of any other
	// sender is set aside for a person: such senders resend it for days.
	Mends bool
}

// A Body is what a verified body says.
type Body struct {
	ID      string         // the sender's own
	Type    string         // as the sender calls it, where it was read as far
	Facts   []licence.Fact // none where it is ignored
	Ignored string         // why nothing of it is used
	Mode    string         // "live" or "test" where the sender tells them apart
	// Hints are what may have changed, and is read back where there is a key. Without one, of a body
	// that tells nothing else, ops are told what to do: Thin says it, in a word.
	Hints []licence.Hint
	Thin  string
	// Doubts are told where the body cannot be read: what was told before of what it is about does not
	// stand as known any more.
	Doubts []licence.Fact
	About  []licence.Name // whom a body is about that is not used, as far as it can be told
}

// Senders are all that may speak, in the order of their files: each puts itself here as the program
// starts, and nothing else does.
var Senders []Sender

func register(s Sender) Sender {
	Senders = append(Senders, s)
	return s
}

// Speaking is the sender of that name, if it is heard on the route.
func Speaking(route, name string) (Sender, bool) {
	s, ok := Find(name)
	return s, ok && slices.Contains(s.Routes, route)
}

// Lists are the names of the lists of secrets that belong to the sender.
func (s Sender) Lists() []string {
	lists := []string{s.Name}
	if s.Unmarked {
		lists = append(lists, s.Name+"_test")
	}
	if s.Key != nil {
		lists = append(lists, s.Name+"_api")
	}
	return lists
}

// Find is the sender of that name.
func Find(name string) (Sender, bool) {
	for _, s := range Senders {
		if s.Name == name {
			return s, true
		}
	}
	return Sender{}, false
}

// NewSecret makes a secret of random text.
func (s Sender) NewSecret(random string) string {
	if s.Fresh == nil {
		return random
	}
	return s.Fresh(random)
}

// modeOf is the mode of a key.
func modeOf(test bool) string {
	if test {
		return "test"
	}
	return "live"
}

// Proved tells whether one of the lists of secrets proves the body, and of which of the provider's
// modes it then is; "": the body says it itself, or the sender has no modes.
func (s Sender) Proved(h http.Header, body []byte, lists map[string][]string, now time.Time) (mode string, ok bool) {
	if s.Verify(h, body, lists[s.Name], now) == nil {
		if s.Unmarked {
			mode = "live"
		}
		return mode, true
	}
	return "test", s.Unmarked && s.Verify(h, body, lists[s.Name+"_test"], now) == nil
}

// within tells whether a signature's unix time is near enough to now.
func within(unix int64, now time.Time) bool {
	off := now.Unix() - unix
	return -tolerance <= off && off <= tolerance
}
