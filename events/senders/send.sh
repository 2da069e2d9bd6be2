#!/usr/bin/env bash
# A sender of bash, openssl and curl: it signs a body as Standard Webhooks says, and posts it.
#
# SEATMEND_SECRET=whsec_... events/senders/send.sh http://127.0.0.1:8080/billing/standard msg_1 body.json
set -euo pipefail

url=$1 id=$2 file=$3 # the id is the event's: the same each time that it is sent
at=$(date +%s)
: "${SEATMEND_SECRET:?must be the entry of \"standard\" in the secrets: whsec_...}"
key=$(printf %s "${SEATMEND_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$({ printf '%s.%s.' "$id" "$at"; cat "$file"; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

# --data-binary sends the very bytes that were signed; -d would take the line ends out of them.
answer=$(curl -sS --max-time 30 -w '\n%{http_code}' "$url" --data-binary "@$file" -H 'Content-Type: application/json' \
	-H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$signature")
status=${answer##*$'\n'}
echo "$status ${answer%$'\n'*}"
[ "$status" = 200 ]
