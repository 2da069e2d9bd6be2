package shared

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guides are the texts for people that speak of the code.
func guides(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"../*.md", "../infra/*.md", "../infra/decisions/*.md", "../events/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all[file] = string(text)
		}
	}
	return all
}

var (
	codePath = regexp.MustCompile("`((?:functions|shared|infra|events|findings)/[\\w./*-]+)`")
	anyName  = regexp.MustCompile(`([/_])xx?(\.|/|$)`)
	linkPath = regexp.MustCompile(`\]\(([\w./-]+)(?:#[\w-]*)?\)`)
	testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark|Example)[A-Z]\w+`)
)

// What a guide names is there: a folder, a file, a test.
func TestWhatTheGuidesNameIsThere(t *testing.T) {
	tests := map[string]bool{}
	for _, s := range sources(t) {
		for _, name := range s.functions() {
			tests[name] = s.test || tests[name]
		}
	}
	paths, named := 0, 0
	for file, text := range guides(t) {
		look := func(path string) {
			path = anyName.ReplaceAllString(path, "$1*$2") // rule_x.go stands for each rule
			if found, err := filepath.Glob(path); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", file, path)
			}
			paths++
		}
		for _, m := range codePath.FindAllStringSubmatch(text, -1) {
			look(filepath.Join("..", m[1]))
		}
		for _, m := range linkPath.FindAllStringSubmatch(text, -1) {
			look(filepath.Join(filepath.Dir(file), m[1]))
		}
		if strings.HasSuffix(file, "CHANGELOG.md") {
			continue // which tells of tests that were
		}
		for _, name := range testName.FindAllString(text, -1) {
			if !tests[name] {
				t.Errorf("%s names %s, which no file has", file, name)
			}
			named++
		}
	}
	if paths < 100 || named < 50 {
		t.Errorf("%d paths and %d tests: this test looks at the wrong place", paths, named)
	}
}

// languages are the files with the sentences of a language, which are as long as there is to say.
var languages = regexp.MustCompile(`^(shared/words/|functions/desk/text_)(sv|en|nb|da|de|nl)(_case)?\.go$`)

// kits are the packages that tests alone link.
var kits = regexp.MustCompile(`/(store|words|law|mail)test/`)

// A file is read at one sitting: code in 450 lines, tests in 600. And the whole is bounded, as decision 17 says.
func TestFilesAreShort(t *testing.T) {
	const most = 54_000
	looked, whole := 0, 0
	for _, s := range sources(t) {
		if languages.MatchString(s.file) {
			looked++
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", s.file))
		if err != nil {
			t.Fatal(err)
		}
		limit := 450
		if s.test {
			limit = 600
		}
		n := strings.Count(string(text), "\n")
		if n > limit {
			t.Errorf("%s has %d lines, and %d are the most: part it where its subject parts", s.file, n, limit)
		}
		if house := strings.HasPrefix(s.file, "functions/") || strings.HasPrefix(s.file, "shared/"); house && !s.test && !kits.MatchString(s.file) {
			whole += n
		}
	}
	if whole < most/2 || whole > most {
		t.Errorf("functions and shared have %d lines, and %d are the most: see infra/decisions/17-house.md", whole, most)
	}
	if looked < 6 {
		t.Errorf("%d languages: this test takes other files for them", looked)
	}
}

// Each file of code is named in README's map, in the row of its folder, so that who has only that finds the place.
func TestMapNamesEachFile(t *testing.T) {
	var rows []string
	for row := range strings.Lines(guides(t)["../README.md"]) {
		if strings.HasPrefix(row, "| `") {
			rows = append(rows, row)
		}
	}
	for _, s := range sources(t) {
		name := filepath.Base(s.file)
		if s.test || name == "doc.go" || name == "main.go" || ast.IsGenerated(s.tree) {
			continue
		}
		row := slices.IndexFunc(rows, func(r string) bool {
			where, _, _ := strings.Cut(strings.TrimPrefix(r, "| "), " | ")
			return strings.Contains(where, "`"+s.folder+"/`")
		})
		if row < 0 || !strings.Contains(rows[row], "`"+strings.TrimSuffix(name, ".go")+"`") {
			t.Errorf("README's map does not name %s in a row of its folder", s.file)
		}
	}
}
