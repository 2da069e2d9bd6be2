package effects

import (
	"context"
	"fmt"

	"seatmend/shared/aws"
)

// EventBridge publishes task events on a bus.
func EventBridge(client *aws.Client, bus string) func(ctx context.Context, detailType string, detail []byte) error {
	type entry struct{ EventBusName, Source, DetailType, Detail string }
	return func(ctx context.Context, detailType string, detail []byte) error {
		var out struct {
			FailedEntryCount int
			Entries          []struct{ ErrorCode, ErrorMessage string }
		}
		err := client.Call(ctx, aws.Request{Service: aws.EventBridge, Target: "AWSEvents.PutEvents", Tries: 3, Body: map[string]any{
			"Entries": []entry{{bus, "seatmend", detailType, string(detail)}},
		}}, &out)
		if err == nil && out.FailedEntryCount > 0 && len(out.Entries) > 0 {
			// The call succeeds although the entry was refused: it is tried again.
			err = fmt.Errorf("eventbridge: %s: %s", out.Entries[0].ErrorCode, out.Entries[0].ErrorMessage)
		}
		return err
	}
}
