package main

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
	"seatmend/shared/store/dynamo"
	"seatmend/shared/store/storetest"
)

// TestEraseInATable: erase and export do in a DynamoDB table what they do in a folder, to the last item.
func TestEraseInATable(t *testing.T) {
	client := storetest.Dynamo(t)
	if client.Options().BaseEndpoint == nil {
		t.Skip("SEATMEND_DYNAMODB_ENDPOINT is a region of AWS: this test tells the command where a local server is")
	}
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": *client.Options().BaseEndpoint, "AWS_REGION": "eu-north-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": ""} {
		t.Setenv(name, value)
	}
	table := storetest.TableName(t, client)
	if err := dynamo.CreateTable(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	var bodies []string
	for n := 1; n <= 2; n++ {
		bodies = append(bodies, accountBody(n, at), reportBody(n, 9, at), seatBody(n, "77", true, at), told("payment.claimed", at, `{"account":"C-%d","invoice":"INV-1","by":"Anna Berg","reference":"Hemlig%[1]d"}`, n))
	}
	if code, out, errs := run(t, "", "onboard", "-table", table, write(t, "customers.jsonl", strings.Join(bodies, "\n"))); code != 0 {
		t.Fatalf("onboard: %d %s %s", code, out, errs)
	}
	secret := []string{"anna@kund1.example", "Kund 1 AB", "Hemlig1"}
	if found := items(t, client, table, secret...); len(found) < len(secret) {
		t.Fatalf("before: only %q", found)
	}
	code, out, errs := run(t, "", "export", "-table", table, "-account", "C-1")
	if x := decoded[engine.Exported](t, out); code != 0 || len(x.Facts) != 4 || len(x.Seats) != 1 || strings.Contains(out, "kund2") {
		t.Errorf("export: %d %s: %d facts, %d seats", code, errs, len(x.Facts), len(x.Seats))
	}
	if code, _, errs := run(t, "", "erase", "-yes", "-table", table, "-account", "C-2", "-contact", "anna"); code != 0 {
		t.Errorf("erase a person: %d %s", code, errs)
	}
	if found := items(t, client, table, "anna@kund2.example"); len(found) > 0 {
		t.Errorf("of the person there is %q", found)
	}
	if code, _, errs := run(t, "", "erase", "-yes", "-table", table, "-account", "C-1"); code != 0 {
		t.Errorf("erase: %d %s", code, errs)
	}
	if found := items(t, client, table, secret...); len(found) > 0 {
		t.Errorf("of the customer there is %q", found)
	}
	db := &dynamo.Store{Client: client, Table: table, Now: time.Now}
	facts, _, err := db.Facts(t.Context(), "C-1", store.Page{})
	list, _, bad := db.Accounts(t.Context(), store.Page{})
	if err != nil || bad != nil || len(facts) != 4 || len(list) != 1 {
		t.Errorf("%d facts, %d customers, %v %v", len(facts), len(list), err, bad)
	}
	if _, err := db.Resolve(t.Context(), licence.CustName("Cust1")); err == nil {
		t.Error("a name leads there still")
	}
}

// items tells which of the words stand in a table.
func items(t *testing.T, client *dynamodb.Client, table string, words ...string) (found []string) {
	t.Helper()
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			b, err := json.Marshal(it)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range it {
				b = append(b, inflated(t, v)...)
			}
			for _, w := range words {
				if strings.Contains(strings.ToLower(string(b)), strings.ToLower(w)) {
					found = append(found, fmt.Sprint(w, " in ", it["pk"], it["sk"]))
				}
			}
		}
	}
	return found
}

// inflated is what a body says that is stored as few bytes; of any other attribute nothing.
func inflated(t *testing.T, v types.AttributeValue) []byte {
	t.Helper()
	body, ok := v.(*types.AttributeValueMemberB)
	if !ok || len(body.Value) == 0 || body.Value[0] > 1 {
		return nil
	}
	if body.Value[0] == 0 {
		return body.Value[1:]
	}
	dictionary, err := os.ReadFile("../../shared/store/dynamo/dictionary.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(body.Value[1:]), dictionary))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
