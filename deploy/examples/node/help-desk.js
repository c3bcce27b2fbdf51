// A small help desk on Kenh: `node help-desk.js --help`.

import os from 'node:os'
import { parseArgs } from 'node:util'
import grpc from '@grpc/grpc-js'

import { connect } from './lib/connection.js'
import { Desk } from './lib/desk.js'
import { reason } from './lib/errors.js'
import { Store } from './lib/store.js'
import { Subscriber } from './lib/subscriber.js'
import { ensure } from './lib/subscription.js'

const OPTIONS = {
  api: { type: 'string', default: 'http://127.0.0.1:50051' },
  ca: { type: 'string' },
  subscription: { type: 'string', default: 'help-desk' },
  // The same after a restart, so that this process takes its place back at once; another one for each process.
  consumer: { type: 'string', default: `help-desk@${os.hostname()}` },
  data: { type: 'string', default: 'help-desk.db' },
  help: { type: 'boolean', default: false },
}

const USAGE = `usage: node help-desk.js [--api URL] [--ca FILE] [--subscription NAME] [--consumer ID] [--data FOLDER]

  --api   address of the gateway, https://HOST:PORT or http:// on this machine
  --ca    who signs the gateway's certificate, PEM
The variable KENH_API_KEY says who calls.`

async function main() {
  const { values: options } = parseArgs({ options: OPTIONS })
  if (options.help) return console.log(USAGE)
  const stopping = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stopping.abort())

  const gateway = connect(options.api, process.env.KENH_API_KEY, options.ca)
  const store = await Store.open(options.data)
  try {
    const desk = new Desk(gateway.messages, store)
    const ready = () => ensure(gateway.subscriptions, options.subscription)
    const handle = (event) => desk.handle(event)
    const { subscription, consumer } = options
    await new Subscriber(gateway.events, { subscription, consumer, handle }).run(ready, stopping.signal)
  } finally {
    gateway.close()
    await store.close()
  }
}

main().catch((error) => {
  const code = grpc.status[error.code]
  const text = code ? `${code} ${reason(error) ?? '-'}: ${error.details}` : error.cause?.message ?? error.message
  console.error(`help-desk: ${text}`)
  process.exitCode = 1
})
