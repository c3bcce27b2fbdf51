// What a handler throws when it is not done with an event.

// It may work later. `after`: in how many milliseconds; 0 leaves that to the subscription.
export class TryLater extends Error {
  constructor(why, after = 0) {
    super(why)
    this.after = after
  }
}

// It will never work: somebody has to look at it.
export class CannotHandle extends Error {}
