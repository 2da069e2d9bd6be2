package template

import (
	"cmp"
	"debug/elf"
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
		if info, err := os.Stat(name); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: not executable: %v", name, err)
		} else if most := cmp.Or(mostBytes[id], 19_300_000); info.Size() > most {
			t.Errorf("%s: %d bytes, want %d at most: what does it link that is new?", name, info.Size(), most)
		}
	}
}

// mostBytes bounds what of a function is read at a cold start. The doors of senders are 4.0 MB zipped
// with five billing systems; all others are bounded alike.
var mostBytes = map[string]int64{"Billing": 10_950_000, "UserChange": 10_950_000, "Accounts": 13_100_000}
