// Errors, as programs read them. Every reason: proto/ERRORS.md of the gateway.

import grpc from '@grpc/grpc-js'

import { decode } from './proto.js'

const { UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, CANCELLED } = grpc.status
const WAITING_HELPS = new Set([UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED])
const NETWORK = new Set([INTERNAL, UNKNOWN, CANCELLED])

// The detail of that kind which the error carries, or undefined.
function detail(error, kind) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? []
  const details = (bytes && decode('Status', bytes).details) ?? []
  const packed = details.find(({ type_url: type }) => type === `type.googleapis.com/google.rpc.${kind}`)
  return packed && decode(kind, packed.value)
}

// The stable word for what went wrong; the text beside it is for people and may change. Undefined: not the gateway's.
export const reason = (error) => detail(error, 'ErrorInfo')?.reason

// Milliseconds of a google.protobuf.Duration.
export const millis = (duration) => Number(duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6

// How long the gateway asks to wait, in milliseconds; 0 when it does not say.
export const retryDelay = (error) => millis(detail(error, 'RetryInfo')?.retryDelay)

// Whether trying again may help. Anything else stays wrong however often it is tried.
export function passes(error) {
  if (WAITING_HELPS.has(error.code) || reason(error) === 'CONSUMER_STALLED') return true
  // Cut connections come in several codes. They have no reason, as no gateway said so.
  return NETWORK.has(error.code) && reason(error) === undefined
}
