#!/usr/bin/env bash
# Stripe's own libraries on one correctly signed event of an older API version: Node and Python take it, Go gives an error.
#
# One would guess: constructEvent of each checks the signature, and what one accepts the others accept too.
#
# Seen on 2026-11-29 with stripe-go v85.0.0 (webhook.ConstructEvent), npm stripe 23.1.0 and PyPI stripe 16.1.0: Go compares the
# event's api_version with the one that the module was made for, and returns an error beside the decoded event unless
# IgnoreAPIVersionMismatch is set. The version is a setting of the account or the endpoint, and an event keeps the one it was made
# with. Node and Python do not look.
#
# Why it matters here: /billing/stripe hears whatever version an operator's account is set to. Seatmend checks the signature and
# reads the fields; it does not refuse by version.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >sign.py <<'END'
import hashlib, hmac, json, time

body = json.dumps({"id": "evt_havtorn", "object": "event", "api_version": "2025-09-30.clover", "type": "invoice.paid",
                   "data": {"object": {"id": "in_havtorn", "object": "invoice"}}})
now = int(time.time())
open("body", "w").write(body)
open("header", "w").write(f"t={now},v1=" + hmac.new(b"whsec_invented", f"{now}.{body}".encode(), hashlib.sha256).hexdigest())
END
cat >verify.js <<'END'
const fs = require("fs");
const stripe = require("stripe")("sk_test_invented");
console.log("Node:", stripe.webhooks.constructEvent(fs.readFileSync("body"), fs.readFileSync("header", "utf8"), "whsec_invented").id);
END
cat >verify.py <<'END'
import stripe

print("Python:", stripe.Webhook.construct_event(open("body").read(), open("header").read(), "whsec_invented").id)
END
cat >verify.go <<'END'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/stripe/stripe-go/v85/webhook"
)

func main() {
	body, _ := os.ReadFile("body")
	header, _ := os.ReadFile("header")
	event, err := webhook.ConstructEvent(body, string(header), "whsec_invented")
	said, _, _ := strings.Cut(fmt.Sprint(err), ". ")
	fmt.Printf("Go: %s, error: %s\n", event.ID, said)
	event, err = webhook.ConstructEventWithOptions(body, string(header), "whsec_invented", webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
	fmt.Printf("Go, told to ignore the version: %s, error: %v\n", event.ID, err)
}
END
cat >recorded <<'END'
Node: evt_havtorn
Python: evt_havtorn
Go: evt_havtorn, error: Received event with API version 2025-09-30.clover, but stripe-go 85.0.0 expects API version 2026-03-25.dahlia
Go, told to ignore the version: evt_havtorn, error: <nil>
END
go mod init finding
go get github.com/stripe/stripe-go/v85@v85.0.0
go list -m github.com/stripe/stripe-go/v85
go build -o verify
npm install --silent --no-fund --no-audit --ignore-scripts stripe@23.1.0
npm ls stripe
python3 -m venv python
python/bin/pip install --quiet stripe==16.1.0
python/bin/pip list | grep stripe
{
	python/bin/python sign.py
	node verify.js
	python/bin/python verify.py
	./verify
} | tee seen
diff -u recorded seen # fails when the behaviour is another
