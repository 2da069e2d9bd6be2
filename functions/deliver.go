package functions

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/shared/store/dynamo"
)

// Deliver is told by the table's stream which accounts to look at, and nothing else: what is
// owed lies in their outboxes. A record that fails is told by its sequence number, so that the
// stream comes back with it and all after it.
func (a *App) DeliverStream(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	seen := map[string]bool{}
	for _, r := range e.Records {
		account, ok := dynamo.Account(r.Change.Keys["pk"].String())
		if !ok || seen[account] {
			continue
		}
		seen[account] = true
		if err := a.Engine.Deliver(ctx, account); err != nil {
			a.Log.Error("deliver", "account", account, "error", err.Error())
			return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: r.Change.SequenceNumber}}}, nil
		}
	}
	return events.DynamoDBEventResponse{}, nil
}
