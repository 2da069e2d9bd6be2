package page

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/words"
)

// screenForm is what a person reads off the Licences screen, where we cannot read it: it is
// kept as that person's statement.
func screenForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	shown, err := a.screenShown(r, v)
	switch {
	case err != nil:
		a.FailedLink(w, r, v, err)
		return
	case shown == nil || !strings.EqualFold(shown.CustID, r.PostFormValue("cust_id")):
		a.back(w, r, v, "")
		return
	}
	l, faults := Stated(v.state, r, v.Link.Name)
	a.keep(w, r, v, l, faults)
}

// screenShown is the form that the page which was sent has now; nil: none.
func (a *Page) screenShown(r *http.Request, v Request) (*Screen, error) {
	kind, id, below := strings.Cut(r.PostFormValue("from"), "/")
	if !below {
		return a.firstScreen(v), nil
	}
	data, ok, err := a.cureData(r.Context(), v, kind, id, url.Values{})
	if err != nil || !ok {
		return nil, err
	}
	return data.Cure.Screen, nil
}

// loadedForm is a person's word that a licence was loaded from a file, and until when the
// screen says that it is valid.
func loadedForm(a *Page, w http.ResponseWriter, r *http.Request, v Request) {
	l, ok := lastTold(v.state, r.PostFormValue("cust_id"), v.Link.Name)
	_, offers, stands, err := a.offeredOf(r.Context(), v, func(f words.Finding) bool {
		return f.Code == "not-fetched" && strings.EqualFold(f.Subject.CustID, l.CustID)
	})
	if err != nil {
		a.FailedLink(w, r, v, err)
		return
	}
	if !ok || !stands || !offers.Loaded {
		a.back(w, r, v, "")
		return
	}
	var faults []Fault
	if d, ok := dateOf(r.PostFormValue("expires")); ok {
		lengthen(&l, d)
		take(&l)
	} else {
		faults = append(faults, Fault{Field: "loaded", Key: "loaded"})
	}
	a.keep(w, r, v, l, faults)
}

// keep keeps a statement, or shows the page again with what cannot be used of it. Where we can
// read, nobody is asked: the page was an old one.
func (a *Page) keep(w http.ResponseWriter, r *http.Request, v Request, l licence.LicenceReported, faults []Fault) {
	if l.CustID == "" || v.Link.Role == licence.Billing || granted(v.state, l.CustID, "read-licence") {
		a.back(w, r, v, "")
		return
	}
	if len(faults) == 0 {
		if err := a.say(r.Context(), v, "screen", l); err != nil {
			a.FailedLink(w, r, v, err)
			return
		}
		a.back(w, r, v, "")
		return
	}
	again := func(p *Data) {
		p.Faults, p.Typed = faults, map[string]string{}
		for name := range r.PostForm {
			p.Typed[name] = app.Short(r.PostFormValue(name))
		}
	}
	if kind, id, below := strings.Cut(r.PostFormValue("from"), "/"); below {
		a.curePage(w, r, v, kind, id, again)
		return
	}
	a.showWith(w, r, v, http.StatusUnprocessableEntity, again)
}

// lastTold is what was last told of an installation's licence, now stated by a person.
func lastTold(s licence.State, cust, by string) (licence.LicenceReported, bool) {
	for _, i := range s.Known.Profile.Account.Value.Installations {
		if strings.EqualFold(i.CustID, cust) {
			l := s.Known.Inst(cust).Report.Value
			l.CustID, l.StatedBy, l.CheckedAt = i.CustID, by, time.Time{}
			if l.Serial == "" {
				l.Serial = i.Serial
			}
			return l, true
		}
	}
	return licence.LicenceReported{}, false
}

// Stated is what was last told of a licence, with what a person now reads off its screen.
func Stated(s licence.State, r *http.Request, by string) (licence.LicenceReported, []Fault) {
	l, ok := lastTold(s, r.PostFormValue("cust_id"), by)
	if !ok {
		return licence.LicenceReported{}, nil
	}
	var faults []Fault
	fault := func(field, key string) { faults = append(faults, Fault{Field: field, Key: key}) }
	offered := r.PostFormValue("offered")
	if offered != "yes" && offered != "no" {
		fault("offered", "offered")
	}
	l.Plans = append([]licence.LicenceLine(nil), l.Plans...)
	for n, line := range l.Plans {
		typed := strings.TrimSpace(r.PostFormValue("in_use." + line.Plan))
		if typed == "" {
			continue
		}
		if in, err := strconv.Atoi(typed); err == nil && in >= 0 && in < 1e6 {
			l.Plans[n].InUse = in
		} else {
			fault("in_use."+line.Plan, "in-use")
		}
	}
	d, ok := dateOf(r.PostFormValue("expires"))
	if !ok {
		fault("expires", "expires")
	} else {
		lengthen(&l, d)
	}
	if l.Offered && offered == "no" {
		take(&l)
	} else if offered == "yes" {
		l.Offered = true
		l.CanActivate = l.CanActivate || len(l.Plans) > 0 && l.Fits()
	}
	return l, faults
}

// dateOf is a day that somebody typed, within what a licence can have.
func dateOf(typed string) (licence.Date, bool) {
	d, err := licence.ParseDate(strings.TrimSpace(typed))
	return d, err == nil && d > "2000" && d < "2100"
}

// lengthen sets the end, and moves the other dates along with it.
func lengthen(l *licence.LicenceReported, until licence.Date) {
	if until > l.Expires && l.Expires != "" {
		l.GraceUntil, l.AdminWarning = shift(l.GraceUntil, l.Expires, until), shift(l.AdminWarning, l.Expires, until)
		l.NextCheck = shift(l.NextCheck, l.Expires, until)
	}
	l.Expires = until
}

// take makes the new licence the one in force: a module that it lacked is gone.
func take(l *licence.LicenceReported) {
	var lines []licence.LicenceLine
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
	l.Offered, l.CanActivate, l.NewExpires, l.Reason, l.OfferedSince = false, false, "", "", ""
}

// shift moves a date by as much as the end of the licence has moved.
func shift(d, from, to licence.Date) licence.Date {
	if d == "" {
		return ""
	}
	days := int(to.Start(time.UTC).Sub(from.Start(time.UTC)).Hours() / 24)
	return d.Add(days)
}
