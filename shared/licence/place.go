package licence

import (
	"cmp"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
)

// PlaceOf is where somebody logged in, as far as it tells installations apart: the host and the
// first part of the path, in lower case; "": the address does not say.
func PlaceOf(address string) string {
	if !strings.Contains(address, "//") {
		address = "//" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimLeft(u.Path, "/"), "/")
	place := Lower(strings.TrimSuffix(u.Hostname(), ".") + "/" + first)
	if len(place) > 300 {
		return ""
	}
	return place
}

// Elsewhere tells whether a place is another installation's. Onsite each has a host of its own;
// online they share hosts, and the CustID in the path tells them apart.
func (a *AccountChanged) Elsewhere(i Installation, place string) bool {
	host, path, _ := strings.Cut(place, "/")
	if i.Hosting == "onsite" {
		own, _, _ := strings.Cut(PlaceOf(i.URL), "/")
		return host != "" && own != "" && host != own
	}
	return path != Lower(i.CustID) && (looksLikeCustID(path) || a.Lists(path))
}

func looksLikeCustID(s string) bool {
	digits, ok := strings.CutPrefix(s, "cust")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// Lists tells whether the customer has an installation of that CustID.
func (a *AccountChanged) Lists(custID string) bool {
	return slices.ContainsFunc(a.Installations, func(i Installation) bool { return strings.EqualFold(i.CustID, custID) })
}

// Earliest is the first login of the day that is known.
func (w Warned) Earliest() time.Time { return Earliest(w.First, w.At) }

// warn keeps the latest 64 of user, UTC day and place.
func (i *KnownInstallation) warn(s Stamp, p LoginWarned) bool {
	who := p.User.ID
	who = cmp.Or(who, p.User.Email)
	w := Warned{User: who, Day: DateOf(s.At, time.UTC), Place: PlaceOf(p.URL), First: s.At, At: s.At}
	i.Warned = slices.Clone(i.Warned)
	for j := range i.Warned {
		if i.Warned[j].User == w.User && i.Warned[j].Day == w.Day && i.Warned[j].Place == w.Place {
			old := &i.Warned[j]
			was := *old
			old.First, old.At = Earliest(old.Earliest(), s.At), Latest(old.At, s.At)
			return *old != was
		}
	}
	i.Warned = append(i.Warned, w)
	sort.Slice(i.Warned, func(a, b int) bool {
		x, y := i.Warned[a], i.Warned[b]
		if x.Day != y.Day {
			return x.Day > y.Day
		}
		if x.User != y.User {
			return x.User < y.User
		}
		return x.Place < y.Place
	})
	if len(i.Warned) <= MaxWarned {
		return true
	}
	last := i.Warned[MaxWarned]
	i.Warned = i.Warned[:MaxWarned]
	return last.User != w.User || last.Day != w.Day || last.Place != w.Place
}
