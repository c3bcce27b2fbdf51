// Reads a named subscription for ever, on as many streams one after the other as it takes.

import { setTimeout as sleep } from 'node:timers/promises'
import grpc from '@grpc/grpc-js'

import { Backoff } from './backoff.js'
import { millis, passes, reason, retryDelay } from './errors.js'
import { log } from './log.js'
import { CannotHandle, TryLater } from './outcome.js'

// Events this process may hold unacknowledged; the next ones come as they are acknowledged. All of them have to be
// handled within the subscription's ack deadline (60 s by default), or they come again.
const MOST_OUTSTANDING = 50

const seconds = (pause) => `${(pause / 1000).toFixed(1)} s`

export class Subscriber {
  constructor(events, { subscription, consumer, handle }) {
    Object.assign(this, { events, subscription, consumer, handle })
    this.backoff = new Backoff()
    this.unanswered = new Set() // cursors of acknowledgements that are not known to be durable
  }

  // Until `stopping` is aborted, or something is wrong that does not pass. Before each stream: `ready()`.
  async run(ready, stopping) {
    while (!stopping.aborted) {
      let pause
      try {
        await ready()
        pause = await this.follow(stopping)
      } catch (error) {
        if (!passes(error)) throw error
        pause = Math.max(this.backoff.next(), retryDelay(error))
        log(`away (${grpc.status[error.code]} ${reason(error) ?? '-'}), back in ${seconds(pause)}`)
      }
      await sleep(pause, undefined, { signal: stopping }).catch(() => {}) // aborted: time to stop
    }
  }

  // Follows one stream to its end. Returns how long to wait before the next one, in milliseconds.
  async follow(stopping) {
    let pause = this.backoff.next()
    if (stopping.aborted) return pause
    const stream = this.events.subscribe()
    this.unanswered.clear()
    this.busy = false
    const leave = () => this.leave(stream)
    stopping.addEventListener('abort', leave)
    try {
      stream.write({ open: this.opening() })
      for await (const response of stream) {
        switch (response.response) {
          case 'opened':
            this.backoff.reset()
            log(`subscribed to ${this.subscription} as ${this.consumer}`)
            break
          case 'batch':
            for (const delivery of response.batch.deliveries) {
              // What is not handled is delivered again, to this process or another one.
              if (!stopping.aborted) await this.serve(stream, delivery)
            }
            break
          case 'ackResult': {
            const { accepted = [], refused = [] } = response.ackResult
            for (const cursor of [...accepted, ...refused]) this.unanswered.delete(cursor)
            for (const _ of refused) log('an acknowledgement came too late: its event comes again')
            break
          }
          case 'drain':
            // The gateway goes away and says when to come back. It ends the stream by itself.
            pause = millis(response.drain.reconnectAfter)
            log(`drain: back in ${seconds(pause)}`)
            break
          default: // heartbeats, and what a newer gateway says
        }
        if (stopping.aborted && this.unanswered.size === 0) break
      }
    } catch (error) {
      if (!stopping.aborted) throw error
    } finally {
      stopping.removeEventListener('abort', leave)
      clearTimeout(this.patience)
      stream.cancel()
    }
    return pause
  }

  opening() {
    return {
      subscription: this.subscription,
      consumerId: this.consumer,
      ackMode: 'ACK_MODE_INDIVIDUAL',
      maxOutstandingMessages: MOST_OUTSTANDING,
    }
  }

  // Handles one event, and tells the gateway what became of it.
  async serve(stream, { envelope, cursor }) {
    this.busy = true
    let request = { ack: { cursors: [cursor] } }
    try {
      await this.handle(envelope)
    } catch (error) {
      if (Number.isInteger(error.code)) throw error // a gRPC error, nothing of this event's: it comes again later
      request = { nack: nack(cursor, error) }
      log(`not handled: ${request.nack.reason}`)
    } finally {
      this.busy = false
    }
    this.unanswered.add(cursor)
    // When the stream ended meanwhile this goes nowhere: reading it says why, and the event comes again.
    stream.write(request)
  }

  // It is time to stop: ends the stream when the event in hand is dealt with, or after a moment.
  leave(stream) {
    if (!this.busy && this.unanswered.size === 0) return stream.cancel()
    this.patience = setTimeout(() => {
      log('left without knowing what became of the last acknowledgements')
      stream.cancel()
    }, 5000)
  }
}

// The reason is for operators: nothing a customer wrote.
function nack(cursor, error) {
  const cursors = [cursor]
  if (error instanceof CannotHandle) return { cursors, action: 'NACK_ACTION_PARK', reason: error.message }
  if (error instanceof TryLater) {
    const { after } = error
    const retryAfter = after ? { seconds: Math.floor(after / 1000), nanos: Math.round((after % 1000) * 1e6) } : undefined
    return { cursors, action: 'NACK_ACTION_RETRY', reason: error.message, retryAfter }
  }
  // A mistake in here: after some attempts the subscription parks the event.
  // Where, and not what: the text of an error may hold what a customer wrote.
  const where = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  log([`a mistake: ${error.name}`, ...where].join('\n'))
  return { cursors, action: 'NACK_ACTION_RETRY', reason: error.name }
}
