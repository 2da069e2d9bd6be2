package dynamo

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"seatmend/shared/store"
)

// A Store is one table.
type Store struct {
	Client *dynamodb.Client
	Table  string
	Now    func() time.Time // says what has come to its end
	// Meter is told of every round trip: which method made it, and the capacity units that it
	// took. Nil: the units are not asked for.
	Meter func(op string, units float64)

	shapes shapes
}

var _ store.Store = (*Store)(nil)

// tries is how often what DynamoDB left undone is asked for again.
const tries = 8

// pause waits longer from try to try: up to 25 ms before the second, up to 1.6 s before the eighth. At
// least half of it, and the rest by chance, so that those who were refused together come back apart.
func pause(ctx context.Context, try int) error {
	most := 25 * time.Millisecond << try
	timer := time.NewTimer(most/2 + rand.N(most/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
