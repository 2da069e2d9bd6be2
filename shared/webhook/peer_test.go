package webhook

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
)

// peer is the validator whose tags ours are.
func peer() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	for tag, c := range checks {
		if c.ok != nil && tag != "iso4217" {
			if err := v.RegisterValidation(tag, func(l validator.FieldLevel) bool { return c.ok(l.Field().String()) }); err != nil {
				panic(err)
			}
		}
	}
	return v
}

// said is what the peer finds, as a form says it.
func said(v *validator.Validate, root string, wire any) []Field {
	f := form{root: root}
	var wrong validator.ValidationErrors
	if errors.As(v.Struct(wire), &wrong) {
		for _, w := range wrong {
			_, field, _ := strings.Cut(w.Namespace(), ".")
			if root != "" {
				field = root + "." + field
			}
			f.say(field, strings.Replace(checks[w.Tag()].problem, "$", strings.ReplaceAll(w.Param(), " ", ", "), 1))
		}
	}
	return f.fields
}

// wires are all structs that a body is read into.
var wires = []any{loginWarning{}, accountChanged{}, subscriptionChanged{}, invoiceChanged{}, sourceChecked{}, paymentClaimed{}, arrangementChanged{}, activationTried{}, findingAnswered{}, licenceIssued{}, seatChanged{}, seatsListed{}, licenceReported{}, installationReported{}, envelope{}, envelopeType{}, stripeType{}, stripeEvent{}, stripeInvoice{}, stripePayment{}, stripeCharge{}, stripeRefund{}, stripeDispute{}, stripeCreditNote{}, stripeSubscription{}, stripeSchedule{}, superOfficeType{}, superOfficeEvent{}, paddleType{}, paddleEvent{}, paddleSubscription{}, paddleTransaction{}, paddleAdjustment{}, chargebeeType{}, chargebeeEvent{}, chargebeeSubscription{}, chargebeeRamp{}, chargebeeInvoice{}, chargebeeCreditNote{}, chargebeeTransaction{}, chargebeeSchedule{}, stateChange{}, recurlyHook{}, recurlySubscription{}, recurlyInvoice{}, stripeThin{}, fileID{}}

// TestShapesAreJudgedAsByThePeer compares what is said of random structs of every kind.
func TestShapesAreJudgedAsByThePeer(t *testing.T) {
	v, chance, faults := peer(), rand.New(rand.NewPCG(16, 11)), 0
	for _, wire := range wires {
		for n := range 2000 {
			one := reflect.New(reflect.TypeOf(wire))
			fillAtRandom(chance, one.Elem(), "", 1+n%4)
			f := form{root: []string{"", "data"}[n%2]}
			f.check(one.Interface())
			want := said(v, f.root, one.Interface())
			if !slices.Equal(f.fields, want) {
				t.Fatalf("%T: says %v, the peer %v, of %+v", wire, f.fields, want, one.Elem())
			}
			faults += len(want)
		}
	}
	if faults < 1000 {
		t.Errorf("%d faults in all: this test compares nothing", faults)
	}
}

// fillAtRandom fills a value with what may be right, and is now and then wrong.
func fillAtRandom(chance *rand.Rand, v reflect.Value, tags string, care int) {
	odd := func() bool { return chance.IntN(1+4*care) == 0 }
	switch v.Kind() {
	case reflect.Pointer:
		if !odd() {
			v.Set(reflect.New(v.Type().Elem()))
			fillAtRandom(chance, v.Elem(), tags, care)
		}
	case reflect.Struct:
		if v.Type() == timeOf {
			if !odd() {
				v.Set(reflect.ValueOf(time.Unix(1, 0)))
			}
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillAtRandom(chance, v.Field(i), v.Type().Field(i).Tag.Get("validate"), care)
			}
		}
	case reflect.Slice:
		if odd() {
			return
		}
		n := chance.IntN(3)
		if first, second := odd(), odd(); first && second {
			n = 201
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillAtRandom(chance, v.Index(i), tags, care)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, 366, 367, -1, 1_000_000_000, 1_000_000_001}[chance.IntN(7)])
	case reflect.Bool:
		v.SetBool(odd())
	case reflect.String:
		texts := []string{"", "x", "sv", "SEK", "sek", "12500.00", "Europe/Stockholm", "anna@fjord.example", "https://fjord.example/x", "fleet", "..", "stripe", "superoffice", strings.Repeat("x", 129), strings.Repeat("x", 257), "a\x00b", "SE", "GB-SCT", "XX"}
		if _, of, ok := strings.Cut(tags, "oneof="); ok {
			of, _, _ = strings.Cut(of, ",")
			texts = append(texts, strings.Fields(of)...)
		}
		v.SetString(texts[chance.IntN(len(texts))])
	}
}

// TestEveryWireStructIsCompared finds those that the list lacks.
func TestEveryWireStructIsCompared(t *testing.T) {
	met := map[string]bool{}
	var meet func(reflect.Type)
	meet = func(at reflect.Type) {
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice:
			meet(at.Elem())
		case reflect.Struct:
			for met[at.Name()] = true; nested(at); at = timeOf {
				for i := range at.NumField() {
					meet(at.Field(i).Type)
				}
			}
		}
	}
	for _, w := range wires {
		meet(reflect.TypeOf(w))
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			shape, ok := s.Type.(*ast.StructType)
			ruled := ok && slices.ContainsFunc(shape.Fields.List, func(f *ast.Field) bool { return f.Tag != nil && strings.Contains(f.Tag.Value, "validate:") })
			if ruled && !met[s.Name.Name] {
				t.Errorf("%s has rules, and is not among those compared", s.Name.Name)
			}
			return true
		})
	}
}

// TestCodesAreThePeers compares the lists of countries and of currencies.
func TestCodesAreThePeers(t *testing.T) {
	v := peer()
	letters := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, a := range letters {
		for _, b := range letters {
			two := string(a) + string(b)
			if got, want := Country(two), v.Var(two, "iso3166_1_alpha2") == nil; got != want {
				t.Errorf("%s: a country %v, of the peer %v", two, got, want)
			}
			for _, c := range letters {
				three := two + string(c)
				if got, want := checks["iso4217"].ok(three), v.Var(three, "iso4217") == nil; got != want {
					t.Errorf("%s: a currency %v, of the peer %v", three, got, want)
				}
			}
		}
	}
	for _, no := range []string{"", " ", "SE ", "  ", "SE NO", "se", "GB-XXX"} {
		if Country(no) || checks["iso4217"].ok(no) {
			t.Errorf("%q is taken for a code", no)
		}
	}
}
