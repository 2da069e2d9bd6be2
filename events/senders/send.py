"""A sender in Python: it signs a body as Standard Webhooks says, and posts it.

SEATMEND_SECRET=whsec_... python3 events/senders/send.py http://127.0.0.1:8080/billing/standard msg_1 body.json
"""
import base64, hashlib, hmac, os, sys, time, urllib.error, urllib.request

url, msg_id, file = sys.argv[1:]  # the id is the event's: the same each time that it is sent
with open(file, "rb") as f:
    body = f.read()
if not os.environ.get("SEATMEND_SECRET"):
    sys.exit('SEATMEND_SECRET must be the entry of "standard" in the secrets: whsec_...')
key = base64.b64decode(os.environ["SEATMEND_SECRET"].removeprefix("whsec_"))
at = str(int(time.time()))
signed = msg_id.encode() + b"." + at.encode() + b"." + body  # these very bytes are posted
signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

request = urllib.request.Request(url, data=body, headers={
    "Content-Type": "application/json",  # urllib says application/x-www-form-urlencoded by itself
    "webhook-id": msg_id,
    "webhook-timestamp": at,
    "webhook-signature": "v1," + signature,
})
try:
    with urllib.request.urlopen(request, timeout=30) as response:
        print(response.status, response.read().decode())
except urllib.error.HTTPError as refused:
    print(refused.code, refused.read().decode())
    sys.exit(1)
