// The subscription: where it stands is kept by the gateway.

import { call } from './connection.js'
import { reason } from './errors.js'

// What this desk handles. The gateway sends nothing else.
const KINDS = ['EVENT_KIND_MESSAGE', 'EVENT_KIND_MESSAGE_STATUS']

// Takes the subscription there is, or creates it. Creating takes the right `manage`, which a desk need not have.
export async function ensure(subscriptions, name) {
  try {
    await call(subscriptions, 'getSubscription', { name })
  } catch (error) {
    if (reason(error) !== 'SUBSCRIPTION_NOT_FOUND') throw error
    const subscription = { name, filter: { kinds: KINDS } }
    await call(subscriptions, 'createSubscription', { subscription, at: 'START_AT_LATEST' })
  }
}
