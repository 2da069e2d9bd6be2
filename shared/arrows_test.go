// Package shared has no code of its own: this test holds the packages below it to the arrows
// of the design.
package shared

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "seatmend/"

// A source is one file of the module.
type source struct {
	folder string // below the module, such as shared/licence
	file   string
	test   bool
	tree   *ast.File
}

// sources are all files of the module.
func sources(t *testing.T) (all []source) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		tree, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		folder := strings.TrimSuffix(rel[:len(rel)-len(name)], "/")
		all = append(all, source{folder, rel, strings.HasSuffix(name, "_test.go"), tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("%d files only: this test looks at the wrong place", len(all))
	}
	return all
}

func (s source) imports() (paths []string) {
	for _, i := range s.tree.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// arrows say what of the module a package may import. What is not here may import nothing.
var arrows = map[string][]string{
	"shared/licence":           {},
	"shared/link":              {},
	"shared/sheet":             {},
	"shared/reply":             {},
	"shared/version":           {},
	"shared/superoffice":       {},
	"shared/billing":           {"shared/webhook"},
	"shared/seats":             {"shared/licence"},
	"shared/diagnosis":         {"shared/licence"},
	"shared/diagnosis/lawtest": {"shared/licence", "shared/diagnosis"},
	"shared/casework":          {"shared/licence", "shared/diagnosis"},
	"shared/words":             {"shared/licence", "shared/diagnosis"},
	"shared/words/wordstest":   {"shared/licence", "shared/diagnosis"},
	"shared/store":             {"shared/licence"},
	"shared/webhook":           {"shared/licence"},
	"shared/store/sqlite":      {"shared/licence", "shared/seats", "shared/store"},
	"shared/store/dynamo":      {"shared/licence", "shared/seats", "shared/store"},
	"shared/store/memory":      {"shared/licence", "shared/seats", "shared/store"},
	"shared/store/storetest":   {"shared/licence", "shared/store", "infra/peer"},
	"shared/engine":            {"shared/licence", "shared/casework", "shared/store"},
	"shared/aws":               {},
	"shared/effects":           {"shared/aws", "shared/billing", "shared/licence", "shared/diagnosis", "shared/casework", "shared/seats", "shared/store", "shared/webhook", "shared/words", "shared/link", "shared/superoffice"},
	"shared/effects/mailtest":  {},

	"functions/app":          {"shared/aws", "shared/licence", "shared/casework", "shared/engine", "shared/link", "shared/store", "shared/store/dynamo", "shared/version", "shared/webhook"},
	"functions/hooks":        {"functions/app", "shared/licence", "shared/store", "shared/webhook"}, // a door is light
	"functions/outside":      {"functions/app", "shared/billing", "shared/effects", "shared/licence", "shared/superoffice", "shared/words"},
	"functions/page":         slices.Concat(below, []string{"functions/app"}),
	"functions/login":        slices.Concat(below, []string{"functions/app", "functions/hooks", "functions/page", "shared/version"}), // /help is a page
	"functions/desk":         slices.Concat(below, []string{"functions/app", "functions/page", "shared/sheet"}),                      // the desk sees the customer's page
	"functions/api":          slices.Concat(below, []string{"functions/app"}),
	"functions":              {"functions/app", "functions/hooks", "functions/login", "functions/page", "functions/desk", "functions/api"},
	"functions/billing":      {"functions/app", "functions/hooks"},
	"functions/userchange":   {"functions/app", "functions/hooks"},
	"functions/loginwarning": {"functions/app", "functions/login"},
	"functions/remedy":       {"functions/app", "functions/hooks", "functions/outside", "functions/page"},
	"functions/accounts":     {"functions/app", "functions/api"},
	"functions/support":      {"functions/app", "functions/outside", "functions/desk"},
	"functions/deliver":      {"functions/app", "functions/outside", "functions/desk"}, // what mails links to the staff
	"functions/sweep":        {"functions/app", "functions/outside", "functions/desk"},
	"functions/bounce":       {"functions/app"},
	"functions/reply":        {"functions/app", "functions/replies"},
	"functions/replies":      {"functions/app", "shared/effects", "shared/licence", "shared/link", "shared/reply", "shared/store", "shared/words"},

	"events":           {},
	"events/senders":   {},
	"infra/billingsim": {},
	"infra/crmsim":     {},
	"infra/onboard":    {"functions/app", "shared/licence", "shared/diagnosis", "shared/casework", "shared/engine", "shared/seats", "shared/sheet", "shared/store", "shared/store/sqlite", "shared/webhook", "shared/words"},
}

// below is what all that answers HTTP may import of shared.
var below = []string{"shared/licence", "shared/diagnosis", "shared/casework", "shared/seats", "shared/words", "shared/link", "shared/webhook", "shared/store", "shared/engine", "shared/effects"}

// pure are the packages that are made of the standard library and of nothing else but these.
var pure = map[string][]string{
	"shared/licence":   {"github.com/rickar/cal/v2"},
	"shared/diagnosis": {"golang.org/x/text/unicode/norm"},
	"shared/casework":  {},
	"shared/seats":     {},
	"shared/link":      {},
}

func TestArrows(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.HasPrefix(s.folder, "infra/") && arrows[s.folder] == nil {
			continue // tests and the local run put everything together
		}
		allowed, known := arrows[s.folder]
		if !known {
			t.Errorf("%s: nothing says what %s may import", s.file, s.folder)
			continue
		}
		for _, path := range s.imports() {
			to, own := strings.CutPrefix(path, module)
			switch {
			case own && !slices.Contains(allowed, to):
				t.Errorf("%s imports %s", s.file, path)
			case !own && strings.Contains(path, ".") && pure[s.folder] != nil && !slices.ContainsFunc(pure[s.folder], func(l string) bool { return strings.HasPrefix(path, l) }):
				t.Errorf("%s imports %s; beside the standard library %s may use only %q", s.file, path, s.folder, pure[s.folder])
			}
		}
	}
}

// awsHere are the packages that may speak to AWS. Of infra only tools do, which no function carries.
var awsHere = []string{"shared/aws", "shared/store/dynamo", "shared/store/storetest", "functions/app", "infra/local", "infra/cost", "infra/cost/cold/floor", "infra/deploy"}

// libraries that only one package knows.
var kept = map[string]string{
	"modernc.org/sqlite":                 "shared/store/sqlite",
	"github.com/go-playground/validator": "shared/webhook",
	"github.com/wneessen/go-mail":        "shared/effects",
	"golang.org/x/net":                   "shared/effects",
	"github.com/xuri/excelize":           "infra/onboard",
	"golang.org/x/sync":                  "infra/onboard",
}

func TestLibrariesStayWhereTheyBelong(t *testing.T) {
	for _, s := range sources(t) {
		for _, path := range s.imports() {
			if strings.HasPrefix(path, "github.com/aws/") && !slices.Contains(awsHere, s.folder) && !s.test {
				t.Errorf("%s imports %s", s.file, path)
			}
			for library, home := range kept {
				if strings.HasPrefix(path, library) && s.folder != home && !s.test {
					t.Errorf("%s imports %s, which only %s does", s.file, path, home)
				}
			}
		}
	}
}

// worldly is what makes a result depend on more than what is given.
var worldly = map[string][]string{
	"time": {"Now", "Since", "Until"},
	"os":   {"Getenv", "LookupEnv", "Environ"},
}

// chance are packages that nobody needs whose now, and whose ids, are given.
var chance = []string{"math/rand", "math/rand/v2", "crypto/rand"}

// worldlyHere may read the clock, the environment and chance.
func worldlyHere(s source) bool {
	return s.test || s.file == "functions/app/boot.go" || strings.HasPrefix(s.folder, "infra/") && s.folder != "infra/crmsim" ||
		s.folder == "shared/store/storetest" || s.folder == "shared/effects/mailtest" || // start servers for tests
		s.folder == "events/senders" // a program of somebody else's, as an example
}

func TestTimeChanceAndEnvironmentComeFromOutside(t *testing.T) {
	met := false
	for _, s := range sources(t) {
		here := worldlyHere(s)
		names := map[string]string{} // how a file calls a package
		for _, i := range s.tree.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			// How long a refused request pauses, and the token that names one, decide nothing.
			if slices.Contains(chance, path) && !here && s.folder != "shared/store/dynamo" {
				t.Errorf("%s imports %s", s.file, path)
			}
			name := path[strings.LastIndexByte(path, '/')+1:]
			if i.Name != nil {
				name = i.Name.Name
			}
			if worldly[path] != nil {
				names[name] = path
				if name == "." && !here {
					t.Errorf("%s imports %s as its own", s.file, path)
				}
			}
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, ok := sel.X.(*ast.Ident)
			if !ok || !slices.Contains(worldly[names[of.Name]], sel.Sel.Name) {
				return true
			}
			if met = true; !here {
				t.Errorf("%s asks %s.%s", s.file, of.Name, sel.Sel.Name)
			}
			return true
		})
	}
	if !met {
		t.Error("not even boot.go reads the clock: this test looks at nothing")
	}
}

// Nothing happens before main, and nothing that all see is changed.
func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init", s.file)
			}
		}
	}
}

// doors are the functions that take facts in, and what none of them links, even by way of others:
// it would be read, and its tables filled, at each cold start.
var doors = []string{"billing", "userchange"}

var tooHeavy = []string{
	"seatmend/shared/words", "seatmend/shared/effects", "seatmend/shared/superoffice", "seatmend/functions/page", "seatmend/functions/outside", "seatmend/functions/desk",
	"golang.org/x/text/language", "golang.org/x/net/idna", "github.com/wneessen/go-mail", "github.com/go-jose/go-jose/v4", "modernc.org/sqlite",
}

// nowhere are modules that no function links: what is used of them is little, and their tables are large.
var nowhere = []string{
	"github.com/go-playground/validator/v10", "github.com/go-json-experiment/json", "modernc.org/sqlite", "github.com/xuri/excelize/v2",
	"github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/sesv2", "github.com/aws/aws-sdk-go-v2/service/eventbridge", "github.com/aws/aws-sdk-go-v2/service/secretsmanager",
}

func TestWhatAFunctionLinks(t *testing.T) {
	mains, err := filepath.Glob("../functions/*/main.go")
	if err != nil || len(mains) < 10 {
		t.Fatalf("%d functions: %v", len(mains), err)
	}
	for _, main := range mains {
		function := filepath.Base(filepath.Dir(main))
		out, err := exec.Command("go", "list", "-deps", "../functions/"+function).Output()
		if err != nil {
			t.Fatal(err)
		}
		linked := strings.Fields(string(out))
		if !slices.Contains(linked, "seatmend/functions/app") {
			t.Fatalf("%s links %d packages, and not app: this test looks at nothing", function, len(linked))
		}
		not := nowhere
		switch {
		case slices.Contains(doors, function):
			not = slices.Concat(nowhere, tooHeavy)
		case function == "accounts" || function == "loginwarning":
			not = slices.Concat(nowhere, []string{"seatmend/functions/outside", "seatmend/functions/desk"}) // they may not send
		}
		for _, heavy := range not {
			if slices.Contains(linked, heavy) {
				t.Errorf("%s links %s", function, heavy)
			}
		}
	}
}

// functions are the names of those that a file has.
func (s source) functions() (names []string) {
	for _, d := range s.tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
