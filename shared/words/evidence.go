package words

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Evidence is one value that a finding rests on.
type Evidence struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`
	Source string `json:"source"`
	At     string `json:"observed_at,omitempty"`

	Label string `json:"-"`
	Text  string `json:"-"`
	From  string `json:"-"` // who told it, and when
	Day   string `json:"-"` // the same, without the time of day
	Lang  string `json:"-"` // of Text, where it is quoted in a language that is not the reader's
}

// evidence is what a finding rests on, as far as the reader may know it.
func (t teller) evidence(f diagnosis.Finding, a Args) []Evidence {
	out := []Evidence{}
	if t.secret(f) {
		return out
	}
	for _, e := range f.Evidence {
		if e.Name != "" { // else nothing was told of it
			out = append(out, t.evident(f, e, a))
		}
	}
	return out
}

// evident says one value; its label is filled with what the finding knows.
func (t teller) evident(f diagnosis.Finding, e diagnosis.Evidence, labelled Args) Evidence {
	out := Evidence{Name: e.Name, Value: e.Value, Source: e.Source}
	a := Args{"value": e.Value}
	out.Label = t.Say(labelled, "evidence."+e.Name+"."+string(f.Code), "evidence."+e.Name, "evidence.")
	out.Text, _ = t.write(e.Value, "")
	switch x := e.Value.(type) {
	case licence.Date:
		out.Value = day(x, t.zone)
		if x.Day(t.zone) == licence.Never {
			out.Text = t.Say(a, "no-end")
		}
	case time.Time:
		out.Value = stamp(x)
	case bool:
		out.Text = t.Say(a, "no")
		if x {
			out.Text = t.Say(a, "yes")
		}
	case string:
		if e.Name == "warning" && strings.Contains(x, " ") { // a key of SuperOffice's strings is no sentence
			out.Text, out.Lang = t.Say(a, "value.@warning"), english.Tag
		} else if f.Code == licence.IdentityDiffers && e.Name == "status" {
			out.Text = t.Say(a, "value.status.changed")
		} else if t.has("value." + e.Name + "." + x) {
			out.Text = t.Say(a, "value."+e.Name+"."+x)
		} else if amount, currency, ok := strings.Cut(x, " "); ok && e.Name == "remaining" {
			out.Text = t.money(money{amount, currency})
		}
		if x == "" {
			out.Value = nil
		}
	}
	if out.Text == "" {
		out.Text = t.Say(a, "not-known")
	}
	if !e.At.IsZero() {
		out.At = stamp(e.At)
		a := Args{"source": t.Say(nil, "source."+e.Source, "source.")}
		out.From, out.Day = t.Say(a.With("at", e.At), "told"), t.Say(a.With("at", licence.DateOf(e.At, t.zone)), "told")
	}
	return out
}

// bySource keeps the order of values, and names each source once. What users are shown at login, they
// and the first sentence of the mail have said.
func bySource(all []Evidence) (out []sourced) {
	for _, e := range all {
		if e.Name == "warning" {
			continue
		}
		i := slices.IndexFunc(out, func(s sourced) bool { return s.From == e.Day })
		if i < 0 {
			i, out = len(out), append(out, sourced{From: e.Day})
		}
		out[i].Values = append(out[i].Values, e)
	}
	return out
}

// aNumber is one within a sentence.
var aNumber = regexp.MustCompile(`\d+`)

// unsaid are the values without those numbers that the sentences before them have said, each as often as it was:
// who reads nine assigned, and seven in the new licence, need not read it again.
func unsaid(all []Evidence, said string) []Evidence {
	numbers := map[string]int{}
	for _, n := range aNumber.FindAllString(said, -1) {
		numbers[n]++
	}
	return slices.DeleteFunc(slices.Clone(all), func(e Evidence) bool {
		if _, number := e.Value.(int); !number || numbers[e.Text] == 0 {
			return false
		}
		numbers[e.Text]--
		return true
	})
}
