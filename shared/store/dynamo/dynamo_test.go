package dynamo_test

import (
	"testing"
	"time"

	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

func TestStore(t *testing.T) {
	client := storetest.Dynamo(t)
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		table := storetest.TableName(t, client)
		if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
			t.Fatal(err)
		}
		return &dynamo.Store{Client: client, Table: table, Now: now}
	})
}
