package casework

import (
	"time"

	"seatmend/shared/licence"
)

// longRest is for how long a statement that does not come to count holds up the mails, after its time.
const longRest = time.Hour

// Resting is from when mails about what was found may go again: what somebody there has just read off a
// screen stands, and may say otherwise. It ends when that counts, which may be some moments after its
// time. The zero time: nothing rests.
func Resting(s licence.State, now time.Time) (at time.Time) {
	for _, in := range s.Known.Licences.By {
		if said, ok := in.Stands(); ok && now.Before(said.Counts().Add(longRest)) {
			at = licence.Latest(at, said.Counts(), now.Add(time.Minute))
		}
	}
	return at
}

// statements owe that what a person read off a screen counts, each a quarter of an hour after it was
// said, unless it is taken back meanwhile.
func (m *settling) statements() {
	for _, s := range m.r.Production() {
		in := s.KnownInstallation
		said, ok := in.Stands()
		owed := false
		for e := range m.pending() {
			if e.Kind != licence.Count || e.CustID != in.CustID {
				continue
			}
			if ok && e.Code == said.ID {
				owed = true
			} else if e.ID != "" && m.owes(1) {
				m.c.Drop = append(m.c.Drop, e.ID) // that one was taken back, or another has taken its place
			}
		}
		if ok && !owed {
			m.add(licence.Effect{Kind: licence.Count, Ripe: said.Counts(), CustID: in.CustID, Code: said.ID})
		}
	}
}

// Counted lets what a person read off a screen of an installation count: from then on it is what was
// Counted of its licence, at the instant at which it was said, so that what was told later wins. False:
// nothing stands, or not long enough.
func Counted(s licence.State, cust string, now time.Time) (licence.Change, bool, error) {
	said, ok := s.Known.Inst(cust).Stands()
	if !ok || now.Before(said.Counts()) {
		return licence.Change{}, false, nil
	}
	c, _, err := Step(s, nil, counting(s, cust, said), now)
	return c, err == nil, err
}

// Supposed is the state as it will be once each statement counts that stands: for who reads the page
// meanwhile, and for nobody else.
func Supposed(s licence.State, now time.Time) licence.State {
	for cust, in := range s.Known.Licences.By {
		if said, ok := in.Stands(); ok {
			s = Suppose(s, cust, said, now)
		}
	}
	return s
}

// Suppose is the state as it would be if a statement counted now.
func Suppose(s licence.State, cust string, said licence.Reg[licence.LicenceStated], now time.Time) licence.State {
	return SupposeFact(s, counting(s, cust, said), now)
}

// SupposeFact is the state as it would be if a fact came now.
func SupposeFact(s licence.State, f licence.Fact, now time.Time) licence.State {
	c, out, err := Step(s, nil, f, now)
	if err == nil && out.Result == "applied" {
		s.Known, s.History = c.Known, c.History
	}
	return s
}

// counting is the fact as which a statement counts. Its id follows from the statement's, and is greater.
func counting(s licence.State, cust string, said licence.Reg[licence.LicenceStated]) licence.Fact {
	in := s.Known.Inst(cust)
	l := in.Report.Value
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if licence.Lower(i.CustID) == in.CustID && l.Serial == "" {
			l.Serial = i.Serial
		}
	}
	return licence.Fact{
		ID: said.ID + "/counts", To: []licence.Name{{Sender: "account", ID: s.Account}}, At: said.At, Source: said.Source,
		Payload: said.Value.Upon(l, s.Calendar().Zone),
	}
}
