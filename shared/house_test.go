package shared

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// closedFields are the fields whose values are a closed set of constants, by the set's type.
var closedFields = map[string]string{"Code": "Code", "Severity": "Severity", "State": "FindingState", "Summary": "Summary", "Phase": "LapsePhase", "Owner": "Role"}

// closedValues are the values of each set's constants.
func closedValues(t *testing.T, all []source) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for _, s := range all {
		if s.test || !strings.HasPrefix(s.folder, "shared/") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 && v.Type != nil {
				if text, ok := literal(v.Values[0]); ok {
					values[nameOf(v.Type)] = append(values[nameOf(v.Type)], text)
				}
			}
			return true
		})
	}
	for field, set := range closedFields {
		if len(values[set]) < 4 {
			t.Fatalf("%s: %d constants of %s: this test looks at the wrong place", field, len(values[set]), set)
		}
	}
	return values
}

// nameOf is the last name of an expression such as State, f.State or licence.Code.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal is the text of a string's literal.
func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// meets calls back for each literal that a field is given, or is compared with.
func meets(tree *ast.File, found func(field string, lit ast.Expr)) {
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				found(nameOf(n.X), n.Y)
			}
		case *ast.KeyValueExpr:
			found(nameOf(n.Key), n.Value)
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if len(n.Rhs) == len(n.Lhs) {
					found(nameOf(to), n.Rhs[i])
				}
			}
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				for _, e := range c.(*ast.CaseClause).List {
					found(nameOf(n.Tag), e)
				}
			}
		}
		return true
	})
}

// foreign are the packages that read others' words, of which some are ours as well.
var foreign = []string{"shared/webhook", "shared/superoffice", "shared/billing"}

// A code, a state and so on is written as its constant: a literal of it that is misspelt would compile. The
// word "unknown" is also what other things are called that have a state.
func TestNoLiteralCodes(t *testing.T) {
	all, met := sources(t), 0
	values := closedValues(t, all)
	for _, s := range all {
		if s.test || strings.HasPrefix(s.folder, "infra/") || strings.HasSuffix(s.folder, "test") || slices.Contains(foreign, s.folder) {
			continue
		}
		meets(s.tree, func(field string, e ast.Expr) {
			met++
			text, ok := literal(e)
			if ok && text != "unknown" && slices.Contains(values[closedFields[field]], text) {
				t.Errorf("%s: %s is %q here: write its constant", s.file, field, text)
			}
		})
	}
	if met < 1000 {
		t.Errorf("%d places were looked at: this test looks at the wrong one", met)
	}
}

// uncommented are the folders whose exported functions need no comment each: what they do is said where their
// interface is.
func uncommented(folder string) bool {
	return strings.HasPrefix(folder, "shared/store/") || strings.HasPrefix(folder, "infra/")
}

// Each exported function says what it gives; of a method the interface may say so.
func TestExportedFunctionsAreExplained(t *testing.T) {
	looked := 0
	for _, s := range sources(t) {
		if s.test || uncommented(s.folder) {
			continue
		}
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() {
				continue
			}
			if looked++; f.Doc == nil {
				t.Errorf("%s: %s has no comment", s.file, f.Name.Name)
			}
		}
	}
	if looked < 150 {
		t.Errorf("%d functions: this test looks at the wrong place", looked)
	}
}

// versionless are the programs that are no part of a release: a sample for senders, and what a start is compared with.
var versionless = []string{"events/senders", "infra/cost/cold/floor"}

// Each program says by -version which one it is; the functions do in app.Main, by which they start.
func TestEachProgramSaysItsVersion(t *testing.T) {
	programs := 0
	for _, s := range sources(t) {
		if s.test || s.tree.Name.Name != "main" || !slices.Contains(s.functions(), "main") || slices.Contains(versionless, s.folder) {
			continue
		}
		programs++
		says := false
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				says = says || nameOf(call.X) == "version" && call.Sel.Name == "Asked" || nameOf(call.X) == "app" && call.Sel.Name == "Main"
			}
			return !says
		})
		if !says {
			t.Errorf("%s does not know -version", s.file)
		}
	}
	if programs < 14 {
		t.Errorf("%d programs: this test looks at the wrong place", programs)
	}
}
