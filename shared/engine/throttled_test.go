package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
)

// A door stands before DynamoDB, and refuses so many of the next writes of a head for want of capacity.
type door struct {
	dynamodb.HTTPClient
	refuse, refused int
}

func (d *door) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	said := map[string]any{"Message": "no capacity"}
	switch {
	case d.refuse > 0 && op == "UpdateItem":
		said["__type"] = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
	case d.refuse > 0 && op == "TransactWriteItems":
		var in struct{ TransactItems []any }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return nil, err
		}
		reasons := slices.Repeat([]map[string]string{{"Code": "None"}}, len(in.TransactItems)-1)
		said["__type"], said["CancellationReasons"] = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", append(reasons, map[string]string{"Code": "ThrottlingError"})
	default:
		return d.HTTPClient.Do(r)
	}
	d.refuse--
	d.refused++
	body, err := json.Marshal(said)
	return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(bytes.NewReader(body))}, err
}

// TestThrottledAfterTheMailWent: what SES took is entered as sent though the table has no capacity just then, and
// goes once.
func TestThrottledAfterTheMailWent(t *testing.T) {
	at := morning
	now := func() time.Time { return at }
	db := onDynamo(t, now).(*dynamo.Store)
	options := db.Client.Options()
	d := &door{HTTPClient: options.HTTPClient}
	options.HTTPClient, options.DisableValidateResponseChecksum, options.Retryer = d, true, aws.NopRetryer{} // what the SDK tries again by itself is no part of this
	db.Client = dynamodb.New(options)
	e := hand(db, now)
	e.Do[licence.TaskSent] = done
	mails := 0
	e.Do[licence.Mail] = by(now, func(context.Context, licence.Effect) error {
		mails++
		d.refuse = 3
		return nil
	})
	tell(t, e, "C-1", morning, account(1))
	tell(t, e, "C-1", morning, report(1))
	at = morning.Add(20 * time.Minute)
	for range 3 {
		if _, err := e.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		at = at.Add(licence.Uncertain)
	}
	l, err := db.Load(t.Context(), "C-1", store.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if mails != 1 || d.refused != 3 || len(l.State.History.Mailed) != 1 || l.State.History.Mailed[0].Uncertain {
		t.Errorf("%d mails went, the table refused %d times, and what is known of mails is %+v", mails, d.refused, l.State.History.Mailed)
	}
}
