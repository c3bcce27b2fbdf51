"""The command line: `python -m parlor --help`."""

import argparse
import asyncio
import os
import signal
import sys

import grpc
from kenh.v1 import connector_service_pb2 as pb
from kenh.v1 import connector_service_pb2_grpc as connectors

from . import reading, sending
from .attach import Connector
from .connection import connect
from .feed import Feed


class Parlor:
    """The channel, as the gateway is configured."""

    def __init__(self, stub, options, stopping):
        self.stub, self.options, self.stopping = stub, options, stopping
        self.endpoints, self.feeds = {}, {}

    def configured(self, endpoints):
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        if self.options.feed:
            for name, endpoint in self.endpoints.items():
                if name not in self.feeds:
                    feed = Feed(self.stub, self.options.channel, name)
                    task = asyncio.ensure_future(feed.run(endpoint.settings["url"]))
                    # It ends by itself only when it failed for good.
                    task.add_done_callback(lambda _: self.stopping.set())
                    self.feeds[name] = task

    async def read(self, delivery):
        if delivery.method == "GET":
            # Parlor asks nothing when an address is set up.
            return pb.DeliveryAnswer(unreadable=pb.DeliveryUnreadable(detail="no such request"))
        if delivery.prove:
            refusal = reading.refusal(delivery, self.endpoints[delivery.endpoint].settings["secret"])
            if refusal is not None:
                return pb.DeliveryAnswer(refused=pb.DeliveryRefused(reason=refusal))
        return reading.read(delivery.body)

    async def send(self, piece):
        return await sending.send(piece, self.endpoints[piece.destination.endpoint].settings["url"])


async def work(options):
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with connect(options.api, os.environ.get("KENH_API_KEY"), options.ca) as channel:
        stub = connectors.ConnectorServiceStub(channel)
        parlor = Parlor(stub, options, stopping)
        register = pb.Register(
            channel=options.channel,
            version="parlor 1.0",
            takes_deliveries=True,
            takes_sends=True,
            capabilities=sending.CAPABILITIES,
            max_in_flight=32,
        )
        connector = Connector(stub, register, parlor.read, parlor.send, parlor.configured)
        await connector.run(stopping)
        for feed in parlor.feeds.values():
            if feed.done():
                feed.result()
            feed.cancel()


def main():
    parser = argparse.ArgumentParser(prog="parlor", epilog="The variable KENH_API_KEY says who calls.")
    parser.add_argument("--api", metavar="URL", default="http://127.0.0.1:50051")
    parser.add_argument("--ca", metavar="FILE", help="who signs the gateway's certificate, PEM")
    parser.add_argument("--channel", metavar="NAME", default="x-parlor")
    parser.add_argument("--feed", action="store_true", help="read the feed as well")
    try:
        asyncio.run(work(parser.parse_args()))
    except grpc.aio.AioRpcError as error:
        sys.exit(f"parlor: {error.code().name}: {error.details()}")
    except (OSError, ValueError) as error:
        sys.exit(f"parlor: {error}")


if __name__ == "__main__":
    main()
