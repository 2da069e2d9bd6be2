package app

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"seatmend/shared/store/dynamo"
)

// Stream has a function hear the table's stream.
func Stream(a *App) error {
	a.hears = a.DeliverStream
	return nil
}

// DeliverStream is told by the table's stream which accounts to look at, and nothing else: what is
// owed lies in their outboxes. What there is no time for, the sweep finds. A record that fails is told by its sequence number, so that the
// stream comes back with it and all after it.
func (a *App) DeliverStream(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	first := map[string]string{} // by account: the sequence number of its first record
	var accounts []string
	for _, r := range e.Records {
		account, ok := dynamo.Account(r.Change.Keys["pk"].String())
		if !ok || first[account] != "" {
			continue
		}
		first[account] = r.Change.SequenceNumber
		accounts = append(accounts, account)
	}
	ctx, cancel := inTime(ctx)
	defer cancel()
	if failed := a.Engine.DeliverAll(ctx, accounts); len(failed) > 0 {
		return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: first[failed[0]]}}}, nil
	}
	return events.DynamoDBEventResponse{}, nil
}

// atTheEnd is how long before a function is stopped it begins nothing new: what it has begun by
// then is a mail at most, or a commit.
const atTheEnd = 25 * time.Second

// inTime is a context that ends a while before the function is stopped.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if stop, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, stop.Add(-atTheEnd))
	}
	return context.WithCancel(ctx)
}
