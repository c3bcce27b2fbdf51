"""Staying attached to the gateway, and answering what it asks. Nothing here knows the channel."""

import asyncio
import random
import sys

import grpc
from kenh.v1 import connector_service_pb2 as pb

# What another try does not mend: a wrong key, a right that is missing, a channel that is not configured, a wrong field.
HOPELESS = {
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNIMPLEMENTED,
}


class Connector:
    """`read(delivery)` and `send(piece)` are coroutines that give an answer without its id; `configured(endpoints)` is told what
    the gateway is configured with, each time it attaches."""

    def __init__(self, stub, register, read, send, configured):
        self.stub, self.register = stub, register
        self.read, self.send, self.configured = read, send, configured

    async def run(self, stopping):
        """Until told to stop: attached, and attached again after each loss."""
        failures = 0
        while not stopping.is_set():
            try:
                await self.attached(stopping)
                failures = 0
            except grpc.aio.AioRpcError as error:
                if error.code() in HOPELESS:
                    raise
                failures += 1
                print(f"not attached: {error.code().name}", flush=True)
            pause = random.uniform(0.1, min(0.2 * 2**failures, 5.0))
            await first(stopping.wait(), asyncio.sleep(pause))

    async def attached(self, stopping):
        answers = asyncio.Queue()

        async def requests():
            yield pb.AttachRequest(register=self.register)
            while (answer := await answers.get()) is not None:
                yield answer

        call = self.stub.Attach(requests())
        working = set()
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                reading = asyncio.ensure_future(call.read())
                await asyncio.wait({reading, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    break
                question = reading.result()
                if question is grpc.aio.EOF:
                    break
                kind = question.WhichOneof("response")
                if kind == "registered":
                    self.configured(question.registered.endpoints)
                    print("attached", flush=True)
                elif kind in ("delivery", "send"):
                    # Each by itself: one that takes long holds up no other. The gateway asks no more at once than it was told.
                    task = asyncio.ensure_future(self.answer(kind, question, answers))
                    working.add(task)
                    task.add_done_callback(working.discard)
                elif kind == "drain":
                    break
            if working:
                await asyncio.wait(working, timeout=5)
        finally:
            stopped.cancel()
            answers.put_nowait(None)
            for task in working:
                task.cancel()
            call.cancel()

    async def answer(self, kind, question, answers):
        asked = getattr(question, kind)
        try:
            answer = await (self.read(asked) if kind == "delivery" else self.send(asked))
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one answer, and is told without anybody's words
            print(f"{kind}: {type(error).__name__}", file=sys.stderr, flush=True)
            if kind == "delivery":
                answer = pb.DeliveryAnswer(unreadable=pb.DeliveryUnreadable(detail=type(error).__name__))
            else:
                answer = pb.SendAnswer(unknown=pb.PieceUnknown())
        answer.id = asked.id
        await answers.put(pb.AttachRequest(**{kind: answer}))


async def first(*coroutines):
    """Waits for the first of some."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
