# The billing systems' own SDKs for Python, as sdks.cjs has those for Node: one JSON object with the time it
# is and a list of questions on standard input, the answers on standard output.
import json
import sys
import time
from datetime import datetime, timezone

import standardwebhooks.webhooks
import stripe

asked = json.load(sys.stdin)
now = asked["now"]


# It is the time that the test says: SDKs that look at a clock allow some minutes.
class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(now, tz)


standardwebhooks.webhooks.datetime = Clock
time.time = lambda: float(now)


def sign(q):
    if q["sdk"] == "python stripe":
        signature = stripe.WebhookSignature._compute_signature(f"{now}.{q['body']}", q["secret"])
        return {"stripe-signature": f"t={now},v1={signature}"}
    signature = standardwebhooks.Webhook(q["secret"]).sign(q["id"], Clock.now(timezone.utc), q["body"])
    return {"webhook-id": q["id"], "webhook-timestamp": str(now), "webhook-signature": signature}


def take(q):
    if q["sdk"] == "python stripe":
        return stripe.Webhook.construct_event(q["body"], q["headers"]["stripe-signature"], q["secret"]).type
    return standardwebhooks.Webhook(q["secret"]).verify(q["body"], q["headers"])["type"]


def answer(q):
    try:
        return {"answer": {"sign": sign, "take": take}[q["ask"]](q)}
    except Exception as e:
        return {"error": str(e) or type(e).__name__}


json.dump([answer(q) for q in asked["questions"]], sys.stdout)
