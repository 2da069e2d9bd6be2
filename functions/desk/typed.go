package desk

import (
	"fmt"
	"net/url"
	"strings"

	"seatmend/functions/page"
	"seatmend/shared/licence"
)

// A form of a case that cannot be taken as it stands comes back as it was typed, with the field named.

// A typedForm is such a form: its name, what it is about, and the field that cannot be taken.
type typedForm struct {
	form, of, field, text string
	values                url.Values
}

// wrong says of a field of the form that it cannot be taken.
func (v *deskVisit) wrong(said, field string) string {
	v.typed = typedForm{form: v.r.PathValue("form"), of: v.r.PostFormValue("cust_id") + v.r.PostFormValue("fingerprint"), field: field, text: v.g.say("said." + said), values: v.r.PostForm}
	return said
}

// Is tells whether this form came back.
func (c caseData) Is(form, of string) bool { return c.typed.form == form && c.typed.of == of }

// Typed is what stands in a field: what was typed, or else what is stored.
func (c caseData) Typed(form, of, name string, stored any) string {
	if c.Is(form, of) {
		return c.typed.values.Get(name)
	}
	return fmt.Sprint(stored)
}

// Wrong is why a field cannot be taken; "": it can.
func (c caseData) Wrong(form, of, name string) string {
	if c.Is(form, of) && c.typed.field == name {
		return c.typed.text
	}
	return ""
}

// A deskField is a field of a form with its label.
type deskField struct {
	Label, Name, Type, Value, Wrong string
	Required                        bool
	Most                            int // characters, or the greatest number
}

// field is one with what stands in it. Kinds: date, number, text; a date with an exclamation mark is required.
func field(data any, form, of, kind, name, label string, most int, stored any) (deskField, error) {
	c, ok := data.(caseData)
	if !ok {
		return deskField{}, fmt.Errorf("the field %s stands on no page of a case", name)
	}
	f := deskField{Label: label, Name: name, Value: c.Typed(form, of, name, stored), Wrong: c.Wrong(form, of, name), Required: strings.HasSuffix(kind, "!"), Most: most}
	f.Type = strings.TrimSuffix(kind, "!")
	_, noDate := licence.ParseDate(f.Value)
	_, number := page.NumberOf(f.Value)
	if f.Value != "" && (f.Type == "date" && noDate != nil || f.Type == "number" && !number) {
		f.Type, f.Most = "text", 0 // a field for dates or numbers shows nothing of what is none
	}
	return f, nil
}
