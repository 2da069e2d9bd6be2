package webhook_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"seatmend/shared/webhook"
)

// Each sender has an example, with what it prints: whoever looks a sender up in go doc sees a body of its.
func TestEachSenderHasAnExample(t *testing.T) {
	files, err := filepath.Glob("example*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				has[f.Name.Name] = true
			}
		}
	}
	for _, s := range webhook.Senders {
		if !has["ExampleSender_"+s.Name] {
			t.Errorf("ExampleSender_%s is missing", s.Name)
		}
	}
}
