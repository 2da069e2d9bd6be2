package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"seatmend/shared/licence"
)

// odd is what pastes bring along: a no-break space, a soft hyphen, joiners, a tab, a new line, a
// mark of order, and a control character.
const odd = `\u00a0An\u00ad\u200dna\tBe\u200crg\ufeff\r\n\u001b`

// Whatever text of a person's stands in a body is cleaned, and the body is taken.
func TestPastedTextIsCleaned(t *testing.T) {
	for _, c := range []struct{ kind, old, pasted, want string }{
		{"account.changed", `"name":"Fjord Foods AB"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"account.changed", `"name":"Anna Berg"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"account.changed", `"name":"Sales Premium"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"account.changed", `"email":"anna@fjord.example"`, `"email":" anna@fjord.example\u00a0"`, `"email":"anna@fjord.example"`},
		{"account.changed", `"kind":"production"`, `"kind":"production","company":"` + odd + `"`, `"company":"Anna Berg"`},
		{"seat.changed", `"name":"Eva Holm"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"seat.changed", `"email":"eva@fjord.example"`, `"email":"\u200beva@fjord.example\t"`, `"email":"eva@fjord.example"`},
		{"seat.changed", `"name":"Eva Holm"`, `"name":"Eva","group":"` + odd + `"`, `"group":"Anna Berg"`},
		{"seats.listed", `"name":"Eva Holm"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"licence.reported", `"description":"Sales Premium"`, `"description":"` + odd + `"`, `"description":"Anna Berg"`},
		{"licence.reported", `"markers"`, `"company":"` + odd + `","message":"` + odd + `","reason":"` + odd + `","stated_by":"` + odd + `","markers"`, `"stated_by":"Anna Berg"`},
		{"licence.reported", `"markers"`, `"message":"` + odd + `","markers"`, `"message":"Anna Berg"`},
		{"installation.reported", `"state":"running"`, `"state":"running","company":"` + odd + `"`, `"company":"Anna Berg"`},
		{"installation.reported", `"state":"running"`, `"state":"running","last_fetch":{"at":"2026-11-20T08:00:00Z","ok":false,"error":"` + odd + `"}`, `"error":"Anna Berg"`},
		{"login.warned", `"name":"Eva Holm"`, `"name":"` + odd + `"`, `"name":"Anna Berg"`},
		{"login.warned", `"message":"..."`, `"message":"` + odd + `"`, `"message":"Anna Berg"`},
		{"payment.claimed", `"reference":"OCR 7"`, `"reference":"` + odd + `"`, `"reference":"Anna Berg"`},
		{"arrangement.changed", `"note":"pays in January"`, `"note":"` + odd + `"`, `"note":"Anna Berg"`},
		{"arrangement.changed", `"by":"finance"`, `"by":"` + odd + `"`, `"by":"Anna Berg"`},
		{"activation.tried", `"reason":"signature"`, `"reason":"` + odd + `"`, `"reason":"Anna Berg"`},
		{"finding.answered", `"by":"anna"`, `"by":"` + odd + `","note":"` + odd + `"`, `"note":"Anna Berg"`},
	} {
		data := strings.Replace(examples[c.kind], c.old, c.pasted, 1)
		if data == examples[c.kind] {
			t.Fatalf("%s has no %s", c.kind, c.old)
		}
		b, err := read(senderOf(c.kind), "msg_1", body(c.kind, data))
		if err != nil {
			t.Errorf("%s with %s: %v", c.kind, c.pasted, err)
			continue
		}
		said, err := json.Marshal(b.Facts[0])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(said), c.want) {
			t.Errorf("%s with %s says %s", c.kind, c.pasted, said)
		}
	}
	// What is not there when it is cleaned is missing, and an id is not guessed at.
	for _, c := range []struct{ kind, old, pasted, field string }{
		{"account.changed", `"name":"Anna Berg"`, `"name":"\u00a0\u00ad"`, "data.contacts[0].name"},
		{"account.changed", `"id":"anna"`, `"id":"anna\u00a0"`, "data.contacts[0].id"},
		{"account.changed", `"cust_id":"Cust12345"`, `"cust_id":"Cust\u200b12345"`, "data.installations[0].cust_id"},
	} {
		_, err := read(standard, "msg_1", body(c.kind, strings.Replace(examples[c.kind], c.old, c.pasted, 1)))
		var e *Error
		if !errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != c.field {
			t.Errorf("%s: %v, want 422 of %s", c.pasted, err, c.field)
		}
	}
}

// TestTimesAsProgramsPrintThem: wherever a body holds an instant or a locale, it may stand as the
// libraries and systems of many languages write it, and is the same fact then.
func TestTimesAsProgramsPrintThem(t *testing.T) {
	instants := regexp.MustCompile(`"([0-9-]{10})T([0-9]{2}:[0-9]{2}):00Z"`)
	seen := 0
	for kind, data := range examples {
		sender := standard
		if kind == loginWarned {
			sender = login
		}
		whole := string(body(kind, data))
		want, err := read(sender, "msg_1", []byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		for _, as := range []string{`"${1}t${2}z"`, `"${1} ${2}:00+00:00"`, `"${1}T${2}:00.000000000+0000"`} {
			seen += len(instants.FindAllString(whole, -1))
			got, err := read(sender, "msg_1", []byte(instants.ReplaceAllString(whole, as)))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s with %s: %v", kind, as, err)
			}
		}
		_, err = read(sender, "msg_1", []byte(instants.ReplaceAllString(whole, `"${1}T${2}:00"`)))
		if err == nil || !strings.Contains(err.Error(), "offset") {
			t.Errorf("%s without offsets: %v", kind, err)
		}
		for _, locale := range []string{"sv_SE", "sv_SE.UTF-8", "sv_SE@euro", "sv-SE"} {
			got, err := read(sender, "msg_1", []byte(strings.ReplaceAll(whole, `"locale":"sv"`, `"locale":"`+locale+`"`)))
			want, _ := read(sender, "msg_1", []byte(strings.ReplaceAll(whole, `"locale":"sv"`, `"locale":"sv-SE"`)))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %s: %v", kind, locale, err)
			}
		}
	}
	if seen < 3*len(examples) {
		t.Errorf("%d instants in all examples", seen)
	}
	for _, locale := range []string{"C", "POSIX", "C.UTF-8", "sv_", "sv SE", "_SE", "swedish", "sv_SE.", "sv..SE"} {
		data := strings.Replace(examples["account.changed"], `"locale":"sv"`, `"locale":"`+locale+`"`, 1)
		var e *Error
		if _, err := read(standard, "msg_1", body("account.changed", data)); !errors.As(err, &e) || e.Fields[0].Field != "data.locale" {
			t.Errorf("the locale %q: %v", locale, err)
		}
	}
}

// Every field that holds a person's text is cleaned: one that is new is found by its tag.
func TestEveryTextHasATag(t *testing.T) {
	texts := []string{"name", "note", "reason", "message", "error", "by", "company", "description", "group", "stated_by", "email"}
	for kind, empty := range types {
		var look func(reflect.Type, string)
		look = func(typ reflect.Type, at string) {
			for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
				typ = typ.Elem()
			}
			if typ.Kind() != reflect.Struct || typ.PkgPath() != reflect.TypeFor[form]().PkgPath() {
				return
			}
			for i := range typ.NumField() {
				f := typ.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				inner := f.Type
				for inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				for _, text := range texts {
					clean := false
					for _, tag := range strings.Split(f.Tag.Get("validate"), ",") {
						clean = clean || tidied[tag] != nil
					}
					if name == text && inner.Kind() == reflect.String && !clean {
						t.Errorf("%s: %s.%s is a person's text, and is not cleaned", kind, at, name)
					}
				}
				look(f.Type, at+"."+name)
			}
		}
		look(reflect.TypeOf(empty()), "data")
	}
}

// No directory may claim a name that we give ourselves, such as that of a link.
func TestOurNamesAreNotClaimed(t *testing.T) {
	for _, sender := range []string{"link", "account", "superoffice", "serial", "login", "page", "support", "help", "read"} {
		data := strings.Replace(examples["account.changed"], `"sender":"stripe"`, fmt.Sprintf(`"sender":%q`, sender), 1)
		_, err := read(standard, "msg_1", body("account.changed", data))
		var e *Error
		if !errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != "data.billing[0].sender" {
			t.Errorf("%s as billing sender: %v, want 422", sender, err)
		}
	}
	for _, sender := range []string{"stripe", "standard", "chargebee", "paddle", "recurly", "fortnox"} {
		data := strings.Replace(examples["account.changed"], `"sender":"stripe"`, fmt.Sprintf(`"sender":%q`, sender), 1)
		if _, err := read(standard, "msg_1", body("account.changed", data)); err != nil {
			t.Errorf("%s as billing sender: %v", sender, err)
		}
	}
	if licence.Ours("stripe") || !licence.Ours("link") {
		t.Error("what is ours is not told from what is theirs")
	}
}
