// The contract, read from the .proto files as they are.

import { fileURLToPath } from 'node:url'
import grpc from '@grpc/grpc-js'
import protoLoader from '@grpc/proto-loader'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

const FILES = [
  'kenh/v1/event_service.proto',
  'kenh/v1/message_service.proto',
  'kenh/v1/subscription_service.proto',
  here('./error.proto'),
]

const loaded = protoLoader.loadSync(FILES, {
  includeDirs: [here('../../../../proto')],
  longs: String, // 64-bit numbers do not fit a JavaScript number
  enums: String,
  defaults: false, // what is absent stays absent
  oneofs: true, // adds `response` and `payload`: the name of the field that is set
})

export const { EventService, MessageService, SubscriptionService } = grpc.loadPackageDefinition(loaded).kenh.v1

// A message of google.rpc, by its short name.
export const decode = (name, bytes) => loaded[`google.rpc.${name}`].deserialize(bytes)
