// The billing systems' own SDKs, as the other side of sdks_test.go: reads one JSON object with the
// time it is and a list of questions, and writes the answers. NODE_PATH says where the SDKs are.
const path = require('node:path')
const input = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))

// It is the time that the test says: SDKs that look at a clock allow some seconds.
const Real = Date
globalThis.Date = class extends Real {
  constructor(...args) { args.length ? super(...args) : super(input.now * 1000) }
  static now() { return input.now * 1000 }
}

const paddleRoot = path.dirname(require.resolve('@paddle/paddle-node-sdk'))
const { Paddle, EventName } = require('@paddle/paddle-node-sdk')
const { RuntimeProvider } = require(path.join(paddleRoot, 'internal/providers/runtime-provider.js'))
const paddle = new Paddle('key')
const { Chargebee, basicAuthValidator, WebhookEventType } = require('chargebee')

const headers = (names, values) => Object.fromEntries(names.map((n, i) => [n, values[i]]))
const makers = {
  svix: require('svix').Webhook,
  standard: require('standardwebhooks').Webhook,
}
const stripe = require('stripe')('sk_test_x')

const answers = {
  // An SDK signs: its headers.
  async sign({ sdk, secret, id, body }) {
    switch (sdk) {
      case 'svix':
      case 'standard': {
        const signature = new makers[sdk](secret).sign(id, new Date(), body)
        const begin = sdk === 'svix' ? 'svix-' : 'webhook-'
        return headers([begin + 'id', begin + 'timestamp', begin + 'signature'], [id, String(input.now), signature])
      }
      case 'stripe':
        return { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: input.now }) }
      case 'paddle':
        return { 'paddle-signature': `ts=${input.now};h1=` + (await RuntimeProvider.getProvider().crypto.computeHmac(`${input.now}:${body}`, secret)) }
      case 'chargebee':
        return { authorization: 'Basic ' + Buffer.from(secret).toString('base64') }
    }
  },
  // An SDK takes what we signed: the type of the event, and its object's quantity.
  async take({ sdk, secret, headers, body }) {
    switch (sdk) {
      case 'svix':
      case 'standard':
        return new makers[sdk](secret).verify(body, headers).type
      case 'stripe':
        return stripe.webhooks.constructEvent(body, headers['stripe-signature'], secret).type
      case 'paddle': {
        const event = await paddle.webhooks.unmarshal(body, secret, headers['paddle-signature'])
        if (event.eventType.startsWith('subscription.') && event.data.items[0].quantity === undefined) throw new Error('no quantity')
        return event.eventType
      }
      case 'chargebee': {
        const [user, password] = secret.split(':')
        const handler = new Chargebee({ site: 'x', apiKey: 'x' }).webhooks.createHandler({
          requestValidator: basicAuthValidator((u, p) => u === user && p === password),
        })
        return new Promise((done, failed) => {
          handler.on('error', failed)
          handler.on('unhandled_event', ({ event }) => done('unhandled ' + event.event_type))
          for (const kind of Object.values(WebhookEventType)) handler.on(kind, ({ event }) => done(event.event_type))
          handler.handle({ body, headers }).catch(failed)
        })
      }
    }
  },
  async types({ sdk }) {
    return sdk === 'paddle' ? Object.values(EventName) : Object.values(WebhookEventType)
  },
}

;(async () => {
  const out = []
  for (const q of input.questions) {
    try {
      out.push({ answer: await answers[q.ask](q) })
    } catch (e) {
      out.push({ error: String(e && e.message || e) })
    }
  }
  process.stdout.write(JSON.stringify(out))
})()
