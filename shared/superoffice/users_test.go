package superoffice_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"seatmend/shared/superoffice"
	"slices"
	"strings"
	"testing"
)

func TestUsersAreAllOrNone(t *testing.T) {
	for name, rows := range map[string]string{
		"no can login":   `{"associateDbId":5,"superoffice_ten-sales":1}`,
		"no plan column": `{"associateDbId":5,"canLogin":true}`,
		"no id":          `{"canLogin":true,"superoffice_ten-sales":1}`,
		"twice":          `{"associateDbId":5,"canLogin":true,"superoffice_ten-sales":1},{"associateDbId":5,"canLogin":true,"superoffice_ten-sales":1}`,
	} {
		p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "dynamic") {
				io.WriteString(w, `{"value":[]}`)
				return
			}
			io.WriteString(w, `{"odata.nextLink":null,"value":[`+rows+`]}`)
		})
		if got, _, err := p.client().Users(t.Context(), p.tenant(t), "ten-sales"); !errors.Is(err, superoffice.ErrGarbled) {
			t.Errorf("%s: %+v, %v, want ErrGarbled", name, got, err)
		}
	}
}

func TestUserWhoseLoginIsNotTold(t *testing.T) {
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "dynamic") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, `{"value":[{"PrimaryKey":"5","associateDbId":"5","userName":"eva@fjord.example","role":"Administrator","canLogin":1,"superoffice_ten-sales":1,"superoffice_ten-service":0}]}`)
	})
	got, _, err := p.client().Users(t.Context(), p.tenant(t), "ten-sales", "ten-service")
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	u := got[0]
	if u.ID != "5" || u.Email != "eva@fjord.example" || !u.Admin || !u.CanLogin || u.Activity != superoffice.ActivityUnknown || !slices.Equal(u.Plans, []string{"ten-sales"}) {
		t.Errorf("got %+v", u)
	}
}

func TestMoreUsersThanAPageHolds(t *testing.T) {
	for _, n := range []int{0, 1, 999, 1000, 1001, 2500} {
		p := newPlace(t, crowd(n))
		got, _, err := p.client().Users(t.Context(), p.tenant(t), "ten-sales")
		if err != nil || len(got) != n {
			t.Errorf("%d users: %d, %v", n, len(got), err)
			continue
		}
		if n > 1 && (got[n-1].ID != fmt.Sprint(n) || got[1].ID != "2" || got[1].Activity != superoffice.ActivityKnown) {
			t.Errorf("%d users: the second is %+v, the last %+v", n, got[1], got[n-1])
		}
	}
}

// A server that answers whatever is asked with the same page, or with pages without end, is left.
func TestPagesThatDoNotEnd(t *testing.T) {
	same := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"odata.nextLink":"https://evil.example/","value":[{"PrimaryKey":7,"associateDbId":7,"associate.associate_id":7,"canLogin":true}]}`)
	})
	if _, _, err := same.client().Users(t.Context(), same.tenant(t)); !errors.Is(err, superoffice.ErrGarbled) || same.calls("api") != 2 {
		t.Errorf("the same page again: %v after %d calls", err, same.calls("api"))
	}
	n := 0
	endless := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		fmt.Fprintf(w, `{"odata.nextLink":"more","value":[{"associate.associate_id":%d}]}`, n)
	})
	if _, _, err := endless.client().Users(t.Context(), endless.tenant(t)); !errors.Is(err, superoffice.ErrGarbled) || n > 500 {
		t.Errorf("pages without end: %v after %d", err, n)
	}
}

func TestUnknownColumns(t *testing.T) {
	var unknown []string
	p := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		for _, c := range unknown {
			if slices.Contains(strings.Split(r.URL.Query().Get("$select"), ","), c) {
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, `{"Message":"The request is invalid.","MessageDetail":"Unknown column '`+c+`'"}`)
				return
			}
		}
		crowd(3)(w, r)
	})
	c, tenant := p.client(), p.tenant(t)
	unknown = []string{"superoffice_ten-service"}
	got, unlisted, err := c.Users(t.Context(), tenant, "ten-service", "ten-sales")
	if err != nil || len(got) != 3 || !slices.Equal(got[0].Plans, []string{"ten-sales"}) || !slices.Equal(unlisted, []string{"ten-service"}) {
		t.Errorf("a plan without a column: %d users, %v unlisted, %v", len(got), unlisted, err)
	}
	unknown = []string{"associate.deleted", "associate.waiting_for_approval"}
	if got, _, err := c.Users(t.Context(), tenant, "ten-sales"); err != nil || len(got) != 3 || got[0].Activity != superoffice.ActivityKnown {
		t.Errorf("a table without two of the columns: %+v, %v", got, err)
	}
	unknown = []string{"associate.lastlogin", "associate.associate_id"}
	if got, _, err := c.Users(t.Context(), tenant, "ten-sales"); err != nil || len(got) != 3 || got[0].Activity != superoffice.ActivityUnknown {
		t.Errorf("no such table: %+v, %v", got, err)
	}
}
