package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"seatmend/shared/licence"
)

// strict refuses what is not exactly one JSON value: bad syntax or UTF-8, a name that stands
// twice in an object at any depth, and anything after the value.
func strict(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	_, err := d.ReadValue()
	if err == nil {
		if _, err = d.ReadToken(); err == io.EOF {
			return nil
		}
		if err == nil {
			err = errors.New("something follows the first value")
		}
	}
	return malformed(body, err)
}

// mostCommand is how many bytes a command may have.
const mostCommand = 4 << 10

// Command reads what a program of the operator's asks for, as strictly as a webhook. What into has no
// place for is refused: a misspelt name would else ask for more than was meant.
func Command(from io.Reader, into any) error {
	body, err := io.ReadAll(io.LimitReader(from, mostCommand+1))
	if err != nil {
		return ErrCutShort
	}
	if len(body) > mostCommand {
		return ErrTooLarge(mostCommand)
	}
	if err := strict(body); err != nil {
		return err
	}
	f := &form{closed: true}
	f.fill(body, into)
	return f.err()
}

func malformed(body []byte, err error) *Error {
	e := &Error{Status: http.StatusBadRequest, Code: Malformed}
	var s *jsontext.SyntacticError
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		e.Message = "the body is empty; send one JSON object"
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &s):
		line, column := position(body, s.ByteOffset)
		e.Message = fmt.Sprintf("the name %s stands twice in one object, again at line %d, column %d; send it once", dotted("", s.JSONPointer), line, column)
	case errors.As(err, &s):
		line, column := position(body, s.ByteOffset)
		e.Message = fmt.Sprintf("the body is not JSON at line %d, column %d: %v", line, column, s.Err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		e.Message = "the body ends in the middle of a JSON value; send it whole"
	default:
		e.Message = "the body is more than one JSON value; send one object"
	}
	return e
}

// position is the line and column, from 1, of a byte.
func position(body []byte, offset int64) (line, column int) {
	before := body[:min(int(offset), len(body))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// dotted writes a JSON pointer as people write it: data.plans[0].seats.
func dotted(root string, p jsontext.Pointer) string {
	var b strings.Builder
	b.WriteString(root)
	for token := range p.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 32); err == nil && b.Len() > 0 {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	if b.Len() == 0 {
		return "body"
	}
	return b.String()
}

// Wire types that may be null, which means that the date is not known.
type (
	date    licence.Date
	instant struct{ time.Time }
)

// A form is a body being read into a wire struct. It goes on past a value of the wrong type,
// so that all that is wrong is said at once.
//
// In wire structs a pointer tells absent from given. A null is a problem, except for a date
// or an instant, and for a pointer to a pointer, which is a field that null takes back.
type form struct {
	root   string // where in the body the struct stands
	lax    bool   // null is as absent: senders who write every field, known or not
	closed bool   // no field may stand in it that the struct has not
	fields []Field
}

// most is how many problems are told of one body.
const most = 20

// say notes a problem: the first of each field, and none inside a field that has one.
func (f *form) say(field, problem string) {
	for _, known := range f.fields {
		rest, inside := strings.CutPrefix(field, known.Field)
		if inside && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return
		}
	}
	if len(f.fields) < most {
		f.fields = append(f.fields, Field{field, problem})
	}
}

// err is all that was said.
func (f *form) err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return invalid(f.fields)
}

// fill reads JSON that strict let through into a wire struct, then checks its shape.
func (f *form) fill(value []byte, into any) {
	err := json.Unmarshal(value, into,
		json.WithUnmarshalers(json.UnmarshalFromFunc(f.value)),
		json.RejectUnknownMembers(f.closed),
		jsontext.AllowDuplicateNames(true)) // strict has looked
	if odd, ok := errors.AsType[*json.SemanticError](err); ok && errors.Is(err, json.ErrUnknownName) {
		f.say(dotted(f.root, odd.JSONPointer), "is no field of this request; leave it out, or spell it as it is")
		return
	}
	if err != nil {
		// All types are looked at below; what is left is a type that none of our structs has.
		f.say(dotted(f.root, ""), "cannot be read")
		return
	}
	if jsontext.Value(value).Kind() == '{' { // else that was said, and is enough
		tidy(reflect.ValueOf(into))
		f.check(into)
	}
}

var (
	dateType    = reflect.TypeFor[date]()
	instantType = reflect.TypeFor[instant]()
	timeType    = reflect.TypeFor[time.Time]()
	valueType   = reflect.TypeFor[jsontext.Value]()
)

// value is called for each value that has a place in a wire struct. It leaves those of the
// right type to the library, and steps over the others.
func (f *form) value(d *jsontext.Decoder, into any) error {
	kind := d.PeekKind()
	if _, own := into.(json.UnmarshalerFrom); own || kind == 'n' && f.lax {
		return errors.ErrUnsupported
	}
	problem := ""
	switch t := reflect.TypeOf(into).Elem(); {
	case t == valueType:
		return errors.ErrUnsupported
	case t == dateType || t == instantType || t == timeType:
		return f.time(d, kind, into)
	case t.Kind() == reflect.Pointer:
		inner := t.Elem()
		switch {
		case kind != 'n':
			return errors.ErrUnsupported
		case inner == dateType || inner == instantType || inner.Kind() == reflect.Pointer:
			reflect.ValueOf(into).Elem().Set(reflect.New(inner))
			return d.SkipValue()
		}
		problem = "must not be null"
	case t.Kind() == reflect.String && kind != '"':
		problem = "must be text"
	case t.Kind() == reflect.Bool && kind != 't' && kind != 'f':
		problem = "must be true or false"
	case t.Kind() == reflect.Slice && kind != '[':
		problem = "must be a list"
	case t.Kind() == reflect.Struct && kind != '{':
		problem = "must be an object"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			f.say(dotted(f.root, d.StackPointer()), "must be a whole number")
			return nil
		}
		reflect.ValueOf(into).Elem().SetInt(n)
		return nil
	default:
		return errors.ErrUnsupported
	}
	return f.skip(d, problem)
}

// skip steps over a value and says what is wrong with it.
func (f *form) skip(d *jsontext.Decoder, problem string) error {
	if err := d.SkipValue(); err != nil {
		return err
	}
	f.say(dotted(f.root, d.StackPointer()), problem)
	return nil
}

const (
	notDate    = "must be a date such as 2026-11-20, or null where it is not known"
	notInstant = "must be an instant such as 2026-11-20T09:14:00Z"
)

// time reads a civil date, an instant that may be null, or one that may not.
func (f *form) time(d *jsontext.Decoder, kind jsontext.Kind, into any) error {
	_, must := into.(*time.Time)
	if kind == 'n' && !must {
		return d.SkipValue()
	}
	_, civil := into.(*date)
	problem := notInstant
	if civil {
		problem = notDate
	} else if !must {
		problem += ", or null where it is not known"
	}
	if kind != '"' {
		return f.skip(d, problem)
	}
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	text := token.String()
	switch into := into.(type) {
	case *date:
		day, bad := licence.ParseDate(text)
		*into, err = date(day), bad
		if err == nil && day != licence.Never && !licence.Sane(day.Start(time.UTC)) {
			err = errors.New("no such year")
		}
	case *instant:
		into.Time, err = parseInstant(text)
	case *time.Time:
		*into, err = parseInstant(text)
	}
	if err != nil {
		f.say(dotted(f.root, d.StackPointer()), problem)
	}
	return nil
}

func parseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err == nil && !licence.Sane(t) {
		err = errors.New("no such year")
	}
	return t.UTC(), err
}

// optional is a field that may be absent, null or a value: so it stands in wire structs.
func optional[T any](p **T) licence.Opt[T] {
	if p == nil {
		return licence.Opt[T]{}
	}
	return licence.Opt[T]{Told: true, Value: *p}
}

// text is a field that may be absent or null.
func text(p **string) string {
	if p == nil || *p == nil {
		return ""
	}
	return cut(**p)
}

// mostText is how many bytes of a free text are kept.
const mostText = 4000

// cut keeps the beginning of a free text, whole characters of it.
func cut(s string) string {
	if len(s) <= mostText {
		return s
	}
	end := mostText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
