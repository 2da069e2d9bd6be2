// The peer that `go run ./infra/cost -warm` measures ours against: a function on Node as Powertools'
// documentation has it. It checks the signature of a Standard Webhook, reads seat.changed by a schema,
// locks its id, writes the seat and the customer's count in one transaction, and completes the id.
// It keeps no history, decides nothing and owes nobody a mail.
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { Webhook } from "standardwebhooks";
import { z } from "zod";

const table = process.env.PEER_TABLE;
const client = new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL });
const webhook = new Webhook(process.env.PEER_SECRET);
const store = new DynamoDBPersistenceLayer({ tableName: table, keyAttr: "pk", sortKeyAttr: "sk", staticPkValue: "idempotency", awsSdkV3Client: client });

const news = z.object({
  type: z.literal("seat.changed"),
  timestamp: z.iso.datetime(),
  data: z.object({
    account: z.string(), cust_id: z.string(), plan: z.string(), held: z.boolean(), open_requests: z.number().int().min(0),
    user: z.object({
      id: z.string(), name: z.string(), email: z.email(), can_login: z.boolean(), admin: z.boolean(), protected: z.boolean(),
      waiting_for_approval: z.boolean(), last_active: z.iso.datetime(),
    }),
  }),
});

const apply = makeIdempotent(async (told) => {
  const { account, plan, held, user } = told.data;
  await client.send(new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: table,
          Item: { pk: { S: `C#${account}` }, sk: { S: `SEAT#${plan}#${user.id}` }, at: { S: told.timestamp }, body: { S: JSON.stringify(told.data) } },
          ConditionExpression: "attribute_not_exists(pk) OR #at < :at",
          ExpressionAttributeNames: { "#at": "at" },
          ExpressionAttributeValues: { ":at": { S: told.timestamp } },
        },
      },
      {
        Update: {
          TableName: table,
          Key: { pk: { S: `C#${account}` }, sk: { S: "CUST" } },
          UpdateExpression: "ADD assigned :one",
          ExpressionAttributeValues: { ":one": { N: held ? "1" : "-1" } },
        },
      },
    ],
  }));
  return { outcome: "applied", account, event: told.id };
}, { persistenceStore: store, config: new IdempotencyConfig({ eventKeyJmesPath: "id", throwOnNoIdempotencyKey: true }) });

async function handler(event) {
  webhook.verify(event.body, event.headers);
  const told = news.parse(JSON.parse(event.body));
  const answer = await apply({ ...told, id: event.headers["webhook-id"] });
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
}

// The runtime: what aws-lambda-ric does, in the least that does it, for that builds only beside a C++ compiler.
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  try {
    const answer = await handler(await next.json());
    await (await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify(answer) })).text();
  } catch (e) {
    await (await fetch(`${api}/${id}/error`, { method: "POST", body: JSON.stringify({ errorType: e.name, errorMessage: e.message }) })).text();
  }
}
