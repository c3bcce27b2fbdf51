// How to reach the gateway.

import fs from 'node:fs'
import grpc from '@grpc/grpc-js'

import { EventService, MessageService, SubscriptionService } from './proto.js'

const OPTIONS = {
  // Pings find out within 15 s that a connection died without a word: a lost route, a proxy that forgot it.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // gRPC reconnects by itself, and waits for up to two minutes before it does unless it is told otherwise.
  'grpc.max_reconnect_backoff_ms': 5_000,
  // One event may be larger than gRPC's usual 4 MiB.
  'grpc.max_receive_message_length': 16 << 20,
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

// Sends `authorization: Bearer KEY` with every call.
function withKey(key) {
  return (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set('authorization', `Bearer ${key}`)
        next(metadata, listener)
      },
    })
}

// Clients of the gateway at https://HOST:PORT, or http:// on this machine; `key` and `ca` may be undefined.
export function connect(api, key, ca) {
  const url = URL.canParse(api) ? new URL(api) : {}
  if (!['https:', 'http:'].includes(url.protocol)) {
    throw new Error(`${api} is no address such as https://kenh.example.com:50051`)
  }
  const encrypted = url.protocol === 'https:'
  if (key && !encrypted && !LOOPBACK.has(url.hostname)) {
    throw new Error(`the key would cross the network readable: use https:// for ${url.host}`)
  }
  const credentials = encrypted
    ? grpc.credentials.createSsl(ca ? fs.readFileSync(ca) : null)
    : grpc.credentials.createInsecure()
  const options = { ...OPTIONS, interceptors: key ? [withKey(key)] : [] }
  const target = `${url.hostname}:${url.port || (encrypted ? 443 : 80)}`
  const events = new EventService(target, credentials, options)
  // All three over one connection.
  const shared = { ...options, channelOverride: events.getChannel() }
  return {
    events,
    messages: new MessageService(target, credentials, shared),
    subscriptions: new SubscriptionService(target, credentials, shared),
    close: () => events.close(),
  }
}

// A unary call as a promise, with a deadline: without one a call into a dead connection never ends.
export function call(client, method, request, seconds = 10) {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + seconds * 1000
    client[method](request, { deadline }, (error, response) => (error ? reject(error) : resolve(response)))
  })
}
