package licence

import (
	"cmp"
	"time"
)

// State is an account: what is known, and the history of what we did about it.
type State struct {
	Account string
	N       int64 // of the commit that wrote it; 0: never written
	Known   Known
	History History
	Settings
}

// Settings are what the rules need to know of the operator's settings. They are not stored with
// the account: whoever runs the engine gives them.
type Settings struct {
	Mail   string            // the default for accounts that say nothing: on, review, operator, off
	Closed map[string][]Date // by country, days on which banks are closed besides
	Reads  []string          // what a key is given for, as ReadsAs calls it, in order
}

// ReadsAs is a billing sender and one of its modes among Settings.Reads.
func ReadsAs(sender, mode string) string {
	if mode == "test" {
		return sender + " test"
	}
	return sender
}

// Loaded is what the store gives a step: the state, the people and rows asked for, and whether
// the fact is in already.
type Loaded struct {
	State State
	Seats Items
	Rows  map[RowKey]Row
	Seen  string // hash of the stored fact of that id, "" when there is none
}

// MailPolicy is what becomes of an account's mails: on, review, operator or off.
func (s State) MailPolicy() string {
	if v := s.Known.Profile.Mail.Value; v != nil && *v != "" {
		return *v
	}
	return cmp.Or(s.Mail, "review")
}

// Calendar is the customer's.
func (s State) Calendar() Calendar {
	p, country := s.Known.Profile, ""
	if p.Country.Value != nil {
		country = *p.Country.Value
	}
	return NewCalendar(p.Account.Value.Timezone, country).Closing(s.Closed)
}

// Production is the kind of an installation in which people work.
const Production = "production"

// KindNow is what an installation is now, production, trial or sandbox: its licence's own
// markers beat the directory. Nothing else decides it anywhere.
func (k *Known) KindNow(i Installation) string { return k.Inst(i.CustID).KindNow(i) }

// KindNow is that of the installation of which this is known.
func (k *KnownInstallation) KindNow(i Installation) string {
	l := &k.Report.Value
	switch {
	case l.marked("sandbox"):
		return "sandbox"
	case l.marked("freetrial", "testdrive", "test", "demo"):
		return "trial"
	case i.Kind == "trial" && l.marked("online"):
		return Production // converted: the directory is behind
	}
	return i.Kind
}

// Production are the installations that are production now, in the order of the list.
func (s State) Production(now time.Time) []Installation {
	var out []Installation
	zone := s.Calendar().Zone
	for _, i := range s.Known.Profile.Account.Value.Installations {
		closed := i.ClosedAt.Start(zone)
		if s.Known.KindNow(i) == Production && (closed.IsZero() || closed.After(now)) {
			out = append(out, i)
		}
	}
	return out
}
