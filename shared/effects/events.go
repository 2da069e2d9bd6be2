package effects

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// EventBridge publishes task events on a bus.
func EventBridge(client *eventbridge.Client, bus string) func(ctx context.Context, detailType string, detail []byte) error {
	return func(ctx context.Context, detailType string, detail []byte) error {
		out, err := client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			EventBusName: aws.String(bus), Source: aws.String("seatmend"), DetailType: aws.String(detailType), Detail: aws.String(string(detail)),
		}}})
		if err == nil && out.FailedEntryCount > 0 {
			// The call succeeds although the entry was refused: it is tried again.
			err = fmt.Errorf("eventbridge: %s: %s", aws.ToString(out.Entries[0].ErrorCode), aws.ToString(out.Entries[0].ErrorMessage))
		}
		return err
	}
}
