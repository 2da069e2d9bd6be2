package diagnosis

import "testing"

// TestVersionLabels: the number is found inside the label; where two cannot be compared, nothing
// is said of which is newer.
func TestVersionLabels(t *testing.T) {
	for _, c := range []struct {
		runs, than string
		newer      bool
		known      bool
	}{
		{"SuperOffice 9.1", "8.5", true, true}, {"9.1 R02", "8.5 R11", true, true}, {"10.1", "9.9", true, true}, {"8.5 R11", "8.5", false, true},
		{"SuperOffice 11.10 Release_11.10_2026.3", "10.5", true, true}, {"Release 9.1", "9.5", false, true}, {"v10.3", "V9", true, true},
		{"SuperOffice CRM7", "8.5", false, true}, {"SuperOffice CRM 8.5 SR2", "7.5", true, true}, {"R11 8.5", "8.5", false, true}, {"SR 1 (9.2)", "8.5", true, true},
		{"9.2.8060.1530", "8.5", true, true}, {"10", "9", true, true}, {"build 8060, 9.2", "10.1", false, true}, {"11.10 (2026.3)", "2025.1", false, false},
		{"2025.1", "2024.4", true, true}, {"2024.1", "10.3", false, false}, {"10.3", "2024.1", false, false},
		{"unknown", "8.5", false, false}, {"9.1", "the latest", false, false}, {"R02", "8.5", false, false}, {"", "", false, false},
		{"99999999999999999999.1", "8.5", false, false},
	} {
		is, known := newer(c.runs, c.than)
		if known != c.known || known && is != c.newer {
			t.Errorf("%q against %q: newer %v, known %v", c.runs, c.than, is, known)
		}
	}
}

func TestNamesLookTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"\u00c4ngelholm", "A\u0308ngelholm", true}, {"Fjord  Foods AB", "Fjord Foods AB", true}, {" Fjord Foods AB\u00a0", "fjord foods ab", true},
		{"Gießerei GmbH", "GIESSEREI GmbH", true}, {"Fjord Foods ＡＢ", "Fjord Foods AB", true}, {"Fjord\u00ad Foods\tAB", "Fjord Foods AB", true},
		{"ﬁne", "fine", true}, {"Fjord Foods AB", "Fjord Foods Aktiebolag", false}, {"Fjord Foods", "FjordFoods", false}, {"Åse", "Ase", false},
	} {
		if sameName(c.a, c.b) != c.same {
			t.Errorf("%q and %q: same %v", c.a, c.b, !c.same)
		}
	}
}
