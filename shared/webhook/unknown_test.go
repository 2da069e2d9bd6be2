package webhook

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"seatmend/events"
)

// TestUnknown: a mistyped field is found, wherever it stands, with the one that is meant.
func TestUnknown(t *testing.T) {
	for _, c := range []struct {
		body string
		want []string
	}{
		{`{"type":"licence.reported","timestamp":"2026-11-23T09:00:00Z","data":{"cust_id":"Cust1","plans":[{"plan":"a"},{"plan":"a","new_totl":7}]}}`, []string{"data.plans[1].new_totl (new_total?)"}},
		{`{"type":"seat.changed","id":"1","tinestamp":"2026-11-23T09:00:00Z","data":{"user":{"id":"1","colour":"red"}}}`, []string{"data.user.colour", "tinestamp (timestamp?)"}},
		{`{"type":"login.warned","data":{"user":{"locale":"sv"},"dayleft":1}}`, []string{"data.dayleft (days_left?)"}},
		{`{"type":"account.changed","data":{"contacts":[{"mail":"a@b.example"}]}}`, []string{"data.contacts[0].mail (email?)"}},
		{`{"type":"licence.reported","data":{"plans":"none"}}`, nil},
		{`{"type":"nothing.ours","data":{"x":1}}`, nil},
		{`[`, nil},
	} {
		if got := Unknown([]byte(c.body)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.body, got, c.want)
		}
	}
	files, err := fs.Glob(events.Files, "*/*/*.json")
	if err != nil || len(files) < 60 {
		t.Fatal(len(files), err)
	}
	for _, file := range files { // every field of sound bodies is read
		body, err := events.Files.ReadFile(file)
		if got := Unknown(body); got != nil || err != nil {
			t.Errorf("%s: %q %v", file, got, err)
		}
	}
	for kind := range types { // what an ignored type may have meant
		if got := meant(strings.Replace(kind, "c", "s", 1), standard.Name); !strings.Contains(got, kind) && strings.Contains(kind, "c") {
			t.Errorf("of %s with one wrong letter it says %q", kind, got)
		}
	}
	for _, c := range [][3]string{{"licence.reported", loginName, "/users/standard"}, {loginWarned, standard.Name, "/login-warnings"}, {"weather.changed", standard.Name, ""}} {
		if got := meant(c[0], c[1]); !strings.Contains(got, c[2]) || c[2] == "" && got != "" {
			t.Errorf("%s from %s: %q, want %q in it", c[0], c[1], got, c[2])
		}
	}
}
