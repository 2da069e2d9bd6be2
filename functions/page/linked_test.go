package page

import "testing"

// A comma is no part of a telephone number, and a long address breaks after a slash alone.
func TestWhatIsFollowedIsWhole(t *testing.T) {
	m := &pageModel{}
	m.Operator.Phone = "+47 21 00"
	if got, want := string(m.Called("Phone +47 21 00, 08-16.")), `Phone <a href="tel:+472100">+47 21 00</a>, 08-16.`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(m.Linked("Go to https://s.example/m/Cust6.")), `Go to <a href="https://s.example/m/Cust6" rel="noreferrer">https://<wbr>s.example/<wbr>m/<wbr>Cust6</a>.`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
