package effects_test

import (
	"encoding/json"
	"testing"

	"seatmend/shared/licence"
)

// Whom a mail is for is an address, a contact or a role, and none is taken for another: contacts may
// be called as roles are.
func TestWhomAMailIsFor(t *testing.T) {
	s := newCustomerWithOffer(t)
	s.account(func(a *licence.AccountChanged) {
		a.Contacts = []licence.Contact{
			{ID: "admin", Name: "Bosse Ek", Email: "bosse@fjord.example", Role: licence.Billing, Locale: "en"},
			{ID: "billing", Name: "Away Holm", Email: "away@fjord.example", Role: licence.Admin, Locale: "en", AwayUntil: "2026-12-24"},
			{ID: "anna", Name: "Anna Berg", Email: "anna@fjord.example", Role: licence.Admin, Locale: "en"},
			{ID: "left", Name: "Left Lund", Email: "left@fjord.example", Role: licence.Admin, Locale: "en", Left: "2026-11-01"},
		}
	})
	for name, c := range map[string]struct{ effect, want string }{
		"a link, to the role":                      {`{"why":"link","to":"admin"}`, "anna@fjord.example"},
		"a link, to the other role":                {`{"why":"link","to":"billing"}`, "bosse@fjord.example"},
		"a link, to a contact":                     {`{"why":"link","contact":"admin"}`, "bosse@fjord.example"},
		"a link, to a contact who left":            {`{"why":"link","contact":"left"}`, ""},
		"a link, to a contact who is not there":    {`{"why":"link","contact":"bo"}`, ""},
		"a link that waited as a draft":            {`{"why":"link","to":"admin","address":"anna@fjord.example"}`, "anna@fjord.example"},
		"solved, to who was mailed":                {`{"why":"solved","to":"admin","address":"Anna@fjord.example"}`, "anna@fjord.example"},
		"solved, to who was mailed and is gone":    {`{"why":"solved","to":"admin","address":"old@fjord.example"}`, ""},
		"thanks, to who was mailed":                {`{"why":"thanks","to":"billing","address":"bosse@fjord.example"}`, "bosse@fjord.example"},
		"of an earlier version: a link, a contact": {`{"why":"link","to":"anna"}`, "anna@fjord.example"},
	} {
		t.Run(name, func(t *testing.T) {
			e := licence.Effect{ID: "000000000009-000", Kind: licence.Mail, Ripe: s.now}
			if err := json.Unmarshal([]byte(c.effect), &e); err != nil {
				t.Fatal(err)
			}
			_, done, err := s.engine.Do[licence.Mail](t.Context(), s.state(), e)
			if err != nil || done.Address != c.want {
				t.Errorf("it goes to %q (%s), want %q: %v", done.Address, done.Outcome, c.want, err)
			}
		})
	}
	old := licence.Effect{Kind: licence.Mail, Why: "code", To: "billing"}
	if old.Named() != "billing" {
		t.Errorf("a code of an earlier version is for %q", old.Named())
	}
}
