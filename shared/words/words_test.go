package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
	"seatmend/shared/words/wordstest"
)

// said is every answer of every rule that has a sentence of its own: answer, then which.
var said = map[licence.Code]map[diagnosis.Answer][]string{
	"surplus": {
		diagnosis.Holds:   {"a", "b", "c", "d", "a-suite", "b-suite", "c-suite", "d-suite", "upcoming", "upcoming-suite", "a-rest", "verifying", "verifying-suite", "d-waits", "d-suite-waits", "left", "left-suite", "a-later", "b-later", "c-later", "a-later-suite", "b-later-suite", "c-later-suite"},
		diagnosis.Fails:   {"fits", "fits-suite", "fits-offered", "fits-ordered", "fits-suite-offered", "fits-suite-ordered"},
		diagnosis.Unknown: {"stale", "maintenance", "belied", "order"},
	},
	"plan-swap": {diagnosis.Holds: {"sure", "question"}},
	"order-differs": {
		diagnosis.Holds: {"a", "a-used", "b", "b-ask", "b-both", "b-both-ask", "agreed", "c", "d", "e", "f", "f-keep", "f-offered", "g", "g-agreed", "g-offered"}, diagnosis.Fails: {"fits", "fits-offered"},
		diagnosis.Unknown: {"stale", "maintenance", "belied", "order", "list"},
	},
	"not-activated": {
		diagnosis.Holds: {"a", "a-checks", "a-waits", "disputed", "more", "more-waits", "others", "others-waits", "earlier", "tried", "new", "new-waits", "sooner"},
		diagnosis.Fails: {"none", "surplus", "refused", "tried"}, diagnosis.Unknown: {"stale", "maintenance", "belied"},
	},
	"activation-refused": {diagnosis.Holds: {"a", "disputed"}, diagnosis.Fails: {"none", "surplus", "fits"}, diagnosis.Unknown: {"stale", "maintenance", "belied", "seats"}},
	"wrong-installation": {diagnosis.Holds: {"trial", "trial-late", "sandbox"}, diagnosis.Fails: {"none", "converted"}},
	"invoice-overdue": {
		diagnosis.Holds: {"a-also", "a-unsure", "a-risk", "a-unfound", "a-claim", "a-arrangement", "a-processing", "a-attempt", "a-neutral", "a-elsewhere", "a-payer", "a-pass-on", "a-beyond", "action", "untried", "a-for", "action-for"},
		diagnosis.Fails: {"none", "paid"}, diagnosis.Unknown: {"never"},
	},
	"payment-disputed": {diagnosis.Holds: {"a", "a-off"}, diagnosis.Fails: {"none"}, diagnosis.Unknown: {"never"}},
	"paid-not-extended": {
		diagnosis.Holds:   {"a", "all-paid", "waits", "checks", "beyond", "invoiced", "invoiced-waits", "invoiced-checks"},
		diagnosis.Fails:   {"longer", "held", "no-risk", "none", "endless"},
		diagnosis.Unknown: {"stale", "maintenance", "belied", "undated", "never", "unread", "unread-invoiced", "failed", "failed-invoiced"},
	},
	"subscription-ended":  {diagnosis.Holds: {"a", "a-past"}, diagnosis.Fails: {"live"}},
	"version-not-covered": {diagnosis.Holds: {"version", "released"}, diagnosis.Fails: {"online", "covered", "undated"}, diagnosis.Unknown: {"version", "licence", "label"}},
	"trial-ending":        {diagnosis.Holds: {"a", "a-past", "over"}, diagnosis.Fails: {"later"}, diagnosis.Unknown: {"stale"}},
	"payment-awaited": {
		diagnosis.Holds: {"a", "b", "c", "c-for", "undated", "beyond", "neutral", "elsewhere", "payer", "pass-on"}, diagnosis.Fails: {"none"}, diagnosis.Unknown: {"stale", "never"},
	},
	"not-invoiced": {diagnosis.Holds: {"a", "withdrawn"}, diagnosis.Fails: {"no-risk", "longer", "none", "no-periods", "invoiced", "endless"}, diagnosis.Unknown: {"stale", "maintenance", "belied", "never", "never-invoice", "never-subscription"}},
	"not-fetched": {
		diagnosis.Holds: {"web", "file", "online", "waits"}, diagnosis.Fails: {"offered", "none", "fetched"}, diagnosis.Unknown: {"stale", "maintenance", "belied", "never"},
	},
	"identity-differs": {
		diagnosis.Holds: {"company", "serial", "serial-waits", "offered", "offered-serial", "not-found"}, diagnosis.Fails: {"same"}, diagnosis.Unknown: {"stale", "maintenance", "belied"},
	},
	"suspended":    {diagnosis.Holds: {"a", "a-deleting", "a-deleted"}, diagnosis.Fails: {"running"}, diagnosis.Unknown: {"state", "maintenance"}},
	"source-stale": {diagnosis.Holds: {"a"}, diagnosis.Fails: {"heard"}},
	"unexplained":  {diagnosis.Holds: {"a", "a-waits"}, diagnosis.Fails: {"no-warning", "none-told", "not-asked", "explained"}, diagnosis.Unknown: {"stale", "maintenance", "belied"}},
}

// mustSay are all keys that a language must have.
func mustSay(t *testing.T) []string {
	t.Helper()
	var keys []string
	for _, r := range diagnosis.Rules {
		keys = append(keys, "rule."+string(r.Code))
		answers, ok := said[r.Code]
		if !ok {
			t.Errorf("rule %s has no sentences", r.Code)
		}
		for answer, says := range answers {
			for _, say := range says {
				keys = append(keys, "title."+string(r.Code)+"."+string(answer)+"."+say)
			}
		}
		keys = append(keys, "why."+string(r.Code))
		if !slices.Contains([]licence.Code{"trial-ending", "not-invoiced", "source-stale"}, r.Code) { // of these no mail goes
			keys = append(keys, "subject."+string(r.Code))
		}
	}
	lit := literals(t)
	for _, e := range lit["evidence"] {
		keys = append(keys, "evidence."+e)
	}
	for _, w := range lit["wait"] {
		keys = append(keys, "waits."+w)
	}
	for _, c := range lit["consequence"] {
		keys = append(keys, "when."+c)
	}
	for _, r := range lit["remedy"] {
		keys = append(keys, "remedy."+r)
	}
	for _, k := range lit["verify"] {
		keys = append(keys, "verify."+k)
	}
	for _, p := range []string{"ok", "unknown", "admin-warning", "grace", "expired"} {
		keys = append(keys, "phase."+p, "mail.intro."+p)
	}
	for _, s := range []string{"waiting", "answered", "snoozed", "verifying", "unknown"} {
		keys = append(keys, "state."+s)
	}
	for _, a := range []string{"on-purpose", "numbers-wrong", "numbers-right", "handled", "not-right", "snooze"} {
		keys = append(keys, "answer."+a)
	}
	for _, o := range []string{"user", "admin", "billing", "partner", "support", "finance", "sales", "ops", "nobody"} {
		keys = append(keys, "owner."+o)
	}
	for _, b := range []string{"open-requests", "category-master", "mail-filter", "escalation-level", "logged-on", "last-admin", "reader", "protected", "on-leave", "scim-managed"} {
		keys = append(keys, "blocker."+b)
	}
	return append(keys, wordstest.Asked(t)...)
}

// literals are the codes that the rules write down, found in their source: a new one makes a
// language incomplete until it has a sentence.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	add := func(kind string, e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			s, _ := strconv.Unquote(l.Value)
			if s != "" && !slices.Contains(out[kind], s) {
				out[kind] = append(out[kind], s)
			}
		}
	}
	fields := map[string]map[string]string{
		"Wait": {"For": "wait"}, "Remedy": {"ID": "remedy"}, "Deadline": {"Consequence": "consequence"}, "Verify": {"Kind": "verify"}, "Evidence": {"Name": "evidence"},
		"Verdict": {"Say": "say", "Cause": "cause"},
	}
	first := map[string]string{"Evidence": "evidence"}
	for _, path := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CompositeLit:
				compositeLiteral(x, fields, first, add)
			case *ast.CallExpr:
				name := called(x)
				switch {
				case name == "value" && len(x.Args) == 3, name == "evidence" && len(x.Args) == 2:
					add("evidence", x.Args[0])
				case name == "named" && len(x.Args) == 2:
					add("evidence", x.Args[1])
				case name == "deadline" && len(x.Args) == 3:
					add("consequence", x.Args[2])
				}
			case *ast.AssignStmt:
				for i, l := range x.Lhs {
					if s, ok := l.(*ast.SelectorExpr); ok && len(x.Rhs) == len(x.Lhs) && s.Sel.Name == "Say" {
						add("say "+filepath.Base(path), x.Rhs[i])
					}
				}
			}
			return true
		})
	}
	return out
}

func sources(t *testing.T) []string {
	t.Helper()
	rules, err := filepath.Glob("../diagnosis/rule_*.go")
	if err != nil || len(rules) == 0 {
		t.Fatal("no rules found", err)
	}
	return append(rules, "../diagnosis/rules.go", "../diagnosis/module.go", "../diagnosis/diagnose.go")
}

func called(x *ast.CallExpr) string {
	switch f := x.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

func compositeLiteral(x *ast.CompositeLit, fields map[string]map[string]string, first map[string]string, add func(string, ast.Expr)) {
	name := ""
	switch typ := x.Type.(type) {
	case *ast.Ident:
		name = typ.Name
	case *ast.ArrayType:
		if id, ok := typ.Elt.(*ast.Ident); ok {
			// The elements carry no type of their own.
			for _, e := range x.Elts {
				if c, ok := e.(*ast.CompositeLit); ok && c.Type == nil {
					c := *c
					c.Type = id
					compositeLiteral(&c, fields, first, add)
				}
			}
		}
		return
	}
	for i, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && fields[name][key.Name] != "" {
				add(fields[name][key.Name], kv.Value)
			}
		} else if i == 0 && first[name] != "" {
			add(first[name], e)
		}
	}
}

// Every language says everything: what is missing is listed by language.
func TestLanguagesAreWhole(t *testing.T) {
	want := mustSay(t)
	for k := range english.Text {
		want = append(want, k)
	}
	slices.Sort(want)
	for _, l := range Languages {
		for _, key := range slices.Compact(slices.Clone(want)) {
			if !l.has(key) {
				t.Errorf("%s: missing %q", l.Tag, key)
			}
		}
		for key := range l.Text {
			if !english.has(key) {
				t.Errorf("%s: nobody asks for %q", l.Tag, key)
			}
		}
		for id := range english.Steps {
			if len(l.Steps[id]) != len(english.Steps[id]) {
				t.Errorf("%s: steps of %q: %d, want %d", l.Tag, id, len(l.Steps[id]), len(english.Steps[id]))
			}
		}
		for _, id := range literals(t)["remedy"] {
			if len(l.Steps[id]) == 0 {
				t.Errorf("%s: no steps for %q", l.Tag, id)
			}
		}
		if len(l.Steps) != len(english.Steps) {
			t.Errorf("%s: %d lists of steps, want %d", l.Tag, len(l.Steps), len(english.Steps))
		}
	}
}

// The table above knows every sentence that a rule can ask for.
func TestEverySayIsKnown(t *testing.T) {
	known := map[string]bool{"error": true}
	for _, answers := range said {
		for _, says := range answers {
			for _, s := range says {
				known[s] = true
			}
		}
	}
	count := 0
	for kind, says := range literals(t) {
		if kind != "say" && !strings.HasPrefix(kind, "say ") {
			continue
		}
		for _, s := range says {
			count++
			if !known[s] && s != "-suite" {
				t.Errorf("%s: no sentence is known for %q", kind, s)
			}
		}
	}
	if count < 20 {
		t.Errorf("found only %d sentences in the rules: the search is broken", count)
	}
}

var places = regexp.MustCompile(`\{([a-z_]+)`)

// The same values stand in a sentence whatever the language.
func TestLanguagesPrintTheSameValues(t *testing.T) {
	values := func(s string) []string {
		var out []string
		for _, m := range places.FindAllStringSubmatch(s, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	for _, l := range Languages[1:] {
		for _, key := range slices.Sorted(maps.Keys(english.Text)) {
			if got, want := values(l.Text[key]), values(english.Text[key]); !slices.Equal(got, want) {
				t.Errorf("%s: %q prints %v, want %v", l.Tag, key, got, want)
			}
		}
		for id, steps := range english.Steps {
			if got, want := values(strings.Join(l.Steps[id], " ")), values(strings.Join(steps, " ")); !slices.Equal(got, want) {
				t.Errorf("%s: steps of %q print %v, want %v", l.Tag, id, got, want)
			}
		}
	}
}

func TestOf(t *testing.T) {
	for locale, want := range map[string]string{"sv": "sv", "sv-SE": "sv", "sv_FI": "sv", "SV": "sv", "en-GB": "en", "fi": "en", "": "en"} {
		if got := Of(locale).Tag; got != want {
			t.Errorf("Of(%q) = %s, want %s", locale, got, want)
		}
	}
}

// A person's own locale comes before the account's, and the country is asked last.
func TestFor(t *testing.T) {
	for _, c := range []struct{ country, contact, account, want string }{
		{"SE", "en-GB", "sv", "en"}, {"SE", "", "en", "en"}, {"SE", "", "", "sv"}, {"SE", "fi", "", "sv"},
		{"DE", "", "", "de"}, {"AT", "", "", "de"}, {"LI", "", "", "de"}, {"NL", "", "", "nl"}, {"SR", "", "", "nl"}, {"NO", "", "", "nb"}, {"SJ", "", "", "nb"}, {"DK", "", "", "da"}, {"FO", "", "", "da"},
		{"GL", "", "", "da"}, {"AX", "", "", "sv"}, {"BE", "", "", "en"}, {"CH", "", "", "en"}, {"LU", "", "", "en"}, {"BE", "", "nl-BE", "nl"},
		{"FI", "", "", "en"}, {"FI", "sv-FI", "", "sv"}, {"GB-SCT", "", "", "en"}, {"", "", "", "en"},
	} {
		if got := For(c.country, c.contact, c.account).Tag; got != c.want {
			t.Errorf("in %q, contact %q, account %q: %s, want %s", c.country, c.contact, c.account, got, c.want)
		}
	}
}

func TestPreferred(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "sv": "sv", "sv-SE,sv;q=0.9,en;q=0.8": "sv", "fi-FI, fi;q=0.9, sv;q=0.5, en;q=0.4": "sv", "en;q=0.2, sv;q=0.7": "sv", "*": "en", "sv;q=0": "en", "sv;q=x": "en",
	} {
		if got := Preferred(accept).Tag; got != want {
			t.Errorf("Accept-Language %q: %s, want %s", accept, got, want)
		}
	}
}

func TestFill(t *testing.T) {
	en, sv := english.Voice(wordstest.Zone(t), wordstest.Now), swedish.Voice(wordstest.Zone(t), wordstest.Now)
	a := Args{"n": 1, "many": 12500, "d": licence.Date("2026-12-11"), "far": licence.Date("2027-12-13"), "today": licence.Date("2026-11-23"),
		"sek": money{"12500.00", "SEK"}, "odd": money{"12499.50", "SEK"}, "eur": money{"99", "EUR"}, "list": []string{"a", "b", "c"}, "t": wordstest.Now}
	for _, c := range []struct{ text, en, sv string }{
		{"{n} {n|seat|seats}", "1 seat", "1 seat"},
		{"{many}", "12,500", "12\u00a0500"},
		{"{d}", "11 December", "11 december"},
		{"{d.weekday}", "Friday 11 December", "fredag 11 december"},
		{"{d.by}", "by Friday 11 December", "senast fredag 11 december"},
		{"{today.by}", "today", "i dag"},
		{"{far}", "13 December 2027", "13 december 2027"},
		{"{sek}", "SEK 12,500", "12\u00a0500\u00a0kr"},
		{"{odd}", "SEK 12,499.50", "12\u00a0499,50\u00a0kr"},
		{"{eur}", "€99", "99\u00a0€"},
		{"{list}", "a, b and c", "a, b och c"},
		{"{t}", "23 November at 10:14", "23 november kl. 10:14"},
		{"x[[ and {none}]]", "x", "x"},
		{"x[[ y {n}[[, z {none}]].]]!", "x y 1.!", "x y 1.!"},
	} {
		if got, _ := en.fill(c.text, a); got != c.en {
			t.Errorf("en %s = %q, want %q", c.text, got, c.en)
		}
		if got, _ := sv.fill(c.text, a); got != c.sv {
			t.Errorf("sv %s = %q, want %q", c.text, got, c.sv)
		}
	}
}
