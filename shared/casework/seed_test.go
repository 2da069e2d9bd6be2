package casework

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is drawn is the same on every run, so that a failure is the fault of a change and never
// of luck. A random seed is asked for by name:
//
//	go test ./shared/casework -run TestWalk -walk.random
//
// Draws that failed once lie in testdata/rapid, where rapid tries them before it draws others.
var walkRandom = flag.Bool("walk.random", false, "draw from a random seed")

// seed is where draws begin, unless -rapid.seed or RAPID_SEED gives another.
const seed = "20261125"

func TestMain(m *testing.M) {
	flag.Parse()
	if given := flag.Lookup("rapid.seed"); given.Value.String() == "0" && !*walkRandom {
		if err := given.Value.Set(seed); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// rapid passes over a file whose name does not begin with that of its test, and says nothing.
func TestKeptDrawsAreTried(t *testing.T) {
	files, _ := filepath.Glob("testdata/rapid/*/*")
	if len(files) == 0 {
		t.Error("there are none")
	}
	for _, f := range files {
		test, name := filepath.Base(filepath.Dir(f)), filepath.Base(f)
		if !strings.HasPrefix(name, test+"-") || filepath.Ext(name) != ".fail" {
			t.Errorf("%s is no draw of %s: it is to be called %s-WHAT.fail", f, test, test)
		}
	}
}
