"""Reads a named subscription for ever, on as many streams one after the other as it takes."""

import asyncio
import traceback

import grpc
from google.protobuf.duration_pb2 import Duration
from kenh.v1 import event_service_pb2 as api

from .backoff import Backoff
from .errors import passes, reason, retry_delay
from .log import log
from .outcome import CannotHandle, TryLater

# Events this process may hold unacknowledged; the next ones come as they are acknowledged. All of them have to be
# handled within the subscription's ack deadline (60 s by default), or they come again.
MOST_OUTSTANDING = 50


class Subscriber:
    def __init__(self, events, subscription, consumer, handle):
        self.events = events
        self.subscription = subscription
        self.consumer = consumer
        self.handle = handle
        self.backoff = Backoff()
        self.unanswered = set()  # cursors of acknowledgements that are not known to be durable
        self.idle = asyncio.Event()

    async def run(self, ready, stopping):
        """Until `stopping` is set, or something is wrong that does not pass. Before each stream: `ready()`."""
        while not stopping.is_set():
            try:
                await ready()
                pause = await self.follow(stopping)
            except grpc.aio.AioRpcError as error:
                if not passes(error):
                    raise
                pause = max(self.backoff.next(), retry_delay(error))
                log(f"away ({error.code().name} {reason(error) or '-'}), back in {pause:.1f} s")
            try:
                await asyncio.wait_for(stopping.wait(), pause)
            except asyncio.TimeoutError:
                pass

    async def follow(self, stopping):
        """Follows one stream to its end. Returns how long to wait before the next one, in seconds."""
        stream = self.events.Subscribe()
        self.unanswered.clear()
        self.idle.set()
        leaving = asyncio.create_task(self.leave(stream, stopping))
        pause = self.backoff.next()
        try:
            await self.say(stream, api.SubscribeRequest(open=self.opening()))
            async for response in stream:
                match response.WhichOneof("response"):
                    case "opened":
                        self.backoff.reset()
                        log(f"subscribed to {self.subscription} as {self.consumer}")
                    case "batch":
                        for delivery in response.batch.deliveries:
                            # What is not handled is delivered again, to this process or another one.
                            if not stopping.is_set():
                                await self.serve(stream, delivery)
                    case "ack_result":
                        self.unanswered.difference_update(response.ack_result.accepted)
                        self.unanswered.difference_update(response.ack_result.refused)
                        for _ in response.ack_result.refused:
                            log("an acknowledgement came too late: its event comes again")
                        self.rest()
                    case "drain":
                        # The gateway goes away and says when to come back. It ends the stream by itself.
                        wait = response.drain.reconnect_after
                        pause = wait.seconds + wait.nanos / 1e9
                        log(f"drain: back in {pause:.1f} s")
                    case _:
                        pass  # heartbeats, and what a newer gateway says
        except asyncio.CancelledError:
            if not stopping.is_set():
                raise
        finally:
            leaving.cancel()
            stream.cancel()
        return pause

    def opening(self):
        return api.Open(
            subscription=self.subscription,
            consumer_id=self.consumer,
            ack_mode=api.ACK_MODE_INDIVIDUAL,
            max_outstanding_messages=MOST_OUTSTANDING,
        )

    async def serve(self, stream, delivery):
        """Handles one event, and tells the gateway what became of it."""
        self.idle.clear()
        cursor = delivery.cursor
        try:
            await self.handle(delivery.envelope)
            request = api.SubscribeRequest(ack=api.Ack(cursors=[cursor]))
        except TryLater as later:
            after = None if later.after is None else Duration(nanos=int(later.after % 1 * 1e9), seconds=int(later.after))
            request = self.nack(cursor, api.NACK_ACTION_RETRY, str(later), after)
        except CannotHandle as why:
            request = self.nack(cursor, api.NACK_ACTION_PARK, str(why))
        except grpc.aio.AioRpcError:
            raise  # nothing of this event's: it comes again later
        except Exception as bug:  # a mistake in here: after some attempts the subscription parks the event
            # Where, and not what: the text of an exception may hold what a customer wrote.
            log(f"a mistake: {type(bug).__name__}\n" + "".join(traceback.format_tb(bug.__traceback__)))
            request = self.nack(cursor, api.NACK_ACTION_RETRY, type(bug).__name__)
        self.unanswered.add(cursor)
        await self.say(stream, request)

    @staticmethod
    async def say(stream, request):
        try:
            await stream.write(request)
        except asyncio.InvalidStateError:
            pass  # The stream has ended: reading it says why, and what was not acknowledged comes again.

    def nack(self, cursor, action, why, after=None):
        log(f"not handled: {why}")
        # The reason is for operators: nothing a customer wrote.
        return api.SubscribeRequest(nack=api.Nack(cursors=[cursor], action=action, reason=why, retry_after=after))

    def rest(self):
        if not self.unanswered:
            self.idle.set()

    async def leave(self, stream, stopping):
        """Once it is time to stop: ends the stream when the event in hand is dealt with, or after a moment."""
        await stopping.wait()
        try:
            await asyncio.wait_for(self.idle.wait(), 5)
        except asyncio.TimeoutError:
            log("left without knowing what became of the last acknowledgements")
        stream.cancel()
