package template

import (
	"bytes"
	"compress/flate"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestArtefacts looks at what `sam build` left in the folder that SEATMEND_BUILT names: `sam build`
// says "Build Succeeded" over a file that an arm64 function cannot start, too.
func TestArtefacts(t *testing.T) {
	built := os.Getenv("SEATMEND_BUILT")
	if built == "" {
		t.Skip("SEATMEND_BUILT names no folder; .ci/run builds and sets it")
	}
	for _, id := range read(t).functions() {
		name := filepath.Join(built, id, "bootstrap")
		f, err := elf.Open(name)
		if err != nil {
			t.Error(err)
			continue
		}
		defer f.Close()
		if got, want := f.Machine, elf.EM_AARCH64; got != want {
			t.Errorf("%s: for %v, want %v", name, got, want)
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP {
				t.Errorf("%s: needs a dynamic linker", name)
			}
		}
		if f.Section(".symtab") != nil || f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil {
			t.Errorf("%s: not stripped", name)
		}
		most, ok := mostZipped[id]
		if !ok {
			most = 6_000_000
		}
		if n := zipped(t, name); n > most {
			t.Errorf("%s: %d bytes zipped, want %d at most: what does it link that is new?", name, n, most)
		}
		if info, err := os.Stat(name); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: not executable: %v", name, err)
		}
	}
}

// mostZipped bounds what of a function is fetched at a cold start, where it is the door of senders.
var mostZipped = map[string]int{"Billing": 4_000_000, "UserChange": 4_000_000, "Accounts": 4_500_000}

// zipped is how many bytes of a deployed function a file is.
func zipped(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
