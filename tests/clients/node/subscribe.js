// A subscriber in Node: prints one line of JSON for each event, and what else it learns on standard error.
//
//     node subscribe.js ADDRESS COUNT [--after CURSOR] [--credit EVENTS]
//
// It needs @grpc/grpc-js and @grpc/proto-loader and reads the .proto files as they are. It reads from the oldest
// event, or from behind a cursor, and ends after COUNT events.
'use strict'

const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { parseArgs } = require('node:util')
const grpc = require('@grpc/grpc-js')
const protoLoader = require('@grpc/proto-loader')

const FILES = ['kenh/v1/event_service.proto', path.join(__dirname, 'error.proto')]
const LOADING = {
  includeDirs: [path.join(__dirname, '../../../proto')],
  longs: String, // 64-bit numbers do not fit a JavaScript number
  enums: String,
  oneofs: true, // adds `response` and `payload`: the name of the field that is set
}
const proto = protoLoader.loadSync(FILES, LOADING)
const { EventService } = grpc.loadPackageDefinition(proto).kenh.v1

// A connection that died without a word is noticed by its unanswered pings.
const KEEPALIVE = { 'grpc.keepalive_time_ms': 20_000, 'grpc.keepalive_timeout_ms': 10_000 }

const note = (text) => process.stderr.write(`${text}\n`)

// Reads events, on as many streams one after the other as it takes.
class Reader {
  constructor(client, count, cursor, credit) {
    Object.assign(this, { client, left: count, cursor, credit })
  }

  async read() {
    while (this.left > 0) {
      let pause = 500
      try {
        pause = await this.follow()
      } catch (error) {
        // The gateway is away or restarts: try again. Anything else stays wrong however often it is tried.
        if (error.code !== grpc.status.UNAVAILABLE) throw error
        note(`away: ${error.details}`)
      }
      if (this.left > 0) await sleep(pause)
    }
  }

  // Follows one stream to its end. Returns how long to wait before the next one, in milliseconds.
  async follow() {
    const stream = this.client.subscribe()
    stream.write({ open: this.opening() })
    let pause = 500
    try {
      for await (const response of stream) {
        switch (response.response) {
          case 'opened':
            // From here on a reconnect goes on at the same place, also before the first event.
            this.cursor = response.opened.cursor
            break
          case 'batch':
            for (const delivery of response.batch.deliveries) {
              this.handle(delivery)
              if (this.left === 0) return 0
            }
            // Only what is handled makes room for more.
            stream.write({ credit: { messages: response.batch.deliveries.length } })
            break
          case 'heartbeat':
            // Also moves past events that a filter leaves out: worth storing like an event's cursor.
            this.cursor = response.heartbeat.cursor
            note(`heartbeat: ${response.heartbeat.lag ?? 0} behind`)
            break
          case 'drain': {
            // The server goes away and says when to come back; the stream ends by itself.
            const { seconds = 0, nanos = 0 } = response.drain.reconnectAfter
            pause = Number(seconds) * 1000 + nanos / 1e6
            note(`drain: back in ${(pause / 1000).toFixed(3)} s`)
            break
          }
          default: // What a newer server says is not for this client.
        }
      }
    } finally {
      stream.cancel()
    }
    return pause
  }

  opening() {
    const start = this.cursor ? { afterCursor: this.cursor } : { at: 'START_AT_EARLIEST' }
    return { ...start, consumerId: 'node-example', maxOutstandingMessages: this.credit }
  }

  handle({ envelope, cursor }) {
    const { id, channel, conversation, payload: kind, message } = envelope
    const text = kind === 'message' ? (message.text?.body ?? '') : null
    console.log(JSON.stringify({ id, channel, conversation: conversation?.id ?? '', kind, text, cursor }))
    // Stored together with the work itself, this is what makes a restart miss and repeat nothing.
    this.cursor = cursor
    this.left -= 1
  }
}

// The stable word for what went wrong, for programs; the text beside it is for people.
function reason(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? []
  const details = bytes ? proto['google.rpc.Status'].deserialize(bytes).details : []
  const info = details.find(({ type_url: type }) => type?.endsWith('/google.rpc.ErrorInfo'))
  return info ? proto['google.rpc.ErrorInfo'].deserialize(info.value).reason : '-'
}

async function main() {
  const options = { after: { type: 'string' }, credit: { type: 'string', default: '100' } }
  const { positionals, values } = parseArgs({ allowPositionals: true, options })
  const [address, count] = positionals
  const client = new EventService(address, grpc.credentials.createInsecure(), KEEPALIVE)
  try {
    await new Reader(client, Number(count), values.after, Number(values.credit)).read()
  } catch (error) {
    note(`${grpc.status[error.code] ?? error} ${reason(error)}: ${error.details}`)
    process.exitCode = 1
  } finally {
    client.close()
  }
}

main()
