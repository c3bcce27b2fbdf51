// Tickets, in a folder: what makes an event that comes twice do nothing the second time.

import { ClassicLevel } from 'classic-level'

// What is written is on disk. An acknowledgement says so to the gateway.
const DURABLE = { sync: true }

export class Store {
  // One process at a time has the folder; another one is told that it is locked.
  static async open(folder) {
    const store = new Store()
    store.db = new ClassicLevel(folder, { valueEncoding: 'json' })
    await store.db.open()
    return store
  }

  close() {
    return this.db.close()
  }

  // The ticket of an event: the one there is, or a new one. `answer` makes the text for a new ticket's number.
  async ticket(eventId, question, answer) {
    // A redelivered event has the id it had.
    const known = await this.db.get(`event/${eventId}`)
    if (known) return this.db.get(`ticket/${known}`)
    const number = ((await this.db.get('last')) ?? 0) + 1
    // The text is kept before it is sent: a second try has to send the same under the same key.
    const ticket = { number, answerKey: `answer-${eventId}`, question, answer: answer(number), state: 'open' }
    const put = (key, value) => ({ type: 'put', key, value })
    const all = [
      put('last', number),
      put(`event/${eventId}`, number),
      put(`answer/${ticket.answerKey}`, number),
      put(`ticket/${number}`, ticket),
    ]
    await this.db.batch(all, DURABLE)
    return ticket
  }

  // Notes what became of an answer. Returns its ticket's number; undefined for an answer that is not from here.
  async settle(answerKey, state) {
    const number = await this.db.get(`answer/${answerKey}`)
    if (number === undefined) return undefined
    const ticket = await this.db.get(`ticket/${number}`)
    await this.db.put(`ticket/${number}`, { ...ticket, state }, DURABLE)
    return number
  }
}
