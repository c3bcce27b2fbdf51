"""The subscription: where it stands is kept by the gateway."""

import grpc
from kenh.v1 import envelope_pb2 as envelope
from kenh.v1 import event_service_pb2 as events
from kenh.v1 import subscription_service_pb2 as api

from .errors import reason

# What this desk handles. The gateway sends nothing else.
KINDS = [envelope.EVENT_KIND_MESSAGE, envelope.EVENT_KIND_MESSAGE_STATUS]


async def ensure(subscriptions, name):
    """Takes the subscription there is, or creates it. Creating takes the right `manage`, which a desk need not have."""
    try:
        await subscriptions.GetSubscription(api.GetSubscriptionRequest(name=name), timeout=10)
        return
    except grpc.aio.AioRpcError as error:
        if reason(error) != "SUBSCRIPTION_NOT_FOUND":
            raise
    subscription = api.Subscription(name=name, filter=events.Filter(kinds=KINDS))
    request = api.CreateSubscriptionRequest(subscription=subscription, at=events.START_AT_LATEST)
    await subscriptions.CreateSubscription(request, timeout=10)
