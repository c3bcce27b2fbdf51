"""What Parlor says over a connection that stays open, a line of JSON for each event: pushed to the gateway.

A websocket is read in the same way: keep the place of what is stored, and ask for what comes behind it after each loss.
"""

import asyncio
import json
import random
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
            except (OSError, ValueError) as error:
                print(f"feed: {type(error).__name__}", flush=True)
            await asyncio.sleep(random.uniform(0.2, 1.0))

    async def read(self, url):
        address = f"{url}/feed?after={urllib.parse.quote(self.stored)}"
        response = await asyncio.to_thread(urllib.request.urlopen, address, None, 30)
        with response:
            while line := await asyncio.to_thread(response.readline):
                if line.strip():
                    await self.push(json.loads(line))

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
        self.stored = item["id"]
        print("stored before" if answer.events[0].duplicate else "stored", flush=True)
