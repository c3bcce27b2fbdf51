// What the desk does with events. Each may come more than once.

import grpc from '@grpc/grpc-js'

import { call } from './connection.js'
import { passes, reason, retryDelay } from './errors.js'
import { log } from './log.js'
import { CannotHandle, TryLater } from './outcome.js'
import { forbidden } from './policy.js'

// Wrong for every event alike: better to stop and say so than to give up one event after the other.
const FATAL = new Set([grpc.status.UNAUTHENTICATED, grpc.status.PERMISSION_DENIED, grpc.status.UNIMPLEMENTED])

const answer = (number) => `Thank you! We have your message, it is ticket ${number}.`

export class Desk {
  constructor(messages, store) {
    Object.assign(this, { messages, store })
  }

  async handle(event) {
    switch (event.payload) {
      case 'message':
        // Echoes are what the business itself wrote: who answers those talks to himself for ever.
        if (event.direction === 'DIRECTION_INBOUND') await this.serve(event)
        break
      case 'messageStatus':
        await this.follow(event.messageStatus)
        break
      default: // not for this desk, or newer than it: done with
    }
  }

  async serve(event) {
    const question = event.message.text?.body
    if (!question) throw new CannotHandle('this desk reads text only')
    const ticket = await this.store.ticket(event.id, question, answer)
    if (ticket.state !== 'open') return log(`ticket ${ticket.number}: seen before`)
    const why = forbidden(event)
    if (why) return this.settle(ticket, `not answered: ${why}`)
    const request = {
      destination: { conversationId: event.conversation.id },
      message: { text: { body: ticket.answer } },
      // However often this is called, with this key it is sent once.
      options: { idempotencyKey: ticket.answerKey, senderRole: 'SENDER_ROLE_BOT' },
    }
    let sent
    try {
      sent = await call(this.messages, 'sendMessage', request)
    } catch (error) {
      if (FATAL.has(error.code) || !Number.isInteger(error.code)) throw error // the latter: a mistake in here
      if (passes(error)) throw new TryLater(`sending: ${grpc.status[error.code]}`, retryDelay(error))
      // Refused for good, for example WINDOW_CLOSED: a person has to see to the ticket.
      return this.settle(ticket, `not answered: ${reason(error) ?? grpc.status[error.code]}`)
    }
    return this.settle(ticket, sent.repeatedCall ? 'answered before' : 'answered')
  }

  async settle(ticket, state) {
    await this.store.settle(ticket.answerKey, state)
    log(`ticket ${ticket.number}: ${state}`)
  }

  // What became of an answer: how far it is with the channel, then how far with the customer.
  async follow({ idempotencyKey, state, status, failure }) {
    const far = failure?.reason?.replace('SEND_REASON_', '') ?? status?.replace('RECEIPT_STATUS_', '') ?? 'UNSPECIFIED'
    const stands = `${state.replace('SEND_STATE_', '')} ${far}`
    const number = await this.store.settle(idempotencyKey, stands)
    if (number !== undefined) log(`ticket ${number}: ${stands}`) // else somebody else's answer
  }
}
