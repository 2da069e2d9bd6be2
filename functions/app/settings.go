package app

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"seatmend/shared/licence"
	"seatmend/shared/link"
	"seatmend/shared/webhook"
)

// Secrets are lists by sender: any of a list verifies, the first signs.
type Secrets map[string][]string

// secretNames are the lists that may stand in the file: our own, and those of the senders.
func secretNames() []string {
	names := []string{"link", "operator", "crm_app", "crm_key", "crm_system", "crm_onsite"}
	for _, s := range webhook.Senders {
		names = append(names, s.Lists()...)
	}
	return names
}

// ReadSecrets reads the secrets' JSON and names every fault at once. An empty list, or an empty
// secret, is no fault: it refuses every request of that sender. White space at the ends of an
// entry does not count: a file or a console easily adds a new line (see PaddedSecrets). What signs
// in at SuperOffice is looked at where it is used, in package outside.
func ReadSecrets(b []byte) (Secrets, error) {
	var s Secrets
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("secrets: not a JSON object of lists of strings: %w", err)
	}
	for _, list := range s {
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
	}
	var faults []error
	known := secretNames()
	for name := range s {
		if !slices.Contains(known, name) {
			faults = append(faults, fmt.Errorf("secrets: %q is none of %s", name, strings.Join(known, ", ")))
		}
	}
	if _, err := s.Keys(); err != nil {
		faults = append(faults, err)
	}
	return s, errors.Join(faults...)
}

// PaddedSecrets names the entries of the secrets' JSON that have white space at their ends, such as
// "stripe[0]", so that whoever starts the program hears that it does not count. It quotes no
// secret. A key in PEM ends in a new line by its form, and is not named.
func PaddedSecrets(b []byte) []string {
	var s Secrets
	_ = json.Unmarshal(b, &s) // ReadSecrets says what is wrong
	var padded []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		for i, v := range s[name] {
			if name != "crm_key" && v != strings.TrimSpace(v) {
				padded = append(padded, fmt.Sprintf("%s[%d]", name, i))
			}
		}
	}
	return padded
}

// apiKeys ends the names of the lists of keys to read back with.
const apiKeys = "_api"

// reads are the billing senders, and their modes, that there is a key for, in order.
func (s Secrets) reads() (all []string) {
	for _, sender := range webhook.Senders {
		for _, key := range s[sender.Name+apiKeys] {
			if key != "" && sender.Key != nil {
				all = append(all, licence.ReadsAs(sender.Name, sender.Key(key)))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Reads tells whether there is a key to read back with at a sender, in a mode of it; "": in any.
func (a *App) Reads(sender, mode string) bool {
	reads := a.Secrets.Held().Reads
	return slices.Contains(reads, licence.ReadsAs(sender, mode)) || mode == "" && slices.Contains(reads, licence.ReadsAs(sender, "test"))
}

// APIKeys are those of a sender, the first one before all others.
func (h *Held) APIKeys(sender string) []string { return h.Secrets[sender+apiKeys] }

// Keys are those that sign links.
func (s Secrets) Keys() (link.Keys, error) {
	var raw [][]byte
	for i, v := range s["link"] {
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return link.Keys{}, fmt.Errorf("secrets: link[%d] is not base64 of 32 bytes: %w", i, err)
		}
		raw = append(raw, b)
	}
	k, err := link.NewKeys(raw...)
	if err != nil {
		return k, fmt.Errorf("secrets: link: %w", err)
	}
	return k, nil
}

// Operator is the partner who runs Seatmend, as its settings say.
type Operator struct {
	Name              string              `json:"name"`
	From              string              `json:"from"`
	FromNames         map[string]string   `json:"from_names"` // who writes, by the reader's language, such as {"nb":"Fjordpartner lisens"}; else as from says
	ReplyTo           string              `json:"reply_to"`
	Inbound           string              `json:"inbound"` // whose mail comes back to us: answers go there, and a copy to ReplyTo; "": they go to ReplyTo
	Phone             string              `json:"phone"`
	Hours             string              `json:"hours"`
	Mail              string              `json:"mail"`
	FirstMailsPerHour int                 `json:"first_mails_per_hour"`
	ClosedDays        map[string][]string `json:"closed_days"`
	Timezone          string              `json:"timezone"` // of its desks; default Europe/Stockholm
	Lang              string              `json:"lang"`     // in which its desks are written to, such as sv; default en
	Desks             map[string]string   `json:"desks"`
	Staff             []Staff             `json:"staff"`
}

// Staff is a person of the operator's.
type Staff struct {
	Name  string   `json:"name"`
	Email string   `json:"email"`
	Desks []string `json:"desks"` // support, finance, sales or ops: what the person may do; none: all
	Lang  string   `json:"lang"`  // that the person reads, such as sv; "": as the browser asks, and in mails as the operator's
}

// Invented is the partner of the demo.
var Invented = Operator{
	Name: "Fjordpartner AS", From: "Fjordpartner licens <licens@fjordpartner.example>", ReplyTo: "support@fjordpartner.example",
	Phone: "+47 21 00 00 00", Hours: "08-16", Mail: "review", FirstMailsPerHour: 20, Timezone: "Europe/Oslo",
	Desks: map[string]string{
		"support": "support@fjordpartner.example", "finance": "finance@fjordpartner.example",
		"sales": "sales@fjordpartner.example", "ops": "ops@fjordpartner.example",
	},
	Staff: []Staff{
		{"Nora Dahl", "nora@fjordpartner.example", []string{"support"}, ""}, {"Siv Lund", "siv@fjordpartner.example", []string{"support"}, ""},
		{"Ola Moe", "ola@fjordpartner.example", []string{"finance"}, ""}, {"Per Vik", "per@fjordpartner.example", []string{"sales"}, ""}, {"Eva Strand", "eva@fjordpartner.example", []string{"ops"}, ""},
	},
}

// spoken are the languages in which mails are written, as package words has them, which doors do not link.
var spoken = []string{"en", "sv", "nb", "da", "de", "nl"}

// ReadOperator reads the operator's settings over the defaults and names every fault at once.
func ReadOperator(b []byte) (Operator, error) {
	o := Operator{Mail: "review", FirstMailsPerHour: 20, Timezone: "Europe/Stockholm"}
	if err := json.Unmarshal(b, &o); err != nil {
		return o, fmt.Errorf("operator's settings: %w", err)
	}
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("operator's settings: "+format, args...))
	}
	for field, v := range map[string]string{"name": o.Name, "from": o.From, "reply_to": o.ReplyTo, "phone": o.Phone, "hours": o.Hours} {
		if strings.TrimSpace(v) == "" {
			fault("%s is missing: every mail names it", field)
		}
	}
	address := func(field, v string) {
		if _, err := mail.ParseAddress(v); v != "" && err != nil {
			fault("%s: %q is no mail address", field, v)
		}
	}
	for lang, name := range o.FromNames {
		if !slices.Contains(spoken, lang) {
			fault("from_names: %q is none of the languages in which mails are written: %s", lang, strings.Join(spoken, ", "))
		}
		if strings.TrimSpace(name) == "" || strings.ContainsFunc(name, unicode.IsControl) || len(name) > 200 {
			fault("from_names.%s: %q is no name: write it on one line, or leave it out", lang, name)
		}
	}
	address("from", o.From)
	address("reply_to", o.ReplyTo)
	address("inbound", o.Inbound)
	if o.Inbound != "" && (Bare(o.Inbound) == Bare(o.ReplyTo) || Bare(o.Inbound) == Bare(o.From)) {
		fault("inbound: must be another address than from and reply_to: copies of what comes there would come there")
	}
	switch o.Mail {
	case "on", "review", "operator", "off":
	default:
		fault("mail: %q is none of on, review, operator, off", o.Mail)
	}
	if _, err := licence.LoadZone(o.Timezone); err != nil || o.Timezone == "" {
		fault("timezone: %q is none such as Europe/Oslo", o.Timezone)
	}
	if o.FirstMailsPerHour < 1 {
		fault("first_mails_per_hour: must be 1 or more")
	}
	for _, desk := range []string{"support", "finance", "sales", "ops"} {
		if o.Desks[desk] == "" {
			fault("desks.%s is missing: tasks go there", desk)
		}
		address("desks."+desk, o.Desks[desk])
	}
	for country, days := range o.ClosedDays {
		if !webhook.Country(country) {
			fault("closed_days: %q is no country: two capital letters such as SE, or a part of Great Britain such as GB-SCT", country)
		}
		for i, day := range days {
			if d, err := licence.ParseDate(day); err != nil || len(d) != len(time.DateOnly) {
				fault("closed_days.%s[%d]: %q is no day such as 2027-06-04", country, i, day)
			}
		}
	}
	if !reads(o.Lang) {
		fault("lang: %q is none of %s", o.Lang, strings.Join(spoken, ", "))
	}
	for i, s := range o.Staff {
		if !reads(s.Lang) {
			fault("staff[%d].lang: %q is none of %s", i, s.Lang, strings.Join(spoken, ", "))
		}
		address(fmt.Sprintf("staff[%d].email", i), s.Email)
		if s.Name == "" || s.Email == "" {
			fault("staff[%d]: name and email are needed", i)
		}
	}
	return o, errors.Join(faults...)
}

// reads tells whether somebody who reads a locale such as sv-SE is written to in it, or none was said; no and nn are Norwegian, too.
func reads(locale string) bool {
	tag, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	return slices.Contains(append([]string{"", "no", "nn"}, spoken...), tag)
}

// Bare is the address of a name and an address, in small letters; "" for a text that has none.
func Bare(address string) string {
	a, err := mail.ParseAddress(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(a.Address)
}

// A Signature is the operator as texts name it; words.Operator is one.
type Signature struct {
	Name, From, ReplyTo, Phone, Hours string
	FromNames                         map[string]string
}

// Signature is how the operator signs.
func (o Operator) Signature() Signature {
	return Signature{o.Name, o.From, o.ReplyTo, o.Phone, o.Hours, o.FromNames}
}

// Rules are those of the settings that the rules read.
func (o Operator) Rules() licence.Settings {
	s := licence.Settings{Mail: o.Mail, Closed: map[string][]licence.Date{}}
	for country, days := range o.ClosedDays {
		for _, day := range days {
			s.Closed[country] = append(s.Closed[country], licence.Date(day))
		}
	}
	return s
}
