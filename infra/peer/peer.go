// Package peer brings somebody else's program into a test: an npm package, installed once per user
// in the cache folder, at the version that is named, without its install scripts; or a Python that has some.
package peer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Npm gives the node_modules folder in which a package lies at a version. SEATMEND_NODE_MODULES
// names one that holds all peers already, as in CI.
func Npm(name, version string) (modules string, err error) {
	if modules = os.Getenv("SEATMEND_NODE_MODULES"); modules != "" {
		_, err = os.Stat(filepath.Join(modules, name))
		return modules, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "seatmend", strings.NewReplacer("@", "", "/", "-").Replace(name)+"-"+version)
	modules = filepath.Join(folder, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, name)); err == nil {
		return modules, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%s is not installed, and there is no npm", name)
	}
	// Installed beside and then moved: other test programs may be at the same.
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	beside, err := os.MkdirTemp(filepath.Dir(folder), "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(beside)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", beside, name+"@"+version)
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install %s: %w: %s", name, err, out)
	}
	if err := os.Rename(beside, folder); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Stat(filepath.Join(modules, name)); there != nil {
			return "", err
		}
	}
	return modules, nil
}

// Modules is Npm for a test, which is skipped where the package cannot be had, or fails if
// SEATMEND_MUST_NOT_SKIP is 1.
func Modules(t testing.TB, name, version string) string {
	t.Helper()
	modules, err := Npm(name, version)
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err != nil && os.Getenv("SEATMEND_MUST_NOT_SKIP") == "1" {
		t.Fatalf("no peer to test with: %v", err)
	}
	if err != nil {
		t.Skipf("no peer to test with: %v", err)
	}
	return modules
}

// Python gives the Python that has the peers for it, which SEATMEND_PYTHON names, as in CI; the test is
// skipped where none is named, or fails if SEATMEND_MUST_NOT_SKIP is 1.
func Python(t testing.TB) string {
	t.Helper()
	python := os.Getenv("SEATMEND_PYTHON")
	if python == "" && os.Getenv("SEATMEND_MUST_NOT_SKIP") == "1" {
		t.Fatal("no peer to test with: SEATMEND_PYTHON is not set")
	}
	if python == "" {
		t.Skip("no peer to test with: SEATMEND_PYTHON names a Python that has them, see .ci/run")
	}
	return python
}

// Node runs a script with Node, which finds the packages of a node_modules folder by require, and
// gives what it wrote on standard output. The script's arguments follow.
func Node(t testing.TB, modules, script string, args ...string) []byte {
	t.Helper()
	run := exec.CommandContext(t.Context(), "node", append([]string{script}, args...)...)
	run.Env = append(os.Environ(), "NODE_PATH="+modules, "TZ=UTC", "NO_PROXY=127.0.0.1,localhost")
	out, err := run.Output()
	if err != nil {
		said := ""
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(exit.Stderr)
		}
		t.Fatalf("%s: %v\n%s%s", script, err, out, said)
	}
	return out
}
