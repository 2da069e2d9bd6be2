package words

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// MessageInput is what the line for the person at the login needs.
type MessageInput struct {
	Zone     *time.Location
	Unknown  bool         // no account is known for what was pasted or told
	Many     bool         // so much was asked that nothing more is looked up for a while
	CustID   string       // the installation that the person is in
	Billing  bool         // the person is a billing contact
	Acts     bool         // the person is a contact who can act: a link goes with this line
	Right    []string     // the right addresses, where the person is at none of this customer's
	Told     bool         // the administrator was told, and the mail has gone
	Said     string       // what the person was shown, or has pasted
	Exchange bool         // plans are being exchanged there, or an exchange left somebody without one
	Stops    licence.Date // the day on which SuperOffice would stop, where no finding says it
}

// Message is the one calm line for the person who reads the warning at login. It says
// whether to go on working, and who has it; of a payment it speaks to billing alone.
func (l *Language) Message(d diagnosis.Diagnosis, in MessageInput) string {
	v := l.Voice(in.Zone, d.At)
	if in.Many {
		return v.Say(nil, "message.many")
	}
	if in.Unknown {
		return v.Say(nil, "message.unknown")
	}
	if len(in.Right) > 0 {
		return v.Say(Args{"right": in.Right}, "message.astray")
	}
	o := Options{Zone: in.Zone, Reader: licence.EndUser}
	if in.Billing {
		o.Reader = licence.Billing
	}
	view := l.View(d, o)
	for _, f := range d.Findings {
		if f.Code == licence.WrongInstallation && strings.EqualFold(f.Subject.CustID, in.CustID) {
			a := Args{"cust": f.Subject.CustID, "right": f.Args["right"]}
			return v.Say(a, "message.wrong."+f.Say, "message.wrong")
		}
	}
	for _, f := range view.Findings {
		switch {
		case f.Code == licence.SuspendedThere && f.State == licence.Open && (d.Shut || strings.EqualFold(f.Subject.CustID, in.CustID)):
			return v.Say(nil, "message.closed")
		case f.Code == licence.TrialEnding && strings.EqualFold(f.Subject.CustID, in.CustID):
			return f.Title
		}
	}
	if in.Exchange {
		said := v.Say(nil, "message.exchange")
		if in.Acts {
			said += " " + v.Say(nil, "message.you")
		}
		return said
	}
	if last := d.Besides[strings.ToLower(in.CustID)]; last != "" || d.Phase == diagnosis.PhaseOK {
		for _, about := range []string{diagnosis.Besides(in.Said), last} {
			if key := "message.besides." + about; v.has(key) {
				return v.Say(nil, key)
			}
		}
	}
	stops := in.Stops
	var main *Finding
	for i, f := range view.Findings {
		if f.Code == licence.WrongInstallation || len(f.Places) > 0 && !slices.ContainsFunc(f.Places, func(p string) bool { return strings.EqualFold(p, in.CustID) }) {
			continue // about another installation
		}
		if main == nil || len(f.Explains) > len(main.Explains) {
			main = &view.Findings[i]
		}
		if f.Deadline.stops && (stops == "" || *f.Deadline.At < stops) {
			stops = *f.Deadline.At
		}
	}
	if main == nil && d.Phase == diagnosis.PhaseOK {
		return v.Say(nil, "message.fine")
	}
	a := Args{"stops": stops}
	working := v.Say(a, "message.working")
	switch {
	case stops != "" && !stops.Start(v.zone).After(v.now):
		working = v.Say(a, "message.stopped")
	case stops == "" && d.Phase == diagnosis.PhaseOK:
		working = v.Say(a, "message.working-on")
	case stops == "":
		working = v.Say(a, "message.undated")
	case d.Trial:
		working = v.Say(a, "message.trial")
	}
	for _, l := range d.Left {
		if strings.EqualFold(l.CustID, in.CustID) {
			return working + " " + v.Say(Args{"right": l.Right}, "message.left") + " " + v.Say(nil, "message.ask")
		}
	}
	return working + " " + v.rest(main, d, in)
}

// rest says who has it, or what the person may do.
func (v Voice) rest(main *Finding, d diagnosis.Diagnosis, in MessageInput) string {
	switch {
	case main == nil && d.Summary == licence.NotKnown:
		return v.Say(nil, "message.looking")
	case main == nil:
		return v.Say(nil, "message.ask")
	case main.Code == licence.NotActivated && main.State == licence.Waiting, in.Billing && (main.Code == licence.InvoiceOverdue || main.Code == licence.PaymentAwaited):
		return main.Title
	case main.Code == licence.PaidNotExtended && main.State == licence.Waiting:
		return v.Say(nil, "message.on-its-way")
	case main.State != licence.Open:
		return v.Say(nil, "message.nothing")
	case in.Acts:
		return v.Say(nil, "message.you")
	case in.Told:
		return v.Say(nil, "message.told")
	case main.Owner.Operator():
		return v.Say(nil, "message.ours")
	}
	return v.Say(nil, "message.ask")
}
