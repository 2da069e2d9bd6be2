package link_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatmend/shared/link"
)

var (
	now    = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	mailed = link.Link{ID: "q83vEjRWeJASNFZ4", Purpose: link.Page, Generation: 3, Expires: now.Add(72 * time.Hour)}
)

func secret(letter string) []byte { return []byte(strings.Repeat(letter, 32)) }

func keys(t testing.TB, secrets ...[]byte) link.Keys {
	t.Helper()
	k, err := link.NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func Example() {
	k, _ := link.NewKeys(bytes.Repeat([]byte("a"), 32))
	token := k.Sign(mailed)
	fmt.Println(token)

	l, err := k.Open(token, now)
	fmt.Println(l.ID, l.Purpose, l.Generation, err)

	l, err = k.Open(token, now.Add(72*time.Hour))
	fmt.Println(l.ID, err)
	// Output:
	// Zt4N.oNS_sA0GcTgzdkVqUldlSkFTTkZaNA.dyw-auXfjtI-mUGKUGc7cMYCpoZXcge5FPDwM6_nQBs
	// q83vEjRWeJASNFZ4 page 3 <nil>
	// q83vEjRWeJASNFZ4 link: expired
}

func TestForm(t *testing.T) {
	token := keys(t, secret("a")).Sign(mailed)
	if form := regexp.MustCompile(`^[A-Za-z0-9_-]{4}\.[A-Za-z0-9_-]{30,40}\.[A-Za-z0-9_-]{43}$`); !form.MatchString(token) {
		t.Errorf("token %q (%d characters) is not of the form %s", token, len(token), form)
	}
	if got, want := keys(t, secret("a")).Sign(mailed), token; got != want {
		t.Errorf("signed again: %q, want %q", got, want)
	}
}

func TestEveryLinkOpensAsItWasSigned(t *testing.T) {
	k := keys(t, secret("a"))
	for _, l := range []link.Link{
		mailed,
		{ID: mailed.ID, Purpose: link.Session, Generation: 0, Expires: now.Add(time.Second)},
		{ID: mailed.ID, Purpose: link.Staff, Generation: 1 << 30, Expires: now.AddDate(50, 0, 0)},
		{ID: "", Purpose: link.Page, Generation: -1, Expires: now.Add(time.Hour)},
		{ID: strings.Repeat("x", 40), Purpose: link.Page, Generation: 1 << 30, Expires: now.AddDate(50, 0, 0)},
	} {
		got, err := k.Open(k.Sign(l), now)
		if err != nil || got != l {
			t.Errorf("Open(Sign(%+v)) = %+v, %v", l, got, err)
		}
	}
}

func TestExpiredComesWithTheLink(t *testing.T) {
	k := keys(t, secret("a"))
	token := k.Sign(mailed)
	if _, err := k.Open(token, mailed.Expires.Add(-time.Nanosecond)); err != nil {
		t.Errorf("just before: %v", err)
	}
	got, err := k.Open(token, mailed.Expires)
	if !errors.Is(err, link.ErrExpired) || got != mailed {
		t.Errorf("at the end: %+v, %v; want the link and ErrExpired", got, err)
	}
	// A page that is too late and forged is forged: nothing of it may be shown.
	if got, err := k.Open(token+"A", mailed.Expires); !errors.Is(err, link.ErrForged) || got != (link.Link{}) {
		t.Errorf("forged and late: %+v, %v", got, err)
	}
}

func TestWhateverIsChangedIsForged(t *testing.T) {
	k := keys(t, secret("a"))
	token := k.Sign(mailed)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=~%\n "
	for i := range token {
		if _, err := k.Open(token[:i], now); !errors.Is(err, link.ErrForged) {
			t.Errorf("cut after %d: %v", i, err)
		}
		for _, c := range alphabet {
			if byte(c) == token[i] {
				continue
			}
			if _, err := k.Open(token[:i]+string(c)+token[i+1:], now); !errors.Is(err, link.ErrForged) {
				t.Errorf("%q at %d: %v", c, i, err)
			}
			if _, err := k.Open(token[:i]+string(c)+token[i:], now); !errors.Is(err, link.ErrForged) {
				t.Errorf("%q put in at %d: %v", c, i, err)
			}
		}
	}
	for _, other := range []string{"", ".", "..", "....", token + ".", "." + token, token + token, strings.Repeat("a", 1<<20)} {
		if _, err := k.Open(other, now); !errors.Is(err, link.ErrForged) {
			t.Errorf("%.40q: %v", other, err)
		}
	}
	if _, err := (link.Keys{}).Open(token, now); !errors.Is(err, link.ErrForged) {
		t.Errorf("no keys at all: %v", err)
	}
}

// The text of one token under the name or the mac of another must not open: each part is bound to all others.
func TestPartsOfTwoTokensDoNotMix(t *testing.T) {
	k := keys(t, secret("a"), secret("b"))
	other := mailed
	other.Purpose, other.Generation = link.Session, 4
	a, b := strings.Split(k.Sign(mailed), "."), strings.Split(k.Sign(other), ".")
	if a[0] == b[0] {
		t.Fatalf("two purposes share the key %q", a[0])
	}
	for i := 1; i < 7; i++ {
		mixed := append([]string{}, a...)
		for part := range mixed {
			if i>>part&1 == 1 {
				mixed[part] = b[part]
			}
		}
		if l, err := k.Open(strings.Join(mixed, "."), now); !errors.Is(err, link.ErrForged) {
			t.Errorf("%v opens as %+v, %v", mixed, l, err)
		}
	}
}

func TestRotation(t *testing.T) {
	old := keys(t, secret("a"))
	both := keys(t, secret("b"), secret("a"))
	fresh := keys(t, secret("b"))
	if _, err := both.Open(old.Sign(mailed), now); err != nil {
		t.Errorf("signed before the new secret came: %v", err)
	}
	if _, err := fresh.Open(both.Sign(mailed), now); err != nil {
		t.Errorf("the first secret does not sign: %v", err)
	}
	if _, err := fresh.Open(old.Sign(mailed), now); !errors.Is(err, link.ErrForged) {
		t.Errorf("signed with a secret that is gone: %v", err)
	}
}

func TestWeakSecretsAreRefused(t *testing.T) {
	for _, secrets := range [][][]byte{{}, {nil}, {{}}, {secret("a"), nil}, {secret("a")[:31]}, {secret("a"), secret("b")[:31]}} {
		if _, err := link.NewKeys(secrets...); err == nil {
			t.Errorf("NewKeys(%q) accepts them", secrets)
		}
	}
	if got := keys(t, secret("a")).Sign(link.Link{Purpose: "unheard-of"}); got != "" {
		t.Errorf("a token for an unknown purpose: %q", got)
	}
}

// FuzzOpen: whatever opens is, to the byte, what Sign makes of the link that came out.
func FuzzOpen(f *testing.F) {
	k := keys(f, secret("a"), secret("b"))
	token := k.Sign(mailed)
	f.Add(token)
	f.Add(keys(f, secret("b")).Sign(mailed))
	f.Add(token[:60])
	f.Add(strings.ToLower(token))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		l, err := k.Open(token, now)
		if errors.Is(err, link.ErrForged) {
			return
		}
		if k.Sign(l) != token && keys(t, secret("b")).Sign(l) != token {
			t.Errorf("%q opens as %+v, whose token it is not", token, l)
		}
	})
}
