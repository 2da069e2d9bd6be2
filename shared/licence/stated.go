package licence

import (
	"slices"
	"time"
)

// What the Licences screen shows of a new licence.
const (
	Waits  = "waits"  // it can be activated, once it fits
	Active = "active" // it has been activated
	None   = "none"   // none is offered
)

// LicenceStated is what a person read off the Licences screen of an installation that we cannot
// read. It counts once it has stood for a quarter of an hour; until then it can be taken back, by
// another one that says nothing. What was not asked is not in it.
type LicenceStated struct {
	CustID  string         `json:"cust_id"`
	By      string         `json:"by,omitempty"`
	Offer   string         `json:"offer,omitempty"` // waits, active, none; "": what was said is taken back
	Expires Date           `json:"expires,omitempty"`
	InUse   map[string]int `json:"in_use,omitempty"` // by plan
	New     map[string]int `json:"new,omitempty"`    // of each plan in the new licence that waits
}

// Stands is the statement of an installation that does not count yet; false: there is none, it was
// taken back, or something newer is known. It may stand beyond its time, until somebody counts it.
func (i *KnownInstallation) Stands() (Reg[LicenceStated], bool) {
	return i.Said, i.Said.Told() && i.Said.Value.Offer != "" && !i.Report.After(i.Said.Stamp)
}

// Counts is from when a statement counts.
func (s Stamp) Counts() time.Time { return s.At.Add(Quarter) }

// Upon is what was last told of a licence, with what a person now says of it. The numbers of a new
// licence become those in force only where the person says that it is active, and gives the end
// that it was to have. Days are compared in the zone.
func (p LicenceStated) Upon(l LicenceReported, zone *time.Location) LicenceReported {
	was := l
	l.CustID, l.StatedBy, l.CheckedAt = p.CustID, p.By, time.Time{}
	l.Plans = slices.Clone(l.Plans)
	for n, line := range l.Plans {
		if in, told := p.InUse[line.Plan]; told {
			l.Plans[n].InUse = in
		}
		if total, told := p.New[line.Plan]; told && p.Offer == Waits {
			l.Plans[n].NewTotal = &total
		}
	}
	if p.Expires != "" {
		l.lengthen(p.Expires)
	}
	switch p.Offer {
	case Waits:
		l.Offered = true
		l.CanActivate = l.CanActivate || l.Reason == "" && len(l.Plans) > 0 && l.Fits()
	case Active:
		if was.Takes(p.Expires, zone) {
			l.take()
			for n := range l.Plans { // else it could not have been activated
				if line := &l.Plans[n]; !line.Unrestricted {
					line.InUse = min(line.InUse, line.Total)
				}
			}
		} else {
			l.withdraw()
		}
	case None:
		l.withdraw()
	}
	return l
}

// Takes tells whether the new licence that waits is the one that has the end.
func (l *LicenceReported) Takes(end Date, zone *time.Location) bool {
	return l.Offered && (l.NewExpires == "" || l.NewExpires.Day(zone) == end.Day(zone))
}

// Loaded is the licence that was held ready, now in force and valid until a day.
func (l LicenceReported) Loaded(until Date) LicenceReported {
	l.Plans = slices.Clone(l.Plans)
	l.lengthen(until)
	l.take()
	return l
}

// lengthen sets the end, and moves the other dates along with it.
func (l *LicenceReported) lengthen(until Date) {
	if until > l.Expires && l.Expires != "" {
		l.GraceUntil, l.AdminWarning = l.GraceUntil.shift(l.Expires, until), l.AdminWarning.shift(l.Expires, until)
		l.NextCheck = l.NextCheck.shift(l.Expires, until)
	}
	l.Expires = until
}

// take makes the new licence the one in force: a module that it lacked is gone.
func (l *LicenceReported) take() {
	var lines []LicenceLine
	for _, line := range l.Plans {
		if l.Offered && line.NewTotal == nil {
			continue
		}
		if line.NewTotal != nil {
			line.Total, line.NewTotal = *line.NewTotal, nil
		}
		lines = append(lines, line)
	}
	l.Plans = lines
	l.withdraw()
}

// withdraw leaves nothing of a new licence.
func (l *LicenceReported) withdraw() {
	for n := range l.Plans {
		l.Plans[n].NewTotal = nil
	}
	l.Offered, l.CanActivate, l.NewExpires, l.Reason, l.OfferedSince = false, false, "", "", ""
}

// shift moves a date by as much as the end of the licence has moved.
func (d Date) shift(from, to Date) Date {
	if d == "" {
		return ""
	}
	return d.Add(int(to.Start(time.UTC).Sub(from.Start(time.UTC)).Hours() / 24))
}
