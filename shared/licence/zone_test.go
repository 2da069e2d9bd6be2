package licence

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the list of time zones anew")

// since is from when on a zone is kept.
var since = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Each zone of Go's list is in ours, and was the same all the time since 2000; those of our customers will be.
func TestListOfZones(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	goes := map[string][]byte{}
	for _, f := range list.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if goes[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, "/") {
			delete(goes, f.Name)
		}
	}
	if *update {
		zoneList = string(packed(goes))
		if err := os.WriteFile("zones.bin", []byte(zoneList), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	customers := []string{"Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Berlin", "Europe/Amsterdam", "Europe/London"}
	for name, data := range goes {
		want, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := listedZone(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		until := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // what a later Go knows better is not this test's
		if slices.Contains(customers, name) {
			until = until.AddDate(20, 0, 0)
		}
		for at := since; at.Before(until); at = at.AddDate(0, 0, 9) {
			is, off := at.In(got).Zone()
			if was, before := at.In(want).Zone(); is != was || off != before {
				t.Errorf("%s on %s: %s, %d s and not %s, %d s", name, at, is, off, was, before)
				break
			}
		}
	}
	for _, name := range []string{"Europe/Atlantis", "europe/oslo", "..", "Europe", ""} {
		if _, err := listedZone(name); err == nil {
			t.Errorf("%q is a zone", name)
		}
	}
}

// packed is the list of zones as zoneList has it.
func packed(goes map[string][]byte) []byte {
	alike := map[string][]string{}
	for _, name := range SortedKeys(goes) {
		short := string(shortened(goes[name]))
		alike[short] = append(alike[short], name)
	}
	var out []byte
	for _, data := range SortedKeys(alike) {
		names := strings.Join(alike[data], " ")
		out = binary.BigEndian.AppendUint16(out, uint16(len(names)))
		out = binary.BigEndian.AppendUint16(out, uint16(len(data)))
		out = append(append(out, names...), data...)
	}
	return out
}

// shortened is a zone (RFC 9636) with its changes since 2000, at whose beginning it becomes what it was.
func shortened(b []byte) []byte {
	const header = 44
	counts := func(b []byte) (n [6]int) { // of UT and standard markers, leap seconds, changes, types, letters
		for i := range n {
			n[i] = int(binary.BigEndian.Uint32(b[20+4*i:]))
		}
		return n
	}
	n := counts(b)
	b2 := b[header+5*n[3]+6*n[4]+n[5]+8*n[2]+n[1]+n[0]:] // the form with 64 bits
	n = counts(b2)
	rest := b2[header:]
	take := func(size int) (part []byte) { part, rest = rest[:size], rest[size:]; return part }
	times, which, types, letters := take(8*n[3]), take(n[3]), take(6*n[4]), take(n[5])
	take(12*n[2] + n[1] + n[0])
	from := 0
	for from < n[3] && int64(binary.BigEndian.Uint64(times[8*from:])) < since.Unix() {
		from++
	}
	first, began := byte(0), []byte{}
	if from > 0 { // before the first change that it has, a zone is never in summer time
		first, began = which[from-1], binary.BigEndian.AppendUint64(nil, uint64(since.Unix()))
	}
	var kept, changes, kinds, names []byte
	kind := func(of byte) byte {
		if i := bytes.IndexByte(kept, of); i >= 0 {
			return byte(i)
		}
		kept = append(kept, of)
		t := slices.Clone(types[6*int(of) : 6*int(of)+6])
		name, _, _ := bytes.Cut(letters[t[5]:], []byte{0})
		name = append(slices.Clone(name), 0)
		if !bytes.Contains(names, name) {
			names = append(names, name...)
		}
		t[5] = byte(bytes.Index(names, name))
		kinds = append(kinds, t...)
		return byte(len(kept) - 1)
	}
	if at := kind(first); len(began) > 0 {
		changes = append(changes, at)
	}
	for _, w := range which[from:] {
		changes = append(changes, kind(w))
	}
	var out []byte
	head := func(changes, types, letters int) {
		out = append(append(out, b2[:20]...), make([]byte, 12)...)
		for _, n := range []int{changes, types, letters} {
			out = binary.BigEndian.AppendUint32(out, uint32(n))
		}
	}
	head(0, 1, 1)
	out = append(out, make([]byte, 7)...) // the form with 32 bits, which nobody reads
	head(len(changes), len(kept), len(names))
	return slices.Concat(out, began, times[8*from:], changes, kinds, names, rest)
}
