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
	"sync"
	"time"
	"unicode/utf8"

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
	d := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowDuplicateNames(true)) // strict has looked
	switch err := f.value(d, reflect.ValueOf(into).Elem()); {
	case err == errNoField: // that was said, and is enough
	case err != nil:
		f.say(dotted(f.root, ""), "cannot be read")
	case jsontext.Value(value).Kind() == '{': // else that was said
		tidy(reflect.ValueOf(into))
		f.check(into)
	}
}

// errNoField is a name for which a closed form has no place.
var errNoField = errors.New("no such field")

var (
	dateType    = reflect.TypeFor[date]()
	instantType = reflect.TypeFor[instant]()
	timeType    = reflect.TypeFor[time.Time]()
	valueType   = reflect.TypeFor[jsontext.Value]()
)

// value reads what has a place in a wire struct, and steps over what is of the wrong type. Names
// are matched by case; what has no place is stepped over too.
func (f *form) value(d *jsontext.Decoder, v reflect.Value) error {
	kind, t := d.PeekKind(), v.Type()
	if own, ok := v.Addr().Interface().(interface {
		UnmarshalJSONFrom(*jsontext.Decoder) error
	}); ok {
		return own.UnmarshalJSONFrom(d)
	}
	switch {
	case t == valueType:
		raw, err := d.ReadValue()
		v.SetBytes(bytes.Clone(raw))
		return err
	case kind == 'n' && f.lax:
		v.SetZero()
		return d.SkipValue()
	case t == dateType || t == instantType || t == timeType:
		return f.time(d, kind, v.Addr().Interface())
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := t.Elem()
		if kind == 'n' && (inner == dateType || inner == instantType || inner.Kind() == reflect.Pointer) {
			v.Set(reflect.New(inner))
			return d.SkipValue()
		}
		if kind == 'n' {
			return f.skip(d, "must not be null")
		}
		if v.IsNil() {
			v.Set(reflect.New(inner))
		}
		return f.value(d, v.Elem())
	case reflect.String:
		if kind != '"' {
			return f.skip(d, "must be text")
		}
		token, err := d.ReadToken()
		if err == nil {
			v.SetString(token.String())
		}
		return err
	case reflect.Bool:
		if kind != 't' && kind != 'f' {
			return f.skip(d, "must be true or false")
		}
		v.SetBool(kind == 't')
		return d.SkipValue()
	case reflect.Int, reflect.Int64:
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			f.say(dotted(f.root, d.StackPointer()), "must be a whole number")
			return nil
		}
		v.SetInt(n)
		return nil
	case reflect.Slice:
		if kind != '[' {
			return f.skip(d, "must be a list")
		}
		return f.list(d, v)
	}
	if kind != '{' {
		return f.skip(d, "must be an object")
	}
	return f.object(d, v)
}

func (f *form) list(d *jsontext.Decoder, v reflect.Value) error {
	_, err := d.ReadToken()
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for n := 0; err == nil && d.PeekKind() != ']'; n++ {
		v.Grow(1)
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		err = f.value(d, v.Index(n))
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return err
}

func (f *form) object(d *jsontext.Decoder, v reflect.Value) error {
	_, err := d.ReadToken()
	places := placesOf(v.Type())
	for err == nil && d.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = d.ReadToken(); err != nil {
			return err
		}
		switch place, ok := places[name.String()]; {
		case ok:
			err = f.value(d, v.FieldByIndex(place))
		case f.closed:
			f.say(dotted(f.root, d.StackPointer()), "is no field of this request; leave it out, or spell it as it is")
			return errNoField
		default:
			err = d.SkipValue()
		}
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return err
}

var places sync.Map // reflect.Type -> map[string][]int

// placesOf says where in a wire struct each name has its place. What is embedded is a part of it.
func placesOf(t reflect.Type) map[string][]int {
	if known, ok := places.Load(t); ok {
		return known.(map[string][]int)
	}
	out := map[string][]int{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			for inner, place := range placesOf(f.Type) {
				out[inner] = append([]int{i}, place...)
			}
		case f.IsExported() && name == "":
			out[f.Name] = []int{i}
		case f.IsExported():
			out[name] = []int{i}
		}
	}
	places.Store(t, out)
	return out
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
	noOffset   = "must say its offset from UTC, as in 2026-11-20T09:14:00Z or 2026-11-20T10:14:00+01:00: without one, which instant it is is not known"
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
		into.Time, err = licence.ParseInstant(text)
	case *time.Time:
		*into, err = licence.ParseInstant(text)
	}
	if errors.Is(err, licence.ErrNoOffset) {
		problem = noOffset
	}
	if err != nil {
		f.say(dotted(f.root, d.StackPointer()), problem)
	}
	return nil
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
