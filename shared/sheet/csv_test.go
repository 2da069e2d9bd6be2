package sheet

import (
	"bytes"
	"testing"
)

// No cell is computed, whatever a program takes for the mark between two; and all else stays as it is.
func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+47": "'+47", "-2": "'-2", "@x": "'@x", "\tx": "'\tx", "Fjord": "Fjord", "": "", "C-1": "C-1",
		"Fjord;=1+1; @x": "Fjord;'=1+1; '@x", "Fjord,=1": "Fjord,'=1", "Fjord, AB": "Fjord, AB",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q", cell, got)
		}
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, [][]string{{"Ström, AB", "a;b"}, {"=2", ""}}); err != nil || b.String() != "\ufeffStröm, AB;\"a;b\"\r\n'=2;\r\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
