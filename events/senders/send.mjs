// A sender in JavaScript (Node 18 or later): it signs a body as Standard Webhooks says, and posts it.
//
// SEATMEND_SECRET=whsec_... node events/senders/send.mjs http://127.0.0.1:8080/billing/standard msg_1 body.json
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const [url, id, file] = process.argv.slice(2); // the id is the event's: the same each time that it is sent
const body = readFileSync(file); // of an object: JSON.stringify it once, sign that text, and post that text
const secret = process.env.SEATMEND_SECRET;
if (!secret) throw new Error('SEATMEND_SECRET must be the entry of "standard" in the secrets: whsec_...');
const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const at = String(Math.floor(Date.now() / 1000));
const signature = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");

const response = await fetch(url, {
  method: "POST",
  headers: {
    "Content-Type": "application/json", // fetch says text/plain of a text by itself
    "webhook-id": id,
    "webhook-timestamp": at,
    "webhook-signature": "v1," + signature,
  },
  body,
  signal: AbortSignal.timeout(30_000),
});
console.log(response.status, await response.text());
process.exitCode = response.ok ? 0 : 1;
