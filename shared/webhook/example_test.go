package webhook_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"seatmend/shared/licence"
	"seatmend/shared/webhook"
)

// When the bodies of these examples arrive, and a secret of those who sign as Standard Webhooks says.
var (
	at     = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	shared = "whsec_" + base64.StdEncoding.EncodeToString([]byte("an invented secret of 32 bytes.."))
)

// receive signs a body as the sender does, verifies it and reads it, and prints what it says.
func receive(name, id, secret, body string) webhook.Body {
	sender, ok := webhook.Find(name)
	if !ok {
		fmt.Println("nobody is called", name)
		return webhook.Body{}
	}
	h := http.Header{}
	sender.Sign(h, []byte(body), id, secret, at)
	if err := sender.Verify(h, []byte(body), []string{secret}, at); err != nil {
		fmt.Println(err)
		return webhook.Body{}
	}
	b, err := sender.Read(h, []byte(body), "", at)
	if err != nil {
		fmt.Println(err)
		return webhook.Body{}
	}
	for _, f := range b.Facts {
		fmt.Println(f.ID, "of", f.At.Format(time.RFC3339), "about", f.To)
	}
	return b
}

// The operator's own systems speak the standard sender's contract: one type, one instant, and data
// that is absolute.
func ExampleSender_standard() {
	b := receive("standard", "msg_1", shared, `{
		"type": "subscription.changed",
		"timestamp": "2026-11-23T09:00:00Z",
		"data": {
			"account": "C-1042",
			"subscription": "sub_1",
			"plans": [{"plan": "sales-premium", "seats": 7}],
			"scheduled": [{"at": "2027-01-01T00:00:00Z", "plans": [{"plan": "sales-premium", "seats": 5}]}]
		}}`)
	order := b.Facts[0].Payload.(licence.SubscriptionChanged)
	fmt.Println(order.Items[0].Quantity, "of", order.Items[0].Plan, "and from", order.Scheduled[0].At.Format(time.DateOnly), order.Scheduled[0].Items[0].Quantity)

	// Output:
	// standard/msg_1 of 2026-11-23T09:00:00Z about [account:C-1042]
	// 7 of sales-premium and from 2027-01-01 5
}

// Whoever sees the warning that people meet at login tells it. It is about an installation: what
// the account is called is not known there.
func ExampleSender_login() {
	b := receive("login", "msg_2", shared, `{
		"type": "login.warned",
		"timestamp": "2026-11-23T09:00:00Z",
		"data": {
			"cust_id": "Cust9001",
			"serial": "1801550010",
			"url": "https://online.superoffice.com/Cust9001",
			"version": "12.2",
			"message": "The licence will expire soon.",
			"days_left": 12,
			"user": {"id": "12", "name": "Eva Holm", "email": "eva@fjord.example", "locale": "sv"}
		}}`)
	warned := b.Facts[0].Payload.(licence.LoginWarned)
	fmt.Println(warned.User.Name, "has", *warned.DaysLeft, "days left in", warned.CustID)

	// Output:
	// login/msg_2 of 2026-11-23T09:00:00Z about [superoffice:cust9001 serial:1801550010]
	// Eva Holm has 12 days left in Cust9001
}

// Stripe tells of a subscription by prices; which plans they are is told with the account.
func ExampleSender_stripe() {
	b := receive("stripe", "", "whsec_invented", `{
		"id": "evt_1", "object": "event", "api_version": "2025-08-27.basil", "created": 1795424400, "livemode": true,
		"type": "customer.subscription.updated",
		"data": {"object": {
			"id": "sub_1", "object": "subscription", "customer": "cus_F10rd", "status": "active",
			"cancel_at": null, "cancel_at_period_end": false, "ended_at": null,
			"items": {"object": "list", "has_more": false, "data": [
				{"id": "si_1", "current_period_end": 1798761600, "quantity": 7, "price": {"id": "price_sp", "lookup_key": "sales_premium"}}]}}}}`)
	order := b.Facts[0].Payload.(licence.SubscriptionChanged)
	fmt.Println(b.Mode, order.Subscription, "is", order.Status, "with", order.Items[0].Quantity, "of", order.Items[0].Prices)

	// Output:
	// stripe/evt_1 of 2026-11-23T09:00:00Z about [stripe:sub_1 stripe:cus_F10rd]
	// live sub_1 is active with 7 of [price_sp sales_premium]
}

// SuperOffice says that something changed and not what: its event is a hint that owes a read.
func ExampleSender_superoffice() {
	b := receive("superoffice", "", "Something Super Secret", `{
		"EventId": "3e22506b-839a-4453-af17-634d6a626643",
		"Timestamp": "2026-11-23T09:00:00Z",
		"Event": "associate.changed", "Entity": "associate", "PrimaryKey": 141423, "Changes": ["group_idx"],
		"ContextIdentifier": "Cust12345", "ChangedByAssociateId": 316, "WebhookName": "Seatmend"}`)
	fmt.Printf("%s: %+v\n", b.Facts[0].Payload.Type(), b.Facts[0].Payload)

	// Output:
	// superoffice/3e22506b-839a-4453-af17-634d6a626643 of 2026-11-23T09:00:00Z about [superoffice:cust12345]
	// installation.hinted: {CustID:Cust12345 Event:associate.changed}
}
