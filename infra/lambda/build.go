package lambda

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Programs are the functions, built for this machine with the flags of functions/Makefile.
type Programs struct {
	Folder string // a function's program is Folder/LogicalId/bootstrap
	clock  bool
}

// Emulator is the emulator's program. The test is skipped where there is none, or fails if
// SEATMEND_MUST_NOT_SKIP is 1.
func Emulator(t testing.TB) string {
	t.Helper()
	program := os.Getenv("SEATMEND_LAMBDA_BIN")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	if why := "SEATMEND_LAMBDA_BIN names no Runtime Interface Emulator (go doc ./infra/lambda)"; os.Getenv("SEATMEND_MUST_NOT_SKIP") == "1" {
		t.Fatal(why)
	} else {
		t.Skip(why)
	}
	return ""
}

// Build builds the functions as they are deployed, but for this machine's processor.
func Build(t testing.TB, root string) Programs {
	t.Helper()
	return build(t, root, t.TempDir(), "")
}

var onClock struct {
	sync.Mutex
	built Programs
}

// BuildOnClock builds the functions so that they take the time from the file that a Stack's clock
// writes, and from nothing else. No line of theirs knows of it: where they ask the system's clock,
// another line is compiled. They are built once for all tests; folder must outlive these.
func BuildOnClock(t testing.TB, root, folder string) Programs {
	t.Helper()
	onClock.Lock()
	defer onClock.Unlock()
	if onClock.built.Folder != "" {
		return onClock.built
	}
	files, err := filepath.Glob(filepath.Join(root, "functions/app/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || !bytes.Contains(source, []byte("time.Now")) {
			continue
		}
		source = append(bytes.ReplaceAll(source, []byte("time.Now"), []byte("timeOfTheTest")), "\nvar _ time.Time\n"...)
		put(t, replace, folder, file, source)
	}
	if len(replace) == 0 {
		t.Fatal("no file of functions/app asks for the time: here is nothing to replace")
	}
	put(t, replace, folder, filepath.Join(root, "functions/app/clock_of_tests.go"), []byte(timeOfTheTest))
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o644); err != nil {
		t.Fatal(err)
	}
	onClock.built = build(t, root, folder, "-overlay="+overlay)
	onClock.built.clock = true
	return onClock.built
}

// put writes source into the folder, to be compiled in place of a file.
func put(t testing.TB, replace map[string]string, folder, file string, source []byte) {
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(folder, filepath.Base(file))
	if err := os.WriteFile(beside, source, 0o644); err != nil {
		t.Fatal(err)
	}
	replace[file] = beside
}

const timeOfTheTest = `package app

import (
	"os"
	"time"
)

// timeOfTheTest is what stands in the file that the test moves on.
func timeOfTheTest() time.Time {
	text, err := os.ReadFile(os.Getenv("SEATMEND_TEST_CLOCK"))
	if err != nil {
		panic(err)
	}
	now, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		panic(err)
	}
	return now
}
`

func build(t testing.TB, root, folder, flags string) Programs {
	t.Helper()
	ids := ReadTemplate(t, root).Functions()
	for _, id := range ids { // each finds what the one before has compiled, where two at a time compile it twice
		cmd := exec.Command("make", "-C", filepath.Join(root, "functions"), "ARCH="+runtime.GOARCH, "ARTIFACTS_DIR="+filepath.Join(folder, id), "build-"+id)
		cmd.Env = append(os.Environ(), "GOFLAGS="+flags)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return Programs{Folder: folder}
}
