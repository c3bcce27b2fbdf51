// How long to wait before the next try.

const FIRST = 500
const LONGEST = 30_000

// Doubles from try to try, with chance in it, so that not all clients of a gateway come back at once.
export class Backoff {
  constructor() {
    this.reset()
  }

  reset() {
    this.wait = FIRST
  }

  next() {
    const wait = this.wait
    this.wait = Math.min(wait * 2, LONGEST)
    return wait * (0.5 + Math.random() / 2)
  }
}
