// What the channel lets a program answer.

import { millis } from './errors.js'

// Why nobody may answer an event, or undefined. What is absent forbids nothing: many channels have no such rules.
export function forbidden({ replyPolicy: policy }) {
  if (policy?.observerOnly) return 'another application has the conversation'
  if (policy?.templateRequired) return 'only a template may be sent'
  // A person may have longer (`humanAgentUntil`); this program is none and must not say that it is.
  if (policy?.openUntil && millis(policy.openUntil) <= Date.now()) return 'the time for answering is over'
  return undefined
}
