package page

import (
	"strings"

	"seatmend/shared/casework"
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// offer is the new licence of an installation beside the present one.
func (a *Page) offer(v Request, cust string) (*Cure, bool) {
	s, now := v.state, a.Now()
	for _, site := range diagnosis.Installations(s, now, now) {
		in := s.Known.Inst(site.CustID)
		l := in.Report.Value
		if !strings.EqualFold(site.CustID, cust) || !site.Production() || !l.Offered {
			continue
		}
		o := &Offer{ID: l.Offer(), Until: l.Expires, New: l.NewExpires, CodeTo: v.Link.Email}
		o.Here = casework.MayActivate(s, site.CustID, o.ID, now)
		o.Code = o.Here && codeWaits(s, v.Link.Contact, now)
		o.Others = a.others(v)
		for _, other := range o.Others {
			if other.ID == s.Known.Profile.Codes[v.Link.Contact].Value.Also {
				o.CodeAlso = other.Email
			}
		}
		c := &Cure{CustID: site.CustID, Offer: o, Reads: granted(s, site.CustID, "read-licence")}
		for _, i := range s.Known.Profile.Account.Value.Installations {
			if strings.EqualFold(i.CustID, site.CustID) {
				c.Address = i.URL
			}
		}
		if !c.Reads && !o.Here {
			c.Screen = a.screenOf(v, site.CustID)
		}
		for _, p := range l.Plans {
			if p.Kind == "hidden" || p.Unrestricted {
				continue
			}
			line := OfferLine{Name: planNames(s, site.CustID, p.Plan), Now: &p.Total, New: new(int), InUse: &p.InUse}
			if p.NewTotal != nil {
				line.New = p.NewTotal
			}
			o.Lines = append(o.Lines, line)
		}
		stands := false
		for _, f := range v.diagnosis().Findings {
			if f.Code == licence.NotActivated && strings.EqualFold(f.Subject.CustID, cust) {
				stands = f.Leads()
				c.Fingerprint = f.Fingerprint
			}
		}
		return c, stands // while somebody doubts the numbers, nobody is led to activate
	}
	return nil, false
}
