package webhook_test

import (
	"fmt"

	"seatmend/shared/licence"
)

// Paddle gives whole objects: what is ordered, and what is to become of it.
func ExampleSender_paddle() {
	b := receive("paddle", "", "pdl_ntfset_invented", `{
		"event_id": "evt_1", "event_type": "subscription.updated", "occurred_at": "2026-11-23T09:00:00.5Z",
		"notification_id": "ntf_1",
		"data": {
			"id": "sub_1", "customer_id": "ctm_1", "status": "active", "next_billed_at": "2026-12-13T06:00:00Z",
			"scheduled_change": {"action": "cancel", "effective_at": "2026-12-13T06:00:00Z", "resume_at": null},
			"items": [{"quantity": 7, "recurring": true, "price": {"id": "pri_sales"}}]}}`)
	order := b.Facts[0].Payload.(licence.SubscriptionChanged)
	fmt.Println(order.Subscription, "has", order.Items[0].Quantity, "of", order.Items[0].Prices, "and ends", order.EndsAt)

	// Output:
	// paddle/evt_1 of 2026-11-23T09:00:00Z about [paddle:sub_1 paddle:ctm_1]
	// sub_1 has 7 of [pri_sales] and ends 2026-12-13T06:00:00Z
}

// Chargebee signs nothing: a user and a password prove who posts. That a change is scheduled it tells, and
// not which: the second fact says that what is ordered is not known from then on.
func ExampleSender_chargebee() {
	b := receive("chargebee", "", "seatmend:invented", `{
		"id": "ev_1", "event_type": "subscription_changed", "occurred_at": 1795424400, "api_version": "v2",
		"content": {"subscription": {
			"id": "sub_1", "customer_id": "fjord-foods", "status": "active", "object": "subscription",
			"current_term_end": 1797141600, "resource_version": 1795424400123, "updated_at": 1795424400,
			"has_scheduled_changes": true,
			"subscription_items": [
				{"item_price_id": "sales-premium-SEK-yearly", "item_type": "plan", "quantity": 7}]}}}`)
	order := b.Facts[0].Payload.(licence.SubscriptionChanged)
	fmt.Println(order.Subscription, "has", order.Items[0].Quantity, "of", order.Items[0].Prices)

	// Output:
	// chargebee/ev_1 of 2026-11-23T09:00:00Z about [chargebee:sub_1 chargebee:fjord-foods]
	// chargebee/ev_1/2 of 2026-11-23T09:00:00Z about [chargebee:sub_1 chargebee:fjord-foods]
	// sub_1 has 7 of [sales-premium-SEK-yearly]
}

// Recurly says that something changed and not what: each hook is a hint that owes a read.
func ExampleSender_recurly() {
	b := receive("recurly", "", "0123456789abcdef", `{
		"id": "t1b2c3", "uuid": "uuid-1", "object_type": "subscription", "event_type": "updated",
		"event_time": "2026-11-23T09:00:00Z", "site_id": "site-1"}`)
	fmt.Printf("%s: %d facts, %+v\n", b.Type, len(b.Facts), b.Hints)

	// Output:
	// subscription.updated: 0 facts, [{Kind:subscription ID:t1b2c3 Mode: Thin:false To:[recurly:t1b2c3]}]
}
