package webhook

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"seatmend/shared/licence"
)

const associateChanged = `{"EventId":"3e22506b-839a-4453-af17-634d6a626643","Timestamp":"2018-04-24T08:51:08.6815524Z","Changes":["associate_id","group_idx","updated","updated_associate_id"],"Event":"associate.changed","PrimaryKey":141423,"Entity":"associate","ContextIdentifier":"Cust1234","ChangedByAssociateId":316,"WebhookName":"Name you provided"}`

// The signature was made with openssl.
func TestVerifySuperOffice(t *testing.T) {
	h := http.Header{}
	h.Set("X-Superoffice-Signature", "xBbUsHJ+1djOJ5BG5TItM5bQCSbI6CZ5jS4BwNLO8jY=")
	if err := superoffice.Verify(h, []byte(associateChanged), []string{"other", "Something Super Secret"}, now); err != nil {
		t.Error(err)
	}
	if err := superoffice.Verify(h, []byte(associateChanged+" "), []string{"Something Super Secret"}, now); err != error(ErrUnauthorized) {
		t.Errorf("other body: %v", err)
	}
}

func TestReadSuperOffice(t *testing.T) {
	for _, c := range []struct {
		name, old, new, route string
		ignored               bool
		cust, field           string
	}{
		{name: "online", cust: "Cust1234"},
		{name: "of another case", old: `"Cust1234"`, new: `"cust1234"`, cust: "cust1234"},
		{name: "onsite", old: `"Cust1234"`, new: `"Default"`, route: "Cust77", cust: "Cust77"},
		{name: "person", old: `associate.changed`, new: `person.softdeleted`, cust: "Cust1234"},
		{name: "request", old: `associate.changed`, new: `ticket.created`, cust: "Cust1234"},
		{name: "company", old: `associate.changed`, new: `contact.changed`, cust: "Cust1234"},
		{name: "no field values", old: `"Changes":["associate_id","group_idx","updated","updated_associate_id"],`, new: `"Changes":null,`, cust: "Cust1234"},
		{name: "sale", old: `associate.changed`, new: `sale.changed`, ignored: true},
		{name: "new company", old: `associate.changed`, new: `contact.created`, ignored: true},
		{name: "test", old: `"Event":"associate.changed","PrimaryKey":141423`, new: `"Event":"test","PrimaryKey":0`, ignored: true},
		{name: "nameless server", old: `"Cust1234"`, new: `"Default"`, field: "ContextIdentifier"},
		{name: "no context", old: `"ContextIdentifier":"Cust1234",`, new: ``, field: "ContextIdentifier"},
		{name: "no id", old: `"EventId":"3e22506b-839a-4453-af17-634d6a626643",`, new: ``, field: "EventId"},
		{name: "ahead", old: `2018-04-24T08:51:08.6815524Z`, new: `2026-11-23T09:35:00.0000001Z`, field: "Timestamp"},
		{name: "no time", old: `2018-04-24T08:51:08.6815524Z`, new: ``, field: "Timestamp"},
	} {
		body := strings.Replace(associateChanged, c.old, c.new, 1)
		b, err := superoffice.Read(http.Header{}, []byte(body), c.route, now)
		if c.field != "" {
			var e *Error
			if !errors.As(err, &e) || e.Status != 422 || e.Fields[0].Field != c.field {
				t.Errorf("%s: %v, want 422 of %s", c.name, err, c.field)
			}
			continue
		}
		if err != nil || (b.Ignored != "") != c.ignored || b.ID == "" {
			t.Errorf("%s: %+v, %v", c.name, b, err)
			continue
		}
		if c.ignored {
			continue
		}
		f := b.Facts[0]
		survives(t, f)
		if got, want := f.Payload.(licence.InstallationHinted).CustID, c.cust; got != want {
			t.Errorf("%s: cust_id %s, want %s", c.name, got, want)
		}
		if got, want := f.To, []licence.Name{{Sender: "superoffice", ID: strings.ToLower(c.cust)}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: to %v, want %v", c.name, got, want)
		}
		if got, want := f.At, time.Date(2018, 4, 24, 8, 51, 8, 681552400, time.UTC); !got.Equal(want) {
			t.Errorf("%s: at %v, want %v", c.name, got, want)
		}
	}
}
