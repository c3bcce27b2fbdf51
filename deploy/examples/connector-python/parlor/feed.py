"""What Parlor says over a connection that stays open, a line of JSON for each event: pushed to the gateway.

A websocket is read in the same way: keep the place of what is stored, and ask for what comes behind it after each loss.
"""

import asyncio
import json
import random
import threading
import urllib.parse
import urllib.request

import grpc
from kenh.v1 import connector_service_pb2 as pb

from .reading import event


class Feed:
    def __init__(self, stub, channel, endpoint):
        self.stub, self.channel, self.endpoint = stub, channel, endpoint
        self.stored = ""

    async def run(self, url):
        """For ever: connected, and connected again after each loss."""
        while True:
            try:
                await self.read(url)
            except OSError as error:
                print(f"feed: {type(error).__name__}", flush=True)
            await asyncio.sleep(random.uniform(0.2, 1.0))

    async def read(self, url):
        address = f"{url}/feed?after={urllib.parse.quote(self.stored)}"
        lines = asyncio.Queue(maxsize=16)
        # A thread of its own, which nobody waits for at the end: it may hang on a feed that says nothing.
        threading.Thread(target=follow, args=(address, lines, asyncio.get_running_loop()), daemon=True).start()
        while line := await lines.get():
            if line.strip():
                await self.push(item_of(line))

    async def push(self, item):
        """Returns when it is stored. Pushed again, it is the same event, so that a try too many does no harm."""
        request = pb.PushRequest(channel=self.channel, endpoint=self.endpoint, events=[event(item)])
        while True:
            try:
                answer = await self.stub.Push(request, timeout=10)
                break
            except grpc.aio.AioRpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
            await asyncio.sleep(random.uniform(0.2, 1.0))
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            self.stored = item["id"]
        print("stored before" if answer.events[0].duplicate else "stored", flush=True)


def item_of(line):
    """What a line says. One that is no JSON is kept as what it is."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return {"line": line.decode("utf-8", "replace")}


def follow(address, lines, loop):
    """Gives the lines of a feed to the loop, one at a time, and None at its end."""
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            for line in response:
                # Not before there is room: what is not stored yet is not read either.
                asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
    except (OSError, RuntimeError, asyncio.CancelledError) as error:
        print(f"feed: {type(error).__name__}", flush=True)
    try:
        asyncio.run_coroutine_threadsafe(lines.put(None), loop)
    except RuntimeError:
        # The program has ended.
        pass
