#!/usr/bin/env bash
# Paddle's own SDKs disagree on a webhook with two signatures: Python takes it, Node only when the last one is its own.
#
# One would guess: a Paddle-Signature that carries several h1, one for each secret while a secret is exchanged, is accepted by
# whoever holds one of the secrets, in any order, by every SDK of the maker.
#
# Seen on 2026-11-29 with @paddle/paddle-node-sdk 3.10.0 and paddle-python-sdk 1.16.1, on the same bytes: Python's Verifier reads
# a list of h1 and looks at each. Node's isSignatureValid keeps the last h1 alone, and refuses the correctly signed body when the
# one of its secret stands first. With one h1 both accept.
#
# Why it matters here: a webhook that is refused is a paid invoice that nobody hears of. Whoever passes Paddle's events on to Seatmend
# takes a body of which any one signature is right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >verify.js <<'END'
const { createHmac } = require("crypto");
const { Paddle } = require("@paddle/paddle-node-sdk");

const body = JSON.stringify({ event_id: "evt_01havtorn", event_type: "transaction.paid", data: { id: "txn_01havtorn" } });
const now = Math.floor(Date.now() / 1000);
const [ours, other] = ["invented-old", "invented-new"].map((key) => "h1=" + createHmac("sha256", key).update(`${now}:${body}`).digest("hex"));
const headers = { "ours alone": [ours], "other, ours": [other, ours], "ours, other": [ours, other] };
for (const name in headers) headers[name] = [`ts=${now}`, ...headers[name]].join(";");
(async () => {
  const { webhooks } = new Paddle("invented");
  for (const name in headers)
    console.log(`Node, ${name}:`, (await webhooks.isSignatureValid(body, "invented-old", headers[name])) ? "accepted" : "refused");
  require("fs").writeFileSync("signed.json", JSON.stringify([body, "invented-old", headers]));
})();
END
cat >verify.py <<'END'
import json
from types import SimpleNamespace

from paddle_billing.Notifications import Secret, Verifier

body, secret, headers = json.load(open("signed.json"))
for name, header in headers.items():
    request = SimpleNamespace(body=body.encode(), headers={"Paddle-Signature": header})
    print(f"Python, {name}:", "accepted" if Verifier(maximum_variance=600).verify(request, Secret(secret)) else "refused")
END
cat >recorded <<'END'
Node, ours alone: accepted
Node, other, ours: accepted
Node, ours, other: refused
Python, ours alone: accepted
Python, other, ours: accepted
Python, ours, other: accepted
END
npm install --silent --no-fund --no-audit --ignore-scripts @paddle/paddle-node-sdk@3.10.0
npm ls @paddle/paddle-node-sdk
python3 -m venv python
python/bin/pip install --quiet paddle-python-sdk==1.16.1
python/bin/pip list | grep paddle
{
	node verify.js
	python/bin/python verify.py
} | tee seen
diff -u recorded seen # fails when the behaviour is another
